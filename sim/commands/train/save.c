/* A checkpoint: what the run is of, every epoch's figures, the network, the best network. */
#include "commands/train/save.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/outfile.h"
#include "tetra/import.h"

static const char kMagic[8] = "TETRARUN";

/* All that the steps depend on besides the network. */
struct settings {
  char magic[8];
  uint64_t seed;
  double base, warmup, cooldown, total, decay, teacher_share;
  int64_t freeze;
  int32_t n, batch, steps, augment, signed_first, has_teacher, adam, size;
  float mean[3], std[3]; /* of pixels */
};
struct state {
  int32_t done, best_epoch;
  uint64_t size, best_size;
  double start;
};

static struct settings settings_of(const struct train_run *r) {
  struct settings s;
  memset(&s, 0, sizeof s);
  memcpy(s.magic, kMagic, sizeof s.magic);
  s.seed = r->o->how.seed;
  s.base = r->schedule.base;
  s.warmup = r->schedule.warmup;
  s.cooldown = r->schedule.cooldown;
  s.total = r->schedule.total;
  s.decay = r->o->how.decay;
  s.teacher_share = r->o->teacher_share;
  s.freeze = r->freeze;
  s.n = r->data.n;
  s.batch = r->o->how.batch;
  s.steps = r->steps;
  s.augment = r->o->augment;
  s.signed_first = r->o->how.signed_first;
  s.has_teacher = r->teacher != NULL;
  s.adam = r->o->how.adam;
  s.size = r->data.photos.n > 0 ? r->data.h : 0;
  memcpy(s.mean, r->o->pixels.mean, sizeof s.mean);
  memcpy(s.std, r->o->pixels.std, sizeof s.std);
  return s;
}

static int same_pixels(const struct settings *a, const struct settings *b) {
  for (int c = 0; c < 3; c++)
    if (a->mean[c] != b->mean[c] || a->std[c] != b->std[c]) return 0;
  return a->size == b->size;
}

static int is_same(const struct settings *a, const struct settings *b) {
  return a->seed == b->seed && a->base == b->base && a->warmup == b->warmup && a->cooldown == b->cooldown &&
         a->total == b->total && a->decay == b->decay && a->teacher_share == b->teacher_share &&
         a->freeze == b->freeze && a->n == b->n && a->batch == b->batch && a->steps == b->steps &&
         a->augment == b->augment && a->signed_first == b->signed_first && a->has_teacher == b->has_teacher &&
         a->adam == b->adam && same_pixels(a, b);
}

void train_checkpoint_name(const struct train_command *o, char *out, size_t size) {
  if (o->checkpoint != NULL)
    snprintf(out, size, "%s", o->checkpoint);
  else
    snprintf(out, size, "%s.ckpt", o->out);
}

int train_checkpoint_write(const struct train_run *r, struct tetra_error *err) {
  char path[4096];
  uint8_t *bytes;
  struct state state = {.done = r->done, .best_epoch = r->best_epoch, .best_size = r->best_size, .start = r->start};
  const struct settings settings = settings_of(r);
  struct sim_outfile out;
  size_t size;
  train_checkpoint_name(r->o, path, sizeof path);
  int rc = tetra_train_save(r->t, &bytes, &size, err);
  if (rc != TETRA_OK) return rc;
  state.size = size;
  rc = sim_outfile_open(&out, "--checkpoint", path, err);
  if (rc == TETRA_OK) { /* the stream keeps an error */
    fwrite(&settings, sizeof settings, 1, out.f);
    fwrite(&state, sizeof state, 1, out.f);
    fwrite(r->epochs, sizeof *r->epochs, (size_t)r->done, out.f);
    fwrite(bytes, 1, size, out.f);
    if (r->best_size > 0) fwrite(r->best, 1, r->best_size, out.f);
    rc = sim_outfile_commit(&out, err);
  }
  free(bytes);
  return rc;
}

static int refuse(const char *path, const char *what, struct tetra_error *err) {
  return tetra_fail(err, TETRA_EINVAL, "'%s' %s; --resume takes a checkpoint of the same command", path, what);
}

static int take(struct train_run *r, const char *path, const uint8_t *at, size_t size, struct tetra_error *err) {
  const struct settings mine = settings_of(r);
  struct settings s;
  struct state state;
  struct tetra_error why;
  if (size < sizeof s + sizeof state || memcmp(at, kMagic, sizeof kMagic) != 0)
    return refuse(path, "is no checkpoint", err);
  memcpy(&s, at, sizeof s);
  memcpy(&state, at + sizeof s, sizeof state);
  if (s.n != mine.n) return refuse(path, "was trained on another number of images", err);
  if (!is_same(&s, &mine)) return refuse(path, "was trained with other settings", err);
  at += sizeof s + sizeof state;
  size -= sizeof s + sizeof state;
  if (state.done < 0 || state.done > r->o->epochs || state.best_epoch >= state.done ||
      size < (size_t)state.done * sizeof *r->epochs)
    return refuse(path, "is damaged", err);
  const size_t log = (size_t)state.done * sizeof *r->epochs;
  if (state.size > size - log || state.best_size != size - log - state.size) return refuse(path, "is damaged", err);
  if (tetra_train_load(r->t, at + log, (size_t)state.size, &why) != TETRA_OK) return refuse(path, why.msg, err);
  uint8_t *best = state.best_size > 0 ? malloc((size_t)state.best_size) : NULL;
  if (state.best_size > 0 && best == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for '%s'", path);
  if (best != NULL) memcpy(best, at + log + state.size, (size_t)state.best_size);
  memcpy(r->epochs, at, log);
  r->done = state.done;
  r->best = best;
  r->best_size = (size_t)state.best_size;
  r->best_epoch = state.best_epoch;
  r->start = state.start;
  return TETRA_OK;
}

int train_checkpoint_read(struct train_run *r, const char *path, struct tetra_error *err) {
  uint8_t *bytes;
  size_t size;
  int rc = tetra_import_read(path, &bytes, &size, err);
  if (rc != TETRA_OK) return rc;
  rc = take(r, path, bytes, size, err);
  free(bytes);
  return rc;
}
