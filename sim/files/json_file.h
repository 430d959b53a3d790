/* JSON files that the program reads: whole, of one object, with the keys that are expected. */
#ifndef TETRA_SIM_JSON_FILE_H
#define TETRA_SIM_JSON_FILE_H

#include <cjson/cJSON.h>

#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_JSON_MAX_BYTES ((size_t)16 << 20)

/* Reads the file `path` of at most SIM_JSON_MAX_BYTES, an object and nothing else; `what` it is begins every message
 * ("bits 'x.json': ..."). *root is the caller's to free (cJSON_Delete). TETRA_EIO, TETRA_EINVAL (with the line of a
 * mistake), TETRA_ENOMEM: *root is NULL then. */
TETRA_NODISCARD int sim_json_read(const char *what, const char *path, cJSON **root, struct tetra_error *err);
/* The same of a text of `size` bytes; `path` is for messages. */
TETRA_NODISCARD int sim_json_parse(const char *what, const char *path, const char *text, size_t size, cJSON **root,
                                   struct tetra_error *err);
/* Has the object only keys out of `keys` (ended by NULL), each once? TETRA_EINVAL names the key, and those accepted. */
TETRA_NODISCARD int sim_json_keys(const char *what, const char *path, const cJSON *object, const char *const *keys,
                                  struct tetra_error *err);
/* Is it a whole number in least..most? No item (NULL) is none. */
TETRA_NODISCARD int sim_json_is_whole(const cJSON *item, double least, double most);
/* Has the object no key twice? TETRA_EINVAL names it. */
TETRA_NODISCARD int sim_json_unique(const char *what, const char *path, const cJSON *object, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
