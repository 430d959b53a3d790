/* The stored form of a plan: header, commands, constants, little-endian. */
#include <stdlib.h>
#include <string.h>

#include "tetra/plan_store.h"
#include "tetra/stored.h"

static void put(uint8_t *header, uint32_t i, uint32_t v) {
  uint8_t *p = header + (size_t)4 * i;
  for (int k = 0; k < 4; k++) p[k] = (uint8_t)(v >> (8 * k));
}

static void put_tensor(uint8_t *header, uint32_t at, const struct tetra_placement *p, const struct tetra_desc *d) {
  uint64_t scale;
  memcpy(&scale, &d->scale, sizeof scale);
  put(header, at + TETRA_STORED_T_ADDR, p->addr);
  put(header, at + TETRA_STORED_T_BYTES, p->bytes);
  put(header, at + TETRA_STORED_T_LAYOUT, (uint32_t)p->layout);
  put(header, at + TETRA_STORED_T_PITCH, p->pitch);
  put(header, at + TETRA_STORED_T_N, (uint32_t)d->n);
  put(header, at + TETRA_STORED_T_H, (uint32_t)d->h);
  put(header, at + TETRA_STORED_T_W, (uint32_t)d->w);
  put(header, at + TETRA_STORED_T_C, (uint32_t)d->c);
  put(header, at + TETRA_STORED_T_FMT, (uint32_t)d->fmt);
  put(header, at + TETRA_STORED_T_ZERO_POINT, (uint32_t)d->zero_point);
  put(header, at + TETRA_STORED_T_SCALE, (uint32_t)scale);
  put(header, at + TETRA_STORED_T_SCALE + 1, (uint32_t)(scale >> 32));
}

static void put_caps(uint8_t *header, const struct tetra_caps *c) {
  const uint32_t words[8] = {c->n,           c->act_words,  c->wgt_words,  c->res_words,
                             c->par_entries, c->acc_pixels, c->max_layers, c->pool_words};
  for (uint32_t i = 0; i < 8; i++) put(header, TETRA_STORED_W_CAPS + i, words[i]);
}

static void put_header(uint8_t *header, const struct tetra_plan *plan, const struct tetra_graph *g, uint32_t cmds,
                       uint32_t constants, uint32_t size) {
  put(header, TETRA_STORED_W_MAGIC, TETRA_STORED_MAGIC);
  put(header, TETRA_STORED_W_VERSION, TETRA_STORED_VERSION);
  put(header, TETRA_STORED_W_BYTES, size);
  put(header, TETRA_STORED_W_HARDWARE, TETRA_HW_VERSION);
  put_caps(header, &plan->caps);
  put(header, TETRA_STORED_W_BASE, plan->base);
  put(header, TETRA_STORED_W_LIMIT, plan->limit);
  put(header, TETRA_STORED_W_RING_ADDR, plan->ring_addr);
  put(header, TETRA_STORED_W_RING_ENTRIES, plan->ring_entries);
  put(header, TETRA_STORED_W_CMDS, cmds);
  put(header, TETRA_STORED_W_N_CMDS, plan->n_cmds);
  put(header, TETRA_STORED_W_SYNC_TAG, plan->sync_tag);
  put(header, TETRA_STORED_W_CONST_ADDR, plan->const_addr);
  put(header, TETRA_STORED_W_CONST, constants);
  put(header, TETRA_STORED_W_CONST_BYTES, (uint32_t)plan->const_bytes);
  put_tensor(header, TETRA_STORED_W_INPUT, &plan->values[g->input], &g->values[g->input].d);
  put_tensor(header, TETRA_STORED_W_OUTPUT, &plan->values[g->output], &g->values[g->output].d);
  char *name = (char *)header + (size_t)4 * TETRA_STORED_W_NAME;
  for (size_t i = 0; i + 1 < TETRA_STORED_NAME_BYTES && g->name[i] != '\0'; i++) name[i] = g->name[i];
}

static uint64_t aligned(uint64_t offset) {
  return (offset + TETRA_STORED_ALIGN - 1) / TETRA_STORED_ALIGN * TETRA_STORED_ALIGN;
}

int tetra_plan_store(const struct tetra_plan *plan, const struct tetra_graph *g, uint8_t **bytes, size_t *size,
                     struct tetra_error *err) {
  const uint64_t cmds = aligned(TETRA_STORED_HEADER_BYTES);
  const uint64_t constants = aligned(cmds + (uint64_t)plan->n_cmds * TETRA_CMD_BYTES);
  const uint64_t all = constants + plan->const_bytes;
  *bytes = NULL;
  *size = 0;
  if (plan->const_data == NULL)
    return tetra_fail(err, TETRA_EINVAL, "a plan without constants, which is for the cycle model, cannot be stored");
  if (all > 0xffffffffu) {
    return tetra_fail(err, TETRA_ERANGE, "a stored plan of %llu bytes; less than 4 GiB are accepted",
                      (unsigned long long)all);
  }
  uint8_t *b = calloc(1, (size_t)all);
  if (b == NULL)
    return tetra_fail(err, TETRA_ENOMEM, "no memory for a stored plan of %llu bytes", (unsigned long long)all);
  put_header(b, plan, g, (uint32_t)cmds, (uint32_t)constants, (uint32_t)all);
  for (uint32_t i = 0; i < plan->n_cmds; i++) {
    for (uint32_t w = 0; w < TETRA_CMD_WORDS; w++) put(b + cmds, i * TETRA_CMD_WORDS + w, plan->cmds[i].word[w]);
  }
  memcpy(b + constants, plan->const_data, plan->const_bytes);
  put(b, TETRA_STORED_W_BODY_CRC,
      tetra_stored_crc(0, b + TETRA_STORED_HEADER_BYTES, (size_t)all - TETRA_STORED_HEADER_BYTES));
  put(b, TETRA_STORED_W_HEADER_CRC, tetra_stored_crc(0, b, TETRA_STORED_HEADER_BYTES));
  *bytes = b;
  *size = (size_t)all;
  return TETRA_OK;
}
