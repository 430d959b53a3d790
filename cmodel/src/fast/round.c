/* tetra_round_shift in bulk: the same results from additions, masks and shifts that need no branch. */
#include <stdlib.h>

#include "fast/fast.h"

static void set_channel(struct tetra_rounder *r, int c, int s) {
  const int twice = r->mode == TETRA_TFLITE && s > 31;
  const int last = twice ? s - 31 : s;
  const int ties_away = r->mode == TETRA_HALF_AWAY || twice;
  r->shift[c] = last;
  r->half[c] = last && r->mode != TETRA_FLOOR ? (int64_t)1 << (last - 1) : 0;
  r->mask[c] = last == 0 ? 0 : r->mode == TETRA_HALF_EVEN ? 1 : ties_away ? -1 : 0;
  r->shift1[c] = twice ? 31 : 0;
  r->half1[c] = twice ? (int64_t)1 << 30 : 0;
}

int tetra_rounder_init(struct tetra_rounder *r, enum tetra_round mode, const uint8_t *s, int channels) {
  const size_t n = (size_t)channels;
  int64_t *table = malloc(5 * n * sizeof *table);
  *r = (struct tetra_rounder){.mode = mode};
  if (!table) return TETRA_ENOMEM;
  r->shift = table;
  r->half = table + n;
  r->mask = table + 2 * n;
  r->shift1 = table + 3 * n;
  r->half1 = table + 4 * n;
  for (int c = 0; c < channels; c++) set_channel(r, c, s[c]);
  return TETRA_OK;
}

void tetra_rounder_free(struct tetra_rounder *r) {
  free(r->shift);
  *r = (struct tetra_rounder){.mode = r->mode};
}

void tetra_rounder_apply(const struct tetra_rounder *r, int c0, int count, int64_t *restrict x) {
  const int64_t *restrict shift = r->shift + c0, *restrict half = r->half + c0, *restrict mask = r->mask + c0;
  const int64_t *restrict shift1 = r->shift1 + c0, *restrict half1 = r->half1 + c0;
  switch (r->mode) {
    case TETRA_FLOOR:
      for (int j = 0; j < count; j++) x[j] >>= shift[j];
      return;
    case TETRA_HALF_UP:
      for (int j = 0; j < count; j++) x[j] = (x[j] + half[j]) >> shift[j];
      return;
    case TETRA_HALF_EVEN: /* just below half, plus one where the floor is odd */
      for (int j = 0; j < count; j++) x[j] = (x[j] + half[j] - mask[j] + ((x[j] >> shift[j]) & mask[j])) >> shift[j];
      return;
    case TETRA_HALF_AWAY: /* just below half for negative numbers */
      for (int j = 0; j < count; j++) x[j] = (x[j] + half[j] + ((x[j] >> 63) & mask[j])) >> shift[j];
      return;
    case TETRA_TFLITE:
      for (int j = 0; j < count; j++) x[j] = (x[j] + half1[j]) >> shift1[j];
      for (int j = 0; j < count; j++) x[j] = (x[j] + half[j] + ((x[j] >> 63) & mask[j])) >> shift[j];
      return;
  }
}
