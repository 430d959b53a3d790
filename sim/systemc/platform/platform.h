// The virtual platform without its processor: bus, memories, accelerators, their interrupts and their reset.
#ifndef TETRA_SYSTEMC_PLATFORM_H
#define TETRA_SYSTEMC_PLATFORM_H

#include <memory>
#include <systemc>
#include <vector>

#include "systemc/platform/bus.h"
#include "systemc/platform/cpu.h"
#include "systemc/platform/memory.h"
#include "systemc/platform/memory_map.h"
#include "systemc/tetra_tlm.h"

namespace tetra {

struct PlatformConfig {
  TlmConfig tetra;            ///< every accelerator; its period is everybody's
  unsigned accelerators = 1;  ///< 1..TETRA_VP_TETRA_MAX
  tetra_memory_params memory = {16, 64};
};

class Platform : public sc_core::sc_module {
 public:
  Bus bus;
  Ram local;  ///< the processor's own
  Dram dram;
  std::vector<std::unique_ptr<TetraTlm>> tetra;
  sc_core::sc_vector<sc_core::sc_signal<bool>> irq;  ///< of each accelerator
  sc_core::sc_signal<bool> rst_n;                    ///< of all of them; high from the beginning

  Platform(sc_core::sc_module_name name, const PlatformConfig &config);
  /// Binds the processor's bus; its interrupt is bound by the caller.
  void Attach(Cpu &cpu) { cpu.bus.bind(bus.initiators); }
  static uint64_t TetraBase(unsigned i) { return TETRA_VP_TETRA_BASE + uint64_t{i} * TETRA_VP_PAGE; }
};

}  // namespace tetra

#endif
