// The accelerator as a TLM-2.0 (loosely timed) module, for virtual platforms: the Verilated RTL inside, sockets
// outside. Registers are a target socket, DRAM is an initiator socket, the interrupt a signal. The array is TETRA_TLM_N
// x TETRA_TLM_N and its Verilated class TETRA_TLM_TOP; the library tetra_tlm_N (sim/systemc/CMakeLists.txt) defines
// both.
#ifndef TETRA_SIM_TETRA_TLM_H
#define TETRA_SIM_TETRA_TLM_H

#include <tlm.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <systemc>
#include <type_traits>
#include <vector>

#define TETRA_TLM_STRING(x) #x
#define TETRA_TLM_HEADER(top) TETRA_TLM_STRING(top.h)
#include TETRA_TLM_HEADER(TETRA_TLM_TOP)

class TetraTlm : public sc_core::sc_module {
 public:
  /// Register accesses: 4 bytes, aligned, no byte enables. Blocks for as many clocks as the bus takes.
  tlm_utils::simple_target_socket<TetraTlm> regs;
  /// One transaction a burst. The target must not wait; the delay it returns passes before the first beat moves.
  tlm_utils::simple_initiator_socket<TetraTlm> dram;
  /// Interrupt, level.
  sc_core::sc_signal<bool> irq;

  TetraTlm(sc_core::sc_module_name name, sc_core::sc_time period);
  ~TetraTlm() override;
  /// Clocks since the start of simulation.
  uint64_t cycles() const { return cycle_; }

 private:
  static constexpr unsigned kBeat = TETRA_TLM_N, kQueue = 4;  // bytes of a beat; bursts under way
  // Signals as Verilator makes them: integers up to 64 bits, bit vectors above.
  using Data = std::conditional_t<kBeat == 4, uint32_t,
                                  std::conditional_t<kBeat == 8, uint64_t, sc_dt::sc_bv<static_cast<int>(8 * kBeat)>>>;
  using Strobes = std::conditional_t<(kBeat > 32), uint64_t, uint32_t>;
  using Bit = sc_core::sc_signal<bool>;
  using Word = sc_core::sc_signal<uint32_t>;
  struct Burst {
    uint32_t addr, id, resp;
    std::vector<uint8_t> data;
    size_t done;   // bytes moved
    uint64_t due;  // clock at which the first beat, or the response, may move
  };

  void BindRegisters();
  void BindMemory();
  void Access(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
  void WriteRegister(uint32_t addr, uint32_t value);
  uint32_t ReadRegister(uint32_t addr);
  void Tick() { wait(clk_.posedge_event()); }
  void Reset();
  void Serve();
  void TakeRead();
  void TakeWrite();
  void Offer();
  void Transport(tlm::tlm_command command, Burst *burst);

  sc_core::sc_time period_;
  sc_core::sc_clock clk_;
  uint64_t cycle_ = 0;
  std::deque<Burst> reads_, writes_, responses_;
  Bit rst_n_;
  Bit s_awvalid_, s_awready_, s_wvalid_, s_wready_, s_bvalid_, s_bready_, s_arvalid_, s_arready_, s_rvalid_, s_rready_;
  Word s_awaddr_, s_wdata_, s_wstrb_, s_bresp_, s_araddr_, s_rdata_, s_rresp_;
  Bit arvalid_, arready_, rvalid_, rready_, rlast_, awvalid_, awready_, wvalid_, wready_, wlast_, bvalid_, bready_;
  Word arid_, araddr_, arlen_, arsize_, arburst_, rid_, rresp_;
  Word awid_, awaddr_, awlen_, awsize_, awburst_, bid_, bresp_;
  sc_core::sc_signal<Data> rdata_, wdata_;
  sc_core::sc_signal<Strobes> wstrb_;
  std::unique_ptr<TETRA_TLM_TOP> top_;
};

#endif
