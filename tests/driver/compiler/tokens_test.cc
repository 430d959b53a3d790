// Waits at the two sides of what 16-bit counts can tell: lists of commands by hand, and a plan that reaches the bound.
#include <gtest/gtest.h>

#include <cstdio>
#include <ostream>
#include <string>
#include <vector>

#include "tetra/plan.h"
#include "token_check.h"

extern "C" {
#include "../../../driver/src/compiler/tokens.h"
}

namespace {

constexpr int32_t kRange = 32768;  // a count so far past a wait looks as if it were behind it
constexpr int32_t kOldest = 16384;

struct Waits {
  int32_t load = 0, compute = 0, drain = 0, store = 0;
};

// Which tokens a command waits for, and the counts.
struct Set {
  uint32_t enabled;
  uint32_t load, compute, drain, store;
  bool operator==(const Set &o) const {
    return enabled == o.enabled && load == o.load && compute == o.compute && drain == o.drain && store == o.store;
  }
};
void PrintTo(const Set &s, std::ostream *o) {
  *o << s.enabled << ": " << s.load << ", " << s.compute << ", " << s.drain << ", " << s.store;
}

// The compiler's waits, and whether they keep the rule.
class List {
 public:
  explicit List(int32_t loads = 3 * kRange) {
    const int32_t most[ENGINES] = {loads, 3 * kRange, 3 * kRange};
    EXPECT_EQ(tokens_init(&tokens_, most), TETRA_OK);
  }
  ~List() { tokens_free(&tokens_); }
  List(const List &) = delete;
  List &operator=(const List &) = delete;

  // Appends a command.
  Set Add(int engine, const Waits &w = {}) {
    const int32_t counts[TOKENS] = {w.load, w.compute, w.drain, w.store};
    tetra_cmd c = {};
    const uint32_t op[ENGINES] = {TETRA_OP_LOAD, TETRA_OP_COMPUTE, TETRA_OP_STORE};
    tetra_cmd_set(&c, TETRA_F_OP, op[engine]);
    tokens_emit(&tokens_, engine, counts, &c);
    commands_.push_back(c);
    return {tetra_cmd_get(&c, TETRA_F_WAIT_EN), tetra_cmd_get(&c, TETRA_F_WAIT_LOAD),
            tetra_cmd_get(&c, TETRA_F_WAIT_COMPUTE), tetra_cmd_get(&c, TETRA_F_WAIT_DRAIN),
            tetra_cmd_get(&c, TETRA_F_WAIT_STORE)};
  }
  // Commands of an engine until there are so many.
  void Until(int engine, int32_t count) {
    while (tokens_.emitted[engine] < count) Add(engine);
  }
  // What is wrong with it, without the waits of the last command or with them.
  std::string Complaint(bool last_waits = true) {
    TokenCheck check;
    const uint32_t none[4] = {};
    for (size_t i = 0; i < commands_.size(); i++) {
      tetra_cmd c = commands_[i];
      if (!last_waits && i + 1 == commands_.size()) tetra_cmd_set(&c, TETRA_F_WAIT_EN, 0);
      const std::string text = check.Check(c, none);
      if (!text.empty()) return std::to_string(i) + ": " + text;
    }
    return "";
  }

 private:
  tokens tokens_;
  std::vector<tetra_cmd> commands_;
};

TEST(Tokens, CountMayBeOneLessThanItsRangeAheadOfAWait) {
  List list;
  list.Until(ENGINE_LOAD, 7);
  EXPECT_EQ(list.Add(ENGINE_COMPUTE, {5}), (Set{1, 5, 0, 0, 0}));
  list.Until(ENGINE_LOAD, 4 + kRange);
  EXPECT_EQ(list.Complaint(), "");
  EXPECT_EQ(list.Add(ENGINE_LOAD), (Set{2, 0, 1, 0, 0}));
  EXPECT_EQ(list.Complaint(false),
            std::to_string(5 + kRange) + ": it may be number 32773 to complete while number 1 of engine 1 waits for 5");
  EXPECT_EQ(list.Complaint(), "");
  EXPECT_EQ(list.Add(ENGINE_LOAD), (Set{0, 0, 0, 0, 0}));
}

TEST(Tokens, EveryEngineIsHeldByEveryOther) {
  const Waits wait_for[ENGINES] = {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}};
  for (int ahead = 0; ahead < ENGINES; ahead++)
    for (int held = 0; held < ENGINES; held++) {
      List list;
      list.Until(ahead, 1);
      list.Add(held, wait_for[ahead]);
      list.Until(ahead, kRange);
      const Set waits = list.Add(ahead);
      EXPECT_EQ(waits.enabled, held == ahead ? 0 : 1u << held);
      EXPECT_EQ(list.Complaint(), "");
      EXPECT_EQ(list.Complaint(false).empty(), held == ahead);
    }
}

// A STORE's writing is another count than its drain.
TEST(Tokens, CountOfWrittenStoresIsHeld) {
  List list;
  list.Until(ENGINE_STORE, 1);
  list.Add(ENGINE_LOAD, {0, 0, 0, 1});
  list.Until(ENGINE_STORE, kRange);
  EXPECT_EQ(list.Add(ENGINE_STORE), (Set{1, 1, 0, 0, 0}));
  EXPECT_NE(list.Complaint(false), "");
}

TEST(Tokens, WhatIsOrderedAlreadyGetsNoWait) {
  List list;
  list.Until(ENGINE_LOAD, 1);
  list.Add(ENGINE_COMPUTE, {1});
  list.Add(ENGINE_STORE, {0, 1});
  list.Until(ENGINE_LOAD, 100);
  list.Add(ENGINE_LOAD, {0, 0, 0, 1});  // behind the STORE, and so the COMPUTE
  list.Until(ENGINE_LOAD, kRange);
  EXPECT_EQ(list.Add(ENGINE_LOAD), (Set{0, 0, 0, 0, 0}));
  EXPECT_EQ(list.Complaint(), "");
}

// A STORE that is written has been drained.
TEST(Tokens, WrittenIsBehindDrained) {
  List list;
  list.Until(ENGINE_LOAD, 1);
  list.Add(ENGINE_STORE, {1});
  list.Add(ENGINE_LOAD, {0, 0, 0, 1});
  list.Until(ENGINE_LOAD, kRange);
  EXPECT_EQ(list.Add(ENGINE_LOAD), (Set{0, 0, 0, 0, 0}));
  EXPECT_EQ(list.Complaint(), "");
}

// The bound's command may be the last one that there is.
TEST(Tokens, TheLastCommandOfAllIsHeld) {
  List list(kRange + 1);
  list.Until(ENGINE_LOAD, 1);
  list.Add(ENGINE_COMPUTE, {1});
  list.Until(ENGINE_LOAD, kRange);
  EXPECT_EQ(list.Add(ENGINE_LOAD), (Set{2, 0, 1, 0, 0}));
}

TEST(Tokens, TheLastThatWaitsIsWaitedFor) {
  List list;
  list.Until(ENGINE_LOAD, 3);
  list.Add(ENGINE_COMPUTE, {2});
  list.Add(ENGINE_COMPUTE, {2});
  list.Add(ENGINE_STORE, {2});
  list.Until(ENGINE_LOAD, 1 + kRange);
  EXPECT_EQ(list.Add(ENGINE_LOAD), (Set{6, 0, 2, 1, 0}));
  EXPECT_EQ(list.Complaint(), "");
}

TEST(Tokens, OldWaitsBecomeYounger) {
  for (int32_t older : {0, 1}) {
    List list;
    list.Until(ENGINE_LOAD, kOldest + 1 + older);
    EXPECT_EQ(list.Add(ENGINE_COMPUTE, {1}), (Set{1, static_cast<uint32_t>(1 + older), 0, 0, 0}));
    EXPECT_EQ(list.Complaint(), "");
  }
}

// Waits that are added for the bound are no older than others.
TEST(Tokens, AddedWaitsBecomeYounger) {
  List list;
  list.Until(ENGINE_LOAD, 1);
  list.Add(ENGINE_COMPUTE, {1});
  list.Until(ENGINE_COMPUTE, kOldest + 10);
  list.Until(ENGINE_LOAD, kRange);
  EXPECT_EQ(list.Add(ENGINE_LOAD), (Set{2, 0, 10, 0, 0}));
  EXPECT_EQ(list.Complaint(), "");
}

TEST(Tokens, CheckSeesWaitsForWhatFollows) {
  TokenCheck check;
  const uint32_t none[4] = {};
  tetra_cmd c = {};
  tetra_cmd_set(&c, TETRA_F_OP, TETRA_OP_LOAD);
  EXPECT_EQ(check.Check(c, none), "");
  tetra_cmd_set(&c, TETRA_F_WAIT_EN, 1);
  tetra_cmd_set(&c, TETRA_F_WAIT_LOAD, 2);
  EXPECT_EQ(check.Check(c, none), "it waits for one that follows it");
}

// Three convolutions of 200 x 200 pixels on a 4x4 array whose accumulators hold one pixel and whose activation buffer
// holds a whole plane: more than 2^15 commands of each engine, PACKs that nothing but the counts' range holds.
TEST(Tokens, PlanOfManyCommandsKeepsTheBound) {
  tetra_graph g = {};
  const tetra_desc d = {1, 200, 200, 4, TETRA_U8, 0, 1.0};
  for (int i = 0; i < 4; i++) {
    const int value = tetra_graph_add_value(&g, ("v" + std::to_string(i)).c_str(), &d);
    if (i == 0) continue;
    tetra_op op = {};
    snprintf(op.name, sizeof op.name, "op%d", i);
    op.kind = TETRA_CONV, op.input = value - 1, op.residual = -1, op.win = tetra_window_pixel(), op.wbits = 8;
    op.res_form = TETRA_RES_NONE, op.cout = 4, op.groups = 1, op.n_outputs = 1, op.output[0] = value;
    ASSERT_GE(tetra_graph_add_op(&g, &op), 0);
  }
  g.output = g.n_values - 1;
  const tetra_caps caps = {4, 65536, 65536, 1024, 64, 1, 512, 64};
  tetra_compile_options o;
  tetra_compile_defaults(&o);
  o.timing_only = 1;
  tetra_plan plan = {};
  tetra_error err = {};
  ASSERT_EQ(tetra_compile(&g, &caps, &o, &plan, &err), TETRA_OK) << err.msg;
  TokenCheck check;
  const uint32_t none[4] = {};
  uint32_t number[TETRA_OP_SYNC + 1] = {};
  for (uint32_t i = 0; i < plan.n_cmds; i++) {
    number[tetra_cmd_get(&plan.cmds[i], TETRA_F_OP)]++;
    ASSERT_EQ(check.Check(plan.cmds[i], none), "") << "command " << i;
  }
  for (uint32_t op : {TETRA_OP_PACK, TETRA_OP_COMPUTE, TETRA_OP_STORE}) EXPECT_GT(number[op], 32768u);
  tetra_plan_free(&plan);
  tetra_graph_free(&g);
}

}  // namespace
