/* Linux: the HAL over a UIO device. */
#define _DEFAULT_SOURCE
#include "uio.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define REGISTER_BYTES 0x1000u

static uint32_t reg_read(void *ctx, uint32_t offset) { return ((struct uio *)ctx)->registers[offset / 4]; }
static void reg_write(void *ctx, uint32_t offset, uint32_t value) {
  ((struct uio *)ctx)->registers[offset / 4] = value;
}

static void *map(void *ctx, uint32_t addr, size_t bytes) {
  const struct uio *u = ctx;
  if (addr < u->memory_addr || bytes > u->memory_bytes) return NULL;
  const size_t offset = addr - u->memory_addr;
  return offset <= u->memory_bytes - bytes ? u->memory + offset : NULL;
}

/* UIO maps memory uncached: order is all that has to be kept. */
static void sync_memory(void *ctx, uint32_t addr, size_t bytes, int to_device) {
  (void)ctx, (void)addr, (void)bytes, (void)to_device;
  __sync_synchronize();
}

/* The kernel masks the interrupt each time it fires; writing 1 unmasks it, and a line that is still high fires again. A
 * signal ends the wait early, which the runtime takes for a wake-up that brought nothing. */
static int wait_irq(void *ctx, uint32_t timeout_us) {
  const struct uio *u = ctx;
  const uint32_t unmask = 1;
  uint32_t count;
  if (write(u->fd, &unmask, sizeof unmask) != (ssize_t)sizeof unmask) return 1;
  struct pollfd p = {u->fd, POLLIN, 0};
  const uint32_t ms = timeout_us / 1000 + (timeout_us % 1000 != 0);
  const int ready = poll(&p, 1, ms > 0x7fffffff ? 0x7fffffff : (int)ms);
  if (ready < 0 && errno == EINTR) return 0;
  if (ready <= 0) return 1;
  return read(u->fd, &count, sizeof count) != (ssize_t)sizeof count;
}

/* A number in SYSFS/maps/mapN/NAME: hexadecimal, with 0x. */
static int read_number(const char *sysfs, int map_number, const char *name, uint64_t *value) {
  char path[256];
  const int n = snprintf(path, sizeof path, "%s/maps/map%d/%s", sysfs, map_number, name);
  if (n < 0 || (size_t)n >= sizeof path) return 0;
  FILE *f = fopen(path, "r");
  if (f == NULL) return 0;
  const int good = fscanf(f, "%" SCNx64, value) == 1;
  fclose(f);
  return good;
}

static const char *read_maps(struct uio *u, const char *sysfs) {
  uint64_t registers, addr, bytes;
  if (!read_number(sysfs, 0, "size", &registers) || !read_number(sysfs, 1, "addr", &addr) ||
      !read_number(sysfs, 1, "size", &bytes)) {
    return "the device does not have two maps, registers and memory";
  }
  if (registers < REGISTER_BYTES) return "the first map is too small for the registers";
  if (addr > 0xffffffffu || bytes == 0 || bytes > 0x100000000u - addr) {
    return "the second map is beyond what the accelerator can address";
  }
  u->register_bytes = (size_t)registers;
  u->memory_addr = (uint32_t)addr;
  u->memory_bytes = (size_t)bytes;
  return NULL;
}

/* Map N of a UIO device is at offset N pages of its file. */
static void *map_part(const struct uio *u, int number, size_t bytes) {
  void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, u->fd, number * sysconf(_SC_PAGESIZE));
  return p == MAP_FAILED ? NULL : p;
}

const char *uio_open(struct uio *u, struct tetra_hal *hal, const char *device, const char *sysfs) {
  *u = (struct uio){.fd = -1};
  const char *why = read_maps(u, sysfs);
  if (why != NULL) return why;
  u->fd = open(device, O_RDWR);
  if (u->fd < 0) return "the device cannot be opened";
  u->registers = map_part(u, 0, u->register_bytes);
  u->memory = map_part(u, 1, u->memory_bytes);
  if (u->registers == NULL || u->memory == NULL) {
    uio_close(u);
    return "the device cannot be mapped";
  }
  *hal = (struct tetra_hal){u, reg_read, reg_write, map, sync_memory, wait_irq};
  return NULL;
}

void uio_close(struct uio *u) {
  if (u->registers != NULL) munmap((void *)(uintptr_t)u->registers, u->register_bytes);
  if (u->memory != NULL) munmap(u->memory, u->memory_bytes);
  if (u->fd >= 0) close(u->fd);
  *u = (struct uio){.fd = -1};
}
