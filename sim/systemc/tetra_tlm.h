// The accelerator as a TLM-2.0 module, for virtual platforms: docs/systemc.md. Registers are a target socket, memory is
// an initiator socket, interrupt and reset are signals; behind them is one of three engines.
#ifndef TETRA_SYSTEMC_TETRA_TLM_H
#define TETRA_SYSTEMC_TETRA_TLM_H

#include <tlm.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <memory>
#include <systemc>

#include "systemc/tlm_config.h"

namespace tetra {

class TetraTlm : public sc_core::sc_module {
 public:
  /// Registers: 4 KiB. Reads and writes of 4 aligned bytes, writes with byte enables. b_transport, which may wait, and
  /// transport_dbg for reads.
  tlm_utils::simple_target_socket<TetraTlm> regs;
  /// Memory: a transaction for each burst, b_transport; kLt uses DMI where it is granted. Delays that the target adds
  /// are the latency of a burst.
  tlm_utils::simple_initiator_socket<TetraTlm> dram;
  /// Interrupt, level, active high.
  sc_core::sc_out<bool> irq;
  /// Reset pin, active low.
  sc_core::sc_in<bool> rst_n;

  /// Throws std::runtime_error where there is no such accelerator.
  TetraTlm(sc_core::sc_module_name name, const TlmConfig &config);
  ~TetraTlm() override;
  const TlmConfig &config() const { return config_; }

 private:
  class Host;

  void start_of_simulation() override;
  void Access(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
  unsigned Debug(tlm::tlm_generic_payload &trans);
  void InvalidateDmi(sc_dt::uint64 first, sc_dt::uint64 last);
  void Reset();

  TlmConfig config_;
  std::unique_ptr<Host> host_;
};

}  // namespace tetra

#endif
