// How a DRAM lets the accelerators on it take part in its arbitration, beat by beat: an extension to TLM-2.0 that a
// target may know or not, as DMI is one. Bursts are transactions on the socket in either case.
#ifndef TETRA_SYSTEMC_MEMORY_PORT_H
#define TETRA_SYSTEMC_MEMORY_PORT_H

#include <tlm.h>

#include <cstdint>
#include <systemc>

#include "tetra/memory.h"

namespace tetra {

/// One accelerator's way into the arbitration. Cycles are counted from time 0, in the memory's period. What could move
/// in a cycle is said before that cycle; what does move is known in it.
class MemoryPort {
 public:
  virtual ~MemoryPort() = default;
  virtual tetra_memory_params params() const = 0;
  virtual sc_core::sc_time period() const = 0;
  /// Takes part from now on, or no longer.
  virtual void Activate(bool active) = 0;
  /// What could move in `cycle`, the one to come.
  virtual void Want(uint64_t cycle, tetra_grant wants) = 0;
  /// What moves of it in `cycle`, which begins.
  virtual tetra_grant Take(uint64_t cycle) = 0;
  /// The memory's bucket as `cycle` begins, where nobody else takes part; otherwise NULL. Whoever runs ahead with it
  /// gives it back by Leave.
  virtual tetra_bucket *Alone(uint64_t cycle) = 0;
  virtual void Leave(uint64_t cycle) = 0;
};

/// Asked for by transport_dbg of no bytes: a target that has ports sets `port`.
struct MemoryPortRequest : tlm::tlm_extension<MemoryPortRequest> {
  uint32_t beat = 0;  // bytes
  MemoryPort *port = nullptr;
  tlm::tlm_extension_base *clone() const override { return new MemoryPortRequest(*this); }
  void copy_from(const tlm::tlm_extension_base &other) override {
    *this = static_cast<const MemoryPortRequest &>(other);
  }
};

/// What a burst is for; on each of the accelerator's transactions.
struct BurstKind : tlm::tlm_extension<BurstKind> {
  enum Kind { kFetch, kRead, kWrite } kind = kRead;
  tlm::tlm_extension_base *clone() const override { return new BurstKind(*this); }
  void copy_from(const tlm::tlm_extension_base &other) override { kind = static_cast<const BurstKind &>(other).kind; }
};

}  // namespace tetra

#endif
