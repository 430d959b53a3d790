// Virtual platforms for tests, one for each engine, in one SystemC simulation: which is one process and cannot be
// restarted, so the tests run inside it, as its software.
#ifndef TETRA_TESTS_SYSTEMC_PLATFORMS_H
#define TETRA_TESTS_SYSTEMC_PLATFORMS_H

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "systemc/platform/native_cpu.h"
#include "systemc/platform/platform.h"
#include "tetra/device.h"
#include "tetra/exec.h"
#include "tetra/network.h"
#include "tetra/plan.h"
#include "tetra/quantize.h"
#include "tetra/timing.h"

namespace tetra_test {

using tetra::TlmEngine;

constexpr uint32_t kArray = 4;
constexpr tetra_memory_params kMemory = {kArray, 64};
constexpr uint32_t kTimeoutUs = 20000;

inline const char *EngineName(TlmEngine e) { return e == TlmEngine::kRtl ? "rtl" : e == TlmEngine::kAt ? "at" : "lt"; }

/// A platform with its processor, which has no program of its own.
struct System {
  tetra::Platform platform;
  tetra::NativeCpu cpu;
  std::vector<std::unique_ptr<tetra::NativeDevice>> devices;
  System(const std::string &name, TlmEngine engine, unsigned accelerators)
      : platform(name.c_str(), Config(engine, accelerators)),
        cpu((name + "_cpu").c_str(), &platform.dram, TETRA_VP_DRAM_BASE, nullptr) {
    platform.Attach(cpu);
    cpu.irq.bind(platform.irq[0]);
    for (unsigned i = 0; i < accelerators; i++) {
      devices.push_back(std::make_unique<tetra::NativeDevice>());
      *devices.back() = {&cpu, tetra::Platform::TetraBase(i), &platform.irq[i], false};
    }
  }
  static tetra::PlatformConfig Config(TlmEngine engine, unsigned accelerators) {
    tetra::PlatformConfig c;
    c.tetra.engine = engine;
    c.tetra.caps = tetra_caps_default(kArray);
    c.accelerators = accelerators;
    c.memory = kMemory;
    return c;
  }
  tetra_hal Hal(unsigned i) { return tetra::NativeCpu::Hal(devices[i].get()); }
  tetra_device Open(unsigned i) {
    tetra_device dev = {};
    const tetra_hal hal = Hal(i);
    EXPECT_EQ(tetra_device_init(&dev, &hal, kTimeoutUs), TETRA_OK);
    return dev;
  }
};

struct Foreign;  // foreign.h

/// One of each engine with one accelerator, and those with two; made before the simulation starts.
struct Systems {
  System rtl{"rtl", TlmEngine::kRtl, 1}, at{"at", TlmEngine::kAt, 1}, lt{"lt", TlmEngine::kLt, 1};
  System rtl2{"rtl2", TlmEngine::kRtl, 2}, at2{"at2", TlmEngine::kAt, 2};
  std::vector<std::unique_ptr<Foreign>> foreign, phased;  // by engine
  Systems();
  ~Systems();
  System &one(TlmEngine e) { return e == TlmEngine::kRtl ? rtl : e == TlmEngine::kAt ? at : lt; }
  Foreign &with_foreign(TlmEngine e) { return *foreign[static_cast<size_t>(e)]; }
  Foreign &with_phases(TlmEngine e) { return *phased[static_cast<size_t>(e)]; }
};
extern Systems *systems;

/// What the log says of a run.
struct JobRun {
  int status = 0;
  tetra_fault fault = {};
  std::vector<tetra_layer_event> log;
  uint64_t counters[TETRA_CNT_NUM] = {};
};

/// A compiled network with its input and the C model's tensors.
struct Network {
  tetra_graph graph = {};
  tetra_plan plan = {};
  std::vector<tetra_tensor> golden;
  Network(const char *name, tetra_precision precision, uint32_t base = TETRA_VP_DRAM_BASE, int batch = 1) {
    tetra_network_options o;
    tetra_network_defaults(&o);
    o.network = name;
    o.precision = precision;
    o.width = 0.125;
    o.image_size = 32;
    o.batch = batch;
    tetra_error err = {};
    EXPECT_EQ(tetra_network_build(&o, &graph, &err), TETRA_OK) << err.msg;
    tetra_compile_options compile;
    tetra_compile_defaults(&compile);
    compile.dram_base = base;
    compile.dram_size = 16 << 20;
    compile.reuse_memory = 0;
    const tetra_caps caps = tetra_caps_default(kArray);
    EXPECT_EQ(tetra_compile(&graph, &caps, &compile, &plan, &err), TETRA_OK) << err.msg;
    golden.resize(static_cast<size_t>(graph.n_values), tetra_tensor{});
    tetra_tensor &input = golden[static_cast<size_t>(graph.input)];
    EXPECT_EQ(tetra_tensor_init(&input, &graph.values[graph.input].d, &err), TETRA_OK) << err.msg;
    std::vector<uint8_t> rgb(32 * 32 * 3);
    for (int i = 0; i < batch; i++) {
      tetra_synthetic_image(static_cast<uint64_t>(i) + 1, 32, rgb.data());
      EXPECT_EQ(tetra_quantize_image(rgb.data(), &input, i, &err), TETRA_OK) << err.msg;
    }
    EXPECT_EQ(tetra_run_graph(&graph, golden.data(), TETRA_FAST, &err), TETRA_OK) << err.msg;
  }
  Network(const Network &) = delete;
  Network &operator=(const Network &) = delete;
  ~Network() {
    for (auto &t : golden) tetra_tensor_free(&t);
    tetra_plan_free(&plan);
    tetra_graph_free(&graph);
  }
  /// Constants and input into the memory of a system.
  void Place(const tetra_hal &hal) const {
    const tetra_placement &in = plan.values[graph.input];
    std::memcpy(hal.map(hal.ctx, plan.const_addr, plan.const_bytes), plan.const_data, plan.const_bytes);
    tetra_plan_write_value(&plan, graph.input, &golden[static_cast<size_t>(graph.input)],
                           static_cast<uint8_t *>(hal.map(hal.ctx, in.addr, in.bytes)));
  }
  void Place(System *s) const { Place(s->Hal(0)); }
  JobRun RunOn(tetra_device *dev) const {
    JobRun r;
    const tetra_job job = tetra_plan_job(&plan);
    r.status = tetra_device_run(
        dev, &job, [](void *arg, const tetra_layer_event *e) { static_cast<JobRun *>(arg)->log.push_back(*e); }, &r,
        &r.fault);
    tetra_device_counters(dev, r.counters);
    return r;
  }
  /// Every tensor in memory is the C model's.
  void ExpectResults(System *s) const { ExpectResults(s->Hal(0)); }
  void ExpectResults(const tetra_hal &hal) const {
    tetra_error err = {};
    for (int v = 0; v < graph.n_values; v++) {
      tetra_tensor got = {};
      ASSERT_EQ(tetra_tensor_init(&got, &graph.values[v].d, &err), TETRA_OK) << err.msg;
      tetra_plan_read_value(&plan, v, &got,
                            static_cast<const uint8_t *>(hal.map(hal.ctx, plan.values[v].addr, plan.values[v].bytes)));
      const size_t bytes = static_cast<size_t>(got.d.n) * static_cast<size_t>(got.d.h * got.d.w) * got.pixel_bytes;
      EXPECT_EQ(std::memcmp(got.data, golden[static_cast<size_t>(v)].data, bytes), 0) << graph.values[v].name;
      tetra_tensor_free(&got);
    }
  }
};

}  // namespace tetra_test

#endif
