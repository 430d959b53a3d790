// Each place of the compiler and of the cycle model that asks for memory gets none, once: an error without a result, or
// the same result.
#include "../../common/no_memory.h"
#include "../compiler/plan_digest.h"
#include "../compiler/shape_network.h"
#include "tetra/fuse.h"
#include "tetra/network.h"
#include "tetra/plan_store.h"
#include "tetra/timing.h"

namespace {

struct Network {
  tetra_graph g = {};
  explicit Network(int fuse) {
    tetra_network_options o;
    tetra_network_defaults(&o);
    o.network = "resnet18", o.precision = TETRA_W4A8, o.width = 1.0 / 16, o.image_size = 33, o.fuse = fuse;
    const bool watching = allocator.watching;
    allocator.watching = false;
    EXPECT_EQ(tetra_network_build(&o, &g, nullptr), TETRA_OK);
    allocator.watching = watching;
  }
  Network(const Network &) = delete;
  Network &operator=(const Network &) = delete;
  ~Network() { tetra_graph_free(&g); }
};

TEST(NoMemory, Compiling) {
  const tetra_caps caps = tetra_caps_default(8);
  const Network network(1);
  for (int reuse : {0, 1})
    ExpectErrorOrSameResult(
        [&](uint64_t *result, tetra_error *err) {
          tetra_compile_options o;
          tetra_compile_defaults(&o);
          o.reuse_memory = reuse;
          tetra_plan plan = {};
          uint8_t *bytes = nullptr;
          size_t size = 0;
          int rc = tetra_compile(&network.g, &caps, &o, &plan, err);
          if (rc == TETRA_OK) rc = tetra_plan_store(&plan, &network.g, &bytes, &size, err);
          if (rc == TETRA_OK) *result = tetra_hash(AddPlan(TETRA_HASH_START, plan, true), bytes, size);
          std::free(bytes);
          tetra_plan_free(&plan);
          return rc;
        },
        8);
}

// Lists that grow while an op is lowered, in ops of every kind: each request in turn.
TEST(NoMemory, CompilingAnythingAtAnyTime) {
  size_t requests = 0, compiled = 0;
  for (const Mix mix : {Mix::kChain, Mix::kBranches, Mix::kGroups, Mix::kStem, Mix::kWide})
    for (unsigned seed = 0; seed < 12; seed++) {
      SCOPED_TRACE(testing::Message() << "mix " << static_cast<int>(mix) << " seed " << seed);
      tetra_graph g = {};
      ShapeNetwork network(mix, seed, &g);
      network.Build();
      const tetra_caps caps = network.Machine();
      tetra_compile_options o;
      tetra_compile_defaults(&o);
      o.timing_only = 1;
      tetra_plan plan = {};
      const bool compiles = tetra_compile(&g, &caps, &o, &plan, nullptr) == TETRA_OK;
      const uint32_t commands = plan.n_cmds;
      tetra_plan_free(&plan);
      if (compiles && commands < 4000) {
        compiled++;
        requests += ExpectErrorOrSameResultAtEveryRequest([&](uint64_t *result, tetra_error *err) {
          const int rc = tetra_compile(&g, &caps, &o, &plan, err);
          if (rc == TETRA_OK) *result = AddPlan(TETRA_HASH_START, plan, false);
          tetra_plan_free(&plan);
          return rc;
        });
      }
      tetra_graph_free(&g);
    }
  EXPECT_GT(compiled, 30u);
  EXPECT_GT(requests, 1000u);
}

TEST(NoMemory, Fusing) {
  const tetra_caps caps = tetra_caps_default(8);
  ExpectErrorOrSameResult(
      [&](uint64_t *result, tetra_error *err) {
        Network network(0);
        tetra_fused gone = {};
        const int rc = tetra_fuse(&network.g, &caps, &gone, err);
        *result = static_cast<uint64_t>(network.g.n_ops);
        EXPECT_EQ(tetra_graph_check(&network.g, nullptr), TETRA_OK);
        tetra_fused_free(&gone);
        return rc;
      },
      1);
}

TEST(NoMemory, Timing) {
  const tetra_caps caps = tetra_caps_default(8);
  const Network network(1);
  tetra_compile_options o;
  tetra_compile_defaults(&o);
  tetra_plan plan = {};
  ASSERT_EQ(tetra_compile(&network.g, &caps, &o, &plan, nullptr), TETRA_OK);
  ExpectErrorOrSameResult(
      [&](uint64_t *result, tetra_error *err) {
        const tetra_memory_params mem = {1024, 20};
        tetra_timing t = {};
        const int rc = tetra_timing_run(&plan, &mem, TETRA_TIMING_FAST, &t, err);
        *result = t.cycles;
        tetra_timing_free(&t);
        return rc;
      },
      2);
  tetra_plan_free(&plan);
}

}  // namespace
