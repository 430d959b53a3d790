// Write engine with an AXI slave that accepts and answers at random times: segments to bursts, data order, STORE
// counts, layer events, error responses, range errors, stop.
#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include "tetra/hw.h"
#include "util.h"

namespace {

struct Segment {
  uint32_t addr;
  uint32_t beats;
  bool last, layer_last;
  uint32_t layer, index;
};

class WriteEngine : public testing::Test {
 protected:
  // Queues a STORE of some segments and the words that belong to it.
  void Store(const std::vector<std::pair<uint32_t, uint32_t>> &segments, uint32_t layer, bool layer_last,
             uint32_t index) {
    uint32_t beats = 0;
    for (size_t i = 0; i < segments.size(); i++) {
      segments_.push_back({segments[i].first, segments[i].second, i + 1 == segments.size(), layer_last, layer, index});
      for (uint32_t b = 0; b < segments[i].second; b++) {
        words_.push_back(rnd_.Bytes(kN));
        expect_[segments[i].first + b * kN] = words_.back();
      }
      for (uint32_t a = segments[i].first, left = segments[i].second; left;) {
        const uint32_t n = std::min({64u, left, (4096 - a % 4096) / kN});
        left -= n;
        bursts_expect_.push_back({a, n, i + 1 == segments.size() && left == 0});
        a += n * kN;
      }
      beats += segments[i].second;
    }
    layers_expect_.push_back({layer, beats});
    if (layer_last) layer_done_expect_.push_back(layer);
  }
  void RandomStore(uint32_t index) {
    std::vector<std::pair<uint32_t, uint32_t>> segments;
    const auto n = static_cast<size_t>(rnd_(1, 8));
    for (size_t i = 0; i < n; i++) {
      const auto beats = static_cast<uint32_t>(rnd_.Chance(60) ? rnd_(1, 16) : rnd_(1, 200));
      // Segments never overlap: each has 64 KiB of its own.
      segments.push_back({next_base_ + static_cast<uint32_t>(rnd_(0, 4095)) / kN * kN, beats});
      next_base_ += 0x10000;
    }
    Store(segments, static_cast<uint32_t>(rnd_(0, 511)), rnd_.Chance(40), index);
  }

  void Step() {
    auto &t = *b_.top;
    // The drain sequencer's side.
    t.wr_desc_valid_i = 0;
    t.wr_wd_valid_i = 0;
    b_.Settle();
    if (!segments_.empty() && t.wr_desc_ready_o && rnd_.Chance(desc_percent_)) {
      const Segment &s = segments_.front();
      t.wr_desc_valid_i = 1;
      t.wr_desc_addr_i = s.addr;
      t.wr_desc_beats_i = static_cast<uint16_t>(s.beats);
      t.wr_desc_last_i = s.last;
      t.wr_desc_layer_i = static_cast<uint16_t>(s.layer);
      t.wr_desc_layer_last_i = s.layer_last;
      t.wr_desc_index_i = s.index;
      segments_.pop_front();
    }
    if (!words_.empty() && t.wr_wd_space_o > 0 && rnd_.Chance(word_percent_)) {
      t.wr_wd_valid_i = 1;
      SetPort(t.wr_wd_data_i, words_.front().data(), kN);
      words_.pop_front();
    }
    // The slave's side. A response comes after its burst's address and all its data.
    t.wr_aw_ready_i = rnd_.Chance(ready_percent_);
    t.wr_w_ready_i = rnd_.Chance(ready_percent_);
    if (!b_offered_ && answered_ < complete_ && answered_ < aw_.size() && rnd_.Chance(resp_percent_)) b_offered_ = true;
    t.wr_b_valid_i = b_offered_;
    t.wr_b_err_i = b_offered_ ? aw_[answered_].addr == error_addr_ : rnd_.Chance(50);
    b_.Settle();
    ObserveAw();
    ObserveW();
    // Events are one cycle after the response that caused them.
    ASSERT_EQ(t.wr_done_store_o, static_cast<uint16_t>(stores_done_));
    if (t.wr_lay_valid_o) layers_.push_back({t.wr_lay_id_o, t.wr_lay_n_o});
    if (t.wr_layer_done_valid_o) {
      ASSERT_TRUE(t.wr_lay_valid_o);
      layer_done_.push_back(t.wr_layer_done_id_o);
    }
    if (b_offered_ && t.wr_b_ready_o) {
      b_offered_ = false;
      // A STORE of which something failed or was left out never counts.
      failed_ = failed_ || t.wr_b_err_i || t.wr_stop_i;
      if (bursts_expect_[answered_].last && !failed_) stores_done_++;
      answered_++;
    }
    b_.Edge();
  }
  struct Burst {
    uint32_t addr, beats;
    bool last;
  };

  void ObserveAw() {
    auto &t = *b_.top;
    if (held_aw_) {
      ASSERT_TRUE(t.wr_aw_valid_o) << "an address was withdrawn";
      ASSERT_EQ(t.wr_aw_addr_o, held_.addr);
      ASSERT_EQ(t.wr_aw_len_o + 1u, held_.beats);
    }
    held_aw_ = t.wr_aw_valid_o && !t.wr_aw_ready_i;
    held_ = {t.wr_aw_addr_o, t.wr_aw_len_o + 1u, false};
    if (!t.wr_aw_valid_o || !t.wr_aw_ready_i) return;
    const size_t i = aw_.size();
    ASSERT_LT(i, bursts_expect_.size());
    ASSERT_EQ(t.wr_aw_addr_o, bursts_expect_[i].addr) << "burst " << i;
    ASSERT_EQ(t.wr_aw_len_o + 1u, bursts_expect_[i].beats) << "burst " << i;
    aw_.push_back(held_);
    ASSERT_LE(aw_.size() - answered_, 17u);
  }
  void ObserveW() {
    auto &t = *b_.top;
    const Word data = GetPort(t.wr_w_data_o, kN), strb = GetPort(t.wr_w_strb_o, (kN + 7) / 8);
    const uint8_t all = kN >= 8 ? 255 : (1 << kN) - 1;
    if (held_w_) {
      ASSERT_TRUE(t.wr_w_valid_o) << "a beat was withdrawn";
      ASSERT_EQ(data, held_data_);
      ASSERT_EQ(strb, held_strb_);
    }
    held_w_ = t.wr_w_valid_o && !t.wr_w_ready_i;
    held_data_ = data;
    held_strb_ = strb;
    ASSERT_EQ(t.wr_beat_o, t.wr_w_valid_o && t.wr_w_ready_i);
    if (!t.wr_beat_o) return;
    // Data may run ahead of the address, so they are counted against the bursts that are due.
    ASSERT_LT(complete_, bursts_expect_.size());
    const Burst &due = bursts_expect_[complete_];
    for (const uint8_t s : strb) ASSERT_TRUE(s == all || s == 0);
    const bool enabled = strb[0] != 0;
    if (!stopped_) {
      ASSERT_TRUE(enabled);
    }
    if (enabled) memory_[due.addr + beat_ * kN] = data;
    beat_++;
    ASSERT_EQ(t.wr_w_last_o, beat_ == due.beats) << "burst " << complete_ << " beat " << beat_;
    if (t.wr_w_last_o) {
      beat_ = 0;
      complete_++;
    }
  }
  void RunToIdle(int limit = 400000) {
    for (int i = 0; i < limit; i++) {
      Step();
      if (HasFatalFailure()) return;
      b_.Settle();
      if (segments_.empty() && words_.empty() && b_.top->wr_idle_o) break;
    }
    ASSERT_TRUE(b_.top->wr_idle_o) << "not idle after " << limit << " cycles";
    for (int i = 0; i < 4; i++) Step();
  }
  void Compare() {
    ASSERT_EQ(aw_.size(), bursts_expect_.size());
    ASSERT_EQ(answered_, aw_.size());
    ASSERT_EQ(memory_.size(), expect_.size());
    for (const auto &[addr, word] : expect_) ASSERT_EQ(memory_[addr], word) << "address " << addr;
    ASSERT_EQ(layers_, layers_expect_);
    ASSERT_EQ(layer_done_, layer_done_expect_);
    ASSERT_EQ(stores_done_, layers_expect_.size());
    ASSERT_FALSE(b_.top->wr_outstanding_o);
  }
  void Reset() {
    b_.top->wr_stop_i = b_.top->wr_b_valid_i = b_.top->wr_desc_valid_i = b_.top->wr_wd_valid_i = 0;
    segments_.clear();
    words_.clear();
    bursts_expect_.clear();
    aw_.clear();
    layers_.clear();
    layers_expect_.clear();
    layer_done_.clear();
    layer_done_expect_.clear();
    expect_.clear();
    memory_.clear();
    complete_ = answered_ = stores_done_ = 0;
    beat_ = 0;
    b_offered_ = held_aw_ = held_w_ = stopped_ = failed_ = false;
    error_addr_ = 1;
    b_.Reset();
  }

  Bench b_;
  Random rnd_{31};
  std::deque<Segment> segments_;
  std::deque<Word> words_;
  std::vector<Burst> bursts_expect_, aw_;
  std::vector<std::pair<uint32_t, uint32_t>> layers_, layers_expect_;
  std::vector<uint32_t> layer_done_, layer_done_expect_;
  std::map<uint32_t, Word> expect_, memory_;
  size_t complete_ = 0, answered_ = 0, stores_done_ = 0;
  uint32_t beat_ = 0, next_base_ = 0x100000, error_addr_ = 1;
  bool b_offered_ = false, held_aw_ = false, held_w_ = false, stopped_ = false, failed_ = false;
  Burst held_ = {};
  Word held_data_, held_strb_;
  int desc_percent_ = 60, word_percent_ = 80, ready_percent_ = 60, resp_percent_ = 40;
};

TEST_F(WriteEngine, RandomStores) {
  SCOPED_TRACE(Rerun());
  for (int round = 0; round < 8; round++) {
    desc_percent_ = static_cast<int>(rnd_(20, 100));
    word_percent_ = static_cast<int>(rnd_(20, 100));
    ready_percent_ = static_cast<int>(rnd_(20, 100));
    resp_percent_ = static_cast<int>(rnd_(3, 100));
    for (uint32_t i = 0; i < 15; i++) RandomStore(i);
    RunToIdle();
    if (HasFatalFailure()) return;
  }
  Compare();
}

// One beat a cycle across bursts and segments.
TEST_F(WriteEngine, BeatACycleAcrossSegments) {
  SCOPED_TRACE(Rerun());
  desc_percent_ = word_percent_ = ready_percent_ = resp_percent_ = 100;
  std::vector<std::pair<uint32_t, uint32_t>> segments;
  for (uint32_t i = 0; i < 25; i++) segments.push_back({0x10000 + i * 0x1000, 20});
  Store(segments, 7, true, 3);
  const long start = b_.cycle;
  RunToIdle();
  Compare();
  EXPECT_LE(b_.cycle - start, 25 * 20 + 30);
}

// A bus that takes no address: one burst is offered, eight segments wait behind it, and the drain is held up.
TEST_F(WriteEngine, EightSegmentsWait) {
  SCOPED_TRACE(Rerun());
  desc_percent_ = word_percent_ = resp_percent_ = 100;
  ready_percent_ = 0;
  constexpr uint32_t kSegments = 12;
  std::vector<std::pair<uint32_t, uint32_t>> segments;
  for (uint32_t i = 0; i < kSegments; i++) segments.push_back({0x10000 + i * 0x1000, 1});
  Store(segments, 3, true, 1);
  for (int i = 0; i < 50; i++) Step();
  EXPECT_EQ(kSegments - segments_.size(), 1u + 8u);
  EXPECT_FALSE(b_.top->wr_desc_ready_o);
  ready_percent_ = 100;
  RunToIdle();
  Compare();
}

// A STORE counts only when its last response is in, not when its data are out.
TEST_F(WriteEngine, CountsAfterLastResponse) {
  SCOPED_TRACE(Rerun());
  desc_percent_ = word_percent_ = ready_percent_ = 100;
  Store({{0x10000, 100}, {0x20000, 5}}, 9, true, 1);
  resp_percent_ = 0;
  for (int i = 0; i < 300; i++) Step();
  EXPECT_EQ(complete_, bursts_expect_.size());
  EXPECT_EQ(b_.top->wr_done_store_o, 0);
  EXPECT_FALSE(b_.top->wr_idle_o);
  EXPECT_TRUE(b_.top->wr_outstanding_o);
  resp_percent_ = 100;
  RunToIdle();
  Compare();
}

// After stop the bursts promised are finished, the words that are missing with all byte enables off; a reset recovers.
TEST_F(WriteEngine, StopFinishesPromisedBursts) {
  SCOPED_TRACE(Rerun());
  for (int round = 0; round < 80; round++) {
    for (uint32_t i = 0; i < 12; i++) RandomStore(i);
    const auto stop_at = rnd_(1, 500);
    for (int i = 0; i < stop_at; i++) Step();
    b_.top->wr_stop_i = 1;
    stopped_ = true;
    // The drain sequencer stops, too; words on their way in the requantizer may still come.
    segments_.clear();
    words_.resize(std::min<size_t>(words_.size(), static_cast<size_t>(rnd_(0, 6))));
    b_.Settle();
    const size_t promised = aw_.size() + b_.top->wr_aw_valid_o;
    for (int i = 0; i < 3000; i++) {
      Step();
      if (HasFatalFailure()) return;
      b_.Settle();
      if (!b_.top->wr_outstanding_o) break;
    }
    ASSERT_FALSE(b_.top->wr_outstanding_o) << "round " << round;
    ASSERT_EQ(aw_.size(), promised) << "round " << round;
    ASSERT_EQ(complete_, promised) << "round " << round;
    ASSERT_EQ(answered_, promised) << "round " << round;
    for (const auto &[addr, word] : memory_) ASSERT_EQ(word, expect_[addr]) << "wrong data written at " << addr;
    Reset();
    RandomStore(1);
    RunToIdle();
    Compare();
    if (HasFatalFailure()) return;
    Reset();
  }
}

TEST_F(WriteEngine, ErrorResponseNamesCommandAndBurst) {
  SCOPED_TRACE(Rerun());
  for (int round = 0; round < 20; round++) {
    for (uint32_t i = 0; i < 6; i++)
      Store({{0x40000 + i * 0x10000, 30}, {0x48000 + i * 0x10000, 90}}, i / 2, i % 2 == 1, 500 + i);
    const auto bad = static_cast<uint32_t>(rnd_(0, 5));
    error_addr_ = 0x48000 + bad * 0x10000 + 64 * kN;  // the second burst of the second segment
    for (int i = 0; i < 5000 && !b_.top->wr_err_valid_o; i++) Step();
    ASSERT_TRUE(b_.top->wr_err_valid_o);
    EXPECT_EQ(b_.top->wr_err_cause_o, TETRA_ERR_AXI_WRITE);
    EXPECT_EQ(b_.top->wr_err_index_o, 500 + bad);
    EXPECT_EQ(b_.top->wr_err_addr_o, error_addr_);
    // Nothing counts from the failed STORE on, even if its later bursts succeed; nor does a layer of which a STORE
    // failed, whichever it was.
    for (int i = 0; i < 3000; i++) Step();
    EXPECT_EQ(b_.top->wr_done_store_o, bad);
    EXPECT_EQ(layers_.size(), bad);
    EXPECT_EQ(layer_done_.size(), bad / 2);
    Reset();
  }
}

TEST_F(WriteEngine, RangeErrorNamesCommandAndAddress) {
  SCOPED_TRACE(Rerun());
  for (const bool below : {false, true}) {
    Store({{0x40000, 10}}, 1, false, 70);
    Store({{below ? 0x3f000u : 0x41000u, 100}}, 1, false, 71);
    Store({{0x40000, 3}}, 1, false, 72);
    b_.top->mem_base_i = 0x40000;
    b_.top->mem_limit_i = 0x41000 + 99 * kN - 1;  // one beat too few for the second burst
    const size_t before = aw_.size();
    for (int i = 0; i < 2000 && !b_.top->wr_err_valid_o; i++) Step();
    ASSERT_TRUE(b_.top->wr_err_valid_o);
    EXPECT_EQ(b_.top->wr_err_cause_o, TETRA_ERR_RANGE);
    EXPECT_EQ(b_.top->wr_err_index_o, 71u);
    EXPECT_EQ(b_.top->wr_err_addr_o, below ? 0x3f000u : 0x41000u + 64 * kN);
    b_.top->wr_stop_i = 1;
    stopped_ = true;
    for (int i = 0; i < 2000; i++) {
      Step();
      b_.Settle();
      if (!b_.top->wr_outstanding_o) break;
    }
    EXPECT_FALSE(b_.top->wr_outstanding_o);
    EXPECT_LE(aw_.size(), before + 2);
    for (const auto &x : aw_) {
      EXPECT_GE(x.addr, 0x40000u);
      EXPECT_LE(x.addr + x.beats * kN - 1, b_.top->mem_limit_i);
    }
    b_.top->mem_base_i = 0;
    b_.top->mem_limit_i = 0xffffffff;
    Reset();
  }
}

// With the whole address space allowed: a segment may end at its last byte, but not go on at address 0.
TEST_F(WriteEngine, SegmentPastTheLastAddressIsOutOfRange) {
  SCOPED_TRACE(Rerun());
  const uint32_t addr = 0u - 100 * kN;
  Store({{addr, 100}, {0, 3}}, 1, false, 70);
  RunToIdle();
  Compare();
  Reset();
  Store({{addr, 101}}, 1, false, 71);
  for (int i = 0; i < 2000 && !b_.top->wr_err_valid_o; i++) Step();
  ASSERT_TRUE(b_.top->wr_err_valid_o);
  EXPECT_EQ(b_.top->wr_err_cause_o, TETRA_ERR_RANGE);
  EXPECT_EQ(b_.top->wr_err_index_o, 71u);
  EXPECT_EQ(b_.top->wr_err_addr_o, 0u);
  for (const auto &x : aw_) EXPECT_GE(x.addr, addr);
}

}  // namespace
