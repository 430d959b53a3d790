// The board's memory at the size of a board's, by itself: what its AXI port promises, and the host's port beside it.
#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <random>
#include <utility>
#include <vector>

#include "../common/model.h"
#include "Vboard_memory.h"

namespace {

constexpr uint32_t kWords = TETRA_MEMORY_WORDS, kBase = 0x10000000;
enum : uint8_t { kOkay = 0, kSlvErr = 2, kDecErr = 3 };

struct Burst {
  uint32_t addr;
  unsigned beats;
  uint8_t id, size, kind;  // kind: 1 is INCR
  uint8_t resp;            // expected
  std::vector<uint32_t> data;
  std::vector<uint8_t> strobes;
  uint64_t taken = 0;  // clock in which the address was (reads), or the last beat (writes)
};

uint8_t Expected(const Burst &b) {
  const uint64_t first = b.addr, end = first + 4 * b.beats;
  if (first < kBase || end > kBase + 4 * uint64_t{kWords}) return kDecErr;
  return b.size != 2 || b.kind != 1 || b.addr % 4 ? kSlvErr : kOkay;
}

// A master that holds every rule, with as many pauses as asked for, and what the memory must have.
class Bench {
 public:
  explicit Bench(unsigned pause) : top_(tetra_test::NewModel<Vboard_memory>()), words_(kWords, 0), pause_(pause) {
    const tetra_test::NoAssertions none;
    for (int i = 0; i < 3; i++) Edge();
    top_->rst_ni = 1;
  }

  void Read(Burst b) { ar_.push_back(std::move(b)); }
  void Write(Burst b) { aw_.push_back(std::move(b)); }
  uint64_t clocks() const { return clocks_; }
  uint64_t first_beat_after = 0, response_after = 0;  // clocks, of the last burst

  void Drain() {
    for (int i = 0; i < 200000 && !(ar_.empty() && r_.empty() && aw_.empty() && w_.empty() && b_.empty()); i++) Clock();
    EXPECT_TRUE(ar_.empty() && r_.empty() && aw_.empty() && w_.empty() && b_.empty()) << "an answer is missing";
  }

  // Memory begins with anything.
  void Fill() {
    for (uint32_t i = 0; i < kWords; i++) HostWrite(i, static_cast<uint32_t>(random_()));
  }
  void HostWrite(uint32_t word, uint32_t data) {
    Host(word, true, data);
    words_[word] = data;
  }
  // What a read through the host's port shows a clock after it was taken.
  uint32_t HostRead(uint32_t word) {
    Host(word, false, 0);
    top_->clk_i = 0;
    top_->eval();
    return top_->host_data_o;
  }
  uint32_t word(uint32_t i) const { return words_[i]; }
  void Clock() {
    Offer();
    top_->clk_i = 0;
    top_->eval();
    Take();
    Edge();
  }

 private:
  bool Pauses() { return random_() % 100 < pause_; }

  void Host(uint32_t word, bool write, uint32_t data) {
    top_->host_valid_i = 1;
    top_->host_we_i = write;
    top_->host_word_i = word;
    top_->host_data_i = data;
    bool ready = false;
    for (int i = 0; i < 200000 && !ready; i++) {
      Offer();
      top_->clk_i = 0;
      top_->eval();
      ready = top_->host_ready_o;
      Take();
      Edge();
    }
    EXPECT_TRUE(ready) << "the host was never served";
    top_->host_valid_i = 0;
  }

  // Valids stay until they are taken.
  void Offer() {
    ar_on_ = !ar_.empty() && (ar_on_ || !Pauses());
    aw_on_ = !aw_.empty() && (aw_on_ || !Pauses());
    w_on_ = !w_.empty() && (w_on_ || !Pauses());
    top_->s_axi_arvalid_i = ar_on_;
    if (ar_on_) {
      const Burst &b = ar_.front();
      top_->s_axi_araddr_i = b.addr, top_->s_axi_arlen_i = static_cast<uint8_t>(b.beats - 1), top_->s_axi_arid_i = b.id;
      top_->s_axi_arsize_i = b.size, top_->s_axi_arburst_i = b.kind;
    }
    top_->s_axi_awvalid_i = aw_on_;
    if (aw_on_) {
      const Burst &b = aw_.front();
      top_->s_axi_awaddr_i = b.addr, top_->s_axi_awlen_i = static_cast<uint8_t>(b.beats - 1), top_->s_axi_awid_i = b.id;
      top_->s_axi_awsize_i = b.size, top_->s_axi_awburst_i = b.kind;
    }
    top_->s_axi_wvalid_i = w_on_;
    if (w_on_) {
      const Burst &b = w_.front();
      top_->s_axi_wdata_i = b.data[w_beat_], top_->s_axi_wstrb_i = b.strobes[w_beat_];
      top_->s_axi_wlast_i = w_beat_ + 1 == b.beats;
    }
    top_->s_axi_rready_i = !Pauses();
    top_->s_axi_bready_i = !Pauses();
  }

  void Take() {
    if (top_->s_axi_rvalid_o && top_->s_axi_rready_i) TakeBeat();
    if (top_->s_axi_bvalid_o && top_->s_axi_bready_i) TakeResponse();
    if (ar_on_ && top_->s_axi_arready_o) {
      ar_.front().taken = clocks_;
      r_.push_back(std::move(ar_.front()));
      ar_.pop_front();
      ar_on_ = false;
    }
    if (w_on_ && top_->s_axi_wready_o) WriteBeat();
    if (aw_on_ && top_->s_axi_awready_o) {
      w_.push_back(std::move(aw_.front()));
      aw_.pop_front();
      aw_on_ = false;
    }
  }

  void TakeBeat() {
    ASSERT_FALSE(r_.empty()) << "data that nobody asked for";
    const Burst &b = r_.front();
    if (r_beat_ == 0) first_beat_after = clocks_ - b.taken;
    EXPECT_EQ(top_->s_axi_rid_o, b.id);
    EXPECT_EQ(top_->s_axi_rresp_o, b.resp);
    if (b.resp == kOkay) {
      EXPECT_EQ(top_->s_axi_rdata_o, words_[(b.addr - kBase) / 4 + r_beat_]) << "at " << b.addr << " + " << r_beat_;
    }
    EXPECT_EQ(top_->s_axi_rlast_o, r_beat_ + 1 == b.beats);
    if (++r_beat_ < b.beats) return;
    r_beat_ = 0;
    r_.pop_front();
  }
  void WriteBeat() {
    Burst &b = w_.front();
    for (int i = 0; i < 4 && b.resp == kOkay; i++) {
      const uint32_t mask = 0xffu << 8 * i;
      uint32_t &word = words_[(b.addr - kBase) / 4 + w_beat_];
      if (b.strobes[w_beat_] >> i & 1) word = (word & ~mask) | (b.data[w_beat_] & mask);
    }
    w_on_ = false;
    if (++w_beat_ < b.beats) return;
    w_beat_ = 0;
    b.taken = clocks_;
    b_.push_back(std::move(b));
    w_.pop_front();
  }
  void TakeResponse() {
    ASSERT_FALSE(b_.empty()) << "a response that nobody waits for";
    response_after = clocks_ - b_.front().taken;
    EXPECT_EQ(top_->s_axi_bid_o, b_.front().id);
    EXPECT_EQ(top_->s_axi_bresp_o, b_.front().resp);
    b_.pop_front();
  }

  void Edge() {
    top_->clk_i = 0;
    top_->eval();
    top_->clk_i = 1;
    top_->eval();
    clocks_++;
  }

  tetra_test::ModelPtr<Vboard_memory> top_;
  std::vector<uint32_t> words_;
  unsigned pause_;  // percent
  std::deque<Burst> ar_, r_, aw_, w_, b_;
  unsigned r_beat_ = 0, w_beat_ = 0;
  bool ar_on_ = false, aw_on_ = false, w_on_ = false;
  uint64_t clocks_ = 0;
  std::mt19937 random_{1};
};

Burst MakeBurst(uint32_t addr, unsigned beats, std::mt19937 *random, bool whole = true) {
  Burst b = {addr, beats, static_cast<uint8_t>((*random)() % 4), 2, 1, 0, {}, {}, 0};
  for (unsigned i = 0; i < beats; i++) {
    b.data.push_back((*random)());
    b.strobes.push_back(whole ? 15 : (*random)() % 16);
  }
  b.resp = Expected(b);
  return b;
}

// Every word is a place of its own: written in bursts, read through the host's port, and the other way round.
TEST(BoardMemory, EveryWordIsAPlaceOfItsOwn) {
  Bench bench(0);
  std::mt19937 random(1);
  for (uint32_t i = 0; i < kWords; i += 256) bench.Write(MakeBurst(kBase + 4 * i, 256, &random));
  bench.Drain();
  for (uint32_t i = 0; i < kWords; i++) ASSERT_EQ(bench.HostRead(i), bench.word(i)) << i;
  bench.Fill();
  for (uint32_t i = 0; i < kWords; i += 256) bench.Read(MakeBurst(kBase + 4 * i, 256, &random));
  bench.Drain();
}

// The cycle model's memory: two cycles of latency, and no clock without a beat either way while there is something to
// do.
TEST(BoardMemory, LatencyIsTwoAndBurstsFollowWithoutAGap) {
  Bench bench(0);
  std::mt19937 random(2);
  bench.Fill();
  bench.Write(MakeBurst(kBase, 1, &random));
  bench.Read(MakeBurst(kBase + 4096, 1, &random));
  bench.Drain();
  EXPECT_EQ(bench.first_beat_after, 2u);
  EXPECT_EQ(bench.response_after, 2u);
  const uint64_t start = bench.clocks();
  for (int i = 0; i < 64; i++) {
    bench.Write(MakeBurst(kBase + 0x10000, 8, &random));
    bench.Read(MakeBurst(kBase, 8, &random));
  }
  bench.Drain();
  EXPECT_EQ(bench.clocks() - start, 64u * 8 + 3) << "one clock for the address, two of latency";
}

// Bursts of every kind, both channels and the host at once; reads and writes in halves of their own that change.
TEST(BoardMemory, RandomBurstsAreAnsweredInOrder) {
  for (const unsigned pause : {0u, 30u, 80u}) {
    Bench bench(pause);
    std::mt19937 random(pause);
    bench.Fill();
    for (int round = 0; round < 20; round++) {
      const uint32_t half = kWords / 2;
      const uint32_t reads = round % 2 ? half : 0, writes = half - reads;
      for (int i = 0; i < 40; i++) {
        const unsigned beats = 1 + random() % (random() % 4 ? 16 : 256);
        Burst r = MakeBurst(kBase + 4 * (reads + random() % (half - 512)), beats, &random);
        Burst w = MakeBurst(kBase + 4 * (writes + random() % (half - 512)), beats, &random, random() % 2);
        if (random() % 8 == 0)
          r.addr = random() % 2 ? kBase + 4 * kWords - 4 * (random() % 4) : static_cast<uint32_t>(random()) & ~3u;
        if (random() % 8 == 0) w.addr = random() % 2 ? kBase - 4 : kBase + 4 * kWords - 4 + 4 * (random() % 2);
        if (random() % 8 == 0) r.kind = random() % 3 == 1 ? 2 : 0;
        if (random() % 8 == 0) w.size = 1;
        if (random() % 16 == 0) r.addr += 2;
        // What is inside the other half is read while it is written.
        if (Expected(r) == kOkay && (r.addr - kBase) / 4 / half != reads / half) r.addr = kBase + 4 * reads;
        if (Expected(w) == kOkay && (w.addr - kBase) / 4 / half != writes / half) w.addr = kBase + 4 * writes;
        r.resp = Expected(r);
        w.resp = Expected(w);
        bench.Read(std::move(r));
        bench.Write(std::move(w));
      }
      for (int i = 0; i < 20; i++) {
        const uint32_t at = reads + random() % half;
        ASSERT_EQ(bench.HostRead(at), bench.word(at));
        const uint32_t own = half - 256 + random() % 256;  // words of the host's in the lower half
        bench.HostWrite(own, static_cast<uint32_t>(random()));
        ASSERT_EQ(bench.HostRead(own), bench.word(own));
      }
      bench.Drain();
    }
  }
}

}  // namespace
