// Read by every Verilated file right after <verilated.h> (scripts/verilate.sh). Verilator sign-extends both operands of a
// signed product, even where they fill the word and the extension does nothing: six operations a product, and they keep
// the C++ compiler from computing the array in 16-bit lanes. The low 32 bits are the same without.
#ifndef TETRA_VERILATED_MUL_H
#define TETRA_VERILATED_MUL_H

#include <verilated.h>

static inline IData tetra_muls_iii(int bits, IData x, IData y) { return bits == 32 ? x * y : VL_MULS_III(bits, x, y); }
#define VL_MULS_III tetra_muls_iii

#endif
