// Random graphs of convolutions, clamps, moves and pools: fused, they give the same codes in what is left, and what is
// left is the same on every machine.
#include <cstring>

#include "mover.h"
#include "tetra/hash.h"

namespace {

class FuseGraph {
 public:
  explicit FuseGraph(unsigned seed) : random_(seed) {}

  void Build(Net *net) {
    top_ = In(0, 1), left_ = In(0, 1);
    Case c = ImageConv(random_(), Format(&random_));
    c.h = In(4, 20), c.w = In(4, 20), c.cout = In(1, 20), c.seed |= 1;
    if (In(0, 5) == 0) c.cin = 5;  // not packed
    if (In(0, 2) == 0) c.out.push_back(Format(&random_));
    Builder(c).Build(net);
    if (c.out.size() == 2 && In(0, 1)) return AddTwoPools(net);
    if (c.out.size() == 1 && In(0, 3) == 0) return AddPoolBesideAClamp(net);
    for (int left = In(1, 4); left > 0; left--)
      Add(net, In(0, 3) ? net->g.n_values - 1 : In(0, net->g.n_values - 1), In(0, 1) != 0);
  }

  // Some of the buffers are just as large as it takes to fuse a pool, or smaller.
  tetra_caps Machine() {
    tetra_caps caps = Caps(4u << In(0, 2), false);
    if (In(0, 3) == 0) caps.acc_pixels = 1u << In(3, 5);
    if (In(0, 3) == 0) caps.act_words = 1u << In(5, 8);
    if (In(0, 3) == 0) caps.res_words = 1u << In(5, 8);
    if (In(0, 3) == 0) caps.pool_words = 1u << In(2, 5);
    return caps;
  }

 private:
  // One of each output, in either order, and what reads them.
  void AddTwoPools(Net *net) {
    const int first = In(0, 1), outputs[2] = {net->g.ops[0].output[first], net->g.ops[0].output[!first]};
    for (const int output : outputs) Add(net, output, true);
    if (In(0, 1)) Add(net, net->g.n_values - 1 - In(0, 1), In(0, 1) != 0);
  }

  // The clamp becomes the second output, and the values that the pools read are no neighbours.
  void AddPoolBesideAClamp(Net *net) {
    const int value = net->g.ops[0].output[0], flip = In(0, 1);
    for (const bool pool : {flip == 0, flip == 1}) Add(net, value, pool);
    Add(net, flip ? value + 1 : net->g.n_values - 1, true);
  }

  void Add(Net *net, int value, bool pool) {
    const tetra_desc &d = net->g.values[value].d;
    Append(net, value, "m" + std::to_string(net->g.n_ops), d.h > 2 && d.w > 2 && pool ? Pool(d) : Move(d));
  }

  int In(int lo, int hi) { return lo + static_cast<int>(random_() % static_cast<unsigned>(hi - lo + 1)); }

  // A 3x3 pool of stride 2 over all of the plane, or nearly one.
  Mover Pool(const tetra_desc &d) {
    Mover m;
    m.fmt = d.fmt, m.window = 3, m.stride = 2, m.top = top_, m.left = left_;
    if (In(0, 5) == 0) m.top ^= 1;
    if (In(0, 5) == 0) m.left ^= 1;
    m.bottom = (d.h + m.top) % 2 == 0, m.right = (d.w + m.left) % 2 == 0;
    m.zp = d.zero_point, m.lo = tetra_fmt_min(d.fmt), m.hi = tetra_fmt_max(d.fmt);
    if (In(0, 3) == 0) Clamp(&m);
    m.twice = In(0, 3) == 0;
    const int flaw = In(0, 12);
    if (flaw == 0) m.kind = TETRA_AVGPOOL, m.s = 3;
    if (flaw == 1) m.bottom ^= 1;
    if (flaw == 2) m.right ^= 1;
    if (flaw == 3) m.stride = 1;
    if (flaw == 4) m.top = m.left = 2;
    return m;
  }

  void Clamp(Mover *m) {
    m->fmt = Format(&random_);
    const int least = tetra_fmt_min(m->fmt), most = tetra_fmt_max(m->fmt);
    m->zp = In(least, most), m->lo = In(least, m->zp), m->hi = In(m->zp, most);
  }

  // What moves and clamps codes, or nearly that.
  Mover Move(const tetra_desc &d) {
    Mover m;
    m.kind = In(0, 1) ? TETRA_MAXPOOL : TETRA_AVGPOOL;
    Clamp(&m);
    const int flaw = In(0, 12);
    if (flaw == 0) m.m = 3, m.s = 1;
    if (flaw == 1 || flaw == 5) m.odd_channel = d.c - 1, m.odd_field = In(0, 3);
    if (flaw == 2) m.stride = 2;
    if (flaw == 3) m.bottom = 1;
    if (flaw == 4) m.window = std::min({2, d.h, d.w}), m.s = 2;
    return m;
  }

  std::mt19937 random_;
  int top_ = 0, left_ = 0;  // padding of most pools
};

uint64_t AddOp(uint64_t h, const tetra_op &q) {
  h = tetra_hash(h, q.name, std::strlen(q.name));
  const int fields[] = {q.kind, q.input, q.pool, q.pool_pad_top, q.pool_pad_left, q.n_outputs, q.output[0]};
  h = tetra_hash(h, fields, sizeof fields);
  for (int o = 0; o < q.n_outputs; o++) {
    const tetra_requant &r = q.rq[o];
    const int codes[] = {q.output[o], r.round, r.zp, r.lo, r.hi};
    h = tetra_hash(h, codes, sizeof codes);
    for (int c = 0; c < q.cout; c++) {
      const int32_t of[] = {r.ch[c].bias, r.ch[c].m, r.ch[c].s, r.ch[c].frac};
      h = tetra_hash(h, of, sizeof of);
    }
  }
  return h;
}

uint64_t AddGraph(uint64_t h, const tetra_graph &g) {
  const int ends[] = {g.input, g.output};
  h = tetra_hash(h, ends, sizeof ends);
  for (int v = 0; v < g.n_values; v++) {
    h = tetra_hash(h, g.values[v].name, std::strlen(g.values[v].name));
    h = tetra_hash(h, &g.values[v].producer, sizeof g.values[v].producer);
  }
  for (int i = 0; i < g.n_ops; i++) h = AddOp(h, g.ops[i]);
  return h;
}

bool Compiles(const tetra_graph &g, const tetra_caps &caps) {
  tetra_compile_options o;
  tetra_compile_defaults(&o);
  tetra_plan plan = {};
  const int rc = tetra_compile(&g, &caps, &o, &plan, nullptr);
  tetra_plan_free(&plan);
  return rc == TETRA_OK;
}

// What a machine has room for as it is, it has room for as it is fused, too.
TEST(PlanDigestOfFused, RandomGraphsGiveTheSameCodesAndAreTheSameOnEveryMachine) {
  uint64_t h = TETRA_HASH_START;
  int gone = 0, pools = 0;
  for (unsigned seed = 0; seed < 400 && !testing::Test::HasFailure(); seed++) {
    SCOPED_TRACE(seed);
    FuseGraph graph(seed);
    Net net;
    graph.Build(&net);
    const int values = net.g.n_values;
    const tetra_caps caps = graph.Machine();
    if (!Compiles(net.g, caps)) continue;
    Check(&net, caps, -1);
    gone += values - net.g.n_values;
    pools += net.g.ops[0].pool;
    h = AddGraph(h, net.g);
  }
  EXPECT_GT(gone, 200);
  EXPECT_GT(pools, 30);
  EXPECT_EQ(h, 16331795157133429327u);
}

}  // namespace
