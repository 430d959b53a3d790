/* A study's columns as JSON for the page's script, as short as it can be and still be exact. */
#ifndef TETRA_SIM_REPORT_DATA_H
#define TETRA_SIM_REPORT_DATA_H

#include "commands/report/front.h"

#ifdef __cplusplus
extern "C" {
#endif

/* {"rows": N, "x": NAME, "y": NAME, "larger": [NAME, ...], "columns": [...], "study": ..., "command": ...}. A column
 * has "name" and one of "one": its value in every row "words", "digits", "at": its values, and for each row the number
 * of its value in `digits` digits to the base of 36 "whole": whole numbers to that base with blanks between them, an
 * empty one is null "numbers": a number or null for each row The caller frees *json; TETRA_ENOMEM. */
TETRA_NODISCARD int study_json(const struct study *s, const struct front *f, char **json, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
