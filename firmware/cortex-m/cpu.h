/* What the board needs of a Cortex-M processor (ARMv7-M). */
#ifndef TETRA_FIRMWARE_CPU_H
#define TETRA_FIRMWARE_CPU_H

/* The interrupt controller's line is external interrupt 0 of the processor's own controller, the NVIC. */
#define NVIC_ISER0 0xe000e100u

static inline void cpu_interrupts_init(void) {
  *(volatile unsigned *)NVIC_ISER0 = 1;
  __asm__ volatile("cpsie i" ::: "memory");
}
static inline void cpu_interrupts_off(void) { __asm__ volatile("cpsid i" ::: "memory"); }
static inline void cpu_interrupts_on(void) { __asm__ volatile("cpsie i" ::: "memory"); }
/* Lets what is pending in, and nothing after that. */
static inline void cpu_interrupts_window(void) { __asm__ volatile("cpsie i\n\tisb\n\tcpsid i" ::: "memory"); }
/* Until an interrupt is pending, also where interrupts are off. */
static inline void cpu_sleep(void) { __asm__ volatile("wfi" ::: "memory"); }
static inline void cpu_barrier(void) { __asm__ volatile("dmb" ::: "memory"); }

#endif
