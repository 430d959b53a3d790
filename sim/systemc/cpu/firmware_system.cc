// Wires peripherals and processor to the platform's bus; flash is part of the program that is loaded.
#include "systemc/cpu/firmware_system.h"

#include <stdexcept>

#include "systemc/peripherals/registers.h"
#include "systemc/platform/memory_map.h"

namespace tetra {

namespace {

void Put(std::vector<uint8_t> *to, size_t at, size_t value) {
  for (size_t k = 0; k < 4; k++) (*to)[at + k] = static_cast<uint8_t>(value >> (8 * k));
}

// The directory, and the parts at multiples of 64 bytes.
std::vector<uint8_t> MakeFlash(const FlashImage &f) {
  std::vector<uint8_t> bytes(FLASH_HEADER_BYTES);
  Put(&bytes, 0, FLASH_MAGIC);
  size_t at = 4;
  for (const std::vector<uint8_t> *part : {&f.plan, &f.image, &f.expected}) {
    Put(&bytes, at, bytes.size());
    Put(&bytes, at + 4, part->size());
    at += 8;
    bytes.insert(bytes.end(), part->begin(), part->end());
    bytes.resize((bytes.size() + 63) / 64 * 64);
  }
  if (bytes.size() > FLASH_SIZE) throw std::runtime_error("plan and image do not fit into the platform's flash");
  return bytes;
}

}  // namespace

UnicornConfig FirmwareSystem::MakeConfig(const FirmwareConfig &config) {
  UnicornConfig c;
  c.program = ReadElf(config.elf);
  c.quantum = config.quantum;
  if (!config.flash.plan.empty()) c.program.segments.push_back({FLASH_BASE, MakeFlash(config.flash)});
  return c;
}

FirmwareSystem::FirmwareSystem(sc_core::sc_module_name name, const FirmwareConfig &config, Bus &bus,
                               const std::vector<sc_core::sc_signal<bool> *> &lines, sc_core::sc_signal<bool> &rst_n)
    : sc_module(name),
      uart("uart", config.uart),
      timer("timer"),
      intc("intc"),
      control("control"),
      cpu("cpu", MakeConfig(config)) {
  cpu.bus.bind(bus.initiators);
  bus.Map(TETRA_VP_UART_BASE, TETRA_VP_PAGE, uart.socket);
  bus.Map(TETRA_VP_TIMER_BASE, TETRA_VP_PAGE, timer.socket);
  bus.Map(TETRA_VP_INTC_BASE, TETRA_VP_PAGE, intc.socket);
  bus.Map(CONTROL_BASE, TETRA_VP_PAGE, control.socket);
  intc.Connect(TETRA_VP_IRQ_TIMER, timer.irq);
  for (size_t i = 0; i < lines.size(); i++) intc.Connect(TETRA_VP_IRQ_TETRA + static_cast<unsigned>(i), *lines[i]);
  cpu.irq.bind(intc.irq);
  control.rst_n.bind(rst_n);
  control.on_exit = [this](int code) { cpu.Exit(code); };
}

}  // namespace tetra
