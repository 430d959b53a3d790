/* Vector table, entry and faults of a Cortex-M (ARMv7-M). */
  .syntax unified
  .thumb
  .section .start, "ax"
  .globl _start
vectors:
  .word stack_top
  .word _start
  .word fault /* NMI */
  .word fault /* hard */
  .word fault /* memory management */
  .word bus_fault
  .word fault /* usage */
  .word 0, 0, 0, 0
  .word fault, fault, 0, fault, fault
  .word board_interrupt /* external interrupt 0 */

  .thumb_func
_start:
  cpsid i
  /* The stack is filled with a pattern, so that what was used of it can be told. */
  ldr r0, =stack_bottom
  ldr r1, =stack_top
  mov sp, r1
  ldr r2, =0xa5a5a5a5
1:
  str r2, [r0], #4
  cmp r0, r1
  blo 1b
  /* .bss. (.data is loaded where it lies.) */
  ldr r0, =bss_start
  ldr r1, =bss_end
  movs r2, #0
2:
  cmp r0, r1
  bhs 3f
  str r2, [r0], #4
  b 2b
3:
  bl main
  bl board_exit

  /* A bus fault (32 for the board): imprecise ones tell neither address nor kind. Faults of the program do not return. */
  .thumb_func
bus_fault:
  push {r4, lr}
  movs r0, #32
  movs r1, #0
  movs r2, #0
  bl board_fault
  pop {r4, pc}
  .thumb_func
fault:
  movs r0, #2
  movs r1, #0
  movs r2, #0
  bl board_fault
  b .
  .ltorg
