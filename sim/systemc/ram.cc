// Bytes and DMI.
#include "systemc/ram.h"

#include <sys/mman.h>

#include <cstring>

namespace tetra {

using tlm::tlm_generic_payload;

Ram::Ram(sc_core::sc_module_name name, uint64_t bytes, sc_core::sc_time latency, uint64_t base)
    : sc_module(name), socket("socket"), bytes_(bytes), base_(base), latency_(latency) {
  void *p = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) SC_REPORT_FATAL("tetra", "no memory for a RAM of the platform");
  madvise(p, bytes, MADV_HUGEPAGE);  // only a wish: fewer pages to be made while the simulation runs
  data_ = static_cast<uint8_t *>(p);
  socket.register_b_transport(this, &Ram::Transport);
  socket.register_transport_dbg(this, &Ram::Debug);
  socket.register_get_direct_mem_ptr(this, &Ram::GetDmi);
}

Ram::~Ram() { munmap(data_, bytes_); }

uint8_t *Ram::At(uint64_t addr, uint64_t bytes) const {
  return addr >= base_ && bytes <= bytes_ && addr - base_ <= bytes_ - bytes ? data_ + (addr - base_) : nullptr;
}

void Ram::AllowDmi(bool allow) {
  dmi_ = allow;
  if (!allow) socket->invalidate_direct_mem_ptr(base_, base_ + bytes_ - 1);
}

namespace {

// Moves a transaction's bytes, as far as their enables allow.
void Move(tlm_generic_payload &trans, uint8_t *at) {
  uint8_t *data = trans.get_data_ptr();
  const uint8_t *enables = trans.get_byte_enable_ptr();
  const unsigned length = trans.get_data_length(), n_enables = trans.get_byte_enable_length();
  if (enables == nullptr) {
    if (trans.is_read()) std::memcpy(data, at, length);
    if (trans.is_write()) std::memcpy(at, data, length);
    return;
  }
  for (unsigned i = 0; i < length; i++) {
    if (enables[i % n_enables] != TLM_BYTE_ENABLED) continue;
    if (trans.is_read()) data[i] = at[i];
    if (trans.is_write()) at[i] = data[i];
  }
}

}  // namespace

void Ram::Transport(tlm_generic_payload &trans, sc_core::sc_time &delay) {
  uint8_t *at = At(trans.get_address(), trans.get_data_length());
  if (at == nullptr) return trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  if (trans.get_streaming_width() < trans.get_data_length())
    return trans.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
  if (trans.get_byte_enable_ptr() != nullptr && trans.get_byte_enable_length() == 0)
    return trans.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
  Move(trans, at);
  delay += latency_;
  trans.set_dmi_allowed(dmi_);
  trans.set_response_status(tlm::TLM_OK_RESPONSE);
}

unsigned Ram::Debug(tlm_generic_payload &trans) {
  uint8_t *at = At(trans.get_address(), trans.get_data_length());
  if (at == nullptr) return 0;
  if (trans.is_read()) std::memcpy(trans.get_data_ptr(), at, trans.get_data_length());
  if (trans.is_write()) std::memcpy(at, trans.get_data_ptr(), trans.get_data_length());
  return trans.get_data_length();
}

bool Ram::GetDmi(tlm_generic_payload &, tlm::tlm_dmi &dmi) {
  dmi.init();
  dmi.set_start_address(base_);
  dmi.set_end_address(base_ + bytes_ - 1);
  if (!dmi_) return false;
  dmi.set_dmi_ptr(data_);
  dmi.allow_read_write();
  dmi.set_read_latency(latency_);
  dmi.set_write_latency(latency_);
  return true;
}

}  // namespace tetra
