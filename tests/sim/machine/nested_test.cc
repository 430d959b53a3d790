// A network of 8-bit weights and the 4-bit ones that they hold, from one memory on the RTL: weights are written once.
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "../../common/random_network.h"
#include "accelerator.h"
#include "built_sizes.h"
#include "tetra/nest.h"

namespace {

std::string Difference(Accelerator *rtl, const tetra_plan &plan, const Net &net, int v) {
  const tetra_placement &p = plan.values[v];
  const tetra_tensor &golden = net.t[static_cast<size_t>(v)];
  tetra_tensor t = {};
  EXPECT_EQ(tetra_tensor_init(&t, &golden.d, nullptr), TETRA_OK);
  tetra_plan_read_value(&plan, v, &t, rtl->Memory(p.addr, p.bytes));
  const size_t bytes = static_cast<size_t>(t.d.n) * static_cast<size_t>(t.d.h * t.d.w) * t.pixel_bytes;
  const bool same = std::memcmp(t.data, golden.data, bytes) == 0;
  tetra_tensor_free(&t);
  return same ? "" : net.g.values[v].name;
}

// The first value on the RTL that is not the C model's. Constants have been written.
std::string RunAndCompare(Accelerator *rtl, const tetra_plan &plan, const Net &net) {
  const tetra_placement &in = plan.values[net.g.input];
  tetra_plan_write_value(&plan, net.g.input, &net.t[static_cast<size_t>(net.g.input)], rtl->Memory(in.addr, in.bytes));
  std::vector<uint64_t> completion;
  uint64_t counters[TETRA_CNT_NUM] = {};
  rtl->Run(plan, &completion, counters);
  std::string first;
  for (int v = 0; v < net.g.n_values && first.empty(); v++) first = Difference(rtl, plan, net, v);
  return first;
}

// One network twice, of which the second has some layers narrowed; how many.
int BuildPair(unsigned seed, Net *wide, Net *narrow) {
  int narrowed = 0;
  tetra_error err = {};
  RandomNetwork(seed).Build(wide);
  RandomNetwork(seed).Build(narrow);
  for (int i = 0; i < narrow->g.n_ops; i++) {
    const tetra_op &op = narrow->g.ops[i];
    // Of 4-bit codes the array wants weights in another order than they lie in; and some networks keep some layers.
    if (op.kind != TETRA_CONV || op.wbits != 8 || tetra_fmt_bits(narrow->g.values[op.input].d.fmt) != 8) continue;
    if (seed % 3 == 0 && i % 2) continue;
    EXPECT_EQ(tetra_nest(&narrow->g, i, nullptr, &err), TETRA_OK) << err.msg;
    narrowed++;
  }
  for (Net *net : {wide, narrow}) {
    EXPECT_EQ(tetra_graph_check(&net->g, &err), TETRA_OK) << err.msg;
    EXPECT_EQ(tetra_run_graph(&net->g, net->t.data(), TETRA_REFERENCE, &err), TETRA_OK) << err.msg;
  }
  return narrowed;
}

void WriteConstants(Accelerator *rtl, const tetra_plan &plan) {
  std::memcpy(rtl->Memory(plan.const_addr, static_cast<uint32_t>(plan.const_bytes)), plan.const_data, plan.const_bytes);
}

// The beats of LOADs that narrow.
uint64_t NarrowBeats(const tetra_plan &plan) {
  uint64_t beats = 0;
  for (uint32_t i = 0; i < plan.n_cmds; i++) {
    const tetra_cmd *c = &plan.cmds[i];
    if (tetra_cmd_get(c, TETRA_F_OP) == TETRA_OP_LOAD && tetra_cmd_get(c, TETRA_F_LOAD_NARROW))
      beats += tetra_cmd_get(c, TETRA_F_LOAD_BEATS) * tetra_cmd_get(c, TETRA_F_LOAD_COUNT);
  }
  return beats;
}

// The plans of both, the second with the first's weights.
void CompilePair(const Net &wide, const Net &narrow, const tetra_caps &caps, tetra_plan *eight, tetra_plan *four) {
  tetra_error err = {};
  tetra_compile_options o;
  tetra_compile_defaults(&o);
  o.reuse_memory = 0;  // every value is still there at the end
  ASSERT_EQ(tetra_compile(&wide.g, &caps, &o, eight, &err), TETRA_OK) << err.msg;
  o.weights_of = eight;
  o.dram_base = eight->limit + 1;
  o.dram_size -= eight->limit + 1 - eight->base;
  ASSERT_EQ(tetra_compile(&narrow.g, &caps, &o, four, &err), TETRA_OK) << err.msg;
  EXPECT_LT(four->const_bytes, eight->const_bytes);
}

// One memory, written once: one network, the other, the first again.
void ExpectBothRun(Accelerator *rtl, const tetra_plan &eight, const tetra_plan &four, const Net &wide,
                   const Net &narrow) {
  WriteConstants(rtl, eight);
  WriteConstants(rtl, four);  // parameters only
  EXPECT_EQ(RunAndCompare(rtl, eight, wide), "");
  EXPECT_EQ(RunAndCompare(rtl, four, narrow), "");
  EXPECT_EQ(RunAndCompare(rtl, eight, wide), "");
  EXPECT_EQ(std::memcmp(rtl->Memory(eight.const_addr, static_cast<uint32_t>(eight.const_bytes)), eight.const_data,
                        eight.const_bytes),
            0);
}

class NestedOnRtl : public testing::TestWithParam<unsigned> {};

TEST_P(NestedOnRtl, BothWidthsRunFromOneMemory) {
  const tetra_memory_params mem = {GetParam(), 64};
  int layers = 0;
  uint64_t narrow_beats = 0;
  for (unsigned seed = 200; seed < (GetParam() < 16 ? 207u : 212u); seed++) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Net wide, narrow;
    tetra_plan eight = {}, four = {};
    layers += BuildPair(seed, &wide, &narrow);
    CompilePair(wide, narrow, tetra_caps_default(GetParam()), &eight, &four);
    narrow_beats += NarrowBeats(four);
    {
      Accelerator rtl(GetParam(), mem);
      ExpectBothRun(&rtl, eight, four, wide, narrow);
    }
    {  // from reset; two models at a time are too many
      Accelerator rtl(GetParam(), mem);
      ExpectEqualCycles(&rtl, four, mem);
    }
    tetra_plan_free(&eight);
    tetra_plan_free(&four);
  }
  EXPECT_GT(layers, 2);
  EXPECT_GT(narrow_beats, 0u);
}

TEST_P(NestedOnRtl, WeightsOfAnotherNetworkAreRefused) {
  Net wide, other;
  RandomNetwork(200).Build(&wide);
  RandomNetwork(200).Build(&other);
  tetra_compile_options o;
  tetra_compile_defaults(&o);
  const tetra_caps caps = tetra_caps_default(GetParam());
  tetra_plan eight = {}, plan = {};
  tetra_error err = {};
  ASSERT_EQ(tetra_compile(&wide.g, &caps, &o, &eight, &err), TETRA_OK) << err.msg;
  for (int i = 0; i < other.g.n_ops; i++)
    if (other.g.ops[i].kind == TETRA_CONV) other.g.ops[i].weights[0] ^= 1;
  o.weights_of = &eight;
  o.dram_base = eight.limit + 1;
  EXPECT_EQ(tetra_compile(&other.g, &caps, &o, &plan, &err), TETRA_EINVAL);
  EXPECT_NE(std::string(err.msg).find("has other weights than the plan"), std::string::npos) << err.msg;
  tetra_plan_free(&plan);
  tetra_plan_free(&eight);
}

INSTANTIATE_TEST_SUITE_P(Array, NestedOnRtl, testing::ValuesIn(BuiltSizes()),
                         [](const auto &i) { return std::to_string(i.param) + "x" + std::to_string(i.param); });

}  // namespace
