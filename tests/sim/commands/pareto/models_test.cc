// ./sim pareto --models: the user's own networks.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <utility>

#include "../small_network.h"
#include "commands/pareto/trained.h"
#include "program.h"

namespace {

// Beaten clearly, nearly, by something of the same accuracy, not at all; without a cost.
TEST(ParetoTrained, FrontsKnowTheStandardError) {
  const auto at = [](double cycles, double bytes, double top1) {
    pareto_trained t = {};
    t.top1 = top1;
    t.error = 0.01;
    for (double &c : t.cost) c = NAN;
    t.cost[PARETO_BY_CYCLES] = cycles;
    t.cost[PARETO_BY_BYTES] = bytes;
    return t;
  };
  pareto_trained t[] = {at(10, 9, 0.5), at(20, 8, 0.45), at(20, 7, 0.49),
                        at(11, 6, 0.5), at(30, 5, 0.7),  at(NAN, 4, 0.4)};
  pareto_trained_fronts(t, 6);
  const unsigned cycles = 1u << PARETO_BY_CYCLES, bytes = 1u << PARETO_BY_BYTES;
  const unsigned front[] = {cycles, 0, 0, 0, cycles | bytes, bytes}, near[] = {0, 0, cycles, cycles, 0, 0};
  for (int i = 0; i < 6; i++) {
    EXPECT_EQ(t[i].front, front[i]) << i;
    EXPECT_EQ(t[i].near, near[i]) << i;
  }
}

class SimParetoModels : public SmallNetwork {
 protected:
  void SetUp() override {
    SmallNetwork::SetUp();
    std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (12,), }";
    header.resize(117, ' ');
    Write("y.npy", std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + "\n" + std::string(12, '\x02'));
  }
  std::string Images() const { return " --input " + In("x.npy") + " --labels " + In("y.npy"); }
};

TEST_F(SimParetoModels, accuracy_is_that_of_the_run_and_cycles_are_the_models) {
  const std::string files[] = {Quantize("--precision w8a8", "a_8.onnx"), Quantize("--precision w4a4", "a_4.onnx")};
  const Outcome o = RunSim("pareto --models '" + In("a_*.onnx") + "'" + Images() + " --csv " + In("t.csv") +
                           " --no-plot --jobs 1 --quiet");
  ASSERT_EQ(o.code, 0) << o;
  const std::string csv = ReadFile(In("t.csv"));
  for (const std::string &file : files) {
    const Outcome run = RunSim(file + Images() + " --backend cmodel");
    const size_t at = run.out.find("% (");
    ASSERT_NE(at, std::string::npos) << run;
    const std::string right = run.out.substr(at + 3, run.out.find(' ', at + 3) - at - 3);
    const size_t line = csv.find("\"" + file + "\"");
    ASSERT_NE(line, std::string::npos) << csv;
    const std::string want = "," + right + ",12," + std::to_string(static_cast<long>(Cycles(file))) + ",";
    EXPECT_TRUE(Contains(csv.substr(line, csv.find('\n', line) - line), want)) << want << "\n" << csv;
  }
  EXPECT_TRUE(Contains(o.out, "networks 2 of")) << o;
  EXPECT_TRUE(Contains(csv, ",1\n")) << csv;
}

// By energy: millijoules are those of a run with the same table, and decide what is optimal.
TEST_F(SimParetoModels, energy_is_that_of_the_run) {
  const std::string net = Quantize("--precision w8a8", "e_8.onnx");
  const std::string table = " --energy " TETRA_SOURCE_DIR "/tests/sim/run/energy_table.json";
  const Outcome o = RunSim("pareto --models '" + net + "'" + Images() + table + " --cost energy --limit 1 --csv " +
                           In("t.csv") + " --no-plot --jobs 1 --quiet");
  ASSERT_EQ(o.code, 0) << o;
  const std::string csv = ReadFile(In("t.csv"));
  ASSERT_TRUE(Contains(csv, ",mhz,frames_per_s,energy_mj,pareto\n")) << csv;
  ASSERT_TRUE(Contains(csv, ",100,")) << csv;  // the table's clock
  const std::string mj = csv.substr(0, csv.rfind(','));
  char text[32];
  snprintf(text, sizeof text, " %.4g mJ an image", std::stod(mj.substr(mj.rfind(',') + 1)));
  const Outcome run = RunSim(net + table + " --model --quiet");
  EXPECT_TRUE(Contains(run.out, text)) << run << text;
}

// A point for each network, with its file's name, those that are optimal and the others.
TEST_F(SimParetoModels, networks_are_drawn) {
  if (!HaveGnuplot()) GTEST_SKIP() << "gnuplot is not installed";
  Quantize("--precision w8a8", "a_8.onnx");
  Quantize("--precision w4a4", "a_4.onnx");
  const Outcome o = RunSim("pareto --models '" + In("a_*.onnx") + "'" + Images() + " --limit 4 --csv " + In("t.csv") +
                           " --plot " + In("t.svg") + " --jobs 2");
  ASSERT_EQ(o.code, 0) << o;
  EXPECT_TRUE(Contains(o.out, In("t.csv") + ", " + In("t.svg"))) << o;
  const std::string csv = ReadFile(In("t.csv")), svg = ReadFile(In("t.svg"));
  EXPECT_TRUE(Contains(svg, ">million cycles")) << svg;
  for (const char *name : {"a_8.onnx", "a_4.onnx"}) EXPECT_TRUE(Contains(svg, std::string(">") + name + "<")) << name;
  EXPECT_TRUE(Contains(svg, ">optimal<")) << svg;
  EXPECT_EQ(Contains(svg, ">others<"), Contains(csv, ",0\n")) << csv;
}

TEST_F(SimParetoModels, bad_input_is_one_line_and_no_file) {
  const std::string csv = " --csv " + In("t.csv") + " --no-plot --quiet", net = "'" + In("net.onnx") + "'";
  const std::pair<std::string, std::string> cases[] = {
      {"--models '" + In("b_*.onnx") + "'" + Images() + csv, "no file is named"},
      {"--models " + net + csv, "--models needs --input"},
      {"--labels y.npy" + csv, "with --models and --supernet only"},
      {"--input y.npy" + csv, "with --models only"},
      {"--models " + net + Images() + " --rtl 1:w8a8" + csv, "--rtl"},
      {"--models " + net + Images() + " --limit 0" + csv, "'0'"},
      {"--models " + net + " --labels " + In("y.npy") + " --input " + In("none.npy") + csv, "net.onnx"}};
  for (const auto &c : cases) {
    const Outcome o = RunSim("pareto " + c.first);
    EXPECT_EQ(o.code, 2) << o;
    EXPECT_TRUE(Contains(o.err, c.second)) << o;
    EXPECT_FALSE(fs::exists(In("t.csv"))) << o;
  }
}

}  // namespace
