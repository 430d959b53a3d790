// The loosely timed engine: commands in the order of the ring, one after the other, as fast as the host can; time is a
// rough sum that only keeps the rest of the platform going.
#include <systemc>  // before the quantum keeper, which needs it

#include <tlm.h>
#include <tlm_utils/tlm_quantumkeeper.h>

#include "systemc/commands.h"

namespace tetra {

namespace {

constexpr uint64_t kAccessClocks = 3;
/// Beside the causes of errors: there was a reset while memory kept a burst waiting, and the command is no more.
constexpr uint32_t kGone = UINT32_MAX;

class LtEngine : public Engine {
 public:
  explicit LtEngine(EngineHost *host) : Engine(host), d_(host) {}

  bool Access(bool write, uint32_t offset, uint32_t *value, uint32_t strobes, sc_core::sc_time *delay) override {
    *delay += At(kAccessClocks);
    while (in_reset_) sc_core::wait(out_of_reset_);
    d_.regs.busy = Ready() || running_;
    if (!write) return dev_regs_read(&d_.regs, offset, value) != 0;
    int effect = DEV_NOTHING;
    const bool good = dev_regs_write(&d_.regs, offset, *value, strobes, &effect) != 0;
    if (effect & DEV_RESET) SoftReset();
    if (effect & DEV_CONTROL) {
      d_.Ring();
      wake_.notify(*delay);
    }
    host_->Irq(dev_regs_line(&d_.regs) != 0);
    return good;
  }
  bool Peek(uint32_t offset, uint32_t *value) override { return dev_regs_peek(&d_.regs, offset, value) != 0; }
  void Reset(bool asserted) override {
    in_reset_ = asserted;
    if (!asserted) return out_of_reset_.notify(sc_core::SC_ZERO_TIME);
    const tetra_caps caps = d_.regs.caps;
    SoftReset();
    dev_regs_init(&d_.regs, &caps);
    host_->Irq(false);
  }

  void Run() override {
    for (;;) {
      while (!Ready()) {
        if (d_.bad_tail && d_.regs.enable && !d_.regs.stopped) {
          d_.BadTail(done_);
          host_->Irq(dev_regs_line(&d_.regs) != 0);
        }
        sc_core::wait(wake_);
      }
      running_ = true;
      keeper_.reset();
      while (Ready()) {
        const uint32_t generation = generation_;
        const bool visible = One();
        if (visible || keeper_.need_sync()) {
          keeper_.sync();
          if (generation == generation_) host_->Irq(dev_regs_line(&d_.regs) != 0);
          // Somebody may want to answer before more layers complete than the log holds.
          if (visible) sc_core::wait(sc_core::SC_ZERO_TIME);
        }
      }
      keeper_.sync();
      running_ = false;
      host_->Irq(dev_regs_line(&d_.regs) != 0);
    }
  }

 private:
  bool Ready() const { return done_ != d_.commands && d_.regs.enable && !d_.regs.stopped && !in_reset_; }
  void SoftReset() {
    d_.Reset();
    d_.regs.resetting = 0;
    done_ = 0;
    std::memset(counts_, 0, sizeof counts_);
    generation_++;
    host_->Irq(false);
  }
  // Time passes, in cycles.
  void Spend(uint64_t cycles, int counter) {
    d_.regs.counters[counter] += cycles;
    d_.regs.counters[TETRA_CNT_CYCLES] += cycles;
    keeper_.inc(At(cycles));
  }
  void Fail(uint32_t cause, uint32_t index, uint32_t addr) { dev_regs_error(&d_.regs, cause, index, addr); }

  // Bytes of memory, directly where that is granted. Bursts do not cross pages, errors are those of a page.
  bool Move(BurstKind::Kind kind, uint32_t addr, uint8_t *data, uint32_t bytes) {
    const bool write = kind == BurstKind::kWrite;
    if (uint8_t *p = host_->Direct(addr, bytes, write)) {
      std::memcpy(write ? p : data, write ? data : p, bytes);
      return true;
    }
    sc_core::sc_time delay = keeper_.get_local_time();
    const bool good = host_->Burst(kind, addr, data, bytes, nullptr, &delay) == tlm::TLM_OK_RESPONSE;
    keeper_.set(delay);
    return good;
  }
  // A run of beats as bursts: returns the address of the first that is out of range or fails, by *cause, or is cut off
  // by a reset (kGone).
  uint32_t Bursts(BurstKind::Kind kind, uint32_t addr, uint32_t beats, uint8_t *data, uint32_t index, uint32_t *cause) {
    const uint32_t n = d_.regs.caps.n;
    while (beats != 0) {
      const uint32_t room = (TETRA_PAGE_BYTES - addr % TETRA_PAGE_BYTES) / n;
      uint32_t some = beats < room ? beats : room;
      if (some > TETRA_BURST_BEATS) some = TETRA_BURST_BEATS;
      const uint32_t generation = generation_;
      *cause = TETRA_ERR_NONE;
      if (!d_.InRange(addr, some * n, index)) {
        *cause = TETRA_ERR_RANGE;
        return addr;
      }
      const bool good = Move(kind, addr, data, some * n);
      if (generation != generation_) {
        *cause = kGone;
        return addr;
      }
      if (!good) {
        *cause = kind == BurstKind::kWrite ? TETRA_ERR_AXI_WRITE : TETRA_ERR_AXI_READ;
        return addr;
      }
      data += static_cast<size_t>(some) * n;
      addr += some * n;
      beats -= some;
    }
    *cause = TETRA_ERR_NONE;
    return addr;
  }

  // Does the command wait for one that is behind it?
  bool Stuck(const tetra_cmd &c) const {
    const uint32_t enable = tetra_cmd_get(&c, TETRA_F_WAIT_EN);
    const uint32_t wait[4] = {tetra_cmd_get(&c, TETRA_F_WAIT_LOAD), tetra_cmd_get(&c, TETRA_F_WAIT_COMPUTE),
                              tetra_cmd_get(&c, TETRA_F_WAIT_DRAIN), tetra_cmd_get(&c, TETRA_F_WAIT_STORE)};
    for (int i = 0; i < 4; i++) {
      if ((enable >> i & 1) && static_cast<int16_t>(static_cast<uint16_t>(counts_[i] - wait[i])) < 0) return true;
    }
    return false;
  }

  // The next command. Returns whether something is to be seen from outside.
  bool One() {
    tetra_cmd c;
    const uint32_t index = done_;
    const uint32_t generation = generation_;
    const bool good = Fetch(index, &c);
    if (generation != generation_) return true;
    if (!d_.Accept(c, index, !good)) return true;
    const uint32_t op = tetra_cmd_get(&c, TETRA_F_OP);
    if (op != TETRA_OP_SYNC && Stuck(c)) {
      if (d_.regs.watchdog == 0) {
        // It waits for ever; only a reset or a look at the registers ends that.
        sc_core::wait(wake_);
        return true;
      }
      Spend(d_.regs.watchdog, TETRA_CNT_WAIT_LOAD);
      Fail(TETRA_ERR_TIMEOUT, index, 0);
      return true;
    }
    done_++;
    switch (op) {
      case TETRA_OP_LOAD:
        return Load(c, index);
      case TETRA_OP_PACK:
        dev_pack(&d_.core, &c);
        counts_[0]++;
        return false;
      case TETRA_OP_COMPUTE:
        dev_compute(&d_.core, &c);
        d_.CountCompute(c);
        counts_[1]++;
        Spend(CommandDevice::Pixels(c), TETRA_CNT_BUSY);
        return false;
      case TETRA_OP_STORE:
        return Store(c, index);
      default:
        dev_regs_sync(&d_.regs, tetra_cmd_get(&c, TETRA_F_SYNC_TAG));
        return true;
    }
  }
  bool Fetch(uint32_t index, tetra_cmd *c) {
    uint8_t bytes[TETRA_CMD_BYTES];
    d_.regs.counters[TETRA_CNT_FETCH_BYTES] += TETRA_CMD_BYTES;
    if (!Move(BurstKind::kFetch, d_.SlotAddress(index), bytes, TETRA_CMD_BYTES)) return false;
    for (uint32_t w = 0; w < TETRA_CMD_WORDS; w++) {
      const uint8_t *b = bytes + 4 * w;
      c->word[w] = b[0] | static_cast<uint32_t>(b[1]) << 8 | static_cast<uint32_t>(b[2]) << 16 |
                   static_cast<uint32_t>(b[3]) << 24;
    }
    return true;
  }
  bool Load(const tetra_cmd &c, uint32_t index) {
    const uint32_t beats = tetra_cmd_get(&c, TETRA_F_LOAD_BEATS), rows = tetra_cmd_get(&c, TETRA_F_LOAD_COUNT);
    uint32_t addr = tetra_cmd_get(&c, TETRA_F_LOAD_ADDR);
    data_.resize(static_cast<size_t>(beats) * d_.regs.caps.n);
    for (uint32_t row = 0; row < rows; row++, addr += tetra_cmd_get(&c, TETRA_F_LOAD_ADDR_STRIDE)) {
      uint32_t cause = TETRA_ERR_NONE;
      Bursts(BurstKind::kRead, addr, beats, data_.data(), index, &cause);
      if (cause == TETRA_ERR_AXI_READ) Fail(cause, index, tetra_cmd_get(&c, TETRA_F_LOAD_ADDR));
      if (cause != TETRA_ERR_NONE) return true;
      dev_load(&d_.core, &c, row * beats, beats, data_.data());
    }
    d_.CountLoad(c);
    counts_[0]++;
    Spend(static_cast<uint64_t>(beats) * rows, TETRA_CNT_WAIT_LOAD);
    return false;
  }
  bool Store(const tetra_cmd &c, uint32_t index) {
    data_.clear();
    d_.Store(c, &data_);
    uint8_t *from = data_.data();
    dev_runs runs = dev_runs_begin(&c);
    uint32_t addr = 0;
    while (const uint32_t beats = dev_runs_next(&runs, &addr)) {
      uint32_t cause = TETRA_ERR_NONE;
      const uint32_t at = Bursts(BurstKind::kWrite, addr, beats, from, index, &cause);
      if (cause == TETRA_ERR_AXI_WRITE) Fail(cause, index, at);
      if (cause != TETRA_ERR_NONE) return true;
      from += static_cast<size_t>(beats) * d_.regs.caps.n;
    }
    d_.CountStore(c);
    counts_[2]++;
    counts_[3]++;
    if (!tetra_cmd_get(&c, TETRA_F_STORE_LAST)) return false;
    dev_regs_layer_done(&d_.regs, tetra_cmd_get(&c, TETRA_F_LAYER), d_.regs.counters[TETRA_CNT_CYCLES]);
    return (d_.regs.irq_mask & TETRA_IRQ_LAYER) != 0;
  }

  CommandDevice d_;
  tlm_utils::tlm_quantumkeeper keeper_;
  sc_core::sc_event wake_, out_of_reset_;
  bool in_reset_ = false, running_ = false;
  uint32_t done_ = 0, generation_ = 0;
  uint16_t counts_[4] = {0, 0, 0, 0};  // load, compute, drain, store
  std::vector<uint8_t> data_;
};

}  // namespace

std::unique_ptr<Engine> MakeLtEngine(EngineHost *host) { return std::make_unique<LtEngine>(host); }

}  // namespace tetra
