/* Energy by layer and source. */
#include "report/energy.h"

#include <stdio.h>

#include "report/format.h"
#include "run/energy/energy.h"

enum { NAME_WIDTH = 5 };

double sim_energy_tops_per_watt(const struct sim_results *r) {
  const double pj = sim_results_pj(r, TETRA_SOURCES);
  return pj > 0 ? 2 * (double)sim_totals(r).macs / pj : 0;
}

/* pJ * MHz = 1e-6 W. */
double sim_energy_milliwatts(const struct sim_results *r) {
  return r->cycles == 0 ? 0 : sim_results_pj(r, TETRA_SOURCES) / (double)r->cycles * r->energy->mhz * 1e-3;
}

static void print_pj(double pj) {
  char text[32];
  printf(" %17s", sim_thousands((uint64_t)(pj + 0.5), text));
}

static void print_layers(const struct sim_results *r, int width) {
  printf("%3s %-*s", "#", width, "layer");
  for (int s = 0; s < TETRA_SOURCES; s++) printf(" %17s", tetra_source_key(s));
  printf(" %17s %8s\n", "pJ", "pJ/MAC");
  for (int i = 0; i < r->g->n_ops; i++) {
    if (!r->layers[i].done) continue;
    const double pj = sim_energy_pj(r->energy, i, TETRA_SOURCES);
    printf("%3d %-*.*s", i + r->first, width, width, r->g->ops[i].name);
    for (int s = 0; s < TETRA_SOURCES; s++) print_pj(sim_energy_pj(r->energy, i, s));
    print_pj(pj);
    if (r->plan->layers[i].macs != 0) {
      printf(" %8.3f\n", pj / (double)r->plan->layers[i].macs);
    } else {
      printf(" %8s\n", "-");
    }
  }
}

void sim_energy_print(const struct sim_results *r) {
  if (r->energy == NULL) return;
  const double pj = sim_results_pj(r, TETRA_SOURCES);
  printf("\nenergy   %s, from %s; %g MHz; events %s\n", r->energy->table.name, r->o->energy, r->energy->mhz,
         r->energy->from_rtl ? "counted on the RTL, the same as the cycle model's in every layer"
                             : "counted by the cycle model");
  const int width = sim_name_width(r->g, NAME_WIDTH);
  if (!r->o->quiet) print_layers(r, width);
  printf("%3s %-*s", "", width, "sum");
  for (int s = 0; s < TETRA_SOURCES; s++) print_pj(sim_results_pj(r, s));
  print_pj(pj);
  printf("\n%3s %-*s", "", width, "share");
  for (int s = 0; s < TETRA_SOURCES; s++) printf(" %16.1f%%", pj > 0 ? 100 * sim_results_pj(r, s) / pj : 0);
  printf("\n         %.4g mJ an image, %.4g TOPS/W with DRAM, %.4g mW; without DRAM %.4g mJ\n",
         1e-9 * pj / sim_batch(r), sim_energy_tops_per_watt(r), sim_energy_milliwatts(r),
         1e-9 * (pj - sim_results_pj(r, TETRA_SOURCE_DRAM)) / sim_batch(r));
}
