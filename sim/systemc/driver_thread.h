// The C driver on a thread of somebody's simulation: its HAL over a TLM-2.0 socket and an interrupt input. Where
// registers and interrupt are bound to, and what memory is, stays the platform's. Link tetra::runtime.
#ifndef TETRA_SYSTEMC_DRIVER_THREAD_H
#define TETRA_SYSTEMC_DRIVER_THREAD_H

#include <tlm.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <systemc>
#include <utility>

#include "systemc/payload.h"
#include "tetra/device.h"

namespace tetra {

class DriverThread : public sc_core::sc_module {
 public:
  /// What runs from the start of the simulation on, with a HAL for tetra_device_init. What it returns is result(), and
  /// the simulation stops.
  using Program = std::function<int(const tetra_hal &)>;
  /// Host pointer to so many bytes of the memory that the accelerator sees, or NULL.
  using Memory = std::function<void *(uint32_t addr, size_t bytes)>;

  /// To the accelerator's registers, or to a bus at which they begin at `base`.
  tlm_utils::simple_initiator_socket<DriverThread> bus{"bus"};
  sc_core::sc_in<bool> irq{"irq"};

  SC_HAS_PROCESS(DriverThread);
  DriverThread(sc_core::sc_module_name name, Memory memory, Program program, uint64_t base = 0)
      : sc_module(name), memory_(std::move(memory)), program_(std::move(program)), base_(base) {
    SC_THREAD(Main);
    set_stack_size(1 << 20);
  }
  int result() const { return result_; }
  /// An access to a register was answered by a TLM error response.
  bool bus_error() const { return bus_error_; }

 private:
  static DriverThread *Self(void *ctx) { return static_cast<DriverThread *>(ctx); }
  void Main() {
    tetra_hal hal = {};
    hal.ctx = this;
    hal.reg_read = [](void *c, uint32_t offset) { return Self(c)->Access(tlm::TLM_READ_COMMAND, offset, 0); };
    hal.reg_write = [](void *c, uint32_t offset, uint32_t value) {
      Self(c)->Access(tlm::TLM_WRITE_COMMAND, offset, value);
    };
    hal.map = [](void *c, uint32_t addr, size_t bytes) { return Self(c)->memory_(addr, bytes); };
    hal.sync = [](void *, uint32_t, size_t, int) {};
    hal.wait_irq = [](void *c, uint32_t us) {
      const auto &irq = Self(c)->irq;
      if (!irq.read()) sc_core::wait(sc_core::sc_time(us, sc_core::SC_US), irq.posedge_event());
      return irq.read() ? 0 : 1;
    };
    result_ = program_(hal);
    sc_core::sc_stop();
  }
  // Time passes. A refused read is all ones, as on a bus that nobody drives.
  uint32_t Access(tlm::tlm_command command, uint32_t offset, uint32_t value) {
    tlm::tlm_generic_payload t;
    FillPayload(&t, command, base_ + offset, &value, sizeof value);
    Transport(bus, &t);
    if (t.is_response_ok()) return value;
    bus_error_ = true;
    return UINT32_MAX;
  }

  Memory memory_;
  Program program_;
  uint64_t base_;
  int result_ = 1;
  bool bus_error_ = false;
};

}  // namespace tetra

#endif
