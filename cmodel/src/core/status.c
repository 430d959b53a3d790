/* Where errors get their message. */
#include "tetra/status.h"

#include <stdarg.h>
#include <stdio.h>

int tetra_fail(struct tetra_error *err, int code, const char *fmt, ...) {
  if (!err) return code;
  err->code = code;
  va_list args;
  va_start(args, fmt);
  vsnprintf(err->msg, sizeof err->msg, fmt, args);
  va_end(args);
  return code;
}
