/* Where errors get their message. */
#include "tetra/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* text, or "..." and as much of its end as there is room for, beginning with a whole UTF-8 character. */
static void keep_end(char *out, size_t size, const char *text) {
  const size_t length = strlen(text);
  if (length < size) {
    memcpy(out, text, length + 1);
    return;
  }
  const char *end = text + length - (size - 4);
  while (((unsigned char)*end & 0xc0) == 0x80) end++;
  snprintf(out, size, "...%s", end);
}

int tetra_fail(struct tetra_error *err, int code, const char *fmt, ...) {
  if (!err) return code;
  char text[8192]; /* the longest path, and what is said of it */
  err->code = code;
  va_list args;
  va_start(args, fmt);
  vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  keep_end(err->msg, sizeof err->msg, text);
  return code;
}
