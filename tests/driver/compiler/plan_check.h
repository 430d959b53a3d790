// Runs a compiled plan on the documented loop nests, one command after the other, and proves from its tokens that any
// interleaving of the engines would have given the same result (token_check.h).
#ifndef TETRA_TESTS_DRIVER_PLAN_CHECK_H
#define TETRA_TESTS_DRIVER_PLAN_CHECK_H

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "../../rtl/common/command_model.h"
#include "tetra/plan.h"
#include "token_check.h"

constexpr uint64_t kPage = TETRA_PAGE_BYTES;

// Bytes between the first and the last that the plan uses, of a graph compiled into so much memory; 0 where it is too
// little.
inline uint64_t MemoryUsed(const tetra_graph &g, const tetra_caps &caps, uint64_t dram_size, int reuse) {
  tetra_compile_options o;
  tetra_compile_defaults(&o);
  o.dram_size = dram_size;
  o.reuse_memory = reuse;
  tetra_plan plan = {};
  tetra_error err = {};
  const int rc = tetra_compile(&g, &caps, &o, &plan, &err);
  EXPECT_EQ(err.code, rc) << err.msg;
  const uint64_t used = rc == TETRA_OK ? uint64_t{plan.limit} - plan.base + 1 : 0;
  tetra_plan_free(&plan);
  return used;
}

// The least memory that a graph compiles into, in whole pages; 0 where no memory is enough.
inline uint64_t LeastMemory(const tetra_graph &g, const tetra_caps &caps) {
  uint64_t enough = MemoryUsed(g, caps, uint64_t{1} << 30, 1) / kPage, little = 0;
  while (enough > little + 1) {
    const uint64_t pages = (enough + little) / 2;
    (MemoryUsed(g, caps, pages * kPage, 1) != 0 ? enough : little) = pages;
  }
  return enough * kPage;
}

// The most channel blocks of its input that a channel tile of a conv reads.
inline uint32_t TileBlocks(const tetra_op &op, const tetra_desc &in, const tetra_caps &caps) {
  const int lanes = static_cast<int>(caps.n) * (tetra_fmt_bits(in.fmt) == 4 ? 2 : 1),
            tile = 2 * static_cast<int>(caps.n);
  int most = 0;
  for (int c0 = 0; c0 < op.cout; c0 += tile) {
    const int first = tetra_op_first_cin(&op, in.c, c0);
    const int end = tetra_op_first_cin(&op, in.c, std::min(op.cout, c0 + tile) - 1) + tetra_op_group_cin(&op, in.c);
    most = std::max(most, (end + lanes - 1) / lanes - first / lanes);
  }
  return static_cast<uint32_t>(most);
}

// Compiles net's graph into so much memory (0: the default) and runs it; every op's outputs must equal `golden` when
// its last STORE is through.
inline void CheckPlan(const tetra_graph &g, const std::vector<tetra_tensor> &golden, const tetra_caps &caps, int reuse,
                      uint64_t dram_size = 0) {
  tetra_compile_options o;
  tetra_compile_defaults(&o);
  o.reuse_memory = reuse;
  if (dram_size != 0) o.dram_size = dram_size;
  tetra_plan plan = {};
  tetra_error err = {};
  const int rc = tetra_compile(&g, &caps, &o, &plan, &err);
  if (rc == TETRA_ERANGE) {
    // Refused is only what cannot fit: one channel block's kernel, or the input rows of one output row that a
    // channel tile reads.
    bool large = false;
    for (int i = 0; i < g.n_ops; i++) {
      const tetra_op &op = g.ops[i];
      const tetra_desc &in = g.values[op.input].d;
      const uint32_t lanes = caps.n * (tetra_fmt_bits(in.fmt) == 4 ? 2 : 1),
                     kernel = static_cast<uint32_t>(op.win.kh * op.win.kw);
      const uint32_t blocks = op.kind == TETRA_CONV ? TileBlocks(op, in, caps) : 2;
      const int rows = std::min(in.h, (op.win.kh - 1) * op.win.dilation_y + 1);
      large |= kernel * lanes > caps.wgt_words / 2 || static_cast<uint32_t>(rows * in.w) * blocks > caps.act_words;
    }
    EXPECT_TRUE(large) << err.msg;
    tetra_plan_free(&plan);
    return;
  }
  ASSERT_EQ(rc, TETRA_OK) << err.msg;
  const tetra_test::Sizes sizes = {static_cast<int>(caps.n),           static_cast<int>(caps.act_words),
                                   static_cast<int>(caps.wgt_words),   static_cast<int>(caps.res_words),
                                   static_cast<int>(caps.par_entries), static_cast<int>(caps.acc_pixels),
                                   static_cast<int>(caps.pool_words)};
  tetra_test::Machine machine(sizes, plan.base, plan.limit - plan.base + 1);
  std::memcpy(&machine.dram[plan.const_addr - plan.base], plan.const_data, plan.const_bytes);
  tetra_plan_write_value(&plan, g.input, &golden[static_cast<size_t>(g.input)],
                         &machine.dram[plan.values[g.input].addr - plan.base]);
  TokenCheck tokens;
  for (uint32_t i = 0; i < plan.n_cmds && !testing::Test::HasFatalFailure(); i++) {
    tetra_cmd executed = plan.cmds[i];
    machine.Execute(&executed);
    ASSERT_EQ(tokens.Check(plan.cmds[i], machine.need()), "") << "command " << i;
    if (tetra_cmd_get(&plan.cmds[i], TETRA_F_OP) != TETRA_OP_STORE || !tetra_cmd_get(&plan.cmds[i], TETRA_F_STORE_LAST))
      continue;
    const tetra_op &op = g.ops[tetra_cmd_get(&plan.cmds[i], TETRA_F_LAYER)];
    for (int k = 0; k < op.n_outputs; k++) {
      if (g.values[op.output[k]].producer != &op - g.ops) continue;  // a part: compared with the last one
      const tetra_tensor &want = golden[static_cast<size_t>(op.output[k])];
      tetra_tensor got = {};
      ASSERT_EQ(tetra_tensor_init(&got, &want.d, &err), TETRA_OK);
      tetra_plan_read_value(&plan, op.output[k], &got, &machine.dram[plan.values[op.output[k]].addr - plan.base]);
      const size_t bytes = static_cast<size_t>(want.d.n) * want.d.h * want.d.w * want.pixel_bytes;
      size_t at = 0;
      while (at < bytes && got.data[at] == want.data[at]) at++;
      EXPECT_EQ(at, bytes) << "op " << op.name << " output " << k << ": first difference at byte " << at;
      tetra_tensor_free(&got);
      if (at < bytes) i = plan.n_cmds;
    }
  }
  tetra_plan_free(&plan);
}

#endif
