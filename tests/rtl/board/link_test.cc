// The board's bridge, byte by byte: every frame has an answer, and a broken one does nothing.
#include <gtest/gtest.h>

#include <initializer_list>
#include <vector>

#include "line.h"
#include "link.h"

namespace {

using tetra_test::BoardLine;
using Bytes = std::vector<uint8_t>;

constexpr uint32_t kMemory = 0x10000000;

Bytes Frame(char command, unsigned words, uint32_t addr, std::initializer_list<uint32_t> data = {}) {
  Bytes f = {'T', static_cast<uint8_t>(command), static_cast<uint8_t>(words)};
  const auto put = [&](uint32_t v) {
    for (int i = 0; i < 4; i++) f.push_back(static_cast<uint8_t>(v >> 8 * i));
  };
  put(addr);
  for (const uint32_t w : data) put(w);
  const uint16_t crc = link_crc(0xffff, f.data() + 1, f.size() - 1);
  f.push_back(static_cast<uint8_t>(crc));
  f.push_back(static_cast<uint8_t>(crc >> 8));
  return f;
}

void Send(BoardLine *line, const Bytes &bytes) {
  for (const uint8_t b : bytes) line->SendByte(b);
}

// All that comes until the line is quiet.
Bytes Answer(BoardLine *line) {
  Bytes got;
  for (uint8_t b; line->ReceiveByte(&b, 1000);) got.push_back(b);
  return got;
}

// An answer without words.
Bytes Status(uint8_t status) {
  const uint16_t crc = link_crc(0xffff, &status, 1);
  return {'r', status, static_cast<uint8_t>(crc), static_cast<uint8_t>(crc >> 8)};
}

void ExpectAlive(BoardLine *line) {
  Send(line, Frame('R', 1, LINK_BOARD_ID));
  const Bytes got = Answer(line);
  ASSERT_EQ(got.size(), 8u);
  EXPECT_EQ(Bytes(got.begin(), got.begin() + 6), (Bytes{'r', LINK_GOOD, 'T', 'B', 'R', 'D'}));
}

// CRC-16/CCITT with that beginning: the value that its descriptions give for this text.
TEST(BoardLink, CheckIsTheKnownOne) {
  const char text[] = "123456789";
  EXPECT_EQ(link_crc(0xffff, reinterpret_cast<const uint8_t *>(text), 9), 0x29b1);
}

TEST(BoardLink, WordsComeBackAsTheyWereWritten) {
  BoardLine line;
  std::vector<uint32_t> words(300), got(300);
  for (size_t i = 0; i < words.size(); i++) words[i] = static_cast<uint32_t>(i * 0x9e3779b9u);
  tetra_error err = {};
  ASSERT_EQ(link_write(line.port(), kMemory + 0x1004, words.data(), words.size(), &err), TETRA_OK) << err.msg;
  ASSERT_EQ(link_read(line.port(), kMemory + 0x1004, got.data(), got.size(), &err), TETRA_OK) << err.msg;
  EXPECT_EQ(got, words);
}

TEST(BoardLink, BadFramesHaveTheirStatus) {
  BoardLine line;
  const uint32_t end = kMemory + 4 * TETRA_BOARD_WORDS;
  Bytes wrong_check = Frame('W', 1, kMemory, {1});
  wrong_check.back() ^= 0x10;
  const struct {
    const char *what;
    Bytes bytes;
    uint8_t status;
  } cases[] = {
      {"a byte that begins no frame", {0x00}, LINK_BROKEN},
      {"many of them", Bytes(300, 0x55), LINK_BROKEN},
      {"an unknown command", Frame('X', 1, kMemory), LINK_BAD_COMMAND},
      {"no words", Frame('R', 0, kMemory), LINK_BAD_LENGTH},
      {"more words than a frame has", Frame('R', 129, kMemory), LINK_BAD_LENGTH},
      {"a frame that is cut off", {'T', 'R', 1, 0}, LINK_BROKEN},
      {"a wrong check", wrong_check, LINK_BAD_CHECK},
      {"an address between words", Frame('R', 1, kMemory + 2), LINK_BAD_ADDRESS},
      {"an address without anything", Frame('R', 1, 0x30000000), LINK_BAD_ADDRESS},
      {"a register that is not there", Frame('R', 1, 0xffc), LINK_BAD_ADDRESS},
      {"one of the board's that is not there", Frame('R', 1, 0x2000001c), LINK_BAD_ADDRESS},
      {"words beyond the memory's end", Frame('R', 2, end - 4), LINK_BAD_ADDRESS},
      {"in front of the memory", Frame('R', 1, kMemory - 4), LINK_BAD_ADDRESS},
      {"a write in front of it", Frame('W', 1, kMemory - 4, {7}), LINK_BAD_ADDRESS},
  };
  for (const auto &c : cases) {
    Send(&line, c.bytes);
    EXPECT_EQ(Answer(&line), Status(c.status)) << c.what;
    ExpectAlive(&line);
  }
}

TEST(BoardLink, LastWordsOfAFrameAndOfTheMemoryAreReached) {
  BoardLine line;
  const uint32_t end = kMemory + 4 * TETRA_BOARD_WORDS;
  std::vector<uint32_t> words(LINK_MAX_WORDS, 5), got(LINK_MAX_WORDS);
  tetra_error err = {};
  words.back() = 0xcafe0001;
  ASSERT_EQ(link_write(line.port(), end - 4 * LINK_MAX_WORDS, words.data(), words.size(), &err), TETRA_OK) << err.msg;
  ASSERT_EQ(link_read(line.port(), end - 4 * LINK_MAX_WORDS, got.data(), got.size(), &err), TETRA_OK) << err.msg;
  EXPECT_EQ(got, words);
}

// A line that is held low, and then not any more.
TEST(BoardLink, BreakIsAnsweredAfterItsEnd) {
  BoardLine line;
  line.Hold(0, 5000);
  EXPECT_FALSE(line.hears());
  line.Hold(1, 1);
  EXPECT_EQ(Answer(&line), Status(LINK_BROKEN));
  ExpectAlive(&line);
}

// A start bit that is over in its middle is none.
TEST(BoardLink, SpikeIsNoByte) {
  BoardLine line;
  line.Hold(0, TETRA_BOARD_DIVIDER / 2);
  line.Hold(1, 1000);
  EXPECT_FALSE(line.hears());
  ExpectAlive(&line);
}

// Every bit of a frame that writes, its start and stop bits included: it is refused, nothing is written, and the next
// frame is good.
TEST(BoardLink, FrameWithAnyFlippedBitDoesNothing) {
  BoardLine line;
  const uint32_t old[3] = {0x11111111, 0x22222222, 0x33333333}, other[3] = {0x5a5a0001, 0x5a5a0002, 0xffff0003};
  tetra_error err = {};
  ASSERT_EQ(link_write(line.port(), kMemory + 64, old, 3, &err), TETRA_OK) << err.msg;
  for (int byte = 0; byte < 21; byte++) {
    for (int bit = 0; bit < 10; bit++) {
      uint32_t got[3] = {};
      line.to_board = {line.sent() + byte, bit};
      ASSERT_EQ(link_write(line.port(), kMemory + 64, other, 3, &err), TETRA_EHW) << "byte " << byte << " bit " << bit;
      ASSERT_EQ(link_open(line.port(), &err), TETRA_OK) << err.msg;
      ASSERT_EQ(link_read(line.port(), kMemory + 64, got, 3, &err), TETRA_OK) << err.msg;
      for (int i = 0; i < 3; i++) ASSERT_EQ(got[i], old[i]) << "byte " << byte << " bit " << bit;
    }
  }
}

// Every bit of an answer but the start bits, in which the simulated host's receiver is in step.
TEST(BoardLink, AnswerWithAnyFlippedBitIsRefused) {
  BoardLine line;
  uint32_t got[3] = {};
  tetra_error err = {};
  for (int byte = 0; byte < 16; byte++) {
    for (int bit = 1; bit < 10; bit++) {
      line.to_host = {line.received() + byte, bit};
      ASSERT_EQ(link_read(line.port(), LINK_BOARD_ID, got, 3, &err), TETRA_EHW) << "byte " << byte << " bit " << bit;
      ASSERT_EQ(link_open(line.port(), &err), TETRA_OK) << err.msg;
    }
  }
}

}  // namespace
