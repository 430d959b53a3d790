// Reads .npy files of the test data: C order, little-endian, any rank, integers of 8 to 64 bits and float32.
#ifndef TETRA_TESTS_IMPORT_NPY_H
#define TETRA_TESTS_IMPORT_NPY_H

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

struct Npy {
  std::string type;  // "i1", "u1", "i4", "i8", "f4"
  std::vector<int> shape;
  std::vector<char> bytes;

  size_t size() const {
    size_t n = 1;
    for (const int d : shape) n *= static_cast<size_t>(d);
    return n;
  }
  double operator[](size_t i) const {
    const char *p = bytes.data() + i * static_cast<size_t>(type[1] - '0');
    if (type == "i1") return static_cast<int8_t>(*p);
    if (type == "u1") return static_cast<uint8_t>(*p);
    if (type == "i4") return Get<int32_t>(p);
    if (type == "i8") return static_cast<double>(Get<int64_t>(p));
    return Get<float>(p);
  }
  template <class T>
  static T Get(const char *p) {
    T v;
    std::memcpy(&v, p, sizeof v);
    return v;
  }
};

// false where the file is missing or is nothing of the above.
inline bool ReadNpy(const std::string &path, Npy *a) {
  std::ifstream f(path, std::ios::binary);
  std::string all((std::istreambuf_iterator<char>(f)), std::istreambuf_iterator<char>());
  if (all.size() < 12 || all.compare(1, 5, "NUMPY") != 0) return false;
  const size_t start = all[6] == 1 ? 10 : 12;
  const size_t length = static_cast<uint8_t>(all[8]) | static_cast<size_t>(static_cast<uint8_t>(all[9])) << 8;
  const std::string header = all.substr(start, length);
  const size_t type = header.find("'descr': '"), shape = header.find("'shape': (");
  if (type == std::string::npos || shape == std::string::npos) return false;
  a->type = header.substr(type + 11, 2);
  a->shape.clear();
  const char *p = header.c_str() + shape + 10;
  while (*p != ')' && *p != 0) {
    char *end;
    a->shape.push_back(static_cast<int>(std::strtol(p, &end, 10)));
    for (p = end; *p == ',' || *p == ' ';) p++;
  }
  a->bytes.assign(all.begin() + static_cast<long>(start + length), all.end());
  return a->bytes.size() == a->size() * static_cast<size_t>(a->type[1] - '0');
}

#endif
