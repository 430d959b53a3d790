// Proves from the waits of a ring's commands, for whatever time each engine takes, that operands are there when a
// command begins and that no count gets so far ahead of a wait that 16 bits mistake it.
#ifndef TETRA_TESTS_DRIVER_TOKEN_CHECK_H
#define TETRA_TESTS_DRIVER_TOKEN_CHECK_H

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tetra/hw.h"

class TokenCheck {
 public:
  // The next command of the ring; `needed`: the counts that its operands really need, 0 for none. Returns what is
  // wrong.
  std::string Check(const tetra_cmd &c, const uint32_t needed[4]) {
    const uint32_t op = tetra_cmd_get(&c, TETRA_F_OP);
    if (op == TETRA_OP_SYNC) return "";
    const size_t engine = op == TETRA_OP_COMPUTE ? 1 : op == TETRA_OP_STORE ? 2 : 0;
    const uint32_t number = Emitted(engine) + 1;
    Clock clock = engine_[engine];
    const tetra_field wait[4] = {TETRA_F_WAIT_LOAD, TETRA_F_WAIT_COMPUTE, TETRA_F_WAIT_DRAIN, TETRA_F_WAIT_STORE};
    for (size_t t = 0; t < 4; t++) {
      if (!(tetra_cmd_get(&c, TETRA_F_WAIT_EN) >> t & 1)) continue;
      const size_t of = t == 3 ? 2 : t;
      const uint32_t emitted = Emitted(of), count = Full(tetra_cmd_get(&c, wait[t]), emitted);
      if (count > emitted) return "it waits for one that follows it";
      if (of != engine) held_[t][count + kPassed][engine] = number;
      if (count == 0) continue;
      const Clock &other = t == 3 ? stored_[count - 1] : done_[of][count - 1];
      for (size_t i = 0; i < 4; i++) clock[i] = std::max(clock[i], other[i]);
      clock[t] = std::max(clock[t], count);
    }
    for (size_t t = 0; t < 4; t++)
      if (clock[t] < needed[t]) return "it is not ordered after what it needs of token " + std::to_string(t);
    const std::string passed = Passes(engine, number, clock);
    if (!passed.empty()) return passed;
    engine_[engine] = clock;
    Clock after = clock;
    after[engine] = number;
    done_[engine].push_back(after);
    if (engine == 2) {
      after[3] = after[2];
      stored_.push_back(after);
    }
    return "";
  }

 private:
  // Counts known to have completed: load, compute, drain, store.
  using Clock = std::array<uint32_t, 4>;
  // A count that is so far past the one that is waited for looks as if it were behind it.
  static constexpr uint32_t kPassed = 32768;

  // Whether a command, completed, would take a count past what a command waits for that may not have begun.
  std::string Passes(size_t engine, uint32_t number, const Clock &clock) {
    for (size_t t : {engine, engine == 2 ? size_t{3} : engine}) {
      const auto held = held_[t].find(number);
      if (held == held_[t].end()) continue;
      for (size_t e = 0; e < 3; e++)
        if (clock[e] < held->second[e])
          return "it may be number " + std::to_string(number) + " to complete while number " +
                 std::to_string(held->second[e]) + " of engine " + std::to_string(e) + " waits for " +
                 std::to_string(number - kPassed);
    }
    return "";
  }
  uint32_t Emitted(size_t engine) const { return static_cast<uint32_t>(done_[engine].size()); }
  static uint32_t Full(uint32_t count16, uint32_t emitted) {
    const int16_t back = static_cast<int16_t>(static_cast<uint16_t>(emitted) - static_cast<uint16_t>(count16));
    return emitted - static_cast<uint32_t>(back);
  }
  Clock engine_[3] = {};
  std::vector<Clock> done_[3], stored_;
  // By token and count: the last command of each engine that must have begun before the count is reached.
  std::map<uint32_t, std::array<uint32_t, 3>> held_[4];
};

#endif
