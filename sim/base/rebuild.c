/* Finds the build folder that the running program is in. */
#define _POSIX_C_SOURCE 200809L
#include "base/rebuild.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FOLDER_MAX = 60 };

/* The program's folder, "build" where it was installed, or nothing is known of it. */
static void find_folder(char folder[FOLDER_MAX + 32]) {
  const ssize_t n = readlink("/proc/self/exe", folder, FOLDER_MAX);
  if (n > 0 && n < FOLDER_MAX) {
    folder[n] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash != NULL) {
      memcpy(slash, "/CMakeCache.txt", sizeof "/CMakeCache.txt");
      const int there = access(folder, F_OK) == 0;
      *slash = '\0';
      if (there && folder[0] != '\0') return;
    }
  }
  memcpy(folder, "build", sizeof "build");
}

const char *sim_rebuild_command(const char *option, char out[SIM_REBUILD_MAX]) {
  char folder[FOLDER_MAX + 32];
  find_folder(folder);
  snprintf(out, SIM_REBUILD_MAX, "cmake -B %s -D%s && cmake --build %s --target sim", folder, option, folder);
  return out;
}
