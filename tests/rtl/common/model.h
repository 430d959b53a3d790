// A Verilated model of a bench; what it counted is kept when it goes (make coverage).
#ifndef TETRA_TESTS_RTL_MODEL_H
#define TETRA_TESTS_RTL_MODEL_H

#include <memory>

#include "verilated.h"
#include "verilated_coverage.h"

namespace tetra_test {

struct ModelEnd {
  template <class TOP>
  void operator()(TOP *top) const {
    tetra::TakeCoverage(Verilated::threadContextp());
    delete top;
  }
};
template <class TOP>
using ModelPtr = std::unique_ptr<TOP, ModelEnd>;

}  // namespace tetra_test
#endif
