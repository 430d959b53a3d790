/* A command line as text that a shell takes back. */
#ifndef TETRA_SIM_COMMAND_LINE_H
#define TETRA_SIM_COMMAND_LINE_H

#ifdef __cplusplus
extern "C" {
#endif

/* The arguments with blanks between them, in quotes where they need them; the program without its folder. The caller
 * frees it; NULL: no memory. */
char *sim_command_line(int argc, char *const *argv);

#ifdef __cplusplus
}
#endif
#endif
