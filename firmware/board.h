/* The board that the firmware runs on: the virtual platform, or any other with these few functions. */
#ifndef TETRA_FIRMWARE_BOARD_H
#define TETRA_FIRMWARE_BOARD_H

#include <stddef.h>
#include <stdint.h>

#include "tetra/device.h"

/* What the board's interrupts and bus have done since board_events_clear. */
struct board_events {
  uint32_t interrupts;              /* of the accelerator, taken by the handler */
  uint32_t spurious;                /* interrupts without a source that was enabled */
  uint32_t timeouts;                /* waits that the timer ended */
  uint32_t bus_errors;              /* loads and stores that the bus answered with an error */
  uintptr_t bus_address, bus_cause; /* of the first of them: enum board_cause; its address where the cause is known */
};

/* Causes of faults that the program survives. */
enum board_cause {
  BOARD_LOAD_FAULT = 5,
  BOARD_STORE_FAULT = 7,
  BOARD_BUS_FAULT = 32 /* a load or a store, anywhere */
};

void board_init(void);
/* Fills *hal for accelerator `i`, whose memory the processor sees at the accelerator's addresses. */
void board_hal(struct tetra_hal *hal, uint32_t i);
void board_events_clear(void);
struct board_events board_events(void);
uint32_t board_microseconds(void); /* wraps */
void board_put(char c);
/* Pulses the accelerators' reset pin: the last resort where a memory has not answered. */
void board_reset_accelerators(void);
/* Bytes of the stack that were never used, and all of them. */
size_t board_stack_unused(void);
size_t board_stack_size(void);
/* Ends the program. */
_Noreturn void board_exit(int code);

/* ---- The processor: start.S and cpu.h of each ---- */
/* What the trap code calls: the processor's interrupt line is high. */
void board_interrupt(void);
/* A fault that the bus reported (enum board_cause), or another one, from which there is no return. */
void board_fault(uintptr_t cause, uintptr_t pc, uintptr_t address);

#endif
