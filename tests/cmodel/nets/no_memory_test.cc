// Each place of the C model that asks for memory gets none, once: an error without a result, or the same result.
#include <gtest/gtest.h>

#include "../../common/no_memory.h"
#include "graph_digest.h"
#include "net_graph.h"
#include "tetra/arena.h"
#include "tetra/exec.h"
#include "tetra/float_net.h"
#include "tetra/nest.h"

namespace {

TEST(NoMemory, BuildingANetwork) {
  for (int fuse : {0, 1})
    ExpectErrorOrSameResult(
        [fuse](uint64_t *result, tetra_error *err) {
          tetra_network_options o = Options("resnet18", TETRA_W4A8, 1.0 / 64, 33);
          o.fuse = fuse;
          tetra_graph g;
          const int rc = tetra_network_build(&o, &g, err);
          if (rc == TETRA_OK) *result = DigestOf(g);
          EXPECT_EQ(rc == TETRA_OK, g.n_ops > 0);
          tetra_graph_free(&g);
          return rc;
        },
        10);
}

TEST(NoMemory, FloatNetwork) {
  ExpectErrorOrSameResult(
      [](uint64_t *result, tetra_error *err) {
        const tetra_network_options o = Options("resnet18", TETRA_W8A8, 1.0 / 64, 33);
        std::vector<float> logits(TETRA_CLASSES);
        const std::vector<uint8_t> rgb(33 * 33 * 3, 100);
        const int rc = tetra_float_logits(&o, rgb.data(), 1, logits.data(), err);
        *result = tetra_hash(TETRA_HASH_START, logits.data(), logits.size() * sizeof(float));
        return rc;
      },
      5);
}

TEST(NoMemory, RunningANetwork) {
  const Graph g(Options("resnet18", TETRA_W4A4, 1.0 / 16, 40));
  for (int threads : {0, 1, 3})  // 0: the plain loops
    ExpectErrorOrSameResult(
        [&](uint64_t *result, tetra_error *err) {
          std::vector<tetra_tensor> t(static_cast<size_t>(g->n_values));
          tetra_exec *exec = nullptr;
          const tetra_exec_options o = {threads, nullptr};
          tetra_tensor *in = &t[static_cast<size_t>(g->input)];
          int rc = tetra_tensor_init(in, &g->values[g->input].d, err);
          if (rc == TETRA_OK) std::memset(in->data, 0x25, in->pixel_bytes * 1600);
          if (threads == 0 && rc == TETRA_OK) rc = tetra_run_graph(g.get(), t.data(), TETRA_REFERENCE, err);
          if (threads > 0 && rc == TETRA_OK) rc = tetra_exec_open(&exec, g.get(), &o, err);
          if (threads > 0 && rc == TETRA_OK) rc = tetra_exec_run(exec, t.data(), err);
          const tetra_tensor &out = t[static_cast<size_t>(g->output)];
          if (rc == TETRA_OK) *result = tetra_hash(TETRA_HASH_START, out.data, out.pixel_bytes);
          tetra_exec_close(exec);
          for (tetra_tensor &tensor : t) tetra_tensor_free(&tensor);
          return rc;
        },
        threads ? 5 : 1);
}

TEST(NoMemory, NarrowingWeights) {
  ExpectErrorOrSameResult(
      [](uint64_t *result, tetra_error *err) {
        const bool watching = allocator.watching;
        allocator.watching = false;
        Graph g(Options("resnet18", TETRA_W8A8, 1.0 / 64, 32));
        const uint64_t before = DigestOf(*g.get());
        const int op = g.Find("s1b1.conv2+add");
        allocator.watching = watching;
        tetra_graph *graph = const_cast<tetra_graph *>(g.get());
        const int rc = tetra_nest(graph, op, nullptr, err);
        allocator.watching = false;
        *result = DigestOf(*graph);
        EXPECT_TRUE(rc == TETRA_OK || *result == before);
        return rc;
      },
      2);
}

TEST(NoMemory, Arena) {
  ExpectErrorOrSameResult(
      [](uint64_t *, tetra_error *err) {
        tetra_arena a = {};
        a.budget = 1000, a.err = err;
        void *mine = nullptr;
        const bool good = tetra_arena_alloc(&a, 3, 8) && (mine = tetra_arena_calloc(&a, 0, 8));
        std::free(mine);
        tetra_arena_free(&a);
        return good ? static_cast<int>(TETRA_OK) : err->code;
      },
      2);
}

}  // namespace
