/* The command line of `./sim sweep`. */
#define _GNU_SOURCE
#include "commands/sweep/options.h"

#include <getopt.h>
#include <stdio.h>

#include "base/jobs.h"
#include "cli/parse.h"
#include "cli/refuse_option.h"
#include "tetra/threads.h"

enum { OPT_RESULTS = 256, OPT_CSV, OPT_JSON, OPT_RTL, OPT_JOBS, OPT_QUIET, OPT_PROGRESS, OPT_HELP };

static const struct option kOptions[] = {{"results", required_argument, NULL, OPT_RESULTS},
                                         {"csv", required_argument, NULL, OPT_CSV},
                                         {"json", required_argument, NULL, OPT_JSON},
                                         {"rtl", required_argument, NULL, OPT_RTL},
                                         {"jobs", required_argument, NULL, OPT_JOBS},
                                         {"quiet", no_argument, NULL, OPT_QUIET},
                                         {"progress", no_argument, NULL, OPT_PROGRESS},
                                         {"help", no_argument, NULL, OPT_HELP},
                                         {NULL, 0, NULL, 0}};

void sweep_options_help(void) {
  fputs(
      "usage: sim sweep STUDY.json --results FILE.sqlite [options]\n"
      "       mpirun -n N ./sim sweep STUDY.json --results FILE.sqlite [options]\n"
      "Answers every point of a study with the cycle model and keeps the answers; a sweep that was stopped, however,\n"
      "goes on where it was. docs/sweep.md has the study's keys and the file's tables.\n"
      "\n"
      "  --results FILE       SQLite file; made, or gone on with\n"
      "  --rtl FRACTION       confirms that share of the points, 0..1, on the RTL, every layer compared with the C "
      "model:\n"
      "                       of those whose array and buffers this program was built with\n"
      "  --csv FILE, --json FILE   all answers, when the sweep is done\n"
      "  --jobs N             processes (the number of processors); with MPI one for each rank\n"
      "  --progress           lines of progress where there is no terminal\n"
      "  --quiet              no progress and no summary\n"
      "  --help\n"
      "\n"
      "Exit code: 0 every point answered, 1 the RTL differs somewhere, 2 bad input or no resources, 3 processes "
      "died.\n",
      stdout);
}

static int parse_one(int option, const char *text, struct sweep_options *o, struct tetra_error *err) {
  switch (option) {
    case OPT_RESULTS:
      o->results = text;
      return TETRA_OK;
    case OPT_CSV:
      o->csv = text;
      return TETRA_OK;
    case OPT_JSON:
      o->json = text;
      return TETRA_OK;
    case OPT_RTL:
      return sim_parse_real("rtl", text, 0, 1, 1, &o->rtl, err);
    case OPT_JOBS:
      return sim_parse_u32("jobs", text, 1, SIM_JOBS_MAX, &o->jobs, err);
    case OPT_QUIET:
      o->quiet = 1;
      return TETRA_OK;
    case OPT_PROGRESS:
      o->progress = 1;
      return TETRA_OK;
    default:
      o->help = 1;
      return TETRA_OK;
  }
}

int sweep_options_parse(int argc, char **argv, struct sweep_options *o, struct tetra_error *err) {
  *o = (struct sweep_options){.jobs = 0};
  opterr = 0;
  optind = 1;
  for (;;) {
    const int option = getopt_long(argc, argv, "h", kOptions, NULL);
    if (option == -1) break;
    if (option == '?') return sim_refuse_option("sweep", argv[optind - 1], kOptions, err);
    const int rc = parse_one(option, optarg, o, err);
    if (rc != TETRA_OK || o->help) return rc;
  }
  if (optind + 1 != argc)
    return tetra_fail(err, TETRA_EINVAL, "sweep: one study is accepted: sim sweep STUDY.json --results FILE.sqlite");
  o->study = argv[optind];
  if (o->results == NULL)
    return tetra_fail(err, TETRA_EINVAL, "sweep: --results FILE.sqlite is missing: where the answers are kept");
  if (o->jobs == 0) {
    const int n = tetra_usable_processors();
    o->jobs = n > SIM_JOBS_MAX ? SIM_JOBS_MAX : (unsigned)n;
  }
  return TETRA_OK;
}
