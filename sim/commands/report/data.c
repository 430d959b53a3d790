/* Writes each column in its shortest form. */
#include "commands/report/data.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "report/json_parts.h"

#define WORDS_MAX 1296 /* two digits to the base of 36 */
#define DIGITS "0123456789abcdefghijklmnopqrstuvwxyz"

/* A column's values, each once, and for each row the number of its own. */
struct dictionary {
  int n, *at;
  int *row; /* of the first one that has the value */
  int too_many;
};

static int same_value(const struct study_column *c, int a, int b) {
  if (c->is_text) return c->word[a] == c->word[b];
  return c->v[a] == c->v[b] || (isnan(c->v[a]) && isnan(c->v[b]));
}

/* Values near each other are mostly equal: the search begins with those seen last. */
static int look_up(const struct study *s, const struct study_column *c, struct dictionary *d) {
  d->at = calloc((size_t)s->n_rows + 1, sizeof *d->at);
  d->row = calloc(WORDS_MAX, sizeof *d->row);
  if (d->at == NULL || d->row == NULL) return 0;
  for (int row = 0; row < s->n_rows && !d->too_many; row++) {
    int k = d->n - 1;
    while (k >= 0 && !same_value(c, d->row[k], row)) k--;
    if (k < 0 && d->n == WORDS_MAX) {
      d->too_many = 1;
      break;
    }
    if (k < 0) d->row[k = d->n++] = row;
    d->at[row] = k;
  }
  return 1;
}

static cJSON *make_value(const struct study_column *c, int row) {
  if (c->is_text) return c->word[row] < 0 ? cJSON_CreateNull() : cJSON_CreateString(c->words[c->word[row]]);
  return isnan(c->v[row]) ? cJSON_CreateNull() : cJSON_CreateNumber(c->v[row]);
}

/* v to the base of 36, at least `digits` of them; returns the end. */
static char *put_number(char *to, uint64_t v, int digits) {
  char reversed[16];
  int n = 0;
  do {
    reversed[n++] = DIGITS[v % 36];
    v /= 36;
  } while (v != 0 || n < digits);
  while (n > 0) *to++ = reversed[--n];
  return to;
}

static int add_words(cJSON *o, const struct study *s, const struct study_column *c, const struct dictionary *d) {
  const int digits = d->n <= 36 ? 1 : 2;
  cJSON *words = cJSON_CreateArray();
  char *text = malloc((size_t)s->n_rows * 2 + 1), *end = text;
  int ok = words != NULL && text != NULL;
  for (int k = 0; ok && k < d->n; k++) {
    cJSON *value = make_value(c, d->row[k]);
    ok = value != NULL && cJSON_AddItemToArray(words, value);
    if (!ok) cJSON_Delete(value);
  }
  for (int row = 0; ok && row < s->n_rows; row++) end = put_number(end, (uint64_t)d->at[row], digits);
  if (ok) {
    *end = '\0';
    ok = sim_json_add(o, "words", words) && sim_json_number(o, "digits", digits) && sim_json_text(o, "at", text);
  } else {
    cJSON_Delete(words);
  }
  free(text);
  return ok;
}

/* Can all be written as whole numbers without a sign? */
static int is_countable(const struct study *s, const struct study_column *c) {
  if (c->is_text || !c->is_whole) return 0;
  for (int row = 0; row < s->n_rows; row++) {
    if (c->v[row] < 0 || c->v[row] > 9007199254740992.0) return 0;
  }
  return 1;
}

static int add_whole(cJSON *o, const struct study *s, const struct study_column *c) {
  char *text = malloc((size_t)s->n_rows * 13 + 1), *end = text;
  if (text == NULL) return 0;
  for (int row = 0; row < s->n_rows; row++) {
    if (row != 0) *end++ = ' ';
    if (!isnan(c->v[row])) end = put_number(end, (uint64_t)c->v[row], 1);
  }
  *end = '\0';
  const int ok = sim_json_text(o, "whole", text);
  free(text);
  return ok;
}

static int add_numbers(cJSON *o, const struct study *s, const struct study_column *c) {
  cJSON *a = cJSON_CreateArray();
  for (int row = 0; a != NULL && row < s->n_rows; row++) {
    cJSON *value = make_value(c, row);
    if (value != NULL && cJSON_AddItemToArray(a, value)) continue;
    cJSON_Delete(value);
    cJSON_Delete(a);
    return 0;
  }
  return sim_json_add(o, "numbers", a);
}

static cJSON *make_column(const struct study *s, const struct study_column *c) {
  struct dictionary d = {0};
  cJSON *o = cJSON_CreateObject();
  int ok = o != NULL && look_up(s, c, &d) && sim_json_text(o, "name", c->name);
  if (ok && d.n <= 1 && !d.too_many) {
    ok = sim_json_add(o, "one", d.n == 0 ? cJSON_CreateNull() : make_value(c, 0));
  } else if (ok && !d.too_many) {
    ok = add_words(o, s, c, &d);
  } else if (ok) {
    ok = is_countable(s, c) ? add_whole(o, s, c) : add_numbers(o, s, c);
  }
  free(d.at);
  free(d.row);
  if (ok) return o;
  cJSON_Delete(o);
  return NULL;
}

static cJSON *make_columns(const struct study *s) {
  cJSON *a = cJSON_CreateArray();
  for (int c = 0; a != NULL && c < s->n_columns; c++) {
    cJSON *column = make_column(s, &s->columns[c]);
    if (column != NULL && cJSON_AddItemToArray(a, column)) continue;
    cJSON_Delete(column);
    cJSON_Delete(a);
    return NULL;
  }
  return a;
}

static cJSON *make_larger(const struct study *s) {
  cJSON *a = cJSON_CreateArray();
  for (int c = 0; a != NULL && c < s->n_columns; c++) {
    if (!front_larger_is_better(s->columns[c].name)) continue;
    cJSON *name = cJSON_CreateString(s->columns[c].name);
    if (name != NULL && cJSON_AddItemToArray(a, name)) continue;
    cJSON_Delete(name);
    cJSON_Delete(a);
    return NULL;
  }
  return a;
}

int study_json(const struct study *s, const struct front *f, char **json, struct tetra_error *err) {
  cJSON *d = cJSON_CreateObject();
  int ok = d != NULL && sim_json_number(d, "rows", s->n_rows);
  ok = ok && sim_json_text(d, "x", f->x == NULL ? NULL : f->x->name);
  ok = ok && sim_json_text(d, "y", f->y == NULL ? NULL : f->y->name);
  ok = ok && sim_json_add(d, "larger", make_larger(s)) && sim_json_add(d, "columns", make_columns(s));
  ok = ok && sim_json_text(d, "study", s->text) && sim_json_text(d, "command", s->command);
  *json = ok ? cJSON_PrintUnformatted(d) : NULL; /* which allocates by malloc */
  cJSON_Delete(d);
  return *json != NULL ? TETRA_OK : tetra_fail(err, TETRA_ENOMEM, "no memory for the page of %d points", s->n_rows);
}
