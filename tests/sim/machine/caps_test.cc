// The capabilities that ./sim --model and the compiler's users assume are those in the registers of every RTL built.
#include <string>

#include <gtest/gtest.h>

#include "built_sizes.h"
#include "cli/hardware.h"
#include "machine/hal.h"
#include "machine/memory.h"
#include "machine/rtl_model.h"
#include "tetra/device.h"

namespace {

class DefaultCaps : public ::testing::TestWithParam<unsigned> {};

TEST_P(DefaultCaps, AreTheRegisters) {
  const unsigned n = GetParam();
  const tetra_mem_config cfg = {0, 1 << 16, n, {n, 1}, 0, 0};
  tetra_mem mem = {};
  rtl_model model = {};
  tetra_error err = {};
  ASSERT_EQ(tetra_mem_init(&mem, &cfg, &err), TETRA_OK) << err.msg;
  ASSERT_EQ(rtl_model_create(&model, n, 0, &mem, &err), TETRA_OK) << err.msg;
  sim_hal sim = {};
  sim.rtl = &model;
  sim.mem = &mem;
  sim.slice = 1;
  tetra_hal hal;
  tetra_device dev;
  sim_hal_init(&hal, &sim);
  EXPECT_EQ(tetra_device_init(&dev, &hal, 1), TETRA_OK);
  const tetra_caps caps = sim_build_caps(n);
  EXPECT_EQ(caps.n, dev.caps.n);
  EXPECT_EQ(caps.act_words, dev.caps.act_words);
  EXPECT_EQ(caps.wgt_words, dev.caps.wgt_words);
  EXPECT_EQ(caps.res_words, dev.caps.res_words);
  EXPECT_EQ(caps.par_entries, dev.caps.par_entries);
  EXPECT_EQ(caps.acc_pixels, dev.caps.acc_pixels);
  EXPECT_EQ(caps.max_layers, dev.caps.max_layers);
  EXPECT_EQ(caps.pool_words, dev.caps.pool_words);
  rtl_model_destroy(&model);
  tetra_mem_free(&mem);
}

INSTANTIATE_TEST_SUITE_P(Array, DefaultCaps, ::testing::ValuesIn(BuiltSizes()),
                         [](const auto &i) { return std::to_string(i.param) + "x" + std::to_string(i.param); });

}  // namespace
