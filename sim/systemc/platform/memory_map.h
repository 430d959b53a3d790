// Where the virtual platform's parts lie, for its modules and for the firmware (C and C++, assembler too: numbers
// only).
#ifndef TETRA_SYSTEMC_MEMORY_MAP_H
#define TETRA_SYSTEMC_MEMORY_MAP_H

// Code, data and stack of the firmware. The accelerators cannot reach it.
#define TETRA_VP_LOCAL_BASE 0x00000000
#define TETRA_VP_LOCAL_SIZE 0x04000000
// DRAM, which processor and accelerators share: plans, constants, images, results.
#define TETRA_VP_DRAM_BASE 0x10000000
#define TETRA_VP_DRAM_SIZE 0x20000000
// Peripherals, 4 KiB each.
#define TETRA_VP_PAGE 0x1000
#define TETRA_VP_UART_BASE 0x40000000
#define TETRA_VP_TIMER_BASE 0x40001000
#define TETRA_VP_INTC_BASE 0x40002000
// Accelerator i is at TETRA_VP_TETRA_BASE + i * TETRA_VP_PAGE, and its interrupt is the controller's input
// TETRA_VP_IRQ_TETRA + i.
#define TETRA_VP_TETRA_BASE 0x40010000
#define TETRA_VP_TETRA_MAX 8
#define TETRA_VP_IRQ_TIMER 0
#define TETRA_VP_IRQ_UART 1
#define TETRA_VP_IRQ_TETRA 8

#endif
