// The load engine with a read-only AXI memory behind it that answers bursts in order, at random times.
#ifndef TETRA_TESTS_RTL_UNIT_LOAD_H
#define TETRA_TESTS_RTL_UNIT_LOAD_H

#include <algorithm>
#include <deque>
#include <utility>

#include "tetra/hw.h"
#include "util.h"

// The byte at an address, so that a megabyte needs no storage.
inline uint8_t ByteAt(uint32_t addr) {
  uint32_t x = addr * 2654435761u;
  x ^= x >> 15;
  x *= 2246822519u;
  return static_cast<uint8_t>(x >> 13);
}
inline Word WordAt(uint32_t addr) {
  Word w(kN);
  for (int i = 0; i < kN; i++) w[static_cast<size_t>(i)] = ByteAt(addr + static_cast<uint32_t>(i));
  return w;
}

class ReadMemory {
 public:
  struct Burst {
    uint32_t addr;
    uint32_t beats;
  };
  ReadMemory(Bench *b, Random *rnd) : b_(b), rnd_(rnd) {}

  // Inputs of the coming cycle. Data once offered stay until they are taken.
  void Drive() {
    auto &t = *b_->top;
    t.ld_ar_ready_i = open && rnd_->Chance(ready_percent);
    if (!offered_ && !queue_.empty() && rnd_->Chance(data_percent)) {
      offered_ = true;
      const Word w = overrides.empty() ? WordAt(queue_.front().addr) : Override(queue_.front().addr);
      SetPort(t.ld_r_data_i, w.data(), w.size());
      t.ld_r_last_i = queue_.front().beats == 1;
      t.ld_r_err_i = queue_.front().addr == error_addr;
    }
    t.ld_r_valid_i = offered_;
    if (!offered_) {  // noise while nothing is offered
      const Word w = rnd_->Bytes(kN);
      SetPort(t.ld_r_data_i, w.data(), w.size());
      t.ld_r_last_i = rnd_->Chance(50);
      t.ld_r_err_i = rnd_->Chance(50);
    }
  }
  // After Settle(), before Edge().
  void Observe() {
    const auto &t = *b_->top;
    if (t.ld_r_valid_i && t.ld_r_ready_o) {
      offered_ = false;
      queue_.front().addr += kN;
      if (--queue_.front().beats == 0) queue_.pop_front();
    }
    if (t.ld_ar_valid_o && t.ld_ar_ready_i) {
      const Burst burst = {t.ld_ar_addr_o, t.ld_ar_len_o + 1u};
      bursts.push_back(burst);
      queue_.push_back(burst);
      EXPECT_LE(burst.beats, 64u);
      EXPECT_EQ(burst.addr / 4096, (burst.addr + burst.beats * kN - 1) / 4096) << "crosses 4 KiB";
      EXPECT_LE(queue_.size(), 15u);
    }
  }
  size_t outstanding() const { return queue_.size(); }

  std::vector<Burst> bursts;                         // all there were
  std::vector<std::pair<uint32_t, Word>> overrides;  // contents that are not ByteAt()
  uint32_t error_addr = 1;                           // beat answered with an error; 1 is none
  int ready_percent = 60, data_percent = 70;
  bool open = true;

 private:
  Word Override(uint32_t addr) const {
    for (const auto &[base, bytes] : overrides)
      if (addr >= base && addr < base + bytes.size())
        return Word(bytes.begin() + static_cast<long>(addr - base),
                    bytes.begin() + static_cast<long>(addr - base) + kN);
    return WordAt(addr);
  }
  Bench *b_;
  Random *rnd_;
  std::deque<Burst> queue_;
  bool offered_ = false;
};

struct Write {
  int buf;
  uint16_t addr;
  Word data;
  bool keep_low = false;
  bool operator==(const Write &o) const {
    return buf == o.buf && addr == o.addr && data == o.data && keep_low == o.keep_low;
  }
};

class Load : public testing::Test {
 protected:
  struct Command {
    tetra_cmd c;
    uint32_t index;
  };
  tetra_cmd Make(int dst, uint32_t addr, uint32_t dst_addr, uint32_t beats, uint32_t count, uint32_t dst_stride,
                 uint32_t addr_stride) {
    tetra_cmd c = {};
    tetra_cmd_set(&c, TETRA_F_OP, TETRA_OP_LOAD);
    tetra_cmd_set(&c, TETRA_F_LOAD_DST, static_cast<uint32_t>(dst));
    tetra_cmd_set(&c, TETRA_F_LOAD_ADDR, addr);
    tetra_cmd_set(&c, TETRA_F_LOAD_DST_ADDR, dst_addr);
    tetra_cmd_set(&c, TETRA_F_LOAD_BEATS, beats);
    tetra_cmd_set(&c, TETRA_F_LOAD_COUNT, count);
    tetra_cmd_set(&c, TETRA_F_LOAD_DST_STRIDE, dst_stride);
    tetra_cmd_set(&c, TETRA_F_LOAD_ADDR_STRIDE, addr_stride);
    tetra_cmd_set(&c, TETRA_F_LAYER, static_cast<uint32_t>(rnd_(0, 511)));
    return c;
  }
  tetra_cmd RandomCommand() {
    const auto beats = static_cast<uint32_t>(rnd_.Chance(70) ? rnd_(1, 20) : rnd_(21, 300));
    const auto count = static_cast<uint32_t>(rnd_.Chance(50) ? 1 : rnd_(1, 6));
    const auto addr =
        static_cast<uint32_t>(rnd_(0, 4000)) * 4096u / kN * kN + static_cast<uint32_t>(rnd_(0, 4095)) / kN * kN;
    const int dst = static_cast<int>(rnd_(0, 3));
    tetra_cmd c = Make(dst, addr, static_cast<uint32_t>(rnd_(0, 65535)), beats, count,
                       static_cast<uint32_t>(rnd_(0, 65535)), static_cast<uint32_t>(rnd_(0, 10000)) * kN);
    if (dst == TETRA_BUF_WGT) tetra_cmd_set(&c, TETRA_F_LOAD_NARROW, static_cast<uint32_t>(rnd_(0, 2)));
    return c;
  }
  // What is written of a word of weights; of the second half's the high halves of bytes count only.
  static Word Narrowed(Word w, uint32_t narrow) {
    for (uint8_t &byte : w) {
      const int q = std::min((static_cast<int8_t>(byte) + 8) >> 4, 7) & 15;
      if (narrow != TETRA_NARROW_NONE) byte = static_cast<uint8_t>(narrow == TETRA_NARROW_HIGH ? q << 4 : q);
    }
    return w;
  }
  // The loop nest, word by word.
  void Model(const tetra_cmd &c) {
#define F(name) tetra_cmd_get(&c, TETRA_F_LOAD_##name)
    for (uint32_t i = 0; i < F(COUNT); i++)
      for (uint32_t b = 0; b < F(BEATS); b++)
        expect_.push_back({static_cast<int>(F(DST)), static_cast<uint16_t>(F(DST_ADDR) + i * F(DST_STRIDE) + b),
                           Narrowed(WordAt(F(ADDR) + i * F(ADDR_STRIDE) + b * kN), F(NARROW)),
                           F(DST) == TETRA_BUF_WGT && F(NARROW) == TETRA_NARROW_HIGH});
    layers_expect_.push_back({tetra_cmd_get(&c, TETRA_F_LAYER), F(COUNT) * F(BEATS)});
#undef F
  }
  void Offer(const tetra_cmd &c) { todo_.push_back({c, next_index_++}); }

  // One cycle; commands are offered at random times.
  void Step() {
    auto &t = *b_.top;
    mem_.Drive();
    const bool offer = !todo_.empty() && (offering_ || rnd_.Chance(40));
    offering_ = offer;
    t.ld_cmd_valid_i = offer;
    if (offer) {
      SetPort(t.ld_cmd_i, todo_.front().c.word, 64);
      t.ld_cmd_index_i = todo_.front().index;
    }
    b_.Settle();
    mem_.Observe();
    const int we = t.ld_act_we_o + t.ld_wgt_we_o + t.ld_res_we_o + t.ld_par_we_o;
    ASSERT_LE(we, 1);
    ASSERT_TRUE(t.ld_beat_o ? we : !we || t.ld_act_we_o) << "only a PACK writes without a beat";
    beats_ += t.ld_beat_o;
    if (we) {
      ASSERT_TRUE(!t.ld_stop_i || (stop_allows_pack_ && !t.ld_beat_o)) << "a write after stop";
      const int buf = t.ld_act_we_o   ? TETRA_BUF_ACT
                      : t.ld_wgt_we_o ? TETRA_BUF_WGT
                      : t.ld_res_we_o ? TETRA_BUF_RES
                                      : TETRA_BUF_PAR;
      got_.push_back({buf, t.ld_wr_addr_o, GetPort(t.ld_wr_data_o, kN), buf == TETRA_BUF_WGT && t.ld_wgt_keep_low_o});
    }
    if (t.ld_lay_valid_o) layers_.push_back({t.ld_lay_id_o, t.ld_lay_n_o});
    ASSERT_EQ(t.ld_outstanding_o, last_outstanding_ > 0) << "cycle " << b_.cycle;
    last_outstanding_ = mem_.outstanding();
    if (offer && t.ld_cmd_ready_o) {
      todo_.erase(todo_.begin());
      offering_ = false;
    }
    b_.Edge();
  }
  void RunToIdle(int limit = 200000) {
    for (int i = 0; i < limit; i++) {
      Step();
      if (HasFatalFailure()) return;
      b_.Settle();
      if (todo_.empty() && b_.top->ld_idle_o) break;
    }
    ASSERT_TRUE(b_.top->ld_idle_o) << "not idle after " << limit << " cycles";
    for (int i = 0; i < 4; i++) Step();
  }
  void Compare() {
    ASSERT_EQ(got_.size(), expect_.size());
    for (size_t i = 0; i < got_.size(); i++)
      ASSERT_TRUE(got_[i] == expect_[i]) << "word " << i << ": buffer " << got_[i].buf << " address " << got_[i].addr
                                         << " instead of buffer " << expect_[i].buf << " address " << expect_[i].addr;
    ASSERT_EQ(layers_, layers_expect_);
  }
  void Reset() {
    b_.top->ld_stop_i = 0;
    b_.top->ld_cmd_valid_i = b_.top->ld_r_valid_i = b_.top->ld_ar_ready_i = 0;
    todo_.clear();
    got_.clear();
    expect_.clear();
    layers_.clear();
    layers_expect_.clear();
    offering_ = false;
    b_.Reset();
  }

  Bench b_;
  Random rnd_{21};
  ReadMemory mem_{&b_, &rnd_};
  std::vector<Command> todo_;
  std::vector<Write> got_, expect_;
  std::vector<std::pair<uint32_t, uint32_t>> layers_, layers_expect_;
  uint32_t next_index_ = 100;
  size_t last_outstanding_ = 0;
  long beats_ = 0;
  bool offering_ = false;
  bool stop_allows_pack_ = false;  // a PACK under way may end on its own
};

#endif
