// Hand-made and random commands for the cycle model.
#ifndef TETRA_TESTS_DRIVER_COMMANDS_H
#define TETRA_TESTS_DRIVER_COMMANDS_H

#include <cstdint>
#include <random>
#include <vector>

#include "tetra/hw.h"
#include "tetra/plan.h"

// A plan of hand-made commands; the SYNC is added.
struct Handmade {
  std::vector<tetra_cmd> cmds;
  tetra_plan_layer layer = {};
  tetra_plan plan = {};
  const tetra_plan &Plan() {
    tetra_cmd sync = {};
    tetra_cmd_set(&sync, TETRA_F_OP, TETRA_OP_SYNC);
    cmds.push_back(sync);
    plan.caps = tetra_caps_default(16);
    plan.cmds = cmds.data();
    plan.n_cmds = static_cast<uint32_t>(cmds.size());
    plan.layers = &layer;
    plan.n_layers = 1;
    return plan;
  }
};

inline tetra_cmd Command(uint32_t op) {
  tetra_cmd c = {};
  tetra_cmd_set(&c, TETRA_F_OP, op);
  return c;
}

inline tetra_cmd Load(uint32_t beats) {
  tetra_cmd c = Command(TETRA_OP_LOAD);
  tetra_cmd_set(&c, TETRA_F_LOAD_BEATS, beats);
  tetra_cmd_set(&c, TETRA_F_LOAD_COUNT, 1);
  return c;
}

inline tetra_cmd Store(uint32_t pixels) {
  tetra_cmd c = Command(TETRA_OP_STORE);
  tetra_cmd_set(&c, TETRA_F_STORE_PIXELS, pixels);
  tetra_cmd_set(&c, TETRA_F_STORE_SEG_BEATS, pixels);
  tetra_cmd_set(&c, TETRA_F_STORE_LAST, 1);
  return c;
}

// Random commands: bursts, segments, rows and k-steps of all lengths, PACK between LOADs, waits on what is just before
// or long past. Each wait names a command that precedes it, so no stream waits forever.
struct RandomStream {
  std::mt19937 random;
  Handmade h;
  uint32_t n, issued[3] = {0, 0, 0};  // LOAD and PACK, COMPUTE, STORE
  explicit RandomStream(uint32_t seed) : random(seed) {
    n = 4u << Below(5);
    for (uint32_t left = 1 + Below(Below(2) ? 30 : 200); left != 0; left--) Add();
    h.cmds.push_back(Store(1));
  }
  uint32_t Below(uint32_t end) { return static_cast<uint32_t>(random() % end); }
  uint32_t Length(uint32_t often, uint32_t most) { return 1 + Below(Below(3) ? often : most); }

  void Add() {
    const uint32_t kind = Below(10), engine = kind < 5 ? 0 : kind < 7 ? 1 : 2;
    tetra_cmd c = kind < 4 ? RandomLoad() : kind == 4 ? Pack() : engine == 1 ? Compute() : RandomStore();
    const tetra_field field[] = {TETRA_F_WAIT_LOAD, TETRA_F_WAIT_COMPUTE, TETRA_F_WAIT_DRAIN, TETRA_F_WAIT_STORE};
    uint32_t enable = 0;
    for (uint32_t e = 0; e < 4; e++) {
      const uint32_t before = issued[e < 2 ? e : 2];
      if (before == 0 || Below(4) != 0) continue;
      enable |= 1u << e;
      tetra_cmd_set(&c, field[e], before - Below(before < 6 ? before : 6));
    }
    tetra_cmd_set(&c, TETRA_F_WAIT_EN, enable);
    issued[engine]++;
    h.cmds.push_back(c);
  }
  tetra_cmd RandomLoad() {
    tetra_cmd c = Load(Length(20, 400));
    tetra_cmd_set(&c, TETRA_F_LOAD_COUNT, Length(2, 12));
    tetra_cmd_set(&c, TETRA_F_LOAD_ADDR, Below(1 << 20) * n);
    tetra_cmd_set(&c, TETRA_F_LOAD_ADDR_STRIDE, Below(400) * n);
    return c;
  }
  tetra_cmd Pack() {
    tetra_cmd c = Command(TETRA_OP_PACK);
    tetra_cmd_set(&c, TETRA_F_PACK_OY, Length(2, 6));
    tetra_cmd_set(&c, TETRA_F_PACK_OX, Length(8, 60));
    tetra_cmd_set(&c, TETRA_F_PACK_KH, 1 + Below(7));
    tetra_cmd_set(&c, TETRA_F_PACK_SEG, 1 + Below(3 * n));
    return c;
  }
  tetra_cmd Compute() {
    tetra_cmd c = Command(TETRA_OP_COMPUTE);
    tetra_cmd_set(&c, TETRA_F_COMP_KB, Length(2, 8));
    tetra_cmd_set(&c, TETRA_F_COMP_KH, 1 + Below(3));
    tetra_cmd_set(&c, TETRA_F_COMP_KW, 1);
    tetra_cmd_set(&c, TETRA_F_COMP_OY, Length(4, 8));
    tetra_cmd_set(&c, TETRA_F_COMP_OX, Length(8, 40));
    tetra_cmd_set(&c, TETRA_F_COMP_HOLD, Below(4) == 0);
    tetra_cmd_set(&c, TETRA_F_COMP_ACT8, Below(8) == 0);
    return c;
  }
  tetra_cmd RandomStore() {
    const uint32_t pixels = Length(40, 400), whole = Below(2);
    tetra_cmd c = Store(pixels);
    tetra_cmd_set(&c, TETRA_F_STORE_LAST, 0);
    tetra_cmd_set(&c, TETRA_F_STORE_SEG_BEATS, whole ? pixels : Length(12, 120));
    tetra_cmd_set(&c, TETRA_F_STORE_SEG_STRIDE, Below(300) * n);
    tetra_cmd_set(&c, TETRA_F_STORE_OUT0_ADDR, Below(1 << 18) * n);
    tetra_cmd_set(&c, TETRA_F_STORE_OUT1_ADDR, Below(1 << 18) * n);
    tetra_cmd_set(&c, TETRA_F_STORE_OUT0_BITS4, Below(2));
    tetra_cmd_set(&c, TETRA_F_STORE_OUT1_BITS4, Below(2));
    tetra_cmd_set(&c, TETRA_F_STORE_TWO_OUT, Below(3) == 0);
    tetra_cmd_set(&c, TETRA_F_STORE_HALVES2, Below(3) != 0);
    tetra_cmd_set(&c, TETRA_F_STORE_RES_FORM, Below(3) == 0);
    return c;
  }
};

#endif
