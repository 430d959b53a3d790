/* Options, refusals and what a model owns. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/report.h"

void tetra_import_defaults(struct tetra_import_options *o) { *o = (struct tetra_import_options){0, 1}; }

void tetra_model_free(struct tetra_model *m) {
  tetra_graph_free(&m->graph);
  tetra_arena_free(&m->memory);
  memset(m, 0, sizeof *m);
}

void tetra_import_report_free(struct tetra_import_report *r) {
  free(r->refusals);
  memset(r, 0, sizeof *r);
}

void import_name_n(char out[TETRA_NAME_MAX], const char *name, size_t n) {
  size_t i = 0;
  for (; i < n && name[i] && i + 1 < TETRA_NAME_MAX; i++) out[i] = name[i] >= ' ' && name[i] <= '~' ? name[i] : '?';
  out[i] = 0;
}

void import_name(char out[TETRA_NAME_MAX], const char *name) { import_name_n(out, name ? name : "", TETRA_NAME_MAX); }

int import_refuse(struct tetra_import_report *r, const char *name, const char *op, struct tetra_error *err,
                  const char *reason, ...) {
  if (!(r->n_refusals & (r->n_refusals - 1))) { /* full at every power of two */
    const size_t room = r->n_refusals ? 2 * (size_t)r->n_refusals : 1;
    struct tetra_refusal *grown = realloc(r->refusals, room * sizeof *grown);
    if (!grown) return tetra_fail(err, TETRA_ENOMEM, "no memory for %zu refusals", room);
    r->refusals = grown;
  }
  struct tetra_refusal *f = &r->refusals[r->n_refusals++];
  import_name(f->name, name);
  import_name(f->op, op);
  va_list args;
  va_start(args, reason);
  vsnprintf(f->reason, sizeof f->reason, reason, args);
  va_end(args);
  return TETRA_OK;
}

/* Equal but for what stands between quotation marks? */
static int same_reason(const char *a, const char *b) {
  for (int quoted = 0;; a++, b++) {
    while (quoted && *a && *a != '\'') a++;
    while (quoted && *b && *b != '\'') b++;
    if (*a != *b) return 0;
    if (!*a) return 1;
    if (*a == '\'') quoted = !quoted;
  }
}

int tetra_import_kinds(const struct tetra_import_report *r, struct tetra_refusal_kind **kinds, int *n,
                       struct tetra_error *err) {
  *n = 0;
  *kinds = calloc((size_t)r->n_refusals + 1, sizeof **kinds);
  if (!*kinds) return tetra_fail(err, TETRA_ENOMEM, "no memory for %d refusals", r->n_refusals);
  for (int i = 0; i < r->n_refusals; i++) {
    const struct tetra_refusal *f = &r->refusals[i];
    int k = 0;
    while (k < *n && (strcmp(r->refusals[(*kinds)[k].first].op, f->op) ||
                      !same_reason(r->refusals[(*kinds)[k].first].reason, f->reason)))
      k++;
    struct tetra_refusal_kind *kind = &(*kinds)[k];
    if (k == *n) {
      kind->first = i;
      (*n)++;
    }
    if (kind->count < 3) kind->named[kind->count] = i;
    kind->count++;
  }
  return TETRA_OK;
}

int import_verdict(const struct tetra_import_report *r, struct tetra_error *err) {
  if (!r->n_refusals) return TETRA_OK;
  const struct tetra_refusal *f = &r->refusals[0];
  return tetra_fail(err, TETRA_EINVAL, "%d operation%s cannot run, first %s '%s': %.120s", r->n_refusals,
                    r->n_refusals == 1 ? "" : "s", f->op, f->name, f->reason);
}
