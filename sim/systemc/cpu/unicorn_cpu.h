// A processor for the platform: the instruction-set simulator behind a TLM-2.0 socket.
#ifndef TETRA_SYSTEMC_CPU_UNICORN_CPU_H
#define TETRA_SYSTEMC_CPU_UNICORN_CPU_H

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "systemc/cpu/elf.h"
#include "systemc/cpu/iss.h"
#include "systemc/platform/cpu.h"

namespace tetra {

struct UnicornConfig {
  Program program;
  sc_core::sc_time period = sc_core::sc_time(1, sc_core::SC_NS);  // of an instruction
  uint64_t quantum = 10000;                                       // instructions that it may run ahead of the others
};

/// Loosely timed: it runs ahead by up to a quantum and waits for the others where it accesses the bus. Memory that
/// gives DMI is accessed directly; where DMI is taken back, by transactions from the end of the quantum on, until the
/// memory offers it again. Code must lie in memory that gives DMI at the start and keeps it. A wait for an interrupt
/// sleeps until the line is high.
class UnicornCpu : public Cpu, private IssBus {
 public:
  SC_HAS_PROCESS(UnicornCpu);
  UnicornCpu(sc_core::sc_module_name name, const UnicornConfig &config);

  /// What ended the program by force, empty where nothing did.
  const std::string &failure() const { return failure_; }
  Isa isa() const { return config_.program.isa; }
  uint64_t instructions() const { return instructions_; }
  /// Bus transactions so far, of loads and of stores.
  uint64_t loads() const { return loads_; }
  uint64_t stores() const { return stores_; }
  /// For tests: asked before each access to the bus; true: it fails as if the bus had answered with an error.
  std::function<bool(bool is_store, uint64_t addr)> fault;

 private:
  struct Region {
    uint64_t base, size;
    bool direct = false;  // by DMI
    bool remap = false;   // DMI was taken back, or is to be had
  };

  void Main();
  void LoadProgram();
  void Watch() { iss_.SetInterrupt(irq.read()); }
  Region *Find(uint64_t addr);
  void Invalidate(sc_dt::uint64 first, sc_dt::uint64 last);
  bool Load(uint64_t addr, unsigned bytes, uint64_t *value) override;
  bool Store(uint64_t addr, unsigned bytes, uint64_t value) override;
  bool Access(tlm::tlm_command command, uint64_t addr, unsigned bytes, void *data);
  bool TryDirect(Region *region);
  void Remap();
  void CatchUp();

  UnicornConfig config_;
  Iss iss_;
  std::vector<Region> regions_;
  uint64_t waited_for_ = 0;  // instructions of this Run whose time has passed
  uint64_t instructions_ = 0, loads_ = 0, stores_ = 0;
  std::string failure_;
};

}  // namespace tetra

#endif
