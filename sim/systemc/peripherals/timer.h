// The timer: microseconds, and a line that goes high at a chosen one.
#ifndef TETRA_SYSTEMC_PERIPHERALS_TIMER_H
#define TETRA_SYSTEMC_PERIPHERALS_TIMER_H

#include "systemc/peripherals/peripheral.h"

namespace tetra {

class Timer : public Peripheral {
 public:
  /// Level, high while the comparison is on and reached.
  sc_core::sc_signal<bool> irq;

  SC_HAS_PROCESS(Timer);
  explicit Timer(sc_core::sc_module_name name);

 private:
  bool Read(uint32_t offset, uint32_t *value) override;
  bool Write(uint32_t offset, uint32_t value) override;
  void Update();

  sc_core::sc_event changed_;
  uint32_t compare_ = 0, ctrl_ = 0;
};

}  // namespace tetra

#endif
