// The compiler on random networks.
#include <gtest/gtest.h>

#include "../../common/random_network.h"
#include "plan_check.h"

namespace {

// Networks of that seed, with or without groups, on every array and buffer size.
void ExpectEqualsModel(unsigned seed, bool groups) {
  Net net;
  RandomNetwork(seed, groups).Build(&net);
  tetra_error err = {};
  ASSERT_EQ(tetra_graph_check(&net.g, &err), TETRA_OK) << err.msg;
  ASSERT_EQ(tetra_run_graph(&net.g, net.t.data(), TETRA_FAST, &err), TETRA_OK) << err.msg;
  for (uint32_t n : {4u, 16u, 64u}) {
    const tetra_caps large = tetra_caps_default(n);
    SCOPED_TRACE("array " + std::to_string(n));
    const tetra_caps small = {n, 1024, n < 16 ? 2048u : 4096u, 1024, 16, 64, 512, 256 / n};
    CheckPlan(net.g, net.t, large, 1);
    CheckPlan(net.g, net.t, small, 1);
    // Where values overwrite what was only just read, STOREs wait for its LOADs.
    CheckPlan(net.g, net.t, small, 1, LeastMemory(net.g, small));
  }
}

class CompileGraph : public testing::TestWithParam<unsigned> {};

// Run one again with --gtest_filter='*CompileGraph*/seed_7'.
TEST_P(CompileGraph, EqualsModelOnEveryArrayAndBufferSize) { ExpectEqualsModel(GetParam(), false); }

std::string SeedName(const testing::TestParamInfo<unsigned> &i) { return "seed_" + std::to_string(i.param); }
INSTANTIATE_TEST_SUITE_P(Random, CompileGraph, testing::Range(0u, 40u), SeedName);

class CompileGraphOfGroups : public testing::TestWithParam<unsigned> {};

TEST_P(CompileGraphOfGroups, EqualsModelOnEveryArrayAndBufferSize) { ExpectEqualsModel(GetParam(), true); }
INSTANTIATE_TEST_SUITE_P(Random, CompileGraphOfGroups, testing::Range(0u, 30u), SeedName);

// A packed stem whose image rows fill the residual buffer, and residuals that are there before the last PACK has run.
INSTANTIATE_TEST_SUITE_P(ImageRowsOutliveTheirPacks, CompileGraph, testing::Values(129u),
                         testing::PrintToStringParamName());

// A plane is loaded once, and its last readers come 40,000 LOADs later, of residuals: counts have 16 bits.
TEST(CompileTokens, OlderThanTheirCountsCanTell_40000_tiles) {
  Case c;
  c.h = 4, c.w = 10000, c.cin = 5, c.cout = 3, c.in = c.res = TETRA_U4, c.form = TETRA_RES_JOINT;
  Net net;
  Builder(c).Build(&net);
  tetra_error err = {};
  ASSERT_EQ(tetra_graph_check(&net.g, &err), TETRA_OK) << err.msg;
  tetra_tensor_free(&net.t[static_cast<size_t>(net.g.ops[0].output[0])]);  // random: the producer makes another one
  ASSERT_EQ(tetra_run_graph(&net.g, net.t.data(), TETRA_FAST, &err), TETRA_OK) << err.msg;
  CheckPlan(net.g, net.t, {4, 65536, 1024, 1024, 16, 1, 512, 64}, 1);
}

}  // namespace
