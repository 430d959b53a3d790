// Labels of images, from .npy files.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "files/source_data.h"

namespace {

class Labels : public ::testing::Test {
 protected:
  ~Labels() override {
    std::remove(path_.c_str());
    std::free(labels_);
  }
  // The array's header is this text, `data` follows.
  int Read(const std::string &header, const std::string &data, int needed, int classes = 100) {
    std::ofstream f(path_, std::ios::binary);
    f << "\x93NUMPY\x01" << '\0' << static_cast<char>(header.size() & 255) << static_cast<char>(header.size() >> 8)
      << header << data;
    f.close();
    std::free(labels_);
    error_ = {};
    return sim_labels_read(path_.c_str(), needed, classes, &labels_, &error_);
  }
  std::string path_ = ::testing::TempDir() + "labels" + std::to_string(getpid()) + ".npy";
  int *labels_ = nullptr;
  tetra_error error_ = {};
};

TEST_F(Labels, IntegersOfEveryWidth) {
  const std::pair<const char *, size_t> types[] = {{"|u1", 1}, {"|i1", 1}, {"<i2", 2}, {"<u4", 4}, {"<i8", 8}};
  for (const auto &t : types) {
    std::string data;
    for (int i = 0; i < 3; i++) data += std::string(1, static_cast<char>(40 + i)) + std::string(t.second - 1, '\0');
    const std::string header = "{'descr': '" + std::string(t.first) + "', 'fortran_order': False, 'shape': (3,), }";
    ASSERT_EQ(Read(header, data, 3), TETRA_OK) << t.first << ": " << error_.msg;
    for (int i = 0; i < 3; i++) EXPECT_EQ(labels_[i], 40 + i) << t.first;
    EXPECT_EQ(Read(header, data, 4), TETRA_EINVAL);
    EXPECT_EQ(Read(header, data.substr(0, 2 * t.second), 3), TETRA_EINVAL);
  }
}

TEST_F(Labels, NothingFollowsTheArray) {
  const std::string header = "{'descr': '<i2', 'fortran_order': False, 'shape': (3,), }", data("\1\0\1\0\1\0", 6);
  EXPECT_EQ(Read(header, data, 2), TETRA_OK) << error_.msg;
  EXPECT_EQ(Read(header, data + "x", 2), TETRA_EINVAL);
  EXPECT_NE(std::string(error_.msg).find("goes on behind the array"), std::string::npos) << error_.msg;
}

TEST_F(Labels, OneBeyondTheClassesIsNamed) {
  const std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }", data = "\1\11\12";
  EXPECT_EQ(Read(header, data, 3, 11), TETRA_OK) << error_.msg;
  EXPECT_EQ(Read(header, data, 3, 9), TETRA_EINVAL);
  EXPECT_NE(std::string(error_.msg).find("label 1 is 9; the network's classes, 0..8"), std::string::npos) << error_.msg;
  EXPECT_EQ(Read(header, data, 2, 10), TETRA_OK) << error_.msg;
}

// An item size from a NUL wrote the file over the stack.
TEST_F(Labels, ANulInTheTypeIsRefused) {
  const std::string header = std::string("{'descr': '<\0\0', 'fortran_order': False, 'shape': (100,), }", 59);
  EXPECT_EQ(Read(header, std::string(100000, 'A'), 100), TETRA_EINVAL);
  EXPECT_NE(std::string(error_.msg).find("is not an array of little-endian numbers"), std::string::npos) << error_.msg;
  const std::string kind = std::string("{'fortran_order': False, 'shape': (100,), 'descr': '<\0'', }", 59);
  EXPECT_EQ(Read(kind, std::string(100000, 'A'), 100), TETRA_EINVAL);
}

}  // namespace
