// A Verilated model of a bench. Registers and memories of a 4x4 begin with random values, as silicon's do: what a reset
// leaves out shows. What the model counted is kept when it goes (make coverage).
#ifndef TETRA_TESTS_RTL_MODEL_H
#define TETRA_TESTS_RTL_MODEL_H

#include <cstdlib>
#include <cstring>
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

// $TETRA_X_SEED gives other random values, 0 zeros. A bench's inputs are 0 either way; TETRA_BENCH_INPUTS lists them.
template <class TOP>
ModelPtr<TOP> NewModel() {
  const char *given = std::getenv("TETRA_X_SEED");
  const int seed = given == nullptr ? 1 : std::atoi(given);
  Verilated::randReset(seed == 0 ? 0 : 2);
  Verilated::randSeed(seed);
  ModelPtr<TOP> top(new TOP);
#define TETRA_INPUT(port) std::memset(&top->port, 0, sizeof top->port);
#include TETRA_BENCH_INPUTS
#undef TETRA_INPUT
  return top;
}

// While one lives no assertion counts: around a reset, before which they mean nothing.
class NoAssertions {
 public:
  NoAssertions() { Verilated::assertOn(false); }
  ~NoAssertions() { Verilated::assertOn(was_); }
  NoAssertions(const NoAssertions &) = delete;
  NoAssertions &operator=(const NoAssertions &) = delete;

 private:
  const bool was_ = Verilated::assertOn();
};

}  // namespace tetra_test
#endif
