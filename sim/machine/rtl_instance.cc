// One array size, built once for each: TETRA_TOP is the Verilated class, TETRA_N the array's side, TETRA_MAKE the name
// of the function that rtl_model.cc calls, TETRA_TRACED whether the class has waveforms.
#define TETRA_STR2(x) #x
#define TETRA_STR(x) TETRA_STR2(x)
#define TETRA_HEADER(x) TETRA_STR(x.h)
#define TETRA_ROOT_HEADER2(x) TETRA_STR(x##___024root.h)
#define TETRA_ROOT_HEADER(x) TETRA_ROOT_HEADER2(x)
#include TETRA_HEADER(TETRA_TOP)
#include TETRA_ROOT_HEADER(TETRA_TOP)

#if TETRA_TRACED
#include <verilated_fst_c.h>
#endif

#include "machine/rtl_model_impl.h"

#if TETRA_TRACED
using Tracer = VerilatedFstC;
#else
using Tracer = tetra::NoTrace;
#endif

void TETRA_MAKE(rtl_model *c, tetra_mem *mem);
void TETRA_MAKE(rtl_model *c, tetra_mem *mem) { tetra::MakeModel<tetra::RtlModel<TETRA_TOP, Tracer, TETRA_N>>(c, mem); }
