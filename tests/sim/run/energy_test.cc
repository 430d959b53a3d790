// Energy: the RTL's events are the cycle model's, sums add up, prices are the table's, and what is no table is refused.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <memory>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include <cjson/cJSON.h>
#include <gtest/gtest.h>

#include "program.h"
#include "run/energy/monitor.h"
#include "tetra/network.h"

namespace {

using Json = std::unique_ptr<cJSON, void (*)(cJSON *)>;

const char kTable[] = TETRA_SOURCE_DIR "/tests/sim/run/energy_table.json";
const char kSmall[] = "resnet18 --width 0.25 --size 32 --quiet ";

Json Document(const std::string &arguments) {
  const std::string path = TempName(".json");
  const Outcome o = RunSim(kSmall + arguments + " --energy " + kTable + " --json " + path);
  EXPECT_EQ(o.code, 0) << o;
  Json j(cJSON_Parse(ReadFile(path).c_str()), cJSON_Delete);
  EXPECT_NE(j, nullptr) << o;
  std::remove(path.c_str());
  return j;
}

double Number(const cJSON *o, const std::string &key) {
  const cJSON *n = cJSON_GetObjectItem(o, key.c_str());
  EXPECT_TRUE(cJSON_IsNumber(n)) << key;
  return n == nullptr ? -1 : n->valuedouble;
}

double Sum(const cJSON *object) {
  double sum = 0;
  for (const cJSON *v = object->child; v != nullptr; v = v->next) sum += v->valuedouble;
  return sum;
}

// Of each layer: every event.
std::vector<std::string> Events(const cJSON *document) {
  std::vector<std::string> lines;
  const cJSON *layers = cJSON_GetObjectItem(document, "layers");
  for (const cJSON *l = layers->child; l != nullptr; l = l->next) {
    char *text = cJSON_PrintUnformatted(cJSON_GetObjectItem(cJSON_GetObjectItem(l, "energy"), "events"));
    lines.emplace_back(text);
    cJSON_free(text);
  }
  return lines;
}

class Precisions : public ::testing::TestWithParam<std::string> {};

TEST_P(Precisions, RtlAndCycleModelCountTheSameInEveryLayer) {
  const std::string precision = "--precision " + GetParam();
  const Json rtl = Document(precision), model = Document(precision + " --model");
  const std::vector<std::string> counted = Events(rtl.get());
  EXPECT_GT(counted.size(), 20u);
  EXPECT_EQ(counted, Events(model.get()));
  const cJSON *a = cJSON_GetObjectItem(rtl.get(), "energy"), *b = cJSON_GetObjectItem(model.get(), "energy");
  EXPECT_STREQ(cJSON_GetObjectItem(a, "events_from")->valuestring, "rtl");
  EXPECT_STREQ(cJSON_GetObjectItem(b, "events_from")->valuestring, "model");
  EXPECT_EQ(Number(a, "pj"), Number(b, "pj"));
}
INSTANTIATE_TEST_SUITE_P(All, Precisions, ::testing::Values("w8a8", "w4a8", "w4a4", "w4a4-init8-dense8"),
                         [](const auto &i) {
                           std::string name = i.param;
                           for (char &c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

TEST(Energy, PartsAddUpToLayersAndLayersToTheTotal) {
  const Json d = Document("--model");
  const cJSON *energy = cJSON_GetObjectItem(d.get(), "energy"), *prices = cJSON_GetObjectItem(energy, "prices");
  double total = 0;
  for (const cJSON *l = cJSON_GetObjectItem(d.get(), "layers")->child; l != nullptr; l = l->next) {
    const cJSON *e = cJSON_GetObjectItem(l, "energy"), *events = cJSON_GetObjectItem(e, "events");
    double priced = 0;
    for (const cJSON *v = events->child; v != nullptr; v = v->next)
      priced += v->valuedouble * Number(prices, v->string);
    const double pj = Number(e, "pj");
    EXPECT_NEAR(priced, pj, 1e-9 * pj);
    EXPECT_NEAR(Sum(cJSON_GetObjectItem(e, "by_source")), pj, 1e-9 * pj);
    total += pj;
  }
  EXPECT_NEAR(total, Number(energy, "pj"), 1e-9 * total);
  EXPECT_NEAR(Sum(cJSON_GetObjectItem(energy, "by_source")), total, 1e-9 * total);
  EXPECT_NEAR(Number(energy, "mj_per_image"), 1e-9 * total, 1e-12 * total);
  const double macs = Number(cJSON_GetObjectItem(d.get(), "total"), "macs");
  EXPECT_NEAR(Number(energy, "tops_per_watt"), 2 * macs / total, 1e-9);
}

// Numbers of a line, from its n-th word on; "-" is none.
std::vector<double> Numbers(const std::string &line, size_t n, char between) {
  std::istringstream words(line);
  std::vector<double> v;
  std::string word;
  for (size_t i = 0; std::getline(words, word, between);) {
    if (word.empty() && between == ' ') continue;
    word.erase(std::remove(word.begin(), word.end(), ','), word.end());  // of thousands
    if (i++ >= n && word != "-") v.push_back(std::stod(word));
  }
  return v;
}

// Of every layer the sources and their sum, in the text, whose last column is what a product costs, and in the CSV.
TEST(Energy, LayersArePrintedAndWrittenAsCsv) {
  const std::string path = TempName(".csv");
  const Outcome o =
      RunSim("resnet18 --width 0.25 --size 32 --model --energy " + std::string(kTable) + " --csv " + path);
  ASSERT_EQ(o.code, 0) << o;
  std::istringstream file(ReadFile(path)), out(o.out);
  std::remove(path.c_str());
  std::string line, header;
  std::getline(file, header);
  const auto columns = static_cast<size_t>(std::count(header.begin(), header.end(), ',')) + 1;
  const size_t first = columns - 6;
  EXPECT_TRUE(Contains(header, ",match,pj_array,pj_buffers,pj_requantizer,pj_control,pj_dram,pj")) << header;
  std::vector<double> written;
  while (std::getline(file, line)) {
    const auto v = Numbers(line, first, ',');
    ASSERT_EQ(v.size(), 6u) << line;
    EXPECT_NEAR(std::accumulate(v.begin(), v.end() - 1, 0.0), v.back(), 1e-4 * v.back()) << line;
    written.push_back(v.back());
  }
  ASSERT_EQ(written.size(), 23u);
  while (std::getline(out, line) && !Contains(line, "pJ/MAC")) continue;
  for (size_t i = 0; i < written.size(); i++) {
    ASSERT_TRUE(std::getline(out, line)) << o;
    const auto v = Numbers(line, 2, ' ');
    ASSERT_EQ(v.size(), i == 21 ? 6u : 7u) << line;  // an average multiplies nothing
    EXPECT_NEAR(v[5], written[i], 1 + 1e-5 * written[i]) << line;
    EXPECT_EQ(Contains(line, " -"), i == 21) << line;
  }
}

TEST(Energy, PricesFollowTheTableTheBuffersAndTheClock) {
  const Json d = Document("--model"), slow = Document("--model --mhz 50 --act-kib 64");
  const cJSON *prices = cJSON_GetObjectItem(cJSON_GetObjectItem(d.get(), "energy"), "prices");
  const cJSON *others = cJSON_GetObjectItem(cJSON_GetObjectItem(slow.get(), "energy"), "prices");
  EXPECT_NEAR(Number(prices, "act_read"), 128 * (0.25 + 0.001 * std::sqrt(16384.0 * 128)), 1e-9);
  EXPECT_NEAR(Number(others, "act_read"), 128 * (0.25 + 0.001 * std::sqrt(4096.0 * 128)), 1e-9);
  EXPECT_NEAR(Number(prices, "acc_write"), 512 * (0.5 + 0.002 * std::sqrt(256.0 * 512)), 1e-9);
  EXPECT_EQ(Number(prices, "mac_a4w4"), 4);
  EXPECT_NEAR(Number(prices, "cycle"), 26 + 1e-3 * 260 / 100, 1e-12);
  EXPECT_NEAR(Number(others, "cycle"), 26 + 1e-3 * 260 / 50, 1e-12);
  EXPECT_EQ(Number(prices, "dram_command"), Number(prices, "dram_read"));
}

TEST(Energy, ADifferenceIsFound) {
  tetra_network_options o;
  tetra_network_defaults(&o);
  o.network = "resnet18";
  o.width = 0.25;
  o.image_size = 32;
  tetra_error err = {};
  tetra_graph g;
  ASSERT_EQ(tetra_network_build_shapes(&o, &g, &err), TETRA_OK) << err.msg;
  const tetra_caps caps = tetra_caps_default(16);
  tetra_compile_options c;
  tetra_compile_defaults(&c);
  c.timing_only = 1;
  tetra_plan plan;
  ASSERT_EQ(tetra_compile(&g, &caps, &c, &plan, &err), TETRA_OK) << err.msg;
  monitor m;
  ASSERT_EQ(monitor_init(&m, &plan, &err), TETRA_OK);
  auto *expected = static_cast<uint64_t(*)[TETRA_EVENTS]>(std::calloc(plan.n_layers, sizeof(uint64_t[TETRA_EVENTS])));
  tetra_events_of_commands(&plan, expected);
  tetra_events_of_commands(&plan, m.events);
  EXPECT_EQ(monitor_compare(&m, expected, &err), TETRA_OK) << err.msg;
  for (int e = 0; e < TETRA_EVENTS; e++) {
    m.events[3][e]++;
    EXPECT_EQ(monitor_compare(&m, expected, &err),
              tetra_event_is_cycle(static_cast<tetra_event>(e)) ? TETRA_OK : TETRA_EDIFF)
        << tetra_event_key(e);
    m.events[3][e]--;
  }
  // A clock with a beat that no command asks for.
  m.stray = 1;
  EXPECT_EQ(monitor_compare(&m, expected, &err), TETRA_EDIFF);
  std::free(expected);
  monitor_free(&m);
  tetra_plan_free(&plan);
  tetra_graph_free(&g);
}

TEST(EnergyBadInput, IsRefusedByName) {
  const std::string path = TempName(".json"), table = ReadFile(kTable);
  const auto refused = [&](const std::string &text, const std::string &says) {
    std::ofstream(path) << text;
    const Outcome o = RunSim(std::string(kSmall) + "--model --energy " + path);
    EXPECT_EQ(o.code, 2) << o;
    EXPECT_TRUE(Contains(o.err, says)) << o;
  };
  const auto with = [&](const std::string &from, const std::string &to) {
    std::string text = table;
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  };
  refused("[1]", path);
  refused("{\"a\": 1}", "is no energy table");
  refused(with("\"pj\": 1,", "\"pj\": -1,"), "\"mac_a8w8\" has no number \"pj\"");
  refused(with("\"pj\": 1,\n      \"from\": \"made up\"", "\"pj\": 1"), "\"mac_a8w8\" has no text \"from\"");
  refused(with("\"mac_a4w8\"", "\"mac_a4w9\""), "unknown key \"mac_a4w9\"");
  refused(with("\"clock_mhz\": 100", "\"clock_mhz\": 0"), "\"clock_mhz\" is not above 0");
  refused(with("\"nw_per_bit\"", "\"nw\""), "unknown key \"nw\"");
  std::remove(path.c_str());
  const Outcome missing = RunSim(std::string(kSmall) + "--model --energy /nowhere/table.json");
  EXPECT_EQ(missing.code, 2) << missing;
  EXPECT_TRUE(Contains(missing.err, "/nowhere/table.json")) << missing;
  for (const char *other : {"--segments 2", "--limit 2", "--export-plan /nowhere/x.c"}) {
    const Outcome o = RunSim(std::string(kSmall) + other + " --energy " + kTable);
    EXPECT_EQ(o.code, 2) << o;
    EXPECT_TRUE(Contains(o.err, "--energy")) << o;
  }
}

}  // namespace
