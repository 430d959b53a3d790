// All that firmware needs beside memory and accelerators: processor, UART, timer, interrupt controller, system control.
#ifndef TETRA_SYSTEMC_CPU_FIRMWARE_SYSTEM_H
#define TETRA_SYSTEMC_CPU_FIRMWARE_SYSTEM_H

#include <cstdint>
#include <cstdio>
#include <string>
#include <systemc>
#include <vector>

#include "systemc/cpu/unicorn_cpu.h"
#include "systemc/peripherals/control.h"
#include "systemc/peripherals/intc.h"
#include "systemc/peripherals/timer.h"
#include "systemc/peripherals/uart.h"
#include "systemc/platform/bus.h"

namespace tetra {

/// What lies in flash: the files of ./sim --export-plan and --vectors. `plan` empty: the program brings its own.
struct FlashImage {
  std::vector<uint8_t> plan, image, expected;
};

struct FirmwareConfig {
  std::string elf;            // the program: build/firmware-riscv64.elf, for example
  FlashImage flash;           //
  std::FILE *uart = nullptr;  // where the UART's bytes go, too
  uint64_t quantum = 10000;
};

class FirmwareSystem : public sc_core::sc_module {
 public:
  /// Maps its peripherals on `bus` and makes `lines[i]` accelerator i's interrupt, `rst_n` the accelerators' reset pin,
  /// which it drives. Throws std::runtime_error where the program cannot be read.
  FirmwareSystem(sc_core::sc_module_name name, const FirmwareConfig &config, Bus &bus,
                 const std::vector<sc_core::sc_signal<bool> *> &lines, sc_core::sc_signal<bool> &rst_n);

  Uart uart;
  Timer timer;
  Intc intc;
  Control control;
  UnicornCpu cpu;

 private:
  static UnicornConfig MakeConfig(const FirmwareConfig &config);
};

}  // namespace tetra

#endif
