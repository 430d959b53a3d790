// Random networks, on arrays and memories at random: every value of the RTL and of the fast C model as the reference's,
// every completion as the cycle model's where the memory does not stall. `make fuzz` runs it; docs/verification.md.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <sstream>
#include <string>
#include <vector>

#include "../../common/random_network.h"
#include "built_sizes.h"
#include "machine/accelerator.h"
#include "runner.h"

namespace {

using tetra_fuzz::Choices;

// A network whose shape is chosen and whose data come from a seed.
class ChosenNetwork : public RandomNetwork {
 public:
  ChosenNetwork(Choices *choices, unsigned seed, bool groups) : RandomNetwork(seed, groups), choices_(choices) {
    const bool large = choices->In(0, 3) == 3;
    least_side = 1, most_side = large ? 24 : 12, most_channels = large ? 70 : 40;
  }

 protected:
  int In(int lo, int hi) override { return choices_->In(lo, hi); }

 private:
  Choices *choices_;
};

struct Machine {
  unsigned n;
  tetra_memory_params memory;
  double stall;
  unsigned seed;
};

std::string Text(const Machine &m, const tetra_graph &g) {
  std::ostringstream s;
  s << m.n << "x" << m.n << ", " << m.memory.bytes_per_cycle << " bytes a cycle, latency " << m.memory.latency
    << ", stalls " << m.stall << ", seed " << m.seed << "\n";
  for (int v = 0; v < g.n_values; v++) {
    const tetra_desc &d = g.values[v].d;
    s << "  value " << v << " " << g.values[v].name << ": " << d.n << "x" << d.h << "x" << d.w << "x" << d.c << " "
      << tetra_fmt_name(d.fmt) << ", zero point " << d.zero_point << "\n";
  }
  for (int i = 0; i < g.n_ops; i++) {
    const tetra_op &o = g.ops[i];
    s << "  " << o.name << ": kind " << o.kind << ", value " << o.input << " to " << o.output[0];
    if (o.n_outputs > 1) s << " and " << o.output[1];
    if (o.residual >= 0) s << ", residual " << o.residual << " form " << o.res_form;
    s << ", window " << o.win.kh << "x" << o.win.kw << " stride " << o.win.stride_y << "x" << o.win.stride_x
      << ", groups " << o.groups << ", " << o.wbits << "-bit weights, rounding " << o.rq[0].round << "\n";
  }
  return s.str();
}

bool Same(const tetra_tensor &a, const tetra_tensor &b) {
  const size_t bytes = static_cast<size_t>(a.d.n) * static_cast<size_t>(a.d.h * a.d.w) * a.pixel_bytes;
  return std::memcmp(a.data, b.data, bytes) == 0;
}

// Runs it and compares every value; what differs, or nothing. `golden` has all values.
std::string Compare(Accelerator *rtl, const Net &golden, const tetra_plan &plan, const Machine &m) {
  const tetra_placement &in = plan.values[golden.g.input];
  std::memcpy(rtl->Memory(plan.const_addr, static_cast<uint32_t>(plan.const_bytes)), plan.const_data, plan.const_bytes);
  tetra_plan_write_value(&plan, golden.g.input, &golden.t[static_cast<size_t>(golden.g.input)],
                         rtl->Memory(in.addr, in.bytes));
  std::vector<uint64_t> completion;
  uint64_t counters[TETRA_CNT_NUM] = {};
  rtl->Run(plan, &completion, counters);
  if (testing::UnitTest::GetInstance()->ad_hoc_test_result().Failed()) return "the run";
  for (int v = 0; v < golden.g.n_values; v++) {
    const tetra_tensor &want = golden.t[static_cast<size_t>(v)];
    tetra_tensor t = {};
    if (tetra_tensor_init(&t, &want.d, nullptr) != TETRA_OK) return "no memory";
    tetra_plan_read_value(&plan, v, &t, rtl->Memory(plan.values[v].addr, plan.values[v].bytes));
    const bool same = Same(t, want);
    tetra_tensor_free(&t);
    if (!same) return std::string("RTL and C model differ in ") + golden.g.values[v].name;
  }
  if (m.stall > 0) return "";
  tetra_timing t = {};
  tetra_error err = {};
  if (tetra_timing_run(&plan, &m.memory, TETRA_TIMING_FAST, &t, &err) != TETRA_OK) return err.msg;
  std::string differ;
  for (int i = 0; i < plan.n_layers; i++)
    if (t.layers[i].completion != completion[static_cast<size_t>(i)])
      differ += " layer " + std::to_string(i) + ": RTL " + std::to_string(completion[static_cast<size_t>(i)]) +
                ", cycle model " + std::to_string(t.layers[i].completion);
  tetra_timing_free(&t);
  return differ;
}

// The fast path's values as the reference's, which stay in net; what differs, or nothing.
std::string CompareFast(Net *net) {
  tetra_error err = {};
  Net fast;
  fast.t.assign(net->t.size(), tetra_tensor{});
  fast.t[static_cast<size_t>(net->g.input)] = net->t[static_cast<size_t>(net->g.input)];
  std::string differ;
  if (tetra_run_graph(&net->g, fast.t.data(), TETRA_FAST, &err) != TETRA_OK) differ = err.msg;
  for (int v = 0; differ.empty() && v < net->g.n_values; v++)
    if (!Same(fast.t[static_cast<size_t>(v)], net->t[static_cast<size_t>(v)]))
      differ = std::string("fast and reference C model differ in ") + net->g.values[v].name;
  fast.t[static_cast<size_t>(net->g.input)] = tetra_tensor{};  // it is net's
  return differ;
}

// A defect that is not there, to see what becomes of a case that fails: a convolution with stride 2 and a residual, on
// a memory slower than the array.
bool plant = false;
bool Planted(const tetra_graph &g, const Machine &m) {
  for (int i = 0; plant && i < g.n_ops; i++)
    if (g.ops[i].kind == TETRA_CONV && g.ops[i].win.stride_x == 2 && g.ops[i].residual >= 0)
      return m.memory.bytes_per_cycle < m.n;
  return false;
}

tetra_fuzz::Outcome RunCase(Choices *choices, bool tell) {
  const std::vector<unsigned> sizes = BuiltSizes();
  Machine m = {};
  m.n = sizes[static_cast<size_t>(choices->In(0, static_cast<int>(sizes.size()) - 1))];
  m.seed = static_cast<unsigned>(choices->In(0, 1 << 30));
  m.memory.bytes_per_cycle =
      static_cast<uint32_t>(choices->In(static_cast<int>(m.n + 7) / 8, 2 * static_cast<int>(m.n)));
  m.memory.latency = static_cast<uint32_t>(choices->In(1, 120));
  m.stall = choices->In(0, 2) == 2 ? choices->In(1, 50) / 100.0 : 0;
  const bool groups = choices->In(0, 2) == 2;
  tetra_fuzz::Outcome o;
  Net net;
  ChosenNetwork(choices, m.seed, groups).Build(&net);
  tetra_error err = {};
  if (tetra_graph_check(&net.g, &err) != TETRA_OK) return o;  // its sums could overflow
  if (tell) std::printf("%s", Text(m, net.g).c_str());
  std::string wrong;
  o.work = net.g.n_ops;
  if (Planted(net.g, m)) {
    o.failed = true;
    return o;
  }
  if (tetra_run_graph(&net.g, net.t.data(), TETRA_REFERENCE, &err) != TETRA_OK) wrong = err.msg;
  if (wrong.empty()) wrong = CompareFast(&net);
  Accelerator rtl(m.n, m.memory, m.stall, m.seed);
  tetra_compile_options options = rtl.Options();
  options.reuse_memory = 0;  // every value is still there at the end
  tetra_plan plan = {};
  const int code = tetra_compile(&net.g, &rtl.Caps(), &options, &plan, &err);
  if (code == TETRA_ERANGE) return {};  // no room
  if (code != TETRA_OK) wrong = err.msg;
  if (wrong.empty()) wrong = Compare(&rtl, net, plan, m);
  tetra_plan_free(&plan);
  if (tell && !wrong.empty()) std::printf("WRONG: %s\n", wrong.c_str());
  o.failed = !wrong.empty() || testing::UnitTest::GetInstance()->ad_hoc_test_result().Failed();
  return o;
}

}  // namespace

int main(int argc, char **argv) {
  const tetra_fuzz::Options o = tetra_fuzz::ReadOptions(argc, argv, [](const std::string &name, const char *value) {
    plant = plant || (name == "--plant" && std::string(value) == "yes");
    return name == "--plant";
  });
  return tetra_fuzz::RunAll(argv[0], "layers", RunCase, o);
}
