/* Bits for layers: of a problem in a file, or of a network. */
#include "commands/allocate/allocate.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/outfile.h"
#include "base/paths.h"
#include "base/status.h"
#include "cli/hardware.h"
#include "cli/image_options.h"
#include "commands/allocate/network.h"
#include "commands/allocate/options.h"
#include "commands/allocate/problem.h"

static int help(void) {
  fputs(
      "usage: sim allocate MODEL --calibrate IMAGES --budget RESOURCE=AMOUNT[,...] -o BITS.json [options]\n"
      "       sim allocate --problem FILE.json -o OUT.json\n"
      "Chooses the bits of every layer of a trained float network so that the sum of the layers' sensitivities is "
      "least\n"
      "and every budget is kept; or solves a problem of anybody's numbers, exactly (docs/allocation.md). BITS.json is "
      "for\n./sim quantize --bits.\n"
      "\n"
      "  --calibrate IMAGES       as of ./sim quantize\n" SIM_LAYOUT_HELP SIM_PIXELS_HELP
      "  --limit N                the first N images only (128)\n"
      "  --budget R=A,...         cycles=4.0M an image (thousands), bytes=12M of weights, ram=512K of activations "
      "alive\n"
      "                           at once, flash=2M of weights and parameters (K is 1024 bytes)\n"
      "  --sensitivity S          kl (default): divergence of the class probabilities with only this layer quantized;\n"
      "                           trace, mse, orm\n"
      "  --choices C,...          of w4a4, w4a8, w8a4, w8a8; w4a4,w4a8,w8a8, and with ram or flash all four\n"
      "  --tie-branches           layers that read the same tensor choose alike\n"
      "  --samples N --seed N     of a trace (8, 1)\n"
      "  --ceg N --radius R       the best class stays that of the network in the dearest choice, as far as an "
      "equivalence\n"
      "                           checker can tell, for all inputs at most R (1) away from the first N images\n"
      "  --sure E                 only where that network's class leads by E of the logits' units (0: everywhere)\n"
      "  --work G                 10^9 multiply-accumulates that it may take to search, and for bounds, an image (1)\n"
      "  --points N               of the front between the cheapest and the dearest (17; 0: none)\n"
      "  --csv FILE, --plot FILE  the front, as a table or drawn by gnuplot (.svg, .png)\n"
      "  --json FILE              what was chosen, every layer and the front, for programs\n"
      "  --save-problem FILE      the problem, for --problem\n" SIM_MACHINE_HELP
      "  --quiet                  no progress\n"
      "  --problem FILE           \"choices\", \"sensitivity\", \"cost\", \"ties\" and \"budget\"\n"
      "  -o, --output FILE        replaced only when everything has succeeded\n"
      "  --help\n"
      "\n"
      "Exit code: 0 good, 2 bad input, a budget that nothing keeps, or no resources; then the files are as they "
      "were.\n",
      stdout);
  return SIM_EXIT_GOOD;
}

static int solve_file(const struct allocate_options *o, struct tetra_error *err) {
  struct allocate_problem a = {.n_costs = 0};
  struct tetra_allocation answer;
  int rc = allocate_problem_read(o->problem, &a, err);
  if (rc != TETRA_OK) return rc;
  rc = tetra_allocate(&a.p, 0, &answer, err);
  if (rc == TETRA_OK) {
    if (!answer.proved) {
      fprintf(stderr, "sim: warning: not proved to be the best after %" PRIu64 " nodes; none is below %.12g\n",
              answer.nodes, answer.bound);
    }
    rc = allocate_answer_write("-o", o->out, &a, &answer, err);
    tetra_allocation_free(&answer);
  }
  allocate_problem_free(&a);
  return rc;
}

int allocate_main(int argc, char **argv) {
  struct allocate_options o;
  struct tetra_error err = {0, ""};
  if (allocate_options_parse(argc, argv, &o, &err) != TETRA_OK) return sim_complain(&err);
  if (o.help) return help();
  struct sim_paths paths = {.n = 0};
  sim_paths_add(&paths, "--problem", o.problem, 0);
  sim_paths_add(&paths, "float network", o.network, 0);
  sim_paths_add(&paths, "--calibrate", o.calibrate, 0);
  const struct {
    const char *option, *path;
  } outputs[] = {
      {"-o", o.out}, {"--save-problem", o.save_problem}, {"--csv", o.csv}, {"--json", o.json}, {"--plot", o.plot}};
  for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
    sim_paths_add(&paths, outputs[i].option, outputs[i].path, 1);
  }
  if (sim_paths_check(&paths, &err) != TETRA_OK) return sim_complain(&err);
  for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
    if (outputs[i].path != NULL && sim_outfile_probe(outputs[i].option, outputs[i].path, &err) != TETRA_OK) {
      return sim_complain(&err);
    }
  }
  const int rc = o.problem != NULL ? solve_file(&o, &err) : allocate_network(&o, &err);
  return rc == TETRA_OK ? SIM_EXIT_GOOD : sim_complain(&err);
}
