// Images of networks from files: float32 becomes the codes that the file's own runtime makes of it.
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "files/source_data.h"

namespace {

// Floats of an array of that shape, as codes of scale 1 of an input of side x side x c.
std::string Codes(tetra_model_format format, const std::vector<float> &pixels,
                  const std::string &shape = "(1, 2, 2, 1)", int side = 2, int c = 1,
                  sim_layout layout = SIM_LAYOUT_ANY, std::string *said = nullptr) {
  const std::string path = ::testing::TempDir() + "data" + std::to_string(getpid()) + ".npy";
  std::ofstream f(path, std::ios::binary);
  const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }";
  f << "\x93NUMPY\x01" << '\0' << static_cast<char>(header.size()) << '\0' << header;
  f.write(reinterpret_cast<const char *>(pixels.data()), static_cast<std::streamsize>(4 * pixels.size()));
  f.close();
  tetra_model m = {};
  m.format = format;
  m.input_is_float = 1;
  tetra_desc d = {};
  d.n = 1;
  d.h = d.w = side;
  d.c = c;
  d.fmt = TETRA_S8;
  d.scale = 1;
  const sim_options o = {};
  sim_data s;
  tetra_tensor t = {};
  tetra_error err = {};
  std::string codes;
  std::string line;
  const sim_notes notes = {[](void *arg, const char *text) { *static_cast<std::string *>(arg) += text; }, &line};
  const int rc = sim_data_open(&s, path.c_str(), &d, layout, &notes, &err);
  if (said != nullptr) *said = rc == TETRA_OK ? line : err.msg;
  if (rc != TETRA_OK) {
    EXPECT_NE(said, nullptr) << err.msg;
    std::remove(path.c_str());
    return "";
  }
  EXPECT_EQ(tetra_tensor_init(&t, &d, &err), TETRA_OK);
  for (int n = 0; n < s.n; n++) {
    EXPECT_EQ(sim_data_fill(&s, n, &o, &m, &t, 0, &err), TETRA_OK) << err.msg;
    for (int i = 0; i < side * side; i++)
      for (int k = 0; k < c; k++) codes += std::to_string(tetra_tensor_get(&t, 0, i / side, i % side, k)) + " ";
  }
  tetra_tensor_free(&t);
  sim_data_close(&s);
  std::remove(path.c_str());
  return codes;
}

// The input's layout is not what tells the formats apart: an ONNX network may have its channels last.
TEST(Data, TiesRoundAsTheFilesFormatDoes) {
  EXPECT_EQ(Codes(TETRA_MODEL_ONNX, {0.5f, 1.5f, 2.5f, -0.5f}), "0 2 2 0 ");
  EXPECT_EQ(Codes(TETRA_MODEL_TFLITE, {0.5f, 1.5f, 2.5f, -0.5f}), "1 2 3 -1 ");
}

TEST(Data, WhereBothOrdersFitOneIsTakenAndSaid) {
  const std::vector<float> x = {1, 2, 3, 4, 5, 6, 7, 8};
  const std::string cube = "(1, 2, 2, 2)";
  std::string said;
  EXPECT_EQ(Codes(TETRA_MODEL_ONNX, x, cube, 2, 2, SIM_LAYOUT_ANY, &said), "1 2 3 4 5 6 7 8 ");
  EXPECT_NE(said.find("taken as the first; --layout says which"), std::string::npos) << said;
  EXPECT_EQ(Codes(TETRA_MODEL_ONNX, x, cube, 2, 2, SIM_LAYOUT_NHWC, &said), "1 2 3 4 5 6 7 8 ");
  EXPECT_EQ(said, "");
  EXPECT_EQ(Codes(TETRA_MODEL_ONNX, x, cube, 2, 2, SIM_LAYOUT_NCHW, &said), "1 5 2 6 3 7 4 8 ");
  EXPECT_EQ(said, "");
}

// More pixels than are converted at once, and a number of them that vectors do not divide.
TEST(Data, EveryNumberOfALargePlaneIsConverted) {
  const int side = 17, pixels = side * side;
  std::vector<float> nhwc, nchw(2 * pixels);
  std::string expected;
  for (int i = 0; i < 2 * pixels; i++) {
    const float x = static_cast<float>(i % 301 - 150) / 2;  // -75 to 75, half of them ties
    nhwc.push_back(x);
    nchw[static_cast<size_t>(i % 2 * pixels + i / 2)] = x;
    expected += std::to_string(static_cast<int>(std::nearbyint(x))) + " ";
  }
  EXPECT_EQ(Codes(TETRA_MODEL_ONNX, nhwc, "(1, 17, 17, 2)", side, 2), expected);
  EXPECT_EQ(Codes(TETRA_MODEL_ONNX, nchw, "(1, 2, 17, 17)", side, 2), expected);
}

TEST(Data, AnArrayThatIsNotInTheOrderIsRefused) {
  const std::vector<float> x = {1, 2, 3, 4};
  std::string said;
  EXPECT_EQ(Codes(TETRA_MODEL_ONNX, x, "(1, 2, 2, 1)", 2, 1, SIM_LAYOUT_NCHW, &said), "");
  EXPECT_NE(said.find("], does not have the shape of --layout nchw, [n][1][2][2]"), std::string::npos) << said;
  EXPECT_EQ(Codes(TETRA_MODEL_ONNX, x, "(1, 1, 2, 2)", 2, 1, SIM_LAYOUT_NHWC, &said), "");
  EXPECT_NE(said.find("does not have the shape of --layout nhwc, [n][2][2][1]"), std::string::npos) << said;
  EXPECT_EQ(Codes(TETRA_MODEL_ONNX, x, "(1, 1, 2, 2)", 2, 1, SIM_LAYOUT_NCHW, &said), "1 2 3 4 ");
}

TEST(Data, VectorsNeedNoHeightAndWidth) {
  EXPECT_EQ(Codes(TETRA_MODEL_ONNX, {1, 2, 3, 4}, "(2, 2)", 1, 2), "1 2 3 4 ");
}

}  // namespace
