// A fake accelerator behind a HAL: ring, interrupts, completion log, soft reset and errors of the register interface,
// no arithmetic. It reads commands from its own view of memory, which only sync() brings up to date, so that a
// forgotten sync is seen. It works in wait_irq, `rate` commands a call, and wherever a test's hook lets it.
#ifndef TETRA_TESTS_RUNTIME_ENGINE_H
#define TETRA_TESTS_RUNTIME_ENGINE_H

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "tetra/device.h"

class FakeEngine {
 public:
  explicit FakeEngine(uint32_t mem_addr = 0x10000000, size_t mem_bytes = 1 << 20)
      : mem_addr_(mem_addr), host_(mem_bytes), device_(mem_bytes) {}

  tetra_hal Hal() { return {this, &Read, &Write, &Map, &Sync, &WaitIrq}; }
  uint8_t *HostMemory(uint32_t addr) { return &host_[addr - mem_addr_]; }
  uint8_t *DeviceMemory(uint32_t addr) { return &device_[addr - mem_addr_]; }

  // Executes up to n commands between head and tail; stops at an error.
  void Work(uint32_t n) {
    while (n-- > 0 && enabled_ && !stopped_ && head_ != regs_[TETRA_REG_TAIL]) {
      if (index_ == fail_index) return Fail();
      Execute(Fetch());
      head_ = (head_ + 1) % regs_[TETRA_REG_RING_SIZE];
      index_++;
    }
  }

  // What a test sets up.
  uint32_t rate = 1000000;               // commands a wait_irq
  uint32_t fail_index = 0xffffffff;      // this command fails with ...
  uint32_t fail_cause = TETRA_ERR_NONE;  // ... this cause ...
  uint32_t fail_addr = 0;                // ... at this address
  bool fail_at_sync = false;             // the error comes in the cycle of the SYNC's completion
  uint32_t log_depth = 512;
  uint32_t reset_reads = 3;  // reads of CTRL until a soft reset is through
  bool dead = false;         // takes everything, does nothing
  bool stuck_irq = false;    // the line is always high
  std::map<uint32_t, uint32_t> override_read;
  std::function<void(uint32_t offset, bool write)> before_access;

  // What a test looks at.
  std::vector<std::pair<uint32_t, uint32_t>> writes;
  std::vector<tetra_cmd> executed;
  std::vector<uint32_t> asked_us;  // timeouts of the wait_irq calls
  uint64_t waited_us = 0;          // of wait_irq calls that timed out
  uint32_t timed_out_waits = 0, accesses = 0;
  size_t log_entries() const { return log_.size(); }

 private:
  static FakeEngine *Self(void *ctx) { return static_cast<FakeEngine *>(ctx); }

  tetra_cmd Fetch() const {
    const uint8_t *p = &device_[regs_.at(TETRA_REG_RING_BASE) - mem_addr_ + head_ * TETRA_CMD_BYTES];
    tetra_cmd cmd;
    for (int i = 0; i < TETRA_CMD_WORDS; i++, p += 4) {
      cmd.word[i] = p[0] | p[1] << 8 | p[2] << 16 | static_cast<uint32_t>(p[3]) << 24;
    }
    return cmd;
  }
  void Fail() {
    stopped_ = true;
    irq_ |= TETRA_IRQ_ERROR;
    regs_[TETRA_REG_ERR_CAUSE] = fail_cause;
    regs_[TETRA_REG_ERR_INDEX] = index_;
    regs_[TETRA_REG_ERR_ADDR] = fail_addr;
  }
  void Execute(const tetra_cmd &cmd) {
    executed.push_back(cmd);
    cycle_ += 0x40000001;  // log entries use both words
    const uint32_t op = tetra_cmd_get(&cmd, TETRA_F_OP);
    if (op == TETRA_OP_SYNC) {
      regs_[TETRA_REG_COMPLETED] = tetra_cmd_get(&cmd, TETRA_F_SYNC_TAG);
      irq_ |= TETRA_IRQ_SYNC;
      if (fail_at_sync) Fail();
    } else if (op == TETRA_OP_STORE && tetra_cmd_get(&cmd, TETRA_F_STORE_LAST)) {
      if (log_.size() < log_depth) {
        log_.push_back({tetra_cmd_get(&cmd, TETRA_F_LAYER), cycle_});
      } else {
        overflow_ = true;
      }
    }
  }
  void SoftReset() {
    head_ = index_ = irq_ = 0;
    cycle_ = 0;
    stopped_ = overflow_ = false;
    log_.clear();
    for (uint32_t reg : {TETRA_REG_ERR_CAUSE, TETRA_REG_ERR_INDEX, TETRA_REG_ERR_ADDR}) regs_[reg] = 0;
    reset_left_ = reset_reads;
  }
  uint32_t IrqStatus() const { return irq_ | (log_.empty() ? 0 : TETRA_IRQ_LAYER); }

  uint32_t ReadRegister(uint32_t offset) {
    if (before_access) before_access(offset, false);
    accesses++;
    if (override_read.count(offset)) return override_read[offset];
    switch (offset) {
      case TETRA_REG_ID:
        return TETRA_HW_ID;
      case TETRA_REG_VERSION:
        return TETRA_HW_VERSION;
      case TETRA_REG_ARRAY:
        return 16 << 16 | 16;
      case TETRA_REG_ACT_WORDS:
        return 16384;
      case TETRA_REG_WGT_WORDS:
        return 8192;
      case TETRA_REG_RES_WORDS:
        return 1024;
      case TETRA_REG_PAR_ENTRIES:
        return 64;
      case TETRA_REG_ACC_PIXELS:
        return 256;
      case TETRA_REG_MAX_LAYERS:
        return 512;
      case TETRA_REG_POOL_WORDS:
        return 512;
      case TETRA_REG_CTRL:
        return (reset_left_ != 0 ? reset_left_--, 2 : 0) | (enabled_ ? 1 : 0);
      case TETRA_REG_HEAD:
        return head_;
      case TETRA_REG_IRQ_STATUS:
        return IrqStatus();
      case TETRA_REG_LOG_COUNT:
        return static_cast<uint32_t>(log_.size()) | (overflow_ ? 0x80000000u : 0);
      case TETRA_REG_LOG_LAYER:
        return log_.empty() ? 0 : log_.front().first;
      case TETRA_REG_LOG_CYCLE_LO:
        return log_.empty() ? 0 : static_cast<uint32_t>(log_.front().second);
      case TETRA_REG_LOG_CYCLE_HI:
        return log_.empty() ? 0 : static_cast<uint32_t>(log_.front().second >> 32);
      default:
        return regs_[offset];
    }
  }
  void WriteRegister(uint32_t offset, uint32_t value) {
    if (before_access) before_access(offset, true);
    accesses++;
    writes.push_back({offset, value});
    if (offset == TETRA_REG_CTRL) {
      enabled_ = (value & 1) && !dead;
      if (value & 2) SoftReset();
    } else if (offset == TETRA_REG_IRQ_STATUS) {
      irq_ &= ~value;
    } else if (offset == TETRA_REG_LOG_CYCLE_HI) {
      if (log_.empty()) {
        ADD_FAILURE() << "pop of an empty log";
      } else {
        log_.pop_front();
      }
    } else {
      regs_[offset] = value;
    }
  }

  static uint32_t Read(void *ctx, uint32_t offset) { return Self(ctx)->ReadRegister(offset); }
  static void Write(void *ctx, uint32_t offset, uint32_t value) { Self(ctx)->WriteRegister(offset, value); }
  static void *Map(void *ctx, uint32_t addr, size_t bytes) {
    FakeEngine *e = Self(ctx);
    if (addr < e->mem_addr_ || bytes > e->host_.size() || addr - e->mem_addr_ > e->host_.size() - bytes) return nullptr;
    return e->HostMemory(addr);
  }
  static void Sync(void *ctx, uint32_t addr, size_t bytes, int to_device) {
    FakeEngine *e = Self(ctx);
    ASSERT_NE(Map(ctx, addr, bytes), nullptr) << "sync outside of memory";
    EXPECT_GT(bytes, 0u);
    EXPECT_TRUE(to_device == 0 || to_device == 1) << to_device;
    uint8_t *host = e->HostMemory(addr), *device = &e->device_[addr - e->mem_addr_];
    std::memcpy(to_device ? device : host, to_device ? host : device, bytes);
  }
  static int WaitIrq(void *ctx, uint32_t timeout_us) {
    FakeEngine *e = Self(ctx);
    e->asked_us.push_back(timeout_us);
    e->Work(e->rate);
    if (e->stuck_irq || (e->IrqStatus() & e->regs_[TETRA_REG_IRQ_MASK])) return 0;
    e->waited_us += timeout_us;
    e->timed_out_waits++;
    return 1;
  }

  uint32_t mem_addr_;
  std::vector<uint8_t> host_, device_;
  std::map<uint32_t, uint32_t> regs_;
  std::deque<std::pair<uint32_t, uint64_t>> log_;
  uint32_t head_ = 0, index_ = 0, irq_ = 0, reset_left_ = 0;
  uint64_t cycle_ = 0;
  bool enabled_ = false, stopped_ = false, overflow_ = false;
};

// A job of `layers` layers, each a LOAD, a COMPUTE and a last STORE, and the SYNC; every command differs from the
// others.
struct FakeJob {
  std::vector<tetra_cmd> cmds;
  tetra_job job;

  explicit FakeJob(uint32_t layers, uint32_t ring_entries = 64, uint32_t tag = 0xcafe) {
    for (uint32_t i = 0; i < layers; i++) {
      for (uint32_t op : {TETRA_OP_LOAD, TETRA_OP_COMPUTE, TETRA_OP_STORE}) {
        tetra_cmd cmd;
        for (uint32_t w = 0; w < TETRA_CMD_WORDS; w++) cmd.word[w] = (i * 64 + op * 16 + w) * 0x01030507u;
        tetra_cmd_set(&cmd, TETRA_F_OP, op);
        tetra_cmd_set(&cmd, TETRA_F_LAYER, i);
        if (op == TETRA_OP_STORE) tetra_cmd_set(&cmd, TETRA_F_STORE_LAST, 1);
        cmds.push_back(cmd);
      }
    }
    tetra_cmd sync = {};
    tetra_cmd_set(&sync, TETRA_F_OP, TETRA_OP_SYNC);
    tetra_cmd_set(&sync, TETRA_F_SYNC_TAG, tag);
    cmds.push_back(sync);
    job = {cmds.data(), static_cast<uint32_t>(cmds.size()), tag, 0x10001000, ring_entries, 0x10000000, 0x100fffff};
  }
  FakeJob(const FakeJob &) = delete;
};

#endif
