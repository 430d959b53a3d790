/* A stored plan and an accelerator: constants and codes to and from its memory. */
#include "tetra/stored.h"

int tetra_stored_fits(const struct tetra_stored *s, const struct tetra_device *dev) {
  const struct tetra_caps *a = &s->caps, *b = &dev->caps;
  const int same = a->n == b->n && a->act_words == b->act_words && a->wgt_words == b->wgt_words &&
                   a->res_words == b->res_words && a->par_entries == b->par_entries && a->acc_pixels == b->acc_pixels &&
                   a->pool_words == b->pool_words && a->max_layers <= b->max_layers;
  return same ? TETRA_OK : TETRA_EINVAL;
}

int tetra_stored_load(const struct tetra_stored *s, const struct tetra_hal *hal) {
  if (s->const_bytes == 0) return TETRA_OK;
  uint8_t *to = hal->map(hal->ctx, s->const_addr, s->const_bytes);
  if (to == NULL) return TETRA_EINVAL;
  /* Word by word where that is possible, which is where both are aligned. */
  uint32_t done = 0;
  if ((uintptr_t)to % 4 == 0 && (uintptr_t)s->constants % 4 == 0) {
    uint32_t *words = (uint32_t *)(void *)to;
    const uint32_t *from = (const uint32_t *)(const void *)s->constants;
    for (uint32_t i = 0; i < s->const_bytes / 4; i++) words[i] = from[i];
    done = s->const_bytes & ~3u;
  }
  for (; done < s->const_bytes; done++) to[done] = s->constants[done];
  hal->sync(hal->ctx, s->const_addr, s->const_bytes, 1);
  return TETRA_OK;
}

size_t tetra_stored_codes(const struct tetra_stored_tensor *t) {
  return (size_t)t->d.n * (size_t)t->d.h * (size_t)t->d.w * tetra_layout_pixel_bytes(&t->d);
}

int tetra_stored_write_input(const struct tetra_stored *s, const struct tetra_hal *hal, const uint8_t *codes) {
  const struct tetra_placement *p = &s->input.place;
  uint8_t *region = hal->map(hal->ctx, p->addr, p->bytes);
  if (region == NULL) return TETRA_EINVAL;
  tetra_layout_write(p, s->caps.n, &s->input.d, codes, region);
  hal->sync(hal->ctx, p->addr, p->bytes, 1);
  return TETRA_OK;
}

int tetra_stored_read_output(const struct tetra_stored *s, const struct tetra_hal *hal, uint8_t *codes) {
  const struct tetra_placement *p = &s->output.place;
  const uint8_t *region = hal->map(hal->ctx, p->addr, p->bytes);
  if (region == NULL) return TETRA_EINVAL;
  hal->sync(hal->ctx, p->addr, p->bytes, 0);
  tetra_layout_read(p, s->caps.n, &s->output.d, region, codes);
  return TETRA_OK;
}

uint32_t tetra_stored_top(const struct tetra_stored *s, const uint8_t *codes, uint32_t image) {
  const struct tetra_desc *d = &s->output.d;
  /* tetra_tensor_get only reads `codes`. */
  const struct tetra_tensor t = {*d, tetra_layout_pixel_bytes(d), (uint8_t *)(uintptr_t)codes};
  uint32_t top = 0, i = 0;
  int best = 0;
  for (int y = 0; y < d->h; y++) {
    for (int x = 0; x < d->w; x++) {
      for (int c = 0; c < d->c; c++, i++) {
        const int code = tetra_tensor_get(&t, (int)image, y, x, c);
        if (i == 0 || code > best) {
          best = code;
          top = i;
        }
      }
    }
  }
  return top;
}
