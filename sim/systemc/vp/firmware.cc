// The firmware on an instruction-set simulator, where there is one.
#include <cstdlib>
#include <ctime>
#include <stdexcept>

#include "systemc/platform/platform.h"
#include "systemc/vp/run.h"

#ifdef TETRA_UNICORN
#include "systemc/cpu/firmware_system.h"
#include "tetra/plan_store.h"
#endif

namespace tetra {

#ifdef TETRA_UNICORN

namespace {

std::vector<uint8_t> TensorBytes(const tetra_tensor &t) {
  return {t.data, t.data + static_cast<size_t>(t.d.n) * static_cast<size_t>(t.d.h * t.d.w) * t.pixel_bytes};
}

// What can be told from outside.
void Fill(const FirmwareSystem &system, VpResult *r) {
  const std::string &text = system.uart.text();
  const std::string top = "top class ";
  r->images = 1;
  r->cycles = static_cast<uint64_t>(sc_core::sc_time_stamp() / TlmConfig().period);
  if (system.cpu.exit_code() != 0)
    r->failure = "the firmware ended with exit code " + std::to_string(system.cpu.exit_code());
  for (size_t at = 0; (at = text.find(top, at)) != std::string::npos; at += top.size())
    r->classes.push_back(static_cast<int>(std::strtol(text.c_str() + at + top.size(), nullptr, 10)));
}

}  // namespace

int RunFirmware(const VpOptions &o, Job *job, const std::string &folder, VpResult *r, int *exit_code,
                tetra_error *err) {
  FirmwareConfig config;
  config.elf = folder + "/firmware-riscv64.elf";
  config.uart = stdout;
  uint8_t *bytes = nullptr;
  size_t size = 0;
  if (tetra_plan_store(&job->parts[0]->plan, &job->graph(), &bytes, &size, err) != TETRA_OK) return err->code;
  config.flash.plan.assign(bytes, bytes + size);
  std::free(bytes);
  const std::unique_ptr<Flight> f = job->Feed(0, err);
  if (f == nullptr) return err->code;
  config.flash.image = TensorBytes(f->golden[static_cast<size_t>(job->graph().input)]);
  config.flash.expected = TensorBytes(f->golden[static_cast<size_t>(job->graph().output)]);
  try {
    Platform platform("platform", MakePlatformConfig(o, *job, 1));
    FirmwareSystem system("system", config, platform.bus, {&platform.irq[0]}, platform.rst_n);
    const clock_t begin = clock();
    sc_core::sc_start();
    r->seconds = static_cast<double>(clock() - begin) / CLOCKS_PER_SEC;
    if (!system.cpu.failure().empty()) std::fprintf(stderr, "vp: %s\n", system.cpu.failure().c_str());
    *exit_code = system.cpu.exit_code();
    Fill(system, r);
    return TETRA_OK;
  } catch (const std::runtime_error &e) {
    return tetra_fail(err, TETRA_EINVAL,
                      "--cpu riscv64: %s; the firmware is built by: cmake --build BUILD --target firmware", e.what());
  }
}

#else

int RunFirmware(const VpOptions &, Job *, const std::string &, VpResult *, int *, tetra_error *err) {
  return tetra_fail(err, TETRA_EINVAL,
                    "--cpu riscv64: this program is built without Unicorn 2 (Debian: libunicorn-dev)");
}

#endif

}  // namespace tetra
