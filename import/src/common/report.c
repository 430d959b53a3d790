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
  free(m->names);
  memset(m, 0, sizeof *m);
}

void tetra_import_report_free(struct tetra_import_report *r) {
  free(r->refusals);
  memset(r, 0, sizeof *r);
}

/* Bytes of the UTF-8 character at s, of at most n; 0: none that may be printed. */
static size_t printable(const unsigned char *s, size_t n) {
  if (s[0] < 0x80) return s[0] >= ' ' && s[0] != 0x7f;
  const size_t bytes = s[0] >= 0xc2 && s[0] < 0xe0   ? 2
                       : (s[0] & 0xf0) == 0xe0       ? 3
                       : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
                                                     : 0;
  if (bytes == 0 || bytes > n) return 0;
  for (size_t i = 1; i < bytes; i++)
    if ((s[i] & 0xc0) != 0x80) return 0;
  /* Control characters; what is written longer than it need be; halves of pairs; beyond the last character. */
  if (s[0] == 0xc2 && s[1] < 0xa0) return 0;
  if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] >= 0xa0)) return 0;
  if ((s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] >= 0x90)) return 0;
  return bytes;
}

/* The last `most` bytes of n, without the rest of a character that begins before them. */
static const char *end_of(const char *text, size_t n, size_t most) {
  const char *p = n > most ? text + n - most : text;
  while (p > text && p < text + n && ((unsigned char)*p & 0xc0) == 0x80) p++;
  return p;
}

/* Of text that is too long the end, behind "...". */
static void copy(char *out, size_t size, const char *text, size_t n) {
  size_t o = 0;
  const char *p = text, *const end = text + n;
  if (n >= size) {
    memcpy(out, "...", 3);
    o = 3;
    p = end_of(text, n, size - 4);
  }
  while (p < end) {
    const size_t bytes = printable((const unsigned char *)p, (size_t)(end - p));
    if (bytes == 0) {
      out[o++] = '?';
      p++;
    }
    for (size_t i = 0; i < bytes; i++) out[o++] = *p++;
  }
  out[o] = 0;
}

void import_name_n(char out[TETRA_NAME_MAX], const char *name, size_t n) {
  const char *nul = memchr(name, 0, n);
  copy(out, TETRA_NAME_MAX, name, nul ? (size_t)(nul - name) : n);
}

void import_name(char out[TETRA_NAME_MAX], const char *name) {
  out[0] = 0;
  if (name) copy(out, TETRA_NAME_MAX, name, strlen(name));
}

const char *import_name_end(const char *name) { return end_of(name, strlen(name), 60); }

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
  char text[1024];
  va_list args;
  va_start(args, reason);
  vsnprintf(text, sizeof text, reason, args);
  va_end(args);
  copy(f->reason, sizeof f->reason, text, strlen(text));
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
  return tetra_fail(err, TETRA_EINVAL, "%d operation%s cannot run, first %s '%s': %s", r->n_refusals,
                    r->n_refusals == 1 ? "" : "s", f->op, f->name, f->reason);
}
