/* `./sim report RESULTS.sqlite -o PAGE.html`: the answers of a study (docs/sweep.md) as a page. */
#ifndef TETRA_SIM_COMMAND_REPORT_H
#define TETRA_SIM_COMMAND_REPORT_H

#ifdef __cplusplus
extern "C" {
#endif

/* The whole command; argv[0] is "report". Returns the program's exit code. */
int report_main(int argc, char **argv);

#ifdef __cplusplus
}
#endif
#endif
