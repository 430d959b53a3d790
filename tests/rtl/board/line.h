// A simulated board behind its two pins, as a host's port (synth/fpga/host/port.h): bytes go bit by bit, one clock
// after the other, and any of them can be damaged on the way.
#ifndef TETRA_TESTS_RTL_BOARD_LINE_H
#define TETRA_TESTS_RTL_BOARD_LINE_H

#include <cstdint>
#include <deque>
#include <functional>

#include "../common/model.h"
#include "Vtetra_board.h"
#include "Vtetra_board___024root.h"
#include "port.h"

namespace tetra_test {

// Clocks to a millisecond of the host's time: only for how long it waits.
constexpr uint64_t kClocksPerMs = 2000;

// Bit `bit` (0: the start bit, 9: the stop bit) of byte `byte` of one direction, counted from the first; byte < 0:
// none.
struct Flip {
  long byte = -1;
  int bit = 0;
};

class BoardLine {
 public:
  BoardLine() : top_(NewModel<Vtetra_board>()) {
    top_->rx_i = 1;
    {
      const NoAssertions none;
      for (int i = 0; i < 4; i++) Clock();
    }
    top_->rst_ni = 1;
    for (int i = 0; i < 40; i++) Clock();
    port_ = {this, Send, Receive, Now, /*quiet_ms=*/1, /*answer_ms=*/50};
  }

  const board_port *port() const { return &port_; }
  uint64_t clocks() const { return clocks_; }
  long sent() const { return sent_; }
  long received() const { return received_; }

  // Bits of the memory's byte at that offset.
  void FlipMemory(uint32_t byte, int bit) { Memory(byte) ^= static_cast<uint8_t>(1 << bit); }
  void SetMemory(uint32_t byte, int bit, bool level) {
    if ((Memory(byte) >> bit & 1) != level) FlipMemory(byte, bit);
  }

  void SendByte(uint8_t byte) {
    for (int bit = 0; bit < 10; bit++) {
      const int level = bit == 0 ? 0 : bit == 9 ? 1 : byte >> (bit - 1) & 1;
      top_->rx_i = static_cast<uint8_t>(level ^ (sent_ == to_board.byte && bit == to_board.bit));
      for (int i = 0; i < TETRA_BOARD_DIVIDER; i++) Clock();
    }
    top_->rx_i = 1;
    sent_++;
  }
  // Clocks until a byte has come; false: none did.
  bool ReceiveByte(uint8_t *byte, uint64_t clocks) {
    for (; heard_.empty() && clocks != 0; clocks--) Clock();
    if (heard_.empty()) return false;
    *byte = heard_.front();
    heard_.pop_front();
    return true;
  }
  // The host's end at one level.
  void Hold(int level, uint64_t clocks) {
    top_->rx_i = static_cast<uint8_t>(level);
    for (; clocks != 0; clocks--) Clock();
  }
  bool hears() const { return !heard_.empty(); }

  Flip to_board, to_host;
  bool silent = false;                                    // the host hears nothing
  std::function<void(const uint8_t *, size_t)> on_frame;  // is shown each frame before it goes

 private:
  uint8_t &Memory(uint32_t byte) {
    auto *r = top_->rootp;
    switch (byte % 4) {
      case 0:
        return r->tetra_board__DOT__u_memory__DOT__gen_bytes__BRA__0__KET____DOT__u_sram__DOT__mem[byte / 4];
      case 1:
        return r->tetra_board__DOT__u_memory__DOT__gen_bytes__BRA__1__KET____DOT__u_sram__DOT__mem[byte / 4];
      case 2:
        return r->tetra_board__DOT__u_memory__DOT__gen_bytes__BRA__2__KET____DOT__u_sram__DOT__mem[byte / 4];
      default:
        return r->tetra_board__DOT__u_memory__DOT__gen_bytes__BRA__3__KET____DOT__u_sram__DOT__mem[byte / 4];
    }
  }

  static int Send(void *ctx, const uint8_t *bytes, size_t n) {
    auto *l = static_cast<BoardLine *>(ctx);
    if (l->on_frame) l->on_frame(bytes, n);
    for (size_t i = 0; i < n; i++) l->SendByte(bytes[i]);
    return 0;
  }
  static long Receive(void *ctx, uint8_t *bytes, size_t n, uint32_t ms) {
    auto *l = static_cast<BoardLine *>(ctx);
    size_t got = 0;
    while (got < n && l->ReceiveByte(bytes + got, got == 0 ? ms * kClocksPerMs : 0)) got++;
    return static_cast<long>(got);
  }
  static uint64_t Now(void *ctx) { return static_cast<BoardLine *>(ctx)->clocks_ * 1000 / kClocksPerMs; }

  void Clock() {
    top_->clk_i = 0;
    top_->eval();
    top_->clk_i = 1;
    top_->eval();
    clocks_++;
    Hear();
  }

  // The host's receiver: each bit in its middle.
  void Hear() {
    if (hear_bit_ < 0) {
      if (top_->tx_o) return;
      hear_bit_ = 0;
      hear_wait_ = TETRA_BOARD_DIVIDER / 2;
      hear_byte_ = 0;
    }
    if (hear_wait_-- > 0) return;
    const unsigned level = top_->tx_o ^ (received_ == to_host.byte && hear_bit_ == to_host.bit);
    if (hear_bit_ >= 1 && hear_bit_ <= 8) hear_byte_ |= level << (hear_bit_ - 1);
    hear_wait_ = TETRA_BOARD_DIVIDER - 1;
    if (hear_bit_++ < 9) return;
    hear_bit_ = -1;
    received_++;
    if (!silent && level) heard_.push_back(static_cast<uint8_t>(hear_byte_));
  }

  ModelPtr<Vtetra_board> top_;
  board_port port_ = {};
  uint64_t clocks_ = 0;
  long sent_ = 0, received_ = 0;
  int hear_bit_ = -1, hear_wait_ = 0;
  unsigned hear_byte_ = 0;
  std::deque<uint8_t> heard_;
};

}  // namespace tetra_test
#endif
