// Convolutions in groups on the RTL: every code as the C model's, every completion as the cycle model's.
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "../../common/group_case.h"
#include "../../common/group_networks.h"
#include "../../common/random_network.h"
#include "accelerator.h"
#include "built_sizes.h"

namespace {

// The first difference of value v, or an empty string.
std::string Difference(Accelerator *rtl, const tetra_plan &plan, int v, const tetra_tensor &golden) {
  const tetra_placement &p = plan.values[v];
  tetra_tensor t = {};
  EXPECT_EQ(tetra_tensor_init(&t, &golden.d, nullptr), TETRA_OK);
  tetra_plan_read_value(&plan, v, &t, rtl->Memory(p.addr, p.bytes));
  const size_t bytes = static_cast<size_t>(t.d.n) * static_cast<size_t>(t.d.h * t.d.w) * t.pixel_bytes;
  size_t at = 0;
  while (at < bytes && t.data[at] == golden.data[at]) at++;
  tetra_tensor_free(&t);
  return at == bytes ? "" : "byte " + std::to_string(at) + " of " + std::to_string(bytes);
}

// All values of a graph whose tensors are filled, and the cycles from reset.
void ExpectRtlEqual(Net *net, unsigned n, tetra_memory_params mem) {
  Accelerator accelerator(n, mem), *rtl = &accelerator;
  tetra_error err = {};
  tetra_compile_options o = rtl->Options();
  o.reuse_memory = 0;  // every value is still there at the end
  tetra_plan plan = {};
  ASSERT_EQ(tetra_compile(&net->g, &rtl->Caps(), &o, &plan, &err), TETRA_OK) << err.msg;
  std::memcpy(rtl->Memory(plan.const_addr, static_cast<uint32_t>(plan.const_bytes)), plan.const_data, plan.const_bytes);
  const tetra_placement &in = plan.values[net->g.input];
  tetra_plan_write_value(&plan, net->g.input, &net->t[static_cast<size_t>(net->g.input)],
                         rtl->Memory(in.addr, in.bytes));
  ExpectEqualCycles(rtl, plan, mem);
  for (int v = 0; v < net->g.n_values; v++)
    EXPECT_EQ(Difference(rtl, plan, v, net->t[static_cast<size_t>(v)]), "") << net->g.values[v].name;
  tetra_plan_free(&plan);
}

class GroupsOnRtl : public testing::TestWithParam<unsigned> {};

TEST_P(GroupsOnRtl, RandomLayersEqualModels) {
  const unsigned n = GetParam();
  for (const tetra_memory_params mem : {tetra_memory_params{n, 64}, {n / 2 + 1, 9}}) {
    for (unsigned seed = 0; seed < 12; seed++) {
      const Case c = RandomGroupCase(seed + n + mem.latency, RandomGroups(seed + n + mem.latency));
      SCOPED_TRACE(Name(c));
      Net net;
      Builder(c).Build(&net);
      tetra_error err = {};
      if (tetra_graph_check(&net.g, &err) != TETRA_OK) continue;  // its sums could overflow
      if (net.g.n_ops > 1) tetra_tensor_free(&net.t[static_cast<size_t>(net.g.ops[0].output[0])]);
      for (int v = 0; v < net.g.n_values; v++)
        if (v != net.g.input) net.t[static_cast<size_t>(v)] = tetra_tensor{};
      ASSERT_EQ(tetra_run_graph(&net.g, net.t.data(), TETRA_REFERENCE, &err), TETRA_OK) << err.msg;
      ExpectRtlEqual(&net, n, mem);
    }
  }
}

TEST_P(GroupsOnRtl, RandomNetworksEqualModels) {
  for (unsigned seed = 100; seed < 108; seed++) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Net net;
    RandomNetwork(seed, true).Build(&net);
    tetra_error err = {};
    ASSERT_EQ(tetra_graph_check(&net.g, &err), TETRA_OK) << err.msg;
    ASSERT_EQ(tetra_run_graph(&net.g, net.t.data(), TETRA_REFERENCE, &err), TETRA_OK) << err.msg;
    ExpectRtlEqual(&net, GetParam(), {GetParam(), 64});
  }
}

TEST_P(GroupsOnRtl, MobileNetV2EqualsModels_w8a8_64px) {
  Net net;
  MobileNetV2(&net, {8, 8}, GetParam() < 16 ? 0.35 : 1, 64);
  ExpectRtlEqual(&net, GetParam(), {GetParam(), 64});
}

TEST_P(GroupsOnRtl, MobileNetV2EqualsModels_w4a4_96px_half_a_beat) {
  Net net;
  MobileNetV2(&net, {4, 4}, GetParam() < 16 ? 0.35 : 1, 96);
  ExpectRtlEqual(&net, GetParam(), {GetParam() / 2, 64});
}

// 32x4d, or a smaller one on small arrays.
TEST_P(GroupsOnRtl, ResNeXtEqualsModels_w8a8) {
  Net net;
  if (GetParam() < 16)
    ResNeXt(&net, {8, 8}, 8, 4, {1, 1, 1, 1}, 24);
  else
    ResNeXt(&net, {8, 8}, 32, 4, {2, 2, 1, 1}, 32);
  ExpectRtlEqual(&net, GetParam(), {GetParam(), 64});
}

// Groups astride blocks: of 6 to 48 channels.
TEST_P(GroupsOnRtl, ResNeXtEqualsModels_w4a8_8x6d) {
  Net net;
  ResNeXt(&net, {4, 8}, 8, 6, {1, 1, 1, 1}, GetParam() < 16 ? 24 : 48);
  ExpectRtlEqual(&net, GetParam(), {GetParam(), 64});
}

INSTANTIATE_TEST_SUITE_P(Array, GroupsOnRtl, testing::ValuesIn(BuiltSizes()),
                         [](const auto &i) { return std::to_string(i.param) + "x" + std::to_string(i.param); });

}  // namespace
