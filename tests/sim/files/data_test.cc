// Images of networks from files: float32 becomes the codes that the file's own runtime makes of it.
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "files/source_data.h"

namespace {

// Four floats of an array of that shape, as codes of scale 1 of an input of side x side x c.
std::string Codes(tetra_model_format format, const float (&pixels)[4], const std::string &shape = "(1, 2, 2, 1)",
                  int side = 2, int c = 1) {
  const std::string path = ::testing::TempDir() + "data" + std::to_string(getpid()) + ".npy";
  std::ofstream f(path, std::ios::binary);
  const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }";
  f << "\x93NUMPY\x01" << '\0' << static_cast<char>(header.size()) << '\0' << header;
  f.write(reinterpret_cast<const char *>(pixels), sizeof pixels);
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
  EXPECT_EQ(sim_data_open(&s, path.c_str(), &d, &m, &err), TETRA_OK) << err.msg;
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

TEST(Data, VectorsNeedNoHeightAndWidth) {
  EXPECT_EQ(Codes(TETRA_MODEL_ONNX, {1, 2, 3, 4}, "(2, 2)", 1, 2), "1 2 3 4 ");
}

}  // namespace
