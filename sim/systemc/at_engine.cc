// The approximately timed engine: the cycle model says when, C functions say what; bursts are transactions at the times
// at which the hardware has them.
#include <algorithm>
#include <deque>

#include "systemc/clocked.h"
#include "systemc/commands.h"
#include "tetra/timing_device.h"

namespace tetra {

namespace {

/// A register access on the bus, clocks; and a soft reset, whose longest part is clearing the layers' counters.
constexpr uint64_t kAccessClocks = 3, kResetClocks = TETRA_DEF_MAX_LAYERS + 16;

class AtEngine : public ClockedEngine {
 public:
  explicit AtEngine(EngineHost *host) : ClockedEngine(host), d_(host) {
    tetra_timing_hooks h = {};
    h.arg = this;
    h.fetch = [](void *a, uint32_t slot, uint32_t n, tetra_cmd *to) { return Self(a)->Fetch(slot, n, to); };
    h.dispatch = [](void *a, const tetra_cmd *c, uint32_t index) { return Self(a)->Dispatch(*c, index); };
    h.read = [](void *a, const tetra_timing_command *c, uint32_t addr, uint32_t beats) {
      return Self(a)->Read(*c, addr, beats);
    };
    h.load = [](void *a, const tetra_timing_command *c) { Self(a)->Load(*c); };
    h.compute = [](void *a, const tetra_timing_command *c) { Self(a)->Compute(*c); };
    h.store = [](void *a, const tetra_timing_command *c) { Self(a)->Store(*c); };
    h.address = [](void *a, const tetra_timing_command *c, uint32_t addr, uint32_t beats) {
      return static_cast<int>(!Self(a)->Gone() && Self(a)->d_.InRange(addr, beats * Self(a)->n(), c->index));
    };
    h.write = [](void *a, const tetra_timing_command *c, uint32_t addr, uint32_t beats) {
      return Self(a)->Write(*c, addr, beats);
    };
    h.stored = [](void *a, const tetra_timing_command *c, uint64_t cycle) { Self(a)->Stored(*c, cycle); };
    h.sync = [](void *a, uint32_t tag) { Self(a)->Sync(tag); };
    tetra_error err = {};
    // Without an arbiter a beat moves each way whenever it can.
    const tetra_memory_params mem = {2 * n(), 1};
    if (tetra_timing_device_new(&t_, n(), &mem, &h, &err) != TETRA_OK) throw std::runtime_error(err.msg);
    SetUp();
  }
  ~AtEngine() override { tetra_timing_device_free(t_); }

  bool Access(bool write, uint32_t offset, uint32_t *value, uint32_t strobes, sc_core::sc_time *delay) override {
    sc_core::wait(*delay + At(kAccessClocks));
    *delay = sc_core::SC_ZERO_TIME;
    while (in_reset_ || forget_ == kAll) sc_core::wait(out_of_reset_);
    Refresh(offset);
    if (!write) return dev_regs_read(&d_.regs, offset, value) != 0;
    int effect = DEV_NOTHING;
    const bool good = dev_regs_write(&d_.regs, offset, *value, strobes, &effect) != 0;
    if (effect & DEV_RESET) SoftReset(kWork);
    if (effect & DEV_CONTROL) Control();
    host_->Irq(dev_regs_line(&d_.regs) != 0);
    return good;
  }
  bool Peek(uint32_t offset, uint32_t *value) override {
    Refresh(offset);
    return dev_regs_peek(&d_.regs, offset, value) != 0;
  }
  void Reset(bool asserted) override {
    in_reset_ = asserted;
    if (asserted) {
      SoftReset(kAll);
    } else {
      out_of_reset_.notify(sc_core::SC_ZERO_TIME);
    }
  }

 protected:
  bool Works() override {
    if (d_.regs.stopped || in_reset_) return false;
    const tetra_timing_state state = tetra_timing_device_state(t_);
    // What waits for ever has a clock as long as the watchdog looks at it.
    return state == TETRA_TIMING_WORKS || (state == TETRA_TIMING_WAITS && d_.regs.enable && d_.regs.watchdog != 0);
  }
  void Rest(uint64_t cycles) override {
    tetra_timing_device_rest(t_, cycles);
    rested_ += cycles;
  }
  uint64_t Ahead(uint64_t cycles, tetra_bucket *bucket) override {
    if (bucket != nullptr) tetra_timing_device_set_bucket(t_, bucket);
    const uint64_t patience = d_.regs.watchdog;
    if (patience != 0 && patience / 4 + 1 < cycles) cycles = patience / 4 + 1;
    begin_ = cycle() - tetra_timing_device_now(t_);
    stop_ = 0;
    inside_ = true;
    uint64_t done = tetra_timing_device_run(t_, cycles, &stop_);
    inside_ = false;
    if (done == 0 && !d_.regs.stopped) {
      tetra_timing_device_wait(t_, cycles);
      done = cycles;
    }
    if (bucket != nullptr) *bucket = tetra_timing_device_bucket(t_);
    Watch(done);
    CatchUp();
    return done == 0 ? 1 : done;
  }
  void Step(tetra_grant granted) override {
    begin_ = cycle() - tetra_timing_device_now(t_);
    inside_ = true;
    tetra_timing_device_step(t_, granted);
    inside_ = false;
    // Looking for progress takes as long as a clock.
    if (++unwatched_ * 4 > d_.regs.watchdog && d_.regs.watchdog != 0) Watch(unwatched_);
    CatchUp();
  }
  tetra_grant Wants() override { return tetra_timing_device_wants(t_); }
  void Show() override {
    if (d_.bad_tail && tetra_timing_device_state(t_) == TETRA_TIMING_IDLE)
      d_.BadTail(tetra_timing_device_dispatched(t_));
    host_->Irq(dev_regs_line(&d_.regs) != 0);
  }

 private:
  struct Loaded {
    uint32_t index;
    bool failed;
    size_t size;
    std::vector<uint8_t> data;  // of `size` bytes and maybe more
  };

  static AtEngine *Self(void *arg) { return static_cast<AtEngine *>(arg); }
  uint32_t n() const { return host_->config().caps.n; }

  void SetUp() {
    tetra_timing_device_enable(t_, static_cast<int>(d_.regs.enable));
    tetra_timing_device_ring(t_, d_.regs.ring_base, d_.regs.ring_size);
  }
  // The pin resets all, a soft reset leaves what the host has set.
  enum Scope { kNothing, kWork, kAll };
  bool Gone() const { return forget_ != kNothing; }
  void SoftReset(Scope what) {
    forget_ = std::max(forget_, what);
    reset_until_ = sc_core::sc_time_stamp() + At(kResetClocks);
    d_.regs.resetting = 1;
    if (inside_) {
      Seen();
    } else {
      Forget();
    }
    host_->Irq(false);
  }
  void Forget() {
    const tetra_caps caps = d_.regs.caps;
    tetra_timing_device_reset(t_);
    d_.Reset();
    loads_.clear();
    words_.clear();
    words_done_ = 0;
    bad_.clear();
    rested_ = 0;
    fetched_ = 0;
    watched_ = 0;
    if (forget_ == kAll) dev_regs_init(&d_.regs, &caps);
    forget_ = kNothing;
  }
  // Memory that waits holds up the model in the middle of a cycle; what was asked for meanwhile comes after it.
  void CatchUp() {
    if (Gone()) {
      Forget();
      control_due_ = false;
      out_of_reset_.notify(sc_core::SC_ZERO_TIME);
    }
    if (control_due_) Control();
  }
  void Control() {
    control_due_ = inside_;
    if (inside_) return Seen();
    SetUp();
    d_.Ring();
    tetra_timing_device_commands(t_, d_.commands);
    if (d_.bad_tail && tetra_timing_device_state(t_) == TETRA_TIMING_IDLE)
      d_.BadTail(tetra_timing_device_dispatched(t_));
    Wake();
  }
  // Brings up to date what an access may look at.
  void Refresh(uint32_t offset) {
    d_.regs.resetting = Gone() || sc_core::sc_time_stamp() < reset_until_;
    d_.regs.busy = Works();
    if (offset < TETRA_REG_COUNTERS) return;
    uint64_t classes[TETRA_TIMING_CLASSES], total = 0;
    tetra_timing_device_classes(t_, classes);
    for (int i = 0; i < TETRA_TIMING_CLASSES; i++) total += d_.regs.counters[TETRA_CNT_BUSY + i] = classes[i];
    d_.regs.counters[TETRA_CNT_CYCLES] = total;
  }
  // No progress for as long as the watchdog has patience.
  void Watch(uint64_t cycles) {
    unwatched_ = 0;
    const uint64_t progress = tetra_timing_device_progress(t_);
    watched_ = progress == progress_ ? watched_ + cycles : 0;
    progress_ = progress;
    if (d_.regs.watchdog != 0 && watched_ >= d_.regs.watchdog && !d_.regs.stopped)
      dev_regs_error(&d_.regs, TETRA_ERR_TIMEOUT, tetra_timing_device_oldest(t_), 0);
  }
  void Seen() { stop_ = 1; }

  // A burst at the cycle that the model is in; its latency in cycles. None begins any more behind a reset.
  uint32_t Burst(BurstKind::Kind kind, uint32_t addr, uint8_t *data, uint32_t bytes, bool *good) {
    *good = true;
    if (Gone()) return 1;
    const sc_core::sc_time now = sc_core::sc_time_stamp(), then = At(begin_ + tetra_timing_device_now(t_));
    const sc_core::sc_time ahead = then > now ? then - now : sc_core::SC_ZERO_TIME;
    sc_core::sc_time delay = ahead;
    *good = host_->Burst(kind, addr, data, bytes, nullptr, &delay) == tlm::TLM_OK_RESPONSE;
    if (MemoryPort *port = host_->port()) return port->params().latency;
    return Latency(ahead, delay + (sc_core::sc_time_stamp() - now));
  }
  uint32_t Fetch(uint32_t slot, uint32_t commands, tetra_cmd *to) {
    uint8_t bytes[TETRA_FETCH_BURST * TETRA_CMD_BYTES] = {};
    bool good = false;
    const uint32_t size = commands * TETRA_CMD_BYTES;
    const uint32_t latency = Burst(BurstKind::kFetch, d_.regs.ring_base + slot * TETRA_CMD_BYTES, bytes, size, &good);
    for (uint32_t i = 0; i < commands; i++) {
      for (uint32_t w = 0; w < TETRA_CMD_WORDS; w++) {
        const uint8_t *b = bytes + i * TETRA_CMD_BYTES + 4 * w;
        to[i].word[w] = b[0] | static_cast<uint32_t>(b[1]) << 8 | static_cast<uint32_t>(b[2]) << 16 |
                        static_cast<uint32_t>(b[3]) << 24;
      }
      if (!good) {
        // Its turn comes; the model must not stumble over what is no command before.
        bad_.push_back(fetched_ + i);
      }
    }
    fetched_ += commands;
    d_.regs.counters[TETRA_CNT_FETCH_BYTES] += size;
    return latency;
  }
  int Dispatch(const tetra_cmd &c, uint32_t index) {
    if (Gone()) return 0;
    const bool failed = !bad_.empty() && bad_.front() == index;
    if (d_.Accept(c, index, failed)) return 1;
    Seen();
    return 0;
  }
  // Buffers of earlier LOADs are used again: they need neither memory from the host nor zeros.
  void BeginLoad(const tetra_timing_command &c) {
    Loaded l = {c.index, false, 0, {}};
    if (!spare_.empty()) {
      l.data = std::move(spare_.back());
      spare_.pop_back();
    }
    const size_t bytes = static_cast<size_t>(tetra_cmd_get(&c.cmd, TETRA_F_LOAD_BEATS)) *
                         tetra_cmd_get(&c.cmd, TETRA_F_LOAD_COUNT) * n();
    if (l.data.size() < bytes) l.data.resize(bytes);
    loads_.push_back(std::move(l));
  }
  uint32_t Read(const tetra_timing_command &c, uint32_t addr, uint32_t beats) {
    if (Gone()) return 0;
    const uint32_t bytes = beats * n();
    if (!d_.InRange(addr, bytes, c.index)) {
      Seen();
      return 0;
    }
    if (loads_.empty() || loads_.back().index != c.index) BeginLoad(c);
    Loaded &l = loads_.back();
    const size_t at = l.size;
    l.size += bytes;
    bool good = false;
    const uint32_t latency = Burst(BurstKind::kRead, addr, l.data.data() + at, bytes, &good);
    l.failed = l.failed || !good;
    return latency;
  }
  void Load(const tetra_timing_command &c) {
    if (Gone()) return;
    if (tetra_cmd_get(&c.cmd, TETRA_F_OP) == TETRA_OP_PACK) return dev_pack(&d_.core, &c.cmd);
    Loaded &l = loads_.front();
    if (l.failed) {
      dev_regs_error(&d_.regs, TETRA_ERR_AXI_READ, c.index, tetra_cmd_get(&c.cmd, TETRA_F_LOAD_ADDR));
      Seen();
    } else {
      dev_load(&d_.core, &c.cmd, 0, static_cast<uint32_t>(l.size / n()), l.data.data());
      d_.CountLoad(c.cmd);
    }
    spare_.push_back(std::move(l.data));
    loads_.pop_front();
  }
  void Compute(const tetra_timing_command &c) {
    dev_compute(&d_.core, &c.cmd);
    d_.CountCompute(c.cmd);
  }
  uint32_t Write(const tetra_timing_command &c, uint32_t addr, uint32_t beats) {
    const uint32_t bytes = beats * n();
    bool good = false;
    const uint32_t latency = Burst(BurstKind::kWrite, addr, words_.data() + words_done_, bytes, &good);
    words_done_ += bytes;
    if (words_done_ == words_.size()) {
      words_.clear();
      words_done_ = 0;
    }
    if (!good && !Gone()) {
      dev_regs_error(&d_.regs, TETRA_ERR_AXI_WRITE, c.index, addr);
      Seen();
    }
    return latency;
  }
  void Store(const tetra_timing_command &c) {
    if (!Gone()) d_.Store(c.cmd, &words_);
  }
  void Stored(const tetra_timing_command &c, uint64_t cycle) {
    if (Gone()) return;
    d_.CountStore(c.cmd);
    if (d_.regs.stopped || !tetra_cmd_get(&c.cmd, TETRA_F_STORE_LAST)) return;
    dev_regs_layer_done(&d_.regs, tetra_cmd_get(&c.cmd, TETRA_F_LAYER), cycle - rested_);
    if (d_.regs.irq_mask & TETRA_IRQ_LAYER) Seen();
  }
  void Sync(uint32_t tag) {
    if (Gone()) return;
    dev_regs_sync(&d_.regs, tag);
    Seen();
  }

  CommandDevice d_;
  tetra_timing_device *t_ = nullptr;
  int stop_ = 0;
  bool in_reset_ = false;
  bool inside_ = false;       // of the model
  Scope forget_ = kNothing;   // a reset that the model has yet to hear of
  bool control_due_ = false;  // the same for registers that were written
  sc_core::sc_event out_of_reset_;
  std::deque<Loaded> loads_;
  std::vector<std::vector<uint8_t>> spare_;
  std::deque<uint32_t> bad_;    // commands whose fetch failed
  std::vector<uint8_t> words_;  // of STOREs, on their way out
  size_t words_done_ = 0;
  uint32_t fetched_ = 0;
  uint64_t begin_ = 0, rested_ = 0, watched_ = 0, unwatched_ = 0, progress_ = 0;
  sc_core::sc_time reset_until_;
};

}  // namespace

std::unique_ptr<Engine> MakeAtEngine(EngineHost *host) { return std::make_unique<AtEngine>(host); }

}  // namespace tetra
