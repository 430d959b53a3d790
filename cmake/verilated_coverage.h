// What Verilated models count of their lines, branches and signals (TETRA_COVERAGE, `make coverage`).
#ifndef TETRA_CMAKE_VERILATED_COVERAGE_H
#define TETRA_CMAKE_VERILATED_COVERAGE_H

#include <verilated.h>

namespace tetra {

// Adds the counts of the models in `context` to the process's, and forgets them: to be called before a model goes,
// because the counts go with it. The process's are written when it ends, to the folder $TETRA_COVERAGE_FILES if that is
// set.
#if TETRA_COVERAGE
void TakeCoverage(VerilatedContext *context);
#else
inline void TakeCoverage(VerilatedContext *) {}
#endif

}  // namespace tetra
#endif
