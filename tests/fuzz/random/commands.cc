// Random programs of the accelerator's commands on a bus that behaves at random, from its registers on: what they leave
// in memory and in every counter as their loop nests; and programs with flipped bits, which must do no harm. `make
// fuzz` runs it.
#include <cstdio>
#include <string>

#include "runner.h"
#include "top/flips.h"

double sc_time_stamp() { return 0; }

namespace {

using tetra_fuzz::Choices;

bool Failed() { return testing::UnitTest::GetInstance()->ad_hoc_test_result().Failed(); }

// A legal program: every operation, waits that it needs and others, any ring.
void RunLegal(uint64_t seed, const std::function<int(int, int)> &in, bool tell) {
  tetra_test::TopBench b(seed);
  b.mem.latency = in(1, 150);
  b.mem.stall_percent = in(0, 2) == 2 ? in(1, 70) : 0;
  tetra_test::Program p(&b, seed);
  p.Prologue();
  p.rnd.choose = in;
  const int commands = in(1, 60);
  for (int i = 0; i < commands; i++) {
    const int what = in(0, 7);
    if (what < 4)
      p.AddWithWaits(what, in(0, 15), true);
    else if (what < 7)
      p.AddWithWaits(what - 4, 0, true);
    else
      p.AddSync(static_cast<uint32_t>(i));
    if (tell) std::printf("%s", p.Dump().c_str());
  }
  p.AddSync(tetra_test::Program::last_tag);
  b.Configure(static_cast<uint32_t>(in(2, 100)));
  b.Run(p.cmds);
  p.Check(&b);
}

tetra_fuzz::Outcome RunCase(Choices *choices, bool tell) {
  const auto in = [choices](int lo, int hi) { return choices->In(lo, hi); };
  const uint64_t seed = static_cast<uint64_t>(in(0, 1 << 30));
  tetra_fuzz::Outcome o;
  o.work = 1;
  if (in(0, 2) == 2) {
    std::string text;
    const std::string wrong = tetra_test::RunFlipped(seed, in, &text);
    if (tell) std::printf("flipped bits\n%s%s\n", text.c_str(), wrong.c_str());
    o.failed = !wrong.empty() || Failed();
  } else {
    RunLegal(seed, in, tell);
    o.failed = Failed();
  }
  return o;
}

}  // namespace

int main(int argc, char **argv) {
  const tetra_fuzz::Options o =
      tetra_fuzz::ReadOptions(argc, argv, [](const std::string &, const char *) { return false; });
  return tetra_fuzz::RunAll(argv[0], "programs", RunCase, o);
}
