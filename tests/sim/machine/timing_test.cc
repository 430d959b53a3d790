// The cycle model against the RTL: the cycle in which each layer completes, and where the cycles went, must be the
// same.
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "accelerator.h"
#include "built_sizes.h"
#include "tetra/network.h"

namespace {

struct Case {
  unsigned n;
  const char *network;
  tetra_precision precision;
  double width;
  int size, batch, fuse;
  uint32_t rate, latency;
};

std::string Name(const ::testing::TestParamInfo<Case> &i) {
  const Case &c = i.param;
  std::string name = std::string(c.network) + "_" + tetra_precision_name(c.precision) + "_" + std::to_string(c.n) +
                     "x" + std::to_string(c.n) + "_width" + std::to_string(static_cast<int>(100 * c.width)) + "_" +
                     std::to_string(c.size) + "px_batch" + std::to_string(c.batch) + (c.fuse ? "" : "_unfused") +
                     "_rate" + std::to_string(c.rate) + "_latency" + std::to_string(c.latency);
  for (char &ch : name) ch = ch == '-' ? '_' : ch;
  return name;
}

void PrintTo(const Case &c, std::ostream *s) { *s << Name({c, 0}); }

class CycleModel : public ::testing::TestWithParam<Case> {};

TEST_P(CycleModel, GivesEachLayersCompletionAsTheRtlLogsIt) {
  const Case &c = GetParam();
  tetra_network_options o;
  tetra_graph g = {};
  tetra_plan plan = {};
  tetra_error err = {};
  tetra_network_defaults(&o);
  o.network = c.network;
  o.precision = c.precision;
  o.width = c.width;
  o.image_size = c.size;
  o.batch = c.batch;
  o.fuse = c.fuse;
  Accelerator rtl(c.n, {c.rate, c.latency});
  ASSERT_EQ(tetra_network_build_shapes(&o, &g, &err), TETRA_OK) << err.msg;
  ASSERT_EQ(tetra_compile(&g, &rtl.Caps(), &rtl.Options(), &plan, &err), TETRA_OK) << err.msg;
  ExpectEqualCycles(&rtl, plan, {c.rate, c.latency});
  tetra_plan_free(&plan);
  tetra_graph_free(&g);
}

void Set(tetra_cmd *c, const std::vector<std::pair<tetra_field, uint32_t>> &fields) {
  for (const auto &f : fields) tetra_cmd_set(c, f.first, f.second);
}

// No network packs an image while residuals are read: here a PACK, which reads the residual buffer in three of four
// cycles, goes beside a STORE with a residual and one without. What is in the buffers does not matter.
TEST(CycleModelOfCommands, PackBesideResiduals) {
  for (const unsigned n : BuiltSizes()) {
    for (const uint32_t form : {0u, 1u}) {
      SCOPED_TRACE(std::to_string(n) + "x" + std::to_string(n) + " residual form " + std::to_string(form));
      Accelerator rtl(n, {n, 64});
      tetra_cmd cmds[3] = {};
      const uint32_t base = rtl.Options().dram_base;
      Set(&cmds[0], {{TETRA_F_OP, TETRA_OP_PACK},
                     {TETRA_F_PACK_PITCH, 64 / n},
                     {TETRA_F_PACK_DST_STRIDE, 128},
                     {TETRA_F_PACK_RING_ROWS, 8},
                     {TETRA_F_PACK_KH, 3},
                     {TETRA_F_PACK_SEG, n},
                     {TETRA_F_PACK_XSTEP, 1},
                     {TETRA_F_PACK_ROW_ELEMS, 64},
                     {TETRA_F_PACK_H, 8},
                     {TETRA_F_PACK_OY, 4},
                     {TETRA_F_PACK_OX, 32},
                     {TETRA_F_PACK_SY, 1}});
      Set(&cmds[1], {{TETRA_F_OP, TETRA_OP_STORE},
                     {TETRA_F_STORE_PIXELS, 100},
                     {TETRA_F_STORE_SEG_BEATS, 100},
                     {TETRA_F_STORE_OUT0_ADDR, base},
                     {TETRA_F_STORE_RES_FORM, form},
                     {TETRA_F_STORE_LAST, 1}});
      Set(&cmds[2], {{TETRA_F_OP, TETRA_OP_SYNC}, {TETRA_F_SYNC_TAG, 1}});
      tetra_plan_layer layer = {};
      tetra_plan plan = {};
      plan.caps = rtl.Caps();
      plan.base = base, plan.limit = base + 0xfffff;
      plan.ring_addr = base + 0x80000, plan.ring_entries = 8;
      plan.cmds = cmds, plan.n_cmds = 3, plan.sync_tag = 1;
      plan.layers = &layer, plan.n_layers = 1;
      ExpectEqualCycles(&rtl, plan, {n, 64});
    }
  }
}

// Every array size of this build, every precision; bandwidths from an eighth of a beat to more than the array can use.
std::vector<Case> Cases() {
  std::vector<Case> cases;
  for (const unsigned n : BuiltSizes()) {
    const double w = n < 16 ? 0.25 : 0.5;
    cases.push_back({n, "resnet18", TETRA_W8A8, w, 32, 1, 1, n, 64});
    cases.push_back({n, "resnet18", TETRA_W8A8, w, 48, 1, 0, n / 2, 64});
    cases.push_back({n, "resnet18", TETRA_W4A8, w, 32, 3, 1, 2 * n, 1});
    cases.push_back({n, "resnet18", TETRA_W4A4, w, 48, 1, 1, n / 4 + 1, 200});
    cases.push_back({n, "resnet18", TETRA_W4A4, w, 32, 2, 0, n, 33});
    cases.push_back({n, "resnet50", TETRA_W4A4_INIT8_DENSE8, w, 48, 1, 1, n, 64});
    cases.push_back({n, "resnet50", TETRA_W4A4_INIT8_DENSE8, w, 32, 1, 0, n + n / 2, 9});
    cases.push_back({n, "resnet50", TETRA_W4A8, w, 32, 2, 1, n / 2, 64});
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Rtl, CycleModel, ::testing::ValuesIn(Cases()), Name);

}  // namespace
