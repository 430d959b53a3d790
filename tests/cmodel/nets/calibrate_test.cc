// Activation bounds of the built-in networks, as docs/numerics.md has them.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <vector>

extern "C" {
#include "nets/calibrate.h"
}

namespace {

// 100 images of four values: 3 and its negative, and one outlier in the first image; r.m.s. 3 but for that.
struct Tensor {
  std::vector<float> v;
  ftensor t;

  explicit Tensor(float outlier) : v(400) {
    for (size_t i = 0; i < v.size(); i++) v[i] = i % 2 ? 3.0f : -3.0f;
    v[1] = outlier;
    t = {100, 1, 1, 4, v.data()};
  }
  float Rms() const {
    double sum = 0;
    for (float x : v) sum += static_cast<double>(x) * static_cast<double>(x);
    return static_cast<float>(std::sqrt(sum / static_cast<double>(v.size())));
  }
};

TEST(Bound, IsTheLargestValueIn8Bits) {
  for (float outlier : {5.0f, -40.0f}) {
    const Tensor x(outlier);
    EXPECT_EQ(calibrate_bound(&x.t, 100, TETRA_U8), std::abs(outlier));
    EXPECT_EQ(calibrate_bound(&x.t, 100, TETRA_S8), std::abs(outlier));
  }
}

TEST(Bound, Clips4BitsAt4AndAHalfTimesRmsUnsignedAnd4TimesSigned) {
  const Tensor x(40.0f);
  EXPECT_FLOAT_EQ(calibrate_bound(&x.t, 100, TETRA_U4), 4.5f * x.Rms());
  EXPECT_FLOAT_EQ(calibrate_bound(&x.t, 100, TETRA_S4), 4.0f * x.Rms());
}

TEST(Bound, Of4BitsIsTheLargestValueWhereThatIsSmaller) {
  const Tensor x(5.0f);
  EXPECT_EQ(calibrate_bound(&x.t, 100, TETRA_U4), 5.0f);
  EXPECT_EQ(calibrate_bound(&x.t, 100, TETRA_S4), 5.0f);
}

}  // namespace
