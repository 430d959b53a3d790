/* Quotes a command line for a POSIX shell. */
#include "base/command_line.h"

#include <stdlib.h>
#include <string.h>

static const char kPlain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,:/@%";

/* At most 4 * strlen + 3 characters; returns the end. */
static char *append(char *to, const char *word) {
  if (word[0] != '\0' && strspn(word, kPlain) == strlen(word)) return to + strlen(strcpy(to, word));
  *to++ = '\'';
  for (; *word != '\0'; word++) {
    if (*word == '\'') to += strlen(strcpy(to, "'\\'")); /* ends the quotes, a quoted one, and */
    *to++ = *word;                                       /* ... begins them again, where it is one */
  }
  *to++ = '\'';
  return to;
}

char *sim_command_line(int argc, char *const *argv) {
  size_t size = 1;
  for (int i = 0; i < argc; i++) size += 4 * strlen(argv[i]) + 3;
  char *text = malloc(size), *end = text;
  for (int i = 0; text != NULL && i < argc; i++) {
    const char *slash = i == 0 ? strrchr(argv[i], '/') : NULL;
    if (i != 0) *end++ = ' ';
    end = append(end, slash != NULL ? slash + 1 : argv[i]);
  }
  if (text != NULL) *end = '\0';
  return text;
}
