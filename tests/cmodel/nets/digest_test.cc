// Built networks, bit for bit: every field of the graph, weights and parameters. Weights are seeded, calibration's sums
// are whole numbers and nothing else depends on an order, so that a network is the same on every machine.
#include <gtest/gtest.h>

#include "net_graph.h"
#include "tetra/hash.h"

namespace {

class Digest {
 public:
  template <typename T>
  void Add(const T &v) {
    h_ = tetra_hash(h_, &v, sizeof v);
  }
  void Add(const char *s) { h_ = tetra_hash(h_, s, std::strlen(s) + 1); }
  void Add(const void *p, size_t bytes) { h_ = tetra_hash(h_, p, bytes); }
  uint64_t value() const { return h_; }

 private:
  uint64_t h_ = TETRA_HASH_START;
};

void AddValue(const tetra_value &v, Digest *h) {
  h->Add(v.name);
  for (int field : {v.d.n, v.d.h, v.d.w, v.d.c, static_cast<int>(v.d.fmt), v.d.zero_point, v.producer}) h->Add(field);
  h->Add(v.d.scale);
}

void AddRequant(const tetra_requant &rq, int channels, Digest *h) {
  for (int field : {static_cast<int>(rq.round), rq.zp, rq.lo, rq.hi}) h->Add(field);
  for (int c = 0; c < channels; c++) {
    const tetra_requant_channel &p = rq.ch[c];
    for (int field : {p.bias, p.m, p.mr, int{p.s}, int{p.sr}, int{p.lr}, int{p.frac}}) h->Add(field);
  }
}

void AddOp(const tetra_graph &g, const tetra_op &op, Digest *h) {
  const tetra_window &w = op.win;
  h->Add(op.name);
  for (int field : {static_cast<int>(op.kind),
                    op.input,
                    op.residual,
                    static_cast<int>(op.res_form),
                    w.kh,
                    w.kw,
                    w.stride_y,
                    w.stride_x,
                    w.dilation_y,
                    w.dilation_x,
                    w.pad.top,
                    w.pad.left,
                    w.pad.bottom,
                    w.pad.right,
                    op.part_y1,
                    op.pool,
                    op.pool_pad_top,
                    op.pool_pad_left,
                    op.pad_code,
                    op.cout,
                    op.n_outputs})
    h->Add(field);
  if (op.kind == TETRA_CONV) {
    for (int field : {op.wbits, op.groups, op.extra}) h->Add(field);
    h->Add(op.weights, tetra_op_array(&op, g.values[op.input].d.c));
  }
  for (int o = 0; o < op.n_outputs; o++) {
    h->Add(op.output[o]);
    AddRequant(op.rq[o], op.cout, h);
  }
}

uint64_t DigestOf(const tetra_graph &g) {
  Digest h;
  h.Add(g.name);
  for (int field : {g.n_values, g.n_ops, g.input, g.output}) h.Add(field);
  for (int i = 0; i < g.n_values; i++) AddValue(g.values[i], &h);
  for (int i = 0; i < g.n_ops; i++) AddOp(g, g.ops[i], &h);
  return h.value();
}

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
      {"resnet50",
       0.0625,
       161,
       1,
       0,
       {6047245959462322658u, 11440942946841610771u, 6461300950183060689u, 10493061584205456497u}},
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

}  // namespace
