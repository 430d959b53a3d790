// Tensors: code ranges, 4-bit packing, allocation limits; error messages.
#include <gtest/gtest.h>

#include <sched.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "tetra/tensor.h"
#include "tetra/threads.h"

namespace {

TEST(Format, Ranges) {
  const int expected[4][2] = {{0, 255}, {-128, 127}, {0, 15}, {-8, 7}};
  const char *const names[] = {"u8", "s8", "u4", "s4"};
  for (int f = 0; f < 4; f++) {
    const auto fmt = static_cast<tetra_fmt>(f);
    EXPECT_EQ(tetra_fmt_min(fmt), expected[f][0]) << names[f];
    EXPECT_EQ(tetra_fmt_max(fmt), expected[f][1]) << names[f];
    EXPECT_STREQ(tetra_fmt_name(fmt), names[f]);
    EXPECT_EQ(tetra_fmt_bits(fmt), f < 2 ? 8 : 4);
    EXPECT_EQ(tetra_fmt_signed(fmt), f & 1);
  }
  for (int f : {-1, 4}) EXPECT_STREQ(tetra_fmt_name(static_cast<tetra_fmt>(f)), "?");
}

class Packing : public testing::TestWithParam<tetra_fmt> {};

TEST_P(Packing, SetGetPackUnpack_2x3x2x5) {
  const tetra_fmt fmt = GetParam();
  const tetra_desc d = {2, 3, 2, 5, fmt, 0, 1.0};
  tetra_tensor a = {}, b = {};
  ASSERT_EQ(tetra_tensor_init(&a, &d, nullptr), TETRA_OK);
  ASSERT_EQ(tetra_tensor_init(&b, &d, nullptr), TETRA_OK);
  EXPECT_EQ(a.pixel_bytes, tetra_fmt_bits(fmt) == 8 ? 5u : 3u);
  std::mt19937 random(5);
  std::vector<int16_t> codes(2 * 3 * 2 * 5), back(codes.size());
  const int lo = tetra_fmt_min(fmt), span = tetra_fmt_max(fmt) - lo + 1;
  for (auto &code : codes) code = static_cast<int16_t>(lo + static_cast<int>(random() % static_cast<unsigned>(span)));
  codes[0] = static_cast<int16_t>(lo);
  codes[1] = static_cast<int16_t>(tetra_fmt_max(fmt));
  // Back to front and twice, so that a store that touches its neighbour shows.
  for (int round = 0; round < 2; round++)
    for (int i = static_cast<int>(codes.size()) - 1; i >= 0; i--)
      tetra_tensor_set(&a, i / 30, i / 10 % 3, i / 5 % 2, i % 5, round ? codes[static_cast<size_t>(i)] : lo);
  for (int i = 0; i < static_cast<int>(codes.size()); i++)
    EXPECT_EQ(tetra_tensor_get(&a, i / 30, i / 10 % 3, i / 5 % 2, i % 5), codes[static_cast<size_t>(i)]) << i;
  tetra_tensor_unpack(&a, back.data());
  EXPECT_EQ(back, codes);
  tetra_tensor_pack(&b, codes.data());
  EXPECT_EQ(std::memcmp(a.data, b.data, 12 * a.pixel_bytes), 0);
  for (size_t pixel = 0; pixel < 12 && tetra_fmt_bits(fmt) == 4; pixel++)
    EXPECT_EQ(a.data[pixel * 3 + 2] >> 4, 0) << "pad nibble " << pixel;
  tetra_tensor_free(&a);
  tetra_tensor_free(&a);
  tetra_tensor_free(&b);
}

INSTANTIATE_TEST_SUITE_P(Format, Packing, testing::Values(TETRA_U8, TETRA_S8, TETRA_U4, TETRA_S4),
                         [](const auto &param) { return tetra_fmt_name(param.param); });

TEST(Tensor, EvenChannelIsTheLowNibble) {
  const tetra_desc d = {1, 1, 1, 3, TETRA_S4, 0, 1.0};
  tetra_tensor t = {};
  ASSERT_EQ(tetra_tensor_init(&t, &d, nullptr), TETRA_OK);
  tetra_tensor_set(&t, 0, 0, 0, 0, -1);
  tetra_tensor_set(&t, 0, 0, 0, 1, 3);
  tetra_tensor_set(&t, 0, 0, 0, 2, -8);
  EXPECT_EQ(t.data[0], 0x3f);
  EXPECT_EQ(t.data[1], 0x08);
  tetra_tensor_free(&t);
}

TEST(Tensor, RefusesShapesItCannotIndex) {
  tetra_tensor t = {};
  tetra_error err = {};
  for (tetra_desc d : {tetra_desc{0, 1, 1, 1, TETRA_U8, 0, 1.0}, tetra_desc{1, -1, 1, 1, TETRA_U8, 0, 1.0},
                       tetra_desc{1, 1, 1, 0, TETRA_S4, 0, 1.0}, tetra_desc{1, 65536, 32768, 1, TETRA_U8, 0, 1.0},
                       tetra_desc{INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX, TETRA_U4, 0, 1.0},
                       tetra_desc{1, 1, 1, 1, static_cast<tetra_fmt>(4), 0, 1.0}}) {
    err = {};
    EXPECT_EQ(tetra_tensor_init(&t, &d, &err), TETRA_EINVAL) << d.n << " " << d.h << " " << d.w << " " << d.c;
    EXPECT_EQ(err.code, TETRA_EINVAL);
    EXPECT_GT(std::strlen(err.msg), 0u);
    EXPECT_EQ(t.data, nullptr);
  }
}

TEST(Fail, FillsTheErrorAndReturnsItsCode) {
  tetra_error err = {};
  EXPECT_EQ(tetra_fail(&err, TETRA_EIO, "file %s: %d", "x", 7), TETRA_EIO);
  EXPECT_EQ(err.code, TETRA_EIO);
  EXPECT_STREQ(err.msg, "file x: 7");
  EXPECT_EQ(tetra_fail(nullptr, TETRA_EHW, "ignored"), TETRA_EHW);
  const std::string longer(1000, 'a');
  tetra_fail(&err, TETRA_EINVAL, "%s", longer.c_str());
  EXPECT_EQ(std::strlen(err.msg), sizeof err.msg - 1);
}

TEST(Threads, AreAsManyAsWereAskedFor) {
  EXPECT_EQ(tetra_threads_count(nullptr), 1);
  for (int n : {1, 2, 3}) {
    tetra_threads *t = nullptr;
    ASSERT_EQ(tetra_threads_open(&t, n, nullptr), TETRA_OK);
    EXPECT_EQ(tetra_threads_count(t), n);
    tetra_threads_close(t);
  }
  for (int n : {0, -1}) {
    tetra_threads *t = nullptr;
    ASSERT_EQ(tetra_threads_open(&t, n, nullptr), TETRA_OK);
    EXPECT_EQ(tetra_threads_count(t), tetra_usable_processors()) << n;
    tetra_threads_close(t);
  }
}

// Of this process, whatever others may use.
TEST(Threads, UsableProcessorsAreThisProcesss) {
  cpu_set_t all, one;
  ASSERT_EQ(sched_getaffinity(0, sizeof all, &all), 0);
  EXPECT_EQ(tetra_usable_processors(), std::min(CPU_COUNT(&all), 256));
  CPU_ZERO(&one);
  for (int i = 0; CPU_COUNT(&one) == 0; i++)
    if (CPU_ISSET(i, &all)) CPU_SET(i, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(tetra_usable_processors(), 1);
  EXPECT_EQ(sched_setaffinity(0, sizeof all, &all), 0);
}

// Every piece once, by workers that there are.
TEST(Threads, DoEachPieceOnce) {
  struct Job {
    std::vector<int> worker;
  };
  for (int workers : {0, 1, 2, 4})  // 0: no threads, the caller alone
    for (int pieces : {0, 1, 2, 3, 50}) {
      tetra_threads *t = nullptr;
      ASSERT_EQ(workers ? tetra_threads_open(&t, workers, nullptr) : TETRA_OK, TETRA_OK);
      for (int again = 0; again < 3; again++) {
        Job job = {std::vector<int>(static_cast<size_t>(pieces), -1)};
        const auto work = [](void *arg, int i, int worker) {
          int &by = static_cast<Job *>(arg)->worker[static_cast<size_t>(i)];
          by = by == -1 ? worker : 1000;
        };
        tetra_threads_run(t, pieces, work, &job);
        for (int by : job.worker) {
          EXPECT_GE(by, 0);
          EXPECT_LT(by, std::max(1, std::min(workers, pieces)));
        }
      }
      tetra_threads_close(t);
    }
}

// Each piece waits for the others, so there must be a worker for each; only a failure takes the time.
TEST(Threads, WorkAtTheSameTime) {
  constexpr int kWorkers = 3;
  struct Job {
    std::mutex mutex;
    std::condition_variable all;
    int here = 0, met = 0;
  } job;
  const auto work = [](void *arg, int, int) {
    Job *j = static_cast<Job *>(arg);
    std::unique_lock<std::mutex> lock(j->mutex);
    if (++j->here == kWorkers) j->all.notify_all();
    j->met += j->all.wait_for(lock, std::chrono::seconds(20), [j] { return j->here == kWorkers; });
  };
  tetra_threads *t = nullptr;
  ASSERT_EQ(tetra_threads_open(&t, kWorkers, nullptr), TETRA_OK);
  for (int again = 0; again < 3 && job.met == again * kWorkers; again++) {
    job.here = 0;
    tetra_threads_run(t, kWorkers, work, &job);
    EXPECT_EQ(job.met, (again + 1) * kWorkers);
  }
  tetra_threads_close(t);
}

}  // namespace
