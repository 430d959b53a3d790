/* Tables of chosen columns. */
#define _GNU_SOURCE
#include "report/columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/mpi.h"

int sim_terminal_width(void) {
  struct winsize size;
  if (!sim_mpi_terminal()) return 0;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0) return size.ws_col;
  return 80;
}

unsigned sim_columns_choose(const struct sim_column *columns, int n, int width) {
  unsigned chosen = (1u << n) - 1;
  int total = 0;
  for (int i = 0; i < n; i++) total += abs(columns[i].width) + 1;
  for (int order = 1; width > 0 && total > width && order <= n; order++) {
    for (int i = 0; i < n; i++) {
      if (columns[i].spared != order) continue;
      chosen &= ~(1u << i);
      total -= abs(columns[i].width) + 1;
    }
  }
  return chosen;
}

void sim_columns_print(const struct sim_column *columns, int n, unsigned chosen, char (*cells)[SIM_CELL]) {
  int owed = 0; /* blanks that come only if something follows them */
  for (int i = 0; i < n; i++) {
    if ((chosen >> i & 1) == 0) continue;
    const char *text = cells == NULL ? columns[i].title : cells[i];
    const int length = (int)strlen(text), wide = abs(columns[i].width), pad = length < wide ? wide - length : 0;
    if (columns[i].width > 0) owed += pad;
    if (length > 0) {
      printf("%*s%s", owed, "", text);
      owed = 0;
    }
    if (columns[i].width < 0) owed += pad;
    owed++;
  }
  putchar('\n');
}
