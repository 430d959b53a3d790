/* A folder of pictures as a list of files. */
#ifndef TETRA_SIM_PICTURE_FOLDER_H
#define TETRA_SIM_PICTURE_FOLDER_H

#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_picture_folder {
  char **paths; /* owned, in the order of the files' names, byte by byte */
  int n;
};

/* Is there a folder of that name? */
TETRA_NODISCARD int sim_is_folder(const char *path);
/* Lists the files that lie in the folder itself and whose names end in .jpg, .jpeg or .png, in any case of letters.
 * Freed by the caller with sim_picture_folder_free. TETRA_EINVAL: there are none, TETRA_EIO, TETRA_ENOMEM. */
TETRA_NODISCARD int sim_picture_folder_list(const char *path, struct sim_picture_folder *folder,
                                            struct tetra_error *err);
void sim_picture_folder_free(struct sim_picture_folder *folder);

#ifdef __cplusplus
}
#endif
#endif
