// Takes ./vp's own options out of the command line and leaves the rest to ./sim's tables.
#include "systemc/vp/options.h"

#include <cstdlib>
#include <cstring>

#include "cli/hardware.h"
#include "cli/options.h"
#include "systemc/platform/memory_map.h"
#include "tetra/status.h"

namespace tetra {

namespace {

int Refuse(tetra_error *err, const char *option, const char *value, const char *accepted) {
  return tetra_fail(err, TETRA_EINVAL, "%s: '%.60s'; accepted are %s", option, value, accepted);
}

int TakeEngine(const char *text, VpOptions *o, tetra_error *err) {
  for (const TlmEngine e : {TlmEngine::kRtl, TlmEngine::kAt, TlmEngine::kLt}) {
    if (std::strcmp(text, EngineName(e)) != 0) continue;
    o->engine = e;
    return TETRA_OK;
  }
  return Refuse(err, "--engine", text, "rtl, at and lt");
}

int TakeAccelerators(const char *text, VpOptions *o, tetra_error *err) {
  o->accelerators.clear();
  for (const char *p = text; *p != '\0';) {
    char *end = nullptr;
    const unsigned long n = std::strtoul(p, &end, 10);
    if (end == p || n < 1 || n > TETRA_VP_TETRA_MAX || (*end != ',' && *end != '\0') || (*end == ',' && end[1] == '\0'))
      return Refuse(err, "--accelerators", text, "1 to 8, or a list such as 1,2,4");
    o->accelerators.push_back(static_cast<unsigned>(n));
    p = *end == ',' ? end + 1 : end;
  }
  return o->accelerators.empty() ? Refuse(err, "--accelerators", text, "1 to 8, or a list such as 1,2,4") : TETRA_OK;
}

int TakeCpu(const char *text, VpOptions *o, tetra_error *err) {
  o->riscv = std::strcmp(text, "riscv64") == 0;
  return o->riscv || std::strcmp(text, "native") == 0 ? TETRA_OK : Refuse(err, "--cpu", text, "native and riscv64");
}

int TakeSpread(const char *text, VpOptions *o, tetra_error *err) {
  o->pipeline = std::strcmp(text, "layers") == 0;
  return o->pipeline || std::strcmp(text, "images") == 0 ? TETRA_OK
                                                         : Refuse(err, "--spread", text, "images and layers");
}

int TakeImages(const char *text, VpOptions *o, tetra_error *err) {
  char *end = nullptr;
  const long n = std::strtol(text, &end, 10);
  if (end == text || *end != '\0' || n < 1 || n > 10000) return Refuse(err, "--images", text, "1 to 10000");
  o->images = static_cast<int>(n);
  return TETRA_OK;
}

int TakeJson(const char *text, VpOptions *o, tetra_error *) {
  o->json = text;
  return TETRA_OK;
}

int TakeTimeline(const char *text, VpOptions *o, tetra_error *) {
  o->timeline = text;
  return TETRA_OK;
}

constexpr struct {
  const char *name;
  int (*take)(const char *, VpOptions *, tetra_error *);
  const char *help;
} kOptions[] = {
    {"--engine", TakeEngine, "rtl (the design), at (cycle model, the default) or lt (function only)"},
    {"--accelerators", TakeAccelerators, "1 to 8 of them on one DRAM; a list such as 1,2,4 is a run for each"},
    {"--spread", TakeSpread, "images (the default: each accelerator takes the next one) or layers (a pipeline)"},
    {"--images", TakeImages, "how many run, one for each accelerator without it"},
    {"--cpu", TakeCpu, "native (the driver on a thread of the simulation) or riscv64 (the firmware)"},
    {"--json", TakeJson, "results into a file"},
    {"--timeline", TakeTimeline, "layers by accelerator into a file for ui.perfetto.dev"},
};

}  // namespace

const char *EngineName(TlmEngine engine) {
  return engine == TlmEngine::kRtl ? "rtl" : engine == TlmEngine::kAt ? "at" : "lt";
}

void PrintVpHelp(std::FILE *out) {
  std::fputs("usage: ./vp NETWORK [OPTION...]\nRuns a network on accelerators in a SystemC TLM-2.0 platform.\n\n", out);
  for (const auto &option : kOptions) std::fprintf(out, "  %-16s %s\n", option.name, option.help);
  std::fputs(
      "\nNETWORK, --precision, --width, --size, --seed, --array, --dram-bytes-per-cycle, --dram-latency, --image and\n"
      "--input are ./sim's: see ./sim --help. docs/systemc.md says what each engine does and does not model.\n",
      out);
}

// Options that say something of a run that is not one of ./vp's.
static int CheckSettings(const VpOptions &o, tetra_error *err) {
  const sim_options &s = o.sim;
  if (s.n_networks != 1 || s.n_precisions > 1)
    return tetra_fail(err, TETRA_EINVAL, "./vp runs one network in one precision");
  if (s.layers != nullptr || s.trace != nullptr || s.cycles != SIM_CYCLES_RTL || s.backend != SIM_BACKEND_RTL ||
      s.stall > 0)
    return tetra_fail(err, TETRA_EINVAL,
                      "./vp takes no option of ./sim that is about its simulation (--layers, --trace, "
                      "--model, --backend, --dram-stall); see ./vp --help");
  if (o.riscv && (o.accelerators.size() != 1 || o.accelerators[0] != 1 || o.images > 1 || o.pipeline))
    return tetra_fail(err, TETRA_EINVAL, "--cpu riscv64 runs one image on one accelerator");
  if (o.accelerators.size() > 1 && (o.json != nullptr || o.timeline != nullptr))
    return tetra_fail(err, TETRA_EINVAL, "--json and --timeline want one run, not --accelerators with a list");
  return TETRA_OK;
}

int ParseVpOptions(int argc, char **argv, VpOptions *o, tetra_error *err) {
  std::vector<char *> rest = {argv[0]};
  for (int i = 1; i < argc; i++) {
    if (std::strcmp(argv[i], "--help") == 0) o->help = true;
    bool taken = false;
    for (const auto &option : kOptions) {
      const size_t length = std::strlen(option.name);
      if (std::strncmp(argv[i], option.name, length) != 0 || (argv[i][length] != '\0' && argv[i][length] != '='))
        continue;
      const char *value = argv[i][length] == '=' ? argv[i] + length + 1 : i + 1 < argc ? argv[++i] : nullptr;
      if (value == nullptr) return tetra_fail(err, TETRA_EINVAL, "%s wants a value: %s", option.name, option.help);
      if (const int rc = option.take(value, o, err)) return rc;
      taken = true;
      break;
    }
    if (!taken) rest.push_back(argv[i]);
  }
  if (o->help) return TETRA_OK;
  rest.push_back(nullptr);
  const int rc = sim_options_parse(static_cast<int>(rest.size()) - 1, rest.data(), &o->sim, err);
  return rc == TETRA_OK ? CheckSettings(*o, err) : rc;
}

}  // namespace tetra
