// Each place of a library that asks for memory gets none, once. One source of a test program includes this; the program
// is linked with -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc (tetra_no_memory in tests/CMakeLists.txt).
#ifndef TETRA_TESTS_NO_MEMORY_H
#define TETRA_TESTS_NO_MEMORY_H

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tetra/status.h"

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

}  // namespace

#endif
