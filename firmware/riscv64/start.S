/* Entry and traps of a RISC-V processor in machine mode. */
  .option arch, +zicsr
  .section .start, "ax"
  .globl _start
_start:
  csrci mstatus, 8
  la sp, stack_top
  la t0, trap
  csrw mtvec, t0
  /* The stack is filled with a pattern, so that what was used of it can be told. */
  la t0, stack_bottom
  li t1, 0xa5a5a5a5
1:
  sw t1, 0(t0)
  addi t0, t0, 4
  bltu t0, sp, 1b
  /* .bss. (.data is loaded where it lies.) */
  la t0, bss_start
  la t1, bss_end
2:
  bgeu t0, t1, 3f
  sd zero, 0(t0)
  addi t0, t0, 8
  j 2b
3:
  call main
  call board_exit

  /* Interrupts and faults. This board's bus errors (5, a load, and 7, a store; mtval has the address) are imprecise: mepc
     is somewhere behind the access, and the program goes on from there. */
  .balign 4
trap:
  addi sp, sp, -160
  sd ra, 0(sp)
  sd t0, 8(sp)
  sd t1, 16(sp)
  sd t2, 24(sp)
  sd a0, 32(sp)
  sd a1, 40(sp)
  sd a2, 48(sp)
  sd a3, 56(sp)
  sd a4, 64(sp)
  sd a5, 72(sp)
  sd a6, 80(sp)
  sd a7, 88(sp)
  sd t3, 96(sp)
  sd t4, 104(sp)
  sd t5, 112(sp)
  sd t6, 120(sp)
  csrr a0, mcause
  csrr a1, mepc
  csrr a2, mtval
  li t1, (1 << 63) + 11
  beq a0, t1, 4f
  call board_fault
  j 6f
4:
  call board_interrupt
6:
  ld ra, 0(sp)
  ld t0, 8(sp)
  ld t1, 16(sp)
  ld t2, 24(sp)
  ld a0, 32(sp)
  ld a1, 40(sp)
  ld a2, 48(sp)
  ld a3, 56(sp)
  ld a4, 64(sp)
  ld a5, 72(sp)
  ld a6, 80(sp)
  ld a7, 88(sp)
  ld t3, 96(sp)
  ld t4, 104(sp)
  ld t5, 112(sp)
  ld t6, 120(sp)
  addi sp, sp, 160
  mret
