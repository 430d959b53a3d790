/* The options of `./sim train --method once`. */
#ifndef TETRA_SIM_TRAIN_ONCE_OPTIONS_H
#define TETRA_SIM_TRAIN_ONCE_OPTIONS_H

#include "commands/train/options.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TRAIN_ONCE_HELP                                                                                  \
  "  --widths W,W,...         once: the widths of the networks that are trained together (0.5,0.75,1)\n" \
  "  --precisions P,P,...     once: their precisions, each with every width (w8a8,w4a4-init8-dense8,w4a4)\n"

/* "0.5,0.75,1"; "w4a4,w8a8". TETRA_EINVAL names what is accepted. */
TETRA_NODISCARD int train_once_parse_widths(const char *text, struct train_command *o, struct tetra_error *err);
TETRA_NODISCARD int train_once_parse_precisions(const char *text, struct train_command *o, struct tetra_error *err);
/* Once all options are read: those of other methods are refused, what is not given has its default. */
TETRA_NODISCARD int train_once_check(struct train_command *o, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
