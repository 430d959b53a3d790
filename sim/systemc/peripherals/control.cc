// What a program cannot do from within the processor.
#include "systemc/peripherals/control.h"

#include "systemc/peripherals/registers.h"

namespace tetra {

Control::Control(sc_core::sc_module_name name) : Peripheral(name), rst_n("rst_n") {
  SC_METHOD(Drive);
  sensitive << changed_;
}

bool Control::Read(uint32_t offset, uint32_t *value) {
  if (offset != CONTROL_EXIT && offset != CONTROL_RESET) return false;
  *value = offset == CONTROL_RESET ? reset_ : 0;
  return true;
}

bool Control::Write(uint32_t offset, uint32_t value) {
  if (offset == CONTROL_EXIT) {
    if (on_exit) on_exit(static_cast<int>(value));
    return true;
  }
  if (offset != CONTROL_RESET) return false;
  Hold((value & 1) != 0);
  return true;
}

}  // namespace tetra
