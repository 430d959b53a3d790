// Constants byte for byte, as docs/commands.md ("Data layouts in DRAM") says: identity matrices, weights in the order
// in which the array takes them with zeros where there are none, parameters.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "../../cmodel/core_case.h"
#include "../../common/group_case.h"
#include "tetra/plan.h"

namespace {

using Bytes = std::vector<uint8_t>;

// A convolution's weights as the hardware has them: a packed one is of single pixels over all channels of its window.
struct Kernel {
  const tetra_op *op;
  int n, cin, lanes, kh, kw;
  bool packed, bytes;  // whether a weight is a byte
  const int8_t *weights;

  int GroupOf(int co) const { return co / (op->cout / op->groups); }
  int GroupCin() const { return cin / op->groups; }
  int At(int co, int ky, int kx, int ci) const {
    if (co >= op->cout || ci >= (packed ? op->win.kh * op->win.kw * cin : cin)) return 0;
    if (packed) ky = ci / cin / op->win.kw, kx = ci / cin % op->win.kw, ci %= cin;
    const int in_group = ci - GroupOf(co) * GroupCin();
    if (in_group < 0 || in_group >= GroupCin()) return 0;
    return weights[((co * op->win.kh + ky) * op->win.kw + kx) * GroupCin() + in_group];
  }
};

void AddStep(Bytes *out, const Kernel &k, int n0, int kb, int ky, int kx) {
  for (int ci = kb * k.lanes; ci < (kb + 1) * k.lanes; ci++)
    for (int c = 0; c < k.n; c++) {
      const int low = k.At(n0 + c, ky, kx, ci), high = k.bytes ? 0 : k.At(n0 + k.n + c, ky, kx, ci);
      out->push_back(static_cast<uint8_t>(k.bytes ? low : (low & 15) | (high & 15) << 4));
    }
}

void AddWeights(Bytes *out, const Kernel &k) {
  const int outs = k.bytes ? k.n : 2 * k.n, depth = k.packed ? k.op->win.kh * k.op->win.kw * k.cin : k.cin;
  for (int n0 = 0; n0 < k.op->cout; n0 += outs) {
    int first = 0, end = (depth + k.lanes - 1) / k.lanes;
    if (!k.packed) {
      const int last = k.GroupOf(std::min(k.op->cout, n0 + outs) - 1);
      first = k.GroupOf(n0) * k.GroupCin() / k.lanes, end = ((last + 1) * k.GroupCin() + k.lanes - 1) / k.lanes;
    }
    for (int kb = first; kb < end; kb++)
      for (int ky = 0; ky < k.kh; ky++)
        for (int kx = 0; kx < k.kw; kx++) AddStep(out, k, n0, kb, ky, kx);
  }
}

void AddWord(Bytes *out, uint32_t word) {
  for (int i = 0; i < 4; i++) out->push_back(static_cast<uint8_t>(word >> (8 * i)));
}

void AddParameters(Bytes *out, const tetra_op &op, int n) {
  for (int t = 0; t < op.cout; t += 2 * n)
    for (int o = 0; o < op.n_outputs; o++)
      for (int half = t; half < std::min(op.cout, t + 2 * n); half += n)
        for (int c = half; c < half + n; c++) {
          const tetra_requant_channel q = c < op.cout ? op.rq[o].ch[c] : tetra_requant_channel{};
          const auto frac = static_cast<uint32_t>(static_cast<uint16_t>(q.frac));
          AddWord(out, static_cast<uint32_t>(q.bias));
          AddWord(out, static_cast<uint32_t>(q.m) | (frac & 1) << 31);
          AddWord(out, static_cast<uint32_t>(q.mr) | (frac >> 1 & 1) << 31);
          AddWord(out, static_cast<uint32_t>(q.s | q.sr << 6 | q.lr << 12) | (frac >> 2) << 18);
        }
}

void AddIdentity(Bytes *out, int n, bool bytes) {
  for (int ci = 0; ci < (bytes ? n : 2 * n); ci++)
    for (int c = 0; c < n; c++) out->push_back(static_cast<uint8_t>((ci == c) | (!bytes && ci == n + c) << 4));
}

Bytes Expected(const tetra_graph &g, int n, bool packed) {
  Bytes all;
  AddIdentity(&all, n, true);
  AddIdentity(&all, n, false);
  for (int i = 0; i < g.n_ops; i++) {
    const tetra_op &op = g.ops[i];
    const tetra_desc &in = g.values[op.input].d;
    const bool bits8 = tetra_fmt_bits(in.fmt) == 8, narrowed = op.wide && op.groups == 1 && bits8;
    if (op.kind == TETRA_CONV) {
      const Kernel k = {&op,
                        n,
                        in.c,
                        bits8 ? n : 2 * n,
                        packed ? 1 : op.win.kh,
                        packed ? 1 : op.win.kw,
                        packed,
                        op.wbits == 8 || narrowed,
                        narrowed ? op.wide : op.weights};
      AddWeights(&all, k);
    }
    AddParameters(&all, op, n);
  }
  return all;
}

// 4-bit weights that 8-bit ones hold.
void Nest(tetra_graph *g, unsigned seed) {
  std::mt19937 r(seed);
  for (int i = 0; i < g->n_ops; i++) {
    tetra_op &op = g->ops[i];
    if (op.kind != TETRA_CONV || op.wbits != 4) continue;
    const size_t count = tetra_op_array(&op, g->values[op.input].d.c);
    op.wide = static_cast<int8_t *>(malloc(count));
    for (size_t k = 0; k < count; k++) {
      op.wide[k] = static_cast<int8_t>(r());
      op.weights[k] = static_cast<int8_t>(tetra_nested_weight(op.wide[k]));
    }
  }
}

void Check(const Case &c, uint32_t n, bool nest, int *packed, int *narrowed) {
  SCOPED_TRACE(Name(c) + " on " + std::to_string(n));
  Net net;
  Builder(c).Build(&net);
  if (nest) Nest(&net.g, c.seed);
  tetra_compile_options o;
  tetra_compile_defaults(&o);
  tetra_plan plan = {};
  const tetra_caps caps = tetra_caps_default(n);
  if (tetra_graph_check(&net.g, nullptr) == TETRA_OK && tetra_compile(&net.g, &caps, &o, &plan, nullptr) == TETRA_OK) {
    const bool rows = plan.values[net.g.input].layout == TETRA_LAYOUT_ROWS;
    *packed += rows;
    *narrowed += net.g.ops[Last(net)].wide != nullptr;
    EXPECT_EQ(Bytes(plan.const_data, plan.const_data + plan.const_bytes), Expected(net.g, static_cast<int>(n), rows));
  }
  tetra_plan_free(&plan);
}

TEST(Constants, AreTheDocumentedBytes) {
  int packed = 0, narrowed = 0;
  for (unsigned seed = 0; seed < 200; seed++) {
    Case c = RandomGroupCase(seed, RandomGroups(seed));
    c.h = std::min(c.h, 6), c.w = std::min(c.w, 6), c.kh = std::min(c.kh, c.h), c.kw = std::min(c.kw, c.w);
    c.dy = c.dx = 1;
    if (seed % 2) c.groups = 1;
    if (seed % 8 == 7) c.cin = 1 + static_cast<int>(seed / 8 % 4), c.form = TETRA_RES_NONE;
    if (seed % 8 == 6) c.kind = TETRA_MAXPOOL, c.cout = c.cin, c.groups = 1, c.form = TETRA_RES_NONE;
    Check(c, 4u << seed % 3, seed % 3 == 0, &packed, &narrowed);
  }
  EXPECT_GT(packed, 15);
  EXPECT_GT(narrowed, 15);
}

// A convolution in 8 bits and the same in the 4 bits that these hold, each with the plan that has its own constants.
struct Nested {
  Net wide, narrow;
  tetra_plan eight = {}, four = {};
  tetra_compile_options o;
  tetra_caps caps = tetra_caps_default(4);
  explicit Nested(unsigned seed) {
    Case c;
    c.h = c.w = 5, c.cin = 9, c.cout = 13, c.kh = c.kw = 3, c.seed = seed, c.out = {TETRA_S8, TETRA_U4};
    Builder(c).Build(&wide);
    c.wbits = 4;
    Builder(c).Build(&narrow);
    Nest(&narrow.g, seed);
    std::copy_n(narrow.g.ops[0].wide, 13 * 81, wide.g.ops[0].weights);
    tetra_compile_defaults(&o);
    EXPECT_EQ(tetra_compile(&wide.g, &caps, &o, &eight, nullptr), TETRA_OK);
    o.dram_base += 1 << 20;
    EXPECT_EQ(tetra_compile(&narrow.g, &caps, &o, &four, nullptr), TETRA_OK);
    o.weights_of = &eight;
  }
  Nested(const Nested &) = delete;
  Nested &operator=(const Nested &) = delete;
  ~Nested() {
    tetra_plan_free(&eight);
    tetra_plan_free(&four);
  }
};

// Where values begin in a plan's memory.
uint32_t Values(const tetra_plan &p) {
  return (p.const_addr + static_cast<uint32_t>(p.const_bytes) + TETRA_PAGE_BYTES - 1) / TETRA_PAGE_BYTES *
         TETRA_PAGE_BYTES;
}

// Weights are read where the other plan has them, parameters are the plan's only constants; all else is the same.
TEST(ConstantsOfAnother, WeightsAreReadWhereTheyLie) {
  const Nested n(3);
  tetra_plan plan = {};
  tetra_error err = {};
  ASSERT_EQ(tetra_compile(&n.narrow.g, &n.caps, &n.o, &plan, &err), TETRA_OK) << err.msg;
  Bytes parameters;
  AddParameters(&parameters, n.narrow.g.ops[0], 4);
  EXPECT_EQ(Bytes(plan.const_data, plan.const_data + plan.const_bytes), parameters);
  EXPECT_EQ(plan.base, n.eight.const_addr);
  EXPECT_GT(plan.limit, plan.ring_addr);
  const auto of_parameters = static_cast<uint32_t>(n.four.const_bytes - parameters.size());
  ASSERT_EQ(plan.n_cmds, n.four.n_cmds);
  int weights = 0;
  for (uint32_t i = 0; i < plan.n_cmds; i++) {
    if (tetra_cmd_get(&plan.cmds[i], TETRA_F_OP) != TETRA_OP_LOAD) continue;
    const uint32_t own = tetra_cmd_get(&n.four.cmds[i], TETRA_F_LOAD_ADDR), at = own - n.four.const_addr;
    uint32_t want = own - Values(n.four) + Values(plan);
    if (at < n.four.const_bytes) want = plan.const_addr + at - of_parameters;
    if (at < of_parameters) want = n.eight.const_addr + at, weights++;
    EXPECT_EQ(tetra_cmd_get(&plan.cmds[i], TETRA_F_LOAD_ADDR), want) << i;
  }
  EXPECT_GT(weights, 1);
  tetra_plan_free(&plan);
}

// The window that a plan may touch takes in the other's constants, on whichever side they lie.
TEST(ConstantsOfAnother, TheWindowHoldsBoth) {
  Nested n(4);
  for (const bool above : {false, true}) {
    n.o.dram_base = n.eight.const_addr + (above ? 1u << 20 : 0u - (1u << 20));
    tetra_plan plan = {};
    ASSERT_EQ(tetra_compile(&n.narrow.g, &n.caps, &n.o, &plan, nullptr), TETRA_OK);
    EXPECT_EQ(plan.base, std::min(n.o.dram_base, n.eight.const_addr));
    const uint32_t own = (plan.ring_addr + plan.ring_entries * TETRA_CMD_BYTES - 1) / TETRA_PAGE_BYTES;
    EXPECT_EQ((uint64_t{plan.limit} + 1) % TETRA_PAGE_BYTES, 0u);
    EXPECT_EQ(plan.limit + 1, above ? (own + 1) * TETRA_PAGE_BYTES : Values(n.eight));
    tetra_plan_free(&plan);
  }
}

TEST(ConstantsOfAnother, OtherWeightsAreRefused) {
  const auto said = [](void (*change)(Nested * n)) {
    Nested n(5);
    change(&n);
    tetra_plan plan = {};
    tetra_error err = {};
    EXPECT_EQ(tetra_compile(&n.narrow.g, &n.caps, &n.o, &plan, &err), TETRA_EINVAL);
    tetra_plan_free(&plan);
    return std::string(err.msg);
  };
  const std::string other = "the plan whose weights are to be used is another network's or array's",
                    weights = "op 'op' has other weights than the plan whose weights are to be used";
  const size_t identity = 4 * 4 * 3;
  EXPECT_EQ(said([](Nested *n) { n->eight.const_data[identity] ^= 1; }), weights);
  EXPECT_EQ(said([](Nested *n) { n->eight.const_data[identity + 4 * 3 * 9 * 16 - 1] ^= 1; }), weights);
  EXPECT_EQ(said([](Nested *n) { n->eight.const_data[0] ^= 1; }), other);
  EXPECT_EQ(said([](Nested *n) { n->eight.const_data[identity - 1] ^= 1; }), other);
  EXPECT_EQ(said([](Nested *n) { n->eight.const_bytes--; }), other);
  EXPECT_EQ(said([](Nested *n) { n->o.timing_only = 1; }),
            "tetra_compile: a plan that is timed only has no weights of another");
}

}  // namespace
