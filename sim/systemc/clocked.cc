// The loop of an engine with a clock.
#include "systemc/clocked.h"

#include <algorithm>

namespace tetra {

namespace {

constexpr uint64_t kMostAhead = 1 << 20;

// Clocks until something else may happen in the simulation, at least one.
uint64_t ClocksToNextEvent(const sc_core::sc_time &period) {
  const uint64_t left = sc_core::sc_time_to_pending_activity().value() / period.value();
  return std::clamp<uint64_t>(left, 1, kMostAhead);
}

}  // namespace

void ClockedEngine::WaitFor(uint64_t cycle) {
  const sc_core::sc_time then = At(cycle), now = sc_core::sc_time_stamp();
  if (then > now) sc_core::wait(then - now);
}

void ClockedEngine::Run() {
  MemoryPort *port = host_->port();
  for (;;) {
    while (!Works()) sc_core::wait(wake_);
    const uint64_t now = NextCycle();
    if (now > cycle_) Rest(now - cycle_);
    cycle_ = std::max(now, cycle_);
    WaitFor(cycle_);
    if (port != nullptr) port->Activate(true);
    while (Works()) {
      tetra_bucket *bucket = port != nullptr ? port->Alone(cycle_) : nullptr;
      if (port == nullptr || bucket != nullptr) {
        cycle_ += Ahead(ClocksToNextEvent(period_), bucket);
        if (port != nullptr) port->Leave(cycle_);
      } else {
        Step(port->Take(cycle_));
        cycle_++;
      }
      if (port != nullptr) port->Want(cycle_, Wants());
      WaitFor(cycle_);
      Show();
    }
    if (port != nullptr) port->Activate(false);
  }
}

}  // namespace tetra
