// A stored plan and the accelerator's memory: what is copied, and nothing beside it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "tetra/stored.h"

namespace {

// Bytes 0xaa at address 0x1000, from `skip` of an aligned block on.
struct StoredMemory {
  std::vector<uint8_t> bytes;
  size_t skip;
  bool there = true;
  std::vector<uint32_t> synced;  // address, bytes, direction of the last call
  tetra_hal hal = {};

  explicit StoredMemory(size_t skip_bytes = 0) : bytes(256 + skip_bytes, 0xaa), skip(skip_bytes) {
    hal.ctx = this;
    hal.map = [](void *ctx, uint32_t addr, size_t) -> void * {
      auto *m = static_cast<StoredMemory *>(ctx);
      return m->there ? &m->bytes[m->skip + addr - 0x1000] : nullptr;
    };
    hal.sync = [](void *ctx, uint32_t addr, size_t n, int to_device) {
      static_cast<StoredMemory *>(ctx)->synced = {addr, static_cast<uint32_t>(n), static_cast<uint32_t>(to_device)};
    };
  }
};

TEST(Stored, LoadCopiesTheConstantsAndNothingMore) {
  alignas(4) uint8_t constants[24];
  for (size_t i = 0; i < sizeof constants; i++) constants[i] = static_cast<uint8_t>(i + 1);
  for (uint32_t n = 0; n <= 12; n++)
    for (size_t skip : {0, 1, 2})
      for (size_t from : {0, 1}) {
        StoredMemory m(skip);
        tetra_stored s = {};
        s.const_addr = 0x1010, s.const_bytes = n, s.constants = constants + from;
        ASSERT_EQ(tetra_stored_load(&s, &m.hal), TETRA_OK);
        for (size_t i = 0; i < m.bytes.size(); i++) {
          const size_t at = i - skip - 16;
          EXPECT_EQ(m.bytes[i], i >= skip + 16 && at < n ? constants[from + at] : 0xaa) << n << " " << skip << " " << i;
        }
        EXPECT_EQ(m.synced, n ? std::vector<uint32_t>({0x1010, n, 1}) : std::vector<uint32_t>()) << n;
        m.there = false;
        EXPECT_EQ(tetra_stored_load(&s, &m.hal), n ? TETRA_EINVAL : TETRA_OK);
      }
}

// Two images of 1 x 2 pixels of 5 codes.
tetra_stored WithTensors() {
  tetra_stored s = {};
  s.caps.n = 4;
  s.input.d = s.output.d = {2, 1, 2, 5, TETRA_S8, 0, 1.0};
  s.input.place = {0x1000, 96, TETRA_LAYOUT_BLOCKED, 0};
  s.output.place = {0x1060, 96, TETRA_LAYOUT_BLOCKED, 0};
  return s;
}

TEST(Stored, CodesGoThereAndBack) {
  StoredMemory m;
  tetra_stored s = WithTensors();
  std::vector<uint8_t> codes(tetra_stored_codes(&s.input)), back(codes.size()), want(96, 0xaa);
  ASSERT_EQ(codes.size(), 20u);
  for (size_t i = 0; i < codes.size(); i++) codes[i] = static_cast<uint8_t>(200 + i);
  tetra_layout_write(&s.input.place, 4, &s.input.d, codes.data(), want.data());
  ASSERT_EQ(tetra_stored_write_input(&s, &m.hal, codes.data()), TETRA_OK);
  EXPECT_EQ(std::vector<uint8_t>(m.bytes.begin(), m.bytes.begin() + 96), want);
  EXPECT_EQ(m.synced, std::vector<uint32_t>({0x1000, 96, 1}));
  for (size_t i = 96; i < m.bytes.size(); i++) EXPECT_EQ(m.bytes[i], 0xaa) << i;
  std::copy(want.begin(), want.end(), m.bytes.begin() + 96);
  ASSERT_EQ(tetra_stored_read_output(&s, &m.hal, back.data()), TETRA_OK);
  EXPECT_EQ(m.synced, std::vector<uint32_t>({0x1060, 96, 0}));
  EXPECT_EQ(back, codes);
  m.there = false;
  EXPECT_EQ(tetra_stored_write_input(&s, &m.hal, codes.data()), TETRA_EINVAL);
  EXPECT_EQ(tetra_stored_read_output(&s, &m.hal, back.data()), TETRA_EINVAL);
}

TEST(Stored, TopIsTheFirstLargestCodeOfAnImage) {
  const tetra_stored s = WithTensors();
  for (uint32_t image : {0, 1})
    for (uint32_t first = 0; first < 10; first++)
      for (uint32_t second = first; second < 10; second++) {
        std::vector<uint8_t> codes(20, 0x7f);  // of the other image, larger
        for (uint32_t i = 0; i < 10; i++) codes[10 * image + i] = static_cast<uint8_t>(-9);
        codes[10 * image + first] = codes[10 * image + second] = static_cast<uint8_t>(-3);
        EXPECT_EQ(tetra_stored_top(&s, codes.data(), image), first) << image << " " << second;
      }
}

TEST(Stored, FitsTheSameBuffersAndAtLeastAsManyLayers) {
  tetra_stored s = {};
  s.caps = {4, 1024, 512, 256, 128, 64, 32, 16};
  uint32_t tetra_caps::*const fields[] = {&tetra_caps::n,          &tetra_caps::act_words,   &tetra_caps::wgt_words,
                                          &tetra_caps::res_words,  &tetra_caps::par_entries, &tetra_caps::acc_pixels,
                                          &tetra_caps::pool_words, &tetra_caps::max_layers};
  for (const auto field : fields)
    for (int more : {-1, 0, 1}) {
      tetra_device dev = {};
      dev.caps = s.caps;
      dev.caps.*field += static_cast<uint32_t>(more);
      const bool good = more == 0 || (more == 1 && field == &tetra_caps::max_layers);
      EXPECT_EQ(tetra_stored_fits(&s, &dev), good ? TETRA_OK : TETRA_EINVAL) << more;
    }
}

}  // namespace
