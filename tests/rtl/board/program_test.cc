// The program itself, fpga_selftest, on a pseudo-terminal behind which the simulated board is.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "line.h"
#include "selftest.h"

namespace {

using tetra_test::BoardLine;

// The program with its output, from its start to its end.
class Program {
 public:
  explicit Program(std::vector<std::string> arguments, const char *to = nullptr) : out_(tmpfile()) {
    arguments.insert(arguments.begin(), TETRA_FPGA_SELFTEST);
    std::vector<char *> argv;
    for (std::string &a : arguments) argv.push_back(&a[0]);
    argv.push_back(nullptr);
    pid_ = fork();
    if (pid_ != 0) return;
    dup2(to != nullptr ? open(to, O_WRONLY | O_CLOEXEC) : fileno(out_), STDOUT_FILENO);
    dup2(fileno(out_), STDERR_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  ~Program() { fclose(out_); }
  Program(const Program &) = delete;
  Program &operator=(const Program &) = delete;

  bool Ended(bool wait) {
    int status = 0;
    if (waitpid(pid_, &status, wait ? 0 : WNOHANG) != pid_) return false;
    code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    rewind(out_);
    char buffer[4096];
    for (size_t n; (n = fread(buffer, 1, sizeof buffer, out_)) != 0;) text.append(buffer, n);
    return true;
  }
  int code = -1;
  std::string text;

 private:
  FILE *out_;
  pid_t pid_ = -1;
};

void ExpectEnd(std::vector<std::string> arguments, int code, const std::string &text, const char *to = nullptr) {
  Program p(std::move(arguments), to);
  ASSERT_TRUE(p.Ended(true));
  EXPECT_EQ(p.code, code);
  EXPECT_EQ(p.text.substr(0, text.size()), text);
}

TEST(BoardProgram, BadInputIsOneLineThatSaysWhatToDo) {
  ExpectEnd({}, 2, "fpga_selftest: no port; for example: fpga_selftest /dev/ttyUSB0\n");
  ExpectEnd({"/dev/none"}, 2,
            "fpga_selftest: cannot open '/dev/none': No such file or directory; a board's port is called");
  ExpectEnd({"/dev/null"}, 2, "fpga_selftest: '/dev/null' is no serial device; a board's port is called /dev/ttyUSB0");
  ExpectEnd(
      {"/dev/null", "--baud", "3000000"}, 2,
      "fpga_selftest: --baud: 3000000 is not accepted; 9600, 19200, 38400, 57600, 115200, 230400, 460800, 500000, "
      "921600, 1000000 are, of which the bitstream has one\n");
  ExpectEnd({"/dev/null", "--baud", "9x"}, 2, "fpga_selftest: --baud: '9x' is not accepted; a rate like 115200 is\n");
  ExpectEnd({"/dev/null", "--baud"}, 2, "fpga_selftest: --baud: '' is not accepted; a rate like 115200 is\n");
  ExpectEnd({"--fast", "/dev/null"}, 2, "fpga_selftest: unknown option '--fast'; --baud and --help are accepted\n");
  ExpectEnd({"a", "b"}, 2, "fpga_selftest: 'b' is not accepted; one port is\n");
  ExpectEnd({"--help"}, 0, "usage: fpga_selftest PORT [--baud RATE]\n");
}

TEST(BoardProgram, ResultsThatCannotBeWrittenAreNoSuccess) {
  ExpectEnd({"--help"}, 2, "fpga_selftest: cannot write to the standard output", "/dev/full");
}

// A device that takes nothing is given up.
TEST(BoardProgram, ADeviceThatTakesNothingIsGone) {
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
  ASSERT_GE(terminal, 0);
  ASSERT_EQ(grantpt(terminal), 0);
  ASSERT_EQ(unlockpt(terminal), 0);
  const int full = open(ptsname(terminal), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(full, 0);
  const char bytes[256] = {};
  // The kernel moves bytes on behind the writer's back, so full is what stays full.
  for (int refused = 0; refused < 20;) {
    if (write(full, bytes, sizeof bytes) > 0 || write(full, bytes, 1) > 0) {
      refused = 0;
    } else {
      refused++;
      usleep(10000);
    }
  }
  ExpectEnd({ptsname(terminal)}, 2, "fpga_selftest: the serial line is gone");
  close(full);
  close(terminal);
}

// Bytes of every value go both ways through the terminal, until the one that is damaged on purpose: which frame that is
// in shows that all before it were good.
TEST(BoardProgram, TalksToABoardThroughATerminal) {
  BoardLine line;
  line.to_board = {20000, 3};  // some 140 bytes of first contact, and 38 frames of 521 that write 512 bytes
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
  ASSERT_GE(terminal, 0);
  ASSERT_EQ(grantpt(terminal), 0);
  ASSERT_EQ(unlockpt(terminal), 0);
  const std::string name = ptsname(terminal);
  const int kept =
      open(name.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);  // or the terminal is gone until the program opens it
  ASSERT_GE(kept, 0);
  termios before = {}, after = {};
  ASSERT_EQ(tcgetattr(kept, &before), 0);
  Program p({name});
  std::vector<uint8_t> frame;
  while (!p.Ended(false)) {
    uint8_t bytes[1024];
    pollfd ready = {terminal, POLLIN, 0};
    if (poll(&ready, 1, 10) <= 0) continue;
    const ssize_t n = read(terminal, bytes, sizeof bytes);
    if (n > 0) frame.insert(frame.end(), bytes, bytes + n);
    // The simulated line is far faster than the terminal: it would take the wait for a frame's rest for a pause.
    if (frame.size() < 9 || (frame[1] == 'W' && frame.size() < 9 + 4u * frame[2])) continue;
    for (const uint8_t b : frame) line.SendByte(b);
    frame.clear();
    for (uint8_t b; line.ReceiveByte(&b, 2000);) ASSERT_EQ(write(terminal, &b, 1), 1);
  }
  ASSERT_EQ(tcgetattr(kept, &after), 0);
  EXPECT_EQ(after.c_lflag, before.c_lflag);  // still with an echo
  close(kept);
  close(terminal);
  EXPECT_EQ(p.code, FPGA_EXIT_DIFFERENT);
  EXPECT_NE(p.text.find("board: 64 KiB of memory at 0x10000000, 25 MHz\naccelerator: 4 x 4, "), std::string::npos)
      << p.text;
  EXPECT_NE(p.text.find("fpga_selftest: the frame at 0x10004c00 was refused: the frame's check was wrong\n"),
            std::string::npos)
      << p.text;
}

}  // namespace
