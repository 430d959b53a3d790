// ELF headers, of which every offset is checked against the file.
#include "systemc/cpu/elf.h"

#include <elf.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace tetra {

namespace {

struct File {
  std::string path;
  std::vector<uint8_t> bytes;

  [[noreturn]] void Refuse(const std::string &why) const { throw std::runtime_error("'" + path + "' " + why); }
  template <class T>
  T At(uint64_t offset) const {
    if (offset > bytes.size() || sizeof(T) > bytes.size() - offset) Refuse("ends within its headers");
    T t;
    std::memcpy(&t, &bytes[offset], sizeof t);
    return t;
  }
};

template <class Ehdr, class Phdr>
void ReadSegments(const File &f, Program *p) {
  const auto header = f.At<Ehdr>(0);
  if (header.e_type != ET_EXEC || header.e_phentsize != sizeof(Phdr)) f.Refuse("is no executable");
  p->entry = header.e_entry;
  for (unsigned i = 0; i < header.e_phnum; i++) {
    const auto segment = f.At<Phdr>(header.e_phoff + uint64_t{i} * sizeof(Phdr));
    if (segment.p_type != PT_LOAD || segment.p_filesz == 0) continue;
    if (segment.p_offset > f.bytes.size() || segment.p_filesz > f.bytes.size() - segment.p_offset) {
      f.Refuse("ends within a segment");
    }
    const auto first = f.bytes.begin() + static_cast<long>(segment.p_offset);
    p->segments.push_back({segment.p_paddr, {first, first + static_cast<long>(segment.p_filesz)}});
  }
}

}  // namespace

Program ReadElf(const std::string &path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read '" + path + "'");
  const File f{path, {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()}};
  Program p = {};
  const auto ident = f.At<Elf32_Ehdr>(0);  // the fields that are read here lie in both at the same places
  if (std::memcmp(ident.e_ident, ELFMAG, SELFMAG) != 0) f.Refuse("is no ELF file");
  if (ident.e_ident[EI_DATA] != ELFDATA2LSB) f.Refuse("is for a big-endian processor");
  if (ident.e_machine == EM_RISCV && ident.e_ident[EI_CLASS] == ELFCLASS64) {
    p.isa = Isa::kRiscv64;
    ReadSegments<Elf64_Ehdr, Elf64_Phdr>(f, &p);
  } else if (ident.e_machine == EM_ARM && ident.e_ident[EI_CLASS] == ELFCLASS32) {
    p.isa = Isa::kCortexM;
    ReadSegments<Elf32_Ehdr, Elf32_Phdr>(f, &p);
  } else {
    f.Refuse("is for neither RISC-V (64 bits) nor ARM");
  }
  return p;
}

}  // namespace tetra
