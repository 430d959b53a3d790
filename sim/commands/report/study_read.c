/* Reads a results file through SQLite: its meta data, and the view `answers`. */
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/paths.h"
#include "commands/report/study.h"

#define BUSY_MS 5000 /* who writes holds the file for moments only */
#define FORMAT "1"

struct reader {
  const char *path;
  sqlite3 *db;
  struct study *s;
  int room; /* rows */
};

static int no_memory(const struct reader *r, struct tetra_error *err) {
  return tetra_fail(err, TETRA_ENOMEM, "no memory for the answers in '%s'", r->path);
}

/* What there is to do, by SQLite's code. */
static const char *next_step(int code) {
  switch (code) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another program has locked it: try again when that one is done";
    case SQLITE_CORRUPT:
      return "the file is damaged: name an undamaged copy of it, or run the sweep into another file";
    case SQLITE_READONLY: /* a killed sweep's journal is to be rolled back */
    case SQLITE_CANTOPEN:
      return "where its sweep was killed, run that again, or the report where the folder may be written";
    default:
      return "is its disk there?";
  }
}

static int refuse(const struct reader *r, struct tetra_error *err) {
  const int code = sqlite3_errcode(r->db) & 0xff;
  if (code == SQLITE_NOMEM) return no_memory(r, err);
  if (code == SQLITE_NOTADB || code == SQLITE_ERROR)
    return tetra_fail(err, TETRA_EINVAL, "report: '%s' is no results file of ./sim sweep", r->path);
  return tetra_fail(err, TETRA_EIO, "report: cannot read '%s': %s; %s", r->path, sqlite3_errmsg(r->db),
                    next_step(code));
}

static char *copy(const char *text) {
  char *to = malloc(strlen(text) + 1);
  return to == NULL ? NULL : strcpy(to, text);
}

/* The value of a key of `meta`; *value NULL: there is none. */
static int read_meta(const struct reader *r, const char *key, char **value, struct tetra_error *err) {
  sqlite3_stmt *q = NULL;
  *value = NULL;
  if (sqlite3_prepare_v2(r->db, "SELECT value FROM meta WHERE key = ?", -1, &q, NULL) != SQLITE_OK)
    return refuse(r, err);
  sqlite3_bind_text(q, 1, key, -1, SQLITE_STATIC);
  const int step = sqlite3_step(q);
  int rc = step == SQLITE_ROW || step == SQLITE_DONE ? TETRA_OK : refuse(r, err);
  if (step == SQLITE_ROW) {
    const unsigned char *text = sqlite3_column_text(q, 0);
    *value = copy(text == NULL ? "" : (const char *)text);
    if (*value == NULL) rc = no_memory(r, err);
  }
  sqlite3_finalize(q);
  return rc;
}

static int check_format(const struct reader *r, struct tetra_error *err) {
  char *format = NULL;
  int rc = read_meta(r, "format", &format, err);
  if (rc == TETRA_OK && format == NULL)
    rc = tetra_fail(err, TETRA_EINVAL, "report: '%s' is no results file of ./sim sweep", r->path);
  if (rc == TETRA_OK && strcmp(format, FORMAT) != 0) {
    rc = tetra_fail(err, TETRA_EINVAL, "report: '%s' has format %.20s; " FORMAT " is accepted, make it anew", r->path,
                    format);
  }
  free(format);
  return rc;
}

/* Another row's room, doubled when it is used up; new rows are NULL. */
static int grow(struct reader *r) {
  struct study *s = r->s;
  if (s->n_rows < r->room) return 1;
  const int room = r->room == 0 ? 1024 : 2 * r->room;
  for (int c = 0; c < s->n_columns; c++) {
    struct study_column *column = &s->columns[c];
    double *v = realloc(column->v, (size_t)room * sizeof *v);
    if (v != NULL) column->v = v;
    int *word = realloc(column->word, (size_t)room * sizeof *word);
    if (word != NULL) column->word = word;
    if (v == NULL || word == NULL) return 0;
  }
  r->room = room;
  return 1;
}

/* The word's number in the column's dictionary, added where it is new; -1: no memory. */
static int find_word(struct study_column *c, const char *text) {
  for (int w = c->n_words - 1; w >= 0; w--) {
    if (strcmp(c->words[w], text) == 0) return w;
  }
  char **words = realloc(c->words, ((size_t)c->n_words + 1) * sizeof *words), *word = copy(text);
  if (words != NULL) c->words = words;
  if (words == NULL || word == NULL) {
    free(word);
    return -1;
  }
  c->words[c->n_words] = word;
  return c->n_words++;
}

static int take_cell(struct study_column *c, sqlite3_stmt *q, int column, int row) {
  const int type = sqlite3_column_type(q, column);
  c->v[row] = NAN;
  c->word[row] = -1;
  if (type == SQLITE_NULL) return 1;
  c->is_used = 1;
  if (type == SQLITE_TEXT || type == SQLITE_BLOB) {
    const unsigned char *text = sqlite3_column_text(q, column);
    c->is_text = 1;
    c->word[row] = find_word(c, text == NULL ? "" : (const char *)text);
    return c->word[row] >= 0;
  }
  c->v[row] = sqlite3_column_double(q, column);
  if (c->v[row] != floor(c->v[row])) c->is_whole = 0;
  return 1;
}

static int begin_columns(struct reader *r, sqlite3_stmt *q, struct tetra_error *err) {
  const int n = sqlite3_column_count(q);
  r->s->columns = calloc((size_t)n + 1, sizeof *r->s->columns);
  if (r->s->columns == NULL) return no_memory(r, err);
  for (int c = 0; c < n; c++) {
    r->s->columns[c] = (struct study_column){.name = copy(sqlite3_column_name(q, c)), .is_whole = 1};
    r->s->n_columns = c + 1;
    if (r->s->columns[c].name == NULL) return no_memory(r, err);
  }
  return TETRA_OK;
}

static int read_rows(struct reader *r, sqlite3_stmt *q, struct tetra_error *err) {
  struct study *s = r->s;
  int step;
  while ((step = sqlite3_step(q)) == SQLITE_ROW) {
    if (!grow(r)) return no_memory(r, err);
    for (int c = 0; c < s->n_columns; c++) {
      if (!take_cell(&s->columns[c], q, c, s->n_rows)) return no_memory(r, err);
    }
    s->n_rows++;
  }
  return step == SQLITE_DONE ? TETRA_OK : refuse(r, err);
}

static int read_answers(struct reader *r, struct tetra_error *err) {
  sqlite3_stmt *q = NULL;
  if (sqlite3_prepare_v2(r->db, "SELECT * FROM answers ORDER BY id", -1, &q, NULL) != SQLITE_OK) return refuse(r, err);
  int rc = begin_columns(r, q, err);
  if (rc == TETRA_OK) rc = read_rows(r, q, err);
  sqlite3_finalize(q);
  return rc;
}

int study_read(const char *path, struct study *s, struct tetra_error *err) {
  struct reader r = {.path = path, .s = s};
  memset(s, 0, sizeof *s);
  int rc = TETRA_OK;
  char *name = sim_path_of_file(path);
  if (name == NULL) return no_memory(&r, err);
  const int opened = sqlite3_open_v2(name, &r.db, SQLITE_OPEN_READONLY, NULL);
  free(name);
  if (opened != SQLITE_OK) {
    rc = r.db == NULL ? no_memory(&r, err) : refuse(&r, err);
  } else {
    sqlite3_busy_timeout(r.db, BUSY_MS);
    /* One state of the file for all that is read. */
    if (sqlite3_exec(r.db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK) rc = refuse(&r, err);
    if (rc == TETRA_OK) rc = check_format(&r, err);
    if (rc == TETRA_OK) rc = read_meta(&r, "study", &s->text, err);
    if (rc == TETRA_OK) rc = read_meta(&r, "command", &s->command, err);
    if (rc == TETRA_OK) rc = read_meta(&r, "version", &s->version, err);
    if (rc == TETRA_OK) rc = read_answers(&r, err);
  }
  sqlite3_close(r.db);
  return rc;
}
