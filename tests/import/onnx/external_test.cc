// Networks whose tensors lie in files beside them, and what is no file.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "cases.h"
#include "run.h"
#include "tetra/import_outline.h"

namespace {

class External : public ::testing::Test {
 protected:
  External() {
    char name[] = "/tmp/tetra-external-XXXXXX";
    folder_ = mkdtemp(name);
  }
  ~External() override {
    for (const std::string &f : files_) std::remove(f.c_str());
    rmdir(folder_.c_str());
  }
  std::string Write(const std::string &name, const std::string &bytes) {
    files_.push_back(folder_ + "/" + name);
    std::ofstream(files_.back(), std::ios::binary) << bytes;
    return files_.back();
  }
  // The network of one convolution, with its weights at `offset` of `location`.
  static std::string Network(const std::string &location, const std::string &offset, const std::string &length,
                             std::string *weights) {
    Rng random(1);
    Model m = Start({1, 3, 4, 4});
    m.Q(Conv(&m, &random, Input(&m), "c", {2, 3, 1, 1}, kIn), "y", 0.05, 0, onnx::kS8);
    *weights = onnx::RawData(m.constants["c_w"]);
    m.constants["c_w"].location = {{"location", location}, {"offset", offset}, {"length", length}};
    return m.Bytes();
  }
  // Imports, and gives the message of what is wrong or "".
  static std::string Import(const std::string &path, tetra_model *m) {
    tetra_import_options o;
    tetra_import_report report;
    tetra_error err = {};
    tetra_import_defaults(&o);
    const int rc = tetra_import_file(path.c_str(), &o, m, &report, &err);
    tetra_import_report_free(&report);
    EXPECT_EQ(rc != TETRA_OK, err.msg[0] != 0);
    return err.msg;
  }
  void ExpectRefused(const std::string &location, const std::string &offset, const std::string &length,
                     const std::string &message) {
    std::string weights;
    const std::string path = Write("model.onnx", Network(location, offset, length, &weights));
    Write("data", "12345" + weights);
    tetra_model m;
    const std::string said = Import(path, &m);
    EXPECT_NE(said.find(message), std::string::npos) << location << ": " << said;
    EXPECT_EQ(said.find('\n'), std::string::npos);
  }
  std::string folder_;
  std::vector<std::string> files_;
};

TEST_F(External, WeightsAreThoseOfTheFile) {
  std::string weights;
  const std::string path = Write("model.onnx", Network("./data", "5", "6", &weights));
  const std::string data = Write("data", "12345" + weights + "more");
  EXPECT_TRUE(tetra_import_is_data_of(path.c_str(), data.c_str()));
  EXPECT_FALSE(tetra_import_is_data_of(path.c_str(), path.c_str()));
  EXPECT_FALSE(tetra_import_is_data_of(data.c_str(), data.c_str()));
  EXPECT_FALSE(tetra_import_is_data_of(path.c_str(), (data + ".not").c_str()));
  tetra_model m;
  ASSERT_EQ(Import(path, &m), "");
  Rng random(1);
  Model plain = Start({1, 3, 4, 4});
  plain.Q(Conv(&plain, &random, Input(&plain), "c", {2, 3, 1, 1}, kIn), "y", 0.05, 0, onnx::kS8);
  const Imported i(plain.Bytes());
  ASSERT_EQ(i.rc, TETRA_OK) << i.Why();
  ASSERT_EQ(weights.size(), 6u);
  for (size_t k = 0; k < weights.size(); k++) EXPECT_EQ(m.graph.ops[0].weights[k], i.m.graph.ops[0].weights[k]) << k;
  tetra_model_free(&m);
}

TEST_F(External, NamesOutsideOfTheFolderAreRefused) {
  for (const char *name :
       {"../data", "/etc/hosts", "a/../../data", "./../data", "././data", "./", "", "a//data", "..\\data", ".."})
    ExpectRefused(name, "5", "6", "only names below the model's own folder are read");
}

TEST_F(External, LinksAreRefused) {
  ASSERT_EQ(symlink("/etc/hosts", (folder_ + "/link").c_str()), 0);
  files_.push_back(folder_ + "/link");
  ExpectRefused("link", "0", "6", "cannot open its data");
}

TEST_F(External, FoldersThatAreLinksAreRefused) {
  ASSERT_EQ(symlink(".", (folder_ + "/here").c_str()), 0);
  files_.push_back(folder_ + "/here");
  ExpectRefused("here/data", "5", "6", "cannot open its data");
}

TEST_F(External, FoldersBelowAreRead) {
  ASSERT_EQ(mkdir((folder_ + "/sub").c_str(), 0700), 0);
  std::string weights;
  const std::string path = Write("model.onnx", Network("sub/data", "5", "6", &weights));
  const std::string data = Write("sub/data", "12345" + weights);
  tetra_model m;
  EXPECT_EQ(Import(path, &m), "");
  tetra_model_free(&m);
  std::remove(data.c_str());
  rmdir((folder_ + "/sub").c_str());
}

TEST_F(External, PartsThatAreNotThereAreRefused) {
  ExpectRefused("data", "6", "6", "wants 6 at 6");
  ExpectRefused("data", "999999999999999999", "6", "wants 6 at 999999999999999999");
  ExpectRefused("data", "5", "-6", "length of its data in another file is no number");
  ExpectRefused("data", "5", "99999999999999999999", "is no number");
  ExpectRefused("data", "5", "5", "elements by its shape");
  ExpectRefused("missing", "5", "6", "cannot open its data");
}

TEST_F(External, WithoutAFolderTheDataIsNotThere) {
  std::string weights;
  const Imported i(Network("data", "5", "6", &weights));
  EXPECT_NE(std::string(i.err.msg).find("its data is in another file"), std::string::npos) << i.err.msg;
}

// An outline has formats, shapes and parameters; what would run it refuses it.
TEST_F(External, OutlinesAreWithoutWeights) {
  std::string weights;
  const std::string bytes = Network("nowhere", "0", "6", &weights);
  tetra_import_options o;
  tetra_import_report report;
  tetra_error err = {};
  tetra_model m;
  tetra_import_defaults(&o);
  ASSERT_EQ(tetra_import_outline(reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size(), &o, &m, &report, &err),
            TETRA_OK)
      << err.msg;
  const tetra_op &op = m.graph.ops[0];
  EXPECT_EQ(op.weights, nullptr);
  EXPECT_EQ(op.wbits, 8);
  EXPECT_EQ(op.cout, 2);
  EXPECT_EQ(tetra_graph_check_outline(&m.graph, &err), TETRA_OK) << err.msg;
  EXPECT_EQ(tetra_graph_check(&m.graph, &err), TETRA_EINVAL);
  EXPECT_NE(std::string(err.msg).find("conv without weights"), std::string::npos) << err.msg;
  tetra_model_free(&m);
  tetra_import_report_free(&report);
}

TEST_F(External, APipeIsNoNetwork) {
  const std::string pipe = folder_ + "/pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  files_.push_back(pipe);
  FILE *both = fopen(pipe.c_str(), "r+");
  tetra_model m;
  EXPECT_NE(Import(pipe, &m).find("a pipe; a network must be a file"), std::string::npos);
  fclose(both);
  EXPECT_NE(Import(folder_, &m).find("a folder; a network must be a file"), std::string::npos);
}

}  // namespace
