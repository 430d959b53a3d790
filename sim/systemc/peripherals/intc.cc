// Any line that is enabled makes the processor's line high.
#include "systemc/peripherals/intc.h"

#include "systemc/peripherals/registers.h"

namespace tetra {

Intc::Intc(sc_core::sc_module_name name) : Peripheral(name), irq("irq", false) {
  SC_METHOD(Update);
  sensitive << changed_;
}

void Intc::Connect(unsigned input, sc_core::sc_signal_in_if<bool> &line) {
  lines_.at(input) = &line;
  sc_core::sc_spawn_options options;
  options.spawn_method();
  options.set_sensitivity(&line.value_changed_event());
  sc_core::sc_spawn([this] { changed_.notify(); }, sc_core::sc_gen_unique_name("input"), &options);
}

void Intc::Update() { irq.write((Pending() & enable_) != 0); }

uint32_t Intc::Pending() const {
  uint32_t pending = 0;
  for (uint32_t i = 0; i < 32; i++) {
    if (lines_[i] != nullptr && lines_[i]->read()) pending |= uint32_t{1} << i;
  }
  return pending;
}

bool Intc::Read(uint32_t offset, uint32_t *value) {
  if (offset != INTC_PENDING && offset != INTC_ENABLE) return false;
  *value = offset == INTC_PENDING ? Pending() : enable_;
  return true;
}

bool Intc::Write(uint32_t offset, uint32_t value) {
  if (offset == INTC_PENDING) return true;
  if (offset != INTC_ENABLE) return false;
  enable_ = value;
  changed_.notify();
  return true;
}

}  // namespace tetra
