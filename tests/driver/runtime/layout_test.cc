// Tensors in a plan's regions: each code at its place (docs/commands.md, "Data layouts"), 0 beside them, nothing
// beyond them.
#include "tetra/layout.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace {

constexpr size_t kGuard = 64;
constexpr uint8_t kUntouched = 0xa5;

struct Layout {
  tetra_placement place;
  uint32_t n;
  tetra_desc d;
};

// Where a code lies: a byte, or half of one.
struct At {
  size_t byte;
  int shift, mask;
};

size_t Index(const tetra_desc &d, int i, int y, int x) {
  return (static_cast<size_t>(i) * static_cast<size_t>(d.h) + static_cast<size_t>(y)) * static_cast<size_t>(d.w) +
         static_cast<size_t>(x);
}

// Of bits beside one another from byte `first` on, the k-th code.
At Dense(const tetra_desc &d, size_t first, size_t k) {
  if (tetra_fmt_bits(d.fmt) == 8) return {first + k, 0, 255};
  return {first + k / 2, k % 2 ? 4 : 0, 15};
}

At InTensor(const tetra_desc &d, int i, int y, int x, int c) {
  const size_t pixel = static_cast<size_t>(tetra_fmt_bits(d.fmt) == 8 ? d.c : (d.c + 1) / 2);
  return Dense(d, Index(d, i, y, x) * pixel, static_cast<size_t>(c));
}

At InRegion(const Layout &l, int i, int y, int x, int c) {
  const tetra_desc &d = l.d;
  if (l.place.layout == TETRA_LAYOUT_ROWS)
    return Dense(d, static_cast<size_t>(i * d.h + y) * l.place.pitch, static_cast<size_t>(x * d.c + c));
  const int lanes = static_cast<int>(l.n) * (tetra_fmt_bits(d.fmt) == 8 ? 1 : 2), blocks = (d.c + lanes - 1) / lanes;
  const int word = ((i * blocks + c / lanes) * d.h + y) * d.w + x;
  return Dense(d, static_cast<size_t>(word) * l.n, static_cast<size_t>(c % lanes));
}

void Set(std::vector<uint8_t> *bytes, At at, int code) {
  uint8_t &b = (*bytes)[kGuard + at.byte];
  b = static_cast<uint8_t>((b & ~(at.mask << at.shift)) | code << at.shift);
}

// So many bytes of `fill` between guards.
std::vector<uint8_t> Guarded(size_t n, uint8_t fill) {
  std::vector<uint8_t> bytes(n + 2 * kGuard, kUntouched);
  for (size_t i = 0; i < n; i++) bytes[kGuard + i] = fill;
  return bytes;
}

void Check(const Layout &l, unsigned seed) {
  const tetra_desc &d = l.d;
  std::mt19937 random(seed);
  const size_t pixels = Index(d, d.n, 0, 0), codes_bytes = pixels * tetra_layout_pixel_bytes(&d);
  std::vector<uint8_t> codes = Guarded(codes_bytes, 0), region = Guarded(l.place.bytes, 0);
  // A region in memory has anything between the codes.
  std::vector<uint8_t> memory = Guarded(l.place.bytes, 0);
  for (size_t i = 0; i < l.place.bytes; i++) memory[kGuard + i] = static_cast<uint8_t>(random());
  for (int i = 0; i < d.n; i++)
    for (int y = 0; y < d.h; y++)
      for (int x = 0; x < d.w; x++)
        for (int c = 0; c < d.c; c++) {
          const int code = static_cast<int>(random()) & (tetra_fmt_bits(d.fmt) == 8 ? 255 : 15);
          Set(&codes, InTensor(d, i, y, x, c), code);
          Set(&region, InRegion(l, i, y, x, c), code);
          Set(&memory, InRegion(l, i, y, x, c), code);
        }
  std::vector<uint8_t> written = Guarded(l.place.bytes, 0x3c), read = Guarded(codes_bytes, 0xff);
  tetra_layout_write(&l.place, l.n, &d, &codes[kGuard], &written[kGuard]);
  EXPECT_EQ(written, region);
  tetra_layout_read(&l.place, l.n, &d, &memory[kGuard], &read[kGuard]);
  EXPECT_EQ(read, codes);
}

TEST(Layout, BlocksHoldEachCodeAtItsPlace) {
  unsigned seed = 0;
  for (const tetra_fmt fmt : {TETRA_U8, TETRA_S8, TETRA_U4, TETRA_S4})
    for (const uint32_t n : {4u, 8u, 16u})
      for (int c = 1; c <= 4 * static_cast<int>(n) + 1; c += c < 10 ? 1 : 7) {
        SCOPED_TRACE(std::to_string(n) + " " + std::to_string(fmt) + " " + std::to_string(c));
        Layout l = {{0, 0, TETRA_LAYOUT_BLOCKED, 0}, n, {2, 3, 2, c, fmt, 0, 1.0}};
        l.place.bytes = 2 * 3 * 2 * n * tetra_layout_blocks(n, &l.d);
        Check(l, seed++);
      }
}

TEST(Layout, RowsHoldPixelsBesideOneAnother) {
  unsigned seed = 0;
  for (const tetra_fmt fmt : {TETRA_U8, TETRA_S8, TETRA_U4, TETRA_S4})
    for (int c = 1; c <= 4; c++)
      for (int w = 1; w <= 6; w++)
        for (const uint32_t more : {0u, 1u, 5u}) {
          SCOPED_TRACE(std::to_string(fmt) + " " + std::to_string(c) + " " + std::to_string(w));
          Layout l = {{0, 0, TETRA_LAYOUT_ROWS, 0}, 8, {2, 3, w, c, fmt, 0, 1.0}};
          l.place.pitch = static_cast<uint32_t>(w * c * tetra_fmt_bits(fmt) + 7) / 8 + more;
          l.place.bytes = 2 * 3 * l.place.pitch;
          Check(l, seed++);
        }
}

}  // namespace
