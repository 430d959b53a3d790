// Plain memory for virtual platforms that have none yet, and what the platform here makes its own of.
#ifndef TETRA_SYSTEMC_RAM_H
#define TETRA_SYSTEMC_RAM_H

#include <tlm.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <systemc>

namespace tetra {

/// Memory from an address on, offsets where that is 0: reads and writes with byte enables, DMI, transport_dbg. Its
/// pages cost nothing until they are touched.
class Ram : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<Ram> socket;

  Ram(sc_core::sc_module_name name, uint64_t bytes, sc_core::sc_time latency = sc_core::SC_ZERO_TIME,
      uint64_t base = 0);
  ~Ram() override;
  /// Host pointer to so many bytes at an address, NULL where they are not all inside.
  uint8_t *At(uint64_t addr, uint64_t bytes) const;
  uint64_t size() const { return bytes_; }
  /// Refuses DMI from now on, or grants it again; what was granted is invalidated.
  void AllowDmi(bool allow);

 protected:
  virtual void Transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
  virtual unsigned Debug(tlm::tlm_generic_payload &trans);
  bool GetDmi(tlm::tlm_generic_payload &trans, tlm::tlm_dmi &dmi);

 private:
  uint8_t *data_;
  uint64_t bytes_, base_;
  sc_core::sc_time latency_;
  bool dmi_ = true;
};

}  // namespace tetra

#endif
