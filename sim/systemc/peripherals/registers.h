// Registers of the platform's peripherals, for their modules and for the firmware (numbers only, for assemblers too).
// All are 32 bits wide; offsets in bytes from the bases of platform/memory_map.h. Other offsets answer with an address
// error.
#ifndef TETRA_SYSTEMC_PERIPHERALS_REGISTERS_H
#define TETRA_SYSTEMC_PERIPHERALS_REGISTERS_H

// UART: always ready.
#define UART_DATA 0x0    // write: a byte to send, its low 8 bits; reads 0
#define UART_STATUS 0x4  // reads 1: ready to send

// Timer: microseconds since the start of simulation. Its line is high while CTRL is 1 and COMPARE is reached: while
// (int32_t)(TIME - COMPARE) >= 0.
#define TIMER_TIME 0x0  // read only, wraps
#define TIMER_COMPARE 0x4
#define TIMER_CTRL 0x8  // bit 0: the line may be high

// Interrupt controller: levels, up to 32 inputs. The processor's line is high while PENDING & ENABLE is not 0.
#define INTC_PENDING 0x0  // read only: the inputs
#define INTC_ENABLE 0x4

// System control.
#define CONTROL_EXIT 0x0   // write: ends the simulation with this code
#define CONTROL_RESET 0x4  // bit 0: the accelerators' reset pin is held low

#define CONTROL_BASE 0x40003000

// Flash, in the processor's own memory: what the firmware runs. Words: magic, then for each of plan, image and expected
// output its offset from FLASH_BASE and its bytes (expected output: 0 bytes where it is not known).
#define FLASH_BASE 0x01000000
#define FLASH_SIZE 0x03000000
#define FLASH_MAGIC 0x48534c46
#define FLASH_HEADER_BYTES 64

#endif
