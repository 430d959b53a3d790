/* ./sim --list: what can be run. */
#ifndef TETRA_SIM_LIST_H
#define TETRA_SIM_LIST_H

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Networks, precisions and array sizes of this program, a line each. */
void sim_list(FILE *out);

#ifdef __cplusplus
}
#endif
#endif
