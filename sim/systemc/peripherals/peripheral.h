// What the platform's peripherals have in common: 32-bit registers behind a TLM-2.0 socket.
#ifndef TETRA_SYSTEMC_PERIPHERALS_PERIPHERAL_H
#define TETRA_SYSTEMC_PERIPHERALS_PERIPHERAL_H

#include <tlm.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <systemc>

namespace tetra {

/// Accesses of 4 bytes, aligned, without byte enables; others, and offsets that no register has, are answered with an
/// error and change nothing. An access waits until its time has come: what a register says depends on that.
class Peripheral : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<Peripheral> socket;

 protected:
  explicit Peripheral(sc_core::sc_module_name name);
  /// False: there is no such register.
  virtual bool Read(uint32_t offset, uint32_t *value) = 0;
  virtual bool Write(uint32_t offset, uint32_t value) = 0;

 private:
  void Transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
};

}  // namespace tetra

#endif
