// A number for a graph: every field of it, weights and parameters.
#ifndef TETRA_TESTS_GRAPH_DIGEST_H
#define TETRA_TESTS_GRAPH_DIGEST_H

#include <cstring>

#include "tetra/graph.h"
#include "tetra/hash.h"

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

inline void AddValue(const tetra_value &v, Digest *h) {
  h->Add(v.name);
  for (int field : {v.d.n, v.d.h, v.d.w, v.d.c, static_cast<int>(v.d.fmt), v.d.zero_point, v.producer}) h->Add(field);
  h->Add(v.d.scale);
}

inline void AddRequant(const tetra_requant &rq, int channels, Digest *h) {
  for (int field : {static_cast<int>(rq.round), rq.zp, rq.lo, rq.hi}) h->Add(field);
  for (int c = 0; c < channels; c++) {
    const tetra_requant_channel &p = rq.ch[c];
    for (int field : {p.bias, p.m, p.mr, int{p.s}, int{p.sr}, int{p.lr}, int{p.frac}}) h->Add(field);
  }
}

inline void AddOp(const tetra_graph &g, const tetra_op &op, Digest *h) {
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
    const size_t bytes = tetra_op_array(&op, g.values[op.input].d.c);
    h->Add(op.weights, bytes);
    if (op.wide) h->Add(op.wide, bytes);
  }
  for (int o = 0; o < op.n_outputs; o++) {
    h->Add(op.output[o]);
    AddRequant(op.rq[o], op.cout, h);
  }
}

inline uint64_t DigestOf(const tetra_graph &g) {
  Digest h;
  h.Add(g.name);
  for (int field : {g.n_values, g.n_ops, g.input, g.output}) h.Add(field);
  for (int i = 0; i < g.n_values; i++) AddValue(g.values[i], &h);
  for (int i = 0; i < g.n_ops; i++) AddOp(g, g.ops[i], &h);
  return h.value();
}

#endif
