/* Lines beside an error, on standard error. */
#include "base/notes.h"

#include <stdio.h>

void sim_note(void *arg, const char *text) {
  (void)arg;
  fprintf(stderr, "sim: %s\n", text);
}
