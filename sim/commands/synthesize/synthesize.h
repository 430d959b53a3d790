/* `./sim synthesize`: calibration images out of a float network's batch norms. */
#ifndef TETRA_SIM_SYNTHESIZE_H
#define TETRA_SIM_SYNTHESIZE_H

#ifdef __cplusplus
extern "C" {
#endif

/* The whole command; argv[0] is "synthesize". Returns the program's exit code: 0, or 2 for bad input. */
int synthesize_main(int argc, char **argv);

#ifdef __cplusplus
}
#endif
#endif
