/* Names that are like one another. */
#include "base/spelling.h"

#include <ctype.h>
#include <string.h>

static int least(int a, int b) { return a < b ? a : b; }

int sim_spelling_distance(const char *a, int na, const char *b, int nb) {
  int row[SIM_SPELLING_MAX + 1];
  na = least(na, SIM_SPELLING_MAX);
  nb = least(nb, SIM_SPELLING_MAX);
  for (int k = 0; k <= nb; k++) row[k] = k;
  for (int i = 0; i < na; i++) {
    int diagonal = row[0];
    row[0] = i + 1;
    for (int k = 0; k < nb; k++) {
      const int same = tolower((unsigned char)a[i]) == tolower((unsigned char)b[k]);
      const int here = least(least(row[k], row[k + 1]) + 1, diagonal + !same);
      diagonal = row[k + 1];
      row[k + 1] = here;
    }
  }
  return row[nb];
}

void sim_nearest_offer(struct sim_nearest *n, const char *text, int length, const char *name) {
  const int d = sim_spelling_distance(text, length, name, (int)strlen(name));
  const int enough = length < 4 ? 1 : length < 9 ? 2 : length / 3;
  if (d > enough || (n->name != NULL && n->distance <= d)) return;
  n->name = name;
  n->distance = d;
}
