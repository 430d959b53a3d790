// What is behind the sockets of a TetraTlm: one of three engines. Internal to the component.
#ifndef TETRA_SYSTEMC_ENGINE_H
#define TETRA_SYSTEMC_ENGINE_H

#include <cstdint>
#include <memory>

#include "systemc/memory_port.h"
#include "systemc/tlm_config.h"

namespace tetra {

/// The component as its engine sees it.
class EngineHost {
 public:
  virtual ~EngineHost() = default;
  virtual const TlmConfig &config() const = 0;
  /// A burst on the memory's socket, `delay` from now; delay is then when the target says that it is done. `enables`: a
  /// byte for each, or NULL.
  virtual tlm::tlm_response_status Burst(BurstKind::Kind kind, uint32_t addr, uint8_t *data, uint32_t bytes,
                                         uint8_t *enables, sc_core::sc_time *delay) = 0;
  /// Host pointer to memory that may be used directly, NULL where the target grants none.
  virtual uint8_t *Direct(uint32_t addr, uint32_t bytes, bool write) = 0;
  /// The memory's arbitration, where it has one; from the start of simulation on.
  virtual MemoryPort *port() const = 0;
  virtual void Irq(bool level) = 0;
};

class Engine {
 public:
  explicit Engine(EngineHost *host) : host_(host), period_(host->config().period) {}
  virtual ~Engine() = default;
  /// A register access, which may wait and may use delay. Returns whether the bus says that all is well.
  virtual bool Access(bool write, uint32_t offset, uint32_t *value, uint32_t strobes, sc_core::sc_time *delay) = 0;
  /// What a read would give now, without time and effect.
  virtual bool Peek(uint32_t offset, uint32_t *value) = 0;
  /// The reset pin.
  virtual void Reset(bool asserted) = 0;
  /// The engine's process, from the start of simulation on.
  virtual void Run() = 0;

 protected:
  /// The first clock that begins now or later.
  uint64_t NextCycle() const {
    const sc_core::sc_time now = sc_core::sc_time_stamp();
    const auto whole = static_cast<uint64_t>(now / period_);
    return period_ * static_cast<double>(whole) < now ? whole + 1 : whole;
  }
  /// Clocks from one time to another as a burst's latency: at least one, and no more than a memory that is dead has.
  uint32_t Latency(const sc_core::sc_time &from, const sc_core::sc_time &to) const {
    const double clocks = to > from ? (to - from) / period_ : 0;
    return clocks < 1 ? 1 : clocks > UINT32_MAX / 2 ? UINT32_MAX / 2 : static_cast<uint32_t>(clocks);
  }
  sc_core::sc_time At(uint64_t cycle) const { return sc_core::sc_time::from_value(period_.value() * cycle); }

  EngineHost *host_;
  sc_core::sc_time period_;
};

/// Each throws std::runtime_error with a message for people where the configuration is none that it has.
std::unique_ptr<Engine> MakeRtlEngine(EngineHost *host);
std::unique_ptr<Engine> MakeAtEngine(EngineHost *host);
std::unique_ptr<Engine> MakeLtEngine(EngineHost *host);

}  // namespace tetra

#endif
