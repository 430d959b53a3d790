// netlist FAULT [TOGGLES]: the RTL, by Verilator, and its mapped netlist in netlist.txt (gates.h) side by side, with
// one memory and one host. Runs the commands of image.hex, of which those up to each number in tails.hex are a phase;
// in every clock the netlist's outputs are compared with the RTL's. Prints "phase K CYCLES", and PASS or FAIL; writes
// into TOGGLES, a line a phase, how often each net of the netlist changed. FAULT is the gate that computes its
// function's complement, -1: none.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "Vtetra_top.h"
#include "gates.h"
#include "tetra/hw.h"
#include "verilated.h"

double sc_time_stamp() { return 0; }

namespace {

constexpr int kBytes = 4;  // of a memory word: the array's side
constexpr int kPhaseCycles = 20000;
constexpr unsigned kRegisters = 0x200;  // bytes of the register space that has anything

std::vector<uint32_t> ReadHex(const char *path) {
  std::vector<uint32_t> words;
  std::ifstream in(path);
  for (std::string line; in >> line;) words.push_back(static_cast<uint32_t>(std::stoul(line, nullptr, 16)));
  return words;
}

// One read burst and one write burst at a time, without waiting.
class Memory {
 public:
  explicit Memory(std::vector<uint32_t> words) : words_(std::move(words)) {}
  uint64_t written() const { return written_; }

  // What the ports do at this clock edge, from what they show before it.
  void Clock(const Vtetra_top &t) {
    const bool beat_taken = t.m_axi_rvalid_i && t.m_axi_rready_o;
    if (t.m_axi_arvalid_o && t.m_axi_arready_i) {
      read_at_ = t.m_axi_araddr_o / kBytes;
      left_ = t.m_axi_arlen_o + 1u;
      rid_ = t.m_axi_arid_o;
    }
    if (beat_taken) rvalid_ = false;
    if (left_ != 0 && !rvalid_) {
      rdata_ = words_[read_at_++ % words_.size()];
      rvalid_ = true;
      rlast_ = --left_ == 0;
    }
    if (t.m_axi_bvalid_i && t.m_axi_bready_o) bvalid_ = false;
    if (t.m_axi_wvalid_o && t.m_axi_wready_i) {
      words_[write_at_++ % words_.size()] = t.m_axi_wdata_o;
      ++written_;
      if (t.m_axi_wlast_o) {
        open_ = false;
        bvalid_ = true;
      }
    }
    if (t.m_axi_awvalid_o && t.m_axi_awready_i) {
      write_at_ = t.m_axi_awaddr_o / kBytes;
      open_ = true;
      bid_ = t.m_axi_awid_o;
    }
  }
  void Drive(Vtetra_top *t) const {
    t->m_axi_arready_i = left_ == 0 && !rvalid_;
    t->m_axi_rvalid_i = rvalid_;
    t->m_axi_rlast_i = rlast_;
    t->m_axi_rid_i = rid_;
    t->m_axi_rdata_i = rdata_;
    t->m_axi_awready_i = !open_ && !bvalid_;
    t->m_axi_wready_i = open_;
    t->m_axi_bvalid_i = bvalid_;
    t->m_axi_bid_i = bid_;
  }

 private:
  std::vector<uint32_t> words_;
  uint32_t read_at_ = 0, write_at_ = 0, left_ = 0, rdata_ = 0;
  uint64_t written_ = 0;
  uint8_t rid_ = 0, bid_ = 0;
  bool rvalid_ = false, rlast_ = false, open_ = false, bvalid_ = false;
};

// Ports, by name: of the RTL, and through it of the netlist. An output counts where `valid` is 1.
#define TETRA_INPUTS(X)                                                                                            \
  X(rst_ni)                                                                                                        \
  X(s_axil_awaddr_i)                                                                                               \
  X(s_axil_awvalid_i) X(s_axil_wdata_i) X(s_axil_wstrb_i) X(s_axil_wvalid_i) X(s_axil_bready_i) X(s_axil_araddr_i) \
      X(s_axil_arvalid_i) X(s_axil_rready_i) X(m_axi_arready_i) X(m_axi_rid_i) X(m_axi_rdata_i) X(m_axi_rresp_i)   \
          X(m_axi_rlast_i) X(m_axi_rvalid_i) X(m_axi_awready_i) X(m_axi_wready_i) X(m_axi_bid_i) X(m_axi_bresp_i)  \
              X(m_axi_bvalid_i)
#define TETRA_OUTPUTS(X)                                                                                              \
  X(s_axil_awready_o, 1)                                                                                              \
  X(s_axil_wready_o, 1)                                                                                               \
  X(s_axil_bvalid_o, 1) X(s_axil_bresp_o, t.s_axil_bvalid_o) X(s_axil_arready_o, 1) X(s_axil_rvalid_o, 1)             \
      X(s_axil_rdata_o, t.s_axil_rvalid_o) X(s_axil_rresp_o, t.s_axil_rvalid_o) X(m_axi_arvalid_o, 1)                 \
          X(m_axi_arid_o, t.m_axi_arvalid_o) X(m_axi_araddr_o, t.m_axi_arvalid_o) X(m_axi_arlen_o, t.m_axi_arvalid_o) \
              X(m_axi_arsize_o, t.m_axi_arvalid_o) X(m_axi_arburst_o, t.m_axi_arvalid_o) X(m_axi_rready_o, 1)         \
                  X(m_axi_awvalid_o, 1) X(m_axi_awid_o, t.m_axi_awvalid_o) X(m_axi_awaddr_o, t.m_axi_awvalid_o)       \
                      X(m_axi_awlen_o, t.m_axi_awvalid_o) X(m_axi_awsize_o, t.m_axi_awvalid_o)                        \
                          X(m_axi_awburst_o, t.m_axi_awvalid_o) X(m_axi_wvalid_o, 1)                                  \
                              X(m_axi_wdata_o, t.m_axi_wvalid_o) X(m_axi_wstrb_o, t.m_axi_wvalid_o)                   \
                                  X(m_axi_wlast_o, t.m_axi_wvalid_o) X(m_axi_bready_o, 1) X(irq_o, 1)

class Bench {
 public:
  Bench(VerilatedContext *context, int fault)
      : top_(context), gates_("netlist.txt", fault), memory_(ReadHex("image.hex")) {
    top_.clk_i = 0;
#define TETRA_CLEAR(port) top_.port = 0;
    TETRA_INPUTS(TETRA_CLEAR)
#undef TETRA_CLEAR
    top_.s_axil_wstrb_i = 15;
    top_.s_axil_bready_i = top_.s_axil_rready_i = 1;
    memory_.Drive(&top_);
  }
  Vtetra_top &top() { return top_; }
  uint64_t clocks() const { return clocks_; }
  uint64_t differences() const { return differences_; }
  uint64_t written() const { return memory_.written(); }

  void Cycle() {
    SettleRtl();
#define TETRA_SET(port) gates_.Set(#port, top_.port);
    TETRA_INPUTS(TETRA_SET)
#undef TETRA_SET
    gates_.Settle();
    if (top_.rst_ni) Compare();
    if (top_.rst_ni) memory_.Clock(top_);
    top_.clk_i = 1;
    top_.eval();
    gates_.Clock();
    memory_.Drive(&top_);
  }

  // Waits for each handshake by itself, as AXI4-Lite allows.
  void WriteRegister(unsigned address, uint32_t value) {
    top_.s_axil_awaddr_i = static_cast<uint16_t>(address);
    top_.s_axil_wdata_i = value;
    top_.s_axil_awvalid_i = top_.s_axil_wvalid_i = 1;
    for (int i = 0; i < kPhaseCycles && (top_.s_axil_awvalid_i || top_.s_axil_wvalid_i); ++i) {
      SettleRtl();
      const bool address_taken = top_.s_axil_awready_o, data_taken = top_.s_axil_wready_o;
      Cycle();
      if (address_taken) top_.s_axil_awvalid_i = 0;
      if (data_taken) top_.s_axil_wvalid_i = 0;
    }
    for (int i = 0; i < kPhaseCycles && !top_.s_axil_bvalid_o; ++i) Cycle();
    Cycle();
  }

  uint32_t ReadRegister(unsigned address) {
    top_.s_axil_araddr_i = static_cast<uint16_t>(address);
    top_.s_axil_arvalid_i = 1;
    for (int i = 0; i < kPhaseCycles && top_.s_axil_arvalid_i; ++i) {
      SettleRtl();
      const bool taken = top_.s_axil_arready_o;
      Cycle();
      if (taken) top_.s_axil_arvalid_i = 0;
    }
    SettleRtl();
    for (int i = 0; i < kPhaseCycles && !top_.s_axil_rvalid_o; ++i) {
      Cycle();
      SettleRtl();
    }
    const uint32_t value = top_.s_axil_rdata_o;
    Cycle();
    return value;
  }

  void StartCounting() { gates_.ClearCounts(); }
  void StopCounting(std::ostream *out) {
    if (out == nullptr) return;
    for (const uint32_t n : gates_.counts()) *out << n << ' ';
    *out << '\n';
  }

 private:
  void SettleRtl() {
    top_.clk_i = 0;
    top_.eval();
  }
  void Compare() {
    const Vtetra_top &t = top_;
    ++clocks_;
#define TETRA_COMPARE(port, valid) \
  if ((valid) && gates_.Get(#port) != t.port) Differ(#port, t.port, gates_.Get(#port));
    TETRA_OUTPUTS(TETRA_COMPARE)
#undef TETRA_COMPARE
  }
  void Differ(const char *port, uint64_t rtl, uint64_t netlist) {
    if (++differences_ == 1) {
      std::printf("clock %llu: %s is %llx in the RTL and %llx in the netlist\n",
                  static_cast<unsigned long long>(clocks_), port, static_cast<unsigned long long>(rtl),
                  static_cast<unsigned long long>(netlist));
    }
  }

  Vtetra_top top_;
  Gates gates_;
  Memory memory_;
  uint64_t clocks_ = 0, differences_ = 0;
};

// The phases one after the other; stops where the outputs differ or a phase does not end.
bool Run(Bench *b, const std::vector<uint32_t> &tails, std::ostream *toggles) {
  for (int i = 0; i < 4; ++i) b->Cycle();
  b->top().rst_ni = 1;
  for (int i = 0; i < 600; ++i) b->Cycle();  // counters of layers are cleared
  b->WriteRegister(TETRA_REG_RING_BASE, 0);
  b->WriteRegister(TETRA_REG_RING_SIZE, tails.back() + 1);
  b->WriteRegister(TETRA_REG_IRQ_MASK, TETRA_IRQ_SYNC | TETRA_IRQ_ERROR);
  b->WriteRegister(TETRA_REG_CTRL, TETRA_CTRL_ENABLE);
  for (size_t phase = 0; phase < tails.size(); ++phase) {
    const uint64_t from = b->clocks();
    b->StartCounting();
    b->WriteRegister(TETRA_REG_TAIL, tails[phase]);
    for (int i = 0; i < kPhaseCycles && !b->top().irq_o && b->differences() == 0; ++i) b->Cycle();
    b->StopCounting(toggles);
    std::printf("phase %zu %llu\n", phase, static_cast<unsigned long long>(b->clocks() - from));
    if (b->differences() != 0) return false;
    if (!b->top().irq_o || (b->ReadRegister(TETRA_REG_IRQ_STATUS) & TETRA_IRQ_ERROR)) {
      std::printf("phase %zu does not end; error %u, command %u\n", phase, b->ReadRegister(TETRA_REG_ERR_CAUSE),
                  b->ReadRegister(TETRA_REG_ERR_INDEX));
      return false;
    }
    b->WriteRegister(TETRA_REG_IRQ_STATUS, TETRA_IRQ_SYNC);
  }
  // Counters, log and capabilities are outputs, too, where they are read.
  for (unsigned address = 0; address < kRegisters && b->differences() == 0; address += 4) b->ReadRegister(address);
  return b->differences() == 0 && b->written() > 0;
}

}  // namespace

int main(int argc, char **argv) {
  VerilatedContext context;
  context.commandArgs(argc, argv);
  context.randReset(2);
  context.randSeed(1);
  std::ofstream toggles;
  if (argc > 2) toggles.open(argv[2]);
  Bench bench(&context, argc > 1 ? std::atoi(argv[1]) : -1);
  const bool good = Run(&bench, ReadHex("tails.hex"), argc > 2 ? &toggles : nullptr);
  std::printf("%llu clocks, %llu words written\n%s\n", static_cast<unsigned long long>(bench.clocks()),
              static_cast<unsigned long long>(bench.written()), good ? "PASS" : "FAIL");
  return good ? 0 : 1;
}
