/* Tables on standard output that fit a terminal: where it is narrow, columns that matter least are left out. */
#ifndef TETRA_SIM_COLUMNS_H
#define TETRA_SIM_COLUMNS_H

#ifdef __cplusplus
extern "C" {
#endif

enum { SIM_CELL = 96 }; /* bytes of a cell's text */

struct sim_column {
  const char *title;
  int width;  /* characters at least; negative: to the left, as printf has it */
  int spared; /* order in which columns are left out, from 1; 0: never */
};

/* Characters of a line on the terminal that standard output is; 0 where it is none, which fits everything. */
int sim_terminal_width(void);
/* Which of at most 32 columns fit into `width` characters, a bit each; 0: all. */
unsigned sim_columns_choose(const struct sim_column *columns, int n, int width);
/* A line of these columns with a blank between them: titles (cells NULL), or the cells. Ends without blanks. */
void sim_columns_print(const struct sim_column *columns, int n, unsigned chosen, char (*cells)[SIM_CELL]);

#ifdef __cplusplus
}
#endif
#endif
