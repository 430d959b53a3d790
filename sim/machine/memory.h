/* Cycle-accurate AXI4 memory: one bandwidth for reads and writes together, a latency, seeded random stalls.
 *
 * One cycle is tetra_mem_drive() (what the memory offers in this cycle: readies and valids, from its own state), then,
 * with those signals at the accelerator, tetra_mem_sample() (the handshakes of this cycle). Both are inline: they run
 * once per simulated clock, inside the loop that also evaluates the RTL.
 *
 *  - Bandwidth and arbitration: the token bucket of tetra/memory.h, as in the cycle model. A read beat pays when it is
 *    first offered, a write beat when it is taken.
 *  - Latency: a read address accepted in cycle t offers its first beat in cycle t + latency or later; a last write beat
 *    taken in cycle t is answered in cycle t + latency or later.
 *  - So many reads, writes and responses under way as tetra/memory.h says; data and responses in order.
 *  - Stalls: in each cycle each of the five channels withholds its ready (or a valid not yet offered: AXI forbids
 * taking one back) with probability `stall`, in steps of 1/4096.
 *  - An access outside the memory is answered with DECERR, reads giving 0.
 *
 * The bytes may be somebody else's, and so may be the grants of beats: struct tetra_mem_owner. */
#ifndef TETRA_SIM_MEMORY_H
#define TETRA_SIM_MEMORY_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/limits.h"
#include "tetra/memory.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum tetra_axi_resp { TETRA_AXI_OKAY = 0, TETRA_AXI_SLVERR = 2, TETRA_AXI_DECERR = 3 };

struct tetra_mem_config {
  uint32_t base;       /* device address of the first byte */
  uint64_t size;       /* bytes; base + size <= 2^32 */
  uint32_t beat_bytes; /* bytes in a beat: 4, 8, 16, 32 or 64 */
  struct tetra_memory_params params;
  double stall;  /* 0..SIM_STALL_MAX */
  uint64_t seed; /* of the stalls */
};

/* Error responses on purpose: the n-th burst of a kind (from 1; 0: none) is answered with SLVERR. */
struct tetra_mem_faults {
  uint64_t read, fetch, write; /* reads with id 0, reads with another id, writes */
};

/* Who has the bytes and grants the beats of a memory that has none itself. */
struct tetra_mem_owner {
  void *arg;
  /* A whole burst: its bytes are read into data when its address is taken, or, where `enables` has a byte other than 0
   * for them, written from there when its last beat is. Sets *latency, at least 1 cycle. Returns its TETRA_AXI_*. */
  uint8_t (*access)(void *arg, int fetch, uint32_t addr, uint8_t *data, const uint8_t *enables, uint32_t bytes,
                    uint32_t *latency);
  /* Which of the beats that could move in this cycle do. */
  struct tetra_grant (*grant)(void *arg, struct tetra_grant wants);
};

struct tetra_mem_read {
  const uint8_t *data; /* next beat; NULL outside the memory */
  uint64_t due;
  uint32_t beats; /* left */
  uint8_t id, resp;
};

struct tetra_mem_write {
  uint8_t *data;    /* next beat; NULL outside the memory */
  uint8_t *enables; /* an owner's memory: a byte for each of the next beat's; NULL otherwise */
  uint32_t addr;
  uint32_t beats;
  uint8_t id, resp;
};

struct tetra_mem_response {
  uint64_t due;
  uint8_t id, resp;
};

/* The accelerator's side of one cycle. */
struct tetra_axi_master {
  uint32_t araddr, awaddr;
  uint8_t arvalid, arlen, arid, arsize, rready;
  uint8_t awvalid, awlen, awid, awsize, wvalid, wlast, bready;
  uint64_t wstrb;
  const uint8_t *wdata;
};

struct tetra_mem {
  /* What the memory offers in this cycle. */
  uint8_t arready, awready, wready, rvalid, rlast, rid, rresp, bvalid, bid, bresp;
  uint8_t rfresh; /* rdata changed in this cycle */
  const uint8_t *rdata;

  uint64_t cycle;
  struct tetra_bucket bucket;
  uint32_t latency, threshold; /* of 4096 */
  uint64_t rng;

  uint32_t read_head, n_reads, write_head, n_writes, resp_head, n_resps;
  struct tetra_mem_read reads[TETRA_MEMORY_READS];
  struct tetra_mem_write writes[TETRA_MEMORY_WRITES];
  struct tetra_mem_response resps[TETRA_MEMORY_RESPONSES];

  struct tetra_mem_config cfg;
  struct tetra_mem_faults faults;
  struct tetra_mem_owner owner;      /* functions NULL: the memory is here */
  uint8_t *bytes;                    /* the memory, owned, zero at first; an owner's: room for the bursts under way */
  uint64_t read_beats, write_beats;  /* moved so far */
  uint64_t n_read, n_fetch, n_write; /* bursts accepted so far */
  uint64_t stalls[5], draws;         /* withheld cycles of AR, R, AW, W, B; cycles drawn */
  struct tetra_error violation;      /* first broken AXI rule; code 0: none */
};

enum tetra_mem_channel { TETRA_MEM_AR, TETRA_MEM_R, TETRA_MEM_AW, TETRA_MEM_W, TETRA_MEM_B };

/* Reserves the memory (its pages cost nothing until they are touched) and checks the configuration: TETRA_EINVAL names
 * the value, TETRA_ENOMEM. */
TETRA_NODISCARD int tetra_mem_init(struct tetra_mem *m, const struct tetra_mem_config *cfg, struct tetra_error *err);
/* The same for a memory of which somebody else has the bytes and grants the beats: base, size and stalls of *cfg do not
 * matter. *owner is copied. */
TETRA_NODISCARD int tetra_mem_init_owned(struct tetra_mem *m, const struct tetra_mem_config *cfg,
                                         const struct tetra_mem_owner *owner, struct tetra_error *err);
void tetra_mem_free(struct tetra_mem *m);
/* The bus is reset: nothing is under way any more. */
void tetra_mem_forget(struct tetra_mem *m);
/* Host pointer to `bytes` at device address addr, or NULL where they are not all inside. */
void *tetra_mem_map(struct tetra_mem *m, uint32_t addr, size_t bytes);

/* The rarer half of a cycle: a burst's address was taken, a burst's last beat was written. */
void tetra_mem_accept_read(struct tetra_mem *m, const struct tetra_axi_master *a);
void tetra_mem_accept_write(struct tetra_mem *m, const struct tetra_axi_master *a);
void tetra_mem_write_masked(struct tetra_mem *m, const struct tetra_axi_master *a);
void tetra_mem_write_owned(struct tetra_mem *m, const struct tetra_axi_master *a);
void tetra_mem_write_done(struct tetra_mem *m);
void tetra_mem_violation(struct tetra_mem *m, const char *what);
/* Which channels are withheld in this cycle, a bit each. */
unsigned tetra_mem_draw(struct tetra_mem *m);

/* The beats that could move in this cycle. held: withheld channels. */
static inline struct tetra_grant tetra_mem_wants(const struct tetra_mem *m, int wvalid, unsigned held) {
  const struct tetra_mem_read *r = &m->reads[m->read_head];
  const struct tetra_grant w = {
      !m->rvalid && m->n_reads != 0 && r->due <= m->cycle && !(held >> TETRA_MEM_R & 1),
      wvalid && m->n_writes != 0 && m->n_resps < TETRA_MEMORY_RESPONSES && !(held >> TETRA_MEM_W & 1)};
  return w;
}

/* What the memory offers in this cycle; wvalid is the accelerator's, so that a ready write never wastes a read's turn.
 * `beat` is cfg.beat_bytes, a constant at the call. */
static inline void tetra_mem_drive(struct tetra_mem *m, int wvalid, uint32_t beat) {
  const unsigned held = m->threshold != 0 ? tetra_mem_draw(m) : 0;
  m->arready = m->n_reads < TETRA_MEMORY_READS && !(held >> TETRA_MEM_AR & 1);
  m->awready = m->n_writes < TETRA_MEMORY_WRITES && !(held >> TETRA_MEM_AW & 1);

  const struct tetra_mem_read *r = &m->reads[m->read_head];
  const struct tetra_grant w = tetra_mem_wants(m, wvalid, held);
  const struct tetra_grant g = m->owner.grant != NULL ? m->owner.grant(m->owner.arg, w)
                                                      : tetra_bucket_grant(&m->bucket, (int32_t)beat, w.read, w.write);
  m->wready = (uint8_t)g.write;
  m->rfresh = (uint8_t)g.read;
  if (g.read) {
    m->rvalid = 1;
    m->rdata = r->data;
    m->rid = r->id;
    m->rresp = r->resp;
    m->rlast = r->beats == 1;
  }
  if (!m->bvalid && m->n_resps != 0 && m->resps[m->resp_head].due <= m->cycle && !(held >> TETRA_MEM_B & 1)) {
    m->bvalid = 1;
    m->bid = m->resps[m->resp_head].id;
    m->bresp = m->resps[m->resp_head].resp;
  }
}

/* The handshakes of this cycle, and the end of it. */
static inline void tetra_mem_sample(struct tetra_mem *m, const struct tetra_axi_master *a, uint32_t beat) {
  if (m->rvalid && a->rready) {
    struct tetra_mem_read *r = &m->reads[m->read_head];
    m->rvalid = 0;
    m->read_beats++;
    if (r->data != NULL) r->data += beat;
    if (--r->beats == 0) {
      m->read_head = (m->read_head + 1) % TETRA_MEMORY_READS;
      m->n_reads--;
    }
  }
  if (m->wready) {
    struct tetra_mem_write *w = &m->writes[m->write_head];
    if (!a->wvalid) tetra_mem_violation(m, "wvalid was taken back");
    if (a->wlast != (w->beats == 1)) tetra_mem_violation(m, "wlast is not at the burst's last beat");
    if (w->enables != NULL) {
      tetra_mem_write_owned(m, a);
    } else if (w->data != NULL && w->resp == TETRA_AXI_OKAY) {
      if (a->wstrb == UINT64_MAX >> (64 - beat)) {
        memcpy(w->data, a->wdata, beat);
      } else {
        tetra_mem_write_masked(m, a);
      }
    }
    if (w->data != NULL) w->data += beat;
    m->write_beats++;
    if (--w->beats == 0) tetra_mem_write_done(m);
  }
  if (m->bvalid && a->bready) {
    m->bvalid = 0;
    m->resp_head = (m->resp_head + 1) % TETRA_MEMORY_RESPONSES;
    m->n_resps--;
  }
  if (a->arvalid && m->arready) tetra_mem_accept_read(m, a);
  if (a->awvalid && m->awready) tetra_mem_accept_write(m, a);
  m->cycle++;
}

#ifdef __cplusplus
}
#endif
#endif
