// The processor's place in the platform: whoever derives from Cpu is one.
#ifndef TETRA_SYSTEMC_CPU_H
#define TETRA_SYSTEMC_CPU_H

#include <tlm.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <systemc>

namespace tetra {

class Cpu : public sc_core::sc_module {
 public:
  /// Loads, stores and (where it has code in memory) fetches: addresses of memory_map.h, at most 8 bytes a transaction
  /// but for block copies. b_transport, DMI, transport_dbg. A derived class that wants DMI's invalidation registers for
  /// it.
  tlm_utils::simple_initiator_socket<Cpu> bus;
  /// The interrupt controller's output, level, active high.
  sc_core::sc_in<bool> irq;

  explicit Cpu(sc_core::sc_module_name name) : sc_module(name), bus("bus"), irq("irq") {}
  /// The program's end, what a test or ./vp returns; calls sc_stop.
  void Exit(int code) {
    exit_code_ = code;
    sc_core::sc_stop();
  }
  int exit_code() const { return exit_code_; }

 private:
  int exit_code_ = 3;  // it never ended
};

}  // namespace tetra

#endif
