// Topology, formats, options and the paper's cost model, against the paper's numbers.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "../core_case.h"
#include "net_graph.h"
#include "tetra/cost.h"

namespace {

tetra_cost CostOf(const char *network, tetra_precision p, double width = 1.0) {
  tetra_cost c;
  tetra_error err;
  const tetra_network_options o = Options(network, p, width, 224);
  EXPECT_EQ(tetra_cost_network(&o, &c, &err), TETRA_OK) << err.msg;
  return c;
}

TEST(Cost, MacsAndWeightsAt224) {
  EXPECT_EQ(CostOf("resnet50", TETRA_W8A8).macs, 4089184256);
  EXPECT_EQ(CostOf("resnet50", TETRA_W8A8).weights, 25502912);
  EXPECT_EQ(CostOf("resnet101", TETRA_W8A8).macs, 7801405440);
  EXPECT_EQ(CostOf("resnet101", TETRA_W8A8).weights, 44442816);
  EXPECT_EQ(CostOf("resnet152", TETRA_W8A8).macs, 11513626624);
  EXPECT_EQ(CostOf("resnet152", TETRA_W8A8).weights, 60040384);
  EXPECT_NEAR(static_cast<double>(CostOf("resnet18", TETRA_W8A8).macs), 1.814e9, 0.5e6);
  EXPECT_NEAR(static_cast<double>(CostOf("resnet34", TETRA_W8A8).macs), 3.664e9, 0.5e6);
}

// Both sides of every bound of a network's options.
TEST(Options, RefusedOutsideTheirBoundsAndOnlyThere) {
  const auto accepted = [](double width, int size, int batch, int precision) {
    tetra_network_options o = Options("resnet18", static_cast<tetra_precision>(precision), width, size);
    o.batch = batch;
    tetra_cost c;
    return tetra_cost_network(&o, &c, nullptr) == TETRA_OK;
  };
  for (double width : {1.0 / 64, 4.0}) EXPECT_TRUE(accepted(width, 32, 1, 0)) << width;
  for (double width : {-1.0, 0.0, 0.0156, 4.001}) EXPECT_FALSE(accepted(width, 32, 1, 0)) << width;
  for (int size : {32, 33, 511, 512}) EXPECT_TRUE(accepted(1, size, 1, 0)) << size;
  for (int size : {-32, 0, 31, 513}) EXPECT_FALSE(accepted(1, size, 1, 0)) << size;
  for (int batch : {-1, 0, 1, 2}) EXPECT_EQ(accepted(1, 32, batch, 0), batch > 0) << batch;
  for (int precision : {-1, 0, 3, 4}) EXPECT_EQ(accepted(1, 32, 1, precision), precision == 0 || precision == 3);
}

TEST(Cost, ResNet50ToEveryDigit) {
  const tetra_cost w8 = CostOf("resnet50", TETRA_W8A8), w4 = CostOf("resnet50", TETRA_W4A4);
  const tetra_cost mixed = CostOf("resnet50", TETRA_W4A4_INIT8_DENSE8);
  EXPECT_EQ(w8.quadratic, 261707792384);
  EXPECT_EQ(w8.memory, 204023296);
  EXPECT_EQ(w4.quadratic, 65426948096);
  EXPECT_EQ(w4.memory, 102011648);
  EXPECT_EQ(mixed.quadratic, 71189921792);
  EXPECT_EQ(mixed.linear, 16836984832);
  EXPECT_EQ(mixed.memory, 110241280);
  // 120,061,952 multiplies are the first and the last layer's, 8 by 8 bits; all others are 4 by 8.
  const tetra_cost w4a8 = CostOf("resnet50", TETRA_W4A8);
  EXPECT_EQ(w4a8.quadratic, 64 * 120061952LL + 32 * (4089184256 - 120061952));
  EXPECT_EQ(w4a8.linear, 8 * 4089184256);
  EXPECT_EQ(w4a8.memory, mixed.memory);
  double r[3];
  tetra_cost_ratios(&mixed, r);
  EXPECT_NEAR(r[0], 0.0680052, 5e-8);
  EXPECT_NEAR(r[1], 0.2573402, 5e-8);
  EXPECT_NEAR(r[2], 0.2701684, 5e-8);
}

// The paper's width sweep (linear cost relative to the 16-bit network), which also pins filters = int(64 * width *
// 2^stage).
TEST(Cost, LinearOverWidths) {
  struct Row {
    double width, mixed, w4, w8;
  };
  const Row rows[] = {{0.5, .0762, .0689, .1378},  {0.62, .1076, .1003, .2006},  {0.75, .1519, .1445, .2891},
                      {0.87, .1971, .1898, .3796}, {1.0, .2573, .2500, .5000},   {1.25, .3927, .3853, .7706},
                      {1.5, .5578, .5504, 1.1009}, {1.75, .7529, .7454, 1.4909}, {2.0, .9777, .9703, 1.9405}};
  for (const Row &row : rows) {
    const std::pair<tetra_precision, double> wants[] = {
        {TETRA_W4A4_INIT8_DENSE8, row.mixed}, {TETRA_W4A4, row.w4}, {TETRA_W8A8, row.w8}};
    for (auto [p, want] : wants) {
      const tetra_cost c = CostOf("resnet50", p, row.width);
      double r[3];
      tetra_cost_ratios(&c, r);
      EXPECT_NEAR(r[1], want, 6e-5) << "width " << row.width << " " << tetra_precision_name(p);
    }
  }
}

TEST(Cost, GraphGivesWhatShapesGive) {
  for (int p = 0; p < 4; p++) {
    tetra_network_options o = Options("resnet50", static_cast<tetra_precision>(p), 0.25, 64);
    o.batch = 2;
    Graph g(o);
    tetra_cost a, b;
    ASSERT_EQ(tetra_cost_network(&o, &a, nullptr), TETRA_OK);
    tetra_cost_graph(g.get(), &b);
    EXPECT_EQ(a.macs, b.macs);
    EXPECT_EQ(a.weights, b.weights);
    EXPECT_EQ(a.quadratic, b.quadratic);
    EXPECT_EQ(a.linear, b.linear);
    EXPECT_EQ(a.memory, b.memory);
    int64_t macs = 0;
    for (int i = 0; i < g->n_ops; i++) macs += tetra_op_macs(g.get(), i);
    EXPECT_EQ(macs, a.macs * o.batch);
  }
}

TEST(Cost, GraphCountsTheWeightsOfGroups_7x5x12_k3x3x8_g4) {
  Case c;
  c.h = 7, c.w = 5, c.cin = 12, c.cout = 8, c.groups = 4, c.kh = c.kw = 3, c.wbits = 4;
  Net net;
  Builder(c).Build(&net);
  tetra_cost cost;
  tetra_cost_graph(&net.g, &cost);
  EXPECT_EQ(cost.weights, 3 * 3 * 3 * 8);
  EXPECT_EQ(cost.macs, 5 * 3 * 3 * 3 * 3 * 8);
}

// The layers of ResNet-50 at 224 whose multiplies the paper's numbers name.
TEST(Shape, ResNet50LayersAt224) {
  Graph g(Options("resnet50", TETRA_W4A4_INIT8_DENSE8, 1.0, 224));
  ASSERT_EQ(g->n_ops, 1 + 16 * 3 + 4 + 1 + 1);
  for (int i = 0; i < g->n_ops; i++) {
    const tetra_op &op = g->ops[i];
    if (op.kind == TETRA_CONV && op.win.kh == 3) {
      EXPECT_EQ(tetra_op_macs(g.get(), i), 115605504) << op.name;
      // v1.5: the 3x3 of a stage's first block has the stride, and its projection the same.
      const bool first = g.Stage(op) > 1 && g.Block(op) == 1;
      EXPECT_EQ(op.win.stride_y, first ? 2 : 1) << op.name;
    }
  }
  EXPECT_EQ(tetra_op_macs(g.get(), g.Find("stem+maxpool")), 118013952);
  EXPECT_EQ(tetra_op_macs(g.get(), g.Find("dense")), 2048000);
  EXPECT_EQ(g->ops[g.Find("s3b1.proj")].win.stride_x, 2);
  EXPECT_EQ(g->ops[g.Find("s3b1.conv1")].win.stride_x, 1);
}

TEST(Shape, SamePaddingPutsTheOddOneAfter) {
  struct Case {
    int size;
    const char *op;
    int before, after, out;
  };
  // At 224 the max-pool reads 112 and the strided 3x3 read even sizes; at 97 the max-pool reads 49 and s2b1 reads 25.
  const Case cases[] = {{224, "stem", 3, 3, 112},      {224, "maxpool", 0, 1, 56}, {224, "s2b1.conv1", 0, 1, 28},
                        {224, "s2b2.conv1", 1, 1, 28}, {97, "stem", 3, 3, 49},     {97, "maxpool", 1, 1, 25},
                        {97, "s2b1.conv1", 1, 1, 13},  {97, "s3b1.conv1", 1, 1, 7}};
  for (const Case &c : cases) {
    tetra_network_options o = Options("resnet18", TETRA_W8A8, 0.125, c.size);
    o.pool_cols = 0;
    Graph g(o);
    const tetra_op &op = g->ops[g.Find(c.op)];
    EXPECT_EQ(op.win.pad.top, c.before) << c.size << " " << c.op;
    EXPECT_EQ(op.win.pad.left, c.before) << c.size << " " << c.op;
    EXPECT_EQ(op.win.pad.bottom, c.after) << c.size << " " << c.op;
    EXPECT_EQ(op.win.pad.right, c.after) << c.size << " " << c.op;
    EXPECT_EQ(g->values[op.output[0]].d.h, c.out) << c.size << " " << c.op;
    EXPECT_EQ(g->values[op.output[0]].d.w, c.out) << c.size << " " << c.op;
  }
}

TEST(Shape, WidthScalesEverythingButTheStem) {
  for (double width : {0.3, 0.62, 1.0}) {
    Graph g(Options("resnet50", TETRA_W4A4, width, 32));
    EXPECT_EQ(g->ops[g.Find("stem+maxpool")].cout, 64);
    for (int stage = 1; stage <= 4; stage++) {
      const int filters = static_cast<int>(64 * width * (1 << (stage - 1)));
      const std::string b = "s" + std::to_string(stage) + "b2.";
      EXPECT_EQ(g->ops[g.Find(b + "conv1")].cout, filters) << width;
      EXPECT_EQ(g->ops[g.Find(b + "conv2")].cout, filters) << width;
      EXPECT_EQ(g->ops[g.Find(b + "conv3+add")].cout, 4 * filters) << width;
    }
    EXPECT_EQ(g->ops[g.Find("dense")].cout, 1000);
  }
}

TEST(Shape, ProjectionOnlyWhereShapesChange) {
  Graph narrow(Options("resnet34", TETRA_W8A8, 0.5, 32)), full(Options("resnet18", TETRA_W8A8, 1.0, 32));
  EXPECT_GE(narrow.Find("s1b1.proj"), 0) << "64 -> 32 channels";
  EXPECT_LT(full.Find("s1b1.proj"), 0) << "64 -> 64 channels, stride 1";
  EXPECT_GE(full.Find("s2b1.proj"), 0);
  EXPECT_LT(full.Find("s2b2.proj"), 0);
}

TEST(Shape, DepthsHaveTheirBlocks) {
  const std::map<std::string, int> convs = {
      {"resnet18", 16 + 4}, {"resnet34", 32 + 4}, {"resnet50", 48 + 4}, {"resnet101", 99 + 4}, {"resnet152", 150 + 4}};
  for (int i = 0; tetra_network_name(i); i++) {
    Graph g(Options(tetra_network_name(i), TETRA_W4A4_INIT8_DENSE8, 1.0 / 16, 32));
    EXPECT_EQ(g->n_ops, convs.at(tetra_network_name(i)) + 3) << tetra_network_name(i);
  }
}

// Formats by precision: one line of the documentation's table each.
struct Formats {
  tetra_precision p;
  tetra_fmt image, first, inner, identity, projected, pooled;
  int ends, others;
};

class FormatsOf : public testing::TestWithParam<Formats> {};

TEST_P(FormatsOf, EveryTensorOfResNet50) {
  const Formats &f = GetParam();
  Graph g(Options("resnet50", f.p, 0.125, 32));
  for (int i = 0; i < g->n_ops; i++) {
    const tetra_op &op = g->ops[i];
    const std::string name = op.name;
    const tetra_fmt in = g->values[op.input].d.fmt, out = g->values[op.output[0]].d.fmt;
    if (op.kind != TETRA_CONV) continue;
    const bool first = g.Block(op) == 1 && name.find("conv1") != std::string::npos;
    const bool proj = name.find("proj") != std::string::npos, stem = op.pool == 1, ends = stem || name == "dense";
    EXPECT_EQ(op.wbits, ends ? f.ends : f.others) << name;
    EXPECT_EQ(in, stem ? f.image : name == "dense" ? f.pooled : first ? f.first : proj ? f.projected : f.inner) << name;
    if (stem) {
      EXPECT_EQ(out, f.first);
      EXPECT_EQ(g->values[op.output[op.n_outputs - 1]].d.fmt, f.projected);
    }
    if (proj || name == "dense") {
      EXPECT_EQ(out, TETRA_S8) << name;
    }
    if (op.residual < 0) continue;
    EXPECT_EQ(op.res_form, TETRA_RES_JOINT) << name;
    EXPECT_EQ(g->values[op.residual].d.fmt, g.Block(op) == 1 ? TETRA_S8 : f.identity) << name;
  }
  EXPECT_EQ(g->values[g->ops[g.Find("avgpool")].input].d.fmt, TETRA_U8);
}

TEST_P(FormatsOf, RoundingAndClampFollowTheFormat) {
  Graph g(Options("resnet18", GetParam().p, 0.25, 32));
  for (int i = 0; i < g->n_ops; i++) {
    for (int k = 0; k < g->ops[i].n_outputs; k++) {
      const tetra_requant &rq = g->ops[i].rq[k];
      const tetra_fmt fmt = g->values[g->ops[i].output[k]].d.fmt;
      EXPECT_EQ(rq.round, tetra_fmt_signed(fmt) ? TETRA_HALF_UP : TETRA_FLOOR) << g->ops[i].name;
      EXPECT_EQ(rq.hi, tetra_fmt_max(fmt)) << g->ops[i].name;
      EXPECT_TRUE(rq.lo == 0 || (tetra_fmt_signed(fmt) && rq.lo == -rq.hi)) << g->ops[i].name;
    }
  }
}

// A tensor is written once per format that somebody reads, and every output is read.
TEST_P(FormatsOf, NoOutputIsUnread) {
  for (const char *network : {"resnet18", "resnet50"}) {
    Graph g(Options(network, GetParam().p, 1.0 / 16, 32));
    std::vector<int> readers(static_cast<size_t>(g->n_values));
    for (int i = 0; i < g->n_ops; i++) {
      readers[static_cast<size_t>(g->ops[i].input)]++;
      if (g->ops[i].residual >= 0) readers[static_cast<size_t>(g->ops[i].residual)]++;
      const tetra_op &op = g->ops[i];
      if (op.n_outputs == 2) {
        EXPECT_NE(g->values[op.output[0]].d.fmt, g->values[op.output[1]].d.fmt) << op.name;
      }
    }
    for (int i = 0; i < g->n_values; i++) {
      EXPECT_EQ(readers[static_cast<size_t>(i)] == 0, i == g->output) << g->values[i].name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Precision, FormatsOf,
    testing::Values(Formats{TETRA_W8A8, TETRA_S8, TETRA_S8, TETRA_U8, TETRA_U8, TETRA_U8, TETRA_U8, 8, 8},
                    Formats{TETRA_W4A8, TETRA_S8, TETRA_S8, TETRA_U8, TETRA_U8, TETRA_U8, TETRA_U8, 8, 4},
                    Formats{TETRA_W4A4, TETRA_S4, TETRA_S4, TETRA_U4, TETRA_U8, TETRA_U4, TETRA_U4, 4, 4},
                    Formats{TETRA_W4A4_INIT8_DENSE8, TETRA_S8, TETRA_S4, TETRA_U4, TETRA_U8, TETRA_U4, TETRA_U8, 8, 4}),
    [](const auto &param) { return Identifier(tetra_precision_name(param.param.p)); });

// Bad options: the message names the value.
std::string Refused(const tetra_network_options &o) {
  tetra_graph g;
  tetra_error err;
  err.msg[0] = 0;
  EXPECT_EQ(tetra_network_build(&o, &g, &err), TETRA_EINVAL);
  EXPECT_EQ(g.n_ops, 0);
  EXPECT_EQ(std::string(err.msg).find('\n'), std::string::npos);
  return err.msg;
}

TEST(BadOptions, AreNamed) {
  const tetra_network_options good = Options("resnet18", TETRA_W8A8, 0.25, 32);
  tetra_network_options o = good;
  o.network = "vgg16";
  EXPECT_NE(Refused(o).find("'vgg16': want resnet18"), std::string::npos);
  o.network = nullptr;
  EXPECT_NE(Refused(o).find("resnet152"), std::string::npos);
  o = good;
  o.precision = static_cast<tetra_precision>(9);
  EXPECT_NE(Refused(o).find("precision 9"), std::string::npos);
  for (double width : {0.0, -1.0, 4.01, std::nan(""), std::numeric_limits<double>::infinity()}) {
    o = good;
    o.width = width;
    EXPECT_NE(Refused(o).find("at most 4"), std::string::npos) << width;
  }
  o.width = 0.0156;
  EXPECT_NE(Refused(o).find("gives no channels"), std::string::npos);
  o = good;
  o.batch = 0;
  EXPECT_NE(Refused(o).find("batch 0"), std::string::npos);
  for (int size : {31, 513, -5}) {
    o = good;
    o.image_size = size;
    EXPECT_NE(Refused(o).find("image size " + std::to_string(size) + ": want 32..512"), std::string::npos);
  }
}

TEST(BadOptions, BatchTooLargeForATensor) {
  tetra_network_options o = Options("resnet18", TETRA_W8A8, 0.25, 32);
  o.batch = 1 << 20;
  tetra_graph g;
  tetra_error err;
  EXPECT_EQ(tetra_network_build(&o, &g, &err), TETRA_ERANGE);
  EXPECT_NE(std::string(err.msg).find("smaller batch"), std::string::npos) << err.msg;
}

TEST(Options, NamesRoundTrip) {
  for (int p = 0; p < 4; p++)
    EXPECT_EQ(tetra_precision_parse(tetra_precision_name(static_cast<tetra_precision>(p))), p);
  EXPECT_EQ(tetra_precision_parse("W8A8"), -1);
  EXPECT_EQ(tetra_precision_parse(""), -1);
  EXPECT_EQ(tetra_precision_parse(nullptr), -1);
  EXPECT_EQ(tetra_precision_name(static_cast<tetra_precision>(4)), nullptr);
  EXPECT_STREQ(tetra_network_name(0), "resnet18");
  EXPECT_EQ(tetra_network_name(5), nullptr);
  EXPECT_EQ(tetra_network_name(-1), nullptr);
}

}  // namespace
