// Each place of the C model that asks for memory gets none, once: an error without a result, or the same result.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "graph_digest.h"
#include "net_graph.h"
#include "tetra/arena.h"
#include "tetra/exec.h"
#include "tetra/float_net.h"
#include "tetra/nest.h"

namespace {

// The linker sends the libraries' malloc, calloc and realloc here (-Wl,--wrap), which leaves no other place for this.
struct Allocator {
  bool watching = false, failed = false;
  std::vector<const void *> places;  // that have asked, each once
  const void *fails = nullptr;       // the one that gets nothing when it first asks

  bool Fails(const void *place) {
    if (!watching) return false;
    if (std::find(places.begin(), places.end(), place) == places.end()) places.push_back(place);
    if (place != fails || failed) return false;
    return failed = true;
  }
} allocator;

}  // namespace

extern "C" {
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size) {
  return allocator.Fails(__builtin_return_address(0)) ? nullptr : __real_malloc(size);
}
void *__wrap_calloc(size_t n, size_t size) {
  return allocator.Fails(__builtin_return_address(0)) ? nullptr : __real_calloc(n, size);
}
void *__wrap_realloc(void *p, size_t size) {
  return allocator.Fails(__builtin_return_address(0)) ? nullptr : __real_realloc(p, size);
}
}

namespace {

// What `job` says, and a number for its result; it cleans up.
using Job = std::function<int(uint64_t *result, tetra_error *err)>;

void ExpectErrorOrSameResult(const Job &job, size_t least_places) {
  uint64_t want = 0, got = 0;
  tetra_error err = {};
  allocator = Allocator();
  allocator.watching = true;
  ASSERT_EQ(job(&want, &err), TETRA_OK) << err.msg;
  allocator.watching = false;
  const std::vector<const void *> places = allocator.places;
  EXPECT_GE(places.size(), least_places);
  for (size_t i = 0; i < places.size(); i++) {
    allocator = Allocator();
    allocator.fails = places[i];
    err = {};
    got = 0;
    allocator.watching = true;
    const int rc = job(&got, &err);
    allocator.watching = false;
    EXPECT_TRUE(allocator.failed) << i;
    if (rc == TETRA_OK) {
      EXPECT_EQ(got, want) << i;
    } else {
      EXPECT_EQ(rc, TETRA_ENOMEM) << i << ": " << err.msg;
      EXPECT_NE(std::string(err.msg).find("no memory"), std::string::npos) << i << ": " << err.msg;
    }
  }
}

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
