/* A row of the tables that options are parsed by: all there is to know of an option is in its row. */
#ifndef TETRA_SIM_OPTION_H
#define TETRA_SIM_OPTION_H

#include <stddef.h>

#include "cli/settings.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum sim_option_kind {
  SIM_OPTION_END,  /* of the table */
  SIM_OPTION_TEXT, /* has a value, which the field keeps as it is */
  SIM_OPTION_SET,  /* has none: the field, an int or enum, becomes `value` */
  SIM_OPTION_TAKE  /* has a value, which take() parses */
};

enum { SIM_ANY_RUN = 0, SIM_BUILTIN_ONLY = 1, SIM_RTL_ONLY = 2 };

struct sim_option {
  enum sim_option_kind kind;
  const char *name; /* without "--" */
  const char *help; /* its lines in --help; NULL: none, or another row's lines speak of it */
  unsigned only; /* SIM_BUILTIN_ONLY: built-in networks take it; SIM_RTL_ONLY: it has no meaning without a simulation */
  size_t field;  /* of struct sim_options */
  int value;
  /* TETRA_EINVAL names the option, the value and what is accepted. */
  int (*take)(const char *text, struct sim_options *o, struct tetra_error *err);
};

#define SIM_TEXT(name, field, only, help) \
  { SIM_OPTION_TEXT, name, help, only, offsetof(struct sim_options, field), 0, NULL }
#define SIM_SET(name, field, value, only, help) \
  { SIM_OPTION_SET, name, help, only, offsetof(struct sim_options, field), value, NULL }
#define SIM_TAKE(name, take, only, help) \
  { SIM_OPTION_TAKE, name, help, only, 0, 0, take }
#define SIM_END \
  { SIM_OPTION_END, NULL, NULL, 0, 0, 0, NULL }

#ifdef __cplusplus
}
#endif
#endif
