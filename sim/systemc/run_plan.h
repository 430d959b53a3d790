// A compiled network through the driver, from constants to result, for programs of driver_thread.h. Link
// tetra::compiler and tetra::runtime.
#ifndef TETRA_SYSTEMC_RUN_PLAN_H
#define TETRA_SYSTEMC_RUN_PLAN_H

#include <cstdint>
#include <cstring>

#include "tetra/device.h"
#include "tetra/plan.h"
#include "tetra/tensor.h"

namespace tetra {

/// Runs *plan, whose input is the graph's value `input`, with *image, and puts what it has for the value `output` into
/// *result, a tensor of that value's description. Returns TETRA_OK, else *err says why.
inline int RunPlan(const tetra_hal &hal, const tetra_plan &plan, int input, const tetra_tensor &image, int output,
                   tetra_tensor *result, tetra_error *err) {
  constexpr uint32_t kTimeoutUs = 20000;  // without a sign of life
  const tetra_placement &in = plan.values[input], &out = plan.values[output];
  auto *const constants = static_cast<uint8_t *>(hal.map(hal.ctx, plan.const_addr, plan.const_bytes));
  auto *const from = static_cast<uint8_t *>(hal.map(hal.ctx, in.addr, in.bytes));
  auto *const to = static_cast<uint8_t *>(hal.map(hal.ctx, out.addr, out.bytes));
  if (constants == nullptr || from == nullptr || to == nullptr)
    return tetra_fail(err, TETRA_EINVAL, "the plan lies outside of the memory");
  tetra_device dev;
  int status = tetra_device_init(&dev, &hal, kTimeoutUs);
  if (status != TETRA_OK) return tetra_fail(err, status, "no Tetra answers");
  if (std::memcmp(&dev.caps, &plan.caps, sizeof dev.caps) != 0)
    return tetra_fail(err, TETRA_EINVAL, "the plan is for another accelerator");
  std::memcpy(constants, plan.const_data, plan.const_bytes);
  hal.sync(hal.ctx, plan.const_addr, plan.const_bytes, 1);
  tetra_plan_write_value(&plan, input, &image, from);
  hal.sync(hal.ctx, in.addr, in.bytes, 1);
  const tetra_job job = tetra_plan_job(&plan);
  tetra_fault fault = {};
  status = tetra_device_run(&dev, &job, nullptr, nullptr, &fault);
  if (status != TETRA_OK)
    return tetra_fail(err, status, "the accelerator stopped at command %u, address 0x%08x: %s", fault.index, fault.addr,
                      tetra_fault_name(fault.cause));
  hal.sync(hal.ctx, out.addr, out.bytes, 0);
  tetra_plan_read_value(&plan, output, result, to);
  return TETRA_OK;
}

}  // namespace tetra

#endif
