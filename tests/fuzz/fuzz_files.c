/* Fuzzes the readers of what users hand to ./sim beside networks: pictures (JPEG, PNG, NumPy), names of classes, energy
 * tables. Any file gives what the header promises, or a reason of one line. */
#define _GNU_SOURCE /* memfd_create */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files/classes.h"
#include "files/energy_table.h"
#include "files/image_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_error(const struct tetra_error *err) {
  if (err->code == TETRA_OK || err->msg[0] == '\0' || strchr(err->msg, '\n') != NULL) abort();
}

static void check_image(const char *path) {
  struct sim_image image = {0};
  struct tetra_error err = {0, ""};
  if (sim_image_read(path, &image, &err) != TETRA_OK) {
    check_error(&err);
    return;
  }
  if (image.n < 1 || image.h < 1 || image.w < 1 || image.h > SIM_IMAGE_MAX_SIDE || image.w > SIM_IMAGE_MAX_SIDE)
    abort();
  const size_t bytes = (size_t)image.n * (size_t)image.h * (size_t)image.w * 3;
  if (bytes > SIM_IMAGE_MAX_BYTES) abort();
  unsigned sum = 0;
  for (size_t i = 0; i < bytes; i++) sum += image.rgb[i]; /* all of it is there */
  uint8_t fit[8 * 8 * 3];
  if (bytes < 1 << 16 && sim_image_fit(&image, image.n - 1, 8, fit, &err) != TETRA_OK) abort();
  if (sum == 1 && fit[0] == 1) putchar('\n'); /* so that neither is left out */
  sim_image_free(&image);
}

static void check_classes(const char *path) {
  struct sim_classes c = {0};
  struct tetra_error err = {0, ""};
  if (sim_classes_read(path, &c, &err) != TETRA_OK) {
    check_error(&err);
    return;
  }
  char text[40];
  for (int i = -1; i <= c.n; i++) {
    for (const char *s = sim_class_name(&c, i); *s; s++)
      if ((unsigned char)*s < ' ') abort();
    sim_class_text(&c, i, text, sizeof text);
    if (memchr(text, 0, sizeof text) == NULL) abort();
  }
  sim_classes_free(&c);
}

static void check_energy(const char *path) {
  struct sim_energy_table t = {0};
  struct tetra_error err = {0, ""};
  if (sim_energy_table_read(path, &t, &err) != TETRA_OK) {
    check_error(&err);
    return;
  }
  if (memchr(t.name, 0, sizeof t.name) == NULL || !(t.mhz > 0)) abort();
  for (int i = 0; i < TETRA_EVENTS; i++)
    if (!(t.pj[i] >= 0) || !(t.nw[i] >= 0)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const int fd = memfd_create("fuzz", 0);
  char path[64];
  if (fd < 0 || write(fd, data, size) != (ssize_t)size) abort();
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  check_image(path);
  check_classes(path);
  check_energy(path);
  close(fd);
  return 0;
}
