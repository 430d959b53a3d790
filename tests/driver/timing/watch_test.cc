// What an observer of the cycle model sees adds up to what the model says of the whole, and to what the commands ask
// for.
#include <vector>

#include <gtest/gtest.h>

#include "commands.h"
#include "tetra/timing.h"

namespace {

struct Seen {
  uint64_t cycles = 0, classes[TETRA_TIMING_CLASSES] = {}, pixels = 0, ends = 0, load_beats = 0, pack_reads = 0;
  uint64_t rows = 0, write_beats = 0, stalls = 0, waits = 0, waits_store = 0, both = 0;
  tetra_timing_clock last = {};
  static void See(void *arg, const tetra_timing_clock *c) {
    Seen *s = static_cast<Seen *>(arg);
    s->cycles++;
    s->classes[c->stall_class - TETRA_CNT_BUSY]++;
    s->pixels += c->pixel, s->ends += c->compute_end, s->load_beats += c->load_beat, s->pack_reads += c->pack_read;
    s->rows += c->drain_row, s->write_beats += c->write_beat, s->stalls += c->drain_stall;
    s->waits += c->load_wait, s->waits_store += c->load_wait_store;
    s->both += (c->drain_row && c->drain_stall) || (c->load_wait_store && !c->load_wait);
    // Counts never go back.
    EXPECT_LE(s->last.done_load, c->done_load);
    EXPECT_LE(s->last.done_drain, c->done_drain);
    EXPECT_LE(s->last.done_store, c->done_store);
    s->last = *c;
  }
};

TEST(Watch, WhatIsSeenAddsUp) {
  uint64_t waits = 0, stalls = 0;
  for (uint32_t seed = 900; seed < 920; seed++) {
    SCOPED_TRACE(seed);
    RandomStream s(seed);
    s.h.Plan();
    s.h.plan.caps = tetra_caps_default(s.n);
    const tetra_memory_params mem = {s.n / 2 + s.Below(s.n), 1 + s.Below(200)};
    Seen seen;
    tetra_timing t = {};
    tetra_error err = {};
    ASSERT_EQ(tetra_timing_watch(&s.h.plan, &mem, Seen::See, &seen, &t, &err), TETRA_OK) << err.msg;
    EXPECT_EQ(seen.cycles, t.total);
    for (int i = 0; i < TETRA_TIMING_CLASSES; i++) EXPECT_EQ(seen.classes[i], t.classes[i]) << "class " << i;
    EXPECT_EQ(seen.pixels, t.layers[0].busy);
    EXPECT_EQ(seen.load_beats * s.n, t.layers[0].read_bytes);
    EXPECT_EQ(seen.write_beats * s.n, t.layers[0].write_bytes);
    EXPECT_EQ(seen.both, 0u);
    uint64_t rows = 0, ends = 0, packs = 0;
    uint16_t loads = 0, stores = 0;
    for (const tetra_cmd &c : s.h.cmds) {
      const uint32_t op = tetra_cmd_get(&c, TETRA_F_OP);
      loads = static_cast<uint16_t>(loads + (op == TETRA_OP_LOAD || op == TETRA_OP_PACK));
      ends += op == TETRA_OP_COMPUTE;
      if (op == TETRA_OP_PACK) {
        const uint32_t n = s.n, windows = (tetra_cmd_get(&c, TETRA_F_PACK_SEG) + n - 1) / n;
        packs += uint64_t{tetra_cmd_get(&c, TETRA_F_PACK_OY)} * tetra_cmd_get(&c, TETRA_F_PACK_OX) *
                 tetra_cmd_get(&c, TETRA_F_PACK_KH) * windows;
      }
      if (op != TETRA_OP_STORE) continue;
      stores++;
      rows += uint64_t{tetra_cmd_get(&c, TETRA_F_STORE_PIXELS)} * (1 + tetra_cmd_get(&c, TETRA_F_STORE_HALVES2)) *
              (1 + tetra_cmd_get(&c, TETRA_F_STORE_TWO_OUT));
    }
    EXPECT_EQ(seen.rows, rows);
    EXPECT_EQ(seen.ends, ends);
    EXPECT_EQ(seen.pack_reads, packs);
    EXPECT_EQ(seen.last.done_load, loads);
    EXPECT_EQ(seen.last.done_drain, stores);
    EXPECT_EQ(seen.last.done_store, stores);
    waits += seen.waits_store, stalls += seen.stalls;
    tetra_timing_free(&t);
    if (HasFailure()) return;
  }
  EXPECT_GT(waits, 0u);
  EXPECT_GT(stalls, 0u);
}

// A LOAD that waits for a STORE, and one that waits for a COMPUTE: for as long as that takes.
TEST(Watch, ALoadWaitsUntilItsCountIsThere) {
  for (const bool store : {false, true}) {
    Handmade h;
    tetra_cmd compute = Command(TETRA_OP_COMPUTE);
    for (const tetra_field f : {TETRA_F_COMP_KB, TETRA_F_COMP_KH, TETRA_F_COMP_KW, TETRA_F_COMP_OY})
      tetra_cmd_set(&compute, f, 1);
    tetra_cmd_set(&compute, TETRA_F_COMP_OX, 1000);
    h.cmds = {store ? Store(1000) : compute, Load(1), Store(1)};
    tetra_cmd_set(&h.cmds[1], TETRA_F_WAIT_EN, store ? 8 : 2);
    tetra_cmd_set(&h.cmds[1], store ? TETRA_F_WAIT_STORE : TETRA_F_WAIT_COMPUTE, 1);
    const tetra_memory_params mem = {16, 30};
    Seen seen;
    tetra_timing t = {};
    ASSERT_EQ(tetra_timing_watch(&h.Plan(), &mem, Seen::See, &seen, &t, nullptr), TETRA_OK);
    EXPECT_GT(seen.waits, 990u);
    EXPECT_LT(seen.waits, 1100u);
    EXPECT_EQ(seen.waits_store, store ? seen.waits : 0u);
    tetra_timing_free(&t);
  }
}

}  // namespace
