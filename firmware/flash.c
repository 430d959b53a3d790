/* Reads the directory in flash (systemc/peripherals/registers.h). */
#include "flash.h"

#include "systemc/peripherals/registers.h"

static const uint32_t *words(void) { return (const uint32_t *)(uintptr_t)FLASH_BASE; }

/* Entry i: offset and bytes of a part, which lies behind the directory and within flash. */
static const uint8_t *find(uint32_t i, uint32_t *bytes) {
  const uint32_t offset = words()[1 + 2 * i];
  *bytes = words()[2 + 2 * i];
  const int good = offset >= FLASH_HEADER_BYTES && offset <= FLASH_SIZE && *bytes <= FLASH_SIZE - offset;
  return good ? (const uint8_t *)words() + offset : 0;
}

const char *flash_open(struct flash *f) {
  if (words()[0] != FLASH_MAGIC) return "nothing there";
  f->plan = find(0, &f->plan_bytes);
  f->image = find(1, &f->image_bytes);
  f->expected = find(2, &f->expected_bytes);
  return f->plan == 0 || f->image == 0 || f->expected == 0 ? "the directory is damaged" : 0;
}
