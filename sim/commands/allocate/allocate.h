/* `./sim allocate`: which layer gets how many bits, under budgets. */
#ifndef TETRA_SIM_ALLOCATE_H
#define TETRA_SIM_ALLOCATE_H

#ifdef __cplusplus
extern "C" {
#endif

/* The whole command; argv[0] is "allocate". Returns the program's exit code: 0, or 2 for bad input. */
int allocate_main(int argc, char **argv);

#ifdef __cplusplus
}
#endif
#endif
