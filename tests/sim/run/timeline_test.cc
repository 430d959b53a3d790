// --timeline: what the trace says agrees with the hardware's own counters and completion log, tile by tile.
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <cjson/cJSON.h>

#include <gtest/gtest.h>

#include "program.h"

namespace {

struct Event {
  std::string track, name, what;
  double begin, end, response;
  int command;
};

double Number(const cJSON *o, const char *key, double otherwise) {
  const cJSON *n = cJSON_GetObjectItemCaseSensitive(o, key);
  return cJSON_IsNumber(n) ? n->valuedouble : otherwise;
}

std::string Text(const cJSON *o, const char *key) {
  const cJSON *s = cJSON_GetObjectItemCaseSensitive(o, key);
  return cJSON_IsString(s) ? s->valuestring : "";
}

std::vector<Event> ReadTrace(const std::string &path) {
  cJSON *root = cJSON_Parse(ReadFile(path).c_str());
  std::map<double, std::string> tracks;
  std::vector<Event> events;
  const cJSON *e;
  cJSON_ArrayForEach(e, cJSON_GetObjectItemCaseSensitive(root, "traceEvents")) {
    const cJSON *args = cJSON_GetObjectItemCaseSensitive(e, "args");
    if (Text(e, "name") == "thread_name") tracks[Number(e, "tid", -1)] = Text(args, "name");
    if (Text(e, "ph") != "X") continue;
    const double ts = Number(e, "ts", -1);
    events.push_back({tracks[Number(e, "tid", -1)], Text(e, "name"), Text(args, "what"), ts, ts + Number(e, "dur", -1),
                      Number(args, "response", 0), static_cast<int>(Number(args, "command", -1))});
  }
  cJSON_Delete(root);
  return events;
}

// Counter events: time and value of each series, by "counter/series".
using Counters = std::map<std::string, std::vector<std::pair<double, double>>>;

Counters ReadCounters(const std::string &text) {
  cJSON *root = cJSON_Parse(text.c_str());
  Counters counters;
  const cJSON *e, *v;
  cJSON_ArrayForEach(e, cJSON_GetObjectItemCaseSensitive(root, "traceEvents")) {
    if (Text(e, "ph") != "C") continue;
    cJSON_ArrayForEach(v, cJSON_GetObjectItemCaseSensitive(e, "args")) {
      counters[Text(e, "name") + "/" + v->string].push_back({Number(e, "ts", -1), v->valuedouble});
    }
  }
  cJSON_Delete(root);
  return counters;
}

// An arrow's ends: track and time.
struct Arrow {
  std::string from, to;
  double begin, end;
};

std::vector<Arrow> ReadArrows(const std::string &text) {
  cJSON *root = cJSON_Parse(text.c_str());
  std::map<double, std::string> tracks;
  std::map<double, Arrow> arrows;
  const cJSON *e;
  cJSON_ArrayForEach(e, cJSON_GetObjectItemCaseSensitive(root, "traceEvents")) {
    const double tid = Number(e, "tid", -1);
    if (Text(e, "name") == "thread_name") tracks[tid] = Text(cJSON_GetObjectItemCaseSensitive(e, "args"), "name");
    Arrow *a = &arrows[Number(e, "id", 0)];
    if (Text(e, "ph") == "s") a->from = tracks[tid], a->begin = Number(e, "ts", -1);
    if (Text(e, "ph") == "f") a->to = tracks[tid], a->end = Number(e, "ts", -1);
  }
  cJSON_Delete(root);
  arrows.erase(0);  // events without an id
  std::vector<Arrow> list;
  for (const auto &a : arrows) list.push_back(a.second);
  return list;
}

struct Case {
  const char *name, *arguments;
};
void PrintTo(const Case &c, std::ostream *s) { *s << c.arguments; }

class Timeline : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    const std::string trace = TempName(".trace.json"), json = TempName(".json");
    outcome_ = RunSim(std::string(GetParam().arguments) + " --quiet --timeline " + trace + " --json " + json);
    ASSERT_EQ(outcome_.code, 0) << outcome_;
    events_ = ReadTrace(trace);
    text_ = ReadFile(trace);
    results_ = cJSON_Parse(ReadFile(json).c_str());
    ASSERT_NE(results_, nullptr);
    ASSERT_FALSE(events_.empty());
    std::remove(trace.c_str());
    std::remove(json.c_str());
  }
  void TearDown() override { cJSON_Delete(results_); }

  std::vector<Event> Track(const std::string &track) const {
    std::vector<Event> t;
    std::copy_if(events_.begin(), events_.end(), std::back_inserter(t),
                 [&](const Event &e) { return e.track == track; });
    return t;
  }

  Outcome outcome_;
  std::string text_;  // the whole trace
  std::vector<Event> events_;
  cJSON *results_ = nullptr;
};

TEST_P(Timeline, LayersAreTheCompletionLogs) {
  std::map<std::string, double> cycles;
  for (const Event &e : Track("layer")) cycles[e.name] = e.end - e.begin;
  const cJSON *l;
  int n = 0;
  cJSON_ArrayForEach(l, cJSON_GetObjectItemCaseSensitive(results_, "layers")) {
    EXPECT_EQ(cycles[Text(l, "name")], Number(l, "cycles", -1)) << Text(l, "name");
    n++;
  }
  EXPECT_EQ(Track("layer").size(), static_cast<size_t>(n));
}

TEST_P(Timeline, StallsAreTheCounters) {
  std::map<std::string, double> stalls;
  for (const Event &e : Track("array stalls")) stalls[e.name] += e.end - e.begin;
  const cJSON *total = cJSON_GetObjectItemCaseSensitive(results_, "total"), *s;
  cJSON_ArrayForEach(s, cJSON_GetObjectItemCaseSensitive(total, "stalls")) {
    const std::string cause = s->string;
    if (cause == "busy") continue;
    // The trace goes on to the end of the job, the results to the last write response.
    if (cause == "tail") {
      EXPECT_GE(stalls[cause], s->valuedouble);
    } else {
      EXPECT_EQ(stalls[cause], s->valuedouble) << cause;
    }
  }
}

TEST_P(Timeline, NothingOverlapsWithinATrack) {
  std::map<std::string, std::vector<std::pair<double, double>>> spans;
  for (const Event &e : events_) spans[e.track].push_back({e.begin, e.end});
  for (auto &track : spans) {
    std::sort(track.second.begin(), track.second.end());
    for (size_t i = 0; i < track.second.size(); i++) {
      EXPECT_LT(track.second[i].first, track.second[i].second) << track.first;
      const double before = i == 0 ? 0 : track.second[i - 1].second;
      EXPECT_LE(before, track.second[i].first) << track.first;
    }
  }
}

TEST_P(Timeline, EveryCommandOnceInOrder) {
  std::vector<int> commands;
  for (const char *track : {"load", "compute", "drain", "store"}) {
    int before = -1;
    for (const Event &e : Track(track)) {
      EXPECT_GT(e.command, before) << track;
      before = e.command;
      if (e.track != "drain") commands.push_back(e.command);
    }
  }
  std::sort(commands.begin(), commands.end());
  // All but the last one, which is the SYNC.
  for (size_t i = 0; i < commands.size(); i++) ASSERT_EQ(commands[i], static_cast<int>(i));
  EXPECT_TRUE(Contains(outcome_.out, " " + std::to_string(commands.size() + 1) + " commands")) << outcome_;
}

TEST_P(Timeline, TilesAreLoadedComputedDrainedStoredInThisOrder) {
  std::map<std::string, Event> drain, store;
  std::map<std::string, int> computes;
  for (const Event &e : Track("drain")) {
    EXPECT_EQ(drain.count(e.name), 0u) << e.name;
    drain[e.name] = e;
  }
  for (const Event &e : Track("store")) store[e.name] = e;
  for (const Event &e : Track("compute")) {
    ASSERT_EQ(drain.count(e.name), 1u) << e.name;
    EXPECT_LE(e.end, drain[e.name].begin) << e.name;
    computes[e.name]++;
  }
  for (const Event &e : Track("load")) {
    EXPECT_FALSE(e.what.empty());
    ASSERT_EQ(drain.count(e.name), 1u) << e.name;
    EXPECT_LE(e.end, drain[e.name].end) << e.name;
  }
  for (const auto &d : drain) {
    ASSERT_EQ(store.count(d.first), 1u) << d.first;
    EXPECT_LT(d.second.begin, store[d.first].begin) << d.first;
    EXPECT_GT(store[d.first].response, store[d.first].end) << d.first;
    EXPECT_GE(computes[d.first], 1) << d.first;
  }
}

// Spans, arrows and counters: the cycle model's trace is the RTL's, byte for byte. It has no random stalls.
TEST_P(Timeline, TheModelsIsTheSame) {
  const std::string arguments = GetParam().arguments, trace = TempName(".model.json");
  const Outcome o =
      RunSim(arguments.substr(0, arguments.find("--dram-stall")) + " --quiet --model --timeline " + trace);
  ASSERT_EQ(o.code, 0) << o;
  const bool stalls = Contains(arguments, "--dram-stall");
  EXPECT_EQ(ReadFile(trace) == text_, !stalls);
  std::remove(trace.c_str());
}

TEST_P(Timeline, CountersAddUp) {
  const Counters counters = ReadCounters(text_);
  double moved = 0, wanted = 0;
  for (const char *series : {"loads", "stores"}) {
    const auto &c = counters.at(std::string("DRAM bytes a cycle/") + series);
    for (size_t i = 0; i + 1 < c.size(); i++) moved += c[i].second * (c[i + 1].first - c[i].first);
    EXPECT_EQ(c.back().second, 0);
  }
  const cJSON *l;
  cJSON_ArrayForEach(l, cJSON_GetObjectItemCaseSensitive(results_, "layers")) wanted += Number(l, "dram_bytes", 0);
  EXPECT_NEAR(moved, wanted, 0.5);
  const std::map<std::string, double> sizes = {
      {"activation", 256 << 10}, {"weight", 128 << 10}, {"residual", 16 << 10}};
  for (const auto &size : sizes) {
    const auto &c = counters.at(size.first + " buffer/bytes");
    double most = 0;
    for (const auto &point : c) {
      EXPECT_GE(point.second, 0) << size.first << " at " << point.first;
      most = std::max(most, point.second);
    }
    EXPECT_GT(most, 0) << size.first;
    EXPECT_LE(most, size.second) << size.first;
    EXPECT_EQ(c.back().second, 0) << size.first;
  }
}

TEST_P(Timeline, ArrowsGoForwardFromEngineToEngine) {
  std::map<std::string, int> kinds;
  for (const Arrow &a : ReadArrows(text_)) {
    kinds[a.from + " to " + a.to]++;
    EXPECT_LT(a.begin, a.end) << a.from << " to " << a.to;
  }
  EXPECT_EQ(kinds.size(), 4u);
  const int tiles = static_cast<int>(Track("drain").size());
  EXPECT_EQ(kinds["drain to store"], tiles);
  EXPECT_EQ(kinds["compute to drain"], tiles);
  EXPECT_GT(kinds["load to compute"], 0);
  EXPECT_GT(kinds["load to drain"], 0);
}

INSTANTIATE_TEST_SUITE_P(Networks, Timeline,
                         ::testing::Values(Case{"resnet18_w4a4_init8_dense8", "resnet18 --width 0.25 --size 64"},
                                           Case{"resnet50_w8a8", "resnet50 --width 0.125 --size 64 --precision w8a8"},
                                           Case{"resnet18_w4a8_nofuse_batch2",
                                                "resnet18 --width 0.125 --size 32 --batch 2 --no-fuse "
                                                "--precision w4a8"},
                                           Case{"resnet18_w4a4_stall03",
                                                "resnet18 --width 0.125 --size 32 --precision w4a4 "
                                                "--dram-stall 0.3 --seed 3"},
                                           Case{"stage2_only",
                                                "resnet18 --width 0.25 --size 64 --layers s2b1.conv1..s2b2.conv2+add"}),
                         [](const ::testing::TestParamInfo<Case> &i) { return i.param.name; });

TEST(TimelineBadInput, UnwritableFile) {
  const Outcome o = RunSim("resnet18 --width 0.25 --size 32 --timeline /nonexistent/t.json");
  EXPECT_EQ(o.code, 2) << o;
  EXPECT_EQ(o.out, "") << o;
  EXPECT_TRUE(Contains(o.err, "--timeline '/nonexistent/t.json'")) << o;
}

TEST(TimelineBadInput, WithoutRtl) {
  const Outcome o = RunSim("resnet18 --width 0.25 --size 32 --backend cmodel --timeline " + TempName(".json"));
  EXPECT_EQ(o.code, 2) << o;
  EXPECT_TRUE(Contains(o.err, "--timeline")) << o;
}

}  // namespace
