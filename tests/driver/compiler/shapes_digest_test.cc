// Plans of some thousand random networks on machines whose buffers they nearly fill, bit for bit: most of them lie
// beside one of the compiler's bounds, so that another choice anywhere (a tile's rows, a band, passes, pieces, what is
// interleaved, who waits for whom, what lies where) is another number. Where a change is meant to choose otherwise,
// what it costs is told by cycle totals (../timing/pins.h) and the new numbers are entered here.
#include <gtest/gtest.h>

#include <cstring>
#include <ostream>
#include <string>

#include "plan_digest.h"
#include "shape_network.h"

namespace {

struct Planned {
  uint64_t digest;
  int plans, refusals;
};

// Plans of more commands are looked at once.
constexpr uint32_t kManyCommands = 10000;

// Adds a compilation: the plan, or why there is none. Returns the bytes between the first and the last that it uses, 0
// where there is nothing more to ask.
uint64_t AddCompiled(Planned *p, const tetra_graph &g, const tetra_caps &caps, uint64_t dram_size, int reuse) {
  tetra_compile_options o;
  tetra_compile_defaults(&o);
  o.dram_size = dram_size, o.reuse_memory = reuse, o.timing_only = 1;
  tetra_plan plan = {};
  tetra_error err = {};
  uint64_t used = 0;
  if (tetra_compile(&g, &caps, &o, &plan, &err) == TETRA_OK) {
    p->digest = AddPlan(p->digest, plan, false);
    p->plans++;
    used = plan.n_cmds > kManyCommands ? 0 : uint64_t{plan.limit} - plan.base + 1;
  } else {
    p->digest = tetra_hash(p->digest, &err.code, sizeof err.code);
    p->digest = tetra_hash(p->digest, err.msg, std::strlen(err.msg));
    p->refusals++;
  }
  tetra_plan_free(&plan);
  return used;
}

// A network in memory of all sizes: more than enough, what it takes, less.
void AddNetwork(Planned *p, Mix mix, unsigned seed) {
  tetra_graph g = {};
  ShapeNetwork network(mix, seed, &g);
  network.Build();
  const tetra_caps caps = network.Machine();
  const uint64_t all = AddCompiled(p, g, caps, uint64_t{1} << 30, 1);
  if (all > 0) {
    AddCompiled(p, g, caps, all, 0);
    AddCompiled(p, g, caps, all - TETRA_PAGE_BYTES, 1);
    AddCompiled(p, g, caps, all * static_cast<unsigned>(network.In(20, 99)) / 100, 1);
  }
  tetra_graph_free(&g);
}

constexpr int kBlocks = 8;

struct Family {
  const char *name;
  Mix mix;
  unsigned seeds;  // of a block
  uint64_t digests[kBlocks];
};

void PrintTo(const Family &p, std::ostream *s) { *s << p.name; }

class PlanDigestOfShapes : public testing::TestWithParam<Family> {};

TEST_P(PlanDigestOfShapes, IsTheSameOnEveryMachine) {
  Planned all = {0, 0, 0};
  for (unsigned block = 0; block < kBlocks; block++) {
    all.digest = TETRA_HASH_START;
    const unsigned first = block * GetParam().seeds;
    for (unsigned i = 0; i < GetParam().seeds; i++) AddNetwork(&all, GetParam().mix, first + i);
    EXPECT_EQ(all.digest, GetParam().digests[block]) << "seeds from " << first << " on";
  }
  EXPECT_GT(all.plans, all.refusals);
  EXPECT_GT(all.refusals, 0);
}

INSTANTIATE_TEST_SUITE_P(
    , PlanDigestOfShapes,
    testing::Values(Family{"chains",
                           Mix::kChain,
                           200,
                           {1801622937665308656u, 3329348637556347452u, 15632954060027218058u, 10005918771945221521u,
                            10509350173271002946u, 15249922615225296099u, 820132974395287295u, 5689659871224751039u}},
                    Family{"branches",
                           Mix::kBranches,
                           50,
                           {3904863566584054972u, 16979021062994236732u, 4910984071850395118u, 6489334902477186841u,
                            14053060370389800863u, 15510464123126060710u, 5730176099901297886u, 2590877586720471377u}},
                    Family{"groups",
                           Mix::kGroups,
                           50,
                           {12429544599409333511u, 6639575154737357337u, 8619303255286871159u, 11917216186905738826u,
                            17935068830904639589u, 15023862154119250181u, 2537212947232936326u, 5542604366131951150u}},
                    Family{"stems",
                           Mix::kStem,
                           50,
                           {3135660398551919309u, 3041539587104487012u, 7867866875236345904u, 13705336886297800567u,
                            13937385364173420771u, 14335487671747841835u, 14938181528310507801u, 5777369029252026321u}},
                    Family{"splits",
                           Mix::kWide,
                           50,
                           {5246643881875747617u, 8960984033230021767u, 15198243972801707516u, 9000522231544281226u,
                            12620756233963577119u, 14432084343317465634u, 10734883850092261449u, 3623609372701378952u}},
                    Family{
                        "lines",
                        Mix::kLines,
                        50,
                        {4443209741109126161u, 10263710857702379179u, 8222457952645331845u, 9331950053990685506u,
                         11177176077389928253u, 17047782270551835587u, 13552862620800952618u, 3573209542642131499u}}),
    [](const auto &i) { return std::string(i.param.name); });

}  // namespace
