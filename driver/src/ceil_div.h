/* Division upwards, for compiler and cycle model. */
#ifndef TETRA_CEIL_DIV_H
#define TETRA_CEIL_DIV_H

static inline int ceil_div(int a, int b) { return (a + b - 1) / b; }

#endif
