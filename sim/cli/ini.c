/* Reads files of settings, line by line. */
#include "cli/ini.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX_BYTES 512

/* Without blanks at both ends, in place. */
static char *trim(char *s) {
  while (isspace((unsigned char)*s)) s++;
  char *end = s + strlen(s);
  while (end > s && isspace((unsigned char)end[-1])) end--;
  *end = '\0';
  return s;
}

/* A line without its comment: a blank one, a section, which becomes *section, or a setting. */
static int take_line(char *line, char section[64],
                     int (*take)(void *arg, const char *section, const char *key, const char *value,
                                 struct tetra_error *err),
                     void *arg, struct tetra_error *err) {
  line[strcspn(line, "#;")] = '\0';
  line = trim(line);
  const size_t length = strlen(line);
  if (length == 0) return TETRA_OK;
  if (line[0] == '[' && line[length - 1] == ']' && length - 1 < 64) {
    line[length - 1] = '\0';
    snprintf(section, 64, "%.63s", trim(line + 1));
    return TETRA_OK;
  }
  char *is = strchr(line, '=');
  if (is == NULL || is == line)
    return tetra_fail(err, TETRA_EINVAL, "'%.60s' is neither a [section] nor a key = value", line);
  *is = '\0';
  return take(arg, section, trim(line), trim(is + 1), err);
}

int sim_ini_read(const char *path,
                 int (*take)(void *arg, const char *section, const char *key, const char *value,
                             struct tetra_error *err),
                 void *arg, struct tetra_error *err) {
  char line[LINE_MAX_BYTES], section[64] = "";
  FILE *f = fopen(path, "r");
  if (f == NULL) return tetra_fail(err, TETRA_EIO, "cannot read '%s': %s", path, strerror(errno));
  int rc = TETRA_OK;
  for (int number = 1; rc == TETRA_OK && fgets(line, sizeof line, f) != NULL; number++) {
    struct tetra_error why = {0, ""};
    if (strlen(line) == sizeof line - 1)
      rc = tetra_fail(&why, TETRA_EINVAL, "a line has at most %d characters", LINE_MAX_BYTES - 2);
    else
      rc = take_line(line, section, take, arg, &why);
    if (rc != TETRA_OK) tetra_fail(err, rc, "%s:%d: %s", path, number, why.msg);
  }
  if (rc == TETRA_OK && ferror(f)) rc = tetra_fail(err, TETRA_EIO, "cannot read '%s': %s", path, strerror(errno));
  fclose(f);
  return rc;
}
