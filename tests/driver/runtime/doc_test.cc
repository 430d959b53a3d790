// Runs the code of docs/driver.md on the fake engine.
#include <gtest/gtest.h>

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <numeric>
#include <string>
#include <vector>

#include "engine.h"
#include "tetra/plan.h"

extern "C" {
int run_plan(struct tetra_device *dev, const struct tetra_plan *plan, int input_value, const struct tetra_tensor *image,
             int output_value, struct tetra_tensor *logits, struct tetra_error *err);

// Stand-ins for the hosted libraries, so that this test needs the runtime only: a tensor's bytes are its region's.
void tetra_plan_write_value(const struct tetra_plan *plan, int value, const struct tetra_tensor *t, uint8_t *region) {
  std::memcpy(region, t->data, plan->values[value].bytes);
}
void tetra_plan_read_value(const struct tetra_plan *plan, int value, struct tetra_tensor *t, const uint8_t *region) {
  std::memcpy(t->data, region, plan->values[value].bytes);
}
int tetra_fail(struct tetra_error *err, int code, const char *fmt, ...) {
  va_list args;
  va_start(args, fmt);
  std::vsnprintf(err->msg, sizeof err->msg, fmt, args);
  va_end(args);
  return err->code = code;
}
}

namespace {

constexpr uint32_t kConst = 0x10004000, kInput = 0x10005000, kOutput = 0x10006000;

std::vector<uint8_t> Bytes(size_t n, uint8_t first) {
  std::vector<uint8_t> bytes(n);
  std::iota(bytes.begin(), bytes.end(), first);
  return bytes;
}

// A plan around a FakeJob, with 48 bytes of constants, 32 of input and 16 of output.
struct FakePlan {
  FakeJob job{3};
  std::vector<uint8_t> consts = Bytes(48, 1), image = Bytes(32, 101), logits = std::vector<uint8_t>(16);
  tetra_placement values[2] = {{kInput, 32, TETRA_LAYOUT_ROWS, 32}, {kOutput, 16, TETRA_LAYOUT_BLOCKED, 0}};
  tetra_plan plan = {};
  tetra_tensor in = {}, out = {};
  FakePlan() {
    plan.base = 0x10000000;
    plan.limit = 0x100fffff;
    plan.ring_addr = job.job.ring_addr;
    plan.ring_entries = job.job.ring_entries;
    plan.cmds = job.cmds.data();
    plan.n_cmds = job.job.n_cmds;
    plan.sync_tag = job.job.sync_tag;
    plan.const_addr = kConst;
    plan.const_data = consts.data();
    plan.const_bytes = consts.size();
    plan.values = values;
    plan.n_values = 2;
    in.data = image.data();
    out.data = logits.data();
  }
};

TEST(DriverDoc, RunPlanUploadsRunsAndReadsBack) {
  FakeEngine engine;
  const tetra_hal hal = engine.Hal();
  tetra_device dev;
  ASSERT_EQ(tetra_device_init(&dev, &hal, 1000), TETRA_OK);
  FakePlan p;
  const std::vector<uint8_t> result = Bytes(16, 201);
  std::memcpy(engine.DeviceMemory(kOutput), result.data(), result.size());
  tetra_error err;
  EXPECT_EQ(run_plan(&dev, &p.plan, 0, &p.in, 1, &p.out, &err), TETRA_OK);
  EXPECT_EQ(engine.executed.size(), p.job.cmds.size());
  EXPECT_EQ(std::memcmp(engine.DeviceMemory(kConst), p.consts.data(), p.consts.size()), 0);
  EXPECT_EQ(std::memcmp(engine.DeviceMemory(kInput), p.image.data(), p.image.size()), 0);
  EXPECT_EQ(p.logits, result);
}

TEST(DriverDoc, RunPlanNamesTheFault) {
  FakeEngine engine;
  engine.fail_index = 4;
  engine.fail_cause = TETRA_ERR_AXI_READ;
  engine.fail_addr = 0x10004010;
  const tetra_hal hal = engine.Hal();
  tetra_device dev;
  ASSERT_EQ(tetra_device_init(&dev, &hal, 1000), TETRA_OK);
  FakePlan p;
  tetra_error err;
  EXPECT_EQ(run_plan(&dev, &p.plan, 0, &p.in, 1, &p.out, &err), TETRA_EHW);
  EXPECT_STREQ(err.msg, "the accelerator stopped at command 4, address 0x10004010: AXI error response to a data read");
}

}  // namespace
