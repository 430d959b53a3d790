// Stored plans: what the compiler writes is what the runtime reads, and nothing wrong is accepted.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "tetra/network.h"
#include "tetra/plan_store.h"
#include "tetra/stored.h"

namespace {

// A small ResNet-18, its plan and its stored form.
class Store : public testing::Test {
 protected:
  void SetUp() override {
    tetra_network_options o;
    tetra_network_defaults(&o);
    o.network = "resnet18";
    o.width = 0.0625;
    o.image_size = 32;
    tetra_error err = {};
    ASSERT_EQ(tetra_network_build_shapes(&o, &graph_, &err), TETRA_OK) << err.msg;
    tetra_compile_options c;
    tetra_compile_defaults(&c);
    const tetra_caps caps = tetra_caps_default(4);
    ASSERT_EQ(tetra_compile(&graph_, &caps, &c, &plan_, &err), TETRA_OK) << err.msg;
    Write();
  }
  void TearDown() override {
    tetra_plan_free(&plan_);
    tetra_graph_free(&graph_);
  }
  void Write() {
    uint8_t *bytes = nullptr;
    size_t size = 0;
    tetra_error err = {};
    ASSERT_EQ(tetra_plan_store(&plan_, &graph_, &bytes, &size, &err), TETRA_OK) << err.msg;
    blob_.assign(bytes, bytes + size);
    std::free(bytes);
  }
  uint32_t Get(size_t i) const {
    const uint8_t *p = &blob_[4 * i];
    return p[0] | p[1] << 8 | p[2] << 16 | static_cast<uint32_t>(p[3]) << 24;
  }
  void Put(size_t i, uint32_t v) {
    for (size_t k = 0; k < 4; k++) blob_[4 * i + k] = static_cast<uint8_t>(v >> (8 * k));
  }
  void Seal() {
    Put(TETRA_STORED_W_BODY_CRC,
        tetra_stored_crc(0, &blob_[TETRA_STORED_HEADER_BYTES], blob_.size() - TETRA_STORED_HEADER_BYTES));
    Put(TETRA_STORED_W_HEADER_CRC, 0);
    Put(TETRA_STORED_W_HEADER_CRC, tetra_stored_crc(0, blob_.data(), TETRA_STORED_HEADER_BYTES));
  }
  // What the reader says of the blob, from memory that ends where it ends.
  std::string Why() {
    const std::vector<uint8_t> exact(blob_);
    const char *why = nullptr;
    tetra_stored s = {};
    const int rc = tetra_stored_open(exact.data(), exact.size(), &s, &why);
    EXPECT_EQ(rc == TETRA_OK, why == nullptr);
    EXPECT_EQ(rc == TETRA_OK, s.job.cmds != nullptr);
    return why == nullptr ? "" : why;
  }

  tetra_graph graph_ = {};
  tetra_plan plan_ = {};
  std::vector<uint8_t> blob_;
};

TEST(StoredCrc, is_zlibs) {
  EXPECT_EQ(tetra_stored_crc(0, reinterpret_cast<const uint8_t *>("123456789"), 9), 0xcbf43926u);
  const uint32_t half = tetra_stored_crc(0, reinterpret_cast<const uint8_t *>("12345"), 5);
  EXPECT_EQ(tetra_stored_crc(half, reinterpret_cast<const uint8_t *>("6789"), 4), 0xcbf43926u);
}

void ExpectTensor(const tetra_stored_tensor &got, const tetra_placement &p, const tetra_desc &d) {
  EXPECT_EQ(got.place.addr, p.addr);
  EXPECT_EQ(got.place.bytes, p.bytes);
  EXPECT_EQ(got.place.layout, p.layout);
  EXPECT_EQ(got.place.pitch, p.pitch);
  for (int tetra_desc::*side : {&tetra_desc::n, &tetra_desc::h, &tetra_desc::w, &tetra_desc::c}) {
    EXPECT_EQ(got.d.*side, d.*side);
  }
  EXPECT_EQ(got.d.fmt, d.fmt);
  EXPECT_EQ(got.d.zero_point, d.zero_point);
  EXPECT_EQ(got.d.scale, d.scale);
}

TEST_F(Store, what_is_read_is_the_plan) {
  graph_.values[graph_.input].d.zero_point = 3;
  graph_.values[graph_.output].d.scale = 0.012345678901234567;
  Write();
  tetra_stored s = {};
  const char *why = "";
  blob_.resize(blob_.size() + 100);  // as in flash
  ASSERT_EQ(tetra_stored_open(blob_.data(), blob_.size(), &s, &why), TETRA_OK) << why;
  EXPECT_STREQ(s.name, graph_.name);
  EXPECT_EQ(std::memcmp(&s.caps, &plan_.caps, sizeof s.caps), 0);
  EXPECT_EQ(s.job.base, plan_.base);
  EXPECT_EQ(s.job.limit, plan_.limit);
  EXPECT_EQ(s.job.ring_addr, plan_.ring_addr);
  EXPECT_EQ(s.job.ring_entries, plan_.ring_entries);
  EXPECT_EQ(s.job.sync_tag, plan_.sync_tag);
  ASSERT_EQ(s.job.n_cmds, plan_.n_cmds);
  EXPECT_EQ(std::memcmp(s.job.cmds, plan_.cmds, plan_.n_cmds * sizeof *plan_.cmds), 0);
  EXPECT_EQ(s.const_addr, plan_.const_addr);
  ASSERT_EQ(s.const_bytes, plan_.const_bytes);
  EXPECT_EQ(std::memcmp(s.constants, plan_.const_data, plan_.const_bytes), 0);
  ExpectTensor(s.input, plan_.values[graph_.input], graph_.values[graph_.input].d);
  ExpectTensor(s.output, plan_.values[graph_.output], graph_.values[graph_.output].d);
  EXPECT_EQ(tetra_stored_codes(&s.input), 32u * 32 * 3);
  EXPECT_EQ(tetra_stored_codes(&s.output), 1000u);
}

TEST_F(Store, every_bit_of_the_header_and_some_behind_it_count) {
  for (size_t bit = 0; bit < 8 * TETRA_STORED_HEADER_BYTES; bit += 3) {
    blob_[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    EXPECT_NE(Why(), "") << "bit " << bit;
    blob_[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
  }
  for (size_t at : {size_t{TETRA_STORED_HEADER_BYTES}, blob_.size() / 2, blob_.size() - 1}) {
    blob_[at] ^= 0x10;
    EXPECT_EQ(Why(), "the checksum of commands and constants is wrong");
    blob_[at] ^= 0x10;
  }
  EXPECT_EQ(Why(), "");
}

TEST_F(Store, cut_short_anywhere) {
  const std::vector<uint8_t> whole = blob_;
  for (size_t size : {size_t{4}, size_t{8}, size_t{255}}) {
    blob_.assign(whole.begin(), whole.begin() + static_cast<long>(size));
    EXPECT_EQ(Why(), "too short for a stored plan's header");
  }
  for (size_t size : {size_t{256}, whole.size() / 2, whole.size() - 1}) {
    blob_.assign(whole.begin(), whole.begin() + static_cast<long>(size));
    EXPECT_EQ(Why(), "the stored plan is cut short");
  }
}

TEST_F(Store, misaligned) {
  blob_.insert(blob_.begin(), 0);
  const char *why = nullptr;
  tetra_stored s = {};
  EXPECT_EQ(tetra_stored_open(blob_.data() + 1, blob_.size() - 1, &s, &why), TETRA_EINVAL);
  EXPECT_STREQ(why, "a stored plan is aligned to 4 bytes");
}

// With right checksums: each number that is out of its range is found for itself.
TEST_F(Store, each_number_is_checked) {
  struct Case {
    uint32_t word, value;
    const char *why;
  };
  const uint32_t in = TETRA_STORED_W_INPUT, out = TETRA_STORED_W_OUTPUT;
  const char *const ring = "the command ring lies outside of the plan's addresses";
  const char *const cmds = "the commands lie outside of the stored plan";
  const char *const place = "a tensor lies outside of the plan's addresses";
  const Case cases[] = {
      {TETRA_STORED_W_MAGIC, 0, "no stored plan: it does not begin with TPLN"},
      {TETRA_STORED_W_VERSION, 2, "a stored plan of another version"},
      {TETRA_STORED_W_BYTES, 255, "the stored plan is cut short"},
      {TETRA_STORED_W_HARDWARE, TETRA_HW_VERSION + 1, "the plan is for another hardware version"},
      {TETRA_STORED_W_NAME + 15, 0x61616161, "the network's name has no end"},
      {TETRA_STORED_W_CAPS, 5, "the capabilities are no accelerator's"},
      {TETRA_STORED_W_CAPS + 4, 0, "the capabilities are no accelerator's"},
      {TETRA_STORED_W_CAPS + 7, 3, "the capabilities are no accelerator's"},
      {TETRA_STORED_W_BASE, 0xffffffff, "the plan's lowest address is above its highest"},
      {TETRA_STORED_W_CMDS, 0, cmds},
      {TETRA_STORED_W_CMDS, TETRA_STORED_HEADER_BYTES + 4, cmds},
      {TETRA_STORED_W_CMDS, 0xffffffc0, cmds},
      {TETRA_STORED_W_N_CMDS, 0, cmds},
      {TETRA_STORED_W_N_CMDS, 0x04000001, cmds},  // 64 * this is 64 in 32 bits
      {TETRA_STORED_W_N_CMDS, Get(TETRA_STORED_W_N_CMDS) - 1, "the commands do not end with the one SYNC of their tag"},
      {TETRA_STORED_W_SYNC_TAG, Get(TETRA_STORED_W_SYNC_TAG) + 1,
       "the commands do not end with the one SYNC of their tag"},
      {TETRA_STORED_W_RING_ADDR, Get(TETRA_STORED_W_RING_ADDR) + 4, ring},
      {TETRA_STORED_W_RING_ADDR, 0, ring},
      {TETRA_STORED_W_RING_ENTRIES, 1, ring},
      {TETRA_STORED_W_RING_ENTRIES, 0x04000002, ring},
      {TETRA_STORED_W_CONST, Get(TETRA_STORED_W_CONST) + 64, "the constants lie outside of the stored plan"},
      {TETRA_STORED_W_CONST, Get(TETRA_STORED_W_CONST) - 4, "the constants lie outside of the stored plan"},
      {TETRA_STORED_W_CONST_BYTES, 0xffffffff, "the constants lie outside of the stored plan"},
      {TETRA_STORED_W_CONST_ADDR, Get(TETRA_STORED_W_LIMIT),
       "the constants' place lies outside of the plan's addresses"},
      {in + TETRA_STORED_T_N, 0, "a side of a tensor is 0 or too long"},
      {in + TETRA_STORED_T_C, 0x80000000, "a side of a tensor is 0 or too long"},
      {in + TETRA_STORED_T_N, 2, "a tensor is larger than its region"},
      {in + TETRA_STORED_T_PITCH, 4, "a tensor's rows are longer than their pitch"},
      {in + TETRA_STORED_T_PITCH, 0x7fffffff, "a tensor is larger than its region"},
      {in + TETRA_STORED_T_W, 0x7fffffff, "a tensor's rows are longer than their pitch"},
      {in + TETRA_STORED_T_H, 0x7fffffff, "a tensor is larger than memory"},
      {in + TETRA_STORED_T_LAYOUT, 2, "a tensor of an unknown layout"},
      {in + TETRA_STORED_T_FMT, 4, "a tensor of an unknown format"},
      {in + TETRA_STORED_T_ZERO_POINT, 0x80000000, "a tensor's zero point is no code"},
      {in + TETRA_STORED_T_ADDR, 0, place},
      {out + TETRA_STORED_T_ADDR, 0xffffffff, place},
      {out + TETRA_STORED_T_BYTES, 0xffffffff, place},
      {out + TETRA_STORED_T_C, Get(out + TETRA_STORED_T_C) + 64, "a tensor is larger than its region"},
      {out + TETRA_STORED_T_SCALE + 1, 0x7ff00000, "a tensor's scale is no positive number"},
      {out + TETRA_STORED_T_SCALE + 1, 0xbff00000, "a tensor's scale is no positive number"},
  };
  for (const Case &c : cases) {
    const std::vector<uint8_t> good = blob_;
    Put(c.word, c.value);
    Seal();
    EXPECT_EQ(Why(), c.why) << "word " << c.word << " = " << c.value;
    blob_ = good;
  }
  Seal();
  EXPECT_EQ(Why(), "");
}

// What is just right is accepted, what is one more is not.
TEST_F(Store, bounds) {
  const uint32_t in = TETRA_STORED_W_INPUT, out = TETRA_STORED_W_OUTPUT;
  const auto expect = [&](uint32_t word, uint32_t value, const char *why) {
    const std::vector<uint8_t> good = blob_;
    Put(word, value);
    Seal();
    EXPECT_EQ(Why(), why) << "word " << word << " = " << value;
    blob_ = good;
  };
  // The last byte of the last region is the limit.
  uint64_t end = plan_.ring_addr + uint64_t{64} * plan_.ring_entries;
  end = std::max<uint64_t>(end, plan_.const_addr + plan_.const_bytes);
  for (int v : {graph_.input, graph_.output}) {
    end = std::max<uint64_t>(end, uint64_t{plan_.values[v].addr} + plan_.values[v].bytes);
  }
  expect(TETRA_STORED_W_LIMIT, static_cast<uint32_t>(end - 1), "");
  Put(TETRA_STORED_W_LIMIT, static_cast<uint32_t>(end - 2));
  Seal();
  EXPECT_NE(Why(), "");
  Write();
  expect(TETRA_STORED_W_RING_ENTRIES, 2, "");
  expect(in + TETRA_STORED_T_PITCH, 32 * 3, "");
  expect(in + TETRA_STORED_T_PITCH, 32 * 3 - 1, "a tensor's rows are longer than their pitch");
  // The last SYNC's tag is nobody else's, not even the first command's.
  tetra_cmd *first = reinterpret_cast<tetra_cmd *>(&blob_[Get(TETRA_STORED_W_CMDS)]);
  tetra_cmd_set(first, TETRA_F_OP, TETRA_OP_SYNC);
  tetra_cmd_set(first, TETRA_F_SYNC_TAG, plan_.sync_tag);
  Seal();
  EXPECT_EQ(Why(), "the commands do not end with the one SYNC of their tag");
  Write();
  // Zero points are codes: s8, then u8, s4 and u4.
  const char *const no_code = "a tensor's zero point is no code";
  const struct {
    uint32_t fmt, low, high;
  } formats[] = {{TETRA_S8, 0xffffff80, 127}, {TETRA_U8, 0, 255}, {TETRA_S4, 0xfffffff8, 7}, {TETRA_U4, 0, 15}};
  for (const auto &f : formats) {
    Put(out + TETRA_STORED_T_FMT, f.fmt);
    expect(out + TETRA_STORED_T_ZERO_POINT, f.low, "");
    expect(out + TETRA_STORED_T_ZERO_POINT, f.low - 1, no_code);
    expect(out + TETRA_STORED_T_ZERO_POINT, f.high, "");
    expect(out + TETRA_STORED_T_ZERO_POINT, f.high + 1, no_code);
    expect(out + TETRA_STORED_T_ZERO_POINT, 0x7fffffff, no_code);
  }
  Write();
  // Scales: 1, the smallest and the largest number, and 0.
  Put(in + TETRA_STORED_T_SCALE, 0);
  expect(in + TETRA_STORED_T_SCALE + 1, 0x3ff00000, "");
  expect(in + TETRA_STORED_T_SCALE + 1, 0x7fefffff, "");
  expect(in + TETRA_STORED_T_SCALE + 1, 0, "a tensor's scale is no positive number");
  Put(in + TETRA_STORED_T_SCALE + 1, 0);
  expect(in + TETRA_STORED_T_SCALE, 1, "");
}

TEST_F(Store, sizes_that_are_small_modulo_2_to_the_64) {
  const uint32_t in = TETRA_STORED_W_INPUT;
  Put(in + TETRA_STORED_T_N, 1u << 22);
  Put(in + TETRA_STORED_T_H, 1u << 21);
  Put(in + TETRA_STORED_T_W, 1u << 21);
  Put(in + TETRA_STORED_T_PITCH, 1u << 23);
  Seal();
  EXPECT_EQ(Why(), "a tensor is larger than memory");
}

TEST_F(Store, takes_no_more_room_than_its_parts) {
  const uint32_t cmds = Get(TETRA_STORED_W_CMDS), constants = Get(TETRA_STORED_W_CONST);
  EXPECT_LT(cmds - TETRA_STORED_HEADER_BYTES, TETRA_STORED_ALIGN);
  EXPECT_EQ(constants, cmds + plan_.n_cmds * TETRA_CMD_BYTES);
  EXPECT_EQ(blob_.size(), constants + plan_.const_bytes);
}

TEST_F(Store, bounds_to_the_byte) {
  const auto why = [this](std::initializer_list<std::pair<uint32_t, uint32_t>> changes) {
    Write();
    for (const auto &[word, value] : changes) Put(word, value);
    Seal();
    return Why();
  };
  const uint32_t cmds = Get(TETRA_STORED_W_CMDS), in = TETRA_STORED_W_INPUT;
  EXPECT_EQ(why({{TETRA_STORED_W_LIMIT, plan_.base}}), "the command ring lies outside of the plan's addresses");
  const auto rest = static_cast<uint32_t>(blob_.size()) - cmds;
  EXPECT_EQ(why({{TETRA_STORED_W_N_CMDS, rest / TETRA_CMD_BYTES + 1}}), "the commands lie outside of the stored plan");
  EXPECT_EQ(why({{TETRA_STORED_W_CONST_BYTES, 0}, {TETRA_STORED_W_CONST_ADDR, 0}}), "");
  EXPECT_EQ(why({{TETRA_STORED_W_CONST_BYTES, 1}, {TETRA_STORED_W_CONST_ADDR, 0}}),
            "the constants' place lies outside of the plan's addresses");
  // 2^32 - 1 bytes of codes are no more than memory has.
  EXPECT_EQ(why({{in + TETRA_STORED_T_N, 3},
                 {in + TETRA_STORED_T_H, 5},
                 {in + TETRA_STORED_T_W, 17},
                 {in + TETRA_STORED_T_C, 16843009},
                 {in + TETRA_STORED_T_FMT, TETRA_S8},
                 {in + TETRA_STORED_T_LAYOUT, TETRA_LAYOUT_BLOCKED}}),
            "a tensor is larger than its region");
}

TEST_F(Store, a_header_alone_has_no_commands) {
  blob_.resize(TETRA_STORED_HEADER_BYTES);
  Put(TETRA_STORED_W_BYTES, TETRA_STORED_HEADER_BYTES);
  Put(TETRA_STORED_W_BODY_CRC, 0);
  Put(TETRA_STORED_W_HEADER_CRC, 0);
  Put(TETRA_STORED_W_HEADER_CRC, tetra_stored_crc(0, blob_.data(), TETRA_STORED_HEADER_BYTES));
  EXPECT_EQ(Why(), "the commands lie outside of the stored plan");
}

// What lies behind the last command is none, whatever it looks like.
TEST_F(Store, constants_that_look_like_the_last_command) {
  const uint32_t constants = Get(TETRA_STORED_W_CONST);
  std::copy_n(blob_.begin() + constants - TETRA_CMD_BYTES, TETRA_CMD_BYTES, blob_.begin() + constants);
  Seal();
  EXPECT_EQ(Why(), "");
}

TEST_F(Store, name_and_zero_point_as_they_are) {
  std::memset(graph_.name, 'n', sizeof graph_.name - 1);
  graph_.values[graph_.input].d.zero_point = -128;
  graph_.values[graph_.output].d.zero_point = -1;
  Write();
  tetra_stored s = {};
  ASSERT_EQ(tetra_stored_open(blob_.data(), blob_.size(), &s, nullptr), TETRA_OK);
  EXPECT_STREQ(s.name, graph_.name);
  EXPECT_EQ(s.input.d.zero_point, -128);
  EXPECT_EQ(s.output.d.zero_point, -1);
}

TEST_F(Store, another_accelerator_is_refused) {
  tetra_stored s = {};
  ASSERT_EQ(tetra_stored_open(blob_.data(), blob_.size(), &s, nullptr), TETRA_OK);
  tetra_device dev = {};
  dev.caps = plan_.caps;
  EXPECT_EQ(tetra_stored_fits(&s, &dev), TETRA_OK);
  dev.caps.max_layers--;
  EXPECT_EQ(tetra_stored_fits(&s, &dev), TETRA_EINVAL);
  for (uint32_t tetra_caps::*size :
       {&tetra_caps::n, &tetra_caps::act_words, &tetra_caps::wgt_words, &tetra_caps::res_words,
        &tetra_caps::par_entries, &tetra_caps::acc_pixels, &tetra_caps::pool_words}) {
    dev.caps = plan_.caps;
    dev.caps.*size *= 2;
    EXPECT_EQ(tetra_stored_fits(&s, &dev), TETRA_EINVAL);
  }
}

// Signed codes, two images, a tie: the first largest of the image asked for.
TEST(StoredTop, first_of_the_largest) {
  tetra_stored s = {};
  s.output.d = {2, 1, 1, 5, TETRA_S8, 0, 1.0};
  const uint8_t codes[10] = {0x80, 0xff, 0x03, 0x03, 0xf0, 0x80, 0x80, 0x80, 0x80, 0x81};
  EXPECT_EQ(tetra_stored_top(&s, codes, 0), 2u);
  EXPECT_EQ(tetra_stored_top(&s, codes, 1), 4u);
}

}  // namespace
