// An engine with a clock: when it runs, how far ahead, and its part in the memory's arbitration. Internal to the
// component.
#ifndef TETRA_SYSTEMC_CLOCKED_H
#define TETRA_SYSTEMC_CLOCKED_H

#include "systemc/engine.h"

namespace tetra {

/// The clock runs while there is work. Alone on its memory an engine runs ahead up to the next event of the simulation,
/// which cannot tell; with others it takes a clock at a time.
class ClockedEngine : public Engine {
 public:
  using Engine::Engine;
  void Run() override;

 protected:
  /// Does the clock have to run?
  virtual bool Works() = 0;
  /// So many clocks have passed without work.
  virtual void Rest(uint64_t cycles) = 0;
  /// At most so many clocks, at least one, with this bucket, or without any limit where it is NULL; ends early where
  /// something is to be seen from outside. Returns how many.
  virtual uint64_t Ahead(uint64_t cycles, tetra_bucket *bucket) = 0;
  /// One clock, in which these beats are granted.
  virtual void Step(tetra_grant granted) = 0;
  /// The beats that could move in the clock to come.
  virtual tetra_grant Wants() = 0;
  /// After clocks, at their time.
  virtual void Show() = 0;

  /// Something was asked for: the clock may have to run.
  void Wake() { wake_.notify(sc_core::SC_ZERO_TIME); }
  /// The clock to come, of those since time 0.
  uint64_t cycle() const { return cycle_; }

 private:
  void WaitFor(uint64_t cycle);

  sc_core::sc_event wake_;
  uint64_t cycle_ = 0;
};

}  // namespace tetra

#endif
