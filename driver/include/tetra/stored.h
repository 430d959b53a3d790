/* A stored plan: what `./sim --export-plan` writes, and what firmware links or flashes to run a network. The reader is
 * freestanding; the writer (tetra/plan_store.h) is part of the compiler. docs/firmware.md has the layout as a table. */
#ifndef TETRA_STORED_H
#define TETRA_STORED_H

#include <stddef.h>
#include <stdint.h>

#include "tetra/device.h"
#include "tetra/layout.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The header's 32-bit little-endian words, by index. Behind the header lie the commands, 16 words each, and behind them
 * the constants, all without gaps but for padding to 64 bytes in front of each. */
enum tetra_stored_word {
  TETRA_STORED_W_MAGIC = 0,      /* TETRA_STORED_MAGIC */
  TETRA_STORED_W_VERSION = 1,    /* TETRA_STORED_VERSION; another one is another layout */
  TETRA_STORED_W_BYTES = 2,      /* of the whole stored plan */
  TETRA_STORED_W_HEADER_CRC = 3, /* CRC-32 of the header with this word 0 */
  TETRA_STORED_W_BODY_CRC = 4,   /* CRC-32 of everything behind the header */
  TETRA_STORED_W_HARDWARE = 5,   /* TETRA_HW_VERSION that the commands are for */
  TETRA_STORED_W_CAPS = 6,       /* 8 words, as in struct tetra_caps */
  TETRA_STORED_W_BASE = 14,      /* lowest and highest byte address that the plan touches */
  TETRA_STORED_W_LIMIT = 15,
  TETRA_STORED_W_RING_ADDR = 16,
  TETRA_STORED_W_RING_ENTRIES = 17,
  TETRA_STORED_W_CMDS = 18, /* offset of the commands from the header's first byte */
  TETRA_STORED_W_N_CMDS = 19,
  TETRA_STORED_W_SYNC_TAG = 20,
  TETRA_STORED_W_CONST_ADDR = 21,
  TETRA_STORED_W_CONST = 22, /* offset of the constants */
  TETRA_STORED_W_CONST_BYTES = 23,
  TETRA_STORED_W_INPUT = 24,  /* TETRA_STORED_TENSOR_WORDS words: the image */
  TETRA_STORED_W_OUTPUT = 36, /* the same: the logits */
  TETRA_STORED_W_NAME = 48,   /* of the network, 64 bytes, ended by a NUL */
  TETRA_STORED_WORDS = 64
};
/* The words of a tensor. */
enum tetra_stored_tensor_word {
  TETRA_STORED_T_ADDR = 0,
  TETRA_STORED_T_BYTES = 1,  /* of its region */
  TETRA_STORED_T_LAYOUT = 2, /* enum tetra_layout */
  TETRA_STORED_T_PITCH = 3,
  TETRA_STORED_T_N = 4, /* images, height, width, channels */
  TETRA_STORED_T_H = 5,
  TETRA_STORED_T_W = 6,
  TETRA_STORED_T_C = 7,
  TETRA_STORED_T_FMT = 8,        /* enum tetra_fmt */
  TETRA_STORED_T_ZERO_POINT = 9, /* in two's complement; real = (code - zero point) * scale */
  TETRA_STORED_T_SCALE = 10,     /* IEEE 754 binary64: the low word, then the high one */
  TETRA_STORED_TENSOR_WORDS = 12
};
enum {
  TETRA_STORED_MAGIC = 0x4e4c5054, /* "TPLN" */
  TETRA_STORED_VERSION = 1,
  TETRA_STORED_HEADER_BYTES = 4 * TETRA_STORED_WORDS,
  TETRA_STORED_ALIGN = 64,
  TETRA_STORED_NAME_BYTES = 64
};

/* A tensor that the host writes or reads. */
struct tetra_stored_tensor {
  struct tetra_placement place;
  struct tetra_desc d;
};

/* A stored plan after every check; what it points to is the blob, which stays the caller's and must not change. */
struct tetra_stored {
  const char *name;
  struct tetra_caps caps; /* of the accelerator that it was compiled for */
  struct tetra_job job;
  uint32_t const_addr, const_bytes;
  const uint8_t *constants;
  struct tetra_stored_tensor input, output;
};

/* CRC-32 as in zlib and Ethernet (reflected 0x04c11db7, all ones before and after), continued from `crc` (0 at first).
 */
uint32_t tetra_stored_crc(uint32_t crc, const uint8_t *bytes, size_t n);
/* Reads the stored plan at `bytes`, of which `size` are there (more than it has is accepted: flash ends where it ends).
 * Every size, offset and address is checked, and both checksums; commands are not decoded, because the accelerator
 * checks each of them against job.base and job.limit. `bytes` is aligned to 4. TETRA_EINVAL, and *why (NULL: not
 * wanted) is a text of what is wrong; *s is zeroed then. Takes the time of a checksum over all bytes. */
TETRA_NODISCARD int tetra_stored_open(const void *bytes, size_t size, struct tetra_stored *s, const char **why);
/* Does it fit this accelerator? Only the array and the buffers it was compiled for will do. TETRA_EINVAL. */
TETRA_NODISCARD int tetra_stored_fits(const struct tetra_stored *s, const struct tetra_device *dev);
/* Copies the constants to their place in memory. Once: they survive any number of runs. TETRA_EINVAL: memory cannot be
 * mapped. */
TETRA_NODISCARD int tetra_stored_load(const struct tetra_stored *s, const struct tetra_hal *hal);
/* Bytes of a tensor's codes in NHWC form, as in a .bin file of --vectors. */
size_t tetra_stored_codes(const struct tetra_stored_tensor *t);
/* Put the input's codes into memory, and get the output's from there (NHWC, tetra_stored_codes bytes). TETRA_EINVAL:
 * memory cannot be mapped. */
TETRA_NODISCARD int tetra_stored_write_input(const struct tetra_stored *s, const struct tetra_hal *hal,
                                             const uint8_t *codes);
TETRA_NODISCARD int tetra_stored_read_output(const struct tetra_stored *s, const struct tetra_hal *hal, uint8_t *codes);
/* The element of an image's largest code (the first of equals), among h*w*c of the output. */
uint32_t tetra_stored_top(const struct tetra_stored *s, const uint8_t *codes, uint32_t image);

#ifdef __cplusplus
}
#endif
#endif
