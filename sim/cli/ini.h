/* Settings in files: "[section]", "key = value", comments behind # or ; on lines of their own or after a value. */
#ifndef TETRA_SIM_INI_H
#define TETRA_SIM_INI_H

#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Hands each setting of the file to take(arg, section, key, value, err), whose refusal ends it: *err is then
 * "FILE:LINE: " and what take said. TETRA_EIO, TETRA_EINVAL. */
TETRA_NODISCARD int sim_ini_read(const char *path,
                                 int (*take)(void *arg, const char *section, const char *key, const char *value,
                                             struct tetra_error *err),
                                 void *arg, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
