// The command line of ./vp: what is its own, and what it shares with ./sim.
#ifndef TETRA_SYSTEMC_VP_OPTIONS_H
#define TETRA_SYSTEMC_VP_OPTIONS_H

#include <cstdio>
#include <string>
#include <vector>

#include "cli/settings.h"
#include "systemc/tlm_config.h"

namespace tetra {

struct VpOptions {
  sim_options sim = {};  // network, precision, array, memory, image and so on
  TlmEngine engine = TlmEngine::kAt;
  std::vector<unsigned> accelerators = {1};  // a run for each
  bool riscv = false;                        // the processor: firmware on RISC-V, or the driver itself
  bool pipeline = false;                     // layers spread over the accelerators, or images
  int images = 0;                            // 0: one for each accelerator
  const char *json = nullptr, *timeline = nullptr;
  bool help = false;
};

/// TETRA_EINVAL with a message for people.
int ParseVpOptions(int argc, char **argv, VpOptions *o, tetra_error *err);
void PrintVpHelp(std::FILE *out);
const char *EngineName(TlmEngine engine);

}  // namespace tetra

#endif
