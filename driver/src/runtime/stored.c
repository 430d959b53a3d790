/* Reads stored plans: every number in one is checked before it is used. */
#include "tetra/stored.h"

/* A tensor has at most so many bytes: what a 32-bit address space holds. */
#define BYTES_MAX 0xffffffffu

uint32_t tetra_stored_crc(uint32_t crc, const uint8_t *bytes, size_t n) {
  /* By nibbles: a table of 64 bytes, and an eighth of the steps that bits take. */
  static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
                                     0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                     0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
  crc = ~crc;
  for (size_t i = 0; i < n; i++) {
    crc ^= bytes[i];
    crc = crc >> 4 ^ table[crc & 15];
    crc = crc >> 4 ^ table[crc & 15];
  }
  return ~crc;
}

/* Where the blob begins, and how much of it there is. */
struct blob {
  const uint8_t *bytes;
  uint32_t size;
};

static uint32_t word(const struct blob *b, uint32_t i) {
  const uint8_t *p = b->bytes + 4 * i;
  return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static int is_little_endian(void) {
  const uint32_t one = 1;
  return *(const uint8_t *)&one == 1;
}

static const char *check_header(struct blob *b, const void *bytes, size_t size) {
  static const uint8_t no_crc[4] = {0, 0, 0, 0};
  const uint32_t after = 4 * (TETRA_STORED_W_HEADER_CRC + 1);
  if (bytes == NULL || (uintptr_t)bytes % 4 != 0) return "a stored plan is aligned to 4 bytes";
  if (!is_little_endian()) return "stored plans are for little-endian processors";
  if (size < TETRA_STORED_HEADER_BYTES) return "too short for a stored plan's header";
  b->bytes = bytes;
  if (word(b, TETRA_STORED_W_MAGIC) != TETRA_STORED_MAGIC) return "no stored plan: it does not begin with TPLN";
  if (word(b, TETRA_STORED_W_VERSION) != TETRA_STORED_VERSION) return "a stored plan of another version";
  uint32_t crc = tetra_stored_crc(0, b->bytes, 4 * TETRA_STORED_W_HEADER_CRC);
  crc = tetra_stored_crc(crc, no_crc, sizeof no_crc);
  crc = tetra_stored_crc(crc, b->bytes + after, TETRA_STORED_HEADER_BYTES - after);
  if (crc != word(b, TETRA_STORED_W_HEADER_CRC)) return "the header's checksum is wrong";
  b->size = word(b, TETRA_STORED_W_BYTES);
  if (b->size < TETRA_STORED_HEADER_BYTES || b->size > size) return "the stored plan is cut short";
  if (word(b, TETRA_STORED_W_HARDWARE) != TETRA_HW_VERSION) return "the plan is for another hardware version";
  if (b->bytes[4 * TETRA_STORED_W_NAME + TETRA_STORED_NAME_BYTES - 1] != 0) return "the network's name has no end";
  return NULL;
}

/* Is [offset, offset + bytes) behind the header and within the blob? */
static int is_inside(const struct blob *b, uint32_t offset, uint64_t bytes) {
  return offset >= TETRA_STORED_HEADER_BYTES && offset <= b->size && bytes <= b->size - offset;
}

/* Is [addr, addr + bytes) within the plan's addresses? */
static int is_mapped(const struct tetra_job *job, uint32_t addr, uint64_t bytes) {
  return addr >= job->base && addr <= job->limit && bytes <= (uint64_t)job->limit - addr + 1;
}

static const char *read_caps(const struct blob *b, struct tetra_caps *c) {
  const uint32_t i = TETRA_STORED_W_CAPS;
  *c = (struct tetra_caps){word(b, i),     word(b, i + 1), word(b, i + 2), word(b, i + 3),
                           word(b, i + 4), word(b, i + 5), word(b, i + 6), word(b, i + 7)};
  if (!tetra_caps_good_n(c->n) || !tetra_caps_good_words(c->act_words) || !tetra_caps_good_words(c->wgt_words) ||
      !tetra_caps_good_words(c->res_words) || !tetra_caps_good_par_entries(c->par_entries) ||
      !tetra_caps_good_words(c->acc_pixels) || !tetra_caps_good_layers(c->max_layers) ||
      !tetra_caps_good_words(c->pool_words)) {
    return "the capabilities are no accelerator's";
  }
  return NULL;
}

/* The job ends when a SYNC's tag shows, so its last command is that SYNC and the only one of its tag. */
static const char *check_commands(const struct tetra_job *job) {
  for (uint32_t i = 0; i < job->n_cmds; i++) {
    const struct tetra_cmd *c = &job->cmds[i];
    const int is_end =
        tetra_cmd_get(c, TETRA_F_OP) == TETRA_OP_SYNC && tetra_cmd_get(c, TETRA_F_SYNC_TAG) == job->sync_tag;
    if (is_end != (i + 1 == job->n_cmds)) return "the commands do not end with the one SYNC of their tag";
  }
  return NULL;
}

static const char *read_job(const struct blob *b, struct tetra_job *job) {
  const uint32_t cmds = word(b, TETRA_STORED_W_CMDS);
  job->n_cmds = word(b, TETRA_STORED_W_N_CMDS);
  job->sync_tag = word(b, TETRA_STORED_W_SYNC_TAG);
  job->ring_addr = word(b, TETRA_STORED_W_RING_ADDR);
  job->ring_entries = word(b, TETRA_STORED_W_RING_ENTRIES);
  job->base = word(b, TETRA_STORED_W_BASE);
  job->limit = word(b, TETRA_STORED_W_LIMIT);
  if (job->base > job->limit) return "the plan's lowest address is above its highest";
  if (job->n_cmds == 0 || cmds % TETRA_STORED_ALIGN != 0 ||
      !is_inside(b, cmds, (uint64_t)job->n_cmds * TETRA_CMD_BYTES)) {
    return "the commands lie outside of the stored plan";
  }
  if (job->ring_addr % TETRA_CMD_BYTES != 0 || job->ring_entries < 2 ||
      !is_mapped(job, job->ring_addr, (uint64_t)job->ring_entries * TETRA_CMD_BYTES)) {
    return "the command ring lies outside of the plan's addresses";
  }
  /* Aligned: the blob to 4, the offset to 64; little-endian, as the processor is. */
  job->cmds = (const struct tetra_cmd *)(const void *)(b->bytes + cmds);
  return check_commands(job);
}

static const char *read_constants(const struct blob *b, struct tetra_stored *s) {
  const uint32_t offset = word(b, TETRA_STORED_W_CONST);
  s->const_addr = word(b, TETRA_STORED_W_CONST_ADDR);
  s->const_bytes = word(b, TETRA_STORED_W_CONST_BYTES);
  if (offset % TETRA_STORED_ALIGN != 0 || !is_inside(b, offset, s->const_bytes)) {
    return "the constants lie outside of the stored plan";
  }
  if (s->const_bytes != 0 && !is_mapped(&s->job, s->const_addr, s->const_bytes)) {
    return "the constants' place lies outside of the plan's addresses";
  }
  s->constants = b->bytes + offset;
  return NULL;
}

/* a * b, or more than any tensor has. */
static uint64_t times(uint64_t a, uint64_t b) { return a == 0 || b > BYTES_MAX / a ? (uint64_t)BYTES_MAX + 1 : a * b; }

/* Bytes of the region that the layout functions touch. */
static uint64_t region_bytes(const struct tetra_stored_tensor *t, uint32_t n) {
  const struct tetra_desc *d = &t->d;
  const uint64_t rows = times((uint64_t)d->n, (uint64_t)d->h);
  if (t->place.layout == TETRA_LAYOUT_ROWS) return times(rows, t->place.pitch);
  return times(times(rows, (uint64_t)d->w), (uint64_t)tetra_layout_blocks(n, d) * n);
}

/* Bytes of the NHWC form. */
static uint64_t codes_bytes(const struct tetra_desc *d) {
  return times(times(times((uint64_t)d->n, (uint64_t)d->h), (uint64_t)d->w), tetra_layout_pixel_bytes(d));
}

static int is_code(int code, enum tetra_fmt fmt) {
  const int values = 1 << tetra_fmt_bits(fmt), low = tetra_fmt_signed(fmt) ? -values / 2 : 0;
  return code >= low && code < low + values;
}

static int32_t signed_word(uint32_t v) { return v <= 0x7fffffffu ? (int32_t)v : -(int32_t)(0xffffffffu - v) - 1; }

/* The double of these bits; no arithmetic, so that nothing is asked of a processor without a floating-point unit. */
static double real_of(uint32_t low, uint32_t high) {
  const union {
    uint64_t bits;
    double value;
  } u = {(uint64_t)high << 32 | low};
  return u.value;
}

static const char *read_shape(const struct blob *b, uint32_t at, struct tetra_desc *d) {
  uint32_t side[4];
  for (uint32_t i = 0; i < 4; i++) {
    side[i] = word(b, at + TETRA_STORED_T_N + i);
    if (side[i] == 0 || side[i] > 0x7fffffffu) return "a side of a tensor is 0 or too long";
  }
  const uint32_t fmt = word(b, at + TETRA_STORED_T_FMT), high = word(b, at + TETRA_STORED_T_SCALE + 1);
  const uint32_t low = word(b, at + TETRA_STORED_T_SCALE);
  if (fmt > TETRA_S4) return "a tensor of an unknown format";
  /* Positive and finite, by sign and exponent. */
  if (high >= 0x7ff00000u || (high == 0 && low == 0)) return "a tensor's scale is no positive number";
  d->n = (int)side[0];
  d->h = (int)side[1];
  d->w = (int)side[2];
  d->c = (int)side[3];
  d->fmt = (enum tetra_fmt)fmt;
  d->zero_point = signed_word(word(b, at + TETRA_STORED_T_ZERO_POINT));
  d->scale = real_of(low, high);
  return is_code(d->zero_point, d->fmt) ? NULL : "a tensor's zero point is no code";
}

static const char *read_tensor(const struct blob *b, uint32_t at, const struct tetra_stored *s,
                               struct tetra_stored_tensor *t) {
  const char *why = read_shape(b, at, &t->d);
  if (why != NULL) return why;
  const uint32_t layout = word(b, at + TETRA_STORED_T_LAYOUT);
  t->place.addr = word(b, at + TETRA_STORED_T_ADDR);
  t->place.bytes = word(b, at + TETRA_STORED_T_BYTES);
  t->place.pitch = word(b, at + TETRA_STORED_T_PITCH);
  if (layout != TETRA_LAYOUT_BLOCKED && layout != TETRA_LAYOUT_ROWS) return "a tensor of an unknown layout";
  t->place.layout = (enum tetra_layout)layout;
  const uint64_t bits = times(times((uint64_t)t->d.w, (uint64_t)t->d.c), (uint64_t)tetra_fmt_bits(t->d.fmt));
  if (layout == TETRA_LAYOUT_ROWS && (bits > BYTES_MAX || t->place.pitch < (bits + 7) / 8)) {
    return "a tensor's rows are longer than their pitch";
  }
  if (codes_bytes(&t->d) > BYTES_MAX) return "a tensor is larger than memory";
  if (region_bytes(t, s->caps.n) > t->place.bytes) return "a tensor is larger than its region";
  if (!is_mapped(&s->job, t->place.addr, t->place.bytes)) return "a tensor lies outside of the plan's addresses";
  return NULL;
}

static const char *open_plan(const void *bytes, size_t size, struct tetra_stored *s) {
  struct blob b;
  const char *why = check_header(&b, bytes, size);
  if (why != NULL) return why;
  if (tetra_stored_crc(0, b.bytes + TETRA_STORED_HEADER_BYTES, b.size - TETRA_STORED_HEADER_BYTES) !=
      word(&b, TETRA_STORED_W_BODY_CRC)) {
    return "the checksum of commands and constants is wrong";
  }
  s->name = (const char *)b.bytes + 4 * TETRA_STORED_W_NAME;
  why = read_caps(&b, &s->caps);
  if (why == NULL) why = read_job(&b, &s->job);
  if (why == NULL) why = read_constants(&b, s);
  if (why == NULL) why = read_tensor(&b, TETRA_STORED_W_INPUT, s, &s->input);
  if (why == NULL) why = read_tensor(&b, TETRA_STORED_W_OUTPUT, s, &s->output);
  return why;
}

int tetra_stored_open(const void *bytes, size_t size, struct tetra_stored *s, const char **why) {
  const char *flaw = open_plan(bytes, size, s);
  if (why != NULL) *why = flaw;
  if (flaw == NULL) return TETRA_OK;
  *s = (struct tetra_stored){0};
  return TETRA_EINVAL;
}
