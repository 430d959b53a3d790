/* `./sim pareto`: the paper's accuracy-cost curve of ResNet-50 (arXiv 2105.03536) with the cost in cycles. */
#ifndef TETRA_SIM_PARETO_H
#define TETRA_SIM_PARETO_H

#ifdef __cplusplus
extern "C" {
#endif

/* The whole command; argv[0] is "pareto". Returns the program's exit code. */
int pareto_main(int argc, char **argv);

#ifdef __cplusplus
}
#endif
#endif
