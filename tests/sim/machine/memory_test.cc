// The AXI memory model: exact bandwidth and latency, order, errors, stalls.
#include "machine/memory.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

constexpr uint32_t kBase = 0x10000000;
constexpr uint32_t kBeat = 16;

// A memory and the master that talks to it; each Cycle() is one clock.
class Bench {
 public:
  explicit Bench(uint32_t bytes_per_cycle = 16, uint32_t latency = 4, double stall = 0, uint64_t seed = 1) {
    tetra_mem_config cfg = {kBase, 1 << 20, kBeat, {bytes_per_cycle, latency}, stall, seed};
    tetra_error err = {};
    EXPECT_EQ(tetra_mem_init(&mem, &cfg, &err), TETRA_OK) << err.msg;
    m.arsize = m.awsize = 4;
    m.wstrb = 0xffff;
    m.wdata = data;
  }
  ~Bench() { tetra_mem_free(&mem); }

  // What happened in this clock is in the flags.
  void Cycle() {
    tetra_mem_drive(&mem, m.wvalid, kBeat);
    ar = m.arvalid && mem.arready;
    r = mem.rvalid && m.rready;
    aw = m.awvalid && mem.awready;
    w = m.wvalid && mem.wready;
    b = mem.bvalid && m.bready;
    rlast = mem.rlast;
    resp = r ? mem.rresp : b ? mem.bresp : 0;
    rdata = r && mem.rdata != nullptr ? std::string(reinterpret_cast<const char *>(mem.rdata), kBeat) : "";
    tetra_mem_sample(&mem, &m, kBeat);
  }
  void AskRead(uint32_t addr, int beats, int id = 0) {
    m.araddr = addr;
    m.arlen = static_cast<uint8_t>(beats - 1);
    m.arid = static_cast<uint8_t>(id);
    m.arvalid = 1;
  }
  void AskWrite(uint32_t addr, int beats) {
    m.awaddr = addr;
    m.awlen = static_cast<uint8_t>(beats - 1);
    m.awvalid = 1;
  }
  // Reads one burst to its end; returns the response of its last beat.
  int Read(uint32_t addr, int beats, std::string *bytes = nullptr, int id = 0) {
    AskRead(addr, beats, id);
    m.rready = 1;
    for (int i = 0; i < 100000; i++) {
      Cycle();
      if (ar) m.arvalid = 0;
      if (r && bytes != nullptr) *bytes += rdata;
      if (r && rlast) return resp;
    }
    ADD_FAILURE() << "read not answered";
    return -1;
  }
  // Writes one burst of `data`; returns the response.
  int Write(uint32_t addr, int beats) {
    AskWrite(addr, beats);
    m.bready = 1;
    m.wvalid = 1;
    int left = beats;
    m.wlast = left == 1;
    for (int i = 0; i < 100000; i++) {
      Cycle();
      if (aw) m.awvalid = 0;
      if (w) {
        left--;
        m.wvalid = left > 0;
        m.wlast = left == 1;
      }
      if (b) return resp;
    }
    ADD_FAILURE() << "write not answered";
    return -1;
  }

  tetra_mem mem;
  tetra_axi_master m = {};
  uint8_t data[kBeat] = {};
  bool ar = false, r = false, aw = false, w = false, b = false, rlast = false;
  int resp = 0;
  std::string rdata;
};

TEST(Bandwidth, ReadBeatsFollowTheTokenBucketExactly) {
  const int64_t bucket = 64 * kBeat;
  for (uint32_t rate : {1u, 3u, 8u, 15u, 16u, 40u}) {
    Bench t(rate, 2000);  // long enough for the bucket to be full when the first beat is due
    t.m.rready = 1;
    t.AskRead(kBase, 64);
    int64_t beats = 0, cycles = 0;
    for (int i = 0; i < 9000; i++) {
      t.Cycle();
      beats += t.r;
      if (beats == 0) continue;
      cycles++;
      // Only until the 16 reads in flight at first are used up: from then on latency limits, not bandwidth.
      if (beats >= 16 * 64) break;
      const int64_t paid = (bucket + (cycles - 1) * static_cast<int64_t>(rate)) / kBeat;
      ASSERT_EQ(beats, std::min(cycles, paid)) << "rate " << rate << " cycle " << cycles;
    }
    EXPECT_GT(cycles, 500);
  }
}

TEST(Bandwidth, WriteBeatsFollowTheTokenBucketExactly) {
  for (uint32_t rate : {1u, 5u, 16u}) {
    Bench t(rate, 1);
    for (int i = 0; i < 2000; i++) t.Cycle();
    t.AskWrite(kBase, 64);
    t.m.wvalid = 1;
    t.m.bready = 1;
    int64_t beats = 0, cycles = 0;
    for (int i = 0; i < 4000; i++) {
      t.m.wlast = beats % 64 == 63;
      t.Cycle();
      beats += t.w;
      if (beats == 0) continue;
      cycles++;
      const int64_t paid = (64 * kBeat + (cycles - 1) * static_cast<int64_t>(rate)) / kBeat;
      ASSERT_EQ(beats, std::min(cycles, paid)) << "rate " << rate << " cycle " << cycles;
    }
    EXPECT_EQ(t.mem.violation.code, TETRA_OK) << t.mem.violation.msg;
  }
}

TEST(Bandwidth, ReadsAndWritesShareItAndTakeTurns) {
  Bench t(16, 1);
  t.m.rready = t.m.bready = t.m.wvalid = 1;
  t.AskRead(kBase, 64);
  t.AskWrite(kBase + 65536, 64);
  for (int i = 0; i < 3000; i++) {
    t.m.wlast = t.mem.write_beats % 64 == 63;
    t.Cycle();
  }
  const auto reads = static_cast<int64_t>(t.mem.read_beats), writes = static_cast<int64_t>(t.mem.write_beats);
  EXPECT_NEAR(static_cast<double>(reads), static_cast<double>(writes), 64);
  EXPECT_LE((reads + writes) * kBeat, 3000 * 16);
  EXPECT_GE((reads + writes) * kBeat, 3000 * 16 - 2 * 64 * kBeat);
  EXPECT_EQ(t.mem.violation.code, TETRA_OK) << t.mem.violation.msg;
}

TEST(Bandwidth, TwiceTheBeatServesBothEveryCycle) {
  Bench t(32, 1);
  t.m.rready = t.m.bready = t.m.wvalid = 1;
  t.AskRead(kBase, 64);
  t.AskWrite(kBase + 65536, 64);
  for (int i = 0; i < 1000; i++) {
    t.m.wlast = t.mem.write_beats % 64 == 63;
    t.Cycle();
  }
  EXPECT_GE(t.mem.read_beats, 1000u - 3);
  EXPECT_GE(t.mem.write_beats, 1000u - 3);
}

TEST(Latency, FirstBeatComesLatencyCyclesAfterItsAddress) {
  for (uint32_t latency : {1u, 2u, 64u, 1000u}) {
    Bench t(16, latency);
    t.AskRead(kBase + 32, 2);
    t.m.rready = 1;
    t.Cycle();
    ASSERT_TRUE(t.ar);
    t.m.arvalid = 0;
    uint32_t waited = 0;
    do {
      t.Cycle();
      waited++;
    } while (!t.r && waited < 5000);
    EXPECT_EQ(waited, latency);
    t.Cycle();
    EXPECT_TRUE(t.r && t.rlast) << "the second beat follows at once";
  }
}

TEST(Latency, ResponseComesLatencyCyclesAfterTheLastBeat) {
  for (uint32_t latency : {1u, 64u, 300u}) {
    Bench t(16, latency);
    t.AskWrite(kBase, 1);
    t.m.wvalid = t.m.wlast = t.m.bready = 1;
    t.Cycle();
    t.m.awvalid = 0;
    ASSERT_FALSE(t.w) << "data wait for their address";
    t.Cycle();
    ASSERT_TRUE(t.w);
    t.m.wvalid = 0;
    uint32_t waited = 0;
    do {
      t.Cycle();
      waited++;
    } while (!t.b && waited < 5000);
    EXPECT_EQ(waited, latency);
  }
}

TEST(Limits, SixteenReadsInFlight) {
  Bench t(16, 1000);
  t.AskRead(kBase, 1);
  int accepted = 0;
  for (int i = 0; i < 900; i++) {
    t.Cycle();
    accepted += t.ar;
  }
  EXPECT_EQ(accepted, 16);
}

TEST(Data, BurstsComeBackInOrderWithTheirIds) {
  Bench t;
  for (int i = 0; i < 4096; i++) t.mem.bytes[i] = static_cast<uint8_t>(i * 7);
  t.m.rready = 1;
  std::string all;
  for (int burst = 0; burst < 4; burst++) {
    std::string bytes;
    EXPECT_EQ(t.Read(kBase + 512 * static_cast<uint32_t>(burst), 32, &bytes), TETRA_AXI_OKAY);
    all += bytes;
  }
  EXPECT_EQ(all, std::string(reinterpret_cast<char *>(t.mem.bytes), 2048));
}

TEST(Data, StrobesChooseBytes) {
  Bench t;
  for (uint32_t i = 0; i < kBeat; i++) t.data[i] = static_cast<uint8_t>(0xa0 + i);
  t.m.wstrb = 0x8421;
  EXPECT_EQ(t.Write(kBase + 64, 1), TETRA_AXI_OKAY);
  for (uint32_t i = 0; i < kBeat; i++) EXPECT_EQ(t.mem.bytes[64 + i], (0x8421 >> i & 1) ? 0xa0 + i : 0u) << i;
  t.m.wstrb = 0xffff;
  EXPECT_EQ(t.Write(kBase + 64, 1), TETRA_AXI_OKAY);
  EXPECT_EQ(memcmp(t.mem.bytes + 64, t.data, kBeat), 0);
}

TEST(Errors, OutsideTheMemoryIsDecerrAndChangesNothing) {
  Bench t;
  EXPECT_EQ(t.Read(kBase - 16, 1), TETRA_AXI_DECERR);
  EXPECT_EQ(t.Read(kBase + (1 << 20), 4), TETRA_AXI_DECERR);
  EXPECT_EQ(t.Read(0xfffffff0u, 1), TETRA_AXI_DECERR);
  t.data[0] = 1;
  EXPECT_EQ(t.Write(kBase + (1 << 20), 2), TETRA_AXI_DECERR);
  EXPECT_EQ(t.Read(kBase + (1 << 20) - 16, 1), TETRA_AXI_OKAY);
  for (uint32_t i = 0; i < 1u << 20; i++) ASSERT_EQ(t.mem.bytes[i], 0);
}

TEST(Errors, TheNthBurstOfAKindFailsOnRequest) {
  Bench t;
  t.mem.faults = {2, 3, 2};
  EXPECT_EQ(t.Read(kBase, 2), TETRA_AXI_OKAY);
  EXPECT_EQ(t.Read(kBase, 2), TETRA_AXI_SLVERR);
  EXPECT_EQ(t.Read(kBase, 2), TETRA_AXI_OKAY);
  EXPECT_EQ(t.Read(kBase, 2, nullptr, 1), TETRA_AXI_OKAY);
  EXPECT_EQ(t.Read(kBase, 2, nullptr, 1), TETRA_AXI_OKAY);
  EXPECT_EQ(t.Read(kBase, 2, nullptr, 1), TETRA_AXI_SLVERR);
  t.data[3] = 9;
  EXPECT_EQ(t.Write(kBase + 16, 1), TETRA_AXI_OKAY);
  EXPECT_EQ(t.Write(kBase + 32, 1), TETRA_AXI_SLVERR);
  EXPECT_EQ(t.mem.bytes[16 + 3], 9);
  EXPECT_EQ(t.mem.bytes[32 + 3], 0);
}

TEST(Errors, BrokenBusRulesAreNoticed) {
  {
    Bench t;
    t.Read(kBase + 4096 - 16, 2);
    EXPECT_NE(std::string(t.mem.violation.msg).find("4 KiB"), std::string::npos);
  }
  {
    Bench t;
    t.m.arsize = 3;
    t.Read(kBase, 1);
    EXPECT_NE(std::string(t.mem.violation.msg).find("narrow"), std::string::npos);
  }
  {
    Bench t;
    t.Read(kBase + 8, 1);
    EXPECT_NE(std::string(t.mem.violation.msg).find("multiple"), std::string::npos);
  }
  {
    Bench t;
    t.AskWrite(kBase, 2);
    t.m.wvalid = t.m.wlast = 1;
    for (int i = 0; i < 4; i++) t.Cycle();
    EXPECT_NE(std::string(t.mem.violation.msg).find("wlast"), std::string::npos);
  }
}

TEST(Stalls, HappenAsOftenAsAskedPerChannel) {
  for (double p : {0.05, 0.3, 0.9}) {
    Bench t(16, 1, p, 42);
    const int n = 200000;
    for (int i = 0; i < n; i++) t.Cycle();
    const double exact = std::round(p * 4096) / 4096, sigma = std::sqrt(exact * (1 - exact) * n);
    ASSERT_EQ(t.mem.draws, static_cast<uint64_t>(n));
    for (int ch = 0; ch < 5; ch++) {
      EXPECT_NEAR(static_cast<double>(t.mem.stalls[ch]), exact * n, 5 * sigma) << "p " << p << " channel " << ch;
    }
  }
}

TEST(Stalls, SameSeedSameCyclesOtherSeedOthers) {
  std::vector<uint64_t> ends;
  for (uint64_t seed : {7, 7, 8}) {
    Bench t(16, 8, 0.3, seed);
    for (int i = 0; i < 50; i++) t.Read(kBase, 16);
    ends.push_back(t.mem.cycle);
  }
  EXPECT_EQ(ends[0], ends[1]);
  EXPECT_NE(ends[0], ends[2]);
}

TEST(Stalls, AValidIsNeverTakenBackAndItsDataStay) {
  Bench t(16, 3, 0.5, 3);
  for (int i = 0; i < 1024; i++) t.mem.bytes[i] = static_cast<uint8_t>(i / 16);
  t.AskRead(kBase, 64);
  int held = 0;
  for (int i = 0; i < 4000; i++) {
    const bool offered = t.mem.rvalid && !t.m.rready;
    const uint8_t *before = t.mem.rdata;
    t.m.rready = i % 3 == 0;
    t.Cycle();
    if (t.ar) t.m.arvalid = 0;
    if (offered && !t.r) {
      ASSERT_TRUE(t.mem.rvalid);
      ASSERT_EQ(before, t.mem.rdata);
      held++;
    }
  }
  EXPECT_GT(held, 10);
  EXPECT_EQ(t.mem.read_beats, 64u);
}

TEST(Configuration, WhatMakesNoSenseIsRefused) {
  const tetra_mem_config good = {kBase, 4096, 16, {16, 64}, 0, 1};
  auto refused = [](tetra_mem_config c) {
    tetra_mem m;
    tetra_error err = {};
    const int rc = tetra_mem_init(&m, &c, &err);
    tetra_mem_free(&m);
    return rc == TETRA_EINVAL && err.msg[0] != '\0';
  };
  EXPECT_FALSE(refused(good));
  tetra_mem_config c = good;
  c.beat_bytes = 12;
  EXPECT_TRUE(refused(c));
  c = good, c.params.bytes_per_cycle = 0;
  EXPECT_TRUE(refused(c));
  c = good, c.params.bytes_per_cycle = TETRA_MEMORY_MAX_RATE + 1;
  EXPECT_TRUE(refused(c));
  c = good, c.params.bytes_per_cycle = TETRA_MEMORY_MAX_RATE, c.params.latency = TETRA_MEMORY_MAX_LATENCY;
  EXPECT_FALSE(refused(c));
  c = good, c.params.latency = 0;
  EXPECT_TRUE(refused(c));
  c = good, c.params.latency = TETRA_MEMORY_MAX_LATENCY + 1;
  EXPECT_TRUE(refused(c));
  c = good, c.stall = 1;
  EXPECT_TRUE(refused(c));
  c = good, c.stall = NAN;
  EXPECT_TRUE(refused(c));
  c = good, c.size = 0;
  EXPECT_TRUE(refused(c));
  c = good, c.base = 0xfffff000, c.size = 8192;
  EXPECT_TRUE(refused(c));
}

}  // namespace
