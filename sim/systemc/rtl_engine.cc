// The Verilated design behind the sockets: AXI4-Lite and AXI4 to transactions, one clock at a time.
#include <stdexcept>

#include "machine/memory.h"
#include "machine/rtl_model.h"
#include "systemc/clocked.h"

namespace tetra {

namespace {

/// Clocks that go on after the last access to a register: a soft reset takes as long.
constexpr uint64_t kAfterAccess = 2048;

class RtlEngine : public ClockedEngine {
 public:
  explicit RtlEngine(EngineHost *host) : ClockedEngine(host) {
    const uint32_t n = host->config().caps.n;
    tetra_error err = {};
    const tetra_mem_config cfg = {0, 0, n, {n, 1}, 0, 0};
    const tetra_mem_owner owner = {this, &RtlEngine::OnAccess, &RtlEngine::OnGrant};
    if (tetra_mem_init_owned(&mem_, &cfg, &owner, &err) != TETRA_OK ||
        rtl_model_create(&rtl_, n, 0, &mem_, &err) != TETRA_OK) {
      tetra_mem_free(&mem_);
      throw std::runtime_error(err.msg);
    }
    if (IsBuiltAs(host->config().caps)) return;
    rtl_model_destroy(&rtl_);
    tetra_mem_free(&mem_);
    throw std::runtime_error(
        "the rtl engine is built with other buffers than the configuration's; its registers say which");
  }
  ~RtlEngine() override {
    rtl_model_destroy(&rtl_);
    tetra_mem_free(&mem_);
  }

  bool Access(bool write, uint32_t offset, uint32_t *value, uint32_t strobes, sc_core::sc_time *delay) override {
    sc_core::wait(*delay);
    *delay = sc_core::SC_ZERO_TIME;
    while (lite_.state != Lite::kNone || InReset()) sc_core::wait(lite_changed_);
    lite_ = {Lite::kWanted, write, offset, *value, strobes, false};
    Wake();
    while (lite_.state != Lite::kDone) sc_core::wait(lite_changed_);
    lite_.state = Lite::kNone;
    if (!write) *value = lite_.value;
    lite_changed_.notify(sc_core::SC_ZERO_TIME);
    return lite_.good;
  }
  /// The port has no second way in.
  bool Peek(uint32_t, uint32_t *) override { return false; }
  void Reset(bool asserted) override {
    pin_ = asserted;
    hit_ = hit_ || asserted;
    awake_ = kAfterAccess;
    Wake();
  }

 protected:
  bool Works() override {
    return awake_ != 0 || clock_.busy || LiteGoesOn() || mem_.n_reads != 0 || mem_.n_writes != 0 || mem_.n_resps != 0;
  }
  void Rest(uint64_t) override {}
  uint64_t Ahead(uint64_t cycles, tetra_bucket *bucket) override {
    const uint8_t irq = clock_.irq;
    uint64_t done = 0;
    bucket_ = bucket;
    free_ = bucket == nullptr;
    begin_ = cycle();
    do {
      Clock();
      done++;
    } while (done < cycles && clock_.irq == irq && !news_ && Works());
    bucket_ = nullptr;
    return done;
  }
  void Step(tetra_grant granted) override {
    free_ = false;
    granted_ = granted;
    begin_ = cycle();
    Clock();
  }
  tetra_grant Wants() override { return tetra_mem_wants(&mem_, clock_.wvalid, 0); }
  void Show() override {
    host_->Irq(clock_.irq != 0);
    if (news_) lite_changed_.notify(sc_core::SC_ZERO_TIME);
    news_ = false;
    const tetra_error *err = rtl_.error(rtl_.self);
    if (err->code != TETRA_OK) SC_REPORT_ERROR("tetra", err->msg);
  }

 private:
  bool IsBuiltAs(const tetra_caps &c) {
    const uint32_t wanted[][2] = {{TETRA_REG_ACT_WORDS, c.act_words},   {TETRA_REG_WGT_WORDS, c.wgt_words},
                                  {TETRA_REG_RES_WORDS, c.res_words},   {TETRA_REG_PAR_ENTRIES, c.par_entries},
                                  {TETRA_REG_ACC_PIXELS, c.acc_pixels}, {TETRA_REG_MAX_LAYERS, c.max_layers},
                                  {TETRA_REG_POOL_WORDS, c.pool_words}};
    for (const auto &w : wanted) {
      if (rtl_.reg_read(rtl_.self, w[0]) != w[1]) return false;
    }
    return true;
  }
  bool InReset() const { return pin_ || hit_ || held_; }
  bool LiteGoesOn() const { return lite_.state == Lite::kWanted || lite_.state == Lite::kBegun; }
  void EndLite(bool answered) {
    lite_.good = rtl_.lite_end(rtl_.self, &lite_.value) == 0 && answered;
    lite_.state = Lite::kDone;
    news_ = true;
  }
  // Only this touches the model, and memory that waits holds it up in the middle of it: others leave what they want.
  void Clock() {
    if (hit_) {
      // Both sides of a bus are reset together: what the memory owed is forgotten, an access to a register has no
      // answer. The shortest pulse lasts for a clock.
      rtl_.reset_pin(rtl_.self, 0);
      tetra_mem_forget(&mem_);
      if (lite_.state == Lite::kBegun) EndLite(false);
      hit_ = false;
      held_ = true;
    } else if (held_ && !pin_) {
      rtl_.reset_pin(rtl_.self, 1);
      held_ = false;
      news_ = true;
    }
    if (lite_.state == Lite::kWanted && !held_) {
      rtl_.lite_begin(rtl_.self, lite_.write, lite_.offset, lite_.value, lite_.strobes);
      lite_.state = Lite::kBegun;
    }
    rtl_.clock(rtl_.self, &clock_);
    begin_++;
    if (clock_.lite_done && lite_.state == Lite::kBegun) EndLite(true);
    if (clock_.busy || LiteGoesOn()) {
      awake_ = kAfterAccess;
    } else if (awake_ != 0) {
      awake_--;
    }
  }
  static tetra_grant OnGrant(void *arg, tetra_grant wants) {
    auto *e = static_cast<RtlEngine *>(arg);
    if (e->bucket_ != nullptr)
      return tetra_bucket_grant(e->bucket_, static_cast<int32_t>(e->mem_.cfg.beat_bytes), wants.read, wants.write);
    return e->free_ ? wants : e->granted_;
  }
  static uint8_t OnAccess(void *arg, int fetch, uint32_t addr, uint8_t *data, const uint8_t *enables, uint32_t bytes,
                          uint32_t *latency) {
    auto *e = static_cast<RtlEngine *>(arg);
    const sc_core::sc_time now = sc_core::sc_time_stamp(), then = e->At(e->begin_);
    const sc_core::sc_time ahead = then > now ? then - now : sc_core::SC_ZERO_TIME;
    sc_core::sc_time delay = ahead;
    const bool write = enables != nullptr;
    bool whole = true;
    for (uint32_t i = 0; write && i < bytes; i++) whole = whole && enables[i] != 0;
    const auto status = e->host_->Burst(write   ? BurstKind::kWrite
                                        : fetch ? BurstKind::kFetch
                                                : BurstKind::kRead,
                                        addr, data, bytes, whole ? nullptr : const_cast<uint8_t *>(enables), &delay);
    // A target that waits instead of adding to delay is as late.
    delay += sc_core::sc_time_stamp() - now;
    MemoryPort *port = e->host_->port();
    *latency = port != nullptr ? port->params().latency : e->Latency(ahead, delay);
    return status == tlm::TLM_OK_RESPONSE              ? TETRA_AXI_OKAY
           : status == tlm::TLM_ADDRESS_ERROR_RESPONSE ? TETRA_AXI_DECERR
                                                       : TETRA_AXI_SLVERR;
  }

  tetra_mem mem_ = {};
  rtl_model rtl_ = {};
  rtl_clock clock_ = {};
  tetra_bucket *bucket_ = nullptr;
  tetra_grant granted_ = {0, 0};
  bool free_ = false;
  bool pin_ = false, hit_ = false, held_ = false;  // the reset pin: now; since the last clock; at the model
  // An access to a register: for the model to begin, begun, answered.
  struct Lite {
    enum State { kNone, kWanted, kBegun, kDone } state = kNone;
    bool write = false;
    uint32_t offset = 0, value = 0, strobes = 0;
    bool good = false;
  } lite_;
  bool news_ = false;  // for who waits for lite_changed_
  uint64_t awake_ = kAfterAccess, begin_ = 0;
  sc_core::sc_event lite_changed_;
};

}  // namespace

std::unique_ptr<Engine> MakeRtlEngine(EngineHost *host) { return std::make_unique<RtlEngine>(host); }

}  // namespace tetra
