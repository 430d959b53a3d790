// Each place of a library that asks for memory gets none, once, or each of its requests. One source of a test program
// includes this; the program is linked with -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc (tetra_no_memory in
// tests/CMakeLists.txt).
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
  std::vector<const void *> places;   // that have asked, each once
  const void *fails = nullptr;        // the one that gets nothing when it first asks
  size_t requests = 0, fails_at = 0;  // so many requests; this one gets nothing (0: none)

  bool Fails(const void *place) {
    if (!watching) return false;
    if (++requests == fails_at) return failed = true;
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

// Runs it with the allocator that is set up.
void ExpectErrorOrResult(const Job &job, uint64_t want) {
  uint64_t got = 0;
  tetra_error err = {};
  allocator.watching = true;
  const int rc = job(&got, &err);
  allocator.watching = false;
  EXPECT_TRUE(allocator.failed);
  if (rc == TETRA_OK) {
    EXPECT_EQ(got, want);
  } else {
    EXPECT_EQ(rc, TETRA_ENOMEM) << err.msg;
    EXPECT_NE(std::string(err.msg).find("no memory"), std::string::npos) << err.msg;
  }
}

// Runs it with as much memory as it wants, and notes who asks.
void NoteRequests(const Job &job, uint64_t *want) {
  tetra_error err = {};
  allocator = Allocator();
  allocator.watching = true;
  ASSERT_EQ(job(want, &err), TETRA_OK) << err.msg;
  allocator.watching = false;
}

void ExpectErrorOrSameResult(const Job &job, size_t least_places) {
  uint64_t want = 0;
  ASSERT_NO_FATAL_FAILURE(NoteRequests(job, &want));
  const std::vector<const void *> places = allocator.places;
  EXPECT_GE(places.size(), least_places);
  for (size_t i = 0; i < places.size(); i++) {
    SCOPED_TRACE(i);
    allocator = Allocator();
    allocator.fails = places[i];
    ExpectErrorOrResult(job, want);
  }
}

// Of a job that asks the same in each run: returns how often.
inline size_t ExpectErrorOrSameResultAtEveryRequest(const Job &job) {
  uint64_t want = 0;
  NoteRequests(job, &want);
  const size_t requests = allocator.requests;
  for (size_t i = 1; i <= requests && !testing::Test::HasFailure(); i++) {
    SCOPED_TRACE(i);
    allocator = Allocator();
    allocator.fails_at = i;
    ExpectErrorOrResult(job, want);
  }
  return requests;
}

}  // namespace

#endif
