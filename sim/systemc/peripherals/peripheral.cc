// Checks an access and hands it to the register.
#include "systemc/peripherals/peripheral.h"

#include <cstring>

namespace tetra {

Peripheral::Peripheral(sc_core::sc_module_name name) : sc_module(name), socket("socket") {
  socket.register_b_transport(this, &Peripheral::Transport);
}

void Peripheral::Transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay) {
  if (trans.get_address() % 4 != 0) return trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  if (trans.get_data_length() != 4 || trans.get_streaming_width() < 4) {
    return trans.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
  }
  if (trans.get_byte_enable_ptr() != nullptr) return trans.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
  wait(delay);
  delay = sc_core::SC_ZERO_TIME;
  const auto offset = static_cast<uint32_t>(trans.get_address());
  uint32_t value = 0;
  bool good = true;
  if (trans.is_write()) {
    std::memcpy(&value, trans.get_data_ptr(), 4);
    good = Write(offset, value);
  } else if (trans.is_read()) {
    good = Read(offset, &value);
    if (good) std::memcpy(trans.get_data_ptr(), &value, 4);
  }
  trans.set_response_status(good ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

}  // namespace tetra
