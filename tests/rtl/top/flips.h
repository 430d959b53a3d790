// Programs with flipped bits: whatever they have become, nothing outside the window is written, and they end, with an
// error or without; after a soft reset the accelerator works.
#ifndef TETRA_TESTS_RTL_TOP_FLIPS_H
#define TETRA_TESTS_RTL_TOP_FLIPS_H

#include <string>
#include <vector>

#include "bench.h"

namespace tetra_test {

// Draws a program and a memory, flips bits, runs it. What is wrong, or nothing. IN(lo, hi) chooses, lo is the simplest.
template <class IN>
std::string RunFlipped(uint64_t seed, const IN &in, std::string *text) {
  constexpr uint32_t kWindow = 0x140000;  // of the memory's 2 MiB: behind program and data
  // The rules of commands that no hardware can check (a buffer is not accumulated and drained at once) are assertions
  // in the RTL; programs with flipped bits break them.
  const NoAssertions off;
  TopBench b(seed);
  b.mem.latency = in(1, 100);
  b.mem.stall_percent = in(0, 2) == 2 ? in(1, 60) : 0;
  Program p(&b, seed, false);
  p.rnd.choose = in;
  p.AddRandom(in(1, 12));
  const int flips = in(1, 4);
  for (int i = 0; i < flips; i++) {
    const int at = in(0, static_cast<int>(p.cmds.size()) - 1), word = in(0, TETRA_CMD_WORDS - 1), bit = in(0, 31);
    p.cmds[static_cast<size_t>(at)].word[word] ^= 1u << bit;
    *text += "command " + std::to_string(at) + " word " + std::to_string(word) + " bit " + std::to_string(bit) + "\n";
  }
  for (size_t i = kWindow; i < b.mem.data.size(); i++) b.mem.data[i] = static_cast<uint8_t>(i * 7 + 3);
  b.Configure(64, kBase + kWindow - 1);
  b.Write(TETRA_REG_WATCHDOG, 3000);
  b.Start(p.cmds);
  const uint32_t end = static_cast<uint32_t>(p.cmds.size());
  auto over = [&] {
    return (b.Irq() && (b.Read(TETRA_REG_IRQ_STATUS) & TETRA_IRQ_ERROR)) ||
           (b.Read(TETRA_REG_HEAD) == end && !(b.Read(TETRA_REG_STATUS) & 1));
  };
  // The longest legal commands take millions of cycles each: such a run is stopped, and must stop.
  for (int i = 0; i < 200 && !over(); i++)
    for (int k = 0; k < 500 && !b.Irq(); k++) b.Tick();
  b.Reset();
  for (size_t i = kWindow; i < b.mem.data.size(); i++)
    if (b.mem.data[i] != static_cast<uint8_t>(i * 7 + 3))
      return "byte " + std::to_string(i) + " outside the window is written";
  if (!b.mem.violations.empty()) return b.mem.violations[0];
  b.Configure(64);
  b.Run({LoadCommand(4), SyncCommand(77)});
  if (b.Read(TETRA_REG_COMPLETED) != 77 || b.Read(TETRA_REG_ERR_CAUSE) != 0) return "no good run afterwards";
  return "";
}

}  // namespace tetra_test
#endif
