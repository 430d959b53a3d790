// How fast the accelerator simulates: a long run of loads, 196-pixel COMPUTEs (8-bit by 8-bit, 9 k-steps of 3 x 3) and
// stores, with the simplest memory. Prints cycles, array-busy share and kHz: a tool, not a test.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <utility>
#include <vector>

#include "Vtetra_top.h"
#include "common/random_commands.h"
#include "verilated.h"

double sc_time_stamp() { return 0; }

namespace {

using namespace tetra_test;
constexpr int kN = TETRA_BENCH_N;
constexpr uint32_t kRing = 0x200000;

struct Burst {
  uint32_t addr;
  int beats, id;
};

Vtetra_top top;
std::vector<uint8_t> memory(4u << 20);
std::deque<Burst> reads, writes;
int responses = 0;

// A beat a cycle each way, no latency.
void Tick() {
  top.clk_i = 0;
  top.eval();
  const bool ar = top.m_axi_arvalid_o, aw = top.m_axi_awvalid_o, w = top.m_axi_wvalid_o && top.m_axi_wready_i;
  const bool r = top.m_axi_rvalid_i && top.m_axi_rready_o, b = top.m_axi_bvalid_i;
  if (ar) reads.push_back({top.m_axi_araddr_o, top.m_axi_arlen_o + 1, top.m_axi_arid_o});
  if (aw) writes.push_back({top.m_axi_awaddr_o, top.m_axi_awlen_o + 1, 0});
  if (w) {
    std::memcpy(&memory[writes.front().addr], &top.m_axi_wdata_o, kN);
    writes.front().addr += kN;
    if (--writes.front().beats == 0) {
      writes.pop_front();
      responses++;
    }
  }
  if (r) {
    reads.front().addr += kN;
    if (--reads.front().beats == 0) reads.pop_front();
  }
  if (b) responses--;
  top.clk_i = 1;
  top.eval();
  top.m_axi_rvalid_i = !reads.empty();
  if (!reads.empty()) {
    std::memcpy(&top.m_axi_rdata_i, &memory[reads.front().addr], kN);
    top.m_axi_rid_i = static_cast<uint8_t>(reads.front().id);
    top.m_axi_rlast_i = reads.front().beats == 1;
  }
  top.m_axi_wready_i = !writes.empty();
  top.m_axi_bvalid_i = responses > 0;
}

void Write(uint32_t offset, uint32_t value) {
  top.s_axil_awaddr_i = offset & 0xfff;
  top.s_axil_wdata_i = value;
  top.s_axil_wstrb_i = 15;
  top.s_axil_awvalid_i = top.s_axil_wvalid_i = 1;
  Tick();
  top.s_axil_awvalid_i = top.s_axil_wvalid_i = 0;
  for (int i = 0; i < 4; i++) Tick();
}
uint32_t Read(uint32_t offset) {
  top.s_axil_araddr_i = offset & 0xfff;
  top.s_axil_arvalid_i = 1;
  Tick();
  top.s_axil_arvalid_i = 0;
  while (!top.s_axil_rvalid_o) Tick();
  const uint32_t v = top.s_axil_rdata_o;
  Tick();
  return v;
}

}  // namespace

int main(int argc, char **argv) {
  const int tiles = argc > 1 ? std::atoi(argv[1]) : 400;
  const Sizes s = {kN, 16384, 8192, kN < 16 ? 16384 / kN : 1024, 64, 256, 8192 / kN};
  Random rnd(1);
  RandomBytes(rnd, memory.data(), memory.size());
  std::vector<tetra_cmd> cmds;
  for (int t = 0; t < tiles; t++) {
    tetra_cmd load = {}, st = RandomStore(rnd, s, t & 1, 196, 196, 0);
    Set(&load, TETRA_F_OP, TETRA_OP_LOAD);
    Set(&load, TETRA_F_LOAD_DST, t & 1);
    Set(&load, TETRA_F_LOAD_BEATS, 800);
    Set(&load, TETRA_F_LOAD_COUNT, 1);
    cmds.push_back(load);
    for (int half = 0; half < 2; half++) {
      tetra_cmd c = RandomCompute(rnd, s, true, true, t & 1, half, true, 14, 14);
      const std::vector<std::pair<tetra_field, int>> fields = {
          {TETRA_F_COMP_KB, 2},  {TETRA_F_COMP_KH, 3},        {TETRA_F_COMP_KW, 3}, {TETRA_F_COMP_HOLD, 0},
          {TETRA_F_COMP_MAX, 0}, {TETRA_F_COMP_H, 14},        {TETRA_F_COMP_W, 14}, {TETRA_F_COMP_SX, 1},
          {TETRA_F_COMP_SY, 1},  {TETRA_F_COMP_ACT_SIGNED, 1}};
      for (const auto &f : fields) Set(&c, f.first, f.second);
      Set(&c, TETRA_F_WAIT_EN, t >= 2 ? 4 : 0);
      Set(&c, TETRA_F_WAIT_DRAIN, t - 1);
      cmds.push_back(c);
    }
    Set(&st, TETRA_F_STORE_OUT0_ADDR, 0x100000);
    Set(&st, TETRA_F_STORE_OUT1_ADDR, 0x140000);
    Set(&st, TETRA_F_STORE_TWO_OUT, 0);
    Set(&st, TETRA_F_STORE_OUT0_HALF_STRIDE, 0x4000);
    Set(&st, TETRA_F_WAIT_EN, 2);
    Set(&st, TETRA_F_WAIT_COMPUTE, 2 * t + 2);
    cmds.push_back(st);
  }
  tetra_cmd sync = {};
  Set(&sync, TETRA_F_OP, TETRA_OP_SYNC);
  cmds.push_back(sync);
  std::memcpy(&memory[kRing], cmds.data(), cmds.size() * 64);

  top.m_axi_arready_i = top.m_axi_awready_i = 1;
  top.s_axil_bready_i = top.s_axil_rready_i = 1;
  Tick();
  top.rst_ni = 1;
  for (int i = 0; i < 600; i++) Tick();
  Write(TETRA_REG_RING_BASE, kRing);
  Write(TETRA_REG_RING_SIZE, static_cast<uint32_t>(cmds.size()) + 1);
  Write(TETRA_REG_IRQ_MASK, 3);
  Write(TETRA_REG_CTRL, 1);
  Write(TETRA_REG_TAIL, static_cast<uint32_t>(cmds.size()));
  const auto start = std::chrono::steady_clock::now();
  while (!top.irq_o) Tick();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (Read(TETRA_REG_ERR_CAUSE)) std::printf("error %u\n", Read(TETRA_REG_ERR_CAUSE));
  const double cycles = Read(TETRA_REG_COUNTERS), busy = Read(TETRA_REG_COUNTERS + 8 * TETRA_CNT_BUSY);
  std::printf("%dx%d: %.0f cycles, array busy %.1f %%, %.3f s, %.0f kHz\n", kN, kN, cycles, 100 * busy / cycles,
              seconds, cycles / seconds / 1000);
  return 0;
}
