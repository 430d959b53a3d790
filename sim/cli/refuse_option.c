/* Unknown options, and known ones with a value too many or too few. */
#define _GNU_SOURCE
#include "cli/refuse_option.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/spelling.h"

/* The option of this name, or the only one that begins so. */
static const struct option *find(const char *name, int length, const struct option *known) {
  const struct option *found = NULL;
  int n = 0;
  for (; known->name != NULL; known++) {
    if (strncmp(known->name, name, (size_t)length) != 0) continue;
    if (known->name[length] == '\0') return known;
    found = known;
    n++;
  }
  return n == 1 ? found : NULL;
}

int sim_refuse_option(const char *command, const char *text, const struct option *known, struct tetra_error *err) {
  const char *colon = *command == '\0' ? "" : ": ", *space = *command == '\0' ? "" : " ";
  const char *name = strncmp(text, "--", 2) == 0 ? text + 2 : "";
  const int length = (int)strcspn(name, "=");
  struct sim_nearest near = {NULL, 0};
  char hint[SIM_SPELLING_MAX + 24] = "";
  if (length > 0 && find(name, length, known) != NULL) {
    return tetra_fail(err, TETRA_EINVAL, "%s%soption '%.60s' %s", command, colon, text,
                      name[length] == '=' ? "takes no value" : "does not have the value it needs");
  }
  const int is_letter = text[0] == '-' && text[1] != '-' && text[1] != '\0' && text[2] == '\0';
  if (is_letter && optopt == 'o')
    return tetra_fail(err, TETRA_EINVAL, "%s%soption '-o' does not have the value it needs", command, colon);
  for (const struct option *k = known; k->name != NULL; k++) sim_nearest_offer(&near, name, length, k->name);
  if (near.name != NULL) snprintf(hint, sizeof hint, "did you mean '--%s'? ", near.name);
  return tetra_fail(err, TETRA_EINVAL, "%s%sunknown option '%.60s'; %s'sim %s%s--help' lists what is accepted", command,
                    colon, text, hint, command, space);
}
