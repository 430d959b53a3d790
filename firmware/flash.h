/* What lies in flash: a stored plan, an image, and the output that is expected for it. */
#ifndef TETRA_FIRMWARE_FLASH_H
#define TETRA_FIRMWARE_FLASH_H

#include <stdint.h>

struct flash {
  const uint8_t *plan, *image, *expected;
  uint32_t plan_bytes, image_bytes, expected_bytes; /* expected_bytes 0: not known */
};

/* NULL, or what is wrong. */
const char *flash_open(struct flash *f);

#endif
