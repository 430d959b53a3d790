/* `./sim quantize`: a trained float network and calibration images to a quantized network that ./sim runs. */
#ifndef TETRA_SIM_QUANTIZE_H
#define TETRA_SIM_QUANTIZE_H

#ifdef __cplusplus
extern "C" {
#endif

/* The whole command; argv[0] is "quantize". Returns the program's exit code: 0, or 2 for bad input. */
int quantize_main(int argc, char **argv);

#ifdef __cplusplus
}
#endif
#endif
