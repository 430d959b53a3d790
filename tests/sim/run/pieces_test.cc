// Networks in pieces: where they are cut, that every layer is compared and counted as in one run, and what is refused.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <cjson/cJSON.h>
#include <gtest/gtest.h>

#include "program.h"
#include "run/pieces/cuts.h"

namespace {

// The smallest largest sum of `n` pieces of v[from..], by trying all.
uint64_t Smallest(const std::vector<uint64_t> &v, size_t from, size_t n) {
  if (n == 1) return std::accumulate(v.begin() + static_cast<long>(from), v.end(), uint64_t{0});
  uint64_t best = UINT64_MAX, sum = 0;
  for (size_t i = from; i + n <= v.size(); i++) {
    sum += v[i];
    best = std::min(best, std::max(sum, Smallest(v, i + 1, n - 1)));
  }
  return best;
}

// Spans of one to three ops with random cycles.
struct Spans {
  std::vector<sim_span> spans;
  std::vector<uint64_t> cycles, sums;  // of each op, of each span
  Spans(std::mt19937 *rng, int n) {
    for (int k = 0; k < n; k++) {
      const int first = static_cast<int>(cycles.size()), ops = 1 + static_cast<int>((*rng)() % 3);
      sums.push_back(0);
      for (int i = 0; i < ops; i++) {
        cycles.push_back((*rng)() % 100);
        sums.back() += cycles.back();
      }
      spans.push_back({first, first + ops - 1});
    }
  }
};

TEST(Cuts, LargestPieceIsAsSmallAsItCanBe) {
  std::mt19937 rng(7);
  for (int round = 0; round < 300; round++) {
    const int n_finest = 1 + static_cast<int>(rng() % 9),
              n = 1 + static_cast<int>(rng() % static_cast<unsigned>(n_finest));
    Spans g(&rng, n_finest);
    const uint64_t want = Smallest(g.sums, 0, static_cast<size_t>(n));
    std::set<int> ends;
    for (const sim_span &s : g.spans) ends.insert(s.last);
    tetra_error err = {};
    ASSERT_EQ(sim_cuts_balance(g.spans.data(), n_finest, g.cycles.data(), n, &err), TETRA_OK);
    uint64_t worst = 0;
    int next = 0;
    for (int p = 0; p < n; p++) {
      const sim_span s = g.spans[static_cast<size_t>(p)];
      ASSERT_EQ(s.first, next);
      ASSERT_LE(s.first, s.last);
      ASSERT_EQ(ends.count(s.last), 1u) << "cut inside a span";
      worst = std::max(worst, std::accumulate(g.cycles.begin() + s.first, g.cycles.begin() + s.last + 1, uint64_t{0}));
      next = s.last + 1;
    }
    ASSERT_EQ(next, static_cast<int>(g.cycles.size()));
    ASSERT_EQ(worst, want);
  }
}

TEST(Cuts, DrawIsFairAndRepeatable) {
  std::vector<int> often(6);
  for (uint64_t seed = 0; seed < 3000; seed++) {
    std::vector<sim_span> a, b;
    for (int i = 0; i < 6; i++) a.push_back({i, i});
    b = a;
    sim_cuts_draw(a.data(), 6, 2, seed);
    sim_cuts_draw(b.data(), 6, 2, seed);
    ASSERT_LT(a[0].first, a[1].first);
    for (size_t k = 0; k < 2; k++) {
      ASSERT_EQ(a[k].first, b[k].first);
      often[static_cast<size_t>(a[k].first)]++;
    }
  }
  for (const int n : often) EXPECT_NEAR(n, 1000, 120);  // 4.6 standard deviations
}

using Json = std::unique_ptr<cJSON, void (*)(cJSON *)>;

// Runs with --json and reads what it says, whatever the exit code.
Json RunJson(const std::string &arguments, int code) {
  const std::string file = TempName(".json");
  const Outcome o = RunSim(arguments + " --quiet --json " + file);
  EXPECT_EQ(o.code, code) << o;
  Json j(cJSON_Parse(ReadFile(file).c_str()), cJSON_Delete);
  EXPECT_NE(j, nullptr) << o;
  std::remove(file.c_str());
  return j;
}

const cJSON *Key(const cJSON *o, const char *key) {
  const cJSON *v = cJSON_GetObjectItem(o, key);
  EXPECT_NE(v, nullptr) << key;
  return v;
}

double Number(const cJSON *o, const char *key) { return Key(o, key)->valuedouble; }

const char kNetwork[] = "resnet18 --width 0.25 --size 64";

// All that does not depend on when a layer begins.
void ExpectSameLayer(const cJSON *a, const cJSON *b) {
  for (const char *key : {"number", "macs", "bound_cycles", "dram_bytes", "busy_cycles"}) {
    EXPECT_EQ(Number(a, key), Number(b, key)) << key;
  }
  EXPECT_STREQ(Key(a, "name")->valuestring, Key(b, "name")->valuestring);
  EXPECT_TRUE(cJSON_IsTrue(Key(a, "match")));
}

TEST(Segments, SayOfEveryLayerWhatOneRunSays) {
  const Json one = RunJson(kNetwork, 0);
  for (const char *pieces : {" --segments 3", " --segments 4 --jobs 1"}) {
    const Json cut = RunJson(std::string(kNetwork) + pieces, 0);
    const cJSON *a = Key(cut.get(), "layers")->child, *b = Key(one.get(), "layers")->child;
    double sum = 0, stalls = 0;
    int n = 0;
    for (; a != nullptr && b != nullptr; a = a->next, b = b->next, n++) {
      ExpectSameLayer(a, b);
      EXPECT_EQ(Number(a, "model_cycles"), Number(b, "cycles")) << "the model is not exact for one run";
      sum += Number(a, "cycles");
    }
    EXPECT_EQ(a, b);
    EXPECT_EQ(n, 23);
    EXPECT_EQ(Number(cut.get(), "one_run_cycles"), Number(Key(one.get(), "total"), "cycles"));
    EXPECT_EQ(Number(Key(cut.get(), "total"), "cycles"), sum);
    for (const cJSON *s = Key(Key(cut.get(), "total"), "stalls")->child; s != nullptr; s = s->next)
      stalls += s->valuedouble;
    EXPECT_EQ(stalls, sum);
    EXPECT_TRUE(cJSON_IsTrue(Key(cut.get(), "match")));
    EXPECT_TRUE(cJSON_Compare(Key(cut.get(), "top5"), Key(one.get(), "top5"), 1));
    EXPECT_TRUE(cJSON_Compare(Key(cut.get(), "predictions"), Key(one.get(), "predictions"), 1));
    int next = 0;
    double one_run = 0;
    for (const cJSON *p = Key(cut.get(), "pieces")->child; p != nullptr; p = p->next) {
      EXPECT_EQ(Number(p, "first"), next);
      next = static_cast<int>(Number(p, "last")) + 1;
      EXPECT_EQ(Number(p, "cycles"), Number(p, "model_cycles"));
      one_run += Number(p, "one_run_cycles");
    }
    EXPECT_EQ(next, 23);
    EXPECT_EQ(one_run, Number(cut.get(), "one_run_cycles"));
  }
}

TEST(Segments, WriteTheSameLinesInEveryOrder) {
  const std::string run = std::string(kNetwork) + " --layers 4..12 --segments 3 --csv -";
  const Outcome a = RunSim(run + " --jobs 1"), b = RunSim(run + " --jobs 3");
  EXPECT_EQ(a.code, 0) << a;
  EXPECT_EQ(a.out, b.out);
  EXPECT_EQ(std::count(a.out.begin(), a.out.end(), '\n'), 10) << a;
  EXPECT_TRUE(Contains(b.err, "RTL = C in everything compared: 9 of 9 layers ran")) << b;
}

TEST(Segments, OfAPartAreOfItsLayers) {
  const std::string part = std::string(kNetwork) + " --layers 4..12";
  const Json one = RunJson(part, 0), cut = RunJson(part + " --segments 3", 0);
  const cJSON *a = Key(cut.get(), "layers")->child, *b = Key(one.get(), "layers")->child;
  for (; a != nullptr && b != nullptr; a = a->next, b = b->next) ExpectSameLayer(a, b);
  EXPECT_EQ(a, b);
}

TEST(Segments, OneIsARunAsEver) {
  const std::string csv = " --csv - 2>/dev/null";
  EXPECT_EQ(RunSim(std::string(kNetwork) + " --segments 1" + csv).out, RunSim(kNetwork + csv).out);
  const Json j = RunJson(std::string(kNetwork) + " --segments 1", 0);
  EXPECT_EQ(cJSON_GetObjectItem(j.get(), "pieces"), nullptr);
}

TEST(Segments, OneWrongLayerIsFoundAndTheOthersAreCompared) {
  for (const char *layer : {"s3b1.conv1", "11"}) {
    const Outcome o = RunSim(std::string(kNetwork) + " --segments 4 --inject-weight-flip " + layer);
    EXPECT_EQ(o.code, 1) << o;
    EXPECT_TRUE(Contains(o.out, "MISMATCH in layer 11 s3b1.conv1, output 0")) << o;
    EXPECT_TRUE(Contains(o.out, "3 of 4 ran to their ends: INCOMPLETE")) << o;
    EXPECT_TRUE(Contains(o.err, "RTL and C differ")) << o;
  }
  const Json j = RunJson(std::string(kNetwork) + " --segments 4 --inject-weight-flip dense", 1);
  EXPECT_TRUE(cJSON_IsFalse(Key(j.get(), "match")));
  int equal = 0, different = 0;
  for (const cJSON *l = Key(j.get(), "layers")->child; l != nullptr; l = l->next) {
    equal += cJSON_IsTrue(Key(l, "match"));
    different += cJSON_IsFalse(Key(l, "match"));
  }
  EXPECT_EQ(equal, 22);
  EXPECT_EQ(different, 1);
}

TEST(Segments, WhatDidNotEndIsNotCounted) {
  const std::string run = std::string(kNetwork) + " --segments 4 --inject-weight-flip 11";
  const Outcome o = RunSim(run);
  EXPECT_TRUE(Contains(o.out, "not all pieces are there to confirm")) << o;
  EXPECT_FALSE(Contains(o.out, "exactly")) << o;
  EXPECT_TRUE(Contains(o.err, "sim: piece ")) << o;
  const Json j = RunJson(run, 1);
  const cJSON *total = Key(j.get(), "total");
  double cycles = 0, bytes = 0;
  for (const cJSON *l = Key(j.get(), "layers")->child; l != nullptr; l = l->next) {
    cycles += Number(l, "cycles");
    bytes += Number(l, "dram_bytes");
  }
  EXPECT_EQ(Number(total, "cycles"), cycles);
  EXPECT_EQ(Number(total, "dram_bytes"), bytes);
  EXPECT_TRUE(cJSON_IsNull(Key(total, "stalls")));
}

TEST(Segments, WhatNoPieceCanBeginWithIsSaidOnce) {
  for (const char *array : {"8", "32", "64"}) {  // one of them is hardly ever built
    const Outcome o = RunSim(std::string(kNetwork) + " --array " + array + " --segments 3");
    if (o.code == 0) continue;
    EXPECT_EQ(o.code, 2) << o;
    EXPECT_TRUE(Contains(o.err, std::string("array ") + array + " is not built")) << o;
    EXPECT_EQ(std::count(o.err.begin(), o.err.end(), '\n'), 1) << o;
    EXPECT_FALSE(Contains(o.out, "one run")) << o;
    return;
  }
}

TEST(Sample, SaysWhatItDidNotCheck) {
  const std::string run = std::string(kNetwork) + " --sample 4";
  const Outcome a = RunSim(run + " --seed 2");
  EXPECT_EQ(a.code, 0) << a;
  EXPECT_TRUE(Contains(a.out, "4 pieces drawn by seed 2: 4 of 23 layers")) << a;
  EXPECT_TRUE(Contains(a.out, "NOT checked: layers ")) << a;
  const Json one = RunJson(run + " --seed 2", 0), again = RunJson(run + " --seed 2", 0),
             other = RunJson(run + " --seed 3", 0);
  EXPECT_EQ(cJSON_GetArraySize(Key(one.get(), "layers")), 4);
  EXPECT_TRUE(cJSON_Compare(Key(one.get(), "layers"), Key(again.get(), "layers"), 1));
  EXPECT_FALSE(cJSON_Compare(Key(one.get(), "layers"), Key(other.get(), "layers"), 1));
  EXPECT_EQ(RunSim(std::string(kNetwork) + " --sample 23 --inject-weight-flip dense").code, 1);
}

struct Bad {
  const char *name, *arguments, *message;
};

class Refused : public ::testing::TestWithParam<Bad> {};

TEST_P(Refused, InOneLine) {
  const Outcome o = RunSim(GetParam().arguments);
  EXPECT_EQ(o.code, 2) << o;
  EXPECT_TRUE(Contains(o.err, GetParam().message)) << o;
  EXPECT_EQ(std::count(o.err.begin(), o.err.end(), '\n'), 1) << o;
}

INSTANTIATE_TEST_SUITE_P(
    Pieces, Refused,
    ::testing::Values(Bad{"none", "resnet18 --segments 0", "--segments: '0'"},
                      Bad{"too_many", "resnet18 --width 0.25 --size 32 --segments 40", "1..23 is accepted"},
                      Bad{"sample_too_many", "resnet18 --width 0.25 --size 32 --sample 24", "--sample 24"},
                      Bad{"both", "resnet18 --segments 2 --sample 2", "not accepted together"},
                      Bad{"stalls", "resnet18 --segments 2 --dram-stall 0.1", "--dram-stall"},
                      Bad{"model", "resnet18 --segments 2 --model", "--segments has no meaning without a simulation"},
                      Bad{"compare", "resnet18 --segments 2 --compare-model", "--compare-model is not accepted"},
                      Bad{"timeline", "resnet18 --segments 2 --timeline t.json", "--timeline is not accepted"},
                      Bad{"output", "resnet18 --sample 2 --output o.npy", "--output is not accepted with --sample"},
                      Bad{"many", "resnet18 --segments 2 --limit 3", "--limit is not accepted"},
                      Bad{"backend", "resnet18 --segments 2 --backend fast", "--backend is not accepted"}),
    [](const auto &i) { return std::string(i.param.name); });

}  // namespace
