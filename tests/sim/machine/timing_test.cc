// The cycle model against the RTL: the cycle in which each layer completes, and where the cycles went, must be the
// same.
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "built_sizes.h"
#include "machine/hal.h"
#include "machine/memory.h"
#include "machine/rtl_model.h"
#include "tetra/device.h"
#include "tetra/network.h"
#include "tetra/plan.h"
#include "tetra/timing.h"

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

// An accelerator with its memory, out of reset. Memory holds no weights: timing does not depend on data.
class Accelerator {
 public:
  explicit Accelerator(const Case &c) {
    tetra_compile_defaults(&options_);
    const tetra_mem_config cfg = {options_.dram_base, options_.dram_size, c.n, {c.rate, c.latency}, 0, 1};
    tetra_error err = {};
    EXPECT_EQ(tetra_mem_init(&mem_, &cfg, &err), TETRA_OK) << err.msg;
    EXPECT_EQ(rtl_model_create(&model_, c.n, 0, &mem_, &err), TETRA_OK) << err.msg;
    hal_.rtl = &model_;
    hal_.mem = &mem_;
    hal_.slice = 100000;
    tetra_hal hal;
    sim_hal_init(&hal, &hal_);
    EXPECT_EQ(tetra_device_init(&dev_, &hal, 1000000), TETRA_OK);
  }
  Accelerator(const Accelerator &) = delete;
  Accelerator &operator=(const Accelerator &) = delete;
  ~Accelerator() {
    rtl_model_destroy(&model_);
    tetra_mem_free(&mem_);
  }

  const tetra_caps &Caps() const { return dev_.caps; }
  const tetra_compile_options &Options() const { return options_; }
  void Run(const tetra_plan &p, std::vector<uint64_t> *completion, uint64_t counters[TETRA_CNT_NUM]) {
    const tetra_job job = {p.cmds, p.n_cmds, p.sync_tag, p.ring_addr, p.ring_entries, p.base, p.limit};
    tetra_fault fault = {};
    completion->assign(static_cast<size_t>(p.n_layers), 0);
    ASSERT_EQ(tetra_device_run(&dev_, &job, OnLayer, completion, &fault), TETRA_OK) << "cause " << fault.cause;
    tetra_device_counters(&dev_, counters);
  }

 private:
  static void OnLayer(void *arg, const tetra_layer_event *e) {
    static_cast<std::vector<uint64_t> *>(arg)->at(e->layer) = e->cycle;
  }

  tetra_compile_options options_ = {};
  tetra_mem mem_ = {};
  rtl_model model_ = {};
  sim_hal hal_ = {};
  tetra_device dev_ = {};
};

// Layers' completions, the total and the classes of cycles, RTL and model.
void ExpectEqual(Accelerator *rtl, const tetra_plan &plan, tetra_memory_params mem) {
  tetra_timing t = {};
  tetra_error err = {};
  ASSERT_EQ(tetra_timing_run(&plan, &mem, TETRA_TIMING_FAST, &t, &err), TETRA_OK) << err.msg;
  std::vector<uint64_t> completion;
  uint64_t counters[TETRA_CNT_NUM] = {};
  rtl->Run(plan, &completion, counters);
  for (int i = 0; i < plan.n_layers; i++) EXPECT_EQ(t.layers[i].completion, completion[i]) << "layer " << i;
  EXPECT_EQ(t.total, counters[TETRA_CNT_CYCLES]);
  for (uint32_t k = 0; k < TETRA_TIMING_CLASSES; k++) {
    EXPECT_EQ(t.classes[k], counters[TETRA_CNT_BUSY + k]) << tetra_counter_name(TETRA_CNT_BUSY + k);
  }
  tetra_timing_free(&t);
}

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
  Accelerator rtl(c);
  ASSERT_EQ(tetra_network_build_shapes(&o, &g, &err), TETRA_OK) << err.msg;
  ASSERT_EQ(tetra_compile(&g, &rtl.Caps(), &rtl.Options(), &plan, &err), TETRA_OK) << err.msg;
  ExpectEqual(&rtl, plan, {c.rate, c.latency});
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
      Accelerator rtl({n, "", TETRA_W8A8, 1, 32, 1, 1, n, 64});
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
      ExpectEqual(&rtl, plan, {n, 64});
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
