// The allocation of bits under budgets: against exhaustive search, published optima, a rule by hand, bad numbers.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <cjson/cJSON.h>
#include <gtest/gtest.h>

#include "tetra/allocate.h"

namespace {

using Rows = std::vector<double>;

struct Problem {
  int layers = 0, choices = 0, budgets = 0;
  Rows sensitivity, cost, limit;
  std::vector<int> tie;
  std::vector<std::string> names;
  std::vector<const char *> name_pointers;

  tetra_allocate_problem C() {
    name_pointers.clear();
    for (int b = 0; b < budgets; b++) names.push_back("b" + std::to_string(b));
    for (int b = 0; b < budgets; b++) name_pointers.push_back(names[static_cast<size_t>(b)].c_str());
    return {layers,
            choices,
            budgets,
            sensitivity.data(),
            cost.data(),
            limit.data(),
            name_pointers.data(),
            tie.empty() ? nullptr : tie.data()};
  }
  size_t At(int l, int c) const {
    return static_cast<size_t>(l) * static_cast<size_t>(choices) + static_cast<size_t>(c);
  }
  double Cost(int b, int l, int c) const {
    return cost[static_cast<size_t>(b) * static_cast<size_t>(layers * choices) + At(l, c)];
  }
  // Sums over the layers; infinite where a tie or a budget is broken.
  double Value(const std::vector<int> &pick) const {
    double sum = 0;
    for (int l = 0; l < layers; l++) {
      sum += sensitivity[At(l, pick[static_cast<size_t>(l)])];
      for (int e = 0; e < l && !tie.empty(); e++)
        if (tie[static_cast<size_t>(e)] == tie[static_cast<size_t>(l)] &&
            pick[static_cast<size_t>(e)] != pick[static_cast<size_t>(l)])
          return INFINITY;
    }
    for (int b = 0; b < budgets; b++) {
      double used = 0;
      for (int l = 0; l < layers; l++) used += Cost(b, l, pick[static_cast<size_t>(l)]);
      if (used > limit[static_cast<size_t>(b)]) return INFINITY;
    }
    return sum;
  }
};

// Every assignment, one digit a layer; whole branches whose cheapest ends are too dear are left out.
class Exhaustive {
 public:
  explicit Exhaustive(const Problem &p)
      : p_(p), pick_(static_cast<size_t>(p.layers)), used_(static_cast<size_t>(p.budgets)) {
    Rest();
    Visit(0, 0);
  }
  double best = INFINITY;

 private:
  void Rest() {
    rest_.assign(static_cast<size_t>((p_.layers + 1) * (p_.budgets + 1)), 0);
    for (int l = p_.layers - 1; l >= 0; l--)
      for (int b = 0; b <= p_.budgets; b++) {
        double least = INFINITY;
        for (int c = 0; c < p_.choices; c++)
          least = std::min(least, b < p_.budgets ? p_.Cost(b, l, c) : p_.sensitivity[p_.At(l, c)]);
        rest_[At(l, b)] = rest_[At(l + 1, b)] + least;
      }
  }
  size_t At(int l, int b) const { return static_cast<size_t>(l * (p_.budgets + 1) + b); }
  void Visit(int l, double sum) {
    if (l == p_.layers) {
      best = std::min(best, p_.Value(pick_));
      return;
    }
    for (int b = 0; b < p_.budgets; b++)
      if (used_[static_cast<size_t>(b)] + rest_[At(l, b)] > p_.limit[static_cast<size_t>(b)] + 1e-9) return;
    if (sum + rest_[At(l, p_.budgets)] > best + 1e-9) return;
    const auto before = used_;
    for (int c = 0; c < p_.choices; c++) {
      pick_[static_cast<size_t>(l)] = c;
      for (int b = 0; b < p_.budgets; b++)
        used_[static_cast<size_t>(b)] = before[static_cast<size_t>(b)] + p_.Cost(b, l, c);
      Visit(l + 1, sum + p_.sensitivity[p_.At(l, c)]);
    }
    used_ = before;
  }
  const Problem &p_;
  std::vector<int> pick_;
  Rows used_, rest_;
};

Problem Random(std::mt19937 *r, int layers) {
  const auto real = [&](double lo, double hi) { return std::uniform_real_distribution<double>(lo, hi)(*r); };
  Problem p;
  p.layers = layers;
  p.choices = 2 + static_cast<int>((*r)() % 3);
  p.budgets = static_cast<int>((*r)() % 4);
  const bool whole = (*r)() % 2 == 0;  // whole numbers have many equal sums
  const auto number = [&](double lo, double hi) { return whole ? std::floor(real(lo, hi)) : real(lo, hi); };
  for (int i = 0; i < p.layers * p.choices; i++) p.sensitivity.push_back(number(-4, 9));
  for (int b = 0; b < p.budgets; b++) {
    double least = 0, most = 0;
    for (int l = 0; l < p.layers; l++) {
      double lo = INFINITY, hi = 0;
      for (int c = 0; c < p.choices; c++) {
        p.cost.push_back(number(0, 20));
        lo = std::min(lo, p.cost.back());
        hi = std::max(hi, p.cost.back());
      }
      least += lo;
      most += hi;
    }
    p.limit.push_back(least + real(0.05, 0.9) * (most - least));
  }
  if ((*r)() % 2)
    for (int l = 0; l < p.layers; l++)
      p.tie.push_back((*r)() % 4 && l ? l : static_cast<int>((*r)() % static_cast<unsigned>(l + 1)));
  return p;
}

TEST(Allocate, equals_exhaustive_search_on_200_random_problems) {
  std::mt19937 r(12);
  int solved = 0, refused = 0;
  for (int i = 0; i < 200; i++) {
    Problem p = Random(&r, 1 + static_cast<int>(r() % 16));
    const tetra_allocate_problem c = p.C();
    tetra_allocation a;
    tetra_error err = {};
    const int rc = tetra_allocate(&c, 0, &a, &err);
    const Exhaustive all(p);
    if (std::isinf(all.best)) {
      EXPECT_EQ(rc, TETRA_ERANGE) << i;
      EXPECT_NE(std::string(err.msg).find("budget"), std::string::npos) << err.msg;
      refused++;
      continue;
    }
    ASSERT_EQ(rc, TETRA_OK) << i << " " << err.msg;
    EXPECT_NEAR(a.objective, all.best, 1e-9) << i;
    EXPECT_EQ(p.Value(std::vector<int>(a.choice, a.choice + p.layers)), a.objective)
        << i << ": a tie or budget is broken";
    EXPECT_TRUE(a.proved) << i;
    EXPECT_EQ(a.bound, a.objective) << i;
    for (int b = 0; b < p.budgets; b++) EXPECT_LE(a.used[b], p.limit[static_cast<size_t>(b)]) << i;
    solved++;
    tetra_allocation_free(&a);
  }
  EXPECT_GT(solved, 120);
  EXPECT_GT(refused, 3);
}

TEST(Allocate, more_budget_is_never_worse) {
  std::mt19937 r(3);
  Problem p = Random(&r, 40);
  while (p.budgets != 1) p = Random(&r, 40);
  double before = INFINITY;
  const double start = p.limit[0];
  for (int step = 0; step < 20; step++) {
    p.limit[0] = start * (0.9 + 0.05 * step);
    const tetra_allocate_problem c = p.C();
    tetra_allocation a;
    tetra_error err = {};
    if (tetra_allocate(&c, 0, &a, &err) != TETRA_OK) continue;
    EXPECT_LE(a.objective, before + 1e-9);
    before = a.objective;
    tetra_allocation_free(&a);
  }
  EXPECT_FALSE(std::isinf(before));
}

// A tree that is cut off says so, and what could still be there.
TEST(Allocate, says_where_nothing_is_proved) {
  std::mt19937 r(5);
  Problem p;
  p.layers = 60;
  p.choices = 2;
  p.budgets = 1;
  for (int l = 0; l < p.layers; l++) {
    const double v = 1000 + static_cast<double>(r() % 1000);
    p.sensitivity.insert(p.sensitivity.end(), {0, -v});
    p.cost.insert(p.cost.end(), {0, v});
  }
  p.limit = {45000.5};
  const tetra_allocate_problem c = p.C();
  tetra_allocation a;
  tetra_error err = {};
  ASSERT_EQ(tetra_allocate(&c, 1, &a, &err), TETRA_OK) << err.msg;
  EXPECT_FALSE(a.proved);
  EXPECT_LE(a.bound, a.objective);
  EXPECT_GE(a.bound, -45000.5 - 1e-6);
  tetra_allocation_free(&a);
}

TEST(Allocate, refuses_numbers_that_are_none) {
  for (int place = 0; place < 3; place++)
    for (const double bad : {static_cast<double>(NAN), static_cast<double>(INFINITY), 1e31}) {
      Problem p;
      p.layers = p.choices = 2;
      p.budgets = 1;
      p.sensitivity = {1, 2, 3, 4};
      p.cost = {1, 2, 3, 4};
      p.limit = {9};
      (place == 0 ? p.sensitivity[2] : place == 1 ? p.cost[3] : p.limit[0]) = bad;
      const tetra_allocate_problem c = p.C();
      tetra_allocation a;
      tetra_error err = {};
      EXPECT_EQ(tetra_allocate(&c, 0, &a, &err), TETRA_EINVAL) << place << bad;
    }
  Problem p;
  const tetra_allocate_problem none = p.C();
  tetra_allocation a;
  tetra_error err = {};
  EXPECT_EQ(tetra_allocate(&none, 0, &a, &err), TETRA_EINVAL);
}

TEST(Allocate, says_how_small_a_budget_may_be) {
  Problem p;
  p.layers = p.choices = 2;
  p.budgets = 2;
  p.sensitivity = {1, 2, 3, 4};
  p.cost = {5, 7, 6, 8, /* and */ 9, 1, 9, 1};
  p.limit = {10, 18};
  tetra_allocation a;
  tetra_error err = {};
  tetra_allocate_problem c = p.C();
  EXPECT_EQ(tetra_allocate(&c, 0, &a, &err), TETRA_ERANGE);
  EXPECT_NE(std::string(err.msg).find("b0 = 10 is below the cheapest choices' 11"), std::string::npos) << err.msg;
  p.limit = {11, 10};
  c = p.C();
  EXPECT_EQ(tetra_allocate(&c, 0, &a, &err), TETRA_ERANGE);
  EXPECT_NE(std::string(err.msg).find("with the others kept, b0 = 11 must be at least 13"), std::string::npos)
      << err.msg;
}

// Three layers by hand. RAM of 100 bytes: layer 1 takes 64 + 64 and its output is halved, so layer 2 has 32 + 80 and
// its output, with more bits, is halved. Flash: 1000 + 960 + 100 bytes exceed 1700; the second is within 0.05 of the
// first.
TEST(McuGreedy, chain_by_hand) {
  const tetra_mcu_layer chain[] = {{64, 64, 1000, 10}, {64, 80, 960, 10}, {80, 10, 100, 10}};
  int acts[4], weights[3];
  ASSERT_EQ(tetra_mcu_greedy(chain, 3, 100, 1700, acts, weights), 1);
  EXPECT_EQ(std::vector<int>(acts, acts + 4), (std::vector<int>{8, 4, 4, 8}));
  EXPECT_EQ(std::vector<int>(weights, weights + 3), (std::vector<int>{4, 8, 8}));
  EXPECT_EQ(tetra_mcu_greedy(chain, 3, 100, 1110, acts, weights), 1);
  EXPECT_EQ(std::vector<int>(weights, weights + 3), (std::vector<int>{4, 4, 8}));
  EXPECT_EQ(tetra_mcu_greedy(chain, 3, 100, 1000, acts, weights), 0) << "all of 4 bits take 1060 bytes";
  EXPECT_EQ(tetra_mcu_greedy(chain, 3, 60, 1700, acts, weights), 0) << "layer 2 takes 72 bytes in 4 bits";
}

// A layer whose input is larger than its output is the backward pass's.
TEST(McuGreedy, backward_pass) {
  const tetra_mcu_layer chain[] = {{10, 90, 1, 0}, {90, 20, 1, 0}, {20, 10, 1, 0}};
  int acts[4], weights[3];
  ASSERT_EQ(tetra_mcu_greedy(chain, 3, 105, 1e9, acts, weights), 1);
  EXPECT_EQ(std::vector<int>(acts, acts + 4), (std::vector<int>{8, 4, 8, 8}));
}

// Chains under RAM and flash as the exact solver sees them: a choice is the bits of a layer's weights and input.
TEST(McuGreedy, exact_solution_never_loses_to_it) {
  std::mt19937 r(8);
  const auto real = [&](double lo, double hi) { return std::uniform_real_distribution<double>(lo, hi)(r); };
  int both = 0;
  for (int i = 0; i < 60; i++) {
    const int n = 2 + static_cast<int>(r() % 12);
    std::vector<tetra_mcu_layer> chain;
    for (int l = 0; l < n; l++)
      chain.push_back({l ? chain.back().outputs : real(10, 99), real(10, 99), real(50, 900), 8});
    const double ram = real(60, 180), flash = real(0.55, 1.0) * 475 * n;
    std::vector<int> acts(static_cast<size_t>(n) + 1), weights(static_cast<size_t>(n));
    const int ok = tetra_mcu_greedy(chain.data(), n, ram, flash, acts.data(), weights.data());
    Problem p;
    p.layers = n + 1;  // the last one is the network's output, which has no weights
    p.choices = 4;     // w4a4, w4a8, w8a4, w8a8
    p.budgets = n + 1;
    p.cost.assign(static_cast<size_t>(p.budgets * p.layers * p.choices), 0);
    for (int l = 0; l <= n; l++) {
      const double sw = l < n ? real(0, 1) : 0, sa = real(0, 1);
      for (int c = 0; c < 4; c++) {
        p.sensitivity.push_back((c & 2 ? 0 : sw) + (c & 1 ? 0 : sa));
        if (l == n) continue;
        const auto set = [&](int budget, int layer, int choice, double v) {
          p.cost[static_cast<size_t>(budget) * static_cast<size_t>(p.layers * 4) + p.At(layer, choice)] = v;
        };
        const auto &layer = chain[static_cast<size_t>(l)];
        set(n, l, c, layer.weights * (c & 2 ? 1 : 0.5) + layer.parameter_bytes);
        set(l, l, c, layer.inputs * (c & 1 ? 1 : 0.5));
        set(l, l + 1, c, layer.outputs * (c & 1 ? 1 : 0.5));
      }
    }
    p.limit.assign(static_cast<size_t>(n), ram);
    p.limit.push_back(flash);
    const tetra_allocate_problem c = p.C();
    tetra_allocation a;
    tetra_error err = {};
    const int rc = tetra_allocate(&c, 0, &a, &err);
    if (ok) {
      ASSERT_EQ(rc, TETRA_OK) << i << ": the rule fits, the solver says " << err.msg;
    }
    if (rc != TETRA_OK) continue;
    if (ok) {
      double greedy = 0;
      for (int l = 0; l <= n; l++)
        greedy += p.sensitivity[p.At(
            l, (l < n && weights[static_cast<size_t>(l)] == 8 ? 2 : 0) + (acts[static_cast<size_t>(l)] == 8 ? 1 : 0))];
      EXPECT_LE(a.objective, greedy + 1e-9) << i;
      both++;
    }
    tetra_allocation_free(&a);
  }
  EXPECT_GT(both, 15);
}

std::string Read(const std::string &path) {
  std::ifstream f(path, std::ios::binary);
  std::stringstream s;
  s << f.rdbuf();
  return s.str();
}

Rows Numbers(const cJSON *data, const char *key) {
  Rows v;
  for (const cJSON *c = cJSON_GetObjectItem(data, key)->child; c; c = c->next) v.push_back(c->valuedouble);
  return v;
}

// HAWQ-V3's problem: sensitivity is what 8 bits take off, costs are bytes, bit operations or milliseconds.
Problem Hawq(const cJSON *data, const std::string &budget, double limit) {
  const Rows trace = Numbers(data, "trace"), dw8 = Numbers(data, "dw8"), dw4 = Numbers(data, "dw4");
  Problem p;
  p.layers = static_cast<int>(trace.size());
  p.choices = 2;
  p.budgets = 1;
  p.limit = {limit};
  for (size_t l = 0; l < trace.size(); l++) {
    p.sensitivity.insert(p.sensitivity.end(), {0, trace[l] * (dw8[l] - dw4[l])});
    if (budget == "modelsize")
      p.cost.insert(p.cost.end(), {Numbers(data, "params")[l] / 2, Numbers(data, "params")[l]});
    if (budget == "bops") p.cost.insert(p.cost.end(), {Numbers(data, "bops")[l] / 64, Numbers(data, "bops")[l] / 16});
    if (budget == "latency") p.cost.insert(p.cost.end(), {Numbers(data, "lat4")[l], Numbers(data, "lat8")[l]});
    p.tie.push_back(static_cast<int>(l));
  }
  for (const cJSON *t = cJSON_GetObjectItem(data, "ties")->child; t; t = t->next)
    p.tie[static_cast<size_t>(cJSON_GetArrayItem(t, 1)->valueint)] = cJSON_GetArrayItem(t, 0)->valueint;
  return p;
}

TEST(AllocateHawq, nine_published_optima_of_resnet18) {
  const std::string path = std::string(TETRA_DATA_DIR) + "/methods/hawq_ilp_resnet18.json";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no " << path;
  cJSON *root = cJSON_Parse(Read(path).c_str());
  ASSERT_NE(root, nullptr);
  const cJSON *data = cJSON_GetObjectItem(cJSON_GetArrayItem(root, cJSON_GetArraySize(root) - 1), "data");
  int n = 0;
  for (const cJSON *c = root->child; c && cJSON_HasObjectItem(c, "objective"); c = c->next, n++) {
    Problem p = Hawq(data, cJSON_GetObjectItem(c, "budget")->valuestring, cJSON_GetObjectItem(c, "limit")->valuedouble);
    const tetra_allocate_problem q = p.C();
    tetra_allocation a;
    tetra_error err = {};
    ASSERT_EQ(tetra_allocate(&q, 0, &a, &err), TETRA_OK) << err.msg;
    EXPECT_NEAR(a.objective, cJSON_GetObjectItem(c, "objective")->valuedouble, 1e-6) << n;
    EXPECT_LE(a.used[0], p.limit[0]) << n;
    EXPECT_NEAR(a.used[0], cJSON_GetObjectItem(c, "used")->valuedouble, 1e-6) << n;
    std::string bits;
    for (int l = 0; l < p.layers; l++) bits += a.choice[l] ? '8' : '4';
    EXPECT_EQ(bits, cJSON_GetObjectItem(c, "bits")->valuestring) << n;
    tetra_allocation_free(&a);
  }
  EXPECT_EQ(n, 9);
  cJSON_Delete(root);
}

}  // namespace
