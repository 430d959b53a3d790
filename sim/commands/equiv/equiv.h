/* `./sim equiv A B`: do two quantized networks give the same answers to all images near some? */
#ifndef TETRA_SIM_EQUIV_H
#define TETRA_SIM_EQUIV_H

#ifdef __cplusplus
extern "C" {
#endif

/* The whole command; argv[0] is "equiv". Returns the program's exit code. */
int equiv_main(int argc, char **argv);

#ifdef __cplusplus
}
#endif
#endif
