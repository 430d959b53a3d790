// Every register of the cycle model's machine: after each jump as after single steps; and in a snapshot whatever what
// follows depends on.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "commands.h"
#include "machine_probe.h"

namespace {

using Probe = std::unique_ptr<probe, void (*)(probe *)>;
Probe Own(probe *p) { return {p, probe_free}; }

// Random commands, each STORE a layer of its own.
struct Layers : RandomStream {
  std::vector<tetra_plan_layer> layers;
  tetra_plan plan = {};
  tetra_memory_params mem = {};
  explicit Layers(uint32_t seed) : RandomStream(seed) {
    for (tetra_cmd &c : h.cmds) {
      if (tetra_cmd_get(&c, TETRA_F_OP) != TETRA_OP_STORE) continue;
      tetra_cmd_set(&c, TETRA_F_LAYER, static_cast<uint32_t>(layers.size()));
      layers.emplace_back();
    }
    plan = h.Plan();
    plan.caps = tetra_caps_default(n);
    plan.layers = layers.data(), plan.n_layers = static_cast<int>(layers.size());
    const uint32_t rates[] = {n, n / 2, n / 4, n - 1, n + 1, n + n / 2, 2 * n, 64 * n};
    const uint32_t latencies[] = {64, 1, 17, 300};
    mem = {rates[Below(8)], latencies[Below(4)]};
  }
};

TEST(Machine, IsAfterEveryJumpAsAfterSingleSteps) {
  uint64_t jumped = 0, compared = 0;
  for (uint32_t seed = 600; seed < 650; seed++) {
    Layers s(seed);
    const Probe fast = Own(probe_new(&s.plan, &s.mem)), slow = Own(probe_new(&s.plan, &s.mem));
    while (!probe_finished(fast.get())) {
      const uint64_t cycles = probe_jump(fast.get());
      ASSERT_GT(cycles, 0u) << "waits for ever";
      jumped += cycles > 1 ? cycles : 0;
      while (probe_now(slow.get()) < probe_now(fast.get())) ASSERT_EQ(probe_step(slow.get()), 1u);
      // In a jump all addresses of a segment go out together.
      if (probe_segments(slow.get()) != 0) continue;
      compared++;
      ASSERT_TRUE(probe_same(fast.get(), slow.get(), 0, 0))
          << "seed " << seed << ", " << cycles << " cycles before " << probe_now(fast.get());
    }
    ASSERT_TRUE(probe_finished(slow.get()));
  }
  EXPECT_GT(jumped, 10000u);
  EXPECT_GT(compared, 10000u);
}

// The snapshots along the way from here to the SYNC, or some of it, are the same.
bool GoOnAlike(probe *a, probe *b) {
  for (int i = 0; i < 1000 && !probe_finished(a); i++) {
    if (probe_step(a) != probe_step(b)) return false;
    if (probe_finished(a) != probe_finished(b)) return false;
    if (i % 10 == 0 && !probe_same(a, b, 0, 0)) return false;
  }
  return true;
}

TEST(Machine, WhatFollowsDependsOnNothingBesideTheSnapshot) {
  std::map<std::string, int> seen;
  for (uint32_t seed = 700; seed < 708; seed++) {
    Layers s(seed);
    const Probe at = Own(probe_new(&s.plan, &s.mem));
    while (!probe_finished(at.get())) {
      for (uint32_t k = 1 + s.Below(400); k != 0 && !probe_finished(at.get()); k--) probe_step(at.get());
      const uint32_t registers = probe_registers(at.get());
      for (uint32_t k = 0; k < 12; k++) {
        const uint32_t i = s.Below(registers);
        const Probe same = Own(probe_copy(at.get())), changed = Own(probe_copy(at.get()));
        probe_change(changed.get(), i, 1);
        const std::string name = probe_register_name(at.get(), i);
        if (!probe_same(same.get(), changed.get(), 0, 0)) {
          seen[name]++;
          continue;
        }
        ASSERT_TRUE(GoOnAlike(same.get(), changed.get()))
            << "seed " << seed << ", " << name << " in cycle " << probe_now(at.get());
      }
    }
  }
  EXPECT_GT(seen.size(), 50u);
}

// Moved in time, to other commands and layers, it looks the same; and what follows does if the commands do.
TEST(Machine, LooksTheSameWhenItIsMoved) {
  for (uint32_t seed = 800; seed < 806; seed++) {
    Layers s(seed);
    const Probe at = Own(probe_new(&s.plan, &s.mem));
    while (!probe_finished(at.get())) {
      for (uint32_t k = 1 + s.Below(300); k != 0 && !probe_finished(at.get()); k--) probe_step(at.get());
      const Probe same = Own(probe_copy(at.get())), later = Own(probe_copy(at.get()));
      const uint64_t counts = uint64_t{s.Below(1 << 16)} << 48 | uint64_t{s.Below(1 << 16)} << 32 | s.Below(1u << 31);
      const uint32_t layers = s.Below(50);
      probe_move(later.get(), s.Below(100000), 64 * s.Below(100), counts, layers);
      ASSERT_TRUE(probe_same(same.get(), later.get(), 0, layers))
          << "seed " << seed << ", cycle " << probe_now(at.get());
      const Probe in_time = Own(probe_copy(at.get()));
      const uint64_t cycles = 1 + s.Below(100000);
      probe_move(in_time.get(), cycles, 0, 0, 0);
      ASSERT_EQ(probe_now(in_time.get()), probe_now(same.get()) + cycles);
      ASSERT_TRUE(GoOnAlike(same.get(), in_time.get())) << "seed " << seed << ", cycle " << probe_now(at.get());
    }
  }
}

}  // namespace
