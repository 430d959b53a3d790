/* Float models in, quantized ONNX models out. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nested.h"
#include "ptq/equalize.h"
#include "ptq/quantizer.h"
#include "verify.h"

void tetra_quantize_defaults(struct tetra_quantize_options *o) {
  *o = (struct tetra_quantize_options){.precision = TETRA_W8A8, .method = TETRA_METHOD_BEST, .granularity = 1};
}

void tetra_quantize_report_free(struct tetra_quantize_report *r) {
  free(r->items);
  memset(r, 0, sizeof *r);
}

/* A float network and what it lives in. */
struct loaded {
  struct tetra_arena arena;
  struct tetra_error own;
  struct tetra_float_graph g;
};

static int load(const uint8_t *bytes, size_t size, struct tetra_import_report *refused, struct tetra_error *err,
                struct loaded *l) {
  memset(l, 0, sizeof *l);
  l->arena.err = err ? err : &l->own;
  return tetra_import_float(bytes, size, &l->arena, &l->g, refused);
}

int tetra_quantize_input(const uint8_t *bytes, size_t size, int *h, int *w, int *c, struct tetra_import_report *refused,
                         struct tetra_error *err) {
  struct loaded l;
  const int rc = load(bytes, size, refused, err, &l);
  if (!rc) {
    *h = l.g.values[l.g.input].h;
    *w = l.g.values[l.g.input].w;
    *c = l.g.values[l.g.input].c;
  }
  tetra_arena_free(&l.arena);
  return rc;
}

int tetra_quantize_check_bits(const uint8_t *bytes, size_t size, const struct tetra_quantize_options *o,
                              struct tetra_error *err) {
  struct tetra_import_report refused;
  struct loaded l;
  if (!o->bits) return TETRA_OK;
  int rc = load(bytes, size, &refused, err, &l);
  if (!rc) rc = quant_check_bits(&l.g, o, err);
  tetra_import_report_free(&refused);
  tetra_arena_free(&l.arena);
  return rc;
}

static int check_images(const struct loaded *l, const float *images, int n) {
  if (n < 1) return tetra_fail(l->arena.err, TETRA_EINVAL, "%d images, there must be at least one", n);
  const size_t count = tetra_float_size(&l->g.values[l->g.input], n);
  for (size_t i = 0; i < count; i++)
    if (!isfinite(images[i]))
      return tetra_fail(l->arena.err, TETRA_EINVAL, "element %zu of the images is %g, must be finite", i,
                        (double)images[i]);
  return TETRA_OK;
}

static int check_data_free(const struct tetra_quantize_options *o, struct tetra_error *err) {
  if (o->method == TETRA_METHOD_MAX || o->method == TETRA_METHOD_SQUANT) return TETRA_OK;
  return tetra_fail(err, TETRA_EINVAL, "method %s needs images; without any (--data-free) squant and max are accepted",
                    tetra_quantize_method_name(o->method));
}

int tetra_float_model_logits(const uint8_t *bytes, size_t size, const float *images, int n, float **logits,
                             int *classes, struct tetra_import_report *refused, struct tetra_error *err) {
  struct loaded l;
  *logits = NULL;
  int rc = load(bytes, size, refused, err, &l);
  if (!rc) rc = check_images(&l, images, n);
  if (!rc) {
    const struct tetra_float_value *out = &l.g.values[l.g.output];
    *classes = (int)tetra_float_size(out, 1);
    rc = tetra_float_run_graph(&l.g, images, n, logits, l.arena.err);
  }
  tetra_arena_free(&l.arena);
  return rc;
}

int quant_verify(const uint8_t *bytes, size_t size, struct tetra_import_report *refused, struct tetra_error *err) {
  struct tetra_import_options o;
  struct tetra_model m;
  tetra_import_defaults(&o);
  tetra_import_report_free(refused);
  const int rc = tetra_import_onnx(bytes, size, &o, &m, refused, err);
  tetra_model_free(&m);
  return rc;
}

int tetra_quantize_model(const uint8_t *bytes, size_t size, const float *images, int n,
                         const struct tetra_quantize_options *o, uint8_t **out, size_t *out_size,
                         struct tetra_quantize_report *report, struct tetra_import_report *refused,
                         struct tetra_error *err) {
  struct loaded l;
  memset(report, 0, sizeof *report);
  *out = NULL;
  int rc = load(bytes, size, refused, err, &l);
  if (!rc) rc = o->data_free ? check_data_free(o, l.arena.err) : check_images(&l, images, n);
  l.arena.budget = SIZE_MAX / 4; /* what follows is in proportion to the weights and images that are there */
  struct quant_plan p = {.g = &l.g, .o = o};
  if (!rc) rc = quant_place(&l.arena, &p);
  if (!rc && quant_equalizes(o) && !o->data_free) rc = quant_equalize(&l.arena, &p, images, n);
  if (!rc) rc = o->data_free ? quant_run_data_free(&l.arena, &p, report) : quant_run(&l.arena, &p, images, n, report);
  if (!rc && o->nested) rc = quant_nest(&l.arena, &p);
  if (!rc) rc = quant_write(&p, out, out_size, l.arena.err);
  if (!rc && (rc = quant_verify(*out, *out_size, refused, l.arena.err)) != TETRA_OK)
    tetra_import_report_free(refused); /* of the network that was made: the one that was given has none */
  if (rc) {
    free(*out);
    *out = NULL;
  }
  tetra_arena_free(&l.arena);
  return rc;
}
