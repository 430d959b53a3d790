/* The registers of hw_fields.def as tables, for what is generated of them. */
#ifndef TETRA_TOOLS_REGISTERS_H
#define TETRA_TOOLS_REGISTERS_H

#include <stdint.h>

/* Bits of a register. */
struct bits {
  const char *name;
  uint32_t lsb, width;
  const char *access; /* CAP, RO, RW, W1C, W1S or WPOP */
  uint32_t reset;
  const char *comment;
};

struct reg {
  const char *name; /* without REG_ */
  uint32_t offset;
  const char *access, *comment;
  uint32_t kept, reset; /* of RW and W1C: the bits that can change, the value after reset */
  struct bits bits[4];
  int n_bits; /* at least 1: a register that is one number has VALUE */
};

enum { REGISTERS_MAX = 96 };
struct registers {
  struct reg reg[REGISTERS_MAX];
  int n;
};

/* Fills the table, a counter as two registers, and checks that what hw_fields.def says of registers and of their bits
 * agrees. NULL, or the name of the first register where it does not. */
const char *registers_list(struct registers *r);
/* 1 where reset is a value that every build has. */
int registers_has_reset(const struct bits *b);

/* Each prints a form of the table on standard output. */
void print_header(const struct registers *r);
void print_rdl(const struct registers *r);
void print_svd(const struct registers *r);

#endif
