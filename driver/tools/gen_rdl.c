/* The register map in SystemRDL 2.0. */
#include <stdio.h>
#include <string.h>

#include "registers.h"

/* How software and hardware access a field. */
static const char *properties(const char *access) {
  static const struct {
    const char *access, *text;
  } kinds[] = {
      {"CAP", "sw = r; hw = w;"},
      {"RO", "sw = r; hw = w;"},
      {"RW", "sw = rw; hw = rw;"},
      {"W1C", "sw = rw; hw = rw; onwrite = woclr;"},
      {"W1S", "sw = rw; hw = rw; onwrite = woset;"},
      {"WPOP", "sw = rw; hw = rw; swmod;"},
  };
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (strcmp(kinds[i].access, access) == 0) return kinds[i].text;
  }
  return "";
}

static void print_field(const struct bits *b) {
  printf("    field {\n      desc = \"%s\";\n      %s\n    } %s[%u:%u]", b->comment, properties(b->access), b->name,
         (unsigned)(b->lsb + b->width - 1), (unsigned)b->lsb);
  /* What hardware alone gives is not stored: no value after reset. */
  if (strcmp(b->access, "RW") == 0 || strncmp(b->access, "W1", 2) == 0) printf(" = 0x%x", (unsigned)b->reset);
  puts(";");
}

void print_rdl(const struct registers *r) {
  puts("// Registers of Tetra. Generated; do not edit.");
  puts("addrmap tetra {\n  name = \"Tetra\";\n  desc = \"Accelerator for quantized residual networks\";");
  puts("  default regwidth = 32;\n  default accesswidth = 32;");
  for (int i = 0; i < r->n; i++) {
    const struct reg *g = &r->reg[i];
    printf("  reg {\n    desc = \"%s\";\n", g->comment);
    for (int k = 0; k < g->n_bits; k++) print_field(&g->bits[k]);
    printf("  } %s @ 0x%03x;\n", g->name, (unsigned)g->offset);
  }
  puts("};");
}
