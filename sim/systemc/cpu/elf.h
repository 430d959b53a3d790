// Programs in ELF files.
#ifndef TETRA_SYSTEMC_CPU_ELF_H
#define TETRA_SYSTEMC_CPU_ELF_H

#include <cstdint>
#include <string>
#include <vector>

#include "systemc/cpu/iss.h"

namespace tetra {

struct Segment {
  uint64_t addr;
  std::vector<uint8_t> bytes;
};

struct Program {
  Isa isa;
  uint64_t entry;
  std::vector<Segment> segments;  // what the file has; what it leaves to the program to clear is not among them
};

/// Reads a little-endian executable, 64 bits for RISC-V or 32 bits for ARM. Throws std::runtime_error that names the
/// file and what is wrong with it.
Program ReadElf(const std::string &path);

}  // namespace tetra

#endif
