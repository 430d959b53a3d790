// Takes ./vp's own options out of the command line and leaves the rest to ./sim's tables.
#include "systemc/vp/options.h"

#include <cstdint>
#include <cstring>

#include "cli/hardware.h"
#include "cli/options.h"
#include "cli/parse.h"
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
  std::string rest = std::string(text) + ',';
  for (size_t comma; (comma = rest.find(',')) != std::string::npos; rest.erase(0, comma + 1)) {
    uint32_t n = 0;
    tetra_error why = {};
    if (sim_parse_u32("accelerators", rest.substr(0, comma).c_str(), 1, TETRA_VP_TETRA_MAX, &n, &why) != TETRA_OK)
      return Refuse(err, "--accelerators", text, "1 to 8, or a list such as 1,2,4");
    o->accelerators.push_back(n);
  }
  return TETRA_OK;
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
  return sim_parse_int("images", text, 1, 10000, &o->images, err);
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

/// ./sim's options that say something of a run here too; all others are refused.
constexpr const char *kShared[] = {"--precision",
                                   "--width",
                                   "--size",
                                   "--batch",
                                   "--image",
                                   "--input",
                                   "--layout",
                                   "--mean",
                                   "--std",
                                   "--seed",
                                   "--no-fuse",
                                   "--bits",
                                   "--tflite-rounding",
                                   "--array",
                                   "--act-kib",
                                   "--wgt-kib",
                                   "--res-kib",
                                   "--par-entries",
                                   "--acc-pixels",
                                   "--pool-words",
                                   "--config",
                                   "--dram-latency",
                                   "--dram-bytes-per-cycle"};

bool IsShared(const char *argument) {
  for (const char *name : kShared) {
    const size_t length = std::strlen(name);
    if (std::strncmp(argument, name, length) == 0 && (argument[length] == '\0' || argument[length] == '=')) return true;
  }
  return false;
}

}  // namespace

const char *EngineName(TlmEngine engine) {
  return engine == TlmEngine::kRtl ? "rtl" : engine == TlmEngine::kAt ? "at" : "lt";
}

void PrintVpHelp(std::FILE *out) {
  std::fputs("usage: ./vp NETWORK [OPTION...]\nRuns a network on accelerators in a SystemC TLM-2.0 platform.\n\n", out);
  for (const auto &option : kOptions) std::fprintf(out, "  %-16s %s\n", option.name, option.help);
  std::fputs("\nNETWORK and these options are ./sim's, see ./sim --help:", out);
  size_t column = SIZE_MAX;
  for (const char *name : kShared) {
    const bool fits = column + std::strlen(name) < 100;
    column = (fits ? column : 1) + 1 + std::strlen(name);
    std::fprintf(out, "%s %s", fits ? "" : "\n ", name);
  }
  std::fputs("\n\ndocs/systemc.md says what each engine does and does not model.\n", out);
}

// Options that say something of a run that is not one of ./vp's.
static int CheckSettings(const VpOptions &o, tetra_error *err) {
  const sim_options &s = o.sim;
  if (s.n_networks != 1 || s.n_precisions > 1)
    return tetra_fail(err, TETRA_EINVAL, "./vp runs one network in one precision");
  if (o.riscv && (o.accelerators.size() != 1 || o.accelerators[0] != 1 || o.images > 1 || o.pipeline))
    return tetra_fail(err, TETRA_EINVAL, "--cpu riscv64 runs one image on one accelerator");
  if (o.riscv && o.timeline != nullptr)
    return tetra_fail(err, TETRA_EINVAL, "--timeline: with --cpu riscv64 the firmware alone sees when layers complete");
  if (o.json != nullptr && o.timeline != nullptr && std::strcmp(o.json, o.timeline) == 0)
    return tetra_fail(err, TETRA_EINVAL, "--json and --timeline name the same file, '%.60s'", o.json);
  if (o.accelerators.size() > 1 && (o.json != nullptr || o.timeline != nullptr))
    return tetra_fail(err, TETRA_EINVAL, "--json and --timeline want one run, not --accelerators with a list");
  return TETRA_OK;
}

int ParseVpOptions(int argc, char **argv, VpOptions *o, tetra_error *err) {
  std::vector<char *> rest = {argv[0]};
  for (int i = 1; i < argc; i++) {
    if (std::strcmp(argv[i], "--help") == 0 || std::strcmp(argv[i], "-h") == 0) o->help = true;
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
    if (taken) continue;
    if (std::strncmp(argv[i], "--", 2) == 0 && !o->help && !IsShared(argv[i]))
      return tetra_fail(err, TETRA_EINVAL, "'%.60s' is no option of ./vp; './vp --help' lists what is accepted",
                        argv[i]);
    rest.push_back(argv[i]);
  }
  if (o->help) return TETRA_OK;
  rest.push_back(nullptr);
  const int rc = sim_options_parse(static_cast<int>(rest.size()) - 1, rest.data(), &o->sim, err);
  return rc == TETRA_OK ? CheckSettings(*o, err) : rc;
}

}  // namespace tetra
