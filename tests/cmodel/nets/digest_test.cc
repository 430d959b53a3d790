// Built networks, bit for bit: every field of the graph, weights and parameters. Weights are seeded, calibration's sums
// are whole numbers and nothing else depends on an order, so that a network is the same on every machine.
#include <gtest/gtest.h>

#include "graph_digest.h"
#include "net_graph.h"
#include "tetra/nest.h"
#include "tetra/separate.h"

namespace {

struct Pinned {
  const char *network;
  double width;
  int size, batch, fuse;
  uint64_t digest[4];  // of each precision
};

// Bottlenecks and basic blocks, odd sides and channels, one calibration image and many.
TEST(Digest, NetworksAreTheSameOnEveryMachine) {
  const Pinned all[] = {
      {"resnet18",
       0.125,
       33,
       1,
       1,
       {15256087149641315132u, 13440775178399715498u, 6633891319540424972u, 1186340665577827921u}},
      {"resnet18",
       0.08,
       45,
       2,
       0,
       {11371532193625894729u, 13793416334702264426u, 3692644103178210216u, 7962330085011363247u}},
      {"resnet50",
       0.0625,
       64,
       1,
       1,
       {9284426703766434195u, 17627794940033498809u, 11462045000801548186u, 17471030309107700694u}},
  };
  for (const Pinned &p : all)
    for (int precision = 0; precision < 4; precision++) {
      tetra_network_options o = Options(p.network, static_cast<tetra_precision>(precision), p.width, p.size);
      o.fuse = p.fuse;
      o.batch = p.batch;
      const Graph g(o);
      EXPECT_EQ(DigestOf(*g.get()), p.digest[precision]) << p.network << " " << p.size << " " << precision;
    }
}

// A network of shapes alone has everything but weights and what calibration finds.
TEST(Digest, ShapesAreTheSameOnEveryMachine) {
  for (int fuse : {0, 1}) {
    tetra_network_options o = Options("resnet50", TETRA_W4A4_INIT8_DENSE8, 1.0, 224);
    o.fuse = fuse;
    tetra_graph g;
    ASSERT_EQ(tetra_network_build_shapes(&o, &g, nullptr), TETRA_OK);
    EXPECT_EQ(DigestOf(g), fuse ? 15332998367585741458u : 15294314515573016808u);
    tetra_graph_free(&g);
  }
}

// Every layer's weights narrowed to the 4 bits that they hold; every residual rounded on its own.
TEST(Digest, NarrowedAndSeparatedNetworksAreTheSameOnEveryMachine) {
  for (bool whole : {false, true}) {
    Graph g(Options("resnet18", TETRA_W8A8, 0.125, 33));
    tetra_graph *graph = const_cast<tetra_graph *>(g.get());
    for (int i = 0; i < g->n_ops; i++) {
      const std::vector<int32_t> bias(static_cast<size_t>(g->ops[i].cout), 5 * i - 40);
      const int conv = g->ops[i].kind == TETRA_CONV;
      ASSERT_EQ(tetra_nest(graph, i, whole ? bias.data() : nullptr, nullptr), conv ? TETRA_OK : TETRA_EINVAL) << i;
    }
    ASSERT_EQ(tetra_graph_check(graph, nullptr), TETRA_OK);
    EXPECT_EQ(DigestOf(*graph), whole ? 12288711093343241758u : 15490702794773526564u);
  }
  Graph g(Options("resnet50", TETRA_W4A4, 0.0625, 64));
  tetra_graph *graph = const_cast<tetra_graph *>(g.get());
  ASSERT_EQ(tetra_separate(graph, nullptr), TETRA_OK);
  ASSERT_EQ(tetra_graph_check(graph, nullptr), TETRA_OK);
  EXPECT_EQ(DigestOf(*graph), 8228369893799731755u);
}

}  // namespace
