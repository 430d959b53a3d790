/* `./sim train`: trains a ResNet and writes it as an ONNX network. */
#ifndef TETRA_SIM_TRAIN_H
#define TETRA_SIM_TRAIN_H

#ifdef __cplusplus
extern "C" {
#endif

/* The whole command; argv[0] is "train". Returns the program's exit code: 0, 2 for bad input, 130 after Ctrl-C. */
int train_main(int argc, char **argv);

#ifdef __cplusplus
}
#endif
#endif
