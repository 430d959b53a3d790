/* Reads two networks and images, asks of each image and what is near it, writes the counterexamples. */
#include "commands/equiv/equiv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/outfile.h"
#include "base/paths.h"
#include "base/status.h"
#include "cli/image_options.h"
#include "commands/equiv/ball.h"
#include "commands/equiv/options.h"
#include "files/source.h"

static int help(void) {
  fputs(
      "usage: sim equiv A B --input IMAGES --radius R [--top1 | --eps E] [options]\n"
      "Do two quantized networks give the same answers to every image whose numbers are at most R away from IMAGES'?\n"
      "Says of each image PROVED, COUNTEREXAMPLE (and writes an image that shows it) or UNKNOWN with the bound "
      "reached.\n"
      "\n"
      "  --input IMAGES           .npy of int8 codes, uint8 pixels or float32, or a picture, as ./sim A --input "
      "takes\n" SIM_LAYOUT_HELP
      "  --radius R               in the units of IMAGES: whole numbers for pixels and codes; 0: the images alone\n"
      "  --eps E                  no output differs by more than E, in real values (0, the default: not at all)\n"
      "  --top1                   the largest output is the same\n"
      "  --sure E                 with --top1: inputs count only where A's largest output leads by E, in real values\n"
      "  -o, --output FILE        counterexamples, .npy of IMAGES' type (" EQUIV_OUT
      ")\n"
      "  --limit N, --skip N      the first N images only, all but the first N\n" SIM_PIXELS_HELP
      "  --tries N                inputs that the search may try (as --work says); fewer than that are all tried\n"
      "  --work G                 10^9 multiply-accumulates for search and bounds, each, an image (4)\n"
      "  --seed N                 of the search (1)\n"
      "  --help\n"
      "\n"
      "Exit code: 0 all proved, 1 a counterexample, 2 bad input or no resources, 4 unknown.\n",
      stdout);
  return SIM_EXIT_GOOD;
}

/* The command at work. */
struct equiv {
  const struct equiv_options *o;
  struct tetra_model m[2];
  struct sim_data data;
  uint8_t *found;    /* items of counterexamples, one behind the other; owned */
  int n_found, n[3]; /* of each verdict */
};

static int open_network(const char *path, struct tetra_model *m, struct tetra_error *err) {
  struct tetra_import_options options;
  struct tetra_import_report refused;
  struct tetra_error why = {0, ""};
  const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
  tetra_import_defaults(&options);
  const int rc = tetra_import_file(path, &options, m, &refused, &why);
  if (rc != TETRA_OK) sim_list_refusals(&refused, &why, &(struct sim_notes){sim_note, NULL});
  tetra_import_report_free(&refused);
  if (rc != TETRA_OK) return tetra_fail(err, rc, "%s: %s", name, why.msg);
  if (m->tail == NULL) return TETRA_OK;
  tetra_model_free(m);
  return tetra_fail(err, TETRA_EINVAL,
                    "%s: ends in float operations, which bounds of codes do not reach; a network whose last operation "
                    "is quantized is accepted",
                    name);
}

static int check_shapes(const struct equiv *e, struct tetra_error *err) {
  const struct tetra_graph *a = &e->m[0].graph, *b = &e->m[1].graph;
  const struct tetra_desc *x = &a->values[a->input].d, *y = &b->values[b->input].d;
  if (x->h == y->h && x->w == y->w && x->c == y->c) return TETRA_OK;
  return tetra_fail(err, TETRA_EINVAL, "'%s' reads %dx%dx%d, '%s' %dx%dx%d; both must read the same", e->o->networks[0],
                    x->h, x->w, x->c, e->o->networks[1], y->h, y->w, y->c);
}

/* The item that was read last, with the numbers of a counterexample in it. */
static int keep(struct equiv *e, const struct equiv_ball *ball, const int *choice, struct tetra_error *err) {
  const struct tetra_desc *d = &e->m[0].graph.values[e->m[0].graph.input].d;
  const size_t bytes = e->data.item_bytes, size = (size_t)e->data.a.item_bytes;
  uint8_t *found = realloc(e->found, (size_t)(e->n_found + 1) * bytes);
  if (found == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for %d images", e->n_found + 1);
  e->found = found;
  uint8_t *to = found + (size_t)e->n_found++ * bytes;
  for (size_t i = 0; i < (size_t)ball->b.elements; i++) {
    const size_t at = sim_data_place(&e->data, d, i / (size_t)d->c, i % (size_t)d->c);
    const double x = ball->number[choice[i]];
    const float real = (float)x;
    const uint8_t byte = (uint8_t)(int)x; /* int8 as two's complement */
    memcpy(to + at * size, size == 4 ? (const void *)&real : &byte, size);
  }
  return TETRA_OK;
}

static double inputs_of(const struct tetra_ball *b) {
  double log = 0;
  for (int e = 0; e < b->elements; e++) log += log10(b->first[e + 1] - b->first[e]);
  return log;
}

static void print_verdict(const struct equiv *e, int image, const struct tetra_ball *b,
                          const struct tetra_equiv_result *r) {
  static const char *const names[] = {"PROVED", "COUNTEREXAMPLE", "UNKNOWN"};
  const char *const what = e->o->how.top1 ? "lead" : "difference";
  printf("image %d: %s", image, names[r->verdict]);
  if (r->verdict == TETRA_COUNTEREXAMPLE)
    printf("; image %d of %s", e->n_found - 1, e->o->out);
  else if (r->verdict == TETRA_PROVED && e->o->how.top1 && r->bound < 0)
    printf("; equal outputs, where bounds of the lead do not tell");
  else
    printf("; %s %s %g", what, e->o->how.top1 ? "at least" : "at most", r->bound);
  printf("; %s seen %g; %lld of 10^%.1f inputs run, bounds of %lld box%s%s\n", what, r->seen, r->tried, inputs_of(b),
         r->boxes, r->boxes == 1 ? "" : "es", r->shared || r->boxes == 0 ? "" : ", of each network alone");
}

static int one_image(struct equiv *e, int image, struct tetra_error *err) {
  struct equiv_ball ball;
  struct tetra_equiv_result r;
  int rc = sim_data_read(&e->data, image, err);
  if (rc == TETRA_OK) rc = equiv_ball_open(&ball, &e->data, e->m, e->o, err);
  if (rc != TETRA_OK) return rc;
  rc = tetra_equiv(&e->m[0].graph, &e->m[1].graph, &ball.b, &e->o->how, &r, err);
  if (rc == TETRA_OK && r.verdict == TETRA_COUNTEREXAMPLE) rc = keep(e, &ball, r.choice, err);
  if (rc == TETRA_OK) {
    e->n[r.verdict]++;
    print_verdict(e, image, &ball.b, &r);
    fflush(stdout);
  }
  tetra_equiv_result_free(&r);
  equiv_ball_close(&ball);
  return rc;
}

static int write_found(const struct equiv *e, struct tetra_error *err) {
  struct tetra_npy a = e->data.a;
  uint8_t header[TETRA_NPY_HEADER_MAX];
  struct sim_outfile out;
  if (a.rank == 3) memmove(a.dims + 1, a.dims, 3 * sizeof a.dims[0]);
  if (a.rank == 0) { /* a picture */
    const struct tetra_desc *d = &e->m[0].graph.values[e->m[0].graph.input].d;
    a.dims[1] = (uint64_t)d->h;
    a.dims[2] = (uint64_t)d->w;
    a.dims[3] = (uint64_t)d->c;
  }
  a.rank = 4;
  a.dims[0] = (uint64_t)e->n_found;
  const int rc = sim_outfile_open(&out, "-o", e->o->out, err);
  if (rc != TETRA_OK) return rc;
  const size_t length = tetra_npy_header(&a, header);
  fwrite(header, 1, length, out.f); /* the stream keeps the error */
  fwrite(e->found, e->data.item_bytes, (size_t)e->n_found, out.f);
  return sim_outfile_commit(&out, err);
}

static void print_header(const struct equiv *e) {
  const struct equiv_options *o = e->o;
  printf("networks  A %s, B %s%s\n", o->networks[0], o->networks[1],
         tetra_equiv_same_graph(&e->m[0].graph, &e->m[1].graph) ? "" : " (another graph)");
  printf("property  %s", o->how.top1 ? "the same largest output" : "no output differs");
  if (!o->how.top1 && o->how.eps > 0) printf(" by more than %g", o->how.eps);
  if (o->how.sure > 0) printf(" where A's leads by at least %g", o->how.sure);
  printf(", for all inputs at most %g away from each image of %s\n", o->radius, o->input);
  fflush(stdout);
}

static int all_images(struct equiv *e, struct tetra_error *err) {
  const struct equiv_options *o = e->o;
  int n = e->data.n - o->skip, rc = TETRA_OK;
  if (n < 1) {
    return tetra_fail(err, TETRA_EINVAL, "--skip %d: '%s' has %d image%s", o->skip, o->input, e->data.n,
                      e->data.n == 1 ? "" : "s");
  }
  if (o->limit > 0 && o->limit < n) n = o->limit;
  print_header(e);
  for (int i = 0; i < n && rc == TETRA_OK; i++) rc = one_image(e, o->skip + i, err);
  if (rc == TETRA_OK && e->n_found > 0) rc = write_found(e, err);
  if (rc != TETRA_OK) return rc;
  printf("%d proved, %d counterexample%s, %d unknown\n", e->n[TETRA_PROVED], e->n[TETRA_COUNTEREXAMPLE],
         e->n[TETRA_COUNTEREXAMPLE] == 1 ? "" : "s", e->n[TETRA_UNKNOWN]);
  if (e->n_found > 0) printf("written   %s; both networks' answers: ./sim NETWORK --input %s\n", o->out, o->out);
  return rc;
}

static int run(struct equiv *e, struct tetra_error *err) {
  const struct equiv_options *o = e->o;
  int rc = open_network(o->networks[0], &e->m[0], err);
  if (rc == TETRA_OK) rc = open_network(o->networks[1], &e->m[1], err);
  if (rc == TETRA_OK) rc = check_shapes(e, err);
  if (rc != TETRA_OK) return rc;
  rc = sim_data_open(&e->data, o->input, &e->m[0].graph.values[e->m[0].graph.input].d, o->pixels.layout,
                     &(struct sim_notes){sim_note, NULL}, err);
  if (rc != TETRA_OK) return rc;
  for (int k = 0; k < 2 && rc == TETRA_OK; k++) rc = sim_data_check_codes(&e->data, &o->pixels, &e->m[k], err);
  if (rc == TETRA_OK) rc = all_images(e, err);
  sim_data_close(&e->data);
  return rc;
}

int equiv_main(int argc, char **argv) {
  struct equiv_options o;
  struct tetra_error err = {0, ""};
  if (equiv_options_parse(argc, argv, &o, &err) != TETRA_OK) return sim_complain(&err);
  if (o.help) return help();
  struct sim_paths paths = {.n = 0};
  sim_paths_add(&paths, "first network", o.networks[0], 0);
  sim_paths_add(&paths, "second network", o.networks[1], 0);
  sim_paths_add(&paths, "--input", o.input, 0);
  sim_paths_add(&paths, "-o", o.out, 1);
  if (sim_paths_check(&paths, &err) != TETRA_OK) return sim_complain(&err);
  struct equiv e = {.o = &o};
  const int rc = run(&e, &err);
  tetra_model_free(&e.m[0]);
  tetra_model_free(&e.m[1]);
  free(e.found);
  if (rc != TETRA_OK) return sim_complain(&err);
  return e.n[TETRA_COUNTEREXAMPLE] > 0 ? SIM_EXIT_DIFFERENT : e.n[TETRA_UNKNOWN] > 0 ? SIM_EXIT_UNKNOWN : SIM_EXIT_GOOD;
}
