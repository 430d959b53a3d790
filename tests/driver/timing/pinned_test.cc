// Cycle totals of networks on memories, as the compiler of today schedules them: a schedule that is worse fails here,
// and one that is better is entered, with README.md and docs/performance.md, which have the same numbers.
#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "tetra/network.h"
#include "tetra/timing.h"

namespace {

struct Pin {
  const char *network;
  tetra_precision precision;
  uint32_t n, rate, latency;
  int size, batch, fuse;
  uint64_t cycles;
};

std::string Name(const ::testing::TestParamInfo<Pin> &i) {
  const Pin &p = i.param;
  std::string name = std::string(p.network) + "_" + tetra_precision_name(p.precision) + "_" + std::to_string(p.n) +
                     "x" + std::to_string(p.n) + "_rate" + std::to_string(p.rate) + "_latency" +
                     std::to_string(p.latency) + "_" + std::to_string(p.size) + "px_batch" + std::to_string(p.batch) +
                     (p.fuse ? "" : "_unfused");
  for (char &ch : name) ch = ch == '-' ? '_' : ch;
  return name;
}

void PrintTo(const Pin &p, std::ostream *s) { *s << Name({p, 0}); }

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
  tetra_timing_free(&t);
  tetra_plan_free(&plan);
  tetra_graph_free(&g);
}

const Pin kTable[] = {
    {"resnet18", TETRA_W8A8, 16, 16, 64, 224, 1, 1, 7163311},
    {"resnet18", TETRA_W4A8, 16, 16, 64, 224, 1, 1, 3851728},
    {"resnet18", TETRA_W4A4, 16, 16, 64, 224, 1, 1, 1869489},
    {"resnet18", TETRA_W4A4_INIT8_DENSE8, 16, 16, 64, 224, 1, 1, 2202394},
    {"resnet34", TETRA_W8A8, 16, 16, 64, 224, 1, 1, 14388655},
    {"resnet34", TETRA_W4A8, 16, 16, 64, 224, 1, 1, 7464400},
    {"resnet34", TETRA_W4A4, 16, 16, 64, 224, 1, 1, 3678045},
    {"resnet34", TETRA_W4A4_INIT8_DENSE8, 16, 16, 64, 224, 1, 1, 4010950},
    {"resnet50", TETRA_W8A8, 16, 16, 64, 224, 1, 1, 16161722},
    {"resnet50", TETRA_W4A8, 16, 16, 64, 224, 1, 1, 8422980},
    {"resnet50", TETRA_W4A4, 16, 16, 64, 224, 1, 1, 4260507},
    {"resnet50", TETRA_W4A4_INIT8_DENSE8, 16, 16, 64, 224, 1, 1, 4625678},
    {"resnet101", TETRA_W8A8, 16, 16, 64, 224, 1, 1, 30692285},
    {"resnet101", TETRA_W4A8, 16, 16, 64, 224, 1, 1, 15703383},
    {"resnet101", TETRA_W4A4, 16, 16, 64, 224, 1, 1, 7905426},
    {"resnet101", TETRA_W4A4_INIT8_DENSE8, 16, 16, 64, 224, 1, 1, 8270597},
    {"resnet152", TETRA_W8A8, 16, 16, 64, 224, 1, 1, 45215860},
    {"resnet152", TETRA_W4A8, 16, 16, 64, 224, 1, 1, 22976734},
    {"resnet152", TETRA_W4A4, 16, 16, 64, 224, 1, 1, 11590493},
    {"resnet152", TETRA_W4A4_INIT8_DENSE8, 16, 16, 64, 224, 1, 1, 11955664},
};

const Pin kOthers[] = {
    {"resnet50", TETRA_W4A4_INIT8_DENSE8, 32, 32, 64, 224, 1, 1, 1534809},
    {"resnet50", TETRA_W8A8, 32, 32, 64, 224, 1, 1, 4091333},
    {"resnet50", TETRA_W4A4_INIT8_DENSE8, 16, 8, 64, 224, 1, 1, 6140011},
    {"resnet50", TETRA_W4A4_INIT8_DENSE8, 16, 16, 64, 224, 1, 0, 5720097},
    {"resnet50", TETRA_W4A4_INIT8_DENSE8, 16, 16, 64, 224, 4, 1, 17977098},
    {"resnet50", TETRA_W8A8, 16, 16, 64, 224, 4, 1, 64307638},
    {"resnet50", TETRA_W4A4_INIT8_DENSE8, 16, 16, 64, 224, 16, 1, 71504509},
    {"resnet50", TETRA_W8A8, 16, 16, 64, 224, 16, 1, 256687142},
    {"resnet18", TETRA_W4A4_INIT8_DENSE8, 8, 8, 64, 224, 1, 1, 8603682},
    {"resnet18", TETRA_W4A8, 4, 2, 200, 64, 2, 1, 10584785},
    {"resnet34", TETRA_W4A4, 32, 16, 64, 224, 1, 1, 1321637},
    {"resnet50", TETRA_W8A8, 8, 4, 64, 224, 1, 1, 64974377},
    {"resnet50", TETRA_W4A4, 64, 64, 20, 224, 1, 1, 740969},
    {"resnet101", TETRA_W4A8, 16, 24, 100, 128, 1, 1, 5319785},
    {"resnet101", TETRA_W4A4_INIT8_DENSE8, 32, 64, 64, 224, 2, 0, 5439639},
    {"resnet152", TETRA_W4A4, 8, 4, 64, 224, 1, 1, 46458827},
};

INSTANTIATE_TEST_SUITE_P(PerformanceTable, Pinned, ::testing::ValuesIn(kTable), Name);
INSTANTIATE_TEST_SUITE_P(OtherMemories, Pinned, ::testing::ValuesIn(kOthers), Name);

}  // namespace
