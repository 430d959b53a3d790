/* The answers of a study in memory, a column at a time. */
#ifndef TETRA_SIM_REPORT_STUDY_H
#define TETRA_SIM_REPORT_STUDY_H

#include <stddef.h>

#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A column of `answers`. Rows of a text column are words of a dictionary; -1: NULL. */
struct study_column {
  char *name;
  int is_text, is_whole, is_used; /* is_whole: no number has a fraction; is_used: some row is not NULL */
  double *v;                      /* numbers; NAN: NULL */
  int *word;                      /* text */
  char **words;
  int n_words;
};

/* All of it is owned. */
struct study {
  char *text, *command, *version; /* the study's JSON, what made the file */
  int n_rows, n_columns;
  struct study_column *columns;
};

/* Reads the file, ordered by id. TETRA_EIO: it cannot be read, or the program was built without SQLite; TETRA_EINVAL:
 * it is no results file, or of another format; TETRA_ENOMEM. Freed by study_free, also after an error. */
TETRA_NODISCARD int study_read(const char *path, struct study *s, struct tetra_error *err);
void study_free(struct study *s);
/* NULL where there is none. */
const struct study_column *study_column(const struct study *s, const char *name);
/* The row's number; NAN where there is none, also where `c` is NULL or text. */
double study_number(const struct study_column *c, int row);
/* The row's text, "" where there is none; a number as it is written. */
const char *study_text(const struct study_column *c, int row, char number[32]);
/* Was the point answered? */
TETRA_NODISCARD int study_is_done(const struct study *s, int row);
/* Different values among the answered points, counted up to `most`. */
TETRA_NODISCARD int study_distinct(const struct study *s, const struct study_column *c, int most);

#ifdef __cplusplus
}
#endif
#endif
