// An imported network with its tensors, for tests.
#ifndef TETRA_TESTS_IMPORT_MODEL_H
#define TETRA_TESTS_IMPORT_MODEL_H

#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tetra/import.h"

inline std::vector<uint8_t> ReadBytes(const std::string &path) {
  std::ifstream f(path, std::ios::binary);
  return std::vector<uint8_t>((std::istreambuf_iterator<char>(f)), std::istreambuf_iterator<char>());
}

class Model {
 public:
  Model() { tetra_import_defaults(&options); }
  ~Model() {
    Clear();
    tetra_model_free(&m);
    tetra_import_report_free(&report);
  }
  Model(const Model &) = delete;
  Model &operator=(const Model &) = delete;

  int ImportTflite(const std::vector<uint8_t> &bytes) {
    tetra_model_free(&m);
    tetra_import_report_free(&report);
    err = {};
    return tetra_import_tflite(bytes.data(), bytes.size(), &options, &m, &report, &err);
  }
  // All values of a run; the graph's codes, unpacked, are at Codes(value).
  int Run(const std::vector<int> &input, tetra_backend backend) {
    Clear();
    tensors.resize(static_cast<size_t>(m.graph.n_values));
    tetra_tensor &in = tensors[static_cast<size_t>(m.graph.input)];
    int rc = tetra_tensor_init(&in, &m.graph.values[m.graph.input].d, &err);
    if (rc != TETRA_OK) return rc;
    const std::vector<int16_t> codes(input.begin(), input.end());
    tetra_tensor_pack(&in, codes.data());
    rc = tetra_run_graph(&m.graph, tensors.data(), backend, &err);
    return rc;
  }
  std::vector<int> Codes(int value) const {
    const tetra_tensor &t = tensors[static_cast<size_t>(value)];
    std::vector<int16_t> codes(static_cast<size_t>(t.d.n) * static_cast<size_t>(t.d.h) * static_cast<size_t>(t.d.w) *
                               static_cast<size_t>(t.d.c));
    tetra_tensor_unpack(&t, codes.data());
    return std::vector<int>(codes.begin(), codes.end());
  }
  std::vector<int> Output() const { return Codes(m.graph.output); }
  void Clear() {
    for (tetra_tensor &t : tensors) tetra_tensor_free(&t);
    tensors.clear();
  }

  tetra_import_options options;
  tetra_model m = {};
  tetra_import_report report = {};
  tetra_error err = {};
  std::vector<tetra_tensor> tensors;
};

#endif
