/* A whole program without a C library: the runtime, the bare-metal example and a tiny accelerator behind a HAL, linked
 * with -nostdlib. It exits with 0 where a stored plan ran to its end and a failing one was reported. */
#include "../../../driver/examples/baremetal.h"

/* All that a freestanding compiler may ask of its environment. */
void *memcpy(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
void *memcpy(void *to, const void *from, size_t bytes) {
  volatile uint8_t *t = to; /* volatile: or the loop is compiled to a call of itself */
  const uint8_t *f = from;
  while (bytes-- > 0) *t++ = *f++;
  return to;
}
void *memset(void *to, int value, size_t bytes) {
  volatile uint8_t *t = to;
  while (bytes-- > 0) *t++ = (uint8_t)value;
  return to;
}

enum { RING_ADDR = 0x1000, RING_ENTRIES = 2, CONST_ADDR = 0x40, INPUT_ADDR = 0x80, OUTPUT_ADDR = 0xc0, N_CMDS = 3 };

struct engine {
  uint8_t memory[RING_ADDR + RING_ENTRIES * TETRA_CMD_BYTES];
  uint32_t head, tail, irq, completed, cause, executed, fail_at;
  int output_synced;
};

static uint32_t reg_read(void *ctx, uint32_t offset) {
  const struct engine *e = ctx;
  switch (offset) {
    case TETRA_REG_ID:
      return TETRA_HW_ID;
    case TETRA_REG_VERSION:
      return TETRA_HW_VERSION;
    case TETRA_REG_ARRAY:
      return 4 << 16 | 4;
    case TETRA_REG_ACT_WORDS:
    case TETRA_REG_WGT_WORDS:
    case TETRA_REG_RES_WORDS:
    case TETRA_REG_PAR_ENTRIES:
    case TETRA_REG_ACC_PIXELS:
    case TETRA_REG_MAX_LAYERS:
    case TETRA_REG_POOL_WORDS:
      return 64;
    case TETRA_REG_HEAD:
      return e->head;
    case TETRA_REG_IRQ_STATUS:
      return e->irq;
    case TETRA_REG_COMPLETED:
      return e->completed;
    case TETRA_REG_ERR_CAUSE:
      return e->cause;
    case TETRA_REG_ERR_INDEX:
      return e->executed;
    default:
      return 0;
  }
}

static void reg_write(void *ctx, uint32_t offset, uint32_t value) {
  struct engine *e = ctx;
  if (offset == TETRA_REG_CTRL && (value & 2)) e->head = e->tail = e->irq = e->cause = e->executed = e->completed = 0;
  if (offset == TETRA_REG_TAIL) e->tail = value;
  if (offset == TETRA_REG_IRQ_STATUS) e->irq &= ~value;
}

static void *map(void *ctx, uint32_t addr, size_t bytes) {
  struct engine *e = ctx;
  return addr <= sizeof e->memory && bytes <= sizeof e->memory - addr ? e->memory + addr : NULL;
}

static void sync(void *ctx, uint32_t addr, size_t bytes, int to_device) {
  struct engine *e = ctx;
  if (addr == OUTPUT_ADDR && bytes == 16 && !to_device) e->output_synced = 1;
}

/* Executes what is in the ring: a SYNC completes, everything else is a command that does nothing. */
static int wait_irq(void *ctx, uint32_t timeout_us) {
  struct engine *e = ctx;
  (void)timeout_us;
  while (e->head != e->tail && e->cause == 0) {
    const uint8_t *cmd = e->memory + RING_ADDR + e->head * TETRA_CMD_BYTES;
    if (e->executed == e->fail_at) {
      e->cause = TETRA_ERR_RANGE;
      e->irq |= TETRA_IRQ_ERROR;
    } else {
      if ((cmd[0] & 15) == TETRA_OP_SYNC) {
        e->completed = cmd[12];
        e->irq |= TETRA_IRQ_SYNC;
      }
      e->head = (e->head + 1) % RING_ENTRIES;
      e->executed++;
    }
  }
  return e->irq == 0;
}

/* The board's part; only baremetal_hal's functions, which are linked but not run here, call it. */
int board_irq_line(void) { return 0; }
uint32_t board_microseconds(void) { return 0; }
void board_cache_clean(const void *p, size_t bytes) { (void)p, (void)bytes; }
void board_cache_invalidate(const void *p, size_t bytes) { (void)p, (void)bytes; }

struct stored {
  uint8_t header[TETRA_STORED_HEADER_BYTES];
  struct tetra_cmd cmds[N_CMDS];
  uint8_t consts[16];
};

static void put(struct stored *s, uint32_t i, uint32_t v) {
  for (uint32_t k = 0; k < 4; k++) s->header[4 * i + k] = (uint8_t)(v >> (8 * k));
}

/* A tensor of 4 x 1 pixels of 3 channels, in rows of a pixel. */
static void put_tensor(struct stored *s, uint32_t at, uint32_t addr) {
  const uint32_t words[TETRA_STORED_TENSOR_WORDS] = {addr, 16, TETRA_LAYOUT_ROWS, 4, 1, 4,
                                                     1,    3,  TETRA_S8,          0, 0, 0x3ff00000};
  for (uint32_t i = 0; i < TETRA_STORED_TENSOR_WORDS; i++) put(s, at + i, words[i]);
}

static void seal(struct stored *s) {
  put(s, TETRA_STORED_W_HEADER_CRC, 0);
  put(s, TETRA_STORED_W_BODY_CRC, tetra_stored_crc(0, (const uint8_t *)s->cmds, sizeof s->cmds + sizeof s->consts));
  put(s, TETRA_STORED_W_HEADER_CRC, tetra_stored_crc(0, s->header, sizeof s->header));
}

static void make_plan(struct stored *s) {
  const uint32_t words[24] = {TETRA_STORED_MAGIC,
                              TETRA_STORED_VERSION,
                              sizeof *s,
                              0,
                              0,
                              TETRA_HW_VERSION,
                              4,
                              64,
                              64,
                              64,
                              64,
                              64,
                              64,
                              64,
                              0,
                              0xffff,
                              RING_ADDR,
                              RING_ENTRIES,
                              TETRA_STORED_HEADER_BYTES,
                              N_CMDS,
                              0x5a,
                              CONST_ADDR,
                              TETRA_STORED_HEADER_BYTES + N_CMDS * TETRA_CMD_BYTES,
                              16};
  for (uint32_t i = 0; i < 24; i++) put(s, i, words[i]);
  put_tensor(s, TETRA_STORED_W_INPUT, INPUT_ADDR);
  put_tensor(s, TETRA_STORED_W_OUTPUT, OUTPUT_ADDR);
  tetra_cmd_set(&s->cmds[0], TETRA_F_OP, TETRA_OP_LOAD);
  tetra_cmd_set(&s->cmds[1], TETRA_F_OP, TETRA_OP_STORE);
  tetra_cmd_set(&s->cmds[2], TETRA_F_OP, TETRA_OP_SYNC);
  tetra_cmd_set(&s->cmds[2], TETRA_F_SYNC_TAG, 0x5a);
  for (int i = 0; i < 16; i++) s->consts[i] = (uint8_t)(i + 1);
  seal(s);
}

int freestanding_main(void);
int freestanding_main(void) {
  static struct engine engine;
  static struct stored blob;
  static const uint8_t image[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  const struct tetra_hal hal = {&engine, reg_read, reg_write, map, sync, wait_irq};
  struct tetra_stored s;
  struct tetra_fault fault;
  uint8_t logits[12];
  make_plan(&blob);

  struct tetra_hal board;
  baremetal_hal(&board, (volatile uint32_t *)(uintptr_t)0x1000);
  if (board.ctx == NULL) return 1;

  engine.fail_at = 0xffffffff;
  if (baremetal_load(&blob, sizeof blob, &hal, &s, NULL) != TETRA_OK) return 2;
  for (int i = 0; i < 16; i++) {
    if (engine.memory[CONST_ADDR + i] != i + 1) return 3;
  }
  engine.memory[OUTPUT_ADDR + 5] = 77;
  if (baremetal_run(&s, &hal, image, logits, &fault) != TETRA_OK) return 4;
  if (engine.executed != N_CMDS || !engine.output_synced) return 5;
  if (engine.memory[INPUT_ADDR + 4] != 4 || engine.memory[INPUT_ADDR + 3] != 0 || logits[4] != 77) return 10;
  if (tetra_stored_top(&s, logits, 0) != 4) return 11;

  engine.fail_at = 1;
  if (baremetal_run(&s, &hal, image, logits, &fault) != TETRA_EHW) return 6;
  if (fault.cause != TETRA_ERR_RANGE || fault.index != 1 || tetra_fault_name(fault.cause)[0] != 'a') return 7;
  put(&blob, TETRA_STORED_W_CAPS, 16);
  seal(&blob);
  if (baremetal_load(&blob, sizeof blob, &hal, &s, NULL) != TETRA_OK) return 12;
  if (baremetal_run(&s, &hal, image, logits, &fault) != TETRA_EINVAL) return 8;
  blob.consts[0] ^= 1;
  return baremetal_load(&blob, sizeof blob, &hal, &s, NULL) == TETRA_EINVAL ? 0 : 9;
}

/* Entry and exit by Linux system calls: all that this program needs of its host. */
#if defined(__x86_64__)
__asm__(
    ".globl _start\n"
    "_start:\n"
    "  xor %ebp, %ebp\n"
    "  and $-16, %rsp\n"
    "  call freestanding_main\n"
    "  mov %eax, %edi\n"
    "  mov $231, %eax\n"
    "  syscall\n");
#elif defined(__aarch64__)
__asm__(
    ".globl _start\n"
    "_start:\n"
    "  bl freestanding_main\n"
    "  mov x8, #94\n"
    "  svc #0\n");
#else
#error "no entry code for this processor"
#endif
