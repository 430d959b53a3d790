// A few hundred programs with flipped bits; `make fuzz` runs more of them.
#include "flips.h"

namespace tetra_test {
namespace {

TEST(FlippedBits, NothingIsWrittenOutsideTheWindow) {
  for (uint64_t seed = 0; seed < 300; seed++) {
    Random rnd(seed);
    std::string text;
    const std::string wrong = RunFlipped(
        seed, [&rnd](int lo, int hi) { return rnd(lo, hi); }, &text);
    ASSERT_EQ(wrong, "") << "seed " << seed << "\n" << text;
    ASSERT_FALSE(HasFailure()) << "seed " << seed << "\n" << text;
  }
}

}  // namespace
}  // namespace tetra_test
