/* Prints rtl/tetra_pkg.sv from hw_fields.def, so that C and SystemVerilog share one definition. */
#include <stdio.h>
#include <string.h>

#include "tetra/hw.h"

/* A register that can be written has a mask of what it keeps and a value after reset. */
static void print_register(const char *name, const char *access, unsigned offset, unsigned bits, unsigned reset,
                           const char *comment) {
  printf("  /// Register (%s): %s\n  localparam logic [11:0] %s = 12'h%03x;\n", access, comment, name, offset);
  if (strcmp(access, "RW") != 0) return;
  printf("  localparam logic [31:0] %sBits = 32'h%08x;\n", name, bits);
  printf("  localparam logic [31:0] %sReset = 32'h%08x;\n", name, reset);
}

int main(void) {
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
  return 0;
}
