// Runs graphs on the Verilated accelerator and compares every tensor that reaches memory with the C model's.
#ifndef TETRA_TESTS_IMPORT_ACCELERATOR_H
#define TETRA_TESTS_IMPORT_ACCELERATOR_H

#include <cstring>
#include <sstream>
#include <string>
#include <vector>

#include "machine/hal.h"
#include "machine/memory.h"
#include "machine/rtl_model.h"
#include "tetra/device.h"
#include "tetra/plan.h"

class Accelerator {
 public:
  // "" or what went wrong. tensors: indexed by value, all filled by the C model.
  std::string Run(const tetra_graph &g, const std::vector<tetra_tensor> &tensors) {
    tetra_error err = {};
    tetra_compile_options c;
    tetra_compile_defaults(&c);
    c.reuse_memory = 0;
    if (!model_.self && !Start(c, &err)) return std::string("start: ") + err.msg;
    tetra_plan plan = {};
    std::string what;
    if (tetra_compile(&g, &dev_.caps, &c, &plan, &err) != TETRA_OK) {
      what = std::string("compile: ") + err.msg;
    } else {
      what = RunPlan(g, plan, tensors);
    }
    tetra_plan_free(&plan);
    return what;
  }
  ~Accelerator() {
    if (model_.self) rtl_model_destroy(&model_);
    if (mem_.bytes) tetra_mem_free(&mem_);
  }

 private:
  bool Start(const tetra_compile_options &c, tetra_error *err) {
    const unsigned n = rtl_model_size(0);
    const tetra_mem_config cfg = {c.dram_base, c.dram_size, n, {n, 20}, 0, 1};
    if (tetra_mem_init(&mem_, &cfg, err) != TETRA_OK || rtl_model_create(&model_, n, 0, &mem_, err) != TETRA_OK) {
      return false;
    }
    hal_ = {};
    hal_.rtl = &model_;
    hal_.mem = &mem_;
    hal_.slice = 1u << 20;
    tetra_hal hal;
    sim_hal_init(&hal, &hal_);
    return tetra_device_init(&dev_, &hal, 4000000u) == TETRA_OK;
  }
  uint8_t *Region(const tetra_plan &p, int v) {
    return static_cast<uint8_t *>(tetra_mem_map(&mem_, p.values[v].addr, p.values[v].bytes));
  }
  std::string RunPlan(const tetra_graph &g, const tetra_plan &p, const std::vector<tetra_tensor> &tensors) {
    void *constants = tetra_mem_map(&mem_, p.const_addr, p.const_bytes);
    if (constants == nullptr) return "constants outside of the memory";
    if (p.const_bytes != 0) std::memcpy(constants, p.const_data, p.const_bytes);
    tetra_plan_write_value(&p, g.input, &tensors[static_cast<size_t>(g.input)], Region(p, g.input));
    const tetra_job job = tetra_plan_job(&p);
    tetra_fault fault = {};
    const int rc = tetra_device_run(&dev_, &job, nullptr, nullptr, &fault);
    if (rc != TETRA_OK) return "the accelerator stopped: " + std::string(tetra_fault_name(fault.cause));
    for (int v = 0; v < g.n_values; v++) {
      if (v == g.input) continue;
      const std::string what = Compare(p, v, tensors[static_cast<size_t>(v)]);
      if (!what.empty()) return "value " + std::string(g.values[v].name) + " " + what;
    }
    return "";
  }
  std::string Compare(const tetra_plan &p, int v, const tetra_tensor &golden) {
    tetra_tensor t;
    if (tetra_tensor_init(&t, &golden.d, nullptr) != TETRA_OK) return "no memory";
    tetra_plan_read_value(&p, v, &t, Region(p, v));
    std::ostringstream what;
    for (int b = 0; b < t.d.n && what.tellp() == 0; b++)
      for (int y = 0; y < t.d.h && what.tellp() == 0; y++)
        for (int x = 0; x < t.d.w && what.tellp() == 0; x++)
          for (int c = 0; c < t.d.c && what.tellp() == 0; c++) {
            const int rtl = tetra_tensor_get(&t, b, y, x, c), want = tetra_tensor_get(&golden, b, y, x, c);
            if (rtl == want) continue;
            what << "differs at image " << b << ", y " << y << ", x " << x << ", channel " << c << ": RTL " << rtl
                 << ", C " << want;
          }
    tetra_tensor_free(&t);
    return what.str();
  }

  tetra_mem mem_ = {};
  rtl_model model_ = {};
  sim_hal hal_ = {};
  tetra_device dev_ = {};
};

#endif
