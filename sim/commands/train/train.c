/* Reads data and networks, trains, writes the network. */
#include "commands/train/train.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/outfile.h"
#include "base/paths.h"
#include "base/status.h"
#include "commands/train/json.h"
#include "commands/train/save.h"
#include "commands/train/score.h"
#include "commands/train/together.h"
#include "files/bits.h"
#include "files/source.h"

enum { CALIBRATION = 256 }; /* images that LSQ's start is quantized with, as of ./sim quantize */

static int check_shape(const struct train_run *r, const struct tetra_train *t, const char *whose,
                       struct tetra_error *err) {
  int h, w, c, classes;
  tetra_train_shape(t, &h, &w, &c, &classes);
  const struct train_set *const sets[] = {&r->data, &r->test};
  for (int k = 0; k < 2; k++) {
    const struct train_set *s = sets[k];
    const char *images = k ? r->o->test.images : r->o->data.images;
    if (s->n > 0 && (s->h != h || s->w != w || s->c != c))
      return tetra_fail(err, TETRA_EINVAL, "'%s': images of %dx%dx%d; %s reads %dx%dx%d", images, s->h, s->w, s->c,
                        whose, h, w, c);
    if (s->classes > classes)
      return tetra_fail(err, TETRA_EINVAL, "labels '%s': %d is the largest; %s has the classes 0..%d",
                        k ? r->o->test.labels : r->o->data.labels, s->classes - 1, whose, classes - 1);
  }
  return TETRA_OK;
}

/* Normalized images for calibration, as they are. */
static int calibration(const struct train_run *r, float **images, int *n, struct tetra_error *err) {
  const size_t size = (size_t)r->data.h * (size_t)r->data.w * (size_t)r->data.c;
  *n = r->data.n < CALIBRATION ? r->data.n : CALIBRATION;
  *images = malloc((size_t)*n * size * sizeof **images);
  if (*images == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for %d calibration images", *n);
  int rc = TETRA_OK;
  for (int i = 0; i < *n && rc == TETRA_OK; i++)
    rc = train_set_image(&r->data, &r->o->pixels, i, NULL, *images + (size_t)i * size, err);
  return rc;
}

/* A network from a file. */
static int open_model(const char *path, const struct tetra_train_options *how, struct tetra_train **t,
                      struct tetra_error *err) {
  struct tetra_import_report refused = {NULL, 0};
  struct tetra_error why = {0, ""};
  uint8_t *bytes;
  size_t size;
  int rc = tetra_import_read(path, &bytes, &size, err);
  if (rc != TETRA_OK) return rc;
  rc = tetra_train_model_open(t, bytes, size, how, &refused, &why);
  free(bytes);
  if (rc != TETRA_OK && refused.n_refusals > 1) sim_list_refusals(&refused, &why, &(struct sim_notes){sim_note, NULL});
  tetra_import_report_free(&refused);
  return rc == TETRA_OK ? rc : tetra_fail(err, rc, "'%s': %s", path, why.msg);
}

static int open_network(struct train_run *r, const struct train_command *o, struct tetra_error *err) {
  struct tetra_train_options how = o->how;
  float *images = NULL;
  how.batch = train_run_batch(r);
  how.comm = train_together(&r->ranks);
  int rc = TETRA_OK;
  if (o->network == NULL) {
    struct tetra_train_resnet fresh = o->fresh;
    fresh.h = r->data.h;
    fresh.w = r->data.w;
    fresh.c = r->data.c;
    fresh.classes = r->data.classes > r->test.classes ? r->data.classes : r->test.classes;
    return tetra_train_resnet_open(&r->t, &fresh, &how, err);
  }
  if (how.method == TETRA_TRAIN_LSQ) rc = calibration(r, &images, &how.n_calibrate, err);
  how.calibrate = images;
  if (rc == TETRA_OK && how.method == TETRA_TRAIN_LSQ) {
    /* Before images are taken for what they are not. */
    struct tetra_train *probe = NULL;
    struct tetra_train_options plain = how;
    plain.method = TETRA_TRAIN_FLOAT;
    plain.batch = 1;
    rc = open_model(o->network, &plain, &probe, err);
    if (rc == TETRA_OK) rc = check_shape(r, probe, "the network", err);
    tetra_train_close(probe);
  }
  if (rc == TETRA_OK) rc = open_model(o->network, &how, &r->t, err);
  free(images);
  return rc;
}

static int open_teacher(struct train_run *r, const struct train_command *o, struct tetra_error *err) {
  int h, w, c, classes, theirs;
  if (o->teacher == NULL) return TETRA_OK;
  struct tetra_train_options how = o->how;
  how.batch = train_run_batch(r);
  how.method = TETRA_TRAIN_FLOAT;
  int rc = open_model(o->teacher, &how, &r->teacher, err);
  if (rc == TETRA_OK) rc = check_shape(r, r->teacher, "the teacher", err);
  if (rc != TETRA_OK) return rc;
  tetra_train_shape(r->t, &h, &w, &c, &classes);
  tetra_train_shape(r->teacher, &h, &w, &c, &theirs);
  if (theirs == classes) return TETRA_OK;
  return tetra_fail(err, TETRA_EINVAL, "teacher '%s' has %d classes, the network %d; as many are accepted", o->teacher,
                    theirs, classes);
}

static int plan(struct train_run *r, const struct train_command *o, struct tetra_error *err) {
  r->steps = r->data.n / o->how.batch;
  if (r->steps == 0)
    return tetra_fail(err, TETRA_EINVAL, "--batch %d: there are %d images; that many or fewer are accepted",
                      o->how.batch, r->data.n);
  if (o->how.batch < r->ranks.size)
    return tetra_fail(err, TETRA_EINVAL, "--batch %d: %d processes; at least one image for each is accepted",
                      o->how.batch, r->ranks.size);
  const int lsq = o->how.method == TETRA_TRAIN_LSQ; /* short: a fifth without learning would be too much of it */
  const double further = lsq && o->how.adam ? 0.002 : 0.003, fresh = 0.1 * o->how.batch / 256;
  const double rate = o->rate > 0 ? o->rate : o->network != NULL ? further : fresh;
  const double epochs = o->epochs, warmup = o->warmup >= 0 ? o->warmup : epochs / 50,
               cooldown = o->cooldown >= 0 ? o->cooldown : epochs / (lsq ? 50 : 5),
               freeze = o->freeze >= 0 ? o->freeze : 0.192 * epochs;
  if (warmup + cooldown > epochs)
    return tetra_fail(err, TETRA_EINVAL, "--warmup %g and --cooldown %g are more than %d epochs together", warmup,
                      cooldown, o->epochs);
  r->schedule = (struct tetra_train_schedule){rate, warmup * r->steps, cooldown * r->steps, epochs * r->steps};
  r->freeze = o->how.method == TETRA_TRAIN_AQT ? (int64_t)(freeze * r->steps) : -1;
  if (r->freeze >= (int64_t)o->epochs * r->steps)
    return tetra_fail(err, TETRA_EINVAL, "--freeze %g: less than %d epochs are accepted", freeze, o->epochs);
  r->epochs = calloc((size_t)o->epochs, sizeof *r->epochs);
  return r->epochs != NULL ? TETRA_OK : tetra_fail(err, TETRA_ENOMEM, "no memory for %d epochs", o->epochs);
}

static void print_header(const struct train_run *r, const struct train_command *o) {
  int h, w, c, classes;
  tetra_train_shape(r->t, &h, &w, &c, &classes);
  printf("%d images of %dx%dx%d in %d classes", r->data.n, h, w, c, classes);
  if (r->test.n > 0) printf(", %d for testing", r->test.n);
  printf("; %zu parameters, method %s", tetra_train_parameters(r->t), tetra_train_method_name(o->how.method));
  if (o->how.method == TETRA_TRAIN_ONCE)
    printf(", %d subnets; figures are the largest one's", tetra_supernet_count(r->t));
  else if (o->how.method != TETRA_TRAIN_FLOAT)
    printf(", %s", o->bits != NULL ? o->bits : tetra_precision_name(o->how.precision));
  printf("; %d epochs of %d steps of %d\n", o->epochs, r->steps, o->how.batch);
  if (r->start >= 0) {
    printf("begins with ");
    train_start_print(r, r->start);
    printf("\n");
  }
  fflush(stdout);
}

static int write_network(const struct train_run *r, struct tetra_error *err) {
  uint8_t *bytes;
  size_t size;
  struct sim_outfile out;
  int rc = tetra_train_export(r->t, &bytes, &size, err);
  if (rc != TETRA_OK) return rc;
  rc = sim_outfile_open(&out, "-o", r->o->out, err);
  if (rc == TETRA_OK) {
    fwrite(bytes, 1, size, out.f); /* the stream keeps the error */
    rc = sim_outfile_commit(&out, err);
  }
  free(bytes);
  return rc;
}

/* The last epoch's network, or after Ctrl-C the best one; *epoch -1: there is none. */
static int finish(struct train_run *r, int *epoch, struct tetra_error *err) {
  *epoch = r->interrupted ? r->best_epoch : r->done - 1;
  if (r->interrupted && *epoch >= 0) {
    const int rc = tetra_train_load(r->t, r->best, r->best_size, err);
    if (rc != TETRA_OK) return rc;
  }
  if (*epoch < 0) {
    printf("Interrupted before %s: nothing to write.\n",
           r->freeze >= 0 ? "activations were quantized" : "an epoch was finished");
    return TETRA_OK;
  }
  const int rc = write_network(r, err);
  if (rc != TETRA_OK) return rc;
  printf("%s: the network after epoch %d", r->o->out, *epoch + 1);
  printf(", %.2f %% of the %s images right", 100 * train_score(r, *epoch), r->test.n > 0 ? "test" : "training");
  printf("%s\n", r->interrupted ? " (the best so far; --resume goes on)" : "");
  return train_start_compare(r, *epoch, err);
}

/* Folders of both sets are the same classes. */
static int check_classes(const struct train_run *r, struct tetra_error *err) {
  const struct train_photos *a = &r->data.photos, *b = &r->test.photos;
  for (int i = 0; a->n > 0 && i < b->n_classes; i++)
    if (i >= a->n_classes || strcmp(a->classes[i], b->classes[i]) != 0)
      return tetra_fail(err, TETRA_EINVAL, "'%s' has a class '%s', which '%s' has not, or not in this place",
                        r->o->test.images, b->classes[i], r->o->data.images);
  return TETRA_OK;
}

static int prepare(struct train_run *r, const struct train_command *o, struct tetra_error *err) {
  int rc = train_set_read(&o->data, &o->pixels, o->limit, &r->data, err);
  if (rc == TETRA_OK && o->test.images != NULL) rc = train_set_read(&o->test, &o->pixels, 0, &r->test, err);
  if (rc == TETRA_OK) rc = check_classes(r, err);
  if (rc == TETRA_OK) rc = open_network(r, o, err);
  if (rc == TETRA_OK) rc = check_shape(r, r->t, "the network", err);
  if (rc == TETRA_OK) rc = open_teacher(r, o, err);
  if (rc == TETRA_OK) rc = plan(r, o, err);
  if (rc == TETRA_OK && o->resume != NULL) rc = train_checkpoint_read(r, o->resume, err);
  return sim_ranks_agree(&r->ranks, rc, err);
}

static int train(struct train_run *r, const struct train_command *o, struct tetra_error *err) {
  int rc = prepare(r, o, err), exported = -1;
  if (rc == TETRA_OK) rc = train_start_measure(r, err);
  if (rc != TETRA_OK) return rc;
  if (r->ranks.rank == 0) print_header(r, o);
  rc = train_run(r, err);
  if (rc != TETRA_OK || r->ranks.rank != 0) return rc;
  rc = finish(r, &exported, err);
  if (rc == TETRA_OK && o->json != NULL) rc = train_json(r, exported, err);
  return rc;
}

static void close_run(struct train_run *r) {
  tetra_train_close(r->t);
  tetra_train_close(r->teacher);
  train_set_free(&r->data);
  train_set_free(&r->test);
  free(r->epochs);
  free(r->best);
}

/* The checkpoint that is read is usually the one that is written, but not the network. */
static int check_resume(const struct train_command *o, struct tetra_error *err) {
  struct sim_paths paths = {.n = 0};
  sim_paths_add(&paths, "--resume", o->resume, 0);
  sim_paths_add(&paths, "-o", o->out, 1);
  sim_paths_add(&paths, "--json", o->json, 1);
  return sim_paths_check(&paths, err);
}

/* Files that must not be one another, and can be written. */
static int check_paths(const struct train_command *o, struct tetra_error *err) {
  struct sim_paths paths = {.n = 0};
  char checkpoint[4096];
  train_checkpoint_name(o, checkpoint, sizeof checkpoint);
  sim_paths_add(&paths, "network", o->network, 0);
  sim_paths_add(&paths, "--data", o->data.images, 0);
  sim_paths_add(&paths, "--labels", o->data.labels, 0);
  sim_paths_add(&paths, "--test", o->test.images, 0);
  sim_paths_add(&paths, "--test-labels", o->test.labels, 0);
  sim_paths_add(&paths, "--offsets", o->data.offsets, 0);
  sim_paths_add(&paths, "--test-offsets", o->test.offsets, 0);
  sim_paths_add(&paths, "--bits", o->bits, 0);
  sim_paths_add(&paths, "--teacher", o->teacher, 0);
  sim_paths_add(&paths, "-o", o->out, 1);
  sim_paths_add(&paths, "--checkpoint", checkpoint, 1);
  sim_paths_add(&paths, "--json", o->json, 1);
  int rc = sim_paths_check(&paths, err);
  if (rc == TETRA_OK) rc = check_resume(o, err);
  if (rc == TETRA_OK) rc = sim_outfile_probe("-o", o->out, err);
  if (rc == TETRA_OK) rc = sim_outfile_probe("--checkpoint", checkpoint, err);
  if (rc == TETRA_OK && o->json != NULL) rc = sim_outfile_probe("--json", o->json, err);
  return rc;
}

int train_main(int argc, char **argv) {
  struct train_command o;
  struct tetra_error err = {0, ""};
  if (train_options_parse(argc, argv, &o, &err) != TETRA_OK) return sim_complain(&err);
  if (o.help) {
    train_help(stdout);
    return SIM_EXIT_GOOD;
  }
  struct train_run r = {.o = &o, .best_epoch = -1, .start = -1};
  struct sim_bits bits = {NULL, 0};
  int code = sim_ranks_begin(&r.ranks);
  if (code != SIM_EXIT_GOOD) return code;
  int rc = r.ranks.rank == 0 ? check_paths(&o, &err) : TETRA_OK;
  if (rc == TETRA_OK && o.bits != NULL) rc = sim_bits_read(o.bits, &bits, &err);
  rc = sim_ranks_agree(&r.ranks, rc, &err);
  o.how.bits = bits.layers;
  o.how.n_bits = bits.n;
  if (rc == TETRA_OK) rc = train(&r, &o, &err);
  code = r.interrupted ? SIM_EXIT_INTERRUPTED : SIM_EXIT_GOOD;
  /* Before the ranks part: a launcher ends all others when one has failed. */
  if (rc != TETRA_OK) code = r.ranks.rank == 0 ? sim_complain(&err) : SIM_EXIT_BAD_INPUT;
  close_run(&r);
  sim_bits_free(&bits);
  sim_ranks_end(&r.ranks);
  return code;
}
