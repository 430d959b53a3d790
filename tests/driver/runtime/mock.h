// A register file that expects exact accesses, in order. Anything else is a test failure that prints both sides.
#ifndef TETRA_TESTS_RUNTIME_MOCK_H
#define TETRA_TESTS_RUNTIME_MOCK_H

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <deque>
#include <string>

#include "tetra/device.h"

class ScriptedRegisters {
 public:
  // The next access is a read of `offset`, which gives `value`; or a write of `value` to it.
  void ExpectRead(uint32_t offset, uint32_t value) { script_.push_back({false, offset, value}); }
  void ExpectWrite(uint32_t offset, uint32_t value) { script_.push_back({true, offset, value}); }
  // Every access of the script has happened.
  bool Finished() const { return script_.empty(); }
  tetra_hal Hal() { return {this, &Read, &Write, &Map, &Sync, &WaitIrq}; }

 private:
  struct Access {
    bool write;
    uint32_t offset, value;
  };

  static std::string Text(bool write, uint32_t offset, uint32_t value) {
    char text[64];
    std::snprintf(text, sizeof text, write ? "write 0x%03x = 0x%x" : "read 0x%03x", offset, value);
    return text;
  }
  // Takes the next access if it is the expected one.
  uint32_t Next(bool write, uint32_t offset, uint32_t value) {
    if (script_.empty()) {
      ADD_FAILURE() << "unexpected " << Text(write, offset, value) << " after the last expected access";
      return 0;
    }
    const Access want = script_.front();
    script_.pop_front();
    if (want.write != write || want.offset != offset || (write && want.value != value)) {
      ADD_FAILURE() << Text(write, offset, value) << " instead of " << Text(want.write, want.offset, want.value);
    }
    return want.value;
  }

  static ScriptedRegisters *Self(void *ctx) { return static_cast<ScriptedRegisters *>(ctx); }
  static uint32_t Read(void *ctx, uint32_t offset) { return Self(ctx)->Next(false, offset, 0); }
  static void Write(void *ctx, uint32_t offset, uint32_t value) { Self(ctx)->Next(true, offset, value); }
  static void *Map(void *, uint32_t, size_t) {
    ADD_FAILURE() << "unexpected map";
    return nullptr;
  }
  static void Sync(void *, uint32_t, size_t, int) { ADD_FAILURE() << "unexpected sync"; }
  static int WaitIrq(void *, uint32_t) {
    ADD_FAILURE() << "unexpected wait for an interrupt";
    return 1;
  }

  std::deque<Access> script_;
};

// The reads of a first contact with a 16x16 array, in order.
inline void ExpectIdentity(ScriptedRegisters *regs) {
  regs->ExpectRead(TETRA_REG_ID, TETRA_HW_ID);
  regs->ExpectRead(TETRA_REG_VERSION, TETRA_HW_VERSION);
}
inline void ExpectCaps(ScriptedRegisters *regs, const tetra_caps &caps) {
  regs->ExpectRead(TETRA_REG_ARRAY, caps.n << 16 | caps.n);
  regs->ExpectRead(TETRA_REG_ACT_WORDS, caps.act_words);
  regs->ExpectRead(TETRA_REG_WGT_WORDS, caps.wgt_words);
  regs->ExpectRead(TETRA_REG_RES_WORDS, caps.res_words);
  regs->ExpectRead(TETRA_REG_PAR_ENTRIES, caps.par_entries);
  regs->ExpectRead(TETRA_REG_ACC_PIXELS, caps.acc_pixels);
  regs->ExpectRead(TETRA_REG_MAX_LAYERS, caps.max_layers);
  regs->ExpectRead(TETRA_REG_POOL_WORDS, caps.pool_words);
}
inline void ExpectReset(ScriptedRegisters *regs) {
  regs->ExpectWrite(TETRA_REG_CTRL, 2);
  regs->ExpectRead(TETRA_REG_CTRL, 0);
}
inline tetra_caps Caps16() { return tetra_caps_default(16); }

#endif
