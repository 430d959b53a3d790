/* The command that builds this program once more, with another option. */
#ifndef TETRA_SIM_REBUILD_H
#define TETRA_SIM_REBUILD_H

#ifdef __cplusplus
extern "C" {
#endif

enum { SIM_REBUILD_MAX = 200 };

/* "cmake -B FOLDER -DOPTION && cmake --build FOLDER --target sim", with the folder that the program is in where that is
 * a build folder: good wherever it is read. Else, and where the path is long, FOLDER is "build". Returns out. */
const char *sim_rebuild_command(const char *option, char out[SIM_REBUILD_MAX]);

#ifdef __cplusplus
}
#endif
#endif
