// An AXI4 memory for benches: latency, random stalls, injected error responses, and a check of the master's protocol.
#ifndef TETRA_TESTS_RTL_AXI_MEMORY_H
#define TETRA_TESTS_RTL_AXI_MEMORY_H

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <deque>
#include <random>
#include <string>
#include <vector>

namespace tetra_test {

// TOP is a Verilated model with Tetra's m_axi_* ports. Call Before() with the clock low and inputs settled, After()
// once the clock is high: it drives the ports for the next cycle.
template <class TOP>
class AxiMemory {
 public:
  AxiMemory(TOP *top, int n, uint32_t base, size_t bytes) : top_(top), n_(n), base_(base), data(bytes) {}

  void Before() {
    CheckStable(&ar_, top_->m_axi_arvalid_o, top_->m_axi_arready_i,
                Payload({top_->m_axi_arid_o, top_->m_axi_araddr_o, top_->m_axi_arlen_o, top_->m_axi_arsize_o}), "AR");
    CheckStable(&aw_, top_->m_axi_awvalid_o, top_->m_axi_awready_i,
                Payload({top_->m_axi_awid_o, top_->m_axi_awaddr_o, top_->m_axi_awlen_o, top_->m_axi_awsize_o}), "AW");
    std::vector<uint8_t> w(n_ + 9);
    std::memcpy(w.data(), &top_->m_axi_wdata_o, n_);
    const uint64_t strobe = top_->m_axi_wstrb_o;
    std::memcpy(w.data() + n_, &strobe, 8);
    w[n_ + 8] = top_->m_axi_wlast_o;
    CheckStable(&w_, top_->m_axi_wvalid_o, top_->m_axi_wready_i, w, "W");

    ar_fire_ = top_->m_axi_arvalid_o && top_->m_axi_arready_i;
    aw_fire_ = top_->m_axi_awvalid_o && top_->m_axi_awready_i;
    w_fire_ = top_->m_axi_wvalid_o && top_->m_axi_wready_i;
    r_fire_ = top_->m_axi_rvalid_i && top_->m_axi_rready_o;
    b_fire_ = top_->m_axi_bvalid_i && top_->m_axi_bready_o;
    if (ar_fire_) read_bursts[top_->m_axi_arid_o & 1]++;
    if (aw_fire_) write_bursts++;
    if (ar_fire_)
      reads_[top_->m_axi_arid_o & 1].push_back(
          NewBurst(top_->m_axi_araddr_o, top_->m_axi_arlen_o, top_->m_axi_arsize_o, top_->m_axi_arburst_o, "AR"));
    if (aw_fire_)
      writes_.push_back(
          NewBurst(top_->m_axi_awaddr_o, top_->m_axi_awlen_o, top_->m_axi_awsize_o, top_->m_axi_awburst_o, "AW"));
    if (w_fire_) beats_.push_back(w);
  }

  void After() {
    now_++;
    if (r_fire_) {
      last_read = now_;
      if (r_error_) read_error_at = now_;
      r_valid_ = false;
      if (!unasked_) {
        Burst &b = reads_[r_id_].front();
        if (++b.done == b.beats) reads_[r_id_].pop_front();
      }
      unasked_ = false;
    }
    if (b_fire_) {
      b_valid_ = false;
      top_->m_axi_bid_i = 0;
      if (!responses_.empty()) {
        if (responses_.front().error) write_error_at = now_;
        responses_.pop_front();
      }
    }
    TakeWrites();
    if (pair_errors && pair_from_ == 0 && ErrorReadWaits() && ErrorResponseWaits()) pair_from_ = now_ + 8;
    top_->m_axi_arready_i = !dead && !Stall() && reads_[0].size() + reads_[1].size() < 16;
    top_->m_axi_awready_i = !dead && !Stall() && writes_.size() < 16;
    top_->m_axi_wready_i = !dead && !Stall() && beats_.size() < 64;
    if (!r_valid_ && !dead && !Stall()) StartRead();
    if (!b_valid_ && !dead && !Stall() && !responses_.empty() && responses_.front().due <= now_ &&
        !(ErrorResponseWaits() && Held(pair_offset))) {
      b_valid_ = true;
      top_->m_axi_bresp_i = static_cast<uint8_t>(responses_.front().error ? error_response : good_response);
    }
    if ((breach == kUnaskedRead || breach == kUnaskedResponse) && Quiet() && !r_valid_ && !b_valid_) {
      (breach == kUnaskedRead ? r_valid_ : b_valid_) = true;
      unasked_ = breach == kUnaskedRead;
      top_->m_axi_rlast_i = 1;
      breach = kNone;
    }
    if (breach == kResponseId && b_valid_) {
      top_->m_axi_bid_i = 1;
      breach = kNone;
    }
    top_->m_axi_rvalid_i = r_valid_;
    top_->m_axi_bvalid_i = b_valid_;
  }

  // Of write bursts taken: beats whose data are not here, and responses not given.
  size_t DataOwed() const {
    size_t beats = 0;
    for (const Burst &b : writes_) beats += static_cast<size_t>(b.beats - b.done);
    return beats > beats_.size() ? beats - beats_.size() : 0;
  }
  // From now on bursts that were taken or offered before are old: their data are not written any more, but counted in
  // `old_data` if they come later and with a byte enabled.
  void MarkOld() {
    old_bursts_ = writes_.size() + (top_->m_axi_awvalid_o ? 1 : 0);
    old_beats_ = beats_.size();
  }
  // Reads of an id, and writes, that are not over.
  bool ReadOwed(int id) const { return !reads_[id].empty(); }
  bool WriteOwed() const { return !writes_.empty() || !responses_.empty(); }
  size_t ResponsesOwed() const { return responses_.size(); }
  bool Quiet() const { return reads_[0].empty() && reads_[1].empty() && writes_.empty() && responses_.empty(); }

  // What a memory must not do; each once, at the beat of address `breach_at` or when nothing is asked for.
  enum Breach { kNone, kEarlyLast, kNoLast, kOtherId, kUnknownId, kUnaskedRead, kUnaskedResponse, kResponseId };
  Breach breach = kNone;
  uint32_t breach_at = 0;

  std::vector<std::string> violations;
  int latency = 8, stall_percent = 0;
  bool dead = false;                                           // answers nothing any more
  uint32_t read_error = 0xffffffff, write_error = 0xffffffff;  // beats of these addresses get error_response
  int error_response = 2, good_response = 0;                   // SLVERR or DECERR (3); OKAY or EXOKAY (1)
  // Keeps an error on each of the two channels until both are due, then shows the write's so many cycles after the
  // read's (before it where negative; at most 8).
  bool pair_errors = false;
  int pair_offset = 0;
  uint64_t read_beats = 0, write_beats = 0, strobed_off = 0, old_data = 0;
  uint64_t read_bursts[2] = {0, 0}, write_bursts = 0;             // addresses taken, reads by their id
  uint64_t last_read = 0, read_error_at = 0, write_error_at = 0;  // cycles in which the master took a beat or response
  size_t most_reads = 0;                                          // largest number of bursts in flight

 private:
  struct Burst {
    uint32_t addr;
    int beats, done;
    uint64_t due;
    bool error;
  };
  struct Channel {
    bool held = false;
    std::vector<uint8_t> payload;
  };
  TOP *top_;
  int n_;
  uint32_t base_;

 public:
  std::vector<uint8_t> data;
  void Seed(uint64_t seed) { random_.seed(seed); }
  void MoveTo(uint32_t base) { base_ = base; }

 private:
  static std::vector<uint8_t> Payload(std::vector<uint64_t> v) {
    std::vector<uint8_t> p(v.size() * 8);
    std::memcpy(p.data(), v.data(), p.size());
    return p;
  }
  bool Stall() { return stall_percent && static_cast<int>(random_() % 100) < stall_percent; }
  void Violation(const std::string &s) {
    if (violations.size() < 10) violations.push_back("cycle " + std::to_string(now_) + ": " + s);
  }
  // Valid stays, and its payload, until ready.
  void CheckStable(Channel *c, bool valid, bool ready, const std::vector<uint8_t> &payload, const char *name) {
    if (c->held && !valid) Violation(std::string(name) + " valid dropped");
    if (c->held && valid && payload != c->payload) Violation(std::string(name) + " payload changed");
    c->held = valid && !ready;
    c->payload = payload;
  }
  Burst NewBurst(uint32_t addr, int len, int size, int burst, const char *name) {
    const uint32_t bytes = static_cast<uint32_t>((len + 1) * n_);
    if (addr % n_) Violation(std::string(name) + " misaligned");
    if (addr / 4096 != (addr + bytes - 1) / 4096) Violation(std::string(name) + " crosses 4 KiB");
    if (1 << size != n_ || burst != 1) Violation(std::string(name) + " size or type");
    if (addr < base_ || addr - base_ + bytes > data.size()) Violation(std::string(name) + " outside memory");
    Burst b = {addr, len + 1, 0, now_ + static_cast<uint64_t>(latency), false};
    most_reads = std::max(most_reads, reads_[0].size() + reads_[1].size() + 1);
    return b;
  }
  bool ErrorReadWaits() const {
    for (const std::deque<Burst> &r : reads_)
      if (!r.empty() && r.front().due <= now_ && Next(r.front()) == read_error) return true;
    return false;
  }
  bool ErrorResponseWaits() const {
    return !responses_.empty() && responses_.front().due <= now_ && responses_.front().error;
  }
  bool Held(int offset) const {
    return pair_errors && (pair_from_ == 0 || now_ < pair_from_ + static_cast<uint64_t>(offset > 0 ? offset : 0));
  }
  uint32_t Next(const Burst &b) const { return b.addr + static_cast<uint32_t>(b.done * n_); }
  void StartRead() {
    // Ids may overtake each other, beat by beat.
    int id = static_cast<int>(random_() & 1);
    if (reads_[id].empty() || reads_[id].front().due > now_) id ^= 1;
    if (reads_[id].empty() || reads_[id].front().due > now_) return;
    const Burst &b = reads_[id].front();
    const uint32_t addr = Next(b);
    r_error_ = addr == read_error;
    if (r_error_ && Held(-pair_offset)) return;
    r_valid_ = true;
    r_id_ = id;
    top_->m_axi_rid_i = static_cast<uint8_t>(id);
    top_->m_axi_rresp_i = static_cast<uint8_t>(r_error_ ? error_response : good_response);
    top_->m_axi_rlast_i = b.done + 1 == b.beats;
    if (addr == breach_at) Break();
    if (addr - base_ + n_ <= data.size()) std::memcpy(&top_->m_axi_rdata_i, &data[addr - base_], n_);
    read_beats++;
  }
  void Break() {
    if (breach == kEarlyLast) top_->m_axi_rlast_i = 1;
    if (breach == kNoLast) top_->m_axi_rlast_i = 0;
    if (breach == kOtherId) top_->m_axi_rid_i ^= 1;
    if (breach == kUnknownId) top_->m_axi_rid_i ^= 2;
    if (breach <= kUnknownId) breach = kNone;
  }
  void TakeWrites() {
    while (!writes_.empty() && !beats_.empty()) {
      Burst &b = writes_.front();
      const uint32_t addr = Next(b);
      const std::vector<uint8_t> &w = beats_.front();
      uint64_t strobe;
      std::memcpy(&strobe, &w[n_], 8);
      if (old_bursts_ && old_beats_)
        old_beats_--;
      else if (old_bursts_ && strobe)
        old_data++;
      if (addr - base_ + n_ <= data.size() && !old_bursts_)
        for (int i = 0; i < n_; i++)
          if (strobe >> i & 1) data[addr - base_ + i] = w[i];
      if (strobe == 0) strobed_off++;
      b.error = b.error || addr == write_error;
      const bool last = ++b.done == b.beats;
      if (last != (w[n_ + 8] != 0)) Violation("WLAST wrong");
      beats_.pop_front();
      write_beats++;
      if (last) {
        b.due = now_ + static_cast<uint64_t>(latency);
        if (old_bursts_) old_bursts_--;
        responses_.push_back(b);
        writes_.pop_front();
      }
    }
  }

  std::mt19937_64 random_{1};
  uint64_t now_ = 0;
  size_t old_bursts_ = 0, old_beats_ = 0;
  Channel ar_, aw_, w_;
  std::deque<Burst> reads_[2], writes_, responses_;
  std::deque<std::vector<uint8_t>> beats_;
  bool ar_fire_ = false, aw_fire_ = false, w_fire_ = false, r_fire_ = false, b_fire_ = false;
  bool r_valid_ = false, b_valid_ = false, r_error_ = false, unasked_ = false;
  uint64_t pair_from_ = 0;
  int r_id_ = 0;
};

}  // namespace tetra_test
#endif
