// One run of ./vp: the platform, its software, and what was found out.
#ifndef TETRA_SYSTEMC_VP_RUN_H
#define TETRA_SYSTEMC_VP_RUN_H

#include <cstdint>
#include <string>
#include <vector>

#include "systemc/platform/platform.h"
#include "systemc/vp/job.h"
#include "systemc/vp/options.h"

namespace tetra {

/// A layer on an accelerator, in cycles of the platform's time.
struct VpLayer {
  unsigned accelerator;
  int image, layer;  // of the network
  uint64_t begin, end;
  uint64_t cycles;  // since the layer that completed before it, by the accelerator's own counter
};

struct VpAccelerator {
  int first = 0, last = 0;  // layers
  int images = 0;
  uint64_t cycles = 0;  // with work
  uint64_t busy = 0, read_bytes = 0, write_bytes = 0, held = 0;
};

struct VpResult {
  std::string failure;  // why it ended early
  bool match = true;    // every tensor in DRAM is the C model's
  uint64_t cycles = 0;  // from the first doorbell to the last image
  double seconds = 0;   // of the host's processor, without the C model and the comparisons
  int images = 0;
  std::vector<VpAccelerator> accelerators;
  std::vector<VpLayer> layers;
  std::vector<int> classes;  // of each image that ran, in the order of images
};

PlatformConfig MakePlatformConfig(const VpOptions &o, const Job &job, unsigned accelerators);
/// Elaborates and simulates: once in a process.
VpResult RunNative(const VpOptions &o, Job *job, unsigned accelerators);
/// The firmware instead of the driver; what it prints goes to the standard output. `folder`: where its program lies.
/// *exit_code is its own. Of *r there are no accelerators and layers, which only the firmware sees.
int RunFirmware(const VpOptions &o, Job *job, const std::string &folder, VpResult *r, int *exit_code, tetra_error *err);

}  // namespace tetra

#endif
