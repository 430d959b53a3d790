// A single op, compiled and run on the documented loop nests against the C model.
#ifndef TETRA_TESTS_DRIVER_RUN_CASE_H
#define TETRA_TESTS_DRIVER_RUN_CASE_H

#include <random>
#include <string>

#include "../../../cmodel/core_case.h"
#include "../plan_check.h"

// The default buffers, or such that hardly anything fits.
inline tetra_caps Caps(uint32_t n, bool small) {
  return small ? tetra_caps{n, 1024, 1024, 512, 16, 64, 512, 256 / n} : tetra_caps_default(n);
}

inline tetra_fmt Format(std::mt19937 *r) { return static_cast<tetra_fmt>((*r)() % 4); }

// The builder's residual is a constant: give its producer weights and a scale.
inline void StirResidual(Net *net, unsigned seed) {
  if (net->g.n_ops < 2) return;
  std::mt19937 r(seed);
  tetra_op &op = net->g.ops[0];
  const int count = op.cout * op.win.kh * op.win.kw * net->g.values[op.input].d.c;
  for (int i = 0; i < count; i++) op.weights[i] = static_cast<int8_t>(static_cast<int>(r() % 16) - 8);
  for (int c = 0; c < op.cout; c++) op.rq[0].ch[c].m = 1 << 30, op.rq[0].ch[c].s = static_cast<uint8_t>(32 + r() % 6);
}

inline void RunCase(const Case &c, const tetra_caps &caps) {
  SCOPED_TRACE(Name(c) + " on " + std::to_string(caps.n) + "x" + std::to_string(caps.n));
  Net net;
  Builder(c).Build(&net);
  StirResidual(&net, c.seed);
  tetra_error err = {};
  if (tetra_graph_check(&net.g, &err) != TETRA_OK) return;  // a case whose sums could overflow
  if (net.g.n_ops > 1) tetra_tensor_free(&net.t[static_cast<size_t>(net.g.ops[0].output[0])]);
  for (int v = 0; v < net.g.n_values; v++)
    if (v != net.g.input) net.t[static_cast<size_t>(v)] = tetra_tensor{};
  ASSERT_EQ(tetra_run_graph(&net.g, net.t.data(), TETRA_REFERENCE, &err), TETRA_OK) << err.msg;
  CheckPlan(net.g, net.t, caps, static_cast<int>(c.seed & 1));
}

#endif
