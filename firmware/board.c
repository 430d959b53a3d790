/* The virtual platform as the firmware sees it: registers, interrupts, time. */
#include "board.h"

#include "cpu.h"
#include "systemc/peripherals/registers.h"
#include "systemc/platform/memory_map.h"

/* The linker script's. */
extern uint32_t stack_bottom[], stack_top[];

static volatile struct board_events events;
static volatile uint32_t seen; /* inputs that the handler has found and switched off */

static uint32_t peripheral_read(uint32_t base, uint32_t offset) {
  return *(const volatile uint32_t *)(uintptr_t)(base + offset);
}
static void peripheral_write(uint32_t base, uint32_t offset, uint32_t value) {
  *(volatile uint32_t *)(uintptr_t)(base + offset) = value;
}

/* Inputs are levels: each one found is switched off, so that the handler is not called for it again; whoever waits for
 * it switches it on. */
void board_interrupt(void) {
  const uint32_t enabled = peripheral_read(TETRA_VP_INTC_BASE, INTC_ENABLE);
  const uint32_t active = peripheral_read(TETRA_VP_INTC_BASE, INTC_PENDING) & enabled;
  peripheral_write(TETRA_VP_INTC_BASE, INTC_ENABLE, enabled & ~active);
  if (active == 0) events.spurious++;
  if (active >> TETRA_VP_IRQ_TETRA != 0) events.interrupts++;
  seen |= active;
}

void board_fault(uintptr_t cause, uintptr_t pc, uintptr_t address) {
  (void)pc;
  if (cause != BOARD_LOAD_FAULT && cause != BOARD_STORE_FAULT && cause != BOARD_BUS_FAULT) board_exit(100 + (int)cause);
  if (events.bus_errors++ == 0) {
    events.bus_address = address;
    events.bus_cause = cause;
  }
}

void board_events_clear(void) { events = (struct board_events){0}; }
struct board_events board_events(void) {
  return events;
}

uint32_t board_microseconds(void) { return peripheral_read(TETRA_VP_TIMER_BASE, TIMER_TIME); }

void board_put(char c) {
  while (!(peripheral_read(TETRA_VP_UART_BASE, UART_STATUS) & 1)) {
  }
  peripheral_write(TETRA_VP_UART_BASE, UART_DATA, (uint8_t)c);
}

void board_reset_accelerators(void) {
  peripheral_write(CONTROL_BASE, CONTROL_RESET, 1);
  const uint32_t start = board_microseconds();
  while (board_microseconds() - start < 2) {
  }
  peripheral_write(CONTROL_BASE, CONTROL_RESET, 0);
}

/* start.S has filled the stack with this. */
#define UNUSED 0xa5a5a5a5u
size_t board_stack_unused(void) {
  size_t words = 0;
  while (stack_bottom + words < stack_top && stack_bottom[words] == UNUSED) words++;
  return words * sizeof *stack_bottom;
}
size_t board_stack_size(void) { return (size_t)(stack_top - stack_bottom) * sizeof *stack_bottom; }

void board_exit(int code) {
  peripheral_write(CONTROL_BASE, CONTROL_EXIT, (uint32_t)code);
  for (;;) cpu_sleep();
}

void board_init(void) {
  peripheral_write(TETRA_VP_INTC_BASE, INTC_ENABLE, 0);
  peripheral_write(TETRA_VP_TIMER_BASE, TIMER_CTRL, 0);
  board_events_clear();
  cpu_interrupts_init();
}

/* ---- The HAL ---- */

static uint32_t reg_read(void *ctx, uint32_t offset) { return peripheral_read((uint32_t)(uintptr_t)ctx, offset); }
static void reg_write(void *ctx, uint32_t offset, uint32_t value) {
  peripheral_write((uint32_t)(uintptr_t)ctx, offset, value);
}

static void *map(void *ctx, uint32_t addr, size_t bytes) {
  (void)ctx;
  const uint32_t offset = addr - TETRA_VP_DRAM_BASE;
  if (addr < TETRA_VP_DRAM_BASE || offset > TETRA_VP_DRAM_SIZE || bytes > TETRA_VP_DRAM_SIZE - offset) return NULL;
  return (void *)(uintptr_t)addr;
}

/* No caches: order is all that has to be kept. */
static void sync(void *ctx, uint32_t addr, size_t bytes, int to_device) {
  (void)ctx, (void)addr, (void)bytes, (void)to_device;
  cpu_barrier();
}

/* Sleeps until the handler has seen the accelerator's line or the timer's. Between the look at `seen` and the sleep no
 * interrupt can be lost: they are off there, and the processor wakes all the same. */
static int wait_irq(void *ctx, uint32_t timeout_us) {
  const uint32_t input = TETRA_VP_IRQ_TETRA + ((uint32_t)(uintptr_t)ctx - TETRA_VP_TETRA_BASE) / TETRA_VP_PAGE;
  const uint32_t line = 1u << input, timer = 1u << TETRA_VP_IRQ_TIMER;
  cpu_interrupts_off();
  seen = 0;
  const uint32_t start = board_microseconds();
  peripheral_write(TETRA_VP_TIMER_BASE, TIMER_COMPARE, start + timeout_us);
  peripheral_write(TETRA_VP_TIMER_BASE, TIMER_CTRL, 1);
  peripheral_write(TETRA_VP_INTC_BASE, INTC_ENABLE, line | timer);
  while (!(seen & (line | timer)) && events.bus_errors == 0) {
    cpu_sleep();
    cpu_interrupts_window();
  }
  peripheral_write(TETRA_VP_TIMER_BASE, TIMER_CTRL, 0);
  peripheral_write(TETRA_VP_INTC_BASE, INTC_ENABLE, 0);
  cpu_interrupts_on();
  const int timed_out = !(seen & line);
  if (timed_out && (seen & timer)) events.timeouts++;
  return timed_out;
}

void board_hal(struct tetra_hal *hal, uint32_t i) {
  const uintptr_t base = TETRA_VP_TETRA_BASE + i * TETRA_VP_PAGE;
  *hal = (struct tetra_hal){(void *)base, reg_read, reg_write, map, sync, wait_irq};
}
