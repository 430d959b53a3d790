// What a TetraTlm is made of.
#ifndef TETRA_SYSTEMC_TLM_CONFIG_H
#define TETRA_SYSTEMC_TLM_CONFIG_H

#include <systemc>

#include "tetra/caps.h"

namespace tetra {

enum class TlmEngine {
  kRtl,  ///< the Verilated design: cycle-accurate
  kAt,   ///< the cycle model for time, C functions for data: the bursts of the hardware at their times
  kLt    ///< C functions only: commands one after the other, ahead of time by the global quantum, DMI
};

struct TlmConfig {
  TlmEngine engine = TlmEngine::kAt;
  sc_core::sc_time period = sc_core::sc_time(1, sc_core::SC_NS);  ///< of the clock
  tetra_caps caps = tetra_caps_default(16);                       ///< kRtl: of a build that the library has
  uint64_t memory = 0x10000000;  ///< an address of the memory, which is asked there for a port (memory_port.h)
};

}  // namespace tetra

#endif
