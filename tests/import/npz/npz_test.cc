// Float networks from .npz files: the ResNets for CIFAR-10 by their depth, and what must not pass for one.
#include <gtest/gtest.h>
#include <zip.h>

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

using Entries = std::vector<std::pair<std::string, std::string>>;  // names and bytes

// A zip of them, as numpy.savez writes one (ZIP_CM_STORE) or numpy.savez_compressed (ZIP_CM_DEFLATE).
std::string Zip(const Entries &entries, zip_int32_t method) {
  zip_error_t e;
  zip_error_init(&e);
  zip_source_t *whole = zip_source_buffer_create(nullptr, 0, 0, &e);
  zip_source_keep(whole);
  zip_t *zip = zip_open_from_source(whole, ZIP_TRUNCATE, &e);
  for (const auto &entry : entries) {
    zip_source_t *part = zip_source_buffer(zip, entry.second.data(), entry.second.size(), 0);
    const zip_int64_t index = zip_file_add(zip, (entry.first + ".npy").c_str(), part, 0);
    EXPECT_EQ(zip_set_file_compression(zip, static_cast<zip_uint64_t>(index), method, 0), 0);
  }
  EXPECT_EQ(zip_close(zip), 0);
  zip_stat_t st;
  EXPECT_EQ(zip_source_stat(whole, &st), 0);
  std::string bytes(st.size, '\0');
  EXPECT_EQ(zip_source_open(whole), 0);
  EXPECT_EQ(zip_source_read(whole, &bytes[0], bytes.size()), static_cast<zip_int64_t>(bytes.size()));
  zip_source_close(whole);
  zip_source_free(whole);
  return bytes;
}

Entries EntriesOf(const Arrays &arrays) {
  Entries entries;
  for (const auto &a : arrays) entries.emplace_back(a.first, Npy(a.second));
  return entries;
}

std::string Npz(const Arrays &arrays) { return Zip(EntriesOf(arrays), ZIP_CM_STORE); }
std::string Compressed(const Arrays &arrays) { return Zip(EntriesOf(arrays), ZIP_CM_DEFLATE); }

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

// The first entry's data, its checksum and its size in the directory, stored or deflated. (In what is deflated there
// are bits without a meaning; those of its middle have one.)
TEST(Npz, damaged_ones_are_refused) {
  for (const zip_int32_t method : {ZIP_CM_STORE, ZIP_CM_DEFLATE}) {
    const std::string good = Zip(EntriesOf(ResNet(1)), method);
    ASSERT_EQ(Read(good).rc, TETRA_OK);
    const size_t data = 30 + static_cast<unsigned char>(good[26]) + static_cast<unsigned char>(good[28]);
    const size_t directory = good.find("PK\x01\x02");
    ASSERT_NE(directory, std::string::npos);
    const size_t length = static_cast<unsigned char>(good[directory + 20]);
    for (const size_t at : {data + length / 3, data + length / 2, directory + 16, directory + 19, directory + 24,
                            directory + 26, directory + 27}) {
      for (const char flip : {'\x01', '\x40'}) {
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ flip);
        EXPECT_EQ(Read(bad).rc, TETRA_EINVAL) << at - directory << " " << method;
      }
    }
    for (size_t size = 1; size < good.size(); size += good.size() / 40) {
      EXPECT_EQ(Read(good.substr(0, size)).rc, TETRA_EINVAL) << size;
    }
    std::string other = good;
    other[directory + 10] = 98;  // PPMd, which libzip does not know
    EXPECT_EQ(Read(other).rc, TETRA_EINVAL);
  }
}

// What says that it becomes a gigabyte is not given one; nor is a zip of too many arrays read.
TEST(Npz, large_ones_are_refused) {
  std::string bad = Compressed(ResNet(1));
  bad[bad.find("PK\x01\x02") + 27] = '\x30';
  const Read r(bad);
  EXPECT_EQ(r.rc, TETRA_EINVAL);
  EXPECT_NE(std::string(r.err.msg).find("an array of 805"), std::string::npos) << r.err.msg;
  Entries many;
  for (int i = 0; i < 1025; i++) many.emplace_back("a" + std::to_string(i), Npy(Full({1}, 1.0f)));
  const Read m(Zip(many, ZIP_CM_STORE));
  EXPECT_NE(std::string(m.err.msg).find("more than 1024 arrays"), std::string::npos) << m.err.msg;
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
  Entries entries = EntriesOf(ResNet(1));
  entries.emplace(entries.begin(), "bn1.num_batches_tracked", Npy({{}, {1.0f, 0.0f}}, "<i8"));
  const Read r(Zip(entries, ZIP_CM_STORE));
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
