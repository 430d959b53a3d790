/* The runtime's HAL on Linux, in user space: the kernel's UIO driver gives registers, reserved memory and interrupt. */
#ifndef TETRA_EXAMPLE_UIO_H
#define TETRA_EXAMPLE_UIO_H

#include <stddef.h>
#include <stdint.h>

#include "tetra/device.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One accelerator; filled by uio_open. */
struct uio {
  int fd;
  volatile uint32_t *registers;
  uint8_t *memory;
  uint32_t memory_addr; /* as the accelerator sees it */
  size_t register_bytes, memory_bytes;
};

/* Opens a UIO device whose first map are the registers and whose second one is the reserved memory, and fills *hal,
 * which uses *u. device: "/dev/uio0"; sysfs: "/sys/class/uio/uio0", whose maps/map0 and maps/map1 say where they are.
 * 0, or a text of what failed (errno says more where the system refused); then nothing is left open. */
TETRA_NODISCARD const char *uio_open(struct uio *u, struct tetra_hal *hal, const char *device, const char *sysfs);
void uio_close(struct uio *u);

#ifdef __cplusplus
}
#endif
#endif
