// The compiler on the built-in networks, run on the documented loop nests against the C model.
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "../../cmodel/core_case.h"
#include "plan_check.h"
#include "tetra/network.h"
#include "tetra/plan_store.h"

namespace {

// Every built-in network compiles for every array size with the default buffers: stem and pool of the largest image
// too.
TEST(CompileNetworks, LineBufferHoldsTheStemOfEveryImageSize) {
  for (uint32_t n : {4u, 8u, 16u, 32u, 64u})
    for (int size : {32, 97, 224, 256, 257, 512})
      for (tetra_precision p : {TETRA_W8A8, TETRA_W4A4_INIT8_DENSE8}) {
        tetra_network_options o;
        tetra_network_defaults(&o);
        o.network = "resnet18", o.precision = p, o.image_size = size, o.width = 0.25;
        tetra_compile_options c;
        tetra_compile_defaults(&c);
        tetra_graph g = {};
        tetra_plan plan = {};
        tetra_error err = {};
        const tetra_caps caps = tetra_caps_default(n);
        ASSERT_EQ(tetra_network_build_shapes(&o, &g, &err), TETRA_OK) << err.msg;
        EXPECT_EQ(tetra_compile(&g, &caps, &c, &plan, &err), TETRA_OK) << n << " at " << size << ": " << err.msg;
        EXPECT_EQ(g.ops[0].pool, size <= 256) << size;
        tetra_plan_free(&plan);
        tetra_graph_free(&g);
      }
}

// A plan for the cycle model alone has the commands, places and bounds of the one that runs.
TEST(CompileNetworks, TimingOnlyIsTheSamePlanWithoutConstants) {
  for (uint32_t n : {4u, 16u})
    for (tetra_precision p : {TETRA_W8A8, TETRA_W4A4_INIT8_DENSE8}) {
      tetra_network_options o;
      tetra_network_defaults(&o);
      o.precision = p, o.image_size = 64, o.width = 0.25;
      tetra_compile_options c;
      tetra_compile_defaults(&c);
      tetra_graph g = {};
      tetra_plan run = {}, timed = {};
      tetra_error err = {};
      const tetra_caps caps = tetra_caps_default(n);
      ASSERT_EQ(tetra_network_build_shapes(&o, &g, &err), TETRA_OK) << err.msg;
      ASSERT_EQ(tetra_compile(&g, &caps, &c, &run, &err), TETRA_OK) << err.msg;
      c.timing_only = 1;
      ASSERT_EQ(tetra_compile(&g, &caps, &c, &timed, &err), TETRA_OK) << err.msg;
      EXPECT_EQ(timed.const_data, nullptr);
      EXPECT_EQ(timed.const_bytes, run.const_bytes);
      EXPECT_EQ(timed.limit, run.limit);
      ASSERT_EQ(timed.n_cmds, run.n_cmds);
      EXPECT_EQ(std::memcmp(timed.cmds, run.cmds, sizeof *run.cmds * run.n_cmds), 0);
      EXPECT_EQ(std::memcmp(timed.values, run.values, sizeof *run.values * static_cast<size_t>(g.n_values)), 0);
      EXPECT_EQ(std::memcmp(timed.layers, run.layers, sizeof *run.layers * static_cast<size_t>(g.n_ops)), 0);
      uint8_t *bytes = nullptr;
      size_t size = 0;
      EXPECT_EQ(tetra_plan_store(&timed, &g, &bytes, &size, &err), TETRA_EINVAL);
      c.weights_of = &run;
      tetra_plan none = {};
      EXPECT_EQ(tetra_compile(&g, &caps, &c, &none, &err), TETRA_EINVAL);
      tetra_plan_free(&timed);
      tetra_plan_free(&run);
      tetra_graph_free(&g);
    }
}

struct NetCase {
  const char *network;
  tetra_precision precision;
  double width;
  int size, batch, fuse;
  uint32_t n;
};

class CompileNet : public testing::TestWithParam<NetCase> {};

TEST_P(CompileNet, EqualsModel) {
  const NetCase &c = GetParam();
  tetra_network_options o;
  tetra_network_defaults(&o);
  o.network = c.network, o.precision = c.precision, o.width = c.width, o.image_size = c.size, o.batch = c.batch;
  o.fuse = c.fuse;
  Net net;
  tetra_error err = {};
  ASSERT_EQ(tetra_network_build(&o, &net.g, &err), TETRA_OK) << err.msg;
  net.t.assign(static_cast<size_t>(net.g.n_values), tetra_tensor{});
  tetra_tensor *in = &net.t[static_cast<size_t>(net.g.input)];
  ASSERT_EQ(tetra_tensor_init(in, &net.g.values[net.g.input].d, &err), TETRA_OK);
  std::vector<uint8_t> rgb(static_cast<size_t>(c.size * c.size * 3));
  for (int b = 0; b < c.batch; b++) {
    tetra_synthetic_image(static_cast<uint64_t>(b) + 7, c.size, rgb.data());
    ASSERT_EQ(tetra_quantize_image(rgb.data(), in, b, &err), TETRA_OK) << err.msg;
  }
  ASSERT_EQ(tetra_run_graph(&net.g, net.t.data(), TETRA_FAST, &err), TETRA_OK) << err.msg;
  CheckPlan(net.g, net.t, tetra_caps_default(c.n), 1);
  CheckPlan(net.g, net.t, tetra_caps_default(c.n), 1, LeastMemory(net.g, tetra_caps_default(c.n)));
}

INSTANTIATE_TEST_SUITE_P(Networks, CompileNet,
                         testing::Values(NetCase{"resnet18", TETRA_W8A8, 0.5, 64, 1, 1, 16},
                                         NetCase{"resnet18", TETRA_W4A8, 0.5, 32, 1, 1, 8},
                                         NetCase{"resnet18", TETRA_W4A4, 0.5, 64, 1, 0, 16},
                                         NetCase{"resnet18", TETRA_W4A4_INIT8_DENSE8, 0.5, 64, 2, 1, 16},
                                         NetCase{"resnet50", TETRA_W4A4_INIT8_DENSE8, 0.25, 64, 1, 1, 4},
                                         NetCase{"resnet50", TETRA_W8A8, 0.25, 33, 3, 0, 32},
                                         NetCase{"resnet50", TETRA_W4A4, 0.25, 64, 1, 1, 64},
                                         // Large planes: bands, interleaves of layers.
                                         NetCase{"resnet50", TETRA_W4A4_INIT8_DENSE8, 0.25, 160, 1, 1, 16},
                                         NetCase{"resnet50", TETRA_W4A4_INIT8_DENSE8, 0.5, 128, 2, 1, 8}),
                         [](const auto &i) {
                           const NetCase &c = i.param;
                           return std::string(c.network) + "_" + std::to_string(c.size) + "px_batch" +
                                  std::to_string(c.batch) + "_prec" + std::to_string(c.precision) +
                                  (c.fuse ? "" : "_unfused") + "_" + std::to_string(c.n) + "x" + std::to_string(c.n);
                         });

}  // namespace
