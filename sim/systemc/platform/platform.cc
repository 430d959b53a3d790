// What is bound to what.
#include "systemc/platform/platform.h"

#include <string>

namespace tetra {

Platform::Platform(sc_core::sc_module_name name, const PlatformConfig &config)
    : sc_module(name),
      bus("bus"),
      local("local", TETRA_VP_LOCAL_SIZE),
      dram("dram", TETRA_VP_DRAM_SIZE, config.memory, config.tetra.period),
      irq("irq", config.accelerators),
      rst_n("rst_n", true) {
  bus.Map(TETRA_VP_LOCAL_BASE, TETRA_VP_LOCAL_SIZE, local.socket);
  bus.Map(TETRA_VP_DRAM_BASE, TETRA_VP_DRAM_SIZE, dram.socket);
  for (unsigned i = 0; i < config.accelerators; i++) {
    tetra.push_back(std::make_unique<TetraTlm>(("tetra" + std::to_string(i)).c_str(), config.tetra));
    bus.Map(TetraBase(i), TETRA_VP_PAGE, tetra.back()->regs);
    tetra.back()->dram.bind(bus.initiators);
    tetra.back()->irq.bind(irq[i]);
    tetra.back()->rst_n.bind(rst_n);
  }
}

}  // namespace tetra
