// A processor that runs host code: the driver, as it is, on a thread of the simulation.
#ifndef TETRA_SYSTEMC_NATIVE_CPU_H
#define TETRA_SYSTEMC_NATIVE_CPU_H

#include <cstdint>
#include <functional>

#include "systemc/platform/cpu.h"
#include "systemc/platform/memory.h"
#include "tetra/device.h"

namespace tetra {

class NativeCpu;

/// What a driver's HAL needs to know of one accelerator.
struct NativeDevice {
  NativeCpu *cpu = nullptr;
  uint64_t base = 0;  // of its registers
  const sc_core::sc_signal<bool> *irq = nullptr;
  bool bus_error = false;  // an access to a register was refused
};

class NativeCpu : public Cpu {
 public:
  /// The program runs from the start of simulation on, and what it returns is the exit code. Empty: a processor of
  /// which others' threads use the bus.
  NativeCpu(sc_core::sc_module_name name, const Dram *dram, uint64_t dram_base, std::function<int()> program);
  /// Another thread beside the program's, to be started from it. It is over when `done` holds.
  void Spawn(std::function<void()> thread);

  /// A HAL over a device, which outlives it. Memory is the DRAM's own.
  static tetra_hal Hal(NativeDevice *device);
  /// A load or store of up to 8 bytes; time passes.
  tlm::tlm_response_status Access(tlm::tlm_command command, uint64_t addr, void *data, unsigned bytes);
  /// Host pointer to DRAM by the bus's address.
  uint8_t *Map(uint64_t addr, uint64_t bytes) const;

 private:
  const Dram *dram_;
  uint64_t dram_base_;
};

}  // namespace tetra

#endif
