// firmware_bench ELF PLAN FOLDER SCENARIO: runs the firmware in the virtual platform with one thing going wrong, and
// checks that it says what, and what it does about it. FOLDER has the files of ./sim --vectors. A SystemC simulation is
// one process: each scenario is a run of its own, and a ctest test. --list prints their names.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "systemc/cpu/firmware_system.h"
#include "systemc/payload.h"
#include "systemc/platform/platform.h"
#include "tetra/hw.h"

namespace {

using sc_core::sc_time;
using tetra::TlmEngine;

const sc_time kPulse(4, sc_core::SC_NS);  // gone before a handler can look

/// Between an accelerator's line and the interrupt controller's input.
class Gate : public sc_core::sc_module {
 public:
  enum Mode { kPass, kLow, kHigh };
  sc_core::sc_signal<bool> out;
  SC_HAS_PROCESS(Gate);
  Gate(sc_core::sc_module_name name, sc_core::sc_signal<bool> &in) : sc_module(name), out("out"), in_(in) {
    SC_METHOD(Update);
    sensitive << in_.value_changed_event() << changed_;
  }
  void Set(Mode mode) {
    mode_ = mode;
    if (sc_core::sc_is_running()) changed_.notify();
  }

 private:
  void Update() { out.write(mode_ == kHigh || (mode_ == kPass && in_.read())); }
  sc_core::sc_signal<bool> &in_;
  sc_core::sc_event changed_;
  Mode mode_ = kPass;
};

/// Another master, which does what the firmware does not know of.
class Intruder : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<Intruder> bus;
  explicit Intruder(sc_core::sc_module_name name) : sc_module(name), bus("bus") {}
  void Write(uint64_t addr, uint32_t value) {
    tlm::tlm_generic_payload trans;
    tetra::FillPayload(&trans, tlm::TLM_WRITE_COMMAND, addr, &value, sizeof value);
    tetra::Transport(bus, &trans);
  }
};

struct Bench {
  tetra::Platform platform;
  Gate gate;
  Intruder intruder;
  tetra::FirmwareSystem firmware;
  uint64_t dram_accesses = 0;  // of the processor, as transactions

  Bench(const tetra::PlatformConfig &p, const tetra::FirmwareConfig &f)
      : platform("platform", p),
        gate("gate", platform.irq[0]),
        intruder("intruder"),
        firmware("firmware", f, platform.bus, {&gate.out}, platform.rst_n) {
    intruder.bus.bind(platform.bus.initiators);
  }
  void WaitForFirstInterrupt() { sc_core::wait(platform.irq[0].posedge_event()); }
};

struct Scenario {
  std::string name;
  TlmEngine engine;
  std::function<void(tetra::FirmwareConfig *)> configure;
  std::function<void(Bench *)> prepare, process;  // before the simulation, and beside it
  std::vector<std::string> lines;                 // that the UART shows, in this order
  int code = 0;
  std::function<std::string(const Bench &)> check;  // what is wrong beside that
};

// The n-th access of the processor to the accelerator's registers fails, loads or stores.
Scenario RegisterFault(bool stores, uint64_t n) {
  auto left = std::make_shared<uint64_t>(n);
  Scenario s;
  s.name = std::string(stores ? "store" : "load") + "_error_" + std::to_string(n);
  s.engine = TlmEngine::kLt;
  s.prepare = [=](Bench *b) {
    b->firmware.cpu.fault = [=](bool is_store, uint64_t addr) {
      return is_store == stores && addr >= TETRA_VP_TETRA_BASE && *left != 0 && --*left == 0;
    };
  };
  s.lines = {"run 1: ", "bus errors, the first ", "run 2: good", "as expected"};
  s.check = [=](const Bench &b) {
    const std::string first = std::string("of a ") + (stores ? "store" : "load") + " at 0x4001";
    const std::string wanted = b.firmware.cpu.isa() == tetra::Isa::kRiscv64 ? first : "the processor does not tell";
    return b.firmware.uart.text().find(wanted) != std::string::npos ? "" : "no '" + wanted + "'";
  };
  return s;
}

// The n-th burst of a kind is answered with an error.
Scenario BurstFault(const char *name, uint64_t tetra::DramFaults::*kind, uint64_t n, const char *text) {
  Scenario s;
  s.name = std::string(name) + "_error_" + std::to_string(n);
  s.engine = TlmEngine::kAt;
  s.prepare = [=](Bench *b) { b->platform.dram.faults.*kind = n; };
  s.lines = {std::string("run 1: stopped by an error: ") + text + " (command ", "run 2: good", "as expected"};
  return s;
}

Scenario LostInterrupt() {
  Scenario s;
  s.name = "interrupt_lost";
  s.engine = TlmEngine::kLt;
  s.prepare = [](Bench *b) { b->gate.Set(Gate::kLow); };
  s.lines = {"run 1: good", "note: the timer ended ", "an interrupt was lost or masked", "as expected"};
  return s;
}

Scenario MaskedInterrupt() {
  Scenario s;
  s.name = "interrupt_masked";
  s.engine = TlmEngine::kAt;
  s.process = [](Bench *b) {
    b->WaitForFirstInterrupt();
    b->intruder.Write(TETRA_VP_TETRA_BASE + TETRA_REG_IRQ_MASK, 0);
  };
  s.lines = {"run 1: good", "note: the timer ended ", "as expected"};
  return s;
}

Scenario SpuriousInterrupts() {
  Scenario s;
  s.name = "interrupt_spurious";
  s.engine = TlmEngine::kAt;
  s.process = [](Bench *b) {
    b->WaitForFirstInterrupt();
    for (int i = 0; i < 20; i++) {
      sc_core::wait(sc_time(2, sc_core::SC_US));
      b->gate.Set(Gate::kHigh);
      sc_core::wait(kPulse);
      b->gate.Set(Gate::kPass);
    }
  };
  s.lines = {"run 1: good", " spurious interrupts", "as expected"};
  return s;
}

Scenario StuckInterrupt() {
  Scenario s;
  s.name = "interrupt_stuck";
  s.engine = TlmEngine::kAt;
  s.prepare = [](Bench *b) { b->gate.Set(Gate::kHigh); };
  s.lines = {"run 1: good", "as expected"};
  return s;
}

Scenario ResetInFlight(TlmEngine engine, const char *name) {
  Scenario s;
  s.name = name;
  s.engine = engine;
  s.process = [](Bench *b) {
    b->WaitForFirstInterrupt();
    sc_core::wait(sc_time(3, sc_core::SC_US));
    b->firmware.control.Hold(true);
    sc_core::wait(sc_time(1, sc_core::SC_US));
    b->firmware.control.Hold(false);
  };
  s.lines = {"run 1: ", "run 2: good", "as expected"};
  return s;
}

Scenario DmiInvalidated() {
  Scenario s;
  s.name = "dmi_invalidated";
  s.engine = TlmEngine::kLt;
  s.prepare = [](Bench *b) {
    b->firmware.cpu.fault = [b](bool, uint64_t addr) {
      b->dram_accesses += addr - TETRA_VP_DRAM_BASE < TETRA_VP_DRAM_SIZE;
      return false;
    };
  };
  s.process = [](Bench *b) {
    b->WaitForFirstInterrupt();
    b->platform.dram.AllowDmi(false);
  };
  s.lines = {"run 1: good", "as expected"};
  s.check = [](const Bench &b) { return b.dram_accesses != 0 ? "" : "the processor has gone on using DMI"; };
  return s;
}

Scenario DmiComesBack() {
  Scenario s = DmiInvalidated();
  s.name = "dmi_invalidated_and_back";
  s.prepare = [prepare = s.prepare](Bench *b) {
    prepare(b);
    b->platform.dram.AllowDmi(false);
  };
  s.process = [](Bench *b) {
    // The constants are on their way, a word a transaction.
    while (b->dram_accesses < 1000) sc_core::wait(sc_time(10, sc_core::SC_US));
    b->platform.dram.AllowDmi(true);
  };
  s.check = [](const Bench &b) {
    return b.dram_accesses < 5000 ? "" : "DMI was not used again: " + std::to_string(b.dram_accesses) + " transactions";
  };
  return s;
}

// From the first layer on the memory does not answer; where `back`, it does again once the reset pin was pulled.
Scenario DeadMemory(bool back) {
  Scenario s;
  s.name = back ? "memory_dead_until_reset" : "memory_dead_for_ever";
  s.engine = TlmEngine::kAt;
  s.process = [back](Bench *b) {
    b->WaitForFirstInterrupt();
    b->platform.dram.set_dead(true);
    sc_core::wait(b->platform.rst_n.negedge_event());
    b->platform.dram.set_dead(!back);
  };
  const char *const dead = "no progress for WATCHDOG cycles";
  s.lines = back ? std::vector<std::string>{"run 1: stopped by an error",
                                            dead,
                                            "run 2: ",
                                            "reset pin",
                                            "run 3: good",
                                            "as expected"}
                 : std::vector<std::string>{"run 1: stopped by an error", dead, "run 4: ", "reset pin",
                                            "gave up after 4 runs"};
  s.code = back ? 0 : 1;
  return s;
}

// A byte of what lies in flash is another one.
Scenario Flash(const char *name, std::vector<uint8_t> tetra::FlashImage::*part, size_t byte, int code,
               const std::vector<std::string> &lines) {
  Scenario s;
  s.name = name;
  s.engine = TlmEngine::kLt;
  s.configure = [=](tetra::FirmwareConfig *f) { (f->flash.*part).at(byte) ^= 0x40; };
  s.lines = lines;
  s.code = code;
  return s;
}

Scenario ShortImage() {
  Scenario s;
  s.name = "image_too_short";
  s.engine = TlmEngine::kLt;
  s.configure = [](tetra::FirmwareConfig *f) { f->flash.image.pop_back(); };
  s.lines = {"flash: the image is not the plan's input"};
  s.code = 2;
  return s;
}

Scenario Good(TlmEngine engine, const char *name) {
  Scenario s;
  s.name = name;
  s.engine = engine;
  s.lines = {"network ", "run 1: good", "top class ", "as expected", "stack: "};
  s.check = [](const Bench &b) {
    return b.firmware.uart.text().find("note:") == std::string::npos ? "" : "there is a note, and nothing went wrong";
  };
  return s;
}

std::vector<Scenario> Scenarios() {
  return {Good(TlmEngine::kLt, "good_lt"),
          Good(TlmEngine::kAt, "good_at"),
          Good(TlmEngine::kRtl, "good_rtl"),
          RegisterFault(false, 1),
          RegisterFault(false, 17),
          RegisterFault(true, 1),
          RegisterFault(true, 9),
          BurstFault("fetch", &tetra::DramFaults::fetch, 1, "AXI error response to a command fetch"),
          BurstFault("fetch", &tetra::DramFaults::fetch, 20, "AXI error response to a command fetch"),
          BurstFault("read", &tetra::DramFaults::read, 1, "AXI error response to a data read"),
          BurstFault("read", &tetra::DramFaults::read, 100, "AXI error response to a data read"),
          BurstFault("write", &tetra::DramFaults::write, 1, "AXI error response to a write"),
          BurstFault("write", &tetra::DramFaults::write, 30, "AXI error response to a write"),
          LostInterrupt(),
          MaskedInterrupt(),
          SpuriousInterrupts(),
          StuckInterrupt(),
          ResetInFlight(TlmEngine::kAt, "reset_in_flight"),
          ResetInFlight(TlmEngine::kRtl, "reset_in_flight_rtl"),
          DmiInvalidated(),
          DmiComesBack(),
          Flash("plan_damaged", &tetra::FlashImage::plan, 1000, 2,
                {"flash: the checksum of commands and constants is wrong"}),
          Flash("plan_header_damaged", &tetra::FlashImage::plan, 70, 2, {"flash: the header's checksum is wrong"}),
          Flash("other_logits_expected", &tetra::FlashImage::expected, 5, 3,
                {"run 1: good", "DIFFERENT from what is expected"}),
          ShortImage(),
          DeadMemory(true),
          DeadMemory(false)};
}

std::vector<uint8_t> ReadBytes(const std::string &path) {
  std::ifstream f(path, std::ios::binary);
  if (!f) throw std::runtime_error("cannot read '" + path + "'");
  return {std::istreambuf_iterator<char>(f), std::istreambuf_iterator<char>()};
}

// What is wrong with what the firmware did; empty: nothing.
std::string Judge(const Scenario &s, const Bench &b) {
  const std::string &text = b.firmware.uart.text();
  if (!b.firmware.cpu.failure().empty()) return b.firmware.cpu.failure();
  if (b.firmware.cpu.exit_code() != s.code) return "exit code " + std::to_string(b.firmware.cpu.exit_code());
  size_t at = 0;
  for (const std::string &line : s.lines) {
    at = text.find(line, at);
    if (at == std::string::npos) return "nothing, or not in its place: '" + line + "'";
    at += line.size();
  }
  return s.check ? s.check(b) : "";
}

int Run(const Scenario &s, char **argv) {
  tetra::PlatformConfig p;
  tetra::FirmwareConfig f;
  const std::string folder = argv[3];
  f.elf = argv[1];
  f.flash = {ReadBytes(argv[2]), ReadBytes(folder + "/input.bin"), ReadBytes(folder + "/output.bin")};
  f.uart = stdout;
  if (s.configure) s.configure(&f);
  if (f.flash.plan.size() < 4 * 7) throw std::runtime_error(std::string("'") + argv[2] + "' is no stored plan");
  p.tetra.engine = s.engine;
  p.tetra.caps = tetra_caps_default(f.flash.plan.at(4 * 6));  // the plan's array (tetra/stored.h)
  p.memory.bytes_per_cycle = p.tetra.caps.n;
  Bench bench(p, f);
  if (s.prepare) s.prepare(&bench);
  if (s.process) sc_core::sc_spawn([&] { s.process(&bench); }, "scenario");
  sc_core::sc_start();
  const std::string wrong = Judge(s, bench);
  std::printf("%s: %s, %llu instructions, %s\n", s.name.c_str(), wrong.empty() ? "as it should be" : wrong.c_str(),
              static_cast<unsigned long long>(bench.firmware.cpu.instructions()),
              sc_core::sc_time_stamp().to_string().c_str());
  return wrong.empty() ? 0 : 1;
}

}  // namespace

int sc_main(int argc, char **argv) {
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  for (const Scenario &s : Scenarios()) {
    if (argc == 2 && std::strcmp(argv[1], "--list") == 0) std::puts(s.name.c_str());
    if (argc != 5 || s.name != argv[4]) continue;
    try {
      return Run(s, argv);
    } catch (const std::exception &e) {
      std::fprintf(stderr, "firmware_bench: %s\n", e.what());
      return 2;
    }
  }
  if (argc == 2 && std::strcmp(argv[1], "--list") == 0) return 0;
  if (argc == 5) {
    std::fprintf(stderr, "firmware_bench: no scenario '%s'; --list prints those that there are\n", argv[4]);
  } else {
    std::fputs("usage: firmware_bench ELF PLAN FOLDER SCENARIO | --list\n", stderr);
  }
  return 2;
}

// Instead of the library's own, to keep its banner out of what is printed.
int main(int argc, char **argv) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  return sc_core::sc_elab_and_sim(argc, argv);
}
