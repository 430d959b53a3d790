// Payloads as TLM-2.0 wants them before each call, and the plain access that is made of one. Every initiator here uses
// it.
#ifndef TETRA_SYSTEMC_PAYLOAD_H
#define TETRA_SYSTEMC_PAYLOAD_H

#include <tlm.h>

#include <cstdint>
#include <systemc>

namespace tetra {

/// A transaction on so many bytes at `data`, not streaming. `enables` is NULL, or a byte for each of them.
inline void FillPayload(tlm::tlm_generic_payload *trans, tlm::tlm_command command, uint64_t addr, void *data,
                        unsigned bytes, uint8_t *enables = nullptr) {
  trans->set_command(command);
  trans->set_address(addr);
  trans->set_data_ptr(static_cast<unsigned char *>(data));
  trans->set_data_length(bytes);
  trans->set_streaming_width(bytes);
  trans->set_byte_enable_ptr(enables);
  trans->set_byte_enable_length(enables != nullptr ? bytes : 0);
  trans->set_dmi_allowed(false);
  trans->set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
}

/// A transaction from a thread of the simulation, in which its time passes. Of *trans, which is filled before, the
/// response is looked at afterwards.
template <class Socket>
void Transport(Socket &socket, tlm::tlm_generic_payload *trans) {
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  socket->b_transport(*trans, delay);
  sc_core::wait(delay);
}

/// An extension on a transaction, taken off before the payload could free it.
template <class Extension>
class Extended {
 public:
  Extended(tlm::tlm_generic_payload *trans, Extension *extension) : trans_(trans), extension_(extension) {
    trans->set_extension(extension);
  }
  ~Extended() { trans_->clear_extension(extension_); }
  Extended(const Extended &) = delete;
  Extended &operator=(const Extended &) = delete;

 private:
  tlm::tlm_generic_payload *trans_;
  Extension *extension_;
};

}  // namespace tetra

#endif
