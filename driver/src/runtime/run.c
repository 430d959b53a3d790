/* Runs a job: ring, doorbell, interrupts, completion log, errors. */
#include "runtime.h"

/* While commands are left to send, the head is looked at this often: no interrupt tells that the ring has space. */
#define REFILL_POLL_US 20u
/* Interrupts in a row that bring nothing: a line that is stuck high must not look like life. */
#define MAX_IDLE_WAKEUPS 1000u

/* One run's state. */
struct run {
  struct tetra_device *dev;
  const struct tetra_job *job;
  void (*on_layer)(void *arg, const struct tetra_layer_event *e);
  void *arg;
  struct tetra_fault *fault;
  struct tetra_ring ring;
  uint32_t sent;   /* commands in the ring so far */
  uint32_t events; /* log entries taken */
  int progress;    /* this wake-up found something new */
  int done;        /* the job's SYNC has completed */
  int log_overflowed;
};

static int job_sane(const struct tetra_job *job) {
  if (job == NULL || job->cmds == NULL || job->n_cmds == 0) return 0;
  if (job->ring_addr % TETRA_CMD_BYTES != 0 || job->ring_entries < 2) return 0;
  /* The ring's last byte has a 32-bit address; its size fits a size_t of 32 bits. */
  const uint64_t ring_end = job->ring_addr + (uint64_t)job->ring_entries * TETRA_CMD_BYTES;
  if (ring_end > (uint64_t)UINT32_MAX + 1 || job->ring_entries > UINT32_MAX / TETRA_CMD_BYTES) return 0;
  if (job->base > job->limit) return 0;
  /* The tag tells the end of the job, so exactly the last command must carry it. */
  for (uint32_t i = 0; i < job->n_cmds; i++) {
    const struct tetra_cmd *cmd = &job->cmds[i];
    const int ends =
        tetra_cmd_get(cmd, TETRA_F_OP) == TETRA_OP_SYNC && tetra_cmd_get(cmd, TETRA_F_SYNC_TAG) == job->sync_tag;
    if (ends != (i == job->n_cmds - 1)) return 0;
  }
  return 1;
}

static int fail(struct run *run, int status, uint32_t cause, uint32_t index, uint32_t addr) {
  if (run->fault != NULL) *run->fault = (struct tetra_fault){cause, index, addr};
  return status;
}

static uint32_t dispatched(const struct run *run) { return run->sent - tetra_ring_queued(&run->ring); }

static int contradiction(struct run *run) { return fail(run, TETRA_EHW, TETRA_FAULT_REGISTERS, dispatched(run), 0); }

static void take_log_entry(struct run *run) {
  const struct tetra_device *dev = run->dev;
  struct tetra_layer_event event;
  event.layer = tetra_reg_read(dev, TETRA_REG_LOG_LAYER);
  event.cycle = tetra_reg_read(dev, TETRA_REG_LOG_CYCLE_LO);
  event.cycle |= (uint64_t)tetra_reg_read(dev, TETRA_REG_LOG_CYCLE_HI) << 32;
  /* Popped before the callback, which may be slow while the engine goes on logging. */
  tetra_reg_write(dev, TETRA_REG_LOG_CYCLE_HI, 0);
  run->events++;
  run->progress = 1;
  if (run->on_layer != NULL) run->on_layer(run->arg, &event);
}

/* Takes entries until the log is empty, also those that arrive meanwhile. */
static int drain_log(struct run *run) {
  for (;;) {
    const uint32_t reg = tetra_reg_read(run->dev, TETRA_REG_LOG_COUNT);
    const uint32_t count = tetra_bits_get(reg, TETRA_LOG_COUNT_LAYERS);
    if (reg & TETRA_LOG_COUNT_LOST) run->log_overflowed = 1;
    if (count == 0) return TETRA_OK;
    /* Only a command can log a layer: more entries than commands come from a broken bus, and would never end. */
    if (count > run->job->n_cmds - run->events) return contradiction(run);
    for (uint32_t i = 0; i < count; i++) take_log_entry(run);
  }
}

/* Sends commands while there is space. The doorbell follows each push. */
static void send(struct run *run) {
  const struct tetra_job *job = run->job;
  const uint32_t n = tetra_ring_push(&run->ring, &run->dev->hal, job->cmds + run->sent, job->n_cmds - run->sent);
  run->sent += n;
  if (n != 0) tetra_reg_write(run->dev, TETRA_REG_TAIL, run->ring.tail);
}

static int follow_head(struct run *run) {
  const uint32_t before = run->ring.head;
  const uint32_t head = tetra_reg_read(run->dev, TETRA_REG_HEAD);
  if (tetra_ring_advance(&run->ring, head) != TETRA_OK) return contradiction(run);
  if (head != before) run->progress = 1;
  return TETRA_OK;
}

static int stopped(struct run *run) {
  const struct tetra_device *dev = run->dev;
  const uint32_t cause = tetra_reg_read(dev, TETRA_REG_ERR_CAUSE);
  const uint32_t index = tetra_reg_read(dev, TETRA_REG_ERR_INDEX);
  return fail(run, TETRA_EHW, cause, index, tetra_reg_read(dev, TETRA_REG_ERR_ADDR));
}

/* One look at the engine. Bits are cleared before what they announce is looked at: what happens after the clear raises
 * the line again, so nothing is lost. The layer bit is a level that the emptied log takes back. */
static int service(struct run *run) {
  struct tetra_device *dev = run->dev;
  const uint32_t irq = tetra_reg_read(dev, TETRA_REG_IRQ_STATUS);
  const uint32_t edges = irq & (TETRA_IRQ_SYNC | TETRA_IRQ_ERROR);
  if (edges != 0) tetra_reg_write(dev, TETRA_REG_IRQ_STATUS, edges);
  run->progress = (irq & TETRA_IRQ_SYNC) != 0;

  const int status = drain_log(run);
  if (status != TETRA_OK) return status;
  if (irq & TETRA_IRQ_ERROR) return stopped(run);
  if ((irq & TETRA_IRQ_SYNC) && run->sent == run->job->n_cmds) {
    run->done = tetra_reg_read(dev, TETRA_REG_COMPLETED) == run->job->sync_tag;
    if (run->done) return TETRA_OK;
  }
  if (follow_head(run) != TETRA_OK) return TETRA_EHW;
  send(run);
  return TETRA_OK;
}

/* Waits and looks until the job is done, has failed or shows no life for timeout_us. */
static int run_loop(struct run *run) {
  struct tetra_device *dev = run->dev;
  uint64_t idle_us = 0;
  uint32_t idle_wakeups = 0;
  while (idle_us < dev->timeout_us && idle_wakeups < MAX_IDLE_WAKEUPS) {
    const int refilling = run->sent != run->job->n_cmds && dev->timeout_us > REFILL_POLL_US;
    const uint32_t slice = refilling ? REFILL_POLL_US : dev->timeout_us;
    const int timed_out = dev->hal.wait_irq(dev->hal.ctx, slice) != 0;
    const int status = service(run);
    if (status != TETRA_OK || run->done) return status;
    if (run->progress) {
      idle_us = 0;
      idle_wakeups = 0;
    } else if (timed_out) {
      idle_us += slice;
    } else {
      idle_wakeups++;
    }
  }
  return fail(run, TETRA_ETIMEOUT, TETRA_FAULT_SILENT, dispatched(run), 0);
}

/* The engine is reset, disabled and idle: nothing of an earlier run may be taken for this one's. */
static void set_up(const struct run *run) {
  const struct tetra_device *dev = run->dev;
  const struct tetra_job *job = run->job;
  tetra_reg_write(dev, TETRA_REG_MEM_BASE, job->base);
  tetra_reg_write(dev, TETRA_REG_MEM_LIMIT, job->limit);
  tetra_reg_write(dev, TETRA_REG_RING_BASE, job->ring_addr);
  tetra_reg_write(dev, TETRA_REG_RING_SIZE, job->ring_entries);
  tetra_reg_write(dev, TETRA_REG_TAIL, 0);
  tetra_reg_write(dev, TETRA_REG_IRQ_STATUS, TETRA_IRQ_SYNC | TETRA_IRQ_ERROR);
  tetra_reg_write(dev, TETRA_REG_IRQ_MASK, TETRA_IRQ_SYNC | TETRA_IRQ_ERROR | TETRA_IRQ_LAYER);
  tetra_reg_write(dev, TETRA_REG_CTRL, TETRA_CTRL_ENABLE);
}

int tetra_device_run(struct tetra_device *dev, const struct tetra_job *job,
                     void (*on_layer)(void *arg, const struct tetra_layer_event *e), void *arg,
                     struct tetra_fault *fault) {
  if (fault != NULL) *fault = (struct tetra_fault){TETRA_ERR_NONE, 0, 0};
  if (!tetra_device_ready(dev) || !job_sane(job)) return TETRA_EINVAL;
  const size_t ring_bytes = (size_t)job->ring_entries * TETRA_CMD_BYTES;
  uint8_t *const memory = dev->hal.map(dev->hal.ctx, job->ring_addr, ring_bytes);
  if (memory == NULL) return TETRA_EINVAL;

  struct run run = {dev, job, on_layer, arg, fault, {memory, job->ring_addr, job->ring_entries, 0, 0}, 0, 0, 0, 0, 0};
  int status = tetra_device_reset(dev);
  if (status != TETRA_OK) return fail(&run, status, TETRA_FAULT_SILENT, 0, 0);
  set_up(&run);
  send(&run);
  status = run_loop(&run);
  tetra_reg_write(dev, TETRA_REG_IRQ_MASK, 0);
  if (status == TETRA_OK && run.log_overflowed && on_layer != NULL) return TETRA_ERANGE;
  return status;
}
