// Where the compiler puts things in DRAM: pages, what shares memory, and what is done where there is little.
#include <gtest/gtest.h>

#include "plan_check.h"
#include "tetra/network.h"

namespace {

struct Shapes {
  tetra_graph g = {};
  explicit Shapes(const char *network) {
    tetra_network_options o;
    tetra_error err = {};
    tetra_network_defaults(&o);
    o.network = network, o.width = 0.25, o.image_size = 64;
    EXPECT_EQ(tetra_network_build_shapes(&o, &g, &err), TETRA_OK) << err.msg;
  }
  Shapes(const Shapes &) = delete;
  Shapes &operator=(const Shapes &) = delete;
  ~Shapes() { tetra_graph_free(&g); }
};

struct Compiled {
  tetra_plan plan = {};
  Compiled(const tetra_graph &g, int reuse) {
    tetra_compile_options o;
    tetra_error err = {};
    tetra_compile_defaults(&o);
    o.reuse_memory = reuse;
    const tetra_caps caps = tetra_caps_default(8);
    EXPECT_EQ(tetra_compile(&g, &caps, &o, &plan, &err), TETRA_OK) << err.msg;
  }
  Compiled(const Compiled &) = delete;
  Compiled &operator=(const Compiled &) = delete;
  ~Compiled() { tetra_plan_free(&plan); }
};

// Pairs of values that have a byte in common.
int Shared(const tetra_plan &plan) {
  int pairs = 0;
  for (int i = 0; i < plan.n_values; i++)
    for (int k = 0; k < i; k++) {
      const tetra_placement &a = plan.values[i], &b = plan.values[k];
      pairs += a.addr < b.addr + b.bytes && b.addr < a.addr + a.bytes;
    }
  return pairs;
}

TEST(CompileMemory, RegionsBeginAtPages) {
  const Shapes net("resnet18");
  const Compiled c(net.g, 1);
  for (int v = 0; v < c.plan.n_values; v++) EXPECT_EQ(c.plan.values[v].addr % kPage, 0u) << net.g.values[v].name;
  EXPECT_EQ(c.plan.ring_addr % kPage, 0u);
}

TEST(CompileMemory, ValuesShareItOnlyWithReuse) {
  const Shapes net("resnet101");
  const Compiled shared(net.g, 1), apart(net.g, 0);
  EXPECT_GT(Shared(shared.plan), 0);
  EXPECT_EQ(Shared(apart.plan), 0);
  EXPECT_LT(shared.plan.limit, apart.plan.limit);
}

// The arena is twice what is live at once, and given up where memory is short.
TEST(CompileMemory, LessThanTheArenaWillDo) {
  const Shapes net("resnet101");
  const tetra_caps caps = tetra_caps_default(8);
  const uint64_t all = MemoryUsed(net.g, caps, uint64_t{1} << 30, 1), least = LeastMemory(net.g, caps);
  EXPECT_GT(least, 0u);
  EXPECT_LT(least, all);
  EXPECT_EQ(MemoryUsed(net.g, caps, least - kPage, 1), 0u);
  EXPECT_EQ(MemoryUsed(net.g, caps, least, 1), least);
  EXPECT_EQ(MemoryUsed(net.g, caps, all, 1), all);
}

}  // namespace
