// Where values lie, worked out by hand: chains of convolutions whose values are so many pages each.
#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <vector>

#include "tetra/plan.h"

namespace {

constexpr uint64_t kPage = TETRA_PAGE_BYTES;

// Convolutions of single pixels, each over the one before: on a 4x4 array 1024 pixels of 4 channels are a page. Values
// of 4 * pages[0], 4 * pages[1], ... channels.
struct Chain {
  tetra_graph g = {};
  explicit Chain(const std::vector<int> &pages) {
    for (size_t i = 0; i < pages.size(); i++) {
      const tetra_desc d = {1, 32, 32, 4 * pages[i], TETRA_U8, 0, 1.0};
      const int value = tetra_graph_add_value(&g, ("v" + std::to_string(i)).c_str(), &d);
      if (i > 0) Add(value - 1, value, -1);
    }
    g.output = g.n_values - 1;
  }
  Chain(const Chain &) = delete;
  Chain &operator=(const Chain &) = delete;
  ~Chain() { tetra_graph_free(&g); }

  void Add(int input, int output, int residual) {
    tetra_op op = {};
    snprintf(op.name, sizeof op.name, "op%d", g.n_ops);
    op.kind = TETRA_CONV, op.input = input, op.residual = residual, op.win = tetra_window_pixel(), op.wbits = 8;
    op.res_form = residual < 0 ? TETRA_RES_NONE : TETRA_RES_JOINT;
    op.cout = g.values[output].d.c, op.groups = 1, op.n_outputs = 1, op.output[0] = output;
    EXPECT_GE(tetra_graph_add_op(&g, &op), 0);
  }
};

struct Places {
  std::vector<int> pages;  // of each value from the first one's place on
  uint64_t start = 0;      // where that is
  uint64_t ring = 0, end = 0;
  std::string refused;
};

Places Compile(const tetra_graph &g, uint64_t dram_size, int reuse) {
  tetra_compile_options o;
  tetra_compile_defaults(&o);
  o.dram_base = 0x40000, o.dram_size = dram_size, o.reuse_memory = reuse, o.timing_only = 1;
  // Planes fit one band: nothing is interleaved.
  const tetra_caps caps = {4, 16384, 8192, 1024, 64, 1024, 512, 1024};
  tetra_plan plan = {};
  tetra_error err = {};
  Places p;
  if (tetra_compile(&g, &caps, &o, &plan, &err) == TETRA_OK) {
    p.start = plan.values[0].addr, p.ring = plan.ring_addr, p.end = uint64_t{plan.limit} + 1;
    for (int v = 0; v < plan.n_values; v++) {
      EXPECT_EQ(plan.values[v].addr % kPage, 0u);
      p.pages.push_back(static_cast<int>((plan.values[v].addr - p.start) / kPage));
    }
    EXPECT_EQ(plan.base, 0x40000u);
    EXPECT_EQ(p.start, (plan.const_addr + plan.const_bytes + kPage - 1) / kPage * kPage);
  } else {
    p.refused = err.msg;
  }
  tetra_plan_free(&plan);
  return p;
}

using Pages = std::vector<int>;

// The image and the last value stay. Most that is live at once are three pages, so the arena has six: each value goes
// behind the last one until the arena is full, then to where it is free from the beginning.
TEST(Place, NextFitRunsThroughTwiceWhatIsLive) {
  const Chain c({1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  EXPECT_EQ(Compile(c.g, 1 << 30, 1).pages, Pages({0, 1, 2, 3, 4, 5, 1, 2, 3, 4}));
}

// 1 + 3 + 2 pages are live at the second op, so the arena has 12. Behind the value that ends at 11 two do not fit.
TEST(Place, NextFitBeginsAgainWhereAValueDoesNotFit) {
  const Chain c({1, 3, 2, 2, 3, 2, 3, 1, 1});
  EXPECT_EQ(Compile(c.g, 1 << 30, 1).pages, Pages({0, 1, 4, 6, 8, 1, 3, 6, 7}));
}

TEST(Place, WithoutReuseOneLiesBehindTheOther) {
  const Chain c({1, 3, 2, 2, 3, 1, 1});
  EXPECT_EQ(Compile(c.g, 1 << 30, 0).pages, Pages({0, 1, 4, 6, 8, 11, 12}));
}

// A value that an op far behind reads is not overwritten before; nor is what an op reads while it writes.
TEST(Place, AValueStaysUntilItsLastReader) {
  Chain c({1, 1, 1, 1, 1, 1, 1});
  c.g.ops[4].residual = 1, c.g.ops[4].res_form = TETRA_RES_JOINT;  // op4 makes value 5
  // Of four pages that are live the arena has eight.
  EXPECT_EQ(Compile(c.g, 1 << 30, 1).pages, Pages({0, 1, 2, 3, 4, 5, 6}));
  const Places all = Compile(c.g, 1 << 30, 1), least = Compile(c.g, all.end - kPage - 0x40000, 1);
  EXPECT_EQ(least.pages, Pages({0, 1, 2, 3, 2, 3, 1}));
}

// Where memory is short each value goes to the first place that is free, and the ring right behind them.
TEST(Place, FirstFitTakesAsLittleAsThereIs) {
  const Chain c({1, 3, 2, 2, 3, 2, 3, 1, 1});
  const Places all = Compile(c.g, 1 << 30, 1), less = Compile(c.g, all.end - kPage - 0x40000, 1);
  EXPECT_EQ(all.ring, all.start + 11 * kPage);
  EXPECT_EQ(less.pages, Pages({0, 1, 4, 1, 3, 1, 3, 1, 2}));
  EXPECT_EQ(less.ring, less.start + 6 * kPage);
  EXPECT_EQ(less.end - less.ring, all.end - all.ring);
  // That is the least: with a page less the ring has no place, with the ring's less none has the last value.
  EXPECT_EQ(Compile(c.g, less.end - 0x40000, 1).pages, less.pages);
  EXPECT_NE(Compile(c.g, less.end - kPage - 0x40000, 1).refused.find("commands do not fit"), std::string::npos);
  EXPECT_NE(Compile(c.g, less.ring - 0x40000, 1).refused.find("commands do not fit"), std::string::npos);
  EXPECT_NE(Compile(c.g, less.ring - 1 - 0x40000, 1).refused.find("tensor 'v"), std::string::npos);
}

}  // namespace
