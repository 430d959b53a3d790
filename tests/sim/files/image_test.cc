// Image files: every kind decoded, damaged ones refused, scaling and cropping.
#include "files/image_read.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <jpeglib.h>
#include <png.h>

namespace {

using Bytes = std::vector<uint8_t>;

// Smooth colours, so that JPEG keeps them within a few codes.
Bytes Picture(int h, int w) {
  Bytes p;
  for (int y = 0; y < h; y++) {
    for (int x = 0; x < w; x++) {
      p.push_back(static_cast<uint8_t>(255 * x / w));
      p.push_back(static_cast<uint8_t>(255 * y / h));
      p.push_back(static_cast<uint8_t>(64 + 64 * (x + y) / (h + w)));
    }
  }
  return p;
}

std::string EncodeJpeg(const Bytes &rgb, int h, int w) {
  jpeg_compress_struct c;
  jpeg_error_mgr e;
  c.err = jpeg_std_error(&e);
  jpeg_create_compress(&c);
  unsigned char *out = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&c, &out, &size);
  c.image_width = static_cast<JDIMENSION>(w);
  c.image_height = static_cast<JDIMENSION>(h);
  c.input_components = 3;
  c.in_color_space = JCS_RGB;
  jpeg_set_defaults(&c);
  jpeg_set_quality(&c, 100, TRUE);
  jpeg_start_compress(&c, TRUE);
  while (c.next_scanline < c.image_height) {
    JSAMPROW row = const_cast<uint8_t *>(&rgb[static_cast<size_t>(c.next_scanline) * static_cast<size_t>(w) * 3]);
    jpeg_write_scanlines(&c, &row, 1);
  }
  jpeg_finish_compress(&c);
  std::string bytes(reinterpret_cast<char *>(out), size);
  jpeg_destroy_compress(&c);
  free(out);
  return bytes;
}

std::string EncodePng(const Bytes &pixels, int h, int w, png_uint_32 format) {
  png_image p = {};
  p.version = PNG_IMAGE_VERSION;
  p.width = static_cast<png_uint_32>(w);
  p.height = static_cast<png_uint_32>(h);
  p.format = format;
  std::string bytes(1 << 16, '\0');
  png_alloc_size_t size = bytes.size();
  EXPECT_NE(png_image_write_to_memory(&p, &bytes[0], &size, 0, pixels.data(), 0, nullptr), 0);
  bytes.resize(size);
  return bytes;
}

std::string EncodeNpy(const std::string &descr, const std::string &order, const std::string &shape, const Bytes &data) {
  std::string header = "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
  header.append(64 - (10 + header.size() + 1) % 64, ' ');
  header += '\n';
  std::string s("\x93NUMPY\x01\x00", 8);
  s += static_cast<char>(header.size() & 255);
  s += static_cast<char>(header.size() >> 8);
  return s + header + std::string(data.begin(), data.end());
}

class Images : public ::testing::Test {
 protected:
  void TearDown() override {
    sim_image_free(&image_);
    std::remove(path_.c_str());
  }
  // Status of reading a file of these bytes.
  int Read(const std::string &bytes) {
    std::ofstream(path_, std::ios::binary) << bytes;
    sim_image_free(&image_);
    error_ = {};
    const int rc = sim_image_read(path_.c_str(), &image_, &error_);
    if (rc != TETRA_OK) {
      const std::string msg = error_.msg;
      EXPECT_NE(msg.find(path_), std::string::npos) << msg;
      EXPECT_EQ(msg.find('\n'), std::string::npos) << msg;
      EXPECT_EQ(image_.rgb, nullptr);
    }
    return rc;
  }
  std::string path_ =
      ::testing::TempDir() + "tetra_image_" + ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".bin";
  sim_image image_ = {};
  tetra_error error_ = {};
};

TEST_F(Images, Jpeg_20x30_IsNearItsPixels) {
  const Bytes want = Picture(20, 30);
  ASSERT_EQ(Read(EncodeJpeg(want, 20, 30)), TETRA_OK) << error_.msg;
  ASSERT_EQ(image_.h, 20);
  ASSERT_EQ(image_.w, 30);
  for (size_t i = 0; i < want.size(); i++) ASSERT_NEAR(image_.rgb[i], want[i], 24) << i;
}

TEST_F(Images, Png_17x5_IsItsPixels) {
  const Bytes want = Picture(17, 5);
  ASSERT_EQ(Read(EncodePng(want, 17, 5, PNG_FORMAT_RGB)), TETRA_OK) << error_.msg;
  ASSERT_EQ(image_.h, 17);
  ASSERT_EQ(image_.w, 5);
  EXPECT_EQ(Bytes(image_.rgb, image_.rgb + want.size()), want);
}

TEST_F(Images, Png_GreyAndTransparentBecomeRgb) {
  ASSERT_EQ(Read(EncodePng({10, 20, 30, 40}, 2, 2, PNG_FORMAT_GRAY)), TETRA_OK) << error_.msg;
  EXPECT_EQ(Bytes(image_.rgb, image_.rgb + 12), (Bytes{10, 10, 10, 20, 20, 20, 30, 30, 30, 40, 40, 40}));
  ASSERT_EQ(Read(EncodePng({9, 8, 7, 255, 1, 2, 3, 0}, 1, 2, PNG_FORMAT_RGBA)), TETRA_OK) << error_.msg;
  EXPECT_EQ(Bytes(image_.rgb, image_.rgb + 6), (Bytes{9, 8, 7, 255, 255, 255}));
}

TEST_F(Images, Npy_OneImageAndABatch) {
  const Bytes data = Picture(4, 6);
  ASSERT_EQ(Read(EncodeNpy("|u1", "False", "(4, 6, 3)", data)), TETRA_OK) << error_.msg;
  EXPECT_EQ(image_.n, 1);
  EXPECT_EQ(Bytes(image_.rgb, image_.rgb + data.size()), data);
  ASSERT_EQ(Read(EncodeNpy("|u1", "False", "(2, 2, 6, 3)", data)), TETRA_OK) << error_.msg;
  EXPECT_EQ(image_.n, 2);
  EXPECT_EQ(image_.h, 2);
  EXPECT_EQ(image_.w, 6);
}

TEST_F(Images, OtherNpyArraysAreRefused) {
  const Bytes data = Picture(4, 6);
  EXPECT_EQ(Read(EncodeNpy("<f4", "False", "(4, 6, 3)", data)), TETRA_EINVAL);
  EXPECT_EQ(Read(EncodeNpy("|u1", "True", "(4, 6, 3)", data)), TETRA_EINVAL);
  EXPECT_EQ(Read(EncodeNpy("|u1", "False", "(6, 12)", data)), TETRA_EINVAL);
  EXPECT_EQ(Read(EncodeNpy("|u1", "False", "(3, 4, 6)", data)), TETRA_EINVAL);
  EXPECT_EQ(Read(EncodeNpy("|u1", "False", "(0, 6, 3)", data)), TETRA_EINVAL);
  EXPECT_EQ(Read(EncodeNpy("|u1", "False", "(1, 1, 1, 4, 6, 3)", data)), TETRA_EINVAL);
  EXPECT_EQ(Read(EncodeNpy("|u1", "False", "(99999999999999999999, 6, 3)", data)), TETRA_EINVAL);
  EXPECT_EQ(Read(EncodeNpy("|u1", "False", "(16384, 16384, 3)", data)), TETRA_EINVAL) << "more than the limit in all";
}

TEST_F(Images, EveryTruncationIsRefused) {
  const Bytes p = Picture(24, 24);
  const std::string files[] = {EncodeJpeg(p, 24, 24), EncodePng(p, 24, 24, PNG_FORMAT_RGB),
                               EncodeNpy("|u1", "False", "(24, 24, 3)", p)};
  for (const std::string &whole : files) {
    ASSERT_EQ(Read(whole), TETRA_OK) << error_.msg;
    for (size_t n = 0; n + 20 < whole.size(); n += whole.size() / 40 + 1) {
      EXPECT_NE(Read(whole.substr(0, n)), TETRA_OK) << whole.size() << " bytes cut to " << n;
    }
  }
}

TEST_F(Images, OtherFilesAreRefused) {
  EXPECT_EQ(Read(""), TETRA_EINVAL);
  EXPECT_EQ(Read("not an image at all"), TETRA_EINVAL);
  EXPECT_EQ(Read("GIF89a......................"), TETRA_EINVAL);
  sim_image image;
  EXPECT_EQ(sim_image_read("/nonexistent/x.png", &image, nullptr), TETRA_EIO);
  EXPECT_EQ(sim_image_read(::testing::TempDir().c_str(), &image, nullptr), TETRA_EIO);
}

TEST(Fit, ExactSizeIsTakenAsItIs) {
  Bytes p = Picture(32, 32), out(p.size());
  const sim_image image = {1, 32, 32, p.data()};
  ASSERT_EQ(sim_image_fit(&image, 0, 32, out.data(), nullptr), TETRA_OK);
  EXPECT_EQ(out, p);
}

TEST(Fit, AConstantStaysAndTheCentreIsCut) {
  for (const auto &shape : {std::pair<int, int>{100, 300}, {300, 100}, {1, 1}, {7, 2000}}) {
    Bytes p(static_cast<size_t>(shape.first) * static_cast<size_t>(shape.second) * 3, 77), out(48 * 48 * 3);
    const sim_image image = {1, shape.first, shape.second, p.data()};
    ASSERT_EQ(sim_image_fit(&image, 0, 48, out.data(), nullptr), TETRA_OK);
    EXPECT_EQ(out, Bytes(48 * 48 * 3, 77));
  }
}

// A ramp of one code per pixel: bilinear interpolation gives the position itself, so scale and crop can be read off.
TEST(Fit, ARampShowsScaleAndCrop) {
  const int h = 128, w = 200, size = 64;
  Bytes p, out(size * size * 3);
  for (int y = 0; y < h; y++) {
    for (int x = 0; x < w; x++) p.insert(p.end(), {static_cast<uint8_t>(x), static_cast<uint8_t>(y), 0});
  }
  const sim_image image = {1, h, w, p.data()};
  ASSERT_EQ(sim_image_fit(&image, 0, size, out.data(), nullptr), TETRA_OK);
  const int target = 73, scaled_w = (w * target + h / 2) / h;  // round(64 * 256 / 224), sides in proportion
  for (int i = 0; i < size; i++) {
    const double x = (i + (scaled_w - size) / 2 + 0.5) * w / scaled_w - 0.5;
    const double y = (i + (target - size) / 2 + 0.5) * h / target - 0.5;
    EXPECT_NEAR(out[static_cast<size_t>(i) * 3], x, 0.51) << i;
    EXPECT_NEAR(out[static_cast<size_t>(i) * size * 3 + 1], y, 0.51) << i;
  }
}

// By hand: 16 pixels become 8 (of which the first 7 are kept), each of four with weights 1, 3, 3 and 1, the first one
// of three with 3, 3 and 1.
TEST(Fit, ShrinkingIsSmoothed) {
  Bytes p, out(7 * 7 * 3);
  for (int y = 0; y < 16; y++) {
    for (int x = 0; x < 16; x++) {
      p.insert(p.end(), {static_cast<uint8_t>(x % 2 ? 200 : 40), static_cast<uint8_t>(y == 4 ? 255 : 0),
                         static_cast<uint8_t>(x == 0 && y == 0 ? 255 : 0)});
    }
  }
  const sim_image image = {1, 16, 16, p.data()};
  ASSERT_EQ(sim_image_fit(&image, 0, 7, out.data(), nullptr), TETRA_OK);
  const uint8_t down[7] = {0, 32, 96, 0, 0, 0, 0};  // 255 * 1/8 and * 3/8 (95.625)
  for (int y = 0; y < 7; y++) {
    for (int x = 0; x < 7; x++) {
      const uint8_t *rgb = &out[static_cast<size_t>(y * 7 + x) * 3];
      EXPECT_EQ(rgb[0], x == 0 ? 109 : 120) << x;  // (40 * 4 + 200 * 3) / 7 = 108.6
      EXPECT_EQ(rgb[1], down[y]) << y;
      EXPECT_EQ(rgb[2], x == 0 && y == 0 ? 47 : 0);  // 255 * 3/7 = 109.3, 109 * 3/7 = 46.7
    }
  }
}

// By hand: 4 pixels become 8, each of its two neighbours with weights 3 and 1, the outermost of one.
TEST(Fit, EnlargingIsInterpolated) {
  Bytes p, out(7 * 7 * 3);
  const uint8_t columns[4] = {0, 100, 200, 40};
  for (int y = 0; y < 4; y++) {
    for (uint8_t c : columns) p.insert(p.end(), {c, columns[y], 9});
  }
  const sim_image image = {1, 4, 4, p.data()};
  ASSERT_EQ(sim_image_fit(&image, 0, 7, out.data(), nullptr), TETRA_OK);
  const uint8_t want[7] = {0, 25, 75, 125, 175, 160, 80};
  for (int y = 0; y < 7; y++) {
    for (int x = 0; x < 7; x++) {
      EXPECT_EQ(out[static_cast<size_t>(y * 7 + x) * 3], want[x]) << x;
      EXPECT_EQ(out[static_cast<size_t>(y * 7 + x) * 3 + 1], want[y]) << y;
    }
  }
}

TEST(Fit, EachImageOfABatch) {
  Bytes p(2 * 4 * 4 * 3, 1), out(32 * 32 * 3);
  std::fill(p.begin() + 48, p.end(), 2);
  const sim_image image = {2, 4, 4, p.data()};
  ASSERT_EQ(sim_image_fit(&image, 1, 32, out.data(), nullptr), TETRA_OK);
  EXPECT_EQ(out, Bytes(32 * 32 * 3, 2));
}

}  // namespace
