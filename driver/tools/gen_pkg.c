/* Prints rtl/tetra_pkg.sv from hw_fields.def, so that C and SystemVerilog share one definition. */
#include <stdio.h>

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
#define TETRA_REG(camel, upper, offset, comment) \
  printf("  /// Register: %s\n  localparam logic [11:0] %s = 12'h%03x;\n", comment, #camel, (unsigned)(offset));
#include "tetra/hw_fields.def"
  printf("\nendpackage\n\n/* verilator lint_on UNUSEDPARAM */\n");
  return 0;
}
