/* Threads and their scratch memory. */
#include <stdlib.h>

#include "fast/fast.h"

int tetra_crew_open(struct tetra_crew *crew, int threads, struct tetra_error *err) {
  *crew = (struct tetra_crew){0};
  const int status = tetra_threads_open(&crew->threads, threads, err);
  if (status) return status;
  crew->count = tetra_threads_count(crew->threads);
  crew->room = calloc((size_t)crew->count, sizeof *crew->room);
  if (crew->room) return TETRA_OK;
  tetra_crew_close(crew);
  return tetra_fail(err, TETRA_ENOMEM, "no memory for %d threads", threads);
}

void tetra_crew_close(struct tetra_crew *crew) {
  tetra_threads_close(crew->threads);
  for (int i = 0; crew->room && i < crew->count; i++) free(crew->room[i]);
  free(crew->room);
  *crew = (struct tetra_crew){0};
}

int tetra_crew_need(struct tetra_crew *crew, size_t bytes) {
  if (bytes <= crew->bytes) return TETRA_OK;
  bytes = tetra_round_up(bytes, 4096);
  crew->bytes = 0;
  for (int i = 0; i < crew->count; i++) {
    free(crew->room[i]);
    crew->room[i] = aligned_alloc(kCacheLine, bytes);
    if (!crew->room[i]) return TETRA_ENOMEM;
  }
  crew->bytes = bytes;
  return TETRA_OK;
}
