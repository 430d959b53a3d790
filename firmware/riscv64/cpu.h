/* What the board needs of a RISC-V processor in machine mode. */
#ifndef TETRA_FIRMWARE_CPU_H
#define TETRA_FIRMWARE_CPU_H

/* The interrupt controller's bit of mie. */
#define MIE_EXTERNAL (1l << 11)

/* The C libraries are built for rv64imac, which newer assemblers take without the instructions for control registers.
 */
#define CPU_CSR(text) ".option push\n\t.option arch, +zicsr\n\t" text "\n\t.option pop"

static inline void cpu_interrupts_on(void) { __asm__ volatile(CPU_CSR("csrsi mstatus, 8")::: "memory"); }
static inline void cpu_interrupts_off(void) { __asm__ volatile(CPU_CSR("csrci mstatus, 8")::: "memory"); }
static inline void cpu_interrupts_init(void) {
  __asm__ volatile(CPU_CSR("csrw mie, %0")::"r"(MIE_EXTERNAL));
  cpu_interrupts_on();
}
/* Lets what is pending in, and nothing after that. */
static inline void cpu_interrupts_window(void) {
  cpu_interrupts_on();
  __asm__ volatile("nop");
  cpu_interrupts_off();
}
/* Until an interrupt is pending, also where interrupts are off. */
static inline void cpu_sleep(void) { __asm__ volatile("wfi" ::: "memory"); }
static inline void cpu_barrier(void) { __asm__ volatile("fence" ::: "memory"); }

#endif
