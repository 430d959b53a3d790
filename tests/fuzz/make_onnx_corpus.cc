// make_onnx_corpus FOLDER: writes the hand-made networks of the ONNX tests, to start fuzzing from.
#include <cstdio>
#include <fstream>

#include "../import/onnx/cases.h"

int main(int argc, char **argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: make_onnx_corpus FOLDER\n"), 1;
  for (const Case &c : kCases) {
    std::mt19937 random(1);
    const std::string bytes = c.make(&random).Bytes();
    std::ofstream f(std::string(argv[1]) + "/" + c.name + ".onnx", std::ios::binary);
    f.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!f.flush()) return std::fprintf(stderr, "cannot write to %s\n", argv[1]), 1;
  }
  return 0;
}
