// System control: the end of the simulation, and the accelerators' reset pin.
#ifndef TETRA_SYSTEMC_PERIPHERALS_CONTROL_H
#define TETRA_SYSTEMC_PERIPHERALS_CONTROL_H

#include <functional>

#include "systemc/peripherals/peripheral.h"

namespace tetra {

class Control : public Peripheral {
 public:
  /// Active low, high from the start; the platform's accelerators listen.
  sc_core::sc_out<bool> rst_n;
  /// Called with the code that the program ends with.
  std::function<void(int)> on_exit;

  SC_HAS_PROCESS(Control);
  explicit Control(sc_core::sc_module_name name);
  /// Holds the reset pin low, or lets it go.
  void Hold(bool hold) {
    reset_ = hold ? 1 : 0;
    changed_.notify();
  }

 private:
  bool Read(uint32_t offset, uint32_t *value) override;
  bool Write(uint32_t offset, uint32_t value) override;
  void Drive() { rst_n.write(reset_ == 0); }

  sc_core::sc_event changed_;
  uint32_t reset_ = 0;
};

}  // namespace tetra

#endif
