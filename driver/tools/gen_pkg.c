/* Prints what is made of hw_fields.def, so that there is one definition: rtl/tetra_pkg.sv, or, by an argument, the
 * registers as a C header (h), in SystemRDL (rdl) or in CMSIS-SVD (svd). */
#include <stdio.h>
#include <string.h>

#include "registers.h"
#include "tetra/hw.h"

/* A register that can be written has a mask of what it keeps and a value after reset. */
static void print_register(const char *name, const char *access, unsigned offset, unsigned bits, unsigned reset,
                           const char *comment) {
  printf("  /// Register (%s): %s\n  localparam logic [11:0] %s = 12'h%03x;\n", access, comment, name, offset);
  if (strcmp(access, "RW") != 0) return;
  printf("  localparam logic [31:0] %sBits = 32'h%08x;\n", name, bits);
  printf("  localparam logic [31:0] %sReset = 32'h%08x;\n", name, reset);
}

static void print_package(void) {
  printf("// Generated from driver/include/tetra/hw_fields.def by driver/tools/gen_pkg.c; do not edit.\n");
  printf(
      "// Constants of the hardware interface: command fields (bit position in the 512-bit command), registers, "
      "codes.\n\n");
  printf("// No single top level uses every constant:\n/* verilator lint_off UNUSEDPARAM */\n\n");
  printf("package tetra_pkg;\n\n");
#define TETRA_CONST(camel, upper, value, comment) \
  printf("  /// %s\n  localparam int %s = %u;\n", comment, #camel, (unsigned)(value));
#define TETRA_FIELD(camel, upper, word, lsb, width, comment)                                                     \
  printf("  /// Command field: %s\n  localparam int %sLsb = %u;\n  localparam int %sW = %u;\n", comment, #camel, \
         (unsigned)((word)*32 + (lsb)), #camel, (unsigned)(width));
#define TETRA_REG(camel, upper, offset, access, bits, reset, comment) \
  print_register(#camel, #access, offset, bits, reset, comment);
#include "tetra/hw_fields.def"
  printf("  /// number of 64-bit counters\n  localparam int CntNum = %u;\n", (unsigned)TETRA_CNT_NUM);
  printf("\nendpackage\n\n/* verilator lint_on UNUSEDPARAM */\n");
}

int main(int argc, char **argv) {
  static const struct {
    const char *name;
    void (*print)(const struct registers *r);
  } forms[] = {{"h", print_header}, {"rdl", print_rdl}, {"svd", print_svd}};
  static struct registers r;
  const char *bad = registers_list(&r);
  if (bad != NULL) {
    fprintf(stderr, "gen_pkg: hw_fields.def contradicts itself about the bits of %s\n", bad);
    return 1;
  }
  if (argc == 1 || (argc == 2 && strcmp(argv[1], "sv") == 0)) {
    print_package();
    return 0;
  }
  for (size_t i = 0; argc == 2 && i < sizeof forms / sizeof *forms; i++) {
    if (strcmp(argv[1], forms[i].name) != 0) continue;
    forms[i].print(&r);
    return 0;
  }
  fprintf(stderr, "gen_pkg: sv, h, rdl or svd is accepted\n");
  return 2;
}
