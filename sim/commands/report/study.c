/* Looks into a study's columns. */
#include "commands/report/study.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void study_free(struct study *s) {
  for (int c = 0; c < s->n_columns; c++) {
    struct study_column *column = &s->columns[c];
    for (int w = 0; w < column->n_words; w++) free(column->words[w]);
    free(column->words);
    free(column->word);
    free(column->v);
    free(column->name);
  }
  free(s->columns);
  free(s->text);
  free(s->command);
  free(s->version);
  memset(s, 0, sizeof *s);
}

const struct study_column *study_column(const struct study *s, const char *name) {
  for (int c = 0; c < s->n_columns; c++) {
    if (strcmp(s->columns[c].name, name) == 0) return &s->columns[c];
  }
  return NULL;
}

double study_number(const struct study_column *c, int row) { return c == NULL || c->is_text ? NAN : c->v[row]; }

const char *study_text(const struct study_column *c, int row, char number[32]) {
  if (c == NULL) return "";
  if (c->is_text) return c->word[row] < 0 ? "" : c->words[c->word[row]];
  if (isnan(c->v[row])) return "";
  snprintf(number, 32, c->is_whole ? "%.0f" : "%.6g", c->v[row]);
  return number;
}

int study_is_done(const struct study *s, int row) {
  char number[32];
  return strcmp(study_text(study_column(s, "status"), row, number), "done") == 0;
}

static int is_same(const struct study_column *c, int a, int b) {
  if (c->is_text) return c->word[a] == c->word[b];
  return c->v[a] == c->v[b];
}

static int is_null(const struct study_column *c, int row) { return c->is_text ? c->word[row] < 0 : isnan(c->v[row]); }

int study_distinct(const struct study *s, const struct study_column *c, int most) {
  int n = 0, seen[16];
  if (most > 16) most = 16;
  for (int row = 0; c != NULL && row < s->n_rows && n < most; row++) {
    if (!study_is_done(s, row) || is_null(c, row)) continue;
    int known = 0;
    for (int k = 0; k < n; k++) known = known || is_same(c, seen[k], row);
    if (!known) seen[n++] = row;
  }
  return n;
}
