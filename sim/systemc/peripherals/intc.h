// The interrupt controller: 32 levels, one line to the processor.
#ifndef TETRA_SYSTEMC_PERIPHERALS_INTC_H
#define TETRA_SYSTEMC_PERIPHERALS_INTC_H

#include <array>

#include "systemc/peripherals/peripheral.h"

namespace tetra {

class Intc : public Peripheral {
 public:
  /// To the processor, level: an input that is enabled is high.
  sc_core::sc_signal<bool> irq;

  SC_HAS_PROCESS(Intc);
  explicit Intc(sc_core::sc_module_name name);
  /// Makes a line an input, 0..31; before the simulation starts. Inputs without a line are low.
  void Connect(unsigned input, sc_core::sc_signal_in_if<bool> &line);

 private:
  bool Read(uint32_t offset, uint32_t *value) override;
  bool Write(uint32_t offset, uint32_t value) override;
  uint32_t Pending() const;
  void Update();

  std::array<sc_core::sc_signal_in_if<bool> *, 32> lines_ = {};
  sc_core::sc_event changed_;
  uint32_t enable_ = 0;
};

}  // namespace tetra

#endif
