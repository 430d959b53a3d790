// A built network and its run, for tests.
#ifndef TETRA_TESTS_NET_GRAPH_H
#define TETRA_TESTS_NET_GRAPH_H

#include <gtest/gtest.h>

#include <cctype>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "tetra/network.h"

inline tetra_network_options Options(const char *network, tetra_precision p, double width, int size) {
  tetra_network_options o;
  tetra_network_defaults(&o);
  o.network = network;
  o.precision = p;
  o.width = width;
  o.image_size = size;
  return o;
}

// A name without what GoogleTest does not take.
inline std::string Identifier(std::string s) {
  for (char &c : s) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return s;
}

class Graph {
 public:
  explicit Graph(const tetra_network_options &o) {
    tetra_error err;
    err.msg[0] = 0;
    EXPECT_EQ(tetra_network_build(&o, &g_, &err), TETRA_OK) << o.network << " " << o.image_size << ": " << err.msg;
  }
  ~Graph() { tetra_graph_free(&g_); }
  Graph(const Graph &) = delete;
  Graph &operator=(const Graph &) = delete;
  const tetra_graph *get() const { return &g_; }
  const tetra_graph *operator->() const { return &g_; }
  // Index of an op, -1 where there is none.
  int Find(const std::string &name) const {
    for (int i = 0; i < g_.n_ops; i++) {
      if (name == g_.ops[i].name) return i;
    }
    return -1;
  }
  // From "s3b1.conv1": 3 and 1; 0 for other names.
  static int Stage(const tetra_op &op) { return op.name[0] == 's' && op.name[2] == 'b' ? op.name[1] - '0' : 0; }
  static int Block(const tetra_op &op) { return Stage(op) ? std::atoi(op.name + 3) : 0; }

 private:
  tetra_graph g_;
};

// All tensors of a run on a batch of RGB images.
class Execution {
 public:
  Execution(const Graph &g, const std::vector<std::vector<uint8_t>> &images, tetra_backend backend = TETRA_FAST)
      : tensors_(static_cast<size_t>(g->n_values)) {
    tetra_error err;
    err.msg[0] = 0;
    tetra_tensor *in = &tensors_[static_cast<size_t>(g->input)];
    EXPECT_EQ(tetra_tensor_init(in, &g->values[g->input].d, &err), TETRA_OK) << err.msg;
    for (size_t i = 0; i < images.size(); i++) {
      EXPECT_EQ(tetra_quantize_image(images[i].data(), in, static_cast<int>(i), &err), TETRA_OK) << err.msg;
    }
    EXPECT_EQ(tetra_run_graph(g.get(), tensors_.data(), backend, &err), TETRA_OK) << err.msg;
  }
  ~Execution() {
    for (tetra_tensor &t : tensors_) tetra_tensor_free(&t);
  }
  Execution(const Execution &) = delete;
  Execution &operator=(const Execution &) = delete;
  const tetra_tensor &operator[](int value) const { return tensors_[static_cast<size_t>(value)]; }
  std::vector<int16_t> Codes(int value) const {
    const tetra_desc &d = (*this)[value].d;
    std::vector<int16_t> codes(static_cast<size_t>(d.n) * static_cast<size_t>(d.h) * static_cast<size_t>(d.w) *
                               static_cast<size_t>(d.c));
    tetra_tensor_unpack(&(*this)[value], codes.data());
    return codes;
  }

 private:
  std::vector<tetra_tensor> tensors_;
};

#endif
