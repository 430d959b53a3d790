// Headers of .npy files, good and bad. The text of a header is foreign: nothing in it is taken for its end.
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tetra/npy.h"

namespace {

using Bytes = std::vector<uint8_t>;

// A header of exactly this text.
Bytes Npy(const std::string &text, int version = 1) {
  Bytes b = {0x93, 'N', 'U', 'M', 'P', 'Y', static_cast<uint8_t>(version), 0};
  for (int i = 0; i < (version == 1 ? 2 : 4); i++) b.push_back(static_cast<uint8_t>(text.size() >> (8 * i)));
  b.insert(b.end(), text.begin(), text.end());
  return b;
}

std::string Text(const std::string &type, const std::string &order, const std::string &shape) {
  return "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
}

// What the reader says of a block of exactly these bytes; "" where it accepts them.
std::string Parse(const Bytes &b, tetra_npy *a) {
  const Bytes block(b);  // of its own size: a sanitizer sees a read behind it
  const char *what = tetra_npy_parse(block.data(), block.size(), a);
  return what == nullptr ? "" : what;
}

TEST(Npy, header_of_every_version) {
  for (int version = 1; version <= 3; version++) {
    tetra_npy a;
    ASSERT_EQ(Parse(Npy(Text("<i4", "False", "(5, 6, 7)"), version), &a), "") << version;
    EXPECT_STREQ(a.type, "i4");
    EXPECT_EQ(a.item_bytes, 4);
    ASSERT_EQ(a.rank, 3);
    EXPECT_EQ(a.dims[0], 5u);
    EXPECT_EQ(a.dims[2], 7u);
    EXPECT_EQ(a.offset, Text("<i4", "False", "(5, 6, 7)").size() + (version == 1 ? 10 : 12));
  }
}

TEST(Npy, keys_in_any_order_and_shapes_of_any_rank) {
  tetra_npy a;
  EXPECT_EQ(Parse(Npy("{\"shape\":(3,),\"fortran_order\":False,\"descr\":\"|u1\"}  \n"), &a), "");
  EXPECT_EQ(a.rank, 1);
  EXPECT_EQ(a.dims[0], 3u);
  EXPECT_EQ(Parse(Npy(Text("<f8", "False", "()")), &a), "");
  EXPECT_EQ(a.rank, 0);
  EXPECT_EQ(Parse(Npy(Text("<f8", "False", "(99999999999999999999999,)")), &a), "");
  EXPECT_EQ(a.dims[0], UINT64_MAX) << "what does not fit is as large as can be";
}

TEST(Npy, other_arrays_are_refused) {
  const std::string type = "is not an array of little-endian numbers", shape = "has another shape";
  tetra_npy a;
  for (const char *t : {">i4", "<c8", "<U4", "<i3", "<i", "i4", "<i16", "|b1"}) {
    EXPECT_EQ(Parse(Npy(Text(t, "False", "(3,)")), &a), type) << t;
  }
  EXPECT_EQ(Parse(Npy("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (3,), }"), &a), type);
  EXPECT_EQ(Parse(Npy(Text("<i4", "True", "(3,)")), &a), "is in Fortran order");
  for (const char *s : {"(1, 2, 3, 4, 5)", "(-1,)", "(1.5,)", "(,)", "3", "(3", "(3 4)"}) {
    EXPECT_EQ(Parse(Npy(Text("<i4", "False", s)), &a), shape) << s;
  }
}

// strchr() finds the end of its string, too: a NUL was a kind, and made an item of -48 bytes.
TEST(Npy, nul_is_neither_a_kind_nor_a_size) {
  for (const size_t at : {size_t{0}, size_t{1}, size_t{2}}) {
    std::string type = "<i4";
    type[at] = '\0';
    tetra_npy a;
    EXPECT_EQ(Parse(Npy(Text(type, "False", "(100,)")), &a), "is not an array of little-endian numbers") << at;
  }
}

// Of the longest length, with the type as its last bytes: what follows is not the header's.
TEST(Npy, longest_header_is_not_read_behind_its_end) {
  for (const char *end :
       {"{'descr': '<i4'", "{'descr': '<i4", "{'descr': '<i", "{'descr': '<", "{'descr': '", "{'descr'"}) {
    std::string text(4096, ' ');
    text.replace(text.size() - std::strlen(end), std::string::npos, end);
    for (int version = 1; version <= 2; version++) {
      tetra_npy a;
      EXPECT_NE(Parse(Npy(text, version), &a), "") << end;
    }
    text += ' ';
    tetra_npy a;
    EXPECT_EQ(Parse(Npy(text, 2), &a), "has a damaged .npy header") << "longer than is accepted";
  }
}

TEST(Npy, every_truncation_is_refused) {
  const Bytes whole = Npy(Text("<i4", "False", "(3, 4)"));
  tetra_npy a;
  ASSERT_EQ(Parse(whole, &a), "");
  for (size_t n = 0; n < whole.size(); n++) {
    EXPECT_EQ(Parse(Bytes(whole.begin(), whole.begin() + static_cast<long>(n)), &a), "has a damaged .npy header") << n;
  }
}

// What the writer makes, the reader takes; the array is aligned as NumPy's own files have it.
TEST(Npy, header_that_is_written_is_read) {
  for (int rank = 0; rank <= TETRA_NPY_RANK; rank++) {
    for (const char *type : {"u1", "i1", "f4", "i8"}) {
      tetra_npy a = {}, b;
      std::memcpy(a.type, type, 3);
      a.rank = rank;
      for (int i = 0; i < rank; i++) a.dims[i] = i == 1 ? UINT64_MAX : static_cast<uint64_t>(10 + i);
      uint8_t header[TETRA_NPY_HEADER_MAX];
      const size_t n = tetra_npy_header(&a, header);
      EXPECT_EQ(n % 64, 0u);
      ASSERT_EQ(Parse(Bytes(header, header + n), &b), "") << rank << type;
      EXPECT_STREQ(b.type, type);
      EXPECT_EQ(b.offset, n);
      ASSERT_EQ(b.rank, rank);
      for (int i = 0; i < rank; i++) EXPECT_EQ(b.dims[i], a.dims[i]);
    }
  }
  tetra_npy list = {};
  std::memcpy(list.type, "u1", 3);
  list.rank = 1;
  list.dims[0] = 3;
  uint8_t header[TETRA_NPY_HEADER_MAX];
  const size_t n = tetra_npy_header(&list, header);
  EXPECT_EQ(std::string(header + 10, header + n),
            "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }" + std::string(n - 10 - 58, ' ') + "\n");
}

}  // namespace
