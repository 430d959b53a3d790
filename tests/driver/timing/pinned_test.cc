// Cycle totals of networks on memories: a schedule that is worse fails here, and one that is better is entered in
// pins.h, with README.md and docs/, which must have the same numbers.
#include <string>

#include <gtest/gtest.h>

#include "figures.h"
#include "pins.h"
#include "tetra/network.h"
#include "tetra/timing.h"

namespace {

class Pinned : public ::testing::TestWithParam<Pin> {};

TEST_P(Pinned, Cycles) {
  const Pin &p = GetParam();
  tetra_network_options o;
  tetra_compile_options c;
  tetra_graph g = {};
  tetra_plan plan = {};
  tetra_timing t = {};
  tetra_error err = {};
  tetra_network_defaults(&o);
  tetra_compile_defaults(&c);
  o.network = p.network, o.precision = p.precision, o.image_size = p.size, o.batch = p.batch, o.fuse = p.fuse;
  const tetra_caps caps = tetra_caps_default(p.n);
  const tetra_memory_params mem = {p.rate, p.latency};
  EXPECT_EQ(tetra_network_build_shapes(&o, &g, &err), TETRA_OK) << err.msg;
  EXPECT_EQ(tetra_compile(&g, &caps, &c, &plan, &err), TETRA_OK) << err.msg;
  EXPECT_EQ(tetra_timing_run(&plan, &mem, TETRA_TIMING_FAST, &t, &err), TETRA_OK) << err.msg;
  EXPECT_EQ(t.cycles, p.cycles);
  // Its row in README.md, if it has one: cycles, bound and traffic.
  const std::string readme = ReadSource("README.md"), row = ReadmeRow(p);
  if (const size_t at = readme.find("\n" + row); at != std::string::npos) {
    double bound = 0, bytes = 0;
    for (int i = 0; i < plan.n_layers; i++) {
      bound += static_cast<double>(plan.layers[i].compute_bound);
      bytes += static_cast<double>(t.layers[i].read_bytes + t.layers[i].write_bytes);
    }
    const std::string line = readme.substr(at + 1, readme.find('\n', at + 1) - at - 1);
    EXPECT_EQ(line.rfind(row + Commas(t.cycles) + " | " + Decimals(bound / 1e6, 3) + " M | ", 0), 0u) << line;
    EXPECT_NE(line.find(" | " + Decimals(bytes / 1e6, 1) + " MB | "), std::string::npos) << line << "\n" << bytes;
  }
  tetra_timing_free(&t);
  tetra_plan_free(&plan);
  tetra_graph_free(&g);
}

INSTANTIATE_TEST_SUITE_P(PerformanceTable, Pinned, ::testing::ValuesIn(kTable), PinName);
INSTANTIATE_TEST_SUITE_P(OtherMemories, Pinned, ::testing::ValuesIn(kOthers), PinName);

}  // namespace
