// An instruction-set simulator: Unicorn's processor with the interrupts that Unicorn leaves to its user.
#ifndef TETRA_SYSTEMC_CPU_ISS_H
#define TETRA_SYSTEMC_CPU_ISS_H

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

namespace tetra {

/// Processors: RISC-V rv64imac in machine mode, and Cortex-M (ARMv7-M, privileged, one stack).
enum class Isa { kRiscv64, kCortexM };

/// What the processor has around it. Addresses are physical; values are little-endian in the low bytes.
class IssBus {
 public:
  virtual ~IssBus() = default;
  /// A load or store of 1, 2, 4 or 8 bytes; false: the bus answered with an error, and the processor takes a fault
  /// (RISC-V 5 or 7, Cortex-M a bus fault). It is imprecise: it comes at the end of a block, where interrupts are on,
  /// and the program goes on behind it.
  virtual bool Load(uint64_t addr, unsigned bytes, uint64_t *value) = 0;
  virtual bool Store(uint64_t addr, unsigned bytes, uint64_t value) = 0;
};

/// Time is counted in instructions. Code runs from memory that MapMemory has given; everything that MapBus names goes
/// through the bus. An access elsewhere, or an instruction that the processor does not have, throws IssError.
class Iss {
 public:
  /// Why Run came back: so many instructions are done; the processor waits for an interrupt; its user asked for it.
  enum class Stop { kQuantum, kWait, kAsked };

  Iss(Isa isa, IssBus *bus);
  ~Iss();
  Iss(const Iss &) = delete;

  /// Multiples of 4 KiB. Memory may be given and taken back at any time between two Runs, also from within an IssBus
  /// function; the processor sees it from the next instruction behind a branch on.
  void MapMemory(uint64_t base, uint64_t size, void *host);
  void MapBus(uint64_t base, uint64_t size);
  void Unmap(uint64_t base, uint64_t size);

  /// To the program's first instruction (Cortex-M: by the vector table at 0).
  void Reset(uint64_t entry);
  /// The interrupt line, a level. It is looked at where a block of instructions ends.
  void SetInterrupt(bool level);
  /// Runs about so many instructions (a block is never broken), fewer where the processor waits. `*done` is how many.
  Stop Run(uint64_t instructions, uint64_t *done);
  /// Ends the Run that is under way; to be called from an IssBus function.
  void Ask();
  /// Instructions of this Run so far; for an IssBus function that wants the time.
  uint64_t done() const;
  uint64_t pc() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct IssError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace tetra

#endif
