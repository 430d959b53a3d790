// Float networks from .npz files: the ResNets for CIFAR-10 by their depth, and what must not pass for one.
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tetra/import.h"

namespace {

struct Array {
  std::vector<size_t> shape;
  std::vector<float> v;
};
using Arrays = std::map<std::string, Array>;

void Little(std::string *s, uint64_t v, int bytes) {
  for (int i = 0; i < bytes; i++, v >>= 8) *s += static_cast<char>(v & 255);
}

std::string Npy(const Array &a, const std::string &type = "<f4") {
  std::string dims;
  for (const size_t d : a.shape) dims += std::to_string(d) + ", ";
  const std::string header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + dims + "), }\n";
  std::string s("\x93NUMPY\x01\0", 8);
  Little(&s, header.size(), 2);
  s += header;
  s.append(reinterpret_cast<const char *>(a.v.data()), a.v.size() * 4);
  return s;
}

void Entry(std::string *zip, const std::string &name, const std::string &bytes) {
  *zip += "PK\x03\x04";
  Little(zip, 20, 2);
  Little(zip, 0, 12);  // flags, method, time, date, checksum (not looked at)
  Little(zip, bytes.size(), 4);
  Little(zip, bytes.size(), 4);
  Little(zip, name.size() + 4, 2);
  Little(zip, 0, 2);
  *zip += name + ".npy" + bytes;
}

// As numpy.savez_compressed writes it: sizes of 64 bits behind the name.
void CompressedEntry(std::string *zip, const std::string &name, const std::string &bytes) {
  std::string packed(compressBound(bytes.size()), '\0');
  z_stream z = {};
  z.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
  z.avail_in = static_cast<uInt>(bytes.size());
  z.next_out = reinterpret_cast<Bytef *>(&packed[0]);
  z.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflateInit2(&z, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  EXPECT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
  packed.resize(z.total_out);
  deflateEnd(&z);
  *zip += "PK\x03\x04";
  Little(zip, 45, 2);
  Little(zip, 0, 2);
  Little(zip, 8, 2);
  Little(zip, 0, 4);
  Little(zip, crc32(0, reinterpret_cast<const Bytef *>(bytes.data()), static_cast<uInt>(bytes.size())), 4);
  Little(zip, 0xffffffff, 4);
  Little(zip, 0xffffffff, 4);
  Little(zip, name.size() + 4, 2);
  Little(zip, 20, 2);
  *zip += name + ".npy";
  Little(zip, 1, 2);
  Little(zip, 16, 2);
  Little(zip, bytes.size(), 8);
  Little(zip, packed.size(), 8);
  *zip += packed;
}

std::string Npz(const Arrays &arrays) {
  std::string zip;
  for (const auto &a : arrays) Entry(&zip, a.first, Npy(a.second));
  return zip;
}

Array Full(std::vector<size_t> shape, float value) {
  size_t n = 1;
  for (const size_t d : shape) n *= d;
  return {std::move(shape), std::vector<float>(n, value)};
}

void ConvBn(Arrays *a, const std::string &prefix, const std::string &index, size_t cin, size_t cout) {
  (*a)[prefix + "conv" + index + ".weight"] = Full({cout, cin, 3, 3}, 0.01f);
  for (const char *part : {".weight", ".bias", ".running_mean", ".running_var"})
    (*a)[prefix + "bn" + index + part] = Full({cout}, 1.0f);
}

// 6 * blocks + 2 layers, in the names of its PyTorch implementation.
Arrays ResNet(size_t blocks) {
  Arrays a;
  ConvBn(&a, "", "1", 3, 16);
  for (size_t stage = 1; stage <= 3; stage++) {
    const size_t cout = size_t{8} << stage;
    for (size_t i = 0; i < blocks; i++) {
      const std::string prefix = "layer" + std::to_string(stage) + "." + std::to_string(i) + ".";
      ConvBn(&a, prefix, "1", stage > 1 && i == 0 ? cout / 2 : cout, cout);
      ConvBn(&a, prefix, "2", cout, cout);
    }
  }
  a["linear.weight"] = Full({10, 64}, 0.1f);
  a["linear.bias"] = Full({10}, 0.0f);
  return a;
}

struct Read {
  tetra_error err = {};
  tetra_arena arena = {&err, 0, nullptr};
  tetra_float_graph g = {};
  tetra_import_report refused = {};
  int rc;
  explicit Read(const std::string &bytes)
      : rc(tetra_import_float(reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size(), &arena, &g, &refused)) {}
  ~Read() {
    tetra_arena_free(&arena);
    tetra_import_report_free(&refused);
  }
  Read(const Read &) = delete;
  Read &operator=(const Read &) = delete;
  int Layers() const {
    int n = 0;
    for (int i = 0; i < g.n_nodes; i++) n += g.nodes[i].kind == TETRA_FLOAT_CONV;
    return n;
  }
};

TEST(Npz, resnets_of_every_depth) {
  for (const size_t blocks : {size_t{1}, size_t{3}, size_t{5}, size_t{7}, size_t{9}, size_t{18}}) {
    const Read r(Npz(ResNet(blocks)));
    ASSERT_EQ(r.rc, TETRA_OK) << blocks << ": " << r.err.msg;
    EXPECT_EQ(r.Layers(), static_cast<int>(6 * blocks + 2));
  }
}

std::string Compressed(const Arrays &arrays) {
  std::string zip;
  for (const auto &a : arrays) CompressedEntry(&zip, a.first, Npy(a.second));
  return zip;
}

TEST(Npz, compressed_ones_are_the_same) {
  Arrays a = ResNet(3);
  for (size_t i = 0; i < a["linear.weight"].v.size(); i++) a["linear.weight"].v[i] = static_cast<float>(i % 37) - 11;
  const Read plain(Npz(a)), packed(Compressed(a));
  ASSERT_EQ(plain.rc, TETRA_OK) << plain.err.msg;
  ASSERT_EQ(packed.rc, TETRA_OK) << packed.err.msg;
  ASSERT_EQ(plain.g.n_nodes, packed.g.n_nodes);
  for (int i = 0; i < plain.g.n_nodes; i++) {
    const tetra_float_node &x = plain.g.nodes[i], &y = packed.g.nodes[i];
    ASSERT_EQ(x.kind, y.kind);
    if (x.kind != TETRA_FLOAT_CONV) continue;
    const size_t n = static_cast<size_t>(x.cout) * static_cast<size_t>(x.win.kh) * static_cast<size_t>(x.win.kw) *
                     static_cast<size_t>(x.cin);
    EXPECT_EQ(std::memcmp(x.w, y.w, n * sizeof *x.w), 0) << x.name;
  }
}

TEST(Npz, damaged_compressed_ones_are_refused) {
  const std::string good = Compressed(ResNet(1));
  ASSERT_EQ(Read(good).rc, TETRA_OK);
  // Name of the first entry, its sizes behind it, then its data: of those every bit matters.
  const size_t name = static_cast<unsigned char>(good[26]), sizes = 30 + name + 4, data = sizes + 16;
  for (const size_t at : {size_t{14}, size_t{17}, sizes, sizes + 3, sizes + 7, sizes + 8, data, data + 5}) {
    for (const char flip : {'\x01', '\x80'}) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ flip);
      EXPECT_EQ(Read(bad).rc, TETRA_EINVAL) << at;
    }
  }
  for (size_t size = data; size < data + 40; size += 3) EXPECT_EQ(Read(good.substr(0, size)).rc, TETRA_EINVAL) << size;
  std::string method = good;
  method[8] = 12;  // bzip2
  EXPECT_EQ(Read(method).rc, TETRA_EINVAL);
}

// A ResNet-32 was read as a ResNet-20, whose arrays it has too.
TEST(Npz, what_has_no_place_is_refused) {
  for (const char *name : {"layer1.4.bn1.bias", "layer4.0.conv1.weight", "layer1.0.shortcut.0.weight", "mask"}) {
    Arrays a = ResNet(3);
    a[name] = Full({16}, 1.0f);
    const Read r(Npz(a));
    EXPECT_EQ(r.rc, TETRA_EINVAL) << name;
    EXPECT_NE(std::string(r.err.msg).find("'" + std::string(name) + "' has no place"), std::string::npos) << r.err.msg;
  }
}

TEST(Npz, what_is_missing_is_named) {
  for (const char *name :
       {"layer3.4.conv2.weight", "layer2.0.bn1.running_mean", "linear.bias", "layer3.0.conv1.weight"}) {
    Arrays a = ResNet(5);
    a.erase(name);
    const Read r(Npz(a));
    EXPECT_EQ(r.rc, TETRA_EINVAL) << name;
    EXPECT_NE(std::string(r.err.msg).find("no array '" + std::string(name)), std::string::npos) << r.err.msg;
  }
}

TEST(Npz, counts_of_batches_are_skipped) {
  std::string zip;
  Entry(&zip, "bn1.num_batches_tracked", Npy({{}, {1.0f, 0.0f}}, "<i8"));
  const Read r(zip + Npz(ResNet(1)));
  EXPECT_EQ(r.rc, TETRA_OK) << r.err.msg;
}

TEST(Npz, a_negative_variance_is_refused) {
  Arrays a = ResNet(3);
  a["layer2.1.bn2.running_var"].v[7] = -0.25f;
  const Read r(Npz(a));
  EXPECT_EQ(r.rc, TETRA_EINVAL);
  EXPECT_NE(std::string(r.err.msg).find("'layer2.1.bn2.running_var': element 7 is -0.25"), std::string::npos)
      << r.err.msg;
  a["layer2.1.bn2.running_var"].v[7] = 0.0f;
  EXPECT_EQ(Read(Npz(a)).rc, TETRA_OK);
}

}  // namespace
