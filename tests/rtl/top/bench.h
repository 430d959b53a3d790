// The whole accelerator with a memory behind it and a host in front: registers, ring, runs.
#ifndef TETRA_TESTS_RTL_TOP_BENCH_H
#define TETRA_TESTS_RTL_TOP_BENCH_H

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "Vtetra_top.h"
#include "Vtetra_top___024root.h"
#include "common/axi_memory.h"
#include "common/command_model.h"
#include "common/fields.h"
#include "common/functional.h"
#include "common/model.h"
#include "common/random_commands.h"
#include "verilated.h"

namespace tetra_test {

constexpr int kN = TETRA_BENCH_N;
constexpr uint32_t kBase = 0x80000000, kRing = kBase + 0x100fc0;  // the ring crosses a 4 KiB boundary
constexpr size_t kMemBytes = 2u << 20;

class TopBench {
 public:
  explicit TopBench(uint64_t seed = 1)
      : rnd(seed), top_(NewModel<Vtetra_top>()), mem(top_.get(), kN, kBase, kMemBytes) {
    mem.Seed(seed + 99);
    top_->rst_ni = 0;
    BeforeReset();
    for (int i = 0; i < 3; i++) Tick();
    top_->rst_ni = 1;
    Tick();
    sizes.n = static_cast<int>(Read(TETRA_REG_ARRAY) & 0xffff);
    sizes.act = static_cast<int>(Read(TETRA_REG_ACT_WORDS));
    sizes.wgt = static_cast<int>(Read(TETRA_REG_WGT_WORDS));
    sizes.res = static_cast<int>(Read(TETRA_REG_RES_WORDS));
    sizes.par = static_cast<int>(Read(TETRA_REG_PAR_ENTRIES));
    sizes.acc = static_cast<int>(Read(TETRA_REG_ACC_PIXELS));
    sizes.pool = static_cast<int>(Read(TETRA_REG_POOL_WORDS));
  }
  ~TopBench() {
    for (const auto &v : mem.violations) ADD_FAILURE() << v;
  }

  void Tick() {
    top_->clk_i = 0;
    top_->eval();
    mem.Before();
    r_fire_ = top_->s_axil_rvalid_o && top_->s_axil_rready_i;
    r_data_ = top_->s_axil_rdata_o;
    r_resp_ = top_->s_axil_rresp_o;
    b_fire_ = top_->s_axil_bvalid_o && top_->s_axil_bready_i;
    b_resp_ = top_->s_axil_bresp_o;
    aw_fire_ = top_->s_axil_awvalid_i && top_->s_axil_awready_o;
    w_fire_ = top_->s_axil_wvalid_i && top_->s_axil_wready_o;
    ar_fire_ = top_->s_axil_arvalid_i && top_->s_axil_arready_o;
    top_->clk_i = 1;
    top_->eval();
    mem.After();
    if (!top_->irq_o) irq_low++;
    cycles++;
  }

  // Address and data arrive in a random order; the response is taken after a random delay.
  uint32_t Write(uint32_t offset, uint32_t value, int strobe = 15) {
    int aw_wait = rnd(0, 3), w_wait = rnd(0, 3), b_wait = rnd(0, 5);
    bool aw = false, w = false;
    for (int i = 0; i < 1000; i++) {
      top_->s_axil_awvalid_i = !aw && aw_wait-- <= 0;
      top_->s_axil_awaddr_i = offset & 0xfff;
      top_->s_axil_wvalid_i = !w && w_wait-- <= 0;
      top_->s_axil_wdata_i = value;
      top_->s_axil_wstrb_i = strobe & 15;
      top_->s_axil_bready_i = b_wait-- <= 0;
      Tick();
      aw = aw || aw_fire_;
      w = w || w_fire_;
      top_->s_axil_awvalid_i = top_->s_axil_wvalid_i = 0;
      if (b_fire_) {
        top_->s_axil_bready_i = 0;
        EXPECT_TRUE(aw && w);
        return b_resp_;
      }
    }
    ADD_FAILURE() << "no write response";
    return 0;
  }
  // A write whose address and data are taken in this very cycle; its answer comes two cycles later, before which
  // nothing else may be written.
  void Post(uint32_t offset, uint32_t value) {
    top_->s_axil_awvalid_i = top_->s_axil_wvalid_i = 1;
    top_->s_axil_awaddr_i = offset & 0xfff;
    top_->s_axil_wdata_i = value;
    top_->s_axil_wstrb_i = 15;
    top_->s_axil_bready_i = 1;
    Tick();
    EXPECT_TRUE(aw_fire_ && w_fire_);
    top_->s_axil_awvalid_i = top_->s_axil_wvalid_i = 0;
  }
  uint32_t Read(uint32_t offset, uint32_t *resp = nullptr) {
    int r_wait = rnd(0, 3);
    bool ar = false;
    for (int i = 0; i < 1000; i++) {
      top_->s_axil_arvalid_i = !ar;
      top_->s_axil_araddr_i = offset & 0xfff;
      top_->s_axil_rready_i = r_wait-- <= 0;
      Tick();
      ar = ar || ar_fire_;
      top_->s_axil_arvalid_i = 0;
      if (r_fire_) {
        top_->s_axil_rready_i = 0;
        if (resp) *resp = r_resp_;
        return r_data_;
      }
    }
    ADD_FAILURE() << "no read data";
    return 0;
  }
  uint64_t Counter(int c) {
    const uint64_t lo = Read(TETRA_REG_COUNTERS + 8 * c);
    return lo | static_cast<uint64_t>(Read(TETRA_REG_COUNTERS + 8 * c + 4)) << 32;
  }
  bool Irq() const { return top_->irq_o; }
  // Ticks until the interrupt line is `level`, at most so many.
  long TicksUntilIrq(bool level, long most = 100000) {
    for (long i = 0; i < most; i++) {
      if (Irq() == level) return i;
      Tick();
    }
    ADD_FAILURE() << "the interrupt line does not become " << level;
    return most;
  }
  // The nets and variables that top/backdoor.vlt keeps visible.
  Vtetra_top___024root *Root() { return top_->rootp; }

  void Reset() {
    Write(TETRA_REG_CTRL, 2);
    for (int i = 0; i < 100000 && (Read(TETRA_REG_CTRL) & 2); i++) {
    }
    ASSERT_EQ(Read(TETRA_REG_CTRL) & 2, 0u) << "reset does not end";
    ASSERT_EQ(Read(TETRA_REG_STATUS), 0u);
    ring_tail_ = 0;
  }
  // The reset pin, in the middle of whatever there is.
  void PullReset() {
    top_->rst_ni = 0;
    for (int i = 0; i < 3; i++) Tick();
    top_->rst_ni = 1;
    ring_tail_ = 0;
  }
  void Configure(uint32_t ring_entries, uint32_t limit = kBase + kMemBytes - 1) {
    ring_entries_ = ring_entries;
    Write(TETRA_REG_RING_BASE, kRing);
    Write(TETRA_REG_RING_SIZE, ring_entries);
    Write(TETRA_REG_MEM_BASE, kBase);
    Write(TETRA_REG_MEM_LIMIT, limit);
    Write(TETRA_REG_WATCHDOG, 20000);
    Write(TETRA_REG_IRQ_MASK, TETRA_IRQ_SYNC | TETRA_IRQ_ERROR);
    Write(TETRA_REG_CTRL, 1);
  }

  // Writes commands, which must fit, into the ring; gives the new tail.
  uint32_t Fill(const std::vector<tetra_cmd> &cmds) {
    EXPECT_LT(cmds.size(), ring_entries_);
    for (const tetra_cmd &c : cmds) {
      std::memcpy(&mem.data[kRing - kBase + ring_tail_ * 64u], c.word, 64);
      ring_tail_ = (ring_tail_ + 1) % ring_entries_;
    }
    return ring_tail_;
  }
  // The same, and rings the doorbell.
  void Start(const std::vector<tetra_cmd> &cmds) { Write(TETRA_REG_TAIL, Fill(cmds)); }
  // Feeds commands through the ring until the last is dispatched and the interrupt is up, or `max_cycles` passed.
  void Run(const std::vector<tetra_cmd> &cmds, long max_cycles = 3000000) {
    size_t next = 0;
    const long end = cycles + max_cycles;
    while (cycles < end) {
      const uint32_t head = Read(TETRA_REG_HEAD);
      const uint32_t used = (ring_tail_ + ring_entries_ - head) % ring_entries_;
      uint32_t room = ring_entries_ - 1 - used;
      if (next < cmds.size() && room) {
        for (; room && next < cmds.size(); room--, next++) {
          std::memcpy(&mem.data[kRing - kBase + ring_tail_ * 64u], cmds[next].word, 64);
          ring_tail_ = (ring_tail_ + 1) % ring_entries_;
        }
        Write(TETRA_REG_TAIL, ring_tail_);
      }
      for (int i = 0; i < 50 && !Irq(); i++) Tick();
      if (Irq() && (Read(TETRA_REG_IRQ_STATUS) & TETRA_IRQ_ERROR)) return;
      if (Irq()) Write(TETRA_REG_IRQ_STATUS, TETRA_IRQ_SYNC);
      if (next == cmds.size() && Read(TETRA_REG_HEAD) == ring_tail_ && !(Read(TETRA_REG_STATUS) & 1)) return;
    }
    ADD_FAILURE() << "program does not end";
  }

  Sizes sizes = {};
  Random rnd;

 private:
  // A clock in reset; neither assertions nor the bus mean anything before it.
  void BeforeReset() {
    const NoAssertions unchecked;
    for (int clk : {0, 1}) {
      top_->clk_i = static_cast<uint8_t>(clk);
      top_->eval();
    }
  }
  ModelPtr<Vtetra_top> top_;
  bool r_fire_ = false, b_fire_ = false, aw_fire_ = false, w_fire_ = false, ar_fire_ = false;
  uint32_t r_data_ = 0, r_resp_ = 0, b_resp_ = 0, ring_tail_ = 0, ring_entries_ = 0;

 public:
  AxiMemory<Vtetra_top> mem;
  long cycles = 0, irq_low = 0;  // since power-up; in how many of them the interrupt line was low
};

// One row of beats from the memory's start into the activation buffer.
inline tetra_cmd LoadCommand(uint32_t beats, int layer = 0) {
  tetra_cmd c = {};
  Set(&c, TETRA_F_OP, TETRA_OP_LOAD);
  Set(&c, TETRA_F_LAYER, layer);
  Set(&c, TETRA_F_LOAD_ADDR, kBase);
  Set(&c, TETRA_F_LOAD_BEATS, beats);
  Set(&c, TETRA_F_LOAD_COUNT, 1);
  return c;
}
inline tetra_cmd SyncCommand(uint32_t tag) {
  tetra_cmd c = {};
  Set(&c, TETRA_F_OP, TETRA_OP_SYNC);
  Set(&c, TETRA_F_SYNC_TAG, tag);
  return c;
}

// A random program with exactly the tokens it needs, and what it must do. Memory below the ring is
// [source 512 KiB][results 512 KiB].
class Program {
 public:
  // fill: memory gets data and parameters; without it is as it was.
  Program(TopBench *b, uint64_t seed, bool fill = true) : model(b->sizes, kBase, kMemBytes), s(b->sizes), rnd(seed) {
    if (!fill) return;
    RandomBytes(rnd, model.dram.data(), kSource);
    for (size_t i = 0; i < kParams / 16; i++) RandomRecord(rnd, &model.dram[i * 16]);
    b->mem.data = model.dram;
  }
  void Add(tetra_cmd c) {
    model.Execute(&c);
    AddNoise(rnd, &c);
    SampleCommand(c);
    latest = tetra_cmd_get(&c, TETRA_F_OP) == TETRA_OP_SYNC ? latest : c;
    cmds.push_back(c);
  }
  // Every buffer is filled and every accumulator written.
  void Prologue() {
    const int words[4] = {s.act, s.wgt, s.res, s.par * 16};
    for (int buf = 3; buf >= 0; buf--) {
      tetra_cmd c = {};
      Set(&c, TETRA_F_OP, TETRA_OP_LOAD);
      Set(&c, TETRA_F_LAYER, 511);
      Set(&c, TETRA_F_LOAD_DST, buf);
      Set(&c, TETRA_F_LOAD_ADDR, kBase + (buf == TETRA_BUF_PAR ? 0 : kParams + buf * 64 * 256));
      Set(&c, TETRA_F_LOAD_BEATS, words[buf] * s.n > 65536 ? 65536 / s.n : words[buf]);
      Set(&c, TETRA_F_LOAD_COUNT, words[buf] * s.n > 65536 ? words[buf] * s.n / 65536 : 1);
      Set(&c, TETRA_F_LOAD_DST_STRIDE, 65536 / s.n);
      Set(&c, TETRA_F_LOAD_ADDR_STRIDE, s.n);
      Add(c);
    }
    for (int buf = 0; buf < 2; buf++) {
      tetra_cmd c = RandomCompute(rnd, s, true, false, buf, 0, true, 1, s.acc);
      Set(&c, TETRA_F_COMP_MAX, 0);
      Add(c);
    }
  }
  void AddLoad() {
    tetra_cmd c = {};
    const bool par = rnd(0, 5) == 0;
    const int beats = par ? 16 * rnd(1, 2) : rnd(0, 5) ? rnd(1, 100) : rnd(100, 300), count = par ? 1 : rnd(1, 3);
    Set(&c, TETRA_F_OP, TETRA_OP_LOAD);
    Set(&c, TETRA_F_LAYER, rnd(0, 511));
    Set(&c, TETRA_F_LOAD_DST, par ? TETRA_BUF_PAR : rnd(0, 2));
    Set(&c, TETRA_F_LOAD_DST_ADDR, par ? 16 * rnd(0, s.par - 1) : rnd(0, 65535));
    if (tetra_cmd_get(&c, TETRA_F_LOAD_DST) == TETRA_BUF_WGT) Set(&c, TETRA_F_LOAD_NARROW, rnd(0, 2));
    // Parameters only from whole records; other sources may be earlier results.
    const uint32_t at =
        par ? rnd(0, static_cast<int>(kParams) / 1024 - 2) * 1024 : rnd(0, (1 << 20) / s.n - 4000) * s.n;
    Set(&c, TETRA_F_LOAD_ADDR, kBase + at);
    Set(&c, TETRA_F_LOAD_BEATS, par && beats * s.n > 1024 ? 1024 / s.n : beats);
    Set(&c, TETRA_F_LOAD_COUNT, count);
    Set(&c, TETRA_F_LOAD_DST_STRIDE, rnd(0, 400));
    Set(&c, TETRA_F_LOAD_ADDR_STRIDE, rnd(0, 400) * s.n);
    Add(c);
  }
  void AddPack() {
    tetra_cmd c = RandomPack(rnd, s);
    Set(&c, TETRA_F_LAYER, rnd(0, 511));
    Add(c);
  }
  void AddCompute() {
    const int oy = rnd(0, 3) ? rnd(1, 6) : 1, ox = rnd(0, 3) ? rnd(1, 30) : 1;
    tetra_cmd c = RandomCompute(rnd, s, rnd(0, 1), rnd(0, 1), rnd(0, 1), rnd(0, 1), rnd(0, 2) == 0, oy, ox);
    Set(&c, TETRA_F_COMP_ACC_BASE, rnd(0, 65535));
    Set(&c, TETRA_F_LAYER, rnd(0, 511));
    Add(c);
  }
  void AddStore() {
    const int pixels = rnd(0, 3) ? rnd(1, 100) : rnd(1, s.acc), seg = rnd(0, 2) ? rnd(1, pixels) : pixels;
    tetra_cmd c = RandomStore(rnd, s, rnd(0, 1), pixels, seg, rnd(0, 3));
    if (rnd(0, 3) == 0) RandomPool(rnd, rnd(1, 6), rnd(2, 30), model.line, &c);
    Set(&c, TETRA_F_STORE_ACC_BASE, rnd(0, 65535));
    Set(&c, TETRA_F_STORE_SEG_STRIDE, (seg + rnd(0, 20)) * s.n);
    // Each output stays in its half of the results: base and stride below 64 KiB, segments over 100 KB at most.
    Set(&c, TETRA_F_STORE_OUT0_ADDR, kBase + kSource + rnd(0, 65535 / s.n) * s.n);
    Set(&c, TETRA_F_STORE_OUT1_ADDR, kBase + kSource + kResults / 2 + rnd(0, 65535 / s.n) * s.n);
    Set(&c, TETRA_F_STORE_OUT0_HALF_STRIDE, rnd(0, 65535 / s.n) * s.n);
    Set(&c, TETRA_F_STORE_OUT1_HALF_STRIDE, rnd(0, 65535 / s.n) * s.n);
    while (static_cast<int>(tetra_cmd_get(&c, TETRA_F_STORE_SEG_STRIDE)) * ((pixels + seg - 1) / seg) > 100000)
      Set(&c, TETRA_F_STORE_SEG_STRIDE, tetra_cmd_get(&c, TETRA_F_STORE_SEG_STRIDE) / 2 / s.n * s.n);
    const bool last = rnd(0, 2) == 0 && logged.size() < 32;
    const int layer = rnd(0, 511);
    Set(&c, TETRA_F_STORE_LAST, last);
    Set(&c, TETRA_F_LAYER, layer);
    if (last) logged.push_back(layer);
    Add(c);
  }
  void AddSync(uint32_t tag) { Add(SyncCommand(tag)); }
  void AddRandom(int n) {
    for (int i = 0; i < n; i++) {
      const int what = rnd(0, 15);
      if (what < 4)
        AddLoad();
      else if (what < 5)
        AddPack();
      else if (what < 11)
        AddCompute();
      else if (what < 15)
        AddStore();
      else
        AddSync(static_cast<uint32_t>(rnd(0, 0x7fffffff)));
    }
    AddSync(last_tag);
  }
  // A LOAD, PACK, COMPUTE or STORE (0 to 3) that waits by the tokens of `set`, for all commands before it, and by those
  // that its operands need if the others are still under way.
  void AddWithWaits(int what, int set, bool needed) {
    const uint32_t before[4] = {model.done[0], model.done[1], model.done[2], model.done[3]};
    (this->*(std::array<void (Program::*)(), 4>{&Program::AddLoad, &Program::AddPack, &Program::AddCompute,
                                                &Program::AddStore}[static_cast<size_t>(what)]))();
    const tetra_field wait[4] = {TETRA_F_WAIT_LOAD, TETRA_F_WAIT_COMPUTE, TETRA_F_WAIT_DRAIN, TETRA_F_WAIT_STORE};
    tetra_cmd *c = &cmds.back();
    uint32_t en = needed ? tetra_cmd_get(c, TETRA_F_WAIT_EN) : 0;
    for (int t = 0; t < 4; t++)
      if (set >> t & 1) {
        Set(c, wait[t], before[t]);
        en |= 1u << t;
      }
    Set(c, TETRA_F_WAIT_EN, en);
    SampleCommand(*c);
  }
  // Everything the program should have left behind.
  void Check(TopBench *b) {
    ASSERT_EQ(b->Read(TETRA_REG_ERR_CAUSE), 0u) << "index " << b->Read(TETRA_REG_ERR_INDEX);
    EXPECT_EQ(b->Read(TETRA_REG_COMPLETED), last_tag);
    for (size_t i = 0; i < kSource + kResults; i++)
      ASSERT_EQ(b->mem.data[i], model.dram[i]) << "address 0x" << std::hex << kBase + i;
    EXPECT_EQ(b->Counter(TETRA_CNT_BUSY), model.pixels);
    EXPECT_EQ(b->Counter(TETRA_CNT_SAT0), model.sat[0]);
    EXPECT_EQ(b->Counter(TETRA_CNT_SAT1), model.sat[1]);
    EXPECT_EQ(b->Counter(TETRA_CNT_FETCH_BYTES), cmds.size() * 64);
    EXPECT_EQ(b->Counter(TETRA_CNT_WRITE_BYTES), model.words.size() * s.n);
    uint64_t read_beats = 0;
    for (const auto &l : model.layers) read_beats += l.second.read_beats;
    EXPECT_EQ(b->Counter(TETRA_CNT_READ_BYTES), read_beats * s.n);
    CheckClasses(b);
    CheckLog(b);
    for (const auto &l : model.layers) {
      b->Write(TETRA_REG_LAYER_SEL, l.first);
      EXPECT_EQ(b->Read(TETRA_REG_LAYER_BUSY), l.second.pixels) << "layer " << l.first;
      EXPECT_EQ(b->Read(TETRA_REG_LAYER_READ), l.second.read_beats) << "layer " << l.first;
      EXPECT_EQ(b->Read(TETRA_REG_LAYER_WRITE), l.second.write_beats) << "layer " << l.first;
    }
  }
  static void CheckClasses(TopBench *b) {
    uint64_t sum = 0;
    for (int c = TETRA_CNT_BUSY; c <= TETRA_CNT_TAIL; c++) sum += b->Counter(c);
    EXPECT_EQ(sum, b->Counter(TETRA_CNT_CYCLES));
  }
  void CheckLog(TopBench *b) {
    ASSERT_EQ(b->Read(TETRA_REG_LOG_COUNT), logged.size());
    uint64_t previous = 0;
    for (int layer : logged) {
      EXPECT_EQ(b->Read(TETRA_REG_LOG_LAYER), static_cast<uint32_t>(layer));
      const uint64_t cycle = b->Read(TETRA_REG_LOG_CYCLE_LO) | static_cast<uint64_t>(b->Read(TETRA_REG_LOG_CYCLE_HI))
                                                                   << 32;
      EXPECT_GT(cycle, previous);
      EXPECT_LE(cycle, b->Counter(TETRA_CNT_CYCLES));
      previous = cycle;
      b->Write(TETRA_REG_LOG_CYCLE_HI, 0);
    }
    EXPECT_EQ(b->Read(TETRA_REG_LOG_COUNT), 0u);
  }

  // The latest command but SYNC, field by field.
  std::string Dump() const {
    std::string text;
    for (const NamedField &f : AllFields())
      if (Counts(latest, f.name)) text += f.name + "=" + std::to_string(tetra_cmd_get(&latest, f.field)) + " ";
    return text + "\n";
  }

  static constexpr size_t kSource = 512 * 1024, kResults = 512 * 1024, kParams = 128 * 1024;
  static constexpr uint32_t last_tag = 0xc0ffee;
  Machine model;
  Sizes s;
  Random rnd;
  std::vector<tetra_cmd> cmds;
  std::vector<int> logged;
  tetra_cmd latest = {};
};

}  // namespace tetra_test
#endif
