/* Register file: what is mapped, what reads give, what writes change. */
#include "device/regs.h"

#include <string.h>

static int mapped(uint32_t a) {
  return a % 4 == 0 && (a <= TETRA_REG_POOL_WORDS || (a >= TETRA_REG_CTRL && a <= TETRA_REG_ERR_ADDR) ||
                        (a >= TETRA_REG_LOG_COUNT && a <= TETRA_REG_LAYER_WRITE) ||
                        (a >= TETRA_REG_COUNTERS && a < TETRA_REG_COUNTERS + 8 * TETRA_CNT_NUM));
}

/* What registers hold after the reset pin. */
static uint32_t reset_of(uint32_t offset) {
  static const struct {
    uint32_t offset, value;
  } kResets[] = {
#define TETRA_REG(camel, upper, offset, access, bits, reset, comment) {offset, reset},
#include "tetra/hw_fields.def"
  };
  size_t i = 0;
  while (kResets[i].offset != offset) i++;
  return kResets[i].value;
}

void dev_regs_init(struct dev_regs *r, const struct tetra_caps *caps) {
  memset(r, 0, sizeof *r);
  r->caps = *caps;
  r->enable = reset_of(TETRA_REG_CTRL) & 1;
  r->ring_base = reset_of(TETRA_REG_RING_BASE);
  r->ring_size = reset_of(TETRA_REG_RING_SIZE);
  r->mem_base = reset_of(TETRA_REG_MEM_BASE);
  r->mem_limit = reset_of(TETRA_REG_MEM_LIMIT);
  r->watchdog = reset_of(TETRA_REG_WATCHDOG);
}

void dev_regs_reset(struct dev_regs *r) {
  r->tail = r->head = r->irq = r->completed = 0;
  r->err_cause = r->err_index = r->err_addr = r->stopped = 0;
  r->log_first = r->log_count = r->log_lost = 0;
  r->captured = 0;
  memset(r->counters, 0, sizeof r->counters);
  memset(r->layers, 0, sizeof r->layers);
}

static uint32_t irq_status(const struct dev_regs *r) { return r->irq | (r->log_count != 0 ? TETRA_IRQ_LAYER : 0); }

int dev_regs_line(const struct dev_regs *r) { return (irq_status(r) & r->irq_mask) != 0; }

static uint32_t read_caps(const struct tetra_caps *c, uint32_t offset) {
  switch (offset) {
    case TETRA_REG_ID:
      return TETRA_HW_ID;
    case TETRA_REG_VERSION:
      return TETRA_HW_VERSION;
    case TETRA_REG_ARRAY:
      return c->n << 16 | c->n;
    case TETRA_REG_ACT_WORDS:
      return c->act_words;
    case TETRA_REG_WGT_WORDS:
      return c->wgt_words;
    case TETRA_REG_RES_WORDS:
      return c->res_words;
    case TETRA_REG_PAR_ENTRIES:
      return c->par_entries;
    case TETRA_REG_ACC_PIXELS:
      return c->acc_pixels;
    case TETRA_REG_MAX_LAYERS:
      return c->max_layers;
    default:
      return c->pool_words;
  }
}

static uint32_t read_log(const struct dev_regs *r, uint32_t offset) {
  if (offset == TETRA_REG_LOG_COUNT) return r->log_lost << 31 | r->log_count;
  if (r->log_count == 0) return 0;
  if (offset == TETRA_REG_LOG_LAYER) return r->log[r->log_first].layer;
  return (uint32_t)(r->log[r->log_first].cycle >> (offset == TETRA_REG_LOG_CYCLE_HI ? 32 : 0));
}

static uint32_t read_state(const struct dev_regs *r, uint32_t offset) {
  switch (offset) {
    case TETRA_REG_CTRL:
      return r->resetting << 1 | r->enable;
    case TETRA_REG_STATUS:
      return r->resetting << 2 | r->stopped << 1 | r->busy;
    case TETRA_REG_RING_BASE:
      return r->ring_base;
    case TETRA_REG_RING_SIZE:
      return r->ring_size;
    case TETRA_REG_HEAD:
      return r->head;
    case TETRA_REG_TAIL:
      return r->tail;
    case TETRA_REG_MEM_BASE:
      return r->mem_base;
    case TETRA_REG_MEM_LIMIT:
      return r->mem_limit;
    case TETRA_REG_IRQ_STATUS:
      return irq_status(r);
    case TETRA_REG_IRQ_MASK:
      return r->irq_mask;
    case TETRA_REG_COMPLETED:
      return r->completed;
    case TETRA_REG_WATCHDOG:
      return r->watchdog;
    case TETRA_REG_ERR_CAUSE:
      return r->err_cause;
    case TETRA_REG_ERR_INDEX:
      return r->err_index;
    case TETRA_REG_ERR_ADDR:
      return r->err_addr;
    case TETRA_REG_LAYER_SEL:
      return r->layer_sel;
    case TETRA_REG_LAYER_BUSY:
      return r->selected.busy;
    case TETRA_REG_LAYER_READ:
      return r->selected.read;
    case TETRA_REG_LAYER_WRITE:
      return r->selected.write;
    default:
      return read_log(r, offset);
  }
}

int dev_regs_peek(const struct dev_regs *r, uint32_t offset, uint32_t *value) {
  *value = 0;
  if (!mapped(offset)) return 0;
  if (offset <= TETRA_REG_POOL_WORDS) {
    *value = read_caps(&r->caps, offset);
  } else if (offset >= TETRA_REG_COUNTERS) {
    *value = offset & 4 ? r->captured : (uint32_t)r->counters[(offset - TETRA_REG_COUNTERS) / 8];
  } else {
    *value = read_state(r, offset);
  }
  return 1;
}

int dev_regs_read(struct dev_regs *r, uint32_t offset, uint32_t *value) {
  if (!dev_regs_peek(r, offset, value)) return 0;
  if (offset >= TETRA_REG_COUNTERS && !(offset & 4))
    r->captured = (uint32_t)(r->counters[(offset - TETRA_REG_COUNTERS) / 8] >> 32);
  return 1;
}

static uint32_t byte_mask(uint32_t strobes) {
  uint32_t mask = 0;
  for (int i = 0; i < 4; i++) mask |= (strobes >> i & 1) * (uint32_t)0xff << 8 * i;
  return mask;
}

static void pop_log(struct dev_regs *r) {
  if (r->log_count == 0) return;
  r->log_first = (r->log_first + 1) % DEV_LOG;
  r->log_count--;
}

static int write_control(struct dev_regs *r, uint32_t value, uint32_t strobes) {
  if (!(strobes & 1)) return DEV_NOTHING;
  r->enable = value & 1;
  if (value & 2) r->resetting = 1;
  return DEV_CONTROL | (value & 2 ? DEV_RESET : 0);
}

int dev_regs_write(struct dev_regs *r, uint32_t offset, uint32_t value, uint32_t strobes, int *effect) {
  const uint32_t mask = byte_mask(strobes), bits = value & mask;
  *effect = DEV_NOTHING;
  if (!mapped(offset)) return 0;
  switch (offset) {
    case TETRA_REG_CTRL:
      *effect = write_control(r, value, strobes);
      break;
    case TETRA_REG_RING_BASE:
      r->ring_base = ((r->ring_base & ~mask) | bits) & ~63u;
      break;
    case TETRA_REG_RING_SIZE:
      r->ring_size = (r->ring_size & ~mask) | bits;
      break;
    case TETRA_REG_TAIL:
      r->tail = (r->tail & ~mask) | bits;
      *effect = DEV_CONTROL;
      break;
    case TETRA_REG_MEM_BASE:
      r->mem_base = (r->mem_base & ~mask) | bits;
      break;
    case TETRA_REG_MEM_LIMIT:
      r->mem_limit = (r->mem_limit & ~mask) | bits;
      break;
    case TETRA_REG_IRQ_STATUS:
      r->irq &= ~(bits & (TETRA_IRQ_SYNC | TETRA_IRQ_ERROR));
      break;
    case TETRA_REG_IRQ_MASK:
      if (strobes & 1) r->irq_mask = value & 7;
      break;
    case TETRA_REG_WATCHDOG:
      r->watchdog = (r->watchdog & ~mask) | bits;
      *effect = DEV_CONTROL;
      break;
    case TETRA_REG_LOG_CYCLE_HI:
      pop_log(r);
      break;
    case TETRA_REG_LAYER_SEL:
      r->layer_sel = ((r->layer_sel & ~mask) | bits) & (TETRA_DEF_MAX_LAYERS - 1);
      r->selected = r->layers[r->layer_sel];
      break;
    default:
      break;
  }
  return 1;
}

void dev_regs_layer_done(struct dev_regs *r, uint32_t layer, uint64_t cycle) {
  if (r->log_count == DEV_LOG) {
    r->log_lost = 1;
    return;
  }
  const uint32_t at = (r->log_first + r->log_count++) % DEV_LOG;
  r->log[at].layer = layer;
  r->log[at].cycle = cycle;
}

void dev_regs_sync(struct dev_regs *r, uint32_t tag) {
  r->irq |= TETRA_IRQ_SYNC;
  r->completed = tag;
}

void dev_regs_error(struct dev_regs *r, uint32_t cause, uint32_t index, uint32_t addr) {
  if (r->err_cause != TETRA_ERR_NONE) return;
  r->irq |= TETRA_IRQ_ERROR;
  r->stopped = 1;
  r->err_cause = cause;
  r->err_index = index;
  r->err_addr = addr;
}
