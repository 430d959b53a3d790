// The Verilated accelerator with its memory, for tests that compare it with the cycle model.
#ifndef TETRA_TESTS_SIM_ACCELERATOR_H
#define TETRA_TESTS_SIM_ACCELERATOR_H

#include <vector>

#include <gtest/gtest.h>

#include "machine/hal.h"
#include "machine/memory.h"
#include "machine/rtl_model.h"
#include "tetra/device.h"
#include "tetra/plan.h"
#include "tetra/timing.h"

// An accelerator of side n with its memory, out of reset.
class Accelerator {
 public:
  // stall: how often each channel of the bus is held back, and the seed of it.
  Accelerator(unsigned n, tetra_memory_params mem, double stall = 0, uint64_t seed = 1) {
    tetra_compile_defaults(&options_);
    const tetra_mem_config cfg = {options_.dram_base, options_.dram_size, n, mem, stall, seed};
    tetra_error err = {};
    EXPECT_EQ(tetra_mem_init(&mem_, &cfg, &err), TETRA_OK) << err.msg;
    EXPECT_EQ(rtl_model_create(&model_, n, 0, &mem_, &err), TETRA_OK) << err.msg;
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
  uint8_t *Memory(uint32_t addr, uint32_t bytes) { return static_cast<uint8_t *>(tetra_mem_map(&mem_, addr, bytes)); }
  void Run(const tetra_plan &p, std::vector<uint64_t> *completion, uint64_t counters[TETRA_CNT_NUM]) {
    const tetra_job job = tetra_plan_job(&p);
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

// Layers' completions, the total and the classes of cycles, RTL and model. Data do not matter to timing, so memory may
// hold none.
inline void ExpectEqualCycles(Accelerator *rtl, const tetra_plan &plan, tetra_memory_params mem) {
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

#endif
