/* `./sim sweep`: a study of many points, answered by many processes. */
#ifndef TETRA_SIM_COMMAND_SWEEP_H
#define TETRA_SIM_COMMAND_SWEEP_H

#ifdef __cplusplus
extern "C" {
#endif

/* argv[0] is "sweep". Returns the program's exit code. */
int sweep_main(int argc, char **argv);

#ifdef __cplusplus
}
#endif
#endif
