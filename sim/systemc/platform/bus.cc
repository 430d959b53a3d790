// Addresses to targets, and back for DMI.
#include "systemc/platform/bus.h"

#include <algorithm>

namespace tetra {

Bus::Bus(sc_core::sc_module_name name) : sc_module(name), initiators("initiators"), targets("targets") {
  initiators.register_b_transport(this, &Bus::Transport);
  initiators.register_transport_dbg(this, &Bus::Debug);
  initiators.register_get_direct_mem_ptr(this, &Bus::GetDmi);
  targets.register_invalidate_direct_mem_ptr(this, &Bus::InvalidateDmi);
}

int Bus::Find(uint64_t addr, uint64_t bytes) const {
  for (size_t i = 0; i < ranges_.size(); i++) {
    const Range &r = ranges_[i];
    if (addr >= r.base && addr - r.base < r.size && bytes <= r.size - (addr - r.base)) return static_cast<int>(i);
  }
  return -1;
}

void Bus::Transport(int, tlm::tlm_generic_payload &trans, sc_core::sc_time &delay) {
  const uint64_t addr = trans.get_address();
  const int target = Find(addr, trans.get_data_length());
  if (target < 0) return trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  trans.set_address(addr - ranges_[static_cast<size_t>(target)].offset);
  targets[target]->b_transport(trans, delay);
  trans.set_address(addr);
}

unsigned Bus::Debug(int, tlm::tlm_generic_payload &trans) {
  const uint64_t addr = trans.get_address();
  const int target = Find(addr, trans.get_data_length());
  if (target < 0) return 0;
  trans.set_address(addr - ranges_[static_cast<size_t>(target)].offset);
  const unsigned n = targets[target]->transport_dbg(trans);
  trans.set_address(addr);
  return n;
}

bool Bus::GetDmi(int, tlm::tlm_generic_payload &trans, tlm::tlm_dmi &dmi) {
  const uint64_t addr = trans.get_address();
  const int target = Find(addr, 1);
  if (target < 0) {
    dmi.init();
    dmi.set_start_address(addr);
    dmi.set_end_address(addr);
    return false;
  }
  const Range &r = ranges_[static_cast<size_t>(target)];
  trans.set_address(addr - r.offset);
  const bool granted = targets[target]->get_direct_mem_ptr(trans, dmi);
  trans.set_address(addr);
  // A target may speak of more than it has here.
  dmi.set_start_address(std::max<uint64_t>(dmi.get_start_address() + r.offset, r.base));
  dmi.set_end_address(std::min<uint64_t>(dmi.get_end_address(), r.size - 1 + r.base - r.offset) + r.offset);
  return granted;
}

void Bus::InvalidateDmi(int target, sc_dt::uint64 first, sc_dt::uint64 last) {
  const Range &r = ranges_[static_cast<size_t>(target)];
  const uint64_t end = r.base - r.offset + r.size - 1;
  for (unsigned i = 0; i < initiators.size(); i++) {
    initiators[static_cast<int>(i)]->invalidate_direct_mem_ptr(first + r.offset,
                                                               std::min<uint64_t>(last, end) + r.offset);
  }
}

}  // namespace tetra
