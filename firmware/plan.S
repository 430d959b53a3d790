/* A flash image as a section of the program: -DPLAN="..." -DIMAGE="..." -DEXPECTED="..." name the files that
   ./sim --export-plan and --vectors have written. */
#include "systemc/peripherals/registers.h"
  .section .flash, "a"
  .balign 64
directory:
  .word FLASH_MAGIC
  .word plan - directory, plan_end - plan
  .word image - directory, image_end - image
  .word expected - directory, expected_end - expected
  .balign 64
plan:
  .incbin PLAN
plan_end:
  .balign 64
image:
  .incbin IMAGE
image_end:
  .balign 64
expected:
  .incbin EXPECTED
expected_end:
