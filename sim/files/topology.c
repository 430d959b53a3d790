/* Reads SCALE-Sim's topology files. */
#include "files/topology.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 1024
#define WEIGHTS_MAX (1 << 30)
#define COLUMNS 8 /* of a convolution; matrix products have 4 */

/* A line's fields, without blanks around them; more than COLUMNS (a trailing comma, later versions' sparsity) are
 * dropped. */
struct row {
  char *field[COLUMNS];
  int n;
};

static void split(char *line, struct row *r) {
  r->n = 0;
  while (r->n < COLUMNS) {
    char *end = line + strcspn(line, ",\r\n");
    const int last = *end != ',';
    while (isspace((unsigned char)*line) && line < end) line++;
    char *tail = end;
    while (tail > line && isspace((unsigned char)tail[-1])) tail--;
    *tail = '\0';
    r->field[r->n++] = line;
    if (last) break;
    line = end + 1;
  }
  while (r->n > 0 && *r->field[r->n - 1] == '\0') r->n--;
}

/* The numbers behind a line's name; 0 where one is none, or there are not `n`. */
static int numbers(const struct row *r, int n, int v[COLUMNS - 1]) {
  if (r->n <= n) return 0;
  for (int i = 0; i < n; i++) {
    char *end = NULL;
    const char *text = r->field[i + 1];
    const unsigned long x = isdigit((unsigned char)*text) ? strtoul(text, &end, 10) : 0;
    if (end == NULL || *end != '\0' || x < 1 || x > 1 << 24) return 0;
    v[i] = (int)x;
  }
  return 1;
}

/* The op and its values; weights are 0, codes are passed on as they are. */
static int add_conv(struct tetra_graph *g, const char *name, const struct tetra_desc *in, int kh, int kw, int stride,
                    int cout, struct tetra_error *err) {
  struct tetra_op op = {.kind = TETRA_CONV, .residual = -1, .wbits = 8, .cout = cout, .groups = 1, .n_outputs = 1};
  snprintf(op.name, sizeof op.name, "%.63s", name);
  op.win = tetra_window_pixel();
  op.win.kh = kh, op.win.kw = kw;
  op.win.stride_y = op.win.stride_x = stride;
  struct tetra_desc out = *in;
  out.h = tetra_window_out_h(&op.win, in->h), out.w = tetra_window_out_w(&op.win, in->w), out.c = cout;
  if (out.h < 1 || out.w < 1)
    return tetra_fail(err, TETRA_EINVAL, "a filter of %dx%d is larger than the input of %dx%d", kh, kw, in->h, in->w);
  if ((double)cout * kh * kw * in->c > WEIGHTS_MAX)
    return tetra_fail(err, TETRA_EINVAL, "a layer of more than %d weights", WEIGHTS_MAX);
  op.weights = calloc((size_t)cout * tetra_window_elements(&op.win, in->c), 1);
  op.rq[0] = (struct tetra_requant){.round = TETRA_HALF_UP, .lo = 0, .hi = tetra_fmt_max(in->fmt)};
  op.rq[0].ch = calloc((size_t)cout, sizeof *op.rq[0].ch);
  op.input = tetra_graph_add_value(g, "in", in);
  op.output[0] = tetra_graph_add_value(g, name, &out);
  if (op.weights != NULL && op.rq[0].ch != NULL && op.input >= 0 && op.output[0] >= 0) {
    for (int c = 0; c < cout; c++) op.rq[0].ch[c] = (struct tetra_requant_channel){.m = 1 << 30, .s = 30};
    if (tetra_graph_add_op(g, &op) >= 0) return TETRA_OK;
  }
  free(op.weights);
  free(op.rq[0].ch);
  return tetra_fail(err, TETRA_ENOMEM, "no memory for a layer");
}

static int take_row(struct tetra_graph *g, const struct row *r, int is_gemm, int batch, struct tetra_error *err) {
  struct tetra_desc in = {batch, 1, 1, 1, TETRA_U8, 0, 1.0};
  int v[COLUMNS - 1];
  if (!numbers(r, is_gemm ? 3 : 7, v)) {
    return tetra_fail(err, TETRA_EINVAL, "a line has %s, whole numbers from 1",
                      is_gemm
                          ? "a name, M, N and K"
                          : "a name, input height and width, filter height and width, channels, filters and stride");
  }
  if (is_gemm) {
    in.h = v[0], in.c = v[2];
    return add_conv(g, r->field[0], &in, 1, 1, 1, v[1], err);
  }
  in.h = v[0], in.w = v[1], in.c = v[4];
  return add_conv(g, r->field[0], &in, v[2], v[3], v[6], v[5], err);
}

/* Bits are known when it is known which layer is the last one. */
static void set_bits(struct tetra_graph *g, enum tetra_precision precision) {
  const struct tetra_precision_bits bits = tetra_bits_of_precision(precision);
  for (int i = 0; i < g->n_ops; i++) {
    struct tetra_op *op = &g->ops[i];
    const int outer = i == 0 || i == g->n_ops - 1;
    const enum tetra_fmt fmt = tetra_fmt_of(outer ? bits.outer_acts : bits.acts, 0);
    op->wbits = outer ? bits.outer_weights : bits.weights;
    op->rq[0].hi = tetra_fmt_max(fmt);
    g->values[op->input].d.fmt = g->values[op->output[0]].d.fmt = fmt;
  }
}

static int read_lines(FILE *f, const char *path, int batch, struct tetra_graph *g, struct tetra_error *err) {
  char line[LINE_BYTES];
  int is_gemm = 0;
  for (int number = 1; fgets(line, sizeof line, f) != NULL; number++) {
    struct tetra_error why = {0, ""};
    struct row r;
    split(line, &r);
    if (r.n == 0) continue;
    if (number == 1) {
      is_gemm = r.n > 1 && strcmp(r.field[1], "M") == 0;
      continue;
    }
    const int rc = take_row(g, &r, is_gemm, batch, &why);
    if (rc != TETRA_OK) return tetra_fail(err, rc, "%s:%d: %s", path, number, why.msg);
  }
  if (ferror(f)) return tetra_fail(err, TETRA_EIO, "cannot read '%s': %s", path, strerror(errno));
  if (g->n_ops == 0) return tetra_fail(err, TETRA_EINVAL, "%s: a header and a line a layer are expected", path);
  return TETRA_OK;
}

int sim_topology_read(const char *path, enum tetra_precision precision, int batch, struct tetra_graph *g,
                      struct tetra_error *err) {
  memset(g, 0, sizeof *g);
  FILE *f = fopen(path, "r");
  if (f == NULL) return tetra_fail(err, TETRA_EIO, "cannot read '%s': %s", path, strerror(errno));
  const int rc = read_lines(f, path, batch, g, err);
  fclose(f);
  if (rc != TETRA_OK) {
    tetra_graph_free(g);
    return rc;
  }
  const char *slash = strrchr(path, '/');
  snprintf(g->name, sizeof g->name, "%.63s", slash == NULL ? path : slash + 1);
  set_bits(g, precision);
  g->input = g->ops[0].input;
  g->output = g->ops[g->n_ops - 1].output[0];
  return TETRA_OK;
}
