// The figures of cycles in README.md and docs/ are those of the cycle model: whoever changes one has to change the
// other.
#include <algorithm>
#include <cstdint>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "figures.h"
#include "tetra/network.h"
#include "tetra/timing.h"

namespace {

std::vector<Pin> AllPins() {
  std::vector<Pin> pins(std::begin(kTable), std::end(kTable));
  pins.insert(pins.end(), std::begin(kOthers), std::end(kOthers));
  return pins;
}

uint64_t Pinned(const std::string &network, tetra_precision precision, uint32_t n = 16, int batch = 1, int fuse = 1) {
  for (const Pin &p : AllPins())
    if (p.network == network && p.precision == precision && p.n == n && p.rate == n && p.latency == 64 &&
        p.size == 224 && p.batch == batch && p.fuse == fuse)
      return p.cycles;
  ADD_FAILURE() << network << " is not pinned";
  return 0;
}

std::vector<std::string> Lines(const std::string &text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

uint64_t Number(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), ','), text.end());
  return std::stoull(text);
}

// The run that README.md shows, by the cycle model.
class Shown : public testing::Test {
 protected:
  void SetUp() override {
    tetra_network_options o;
    tetra_compile_options c;
    tetra_error err = {};
    tetra_network_defaults(&o);
    tetra_compile_defaults(&c);
    const tetra_caps caps = tetra_caps_default(16);
    const tetra_memory_params mem = {kRate, 64};
    ASSERT_EQ(tetra_network_build_shapes(&o, &g_, &err), TETRA_OK) << err.msg;
    ASSERT_EQ(tetra_compile(&g_, &caps, &c, &plan_, &err), TETRA_OK) << err.msg;
    ASSERT_EQ(tetra_timing_run(&plan_, &mem, TETRA_TIMING_FAST, &t_, &err), TETRA_OK) << err.msg;
  }
  void TearDown() override {
    tetra_timing_free(&t_);
    tetra_plan_free(&plan_);
    tetra_graph_free(&g_);
  }
  uint64_t Bytes(int i) const { return t_.layers[i].read_bytes + t_.layers[i].write_bytes; }
  // Least cycles of a layer: in the array (without multiplications the busy ones), and on the bus.
  uint64_t Bound(int i) const {
    const bool conv = g_.ops[i].kind == TETRA_CONV;
    const uint64_t array = conv ? static_cast<uint64_t>(plan_.layers[i].compute_bound) : t_.layers[i].busy;
    return std::max(array, (Bytes(i) + kRate - 1) / kRate);
  }
  static constexpr uint32_t kRate = 16;
  tetra_graph g_ = {};
  tetra_plan plan_ = {};
  tetra_timing t_ = {};
};

TEST_F(Shown, LayersTotalsAndCauses) {
  const std::string readme = ReadSource("README.md");
  std::set<uint64_t> known;
  auto expect = [&](const std::string &before, uint64_t number, const std::string &after) {
    EXPECT_NE(readme.find(before + Commas(number) + after), std::string::npos) << before << Commas(number) << after;
    known.insert(number);
  };
  // A layer: MACs, cycles, busy, bound, DRAM bytes.
  const std::regex row(R"(^ +(\d+) \S+ .* ([\d,]+) +([\d,]+) +([\d,]+) +([\d,]+) +(?:[\d.]+%|-) +([\d,]+) +yes.*$)");
  int rows = 0;
  for (const std::string &line : Lines(readme)) {
    std::smatch m;
    if (!std::regex_match(line, m, row)) continue;
    const int i = std::stoi(m[1]);
    ASSERT_LT(i, plan_.n_layers) << line;
    EXPECT_EQ(Number(m[3]), t_.layers[i].cycles) << line;
    EXPECT_EQ(Number(m[4]), t_.layers[i].busy) << line;
    EXPECT_EQ(Number(m[5]), Bound(i)) << line;
    EXPECT_EQ(Number(m[6]), Bytes(i)) << line;
    for (int k = 2; k <= 6; k++) known.insert(Number(m[k]));
    rows++;
  }
  EXPECT_EQ(rows, 7);
  uint64_t compute = 0, bound = 0, bytes = 0;
  for (int i = 0; i < plan_.n_layers; i++) {
    compute += static_cast<uint64_t>(plan_.layers[i].compute_bound);
    bound += Bound(i);
    bytes += Bytes(i);
  }
  expect("total    ", t_.cycles, " cycles; bounds: compute ");
  expect("bounds: compute ", compute, ", with each");
  expect("DRAM traffic ", bound, "\n");
  expect("DRAM ", bytes, " bytes, commands ");
  expect(" bytes, commands ", plan_.n_cmds * uint64_t{64}, " bytes\n");
  expect(std::to_string(plan_.n_cmds) + " commands, ", plan_.const_bytes, " bytes of weights");
  // The causes add up to the last layer's end, the counters to the SYNC's.
  for (uint32_t k = 0; k < TETRA_TIMING_CLASSES; k++) {
    const uint32_t counter = TETRA_CNT_BUSY + k;
    const uint64_t cycles = t_.classes[k] - (counter == TETRA_CNT_TAIL ? t_.total - t_.cycles : 0);
    const std::regex cause(std::string("      ") + tetra_counter_name(counter) + " +([\\d,]+) .*");
    int found = 0;
    for (const std::string &line : Lines(readme)) {
      std::smatch m;
      if (!std::regex_match(line, m, cause)) continue;
      found++;
      EXPECT_EQ(Number(m[1]), cycles) << line;
      known.insert(Number(m[1]));
    }
    EXPECT_EQ(found, cycles > 0) << tetra_counter_name(counter);
  }
  for (const Pin &p : AllPins()) known.insert(p.cycles);
  // What only the RTL can tell: MACs and saturated codes of that run, its clocks, cycles under stalls.
  for (const uint64_t n :
       {uint64_t{4089184256}, uint64_t{28015}, uint64_t{3485}, uint64_t{4626453}, uint64_t{4740098}, uint64_t{4740691}})
    known.insert(n);
  const std::regex number(R"(\d{1,3}(,\d{3})+)");
  for (std::sregex_iterator i(readme.begin(), readme.end(), number), end; i != end; ++i)
    EXPECT_EQ(known.count(Number(i->str())), 1u)
        << i->str() << " in README.md is no figure of the cycle model that is known here";
}

TEST(Figures, EveryRowOfTheReadmeIsPinned) {
  int rows = 0;
  for (const std::string &line : Lines(ReadSource("README.md"))) {
    if (line.rfind("| resnet", 0) != 0) continue;
    rows++;
    bool pinned = false;
    for (const Pin &p : AllPins()) pinned = pinned || line.rfind(ReadmeRow(p) + Commas(p.cycles) + " | ", 0) == 0;
    EXPECT_TRUE(pinned) << line;
  }
  EXPECT_GE(rows, 13);
}

// The tables of docs/performance.md and docs/systemc.md, and the totals that pages of docs/ repeat.
TEST(Figures, OfTheDocs) {
  const std::string performance = ReadSource("docs/performance.md"), systemc = ReadSource("docs/systemc.md");
  auto expect = [](const char *page, const std::string &text, const std::string &figure) {
    EXPECT_NE(text.find(figure), std::string::npos) << page << " has no '" << figure << "'";
  };
  for (const std::string name : {"18", "34", "50", "101", "152"}) {
    uint64_t c[4];
    const tetra_precision order[4] = {TETRA_W4A4_INIT8_DENSE8, TETRA_W4A4, TETRA_W4A8, TETRA_W8A8};
    for (int i = 0; i < 4; i++) c[i] = Pinned("resnet" + name, order[i]);
    auto millions = [&](int i) { return Decimals(static_cast<double>(c[i]) / 1e6, 3); };
    expect("docs/performance.md", performance, "| resnet" + name + " | " + millions(3) + " | ");
    expect("docs/performance.md", performance, " | " + millions(2) + " | " + millions(1) + " | " + millions(0) + " | ");
    // One more: the counter goes on to the SYNC.
    std::string row = "| ResNet-" + name;
    for (const uint64_t cycles : c) row += " | " + Commas(cycles + 1);
    expect("docs/systemc.md", systemc, row + " |\n");
  }
  for (const tetra_precision p : {TETRA_W4A4_INIT8_DENSE8, TETRA_W8A8}) {
    std::string row = std::string("| ") + tetra_precision_name(p);
    for (const int batch : {1, 4, 16})
      row += " | " + Commas((Pinned("resnet50", p, 16, batch) + static_cast<uint64_t>(batch) / 2) /
                            static_cast<uint64_t>(batch));
    expect("docs/performance.md", performance, row + " |\n");
  }
  const std::string small = Commas(Pinned("resnet50", TETRA_W4A4_INIT8_DENSE8));
  for (const char *page :
       {"docs/performance.md", "docs/systemc.md", "docs/first-hour.md", "docs/howto.md", "docs/hardware.md"})
    expect(page, ReadSource(page), small);
  expect(
      "docs/performance.md", performance,
      Commas(Pinned("resnet50", TETRA_W8A8, 32)) + " and " + Commas(Pinned("resnet50", TETRA_W4A4_INIT8_DENSE8, 32)));
  expect("docs/performance.md", performance, Commas(Pinned("resnet50", TETRA_W4A4_INIT8_DENSE8, 16, 1, 0)));
}

}  // namespace
