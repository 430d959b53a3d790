/* A header with offsets and bits of the registers, for programs that do not use the driver's. */
#include <stdio.h>

#include "registers.h"

void print_header(const struct registers *r) {
  puts(
      "/* Registers of Tetra: byte offsets, and of each field its lowest bit and its mask. Generated; do not edit. */");
  puts("#ifndef TETRA_REGS_H\n#define TETRA_REGS_H\n");
  for (int i = 0; i < r->n; i++) {
    const struct reg *g = &r->reg[i];
    printf("/* %s */\n#define TETRA_%s_OFFSET 0x%03xu\n", g->comment, g->name, (unsigned)g->offset);
    for (int k = 0; k < g->n_bits; k++) {
      const struct bits *b = &g->bits[k];
      const unsigned long long mask = ((1ull << b->width) - 1) << b->lsb;
      printf("#define TETRA_%s_%s_LSB %u\n#define TETRA_%s_%s_MASK 0x%08llxu\n", g->name, b->name, (unsigned)b->lsb,
             g->name, b->name, mask);
      if (registers_has_reset(b)) printf("#define TETRA_%s_%s_RESET 0x%xu\n", g->name, b->name, (unsigned)b->reset);
    }
  }
  puts("\n#endif");
}
