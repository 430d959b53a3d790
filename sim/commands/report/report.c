/* The command line of `./sim report`, and what it does. */
#define _GNU_SOURCE
#include "commands/report/report.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mpi.h"
#include "base/outfile.h"
#include "base/paths.h"
#include "base/status.h"
#include "cli/refuse_option.h"
#include "commands/report/data.h"
#include "commands/report/front.h"
#include "commands/report/page.h"
#include "commands/report/study.h"

struct report_options {
  const char *in, *out;
  int help;
};

static const struct option kOptions[] = {
    {"output", required_argument, NULL, 'o'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};

static void print_help(void) {
  puts(
      "usage: sim report RESULTS.sqlite -o PAGE.html\n"
      "A page with the answers of a study that sim sweep has: Pareto front, points over axes to choose, the best "
      "point\n"
      "under constraints, tables. It needs no network; while a sweep runs it shows what is there so far.\n"
      "\n"
      "  -o, --output FILE.html   the page\n"
      "  -h, --help");
}

static int parse(int argc, char **argv, struct report_options *o, struct tetra_error *err) {
  int option;
  memset(o, 0, sizeof *o);
  opterr = 0;
  optind = 1;
  while ((option = getopt_long(argc, argv, "o:h", kOptions, NULL)) != -1) {
    if (option == '?') return sim_refuse_option("report", argv[optind - 1], kOptions, err);
    if (option == 'o') o->out = optarg;
    if (option == 'h') o->help = 1;
  }
  if (o->help) return TETRA_OK;
  if (argc - optind != 1) {
    return tetra_fail(err, TETRA_EINVAL, "report: %d files given; one is accepted, which sim sweep --results has made",
                      argc - optind);
  }
  o->in = argv[optind];
  if (o->out == NULL || o->out[0] == '\0' || strcmp(o->out, "-") == 0)
    return tetra_fail(err, TETRA_EINVAL, "report: -o FILE.html is needed, the page to write");
  return TETRA_OK;
}

static int write_page(const struct study *s, const char *path, struct tetra_error *err) {
  struct front f = {0};
  struct sim_outfile out;
  char *json = NULL;
  front_choose_axes(s, &f);
  int rc = front_find(s, &f, err);
  if (rc == TETRA_OK) rc = study_json(s, &f, &json, err);
  if (rc == TETRA_OK) rc = sim_outfile_open(&out, "-o", path, err);
  if (rc == TETRA_OK) {
    study_page(out.f, s, &f, json);
    rc = sim_outfile_commit(&out, err);
  }
  free(json);
  front_free(&f);
  return rc;
}

static int report(const struct report_options *o, struct tetra_error *err) {
  struct sim_paths paths = {.n = 0};
  struct study s;
  sim_paths_add(&paths, "results", o->in, 0);
  sim_paths_add(&paths, "-o", o->out, 1);
  int rc = sim_paths_check(&paths, err);
  if (rc == TETRA_OK) rc = sim_outfile_probe("-o", o->out, err);
  if (rc != TETRA_OK) return rc;
  rc = study_read(o->in, &s, err);
  if (rc == TETRA_OK) rc = write_page(&s, o->out, err);
  if (rc == TETRA_OK) printf("%d points in %s\n", s.n_rows, o->out);
  study_free(&s);
  return rc;
}

int report_main(int argc, char **argv) {
  struct report_options o;
  struct tetra_error err = {0, ""};
  int rank = 0;
  if (sim_mpi_launched(&rank) && rank != 0) return SIM_EXIT_GOOD; /* one makes the page */
  if (parse(argc, argv, &o, &err) != TETRA_OK) return sim_complain(&err);
  if (o.help) {
    print_help();
    return SIM_EXIT_GOOD;
  }
  return report(&o, &err) == TETRA_OK ? SIM_EXIT_GOOD : sim_complain(&err);
}
