// Microseconds of SystemC's time.
#include "systemc/peripherals/timer.h"

#include "systemc/peripherals/registers.h"

using sc_core::sc_time;

namespace tetra {

namespace {
const sc_time kMicrosecond(1, sc_core::SC_US);
uint32_t Now() { return static_cast<uint32_t>(static_cast<uint64_t>(sc_core::sc_time_stamp() / kMicrosecond)); }
}  // namespace

Timer::Timer(sc_core::sc_module_name name) : Peripheral(name), irq("irq") {
  SC_METHOD(Update);
  sensitive << changed_;
  dont_initialize();
}

bool Timer::Read(uint32_t offset, uint32_t *value) {
  switch (offset) {
    case TIMER_TIME:
      *value = Now();
      return true;
    case TIMER_COMPARE:
      *value = compare_;
      return true;
    case TIMER_CTRL:
      *value = ctrl_;
      return true;
    default:
      return false;
  }
}

bool Timer::Write(uint32_t offset, uint32_t value) {
  switch (offset) {
    case TIMER_TIME:
      return true;
    case TIMER_COMPARE:
      compare_ = value;
      break;
    case TIMER_CTRL:
      ctrl_ = value & 1;
      break;
    default:
      return false;
  }
  changed_.cancel();
  changed_.notify(sc_core::SC_ZERO_TIME);
  return true;
}

void Timer::Update() {
  const auto left = static_cast<int32_t>(compare_ - Now());
  irq.write(ctrl_ != 0 && left <= 0);
  // To the beginning of that microsecond, or a little later: then it is looked at again.
  if (ctrl_ != 0 && left > 0) changed_.notify(left * kMicrosecond - sc_core::sc_time_stamp() % kMicrosecond);
}

}  // namespace tetra
