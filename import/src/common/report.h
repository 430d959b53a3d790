/* Names and refusals, as all readers write them. Private to the library. */
#ifndef TETRA_IMPORT_REPORT_H
#define TETRA_IMPORT_REPORT_H

#include "tetra/import.h"

/* Copies a name out of a file: of a long one the end, behind "...", TETRA_NAME_MAX - 1 bytes in all. What is no
 * printable UTF-8 becomes '?', so that messages stay on one line. NULL gives "". */
void import_name(char out[TETRA_NAME_MAX], const char *name);
/* The last 60 bytes of a name, for messages; of whole characters. */
const char *import_name_end(const char *name);
/* The same as import_name from bytes that no NUL ends. */
void import_name_n(char out[TETRA_NAME_MAX], const char *name, size_t n);

/* Adds a refusal. TETRA_OK, so that a reader goes on and lists everything; TETRA_ENOMEM. */
TETRA_NODISCARD int import_refuse(struct tetra_import_report *r, const char *name, const char *op,
                                  struct tetra_error *err, const char *reason, ...)
    __attribute__((format(printf, 5, 6)));
/* TETRA_OK without refusals; otherwise TETRA_EINVAL with a message that counts them and names the first. */
TETRA_NODISCARD int import_verdict(const struct tetra_import_report *r, struct tetra_error *err);

#endif
