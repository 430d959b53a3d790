// The board's UART by itself, against a line whose bits are not exactly as long as its own.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "../common/model.h"
#include "Vboard_uart.h"

namespace {

constexpr int kDivider = TETRA_UART_DIVIDER;

class Bench {
 public:
  Bench() : top_(tetra_test::NewModel<Vboard_uart>()) {
    top_->rx_i = 1;
    const tetra_test::NoAssertions none;
    for (int i = 0; i < 3; i++) Clock();
    top_->rst_ni = 1;
    for (int i = 0; i < 3; i++) Clock();
  }
  void Clock() {
    top_->clk_i = 0;
    top_->eval();
    if (top_->rx_valid_o) heard.push_back(top_->rx_data_o);
    broken += top_->rx_broken_o;
    top_->clk_i = 1;
    top_->eval();
  }
  Vboard_uart *top() { return top_.get(); }

  std::vector<uint8_t> heard;
  int broken = 0;

 private:
  tetra_test::ModelPtr<Vboard_uart> top_;
};

std::vector<uint8_t> RandomBytes(int n) {
  std::mt19937 random(1);
  std::vector<uint8_t> bytes;
  for (int i = 0; i < n; i++) bytes.push_back(static_cast<uint8_t>(random()));
  return bytes;
}

// Bytes behind each other without a pause, from a sender whose clock is up to 3 % off.
TEST(BoardUart, HearsASenderThatIsThreePercentOff) {
  const std::vector<uint8_t> bytes = RandomBytes(2000);
  for (const double length : {0.97, 0.985, 1.0, 1.015, 1.03}) {
    Bench bench;
    const double period = kDivider * length;
    const int64_t clocks = std::llround(period * 10 * static_cast<double>(bytes.size())) + 4 * kDivider;
    for (int64_t t = 0; t < clocks; t++) {
      const auto bit = static_cast<size_t>(static_cast<double>(t) / period);
      const size_t byte = bit / 10, place = bit % 10;
      const bool high = byte >= bytes.size() || place == 9 || (place > 0 && (bytes[byte] >> (place - 1) & 1));
      bench.top()->rx_i = high;
      bench.Clock();
    }
    EXPECT_EQ(bench.heard, bytes) << length;
    EXPECT_EQ(bench.broken, 0) << length;
  }
}

// A start bit, eight bits with the lowest first, a stop bit, each as long as it says; then the next byte is taken.
TEST(BoardUart, SendsBitsOfTheRightLength) {
  Bench bench;
  bench.top()->tx_valid_i = 1;
  for (const uint8_t byte : RandomBytes(50)) {
    bench.top()->tx_data_i = byte;
    bench.top()->clk_i = 0;
    bench.top()->eval();
    ASSERT_TRUE(bench.top()->tx_ready_o);
    for (int bit = 0; bit < 10; bit++) {
      for (int i = 0; i < kDivider; i++) {
        bench.Clock();
        const int want = bit == 0 ? 0 : bit == 9 ? 1 : byte >> (bit - 1) & 1;
        ASSERT_EQ(bench.top()->tx_o, want) << "bit " << bit << " clock " << i;
      }
    }
    bench.Clock();  // the line's last clock before it is ready
    ASSERT_TRUE(bench.top()->tx_o);
  }
}

}  // namespace
