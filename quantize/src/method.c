/* Names of methods. */
#include <string.h>

#include "tetra/quantize_model.h"

#define ENTRY(e, name, what) {name, what},
static const struct { const char *name, *what; } methods[] = {TETRA_QUANTIZE_METHODS(ENTRY)};
#undef ENTRY

const char *tetra_quantize_method_name(enum tetra_quantize_method m) {
  return (unsigned)m < TETRA_METHOD_COUNT ? methods[m].name : NULL;
}

const char *tetra_quantize_method_text(enum tetra_quantize_method m) {
  return (unsigned)m < TETRA_METHOD_COUNT ? methods[m].what : NULL;
}

int tetra_quantize_method_parse(const char *name) {
  for (int i = 0; i < TETRA_METHOD_COUNT; i++)
    if (!strcmp(name, methods[i].name)) return i;
  return -1;
}
