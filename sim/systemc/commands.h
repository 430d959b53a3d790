// What the at and lt engines share: registers, buffers, commands out of the ring, errors. Internal to the component.
#ifndef TETRA_SYSTEMC_COMMANDS_H
#define TETRA_SYSTEMC_COMMANDS_H

#include <cstring>
#include <stdexcept>
#include <vector>

#include "device/core.h"
#include "device/regs.h"
#include "systemc/engine.h"

namespace tetra {

class CommandDevice {
 public:
  explicit CommandDevice(EngineHost *host) : host_(host) {
    tetra_error err = {};
    dev_regs_init(&regs, &host->config().caps);
    if (dev_core_init(&core, &host->config().caps, &err) != TETRA_OK) {
      dev_core_free(&core);
      throw std::runtime_error(err.msg);
    }
  }
  CommandDevice(const CommandDevice &) = delete;
  CommandDevice &operator=(const CommandDevice &) = delete;
  ~CommandDevice() { dev_core_free(&core); }

  void Reset() {
    dev_regs_reset(&regs);
    core.sat[0] = core.sat[1] = 0;
    commands = 0;
    bad_tail = false;
  }
  /// The doorbell: how many commands there are since the reset.
  void Ring() {
    if (regs.ring_size < 2 || regs.tail >= regs.ring_size) {
      bad_tail = regs.tail != (regs.ring_size < 2 ? 0 : commands % regs.ring_size);
      return;
    }
    bad_tail = false;
    commands += (regs.tail + regs.ring_size - commands % regs.ring_size) % regs.ring_size;
  }
  uint32_t SlotAddress(uint32_t index) const {
    return regs.ring_base + (regs.ring_size < 2 ? 0 : index % regs.ring_size) * TETRA_CMD_BYTES;
  }
  /// May it be dispatched? Otherwise the error is recorded.
  bool Accept(const tetra_cmd &c, uint32_t index, bool fetch_failed) {
    const uint32_t cause = fetch_failed ? static_cast<uint32_t>(TETRA_ERR_AXI_FETCH) : dev_check(&c, &regs.caps);
    if (cause != TETRA_ERR_NONE) {
      dev_regs_error(&regs, cause, index, SlotAddress(index));
      return false;
    }
    regs.head = (index + 1) % regs.ring_size;
    return true;
  }
  /// Is a burst inside of the memory that commands may touch? Otherwise the error is recorded.
  bool InRange(uint32_t addr, uint32_t bytes, uint32_t index) {
    if (addr >= regs.mem_base && static_cast<uint64_t>(addr) + bytes - 1 <= regs.mem_limit) return true;
    dev_regs_error(&regs, TETRA_ERR_RANGE, index, addr);
    return false;
  }
  void BadTail(uint32_t dispatched) {
    dev_regs_error(&regs, TETRA_ERR_ILLEGAL_FIELD, dispatched, SlotAddress(dispatched));
  }
  void CountLoad(const tetra_cmd &c) {
    if (tetra_cmd_get(&c, TETRA_F_OP) != TETRA_OP_LOAD) return;
    const uint32_t beats = tetra_cmd_get(&c, TETRA_F_LOAD_BEATS) * tetra_cmd_get(&c, TETRA_F_LOAD_COUNT);
    regs.layers[tetra_cmd_get(&c, TETRA_F_LAYER)].read += beats;
    regs.counters[TETRA_CNT_LOAD_BUSY] += beats;
    regs.counters[TETRA_CNT_READ_BYTES] += static_cast<uint64_t>(beats) * regs.caps.n;
  }
  static uint64_t Pixels(const tetra_cmd &c) {
    return static_cast<uint64_t>(Steps(c)) * tetra_cmd_get(&c, TETRA_F_COMP_OY) * tetra_cmd_get(&c, TETRA_F_COMP_OX);
  }
  static uint32_t Steps(const tetra_cmd &c) {
    return tetra_cmd_get(&c, TETRA_F_COMP_KB) * tetra_cmd_get(&c, TETRA_F_COMP_KH) * tetra_cmd_get(&c, TETRA_F_COMP_KW);
  }
  void CountCompute(const tetra_cmd &c) {
    regs.layers[tetra_cmd_get(&c, TETRA_F_LAYER)].busy += static_cast<uint32_t>(Pixels(c));
  }
  /// Its words, at the end of what `words` has.
  void Store(const tetra_cmd &c, std::vector<uint8_t> *words) {
    const size_t at = words->size();
    words->resize(at + static_cast<size_t>(tetra_cmd_store_beats(&c)) * regs.caps.n);
    dev_store(&core, &c, words->data() + at);
    regs.counters[TETRA_CNT_SAT0] = core.sat[0];
    regs.counters[TETRA_CNT_SAT1] = core.sat[1];
    const uint32_t halves = tetra_cmd_get(&c, TETRA_F_STORE_HALVES2) + 1,
                   outs = tetra_cmd_get(&c, TETRA_F_STORE_TWO_OUT) + 1;
    regs.counters[TETRA_CNT_DRAIN_BUSY] +=
        static_cast<uint64_t>(tetra_cmd_get(&c, TETRA_F_STORE_PIXELS)) * halves * outs;
  }
  void CountStore(const tetra_cmd &c) {
    const uint32_t beats = tetra_cmd_store_beats(&c);
    regs.layers[tetra_cmd_get(&c, TETRA_F_LAYER)].write += beats;
    regs.counters[TETRA_CNT_WRITE_BYTES] += static_cast<uint64_t>(beats) * regs.caps.n;
  }

  dev_regs regs = {};
  dev_core core = {};
  uint32_t commands = 0;  // in the ring since the reset
  bool bad_tail = false;

 protected:
  EngineHost *host_;
};

}  // namespace tetra

#endif
