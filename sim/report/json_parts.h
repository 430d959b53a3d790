/* Pieces of JSON documents that more than one report has. Functions that add return 0 where memory does not suffice;
 * what was to be added is freed then. */
#ifndef TETRA_SIM_JSON_PARTS_H
#define TETRA_SIM_JSON_PARTS_H

#include <cjson/cJSON.h>

#include "cli/settings.h"
#include "tetra/caps.h"
#include "tetra/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Adds an item, which NULL stands for no memory. */
TETRA_NODISCARD int sim_json_add(cJSON *to, const char *key, cJSON *item);
TETRA_NODISCARD int sim_json_number(cJSON *to, const char *key, double value);
/* null where the text is NULL. */
TETRA_NODISCARD int sim_json_text(cJSON *to, const char *key, const char *text);
TETRA_NODISCARD int sim_json_bool(cJSON *to, const char *key, int value);
/* A document that begins with "schema": "tetra-NAME-VERSION", of docs/schema/NAME.schema.json, and the program's
 * version. */
cJSON *sim_json_document(const char *name, int version);
/* {h, w, c, format} */
cJSON *sim_json_shape(const struct tetra_desc *d);
/* The accelerator: array, multipliers, buffers. */
cJSON *sim_json_hardware(const struct tetra_caps *c);
/* What tells runs of one network apart: seed, picture, layers, check, fusing, DRAM. */
cJSON *sim_json_settings(const struct sim_options *o);
/* Puts the document into a file, and frees it; NULL: no memory for it. TETRA_ENOMEM, TETRA_EIO. */
TETRA_NODISCARD int sim_json_deliver(cJSON *document, const char *path, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
