// Random cases as the numbers that were drawn for them, so that a case can be drawn again, and a case that fails made
// smaller without knowing what it is: fewer numbers and lesser ones make a simpler case.
#ifndef TETRA_TESTS_FUZZ_CHOICES_H
#define TETRA_TESTS_FUZZ_CHOICES_H

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <utility>
#include <vector>

namespace tetra_fuzz {

class Choices {
 public:
  explicit Choices(uint64_t seed) : fresh_(seed), random_(true) {}
  // The same again; behind the end of `given` everything is the least.
  explicit Choices(std::vector<uint32_t> given) : given_(std::move(given)) {}

  // lo is the simplest.
  int In(int lo, int hi) {
    const uint32_t range = static_cast<uint32_t>(hi - lo) + 1;
    uint32_t drawn = 0;
    if (random_)
      drawn = static_cast<uint32_t>(fresh_() % range);
    else if (made_.size() < given_.size())
      drawn = given_[made_.size()] % range;
    made_.push_back(drawn);
    if (log_ != nullptr && log_[0] < kLog) log_[++log_[0]] = drawn;
    return lo + static_cast<int>(drawn);
  }
  // What was drawn goes to `log` too, its count in log[0]: memory that outlives the process.
  void LogTo(uint32_t *log) { log_ = log, log_[0] = 0; }
  static constexpr uint32_t kLog = 1u << 16;  // most numbers there

 private:
  std::vector<uint32_t> given_, made_;
  std::mt19937_64 fresh_;
  bool random_ = false;
  uint32_t *log_ = nullptr;
};

// A smaller case that fails as well: numbers taken out, in ever shorter runs, then made less, as long as it helps and
// `tries` are left.
inline std::vector<uint32_t> Shrink(std::vector<uint32_t> best,
                                    const std::function<bool(const std::vector<uint32_t> &)> &fails, int tries) {
  auto better = [&](std::vector<uint32_t> c) {
    while (!c.empty() && c.back() == 0) c.pop_back();  // as good as the end
    if (c == best || tries-- <= 0 || !fails(c)) return false;
    best = std::move(c);
    return true;
  };
  for (bool again = true; again && tries > 0;) {
    again = false;
    for (size_t run = best.size(); run > 0; run /= 2)
      for (size_t at = 0; at < best.size() && tries > 0;) {
        std::vector<uint32_t> c = best;
        const auto from = c.begin() + static_cast<long>(at);
        c.erase(from, from + static_cast<long>(std::min(run, c.size() - at)));
        if (better(std::move(c)))
          again = true;
        else
          at += run;
      }
    for (size_t i = 0; i < best.size() && tries > 0; i++) {
      const uint32_t value = best[i];
      for (const uint32_t less : {uint32_t{0}, value / 2, value - 1}) {
        if (i >= best.size() || best[i] <= less) continue;
        std::vector<uint32_t> c = best;
        c[i] = less;
        if (better(std::move(c))) {
          again = true;
          break;
        }
      }
    }
  }
  return best;
}

}  // namespace tetra_fuzz
#endif
