// The paper's curve: costs to every digit, Pareto sets, verdict, shapes-only networks, CSV and plot.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "commands/pareto/front.h"
#include "commands/pareto/measure.h"
#include "commands/pareto/plot.h"
#include "commands/pareto/points.h"
#include "commands/pareto/report.h"
#include "program.h"
#include "tetra/plan.h"

namespace {

std::vector<pareto_point> Points() {
  std::vector<pareto_point> p(PARETO_POINTS);
  pareto_points(p.data());
  EXPECT_EQ(pareto_add_costs(p.data(), nullptr), TETRA_OK);
  return p;
}

std::string Fixed(double v, int digits) {
  char text[64];
  snprintf(text, sizeof text, "%.*f", digits, v);
  return text;
}

// arXiv 2105.03536: the points of its figures (linear cost to four digits).
TEST(ParetoCost, LinearRatiosAreThePapersInAllFourSeries) {
  const char *const published[PARETO_SERIES][PARETO_WIDTHS] = {
      {"0.0762", "0.1076", "0.1519", "0.1971", "0.2573", "0.3927", "0.5578", "0.7529", "0.9777"},
      {"0.0689", "0.1003", "0.1445", "0.1898", "0.2500", "0.3853", "0.5504", "0.7454", "0.9703"},
      {"0.1378", "0.2006", "0.2891", "0.3796", "0.5000", "0.7706", "1.1009", "1.4909", "1.9405"},
      {"0.2757", "0.4013", "0.5782", "0.7592", "1.0000", "1.5412", "2.2018", "2.9817", "3.8810"}};
  const auto p = Points();
  for (int i = 0; i < PARETO_POINTS; i++) {
    EXPECT_EQ(Fixed(p[i].axis[PARETO_LINEAR], 4), published[i / PARETO_WIDTHS][i % PARETO_WIDTHS])
        << pareto_series_name(p[i].series) << " m = " << p[i].m;
  }
}

const pareto_point &Width1(const std::vector<pareto_point> &p, pareto_series s) {
  for (const pareto_point &x : p) {
    if (x.series == s && x.m == 1.0) return x;
  }
  ADD_FAILURE() << "no point of width 1";
  return p[0];
}

TEST(ParetoCost, Width1ToEveryDigit) {
  const auto p = Points();
  const pareto_point &mostly = Width1(p, PARETO_MOSTLY4), &all4 = Width1(p, PARETO_ALL4),
                     &all8 = Width1(p, PARETO_ALL8);
  EXPECT_EQ(mostly.cost.quadratic, 71189921792);
  EXPECT_EQ(mostly.cost.linear, 16836984832);
  EXPECT_EQ(mostly.cost.memory, 110241280);
  EXPECT_EQ(Fixed(mostly.axis[PARETO_QUADRATIC], 7), "0.0680052");
  EXPECT_EQ(Fixed(mostly.axis[PARETO_LINEAR], 7), "0.2573402");
  EXPECT_EQ(Fixed(mostly.axis[PARETO_MEMORY], 7), "0.2701684");
  EXPECT_EQ(all4.cost.quadratic, 65426948096);
  EXPECT_EQ(all4.cost.memory, 102011648);
  EXPECT_EQ(all8.cost.quadratic, 261707792384);
  EXPECT_EQ(all8.cost.memory, 204023296);
  EXPECT_EQ(Width1(p, PARETO_BF16).cost.linear, 16 * all8.cost.macs);
}

TEST(ParetoCost, AccuraciesOfWidth1AreThePapers) {
  const auto p = Points();
  EXPECT_EQ(Width1(p, PARETO_MOSTLY4).top1, 77.09);
  EXPECT_EQ(Width1(p, PARETO_ALL8).top1, 77.43);
  EXPECT_EQ(Width1(p, PARETO_BF16).top1, 76.65);
}

// Cycles made up: `four` and `eight` for each unit of linear cost. Energy the other way round.
std::vector<pareto_point> WithCycles(double four, double eight) {
  auto p = Points();
  for (pareto_point &x : p) {
    if (x.series == PARETO_BF16) continue;
    const double rate = x.series == PARETO_ALL8 ? eight : four;
    x.modelled = {static_cast<uint64_t>(rate * x.axis[PARETO_LINEAR]), 1000, x.axis[PARETO_LINEAR] / rate};
  }
  pareto_fronts(p.data());
  return p;
}

TEST(ParetoFront, IsWhatNothingBeats) {
  auto p = Points();
  std::mt19937 rng(7);
  for (pareto_point &x : p) {
    x.top1 = 70 + static_cast<double>(rng() % 6);
    if (x.series != PARETO_BF16) x.modelled = {1 + rng() % 8, 1, 0.5 + static_cast<double>(rng() % 8)};
  }
  pareto_fronts(p.data());
  for (int a = 0; a < PARETO_AXES; a++) {
    for (int i = 0; i < PARETO_POINTS; i++) {
      bool best = !std::isnan(p[i].axis[a]);
      for (int k = 0; k < PARETO_POINTS; k++) {
        const bool no_worse = p[k].axis[a] <= p[i].axis[a] && p[k].top1 >= p[i].top1;
        const bool the_same = p[k].axis[a] == p[i].axis[a] && p[k].top1 == p[i].top1;
        best = best && !(no_worse && !the_same);
      }
      EXPECT_EQ(p[i].front >> a & 1, best ? 1u : 0u) << "axis " << a << " point " << i;
    }
  }
}

TEST(ParetoFront, LinearCostKeepsEveryMostly4BitPoint) {
  const auto p = WithCycles(1e6, 1e6);
  for (int i = 0; i < PARETO_WIDTHS; i++) EXPECT_TRUE(p[i].front >> PARETO_LINEAR & 1) << p[i].m;
}

std::string Verdict(const std::vector<pareto_point> &p, pareto_axis axis = PARETO_CYCLES) {
  char text[640];
  pareto_verdict(p.data(), axis, text, sizeof text);
  return text;
}

TEST(ParetoVerdict, FollowsTheCycles) {
  const auto cheap = WithCycles(1e7, 1e7);
  EXPECT_NE(Verdict(cheap).find("\"mostly 4-bit\" stays optimal:"), std::string::npos) << Verdict(cheap);
  EXPECT_NE(Verdict(cheap).find("takes 1.94 times fewer"), std::string::npos) << Verdict(cheap);
  const auto dear = WithCycles(1e9, 1e7);
  EXPECT_NE(Verdict(dear).find("\"mostly 4-bit\" does not stay optimal:"), std::string::npos) << Verdict(dear);
}

TEST(ParetoVerdict, FollowsTheEnergyWhereThatIsTheCost) {
  const auto dear = WithCycles(1e7, 1e9), cheap = WithCycles(1e9, 1e7);
  EXPECT_TRUE(Contains(Verdict(dear), "With cycles as the cost \"mostly 4-bit\" stays")) << Verdict(dear);
  EXPECT_TRUE(Contains(Verdict(dear, PARETO_ENERGY), "With energy as the cost \"mostly 4-bit\" does not stay"))
      << Verdict(dear, PARETO_ENERGY);
  EXPECT_TRUE(Contains(Verdict(cheap, PARETO_ENERGY), "\"mostly 4-bit\" stays optimal:"))
      << Verdict(cheap, PARETO_ENERGY);
  EXPECT_TRUE(Contains(Verdict(cheap, PARETO_ENERGY), "takes 194.30 times less energy"))
      << Verdict(cheap, PARETO_ENERGY);
}

struct Net {
  const char *name;
  tetra_network_options o;
};
void PrintTo(const Net &n, std::ostream *s) { *s << n.name; }

class Shapes : public ::testing::TestWithParam<Net> {};

// What a plan is made of does not depend on weights: the graph without them gives the same commands.
TEST_P(Shapes, PlanIsTheRealNetworks) {
  tetra_error err = {};
  tetra_graph real = {}, shapes = {};
  ASSERT_EQ(tetra_network_build(&GetParam().o, &real, &err), TETRA_OK) << err.msg;
  ASSERT_EQ(tetra_network_build_shapes(&GetParam().o, &shapes, &err), TETRA_OK) << err.msg;
  const tetra_caps caps = tetra_caps_default(16);
  tetra_compile_options c;
  tetra_compile_defaults(&c);
  tetra_plan a = {}, b = {};
  ASSERT_EQ(tetra_compile(&real, &caps, &c, &a, &err), TETRA_OK) << err.msg;
  ASSERT_EQ(tetra_compile(&shapes, &caps, &c, &b, &err), TETRA_OK) << err.msg;
  ASSERT_EQ(a.n_cmds, b.n_cmds);
  for (uint32_t i = 0; i < a.n_cmds; i++) {
    for (uint32_t w = 0; w < TETRA_CMD_WORDS; w++) {
      // Clamps and zero points are the ops', thresholds included; nothing of a command comes from weights.
      ASSERT_EQ(a.cmds[i].word[w], b.cmds[i].word[w]) << "command " << i << " word " << w;
    }
  }
  EXPECT_EQ(a.const_bytes, b.const_bytes);
  for (int i = 0; i < real.n_ops; i++) EXPECT_STREQ(real.ops[i].name, shapes.ops[i].name);
  tetra_plan_free(&a);
  tetra_plan_free(&b);
  tetra_graph_free(&real);
  tetra_graph_free(&shapes);
}

INSTANTIATE_TEST_SUITE_P(Networks, Shapes,
                         ::testing::Values(Net{"resnet50_w8a8", {"resnet50", TETRA_W8A8, 0.25, 1, 1, 64, 1, 128, 0}},
                                           Net{"resnet50_w4a4_init8_dense8",
                                               {"resnet50", TETRA_W4A4_INIT8_DENSE8, 0.25, 3, 2, 96, 1, 128, 0}},
                                           Net{"resnet18_w4a4_nofuse",
                                               {"resnet18", TETRA_W4A4, 0.25, 1, 1, 224, 0, 128, 0}},
                                           Net{"resnet34_w4a8", {"resnet34", TETRA_W4A8, 0.125, 1, 1, 64, 1, 128, 0}}),
                         [](const ::testing::TestParamInfo<Net> &i) { return i.param.name; });

TEST(ParetoShapes, RefusesWhatTheBuilderRefuses) {
  tetra_network_options o;
  tetra_network_defaults(&o);
  o.width = 0;
  tetra_graph g;
  tetra_error err = {};
  EXPECT_EQ(tetra_network_build_shapes(&o, &g, &err), TETRA_EINVAL);
  EXPECT_TRUE(Contains(err.msg, "width 0")) << err.msg;
}

TEST(ParetoPlot, SvgAndPngHaveALinePerPrecision) {
  if (!HaveGnuplot()) GTEST_SKIP() << "gnuplot is not installed";
  const auto p = WithCycles(1e7, 2e7);
  const std::string svg = TempName(".svg"), png = TempName(".png");
  pareto_options o = {};
  o.csv = "unused.csv";
  o.array = 16;
  o.mem = {16, 64};
  tetra_error err = {};
  o.plot = svg.c_str();
  ASSERT_EQ(pareto_plot(p.data(), &o, &err), TETRA_OK) << err.msg;
  const std::string text = ReadFile(svg);
  for (int s = 0; s < PARETO_SERIES; s++) {
    EXPECT_TRUE(Contains(text, std::string(">") + pareto_series_name(static_cast<pareto_series>(s)) + "<")) << s;
  }
  for (const char *m : {">0.62<", ">0.87<", ">1.75<"}) EXPECT_TRUE(Contains(text, m)) << m;
  o.plot = png.c_str();
  ASSERT_EQ(pareto_plot(p.data(), &o, &err), TETRA_OK) << err.msg;
  EXPECT_EQ(ReadFile(png).substr(1, 3), "PNG");
  std::remove(svg.c_str());
  std::remove(png.c_str());
}

using Table = std::vector<std::map<std::string, std::string>>;

Table ReadCsv(const std::string &path) {
  std::istringstream lines(ReadFile(path));
  std::string line, cell;
  std::vector<std::string> keys;
  Table t;
  while (std::getline(lines, line)) {
    std::istringstream cells(line);
    std::map<std::string, std::string> row;
    size_t k = 0;
    for (; std::getline(cells, cell, ','); k++) {
      if (t.empty() && keys.size() <= k && row.empty()) {
        keys.push_back(cell);
      } else if (k < keys.size()) {
        row[keys[k]] = cell;
      }
    }
    if (!row.empty()) t.push_back(row);
  }
  return t;
}

// All 27 networks through the cycle model, one through the RTL, in a place without gnuplot.
// With an energy table: millijoules are those that ./sim reports of the same network.
TEST(ParetoProgram, WithoutGnuplotCsvIsWrittenAndModelIsNearRtl) {
  const std::string table = TETRA_SOURCE_DIR "/tests/sim/run/energy_table.json";
  const std::string csv = TempName(".csv"), svg = TempName(".svg");
  const Outcome o = [&] {
    setenv("TETRA_PATH", std::getenv("PATH"), 1);
    setenv("PATH", "/nonexistent", 1);
    const Outcome r = RunSim("pareto --csv " + csv + " --plot " + svg +
                             " --rtl 0.5:w4a4 --quiet --mhz 500 --cost energy --energy " + table);
    setenv("PATH", std::getenv("TETRA_PATH"), 1);
    return r;
  }();
  EXPECT_EQ(o.code, 2) << o;
  EXPECT_TRUE(Contains(o.err, "gnuplot is not installed")) << o;
  struct stat st;
  EXPECT_NE(stat(svg.c_str(), &st), 0) << svg;
  const Table t = ReadCsv(csv);
  ASSERT_EQ(t.size(), static_cast<size_t>(PARETO_POINTS)) << ReadFile(csv);
  for (const auto &row : t) {
    const bool runs = row.at("precision") != "bf16";
    EXPECT_EQ(row.at("cycles") != "", runs) << row.at("precision") << row.at("m");
    if (!runs) continue;
    EXPECT_NEAR(std::stod(row.at("frames_per_s")), 5e8 / std::stod(row.at("cycles")), 1e-6);
    if (row.at("precision") != "w4a4" || row.at("m") != "0.5") continue;
    EXPECT_NEAR(std::stod(row.at("cycles")) / std::stod(row.at("rtl_cycles")), 1, 0.005) << o;
    EXPECT_EQ(row.at("dram_bytes"), row.at("rtl_dram_bytes")) << o;
    EXPECT_NEAR(std::stod(row.at("energy_mj")) / std::stod(row.at("rtl_energy_mj")), 1, 0.005) << o;
    const Outcome run = RunSim("resnet50 --width 0.5 --precision w4a4 --model --quiet --mhz 500 --energy " + table);
    char text[32];
    snprintf(text, sizeof text, " %.4g mJ an image", std::stod(row.at("energy_mj")));
    EXPECT_TRUE(Contains(run.out, text)) << run << text;
  }
  std::remove(csv.c_str());
}

struct Bad {
  const char *name, *arguments, *said;
};
void PrintTo(const Bad &b, std::ostream *s) { *s << b.arguments; }

class ParetoBadInput : public ::testing::TestWithParam<Bad> {};

TEST_P(ParetoBadInput, IsOneLineAndExitCode2) {
  const Outcome o = RunSim(std::string("pareto ") + GetParam().arguments);
  EXPECT_EQ(o.code, 2) << o;
  EXPECT_EQ(o.out, "") << o;
  EXPECT_EQ(std::count(o.err.begin(), o.err.end(), '\n'), 1) << o;
  EXPECT_TRUE(Contains(o.err, GetParam().said)) << o;
}

INSTANTIATE_TEST_SUITE_P(
    Options, ParetoBadInput,
    ::testing::Values(Bad{"csv_folder_missing", "--csv /nonexistent/p.csv", "'/nonexistent/p.csv'"},
                      Bad{"csv_empty", "--csv ''", "--csv"}, Bad{"plot_pdf", "--plot p.pdf", ".svg or .png"},
                      Bad{"plot_folder_missing", "--plot /nonexistent/p.svg", "'/nonexistent/p.svg'"},
                      Bad{"rtl_bf16", "--rtl 1:bf16", "'1:bf16'"}, Bad{"rtl_width", "--rtl 1.1:w8a8", "'1.1:w8a8'"},
                      Bad{"rtl_precision", "--rtl 1:w2a2", "'1:w2a2'"}, Bad{"rtl_empty", "--rtl 1:w8a8,", "''"},
                      Bad{"array_5", "--array 5", "'5'"}, Bad{"bandwidth_0", "--dram-bytes-per-cycle 0", "'0'"},
                      Bad{"latency_0", "--dram-latency 0", "'0'"}, Bad{"mhz_0", "--mhz 0", "'0'"},
                      Bad{"cost_area", "--cost area", "'area'"},
                      Bad{"cost_alone", "--cost energy", "--energy TABLE.json"},
                      Bad{"energy_missing", "--energy /nonexistent/e.json", "'/nonexistent/e.json'"},
                      Bad{"jobs_0", "--jobs 0", "'0'"}, Bad{"unknown", "--frob", "'--frob'"},
                      Bad{"argument", "resnet50", "'resnet50'"}),
    [](const ::testing::TestParamInfo<Bad> &i) { return i.param.name; });

}  // namespace
