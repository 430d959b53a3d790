/* From a float network and images to bits, one layer after another. */
#include "commands/allocate/network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/outfile.h"
#include "commands/allocate/ceg.h"
#include "commands/allocate/greedy.h"
#include "commands/allocate/report.h"
#include "commands/quantize/read.h"
#include "files/bits.h"
#include "files/source.h"
#include "report/gnuplot.h"
#include "tetra/quantize_model.h"

#define STUDY_MEMORY ((size_t)1 << 30)

static void tell(void *arg, double done) {
  const struct allocate_options *o = arg;
  if (o->quiet || !isatty(STDERR_FILENO)) return;
  fprintf(stderr, done < 1 ? "\rsensitivities: %3.0f %%" : "\r\033[K", 100 * done);
}

/* Adds the operations that cannot be, and the file's name, to what is wrong. */
static int refuse(const struct allocate_options *o, int rc, struct tetra_import_report *refused,
                  const struct tetra_error *why, struct tetra_error *err) {
  const char *slash = strrchr(o->network, '/');
  if (rc != TETRA_OK) {
    sim_list_refusals(refused, why, &(struct sim_notes){sim_note, NULL});
    tetra_fail(err, rc, "%s: %s", slash == NULL ? o->network : slash + 1, why->msg);
  }
  tetra_import_report_free(refused);
  return rc;
}

static int write_bits(const struct allocate_result *r, struct tetra_error *err) {
  struct sim_bits b = {calloc((size_t)r->costs->a.p.n_layers, sizeof *b.layers), r->costs->a.p.n_layers};
  char *text = NULL;
  if (b.layers != NULL) {
    for (int l = 0; l < b.n; l++) {
      b.layers[l] = r->o->choices[r->best.choice[l]];
      memcpy(b.layers[l].name, r->costs->machine->layers[l].name, sizeof b.layers[l].name);
    }
    text = sim_bits_json(&b);
  }
  const int rc = text == NULL ? tetra_fail(err, TETRA_ENOMEM, "no memory for -o '%s'", r->o->out)
                              : sim_outfile_text("-o", r->o->out, text, err);
  free(text);
  sim_bits_free(&b);
  return rc;
}

static int write_csv(const struct allocate_result *r, struct tetra_error *err) {
  struct sim_outfile f;
  const int rc = sim_outfile_open(&f, "--csv", r->o->csv, err);
  if (rc != TETRA_OK) return rc;
  allocate_csv(r, f.f);
  return sim_outfile_commit(&f, err);
}

static void draw(const void *arg, const char *image, FILE *out) {
  allocate_plot_program((const struct allocate_result *)arg, image, out);
}

static int write_files(const struct allocate_result *r, struct allocate_costs *s, struct tetra_error *err) {
  const struct allocate_options *o = r->o;
  int rc = write_bits(r, err);
  if (rc == TETRA_OK && o->save_problem != NULL) {
    rc = allocate_costs_limits(s, o->limit, err);
    if (rc == TETRA_OK) {
      s->now.n_costs = s->now.p.n_budgets;
      rc = allocate_problem_write("--save-problem", o->save_problem, &s->now, err);
      s->now.n_costs = s->a.n_costs;
    }
  }
  if (rc == TETRA_OK && o->csv != NULL) rc = write_csv(r, err);
  if (rc == TETRA_OK && o->json != NULL) rc = allocate_json(r, o->json, err);
  if (rc == TETRA_OK && o->plot != NULL) rc = sim_gnuplot("--plot", o->plot, draw, r, err);
  return rc;
}

static int is_memory_wanted(const struct allocate_options *o) {
  return o->limit[ALLOCATE_RAM] > 0 || o->limit[ALLOCATE_FLASH] > 0;
}

static void print_next(const struct allocate_options *o, long evaluations) {
  const struct sim_pixels *p = &o->pixels;
  printf("\nwritten  %s after %ld exact costs; use it with\n  ./sim quantize %s --calibrate %s", o->out, evaluations,
         o->network, o->calibrate);
  if (p->normalize) {
    printf(" --mean %g,%g,%g --std %g,%g,%g", (double)p->mean[0], (double)p->mean[1], (double)p->mean[2],
           (double)p->std[0], (double)p->std[1], (double)p->std[2]);
  }
  printf(" --bits %s -o FILE.onnx\n", o->out);
}

static int solve(struct allocate_costs *s, const struct allocate_options *o, const struct allocate_ceg *ceg,
                 struct tetra_error *err) {
  struct allocate_result r = {.o = o, .costs = s, .has_greedy = is_memory_wanted(o)};
  int found = 0;
  int rc = r.has_greedy ? allocate_greedy(s, &r.greedy, &found, err) : TETRA_OK;
  if (rc == TETRA_OK) rc = allocate_solve(s, o->limit, 1, found ? &r.greedy : NULL, &r.best, err);
  if (rc == TETRA_OK && o->ceg > 0) rc = allocate_ceg(ceg, &r.best, err);
  if (rc == TETRA_OK) {
    rc = allocate_front(s, &r.best, &r.front, err);
    if (rc == TETRA_OK) rc = write_files(&r, s, err);
    if (rc == TETRA_OK) {
      allocate_print(&r, stdout);
      print_next(o, s->machine->evaluations);
    }
    allocate_front_free(&r.front);
  }
  allocate_point_free(&r.best);
  allocate_point_free(&r.greedy);
  return rc;
}

static int measure(const struct allocate_options *o, struct tetra_study *study, const struct quantize_file *real,
                   const struct quantize_images *images, struct tetra_error *err) {
  static const enum tetra_study_kind kinds[] = {[ALLOCATE_KL] = TETRA_STUDY_KL,
                                                [ALLOCATE_ORM] = TETRA_STUDY_ORM,
                                                [ALLOCATE_TRACE] = TETRA_STUDY_TRACE,
                                                [ALLOCATE_MSE] = TETRA_STUDY_MSE};
  const struct tetra_study_progress progress = {tell, (void *)(uintptr_t)o};
  struct allocate_machine m = {.study = study, .caps = tetra_caps_default(o->array), .mem = o->mem};
  struct allocate_costs s;
  m.layers = tetra_study_layers(study, &m.n_layers);
  struct allocate_point any = {0};
  int rc = allocate_costs_open(&s, o, &m, err);
  /* Budgets that nothing keeps are told of before the long part. */
  if (rc == TETRA_OK) rc = allocate_solve(&s, o->limit, 0, NULL, &any, err);
  allocate_point_free(&any);
  if (rc == TETRA_OK) {
    rc = tetra_study_sensitivity(study, kinds[o->sensitivity], o->choices, o->n_choices, o->samples, o->seed, &progress,
                                 s.a.sensitivity, err);
  }
  const struct allocate_ceg ceg = {o, &s, real, images};
  if (rc == TETRA_OK) rc = solve(&s, o, &ceg, err);
  allocate_costs_close(&s);
  return rc;
}

static void print_header(const struct allocate_options *o, const struct quantize_images *images) {
  printf("network  %s, input %dx%dx%d; %ux%u array\n", o->network, images->h, images->w, images->c, o->array, o->array);
  printf("images   the first %d of %d in %s\n", images->n, images->available, o->calibrate);
}

int allocate_network(const struct allocate_options *o, struct tetra_error *err) {
  struct quantize_options images_of = {.calibrate = o->calibrate, .pixels = o->pixels, .limit = o->images};
  struct quantize_file real;
  struct quantize_images images = {0};
  struct tetra_import_report refused;
  struct tetra_error why = {0, ""};
  int h = 0, w = 0, c = 0;
  int rc = quantize_read(o->network, &real, err);
  if (rc != TETRA_OK) return rc;
  rc = tetra_quantize_input(real.bytes, real.size, &h, &w, &c, &refused, &why);
  rc = refuse(o, rc, &refused, &why, err);
  if (rc == TETRA_OK) rc = quantize_images_read(&images_of, h, w, c, &images, err);
  if (rc == TETRA_OK) {
    struct tetra_study *study;
    rc = tetra_study_open(&study, real.bytes, real.size, images.x, images.n, STUDY_MEMORY, &refused, &why);
    rc = refuse(o, rc, &refused, &why, err);
    if (rc == TETRA_OK) {
      if (o->plot != NULL) sim_gnuplot_note();
      print_header(o, &images);
      fflush(stdout);
      rc = measure(o, study, &real, &images, err);
    }
    tetra_study_close(study);
  }
  free(images.x);
  free(real.bytes);
  return rc;
}
