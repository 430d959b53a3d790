// The DRAM that accelerators share.
#ifndef TETRA_SYSTEMC_PLATFORM_MEMORY_H
#define TETRA_SYSTEMC_PLATFORM_MEMORY_H

#include <cstdint>
#include <memory>
#include <systemc>
#include <vector>

#include "systemc/memory_port.h"
#include "systemc/ram.h"
#include "tetra/memory.h"

namespace tetra {

/// Errors on purpose: the n-th burst of an accelerator of a kind (from 1; 0: none), counted from when it is set.
struct DramFaults {
  uint64_t fetch = 0, read = 0, write = 0;
};

/// The DRAM of tetra/memory.h: one token bucket for reads and writes of all accelerators, a latency. Accelerators that
/// ask for a port are granted beats cycle by cycle, in turns where there are not enough; the processor's accesses wait
/// for the latency only and do not compete.
class Dram : public Ram {
 public:
  Dram(sc_core::sc_module_name name, uint64_t bytes, const tetra_memory_params &params, sc_core::sc_time period);
  ~Dram() override;

  DramFaults faults;
  /// Answers no burst any more, or again.
  void set_dead(bool dead) { dead_ = dead; }
  size_t ports() const { return ports_.size(); }
  /// Beats moved at a port, in the order in which accelerators asked for one.
  uint64_t read_beats(size_t port) const;
  uint64_t write_beats(size_t port) const;
  /// Cycles in which a port wanted a beat that it did not get.
  uint64_t held(size_t port) const;

 private:
  class Port;

  void Transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay) override;
  unsigned Debug(tlm::tlm_generic_payload &trans) override;
  bool Fails(BurstKind::Kind kind);
  /// Cycles without a beat, up to the beginning of `cycle`.
  void Rest(uint64_t cycle);
  void Arbitrate(uint64_t cycle);

  tetra_memory_params params_;
  sc_core::sc_time period_;
  uint32_t beat_ = 0;
  tetra_bucket bucket_ = {};
  tetra_turns turns_ = {};
  uint64_t cycle_ = 0;  // the next to arbitrate
  bool dead_ = false;
  std::vector<std::unique_ptr<Port>> ports_;
};

}  // namespace tetra

#endif
