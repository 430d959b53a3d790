/* The simulated DRAM: what is not done in every cycle (those functions are inline in memory.h). */
#define _DEFAULT_SOURCE
#include "machine/memory.h"

#include <sys/mman.h>

#include "tetra/random.h"

static int check_config(const struct tetra_mem_config *c, struct tetra_error *err) {
  if (c->beat_bytes < 4 || c->beat_bytes > 64 || (c->beat_bytes & (c->beat_bytes - 1)) != 0) {
    return tetra_fail(err, TETRA_EINVAL, "memory beat of %u bytes: 4, 8, 16, 32 or 64 are accepted", c->beat_bytes);
  }
  if (c->size == 0 || (uint64_t)c->base + c->size > (uint64_t)1 << 32) {
    return tetra_fail(err, TETRA_EINVAL, "memory of %llu bytes at 0x%08x does not fit 32-bit addresses",
                      (unsigned long long)c->size, c->base);
  }
  const int rc = tetra_memory_check(&c->params, err);
  if (rc != TETRA_OK) return rc;
  if (!(c->stall >= 0 && c->stall <= SIM_STALL_MAX)) {
    return tetra_fail(err, TETRA_EINVAL, "DRAM stall probability %g: 0..%g is accepted", c->stall, SIM_STALL_MAX);
  }
  return TETRA_OK;
}

int tetra_mem_init(struct tetra_mem *m, const struct tetra_mem_config *cfg, struct tetra_error *err) {
  memset(m, 0, sizeof *m);
  const int rc = check_config(cfg, err);
  if (rc != TETRA_OK) return rc;
  m->cfg = *cfg;
  m->bucket = tetra_bucket_empty(cfg->params.bytes_per_cycle, cfg->beat_bytes);
  m->latency = cfg->params.latency;
  m->threshold = (uint32_t)(cfg->stall * 4096 + 0.5);
  if (m->threshold == 0 && cfg->stall > 0) m->threshold = 1;
  m->rng = cfg->seed;
  void *p = mmap(NULL, cfg->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) {
    return tetra_fail(err, TETRA_ENOMEM, "no memory for %llu bytes of simulated DRAM", (unsigned long long)cfg->size);
  }
  m->bytes = p;
  return TETRA_OK;
}

/* A read's slot has its bytes, a write's then their enables too. */
enum { kBurstBytes = 4096, kReadSlots = TETRA_MEMORY_READS, kWriteSlots = 2 * TETRA_MEMORY_WRITES };

int tetra_mem_init_owned(struct tetra_mem *m, const struct tetra_mem_config *cfg, const struct tetra_mem_owner *owner,
                         struct tetra_error *err) {
  struct tetra_mem_config c = *cfg;
  c.base = 0;
  c.size = (uint64_t)(kReadSlots + kWriteSlots) * kBurstBytes;
  c.stall = 0;
  const int rc = tetra_mem_init(m, &c, err);
  m->owner = *owner;
  return rc;
}

static uint8_t *read_slot(struct tetra_mem *m, uint32_t i) { return m->bytes + (size_t)i * kBurstBytes; }
static uint8_t *write_slot(struct tetra_mem *m, uint32_t i) {
  return m->bytes + (size_t)(kReadSlots + 2 * i) * kBurstBytes;
}

void tetra_mem_free(struct tetra_mem *m) {
  if (m->bytes != NULL) munmap(m->bytes, m->cfg.size);
  m->bytes = NULL;
}

void tetra_mem_forget(struct tetra_mem *m) {
  m->n_reads = m->n_writes = m->n_resps = 0;
  m->arready = m->awready = m->wready = m->rvalid = m->rfresh = m->bvalid = 0;
}

void *tetra_mem_map(struct tetra_mem *m, uint32_t addr, size_t bytes) {
  if (addr < m->cfg.base) return NULL;
  const uint64_t offset = addr - m->cfg.base;
  if (offset > m->cfg.size || bytes > m->cfg.size - offset) return NULL;
  return m->bytes + offset;
}

void tetra_mem_violation(struct tetra_mem *m, const char *what) {
  if (m->violation.code != TETRA_OK) return;
  tetra_fail(&m->violation, TETRA_EHW, "AXI rule broken in cycle %llu: %s", (unsigned long long)m->cycle, what);
}

/* Rules of a burst's address that hold for every AXI4 INCR burst of full-width beats. */
static void check_burst(struct tetra_mem *m, uint32_t addr, uint32_t beats, uint32_t size) {
  const uint32_t beat = m->cfg.beat_bytes;
  if (1u << size != beat) tetra_mem_violation(m, "burst of narrow beats");
  if (addr % beat != 0) tetra_mem_violation(m, "burst address is not a multiple of the beat");
  if ((addr & 4095u) + beats * beat > 4096u) tetra_mem_violation(m, "burst crosses a 4 KiB boundary");
}

void tetra_mem_accept_read(struct tetra_mem *m, const struct tetra_axi_master *a) {
  const uint32_t beats = (uint32_t)a->arlen + 1;
  check_burst(m, a->araddr, beats, a->arsize);
  const int fetch = a->arid != 0;
  const uint64_t count = fetch ? ++m->n_fetch : ++m->n_read;
  const uint32_t slot = (m->read_head + m->n_reads) % TETRA_MEMORY_READS, bytes = beats * m->cfg.beat_bytes;
  struct tetra_mem_read *r = &m->reads[slot];
  uint32_t latency = m->latency;
  r->resp = TETRA_AXI_OKAY;
  if (m->owner.access != NULL) {
    uint8_t *data = read_slot(m, slot);
    r->resp = m->owner.access(m->owner.arg, fetch, a->araddr, data, NULL, bytes, &latency);
    r->data = data;
  } else {
    r->data = tetra_mem_map(m, a->araddr, bytes);
  }
  r->due = m->cycle + latency;
  r->beats = beats;
  r->id = a->arid;
  if (r->data == NULL) r->resp = TETRA_AXI_DECERR;
  if (count == (fetch ? m->faults.fetch : m->faults.read)) r->resp = TETRA_AXI_SLVERR;
  m->n_reads++;
}

void tetra_mem_accept_write(struct tetra_mem *m, const struct tetra_axi_master *a) {
  const uint32_t beats = (uint32_t)a->awlen + 1;
  check_burst(m, a->awaddr, beats, a->awsize);
  const uint32_t slot = (m->write_head + m->n_writes) % TETRA_MEMORY_WRITES;
  struct tetra_mem_write *w = &m->writes[slot];
  w->enables = m->owner.access != NULL ? write_slot(m, slot) + kBurstBytes : NULL;
  w->data =
      m->owner.access != NULL ? write_slot(m, slot) : tetra_mem_map(m, a->awaddr, (size_t)beats * m->cfg.beat_bytes);
  w->addr = a->awaddr;
  w->beats = beats;
  w->id = a->awid;
  w->resp = w->data == NULL ? TETRA_AXI_DECERR : TETRA_AXI_OKAY;
  if (++m->n_write == m->faults.write) w->resp = TETRA_AXI_SLVERR;
  m->n_writes++;
}

void tetra_mem_write_masked(struct tetra_mem *m, const struct tetra_axi_master *a) {
  uint8_t *to = m->writes[m->write_head].data;
  for (uint32_t i = 0; i < m->cfg.beat_bytes; i++) {
    if (a->wstrb >> i & 1) to[i] = a->wdata[i];
  }
}

void tetra_mem_write_owned(struct tetra_mem *m, const struct tetra_axi_master *a) {
  struct tetra_mem_write *w = &m->writes[m->write_head];
  memcpy(w->data, a->wdata, m->cfg.beat_bytes);
  for (uint32_t i = 0; i < m->cfg.beat_bytes; i++) w->enables[i] = a->wstrb >> i & 1 ? 0xff : 0;
  w->enables += m->cfg.beat_bytes;
}

void tetra_mem_write_done(struct tetra_mem *m) {
  struct tetra_mem_write *w = &m->writes[m->write_head];
  uint32_t latency = m->latency;
  if (m->owner.access != NULL) {
    uint8_t *data = write_slot(m, m->write_head);
    w->resp = m->owner.access(m->owner.arg, 0, w->addr, data, data + kBurstBytes, (uint32_t)(w->data - data), &latency);
  }
  struct tetra_mem_response *b = &m->resps[(m->resp_head + m->n_resps) % TETRA_MEMORY_RESPONSES];
  b->due = m->cycle + latency;
  b->id = w->id;
  b->resp = w->resp;
  m->n_resps++;
  m->write_head = (m->write_head + 1) % TETRA_MEMORY_WRITES;
  m->n_writes--;
}

/* One 64-bit draw a cycle (Vigna's splitmix64), 12 bits of it for each channel. */
unsigned tetra_mem_draw(struct tetra_mem *m) {
  const uint64_t z = tetra_random(&m->rng);
  unsigned held = 0;
  for (unsigned ch = 0; ch < 5; ch++) {
    const unsigned hit = (z >> (12 * ch) & 4095u) < m->threshold;
    held |= hit << ch;
    m->stalls[ch] += hit;
  }
  m->draws++;
  return held;
}
