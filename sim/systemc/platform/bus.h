// The platform's interconnect: any number of initiators, targets by address.
#ifndef TETRA_SYSTEMC_BUS_H
#define TETRA_SYSTEMC_BUS_H

#include <tlm.h>
#include <tlm_utils/multi_passthrough_initiator_socket.h>
#include <tlm_utils/multi_passthrough_target_socket.h>

#include <cstdint>
#include <systemc>
#include <vector>

namespace tetra {

/// Routes by address and adds no time of its own: what a transaction waits for is its target's business, and the DRAM
/// arbitrates (memory.h). A target sees offsets from its base, or, where `absolute`, the addresses themselves. What no
/// target has is answered with TLM_ADDRESS_ERROR_RESPONSE.
class Bus : public sc_core::sc_module {
 public:
  tlm_utils::multi_passthrough_target_socket<Bus> initiators;
  tlm_utils::multi_passthrough_initiator_socket<Bus> targets;

  explicit Bus(sc_core::sc_module_name name);

  /// Binds a target's socket, before the simulation starts.
  template <class Socket>
  void Map(uint64_t base, uint64_t size, Socket &socket, bool absolute = false) {
    ranges_.push_back({base, size, absolute ? 0 : base});
    targets.bind(socket);
  }

 private:
  struct Range {
    uint64_t base, size, offset;
  };

  /// The target of an access of so many bytes, -1: none has all of them.
  int Find(uint64_t addr, uint64_t bytes) const;
  void Transport(int initiator, tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
  unsigned Debug(int initiator, tlm::tlm_generic_payload &trans);
  bool GetDmi(int initiator, tlm::tlm_generic_payload &trans, tlm::tlm_dmi &dmi);
  void InvalidateDmi(int target, sc_dt::uint64 first, sc_dt::uint64 last);

  std::vector<Range> ranges_;
};

}  // namespace tetra

#endif
