// The self-test of a board, on a simulated one: it passes, and it notices what is wrong.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "line.h"
#include "link.h"
#include "memtest.h"
#include "run.h"
#include "selftest.h"
#include "tetra/hw.h"

namespace {

using tetra_test::BoardLine;

struct Outcome {
  int code;
  std::string text, message;
};

Outcome SelfTest(const board_port *port) {
  tetra_error err = {};
  char *text = nullptr;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  const int code = fpga_selftest(port, out, nullptr, &err);
  fclose(out);
  const Outcome outcome = {code, text, err.msg};
  free(text);
  return outcome;
}

bool Has(const std::string &text, const std::string &part) { return text.find(part) != std::string::npos; }

// A frame that writes, as it goes over the line.
struct WriteFrame {
  WriteFrame(const uint8_t *bytes, size_t n) : is(n >= 13 && bytes[1] == 'W') {
    if (is) addr = Word(bytes + 3), first = Word(bytes + 7);
  }
  static uint32_t Word(const uint8_t *p) { return p[0] | p[1] << 8 | p[2] << 16 | static_cast<uint32_t>(p[3]) << 24; }
  bool is;
  uint32_t addr = 0, first = 0;
};

constexpr uint32_t kMemory = 0x10000000;

TEST(Board, PassesItsSelfTest) {
  BoardLine line;
  const Outcome o = SelfTest(line.port());
  EXPECT_EQ(o.code, FPGA_EXIT_GOOD) << o.message;
  EXPECT_EQ(o.message, "");
  EXPECT_TRUE(Has(o.text, "accelerator: 4 x 4, activations 8192 words, weights 4096 half-words")) << o.text;
  // Layers, codes, cycles and the cycle model's: docs/silicon.md has them.
  for (const char *part : {"memory: 16384 words, every bit both ways: good",
                           "\nw8a8          6     4378      29870        29870      1.195\n",
                           "\nw4a8          6     4378      17054        17054      0.682\n",
                           "\nw8a4          6     4378      17010        17010      0.680\n",
                           "\nw4a4          6     4378      10872        10872      0.435\n", "\nbusy ", "\nsat1 "}) {
    EXPECT_TRUE(Has(o.text, part)) << part << " in\n" << o.text;
  }
}

// One network on a board, where `change` may do something to it as soon as the accelerator is about to begin.
int RunNetwork(BoardLine *line, const std::function<void(uint32_t first_byte, uint32_t ring)> &change,
               tetra_error *err) {
  board b;
  tetra_device dev;
  tetra_hal hal;
  fpga_result r;
  uint32_t ring = 0, first_byte = 0;
  EXPECT_EQ(board_open(&b, line->port(), err), TETRA_OK) << err->msg;
  board_hal(&b, &hal);
  EXPECT_EQ(tetra_device_init(&dev, &hal, 20000), TETRA_OK);
  line->on_frame = [&](const uint8_t *bytes, size_t n) {
    const WriteFrame f(bytes, n);
    if (!f.is) return;
    if (f.addr >= kMemory && first_byte == 0) first_byte = f.addr;
    if (f.addr == TETRA_REG_RING_BASE) ring = f.first;
    if (f.addr == TETRA_REG_TAIL && f.first != 0 && change) change(first_byte - kMemory, ring - kMemory);
  };
  const int rc = fpga_run(&b, &dev, fpga_net(0), &r, err);
  line->on_frame = nullptr;
  board_close(&b);
  return rc;
}

TEST(Board, ConstantThatFlipsInMemoryShowsInTheCodes) {
  BoardLine line;
  tetra_error err = {};
  EXPECT_EQ(RunNetwork(&line, nullptr, &err), TETRA_OK) << err.msg;
  const auto flip = [&](uint32_t first_byte, uint32_t) { line.FlipMemory(first_byte, 7); };
  EXPECT_EQ(RunNetwork(&line, flip, &err), TETRA_EDIFF);
  EXPECT_TRUE(Has(err.msg, "codes of maxpool:0 differ, the first: row ")) << err.msg;
}

TEST(Board, CommandThatFlipsInMemoryStopsTheAccelerator) {
  BoardLine line;
  tetra_error err = {};
  const auto flip = [&](uint32_t, uint32_t ring) { line.FlipMemory(ring + 2 * TETRA_CMD_BYTES, 3); };
  EXPECT_EQ(RunNetwork(&line, flip, &err), TETRA_EHW);
  EXPECT_TRUE(Has(err.msg, "w8a8: the accelerator stopped at command 2")) << err.msg;
  EXPECT_EQ(RunNetwork(&line, nullptr, &err), TETRA_OK) << "and the next run is good: " << err.msg;
}

// Fetching commands from where no memory is.
TEST(Board, MemoryAnswersWithAnErrorBeyondItsEnd) {
  BoardLine line;
  board b;
  tetra_device dev;
  tetra_hal hal;
  tetra_error err = {};
  ASSERT_EQ(board_open(&b, line.port(), &err), TETRA_OK) << err.msg;
  board_hal(&b, &hal);
  ASSERT_EQ(tetra_device_init(&dev, &hal, 20000), TETRA_OK);
  const std::pair<uint32_t, uint32_t> writes[] = {
      {TETRA_REG_MEM_LIMIT, UINT32_MAX},     {TETRA_REG_RING_BASE, kMemory + b.mem_bytes}, {TETRA_REG_RING_SIZE, 8},
      {TETRA_REG_IRQ_MASK, TETRA_IRQ_ERROR}, {TETRA_REG_CTRL, TETRA_CTRL_ENABLE},          {TETRA_REG_TAIL, 1}};
  for (const auto &w : writes) hal.reg_write(hal.ctx, w.first, w.second);
  EXPECT_EQ(hal.wait_irq(hal.ctx, 1000), 0);
  EXPECT_EQ(hal.reg_read(hal.ctx, TETRA_REG_ERR_CAUSE), static_cast<uint32_t>(TETRA_ERR_AXI_FETCH));
  EXPECT_EQ(board_check(&b, &err), TETRA_OK) << err.msg;
  // The board's reset register resets the accelerator, not the memory.
  const uint32_t kept = 0x12345678, one = 1;
  uint32_t read = 0;
  ASSERT_EQ(link_write(line.port(), kMemory + 8, &kept, 1, &err), TETRA_OK);
  ASSERT_EQ(link_write(line.port(), LINK_BOARD_RESET, &one, 1, &err), TETRA_OK);
  EXPECT_EQ(hal.reg_read(hal.ctx, TETRA_REG_ERR_CAUSE), 0u);
  EXPECT_NE(hal.wait_irq(hal.ctx, 10), 0) << "the line is low";
  ASSERT_EQ(link_read(line.port(), kMemory + 8, &read, 1, &err), TETRA_OK);
  EXPECT_EQ(read, kept);
  board_close(&b);
}

// A bit of the memory flips while the first pattern is being read; the frame is the reader's.
TEST(Board, BitThatFlipsInMemoryFailsTheMemoryTest) {
  BoardLine line;
  bool flipped = false;
  line.on_frame = [&](const uint8_t *bytes, size_t n) {
    if (flipped || n != 9 || bytes[1] != 'R' || WriteFrame::Word(bytes + 3) != kMemory + 0x600) return;
    line.FlipMemory(0x1237, 5);
    flipped = true;
  };
  const Outcome o = SelfTest(line.port());
  EXPECT_EQ(o.code, FPGA_EXIT_DIFFERENT);
  EXPECT_TRUE(Has(o.message, "memory: 1 of 16384 words differ, the first at 0x10001234: 0x")) << o.message;
}

// A bit that cannot be 0, or not 1: the words that the test writes or their complements have the other.
TEST(Board, StuckBitOfEitherKindFailsTheMemoryTest) {
  for (const bool level : {false, true}) {
    BoardLine line;
    board b;
    tetra_error err = {};
    ASSERT_EQ(board_open(&b, line.port(), &err), TETRA_OK) << err.msg;
    b.mem_bytes = 4096;
    ASSERT_EQ(memtest_run(&b, nullptr, nullptr, &err), TETRA_OK) << err.msg;
    line.on_frame = [&](const uint8_t *bytes, size_t) {
      if (bytes[1] == 'R') line.SetMemory(0x922, 2, level);
    };
    EXPECT_EQ(memtest_run(&b, nullptr, nullptr, &err), TETRA_EDIFF) << "stuck at " << level;
    EXPECT_TRUE(Has(err.msg, "memory: 1 of 1024 words differ, the first at 0x10000920: 0x")) << err.msg;
    board_close(&b);
  }
}

TEST(Board, BitThatFlipsOnTheLineFailsTheSelfTest) {
  for (const bool up : {true, false}) {
    BoardLine line;
    (up ? line.to_board : line.to_host) = {7001, 4};
    const Outcome o = SelfTest(line.port());
    EXPECT_EQ(o.code, FPGA_EXIT_DIFFERENT) << o.message;
    EXPECT_TRUE(Has(o.message, up ? "was refused: the frame's check was wrong" : "came damaged: the line is not good"))
        << o.message;
  }
}

TEST(Board, SilentLineIsNoBoard) {
  BoardLine line;
  line.silent = true;
  const Outcome o = SelfTest(line.port());
  EXPECT_EQ(o.code, FPGA_EXIT_BAD_INPUT);
  EXPECT_TRUE(Has(o.message, "no answer; is the bitstream loaded")) << o.message;
}

TEST(Board, LineThatFallsSilentEndsTheTest) {
  BoardLine line;
  int frames = 0;
  line.on_frame = [&](const uint8_t *, size_t) { line.silent = ++frames >= 30; };
  const Outcome o = SelfTest(line.port());
  EXPECT_EQ(o.code, FPGA_EXIT_BAD_INPUT);
  EXPECT_EQ(o.message, "the board does not answer any more");
}

// What else may hang on a serial port: it gives back all it gets.
TEST(Board, EchoIsNoBoard) {
  std::string waiting;
  board_port port = {};
  port.ctx = &waiting;
  port.send = [](void *ctx, const uint8_t *bytes, size_t n) {
    static_cast<std::string *>(ctx)->append(reinterpret_cast<const char *>(bytes), n);
    return 0;
  };
  port.receive = [](void *ctx, uint8_t *bytes, size_t n, uint32_t) {
    auto *w = static_cast<std::string *>(ctx);
    n = w->copy(reinterpret_cast<char *>(bytes), n);
    w->erase(0, n);
    return static_cast<long>(n);
  };
  port.now_us = [](void *) { return uint64_t{0}; };
  const Outcome o = SelfTest(&port);
  EXPECT_EQ(o.code, FPGA_EXIT_BAD_INPUT);
  EXPECT_TRUE(Has(o.message, "what answers is not a Tetra board")) << o.message;
}

// A board that answers every frame well, but has other words at its addresses than a Tetra's.
struct OtherBoard {
  std::map<uint32_t, uint32_t> words;
  std::string waiting;
};

Outcome SelfTestOf(OtherBoard *board) {
  board_port port = {};
  port.ctx = board;
  port.send = [](void *ctx, const uint8_t *bytes, size_t) {
    auto *b = static_cast<OtherBoard *>(ctx);
    std::string answer(1, LINK_GOOD);
    for (uint32_t i = 0; bytes[1] == 'R' && i < 4u * bytes[2]; i++)
      answer += static_cast<char>(b->words[WriteFrame::Word(bytes + 3) + (i & ~3u)] >> 8 * (i % 4));
    const uint16_t crc = link_crc(0xffff, reinterpret_cast<const uint8_t *>(answer.data()), answer.size());
    b->waiting += 'r' + answer + static_cast<char>(crc) + static_cast<char>(crc >> 8);
    return 0;
  };
  port.receive = [](void *ctx, uint8_t *bytes, size_t n, uint32_t) {
    std::string *w = &static_cast<OtherBoard *>(ctx)->waiting;
    n = w->copy(reinterpret_cast<char *>(bytes), n);
    w->erase(0, n);
    return static_cast<long>(n);
  };
  port.now_us = [](void *) { return uint64_t{0}; };
  return SelfTest(&port);
}

TEST(Board, OtherBoardsAreToldApart) {
  OtherBoard board;
  const auto expect = [&](const char *message) {
    const Outcome o = SelfTestOf(&board);
    EXPECT_EQ(o.code, FPGA_EXIT_BAD_INPUT);
    EXPECT_TRUE(Has(o.message, message)) << o.message;
  };
  expect("what answers is not a Tetra board");
  board.words[LINK_BOARD_ID] = LINK_ID;
  board.words[LINK_BOARD_VERSION] = LINK_VERSION + 1;
  expect("the board's bitstream has version 2 of the protocol, this program 1");
  board.words[LINK_BOARD_VERSION] = LINK_VERSION;
  expect("the board says 0 bytes of memory at 0x00000000, and 0 Hz: not a Tetra board");
  board.words[LINK_BOARD_MEM_BASE] = kMemory;
  board.words[LINK_BOARD_MEM_BYTES] = 1 << 16;
  board.words[LINK_BOARD_CLOCK_HZ] = 25000000;
  expect("the board answers, but its registers are no Tetra's that this program knows");
}

// A line that is gone: errors of the device, in either direction.
TEST(Board, DeviceThatIsPulledIsSaid) {
  board_port port = {};
  port.send = [](void *, const uint8_t *, size_t) { return -1; };
  port.receive = [](void *, uint8_t *, size_t, uint32_t) { return 0L; };
  Outcome o = SelfTest(&port);
  EXPECT_EQ(o.code, FPGA_EXIT_BAD_INPUT);
  EXPECT_TRUE(Has(o.message, "the serial line is gone")) << o.message;
  port.send = [](void *, const uint8_t *, size_t) { return 0; };
  // Quiet at first, as the host wants it, and gone where an answer is due.
  int calls = 0;
  port.ctx = &calls;
  port.receive = [](void *ctx, uint8_t *, size_t, uint32_t) { return ++*static_cast<int *>(ctx) == 2 ? -1L : 0L; };
  o = SelfTest(&port);
  EXPECT_EQ(o.code, FPGA_EXIT_BAD_INPUT);
  EXPECT_TRUE(Has(o.message, "the serial line is gone")) << o.message;
}

}  // namespace
