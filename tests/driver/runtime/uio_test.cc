// The UIO HAL on a stand-in: a file for registers and memory, a folder for sysfs, a socket for interrupts, and a thread
// for the accelerator behind them.
#include "../../../driver/examples/uio.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr uint32_t kMemory = 0x80000000, kMemoryBytes = 0x10000;

class Uio : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "tetra_uio_" + std::to_string(getpid());
    for (const char *sub : {"", "/maps", "/maps/map0", "/maps/map1"}) mkdir((folder_ + sub).c_str(), 0777);
    Text("map0/size", "0x1000");
    Text("map1/addr", "0x80000000");
    Text("map1/size", "0x10000");
    device_ = folder_ + "/device";
    const int fd = open(device_.c_str(), O_RDWR | O_CREAT, 0666);
    ASSERT_EQ(ftruncate(fd, sysconf(_SC_PAGESIZE) + kMemoryBytes), 0);
    void *p = mmap(nullptr, 0x1000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    void *m = mmap(nullptr, kMemoryBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, sysconf(_SC_PAGESIZE));
    close(fd);
    ASSERT_NE(p, MAP_FAILED);
    ASSERT_NE(m, MAP_FAILED);
    registers_ = static_cast<volatile uint32_t *>(p);
    memory_ = static_cast<uint8_t *>(m);
  }
  void TearDown() override {
    uio_close(&uio_);
    munmap(const_cast<uint32_t *>(registers_), 0x1000);
    munmap(memory_, kMemoryBytes);
    for (int s : socket_) close(s);
    const std::string remove = "rm -r " + folder_;
    EXPECT_EQ(std::system(remove.c_str()), 0);
  }
  void Text(const std::string &name, const char *text) {
    FILE *f = std::fopen((folder_ + "/maps/" + name).c_str(), "w");
    ASSERT_NE(f, nullptr);
    std::fprintf(f, "%s\n", text);
    std::fclose(f);
  }
  const char *Open() { return uio_open(&uio_, &hal_, device_.c_str(), folder_.c_str()); }
  // What the kernel does with reads and writes of the device is the socket's: the mapping stays the file's.
  void ConnectInterrupt() {
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, socket_), 0);
    ASSERT_EQ(dup2(socket_[0], uio_.fd), uio_.fd);
  }
  volatile uint32_t &Reg(uint32_t offset) { return registers_[offset / 4]; }
  void Identify() {
    Reg(TETRA_REG_ID) = TETRA_HW_ID;
    Reg(TETRA_REG_VERSION) = TETRA_HW_VERSION;
    Reg(TETRA_REG_ARRAY) = 4 << 16 | 4;
    for (uint32_t size : {TETRA_REG_ACT_WORDS, TETRA_REG_WGT_WORDS, TETRA_REG_RES_WORDS, TETRA_REG_PAR_ENTRIES,
                          TETRA_REG_ACC_PIXELS, TETRA_REG_MAX_LAYERS, TETRA_REG_POOL_WORDS}) {
      Reg(size) = 64;
    }
  }
  // The HAL, with an accelerator that ends a reset at once: a thread of its own might come too late for the runtime's
  // patience, which is counted in reads.
  tetra_hal Resettable() {
    static const auto reset = [](void *ctx, uint32_t offset, uint32_t value) {
      auto *test = static_cast<Uio *>(ctx);
      test->hal_.reg_write(test->hal_.ctx, offset, value);
      if (offset == TETRA_REG_CTRL && (value & TETRA_CTRL_RESET)) test->Reg(offset) = test->Reg(TETRA_REG_HEAD) = 0;
    };
    return {this,
            [](void *ctx, uint32_t offset) { return Hal(ctx).reg_read(Hal(ctx).ctx, offset); },
            [](void *ctx, uint32_t offset, uint32_t value) { reset(ctx, offset, value); },
            [](void *ctx, uint32_t addr, size_t bytes) { return Hal(ctx).map(Hal(ctx).ctx, addr, bytes); },
            [](void *ctx, uint32_t addr, size_t bytes, int to) { Hal(ctx).sync(Hal(ctx).ctx, addr, bytes, to); },
            [](void *ctx, uint32_t us) { return Hal(ctx).wait_irq(Hal(ctx).ctx, us); }};
  }
  static const tetra_hal &Hal(void *ctx) { return static_cast<Uio *>(ctx)->hal_; }
  // The accelerator executes what the doorbell has announced; it interrupts once the kernel was told to listen.
  void Accelerate() {
    while (!stop_) {
      const uint32_t tail = Reg(TETRA_REG_TAIL);
      if (!(Reg(TETRA_REG_CTRL) & TETRA_CTRL_ENABLE) || tail == Reg(TETRA_REG_HEAD)) continue;
      __sync_synchronize();
      for (uint32_t i = Reg(TETRA_REG_HEAD); i < tail; i++) {
        tetra_cmd cmd;
        std::memcpy(&cmd, memory_ + (Reg(TETRA_REG_RING_BASE) - kMemory) + i * TETRA_CMD_BYTES, sizeof cmd);
        if (tetra_cmd_get(&cmd, TETRA_F_OP) == TETRA_OP_SYNC)
          Reg(TETRA_REG_COMPLETED) = tetra_cmd_get(&cmd, TETRA_F_SYNC_TAG);
      }
      Reg(TETRA_REG_IRQ_STATUS) = TETRA_IRQ_SYNC;
      Reg(TETRA_REG_HEAD) = tail;
      uint32_t unmask = 0, count = 1;
      if (read(socket_[1], &unmask, sizeof unmask) == sizeof unmask && unmask == 1) {
        unmasked_ = true;
        if (write(socket_[1], &count, sizeof count) != sizeof count) return;
      }
    }
  }

  std::string folder_, device_;
  volatile uint32_t *registers_ = nullptr;
  uint8_t *memory_ = nullptr;
  int socket_[2] = {-1, -1};
  std::atomic<bool> stop_{false}, unmasked_{false};
  uio uio_ = {-1, nullptr, nullptr, 0, 0, 0};
  tetra_hal hal_ = {};
};

TEST_F(Uio, registers_and_memory_are_the_devices) {
  ASSERT_STREQ(Open(), nullptr);
  hal_.reg_write(hal_.ctx, TETRA_REG_RING_BASE, 0x12345678);
  EXPECT_EQ(Reg(TETRA_REG_RING_BASE), 0x12345678u);
  Reg(TETRA_REG_ID) = 77;
  EXPECT_EQ(hal_.reg_read(hal_.ctx, TETRA_REG_ID), 77u);
  auto *p = static_cast<uint8_t *>(hal_.map(hal_.ctx, kMemory + 100, 4));
  ASSERT_NE(p, nullptr);
  p[3] = 9;
  EXPECT_EQ(memory_[103], 9);
  EXPECT_NE(hal_.map(hal_.ctx, kMemory, kMemoryBytes), nullptr);
  EXPECT_EQ(hal_.map(hal_.ctx, kMemory - 1, 1), nullptr);
  EXPECT_EQ(hal_.map(hal_.ctx, kMemory + kMemoryBytes - 3, 4), nullptr);
  EXPECT_EQ(hal_.map(hal_.ctx, kMemory, kMemoryBytes + size_t{1}), nullptr);
}

TEST_F(Uio, runs_a_job_and_sleeps_until_the_interrupt) {
  ASSERT_STREQ(Open(), nullptr);
  ConnectInterrupt();
  Identify();
  std::thread accelerator([this] { Accelerate(); });
  tetra_device dev;
  const tetra_hal hal = Resettable();
  EXPECT_EQ(tetra_device_init(&dev, &hal, 10000000), TETRA_OK);
  tetra_cmd cmds[2] = {};
  tetra_cmd_set(&cmds[0], TETRA_F_OP, TETRA_OP_LOAD);
  tetra_cmd_set(&cmds[1], TETRA_F_OP, TETRA_OP_SYNC);
  tetra_cmd_set(&cmds[1], TETRA_F_SYNC_TAG, 5);
  const tetra_job job = {cmds, 2, 5, kMemory + 64, 4, kMemory, kMemory + kMemoryBytes - 1};
  EXPECT_EQ(tetra_device_run(&dev, &job, nullptr, nullptr, nullptr), TETRA_OK);
  EXPECT_TRUE(unmasked_);
  stop_ = true;
  accelerator.join();
}

TEST_F(Uio, without_an_interrupt_the_wait_times_out) {
  ASSERT_STREQ(Open(), nullptr);
  ConnectInterrupt();
  EXPECT_NE(hal_.wait_irq(hal_.ctx, 1000), 0);
  const uint32_t count = 1;
  ASSERT_EQ(write(socket_[1], &count, sizeof count), static_cast<ssize_t>(sizeof count));
  EXPECT_EQ(hal_.wait_irq(hal_.ctx, 10000000), 0);
  close(socket_[1]);
  socket_[1] = -1;
}

TEST_F(Uio, refuses_what_is_no_device_of_ours) {
  Text("map0/size", "0x800");
  EXPECT_STREQ(Open(), "the first map is too small for the registers");
  Text("map0/size", "0x1000");
  Text("map1/addr", "0xfffff000");
  EXPECT_STREQ(Open(), "the second map is beyond what the accelerator can address");
  Text("map1/addr", "0x100000000");
  EXPECT_STREQ(Open(), "the second map is beyond what the accelerator can address");
  Text("map1/addr", "nothing");
  EXPECT_STREQ(Open(), "the device does not have two maps, registers and memory");
  Text("map1/addr", "0x80000000");
  device_ += ".none";
  EXPECT_STREQ(Open(), "the device cannot be opened");
  EXPECT_EQ(uio_.fd, -1);
}

}  // namespace
