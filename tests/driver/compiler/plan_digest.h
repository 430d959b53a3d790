// A number for a plan: commands, places, bounds, constants.
#ifndef TETRA_TESTS_DRIVER_PLAN_DIGEST_H
#define TETRA_TESTS_DRIVER_PLAN_DIGEST_H

#include <cstdint>

#include "tetra/hash.h"
#include "tetra/plan.h"

// Of what is there before and of the plan; of its commands alone, or of everything.
inline uint64_t AddPlan(uint64_t h, const tetra_plan &p, bool constants) {
  const auto add = [&h](int64_t field) { h = tetra_hash(h, &field, sizeof field); };
  for (int64_t field : {p.base, p.limit, p.ring_addr, p.ring_entries, p.n_cmds, p.sync_tag, p.const_addr}) add(field);
  add(static_cast<int64_t>(p.const_bytes));
  h = tetra_hash(h, p.cmds, sizeof *p.cmds * p.n_cmds);
  for (int i = 0; i < p.n_values; i++) {
    const tetra_placement &v = p.values[i];
    for (int64_t field : {int64_t{v.addr}, int64_t{v.bytes}, static_cast<int64_t>(v.layout), int64_t{v.pitch}})
      add(field);
  }
  for (int i = 0; i < p.n_layers; i++) {
    const tetra_plan_layer &l = p.layers[i];
    for (int64_t field :
         {l.macs, int64_t{l.macs_per_cycle}, l.compute_bound, l.dram_bytes, int64_t{l.first_cmd}, int64_t{l.n_cmds}})
      add(field);
  }
  return constants ? tetra_hash(h, p.const_data, p.const_bytes) : h;
}

#endif
