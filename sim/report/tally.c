/* The report of a run over many images: a line an image or a progress line, totals, JSON. */
#include "report/tally.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "cli/file_options.h"
#include "report/json_parts.h"
#include "report/text.h"

#define TTY_SECONDS 0.2
#define LOG_SECONDS 2.0

void sim_tally_header(const struct sim_tally *t, const struct sim_source *source, int batch) {
  const struct sim_options *o = t->o;
  if (source->from_file) {
    sim_text_source(source);
  } else {
    printf("network  %s, %s, width %g, untrained\n", o->net.network, tetra_precision_name(o->net.precision),
           o->net.width);
  }
  printf("images   %d of %d from %s, backend %s, %d at once in each of %u process%s\n", t->n, source->n,
         o->image != NULL ? o->image : "a seed", sim_backend_name(o->backend), batch, o->jobs,
         o->jobs == 1 ? "" : "es");
  fflush(stdout);
}

static void clear_line(const struct sim_tally *t) {
  if (t->tty && !t->o->quiet) fputs("\r\033[K", stdout);
}

/* The class, and with names those that follow it. */
static void print_classes(const struct sim_tally *t, const struct sim_outcome *o) {
  printf("image %d: class", o->image + t->o->skip);
  for (int k = 0; k < (t->classes->n == 0 ? 1 : o->top.n); k++) {
    char text[80];
    sim_class_text(t->classes, o->top.cls[k], text, sizeof text);
    printf("%s %s (%.4g)", k == 0 ? "" : ",", text, o->top.logit[k]);
  }
  putchar('\n');
}

void sim_tally_add(struct sim_tally *t, const struct sim_outcome *o) {
  t->done++;
  t->compared += o->compared;
  t->cycles += o->cycles;
  t->predictions[o->image] = o->top.cls[0];
  if (t->outcomes != NULL) t->outcomes[o->image] = *o;
  if (t->labels == NULL) {
    if (t->o->quiet && t->n != 1) return;
    clear_line(t);
    print_classes(t, o);
    fflush(stdout); /* an image may take seconds, and whoever reads a pipe waits for it */
    return;
  }
  const int label = t->labels[o->image];
  t->right1 += o->top.cls[0] == label;
  for (int k = 0; k < SIM_TOP; k++) t->right5 += o->top.cls[k] == label;
}

static double percent(int part, int whole) { return whole == 0 ? 0 : 100.0 * part / whole; }

void sim_tally_progress(struct sim_tally *t, int force) {
  if (t->o->quiet || !(t->tty || t->o->progress)) return;
  const double now = sim_now(), elapsed = now - t->t0;
  if (!force && now - (t->last_shown > 0 ? t->last_shown : t->t0) < (t->tty ? TTY_SECONDS : LOG_SECONDS)) return;
  t->last_shown = now;
  clear_line(t);
  if (force && t->tty) return;
  printf("%d of %d images", t->done, t->n);
  if (t->labels != NULL && t->done != 0) printf(", top-1 %.2f %%", percent(t->right1, t->done));
  if (t->done != 0) {
    printf(", %.4g images/s, %.0f s left", t->done / elapsed, (t->n - t->done) * elapsed / t->done);
  }
  if (!t->tty) putchar('\n');
  fflush(stdout);
}

void sim_tally_report(const struct sim_tally *t) {
  if (t->end == SIM_POOL_INTERRUPTED) printf("stopped  by the user; what follows is of the images so far\n");
  printf("done     %d of %d images in %.2f s, %.4g images/s\n", t->done, t->n, t->seconds,
         t->seconds > 0 ? t->done / t->seconds : 0.0);
  if (t->labels != NULL) {
    printf("top-1    %.2f %% (%d of %d)\n", percent(t->right1, t->done), t->right1, t->done);
    printf("top-5    %.2f %% (%d of %d)\n", percent(t->right5, t->done), t->right5, t->done);
  }
  if (t->o->backend != SIM_BACKEND_RTL || t->n == 0) return;
  if (t->done == 0) {
    printf("result   INCOMPLETE, none of %d images ran\n", t->n);
    return;
  }
  printf("cycles   %" PRIu64 " an image\n", t->cycles / (uint64_t)t->done);
  if (t->done < t->n)
    printf("result   INCOMPLETE, %d of %d images did not run; of those that did: ", t->n - t->done, t->n);
  printf("%sRTL = C in everything compared of %d of %d images\n", t->done < t->n ? "" : "result   ", t->compared,
         t->done);
}

static cJSON *predictions(const struct sim_tally *t) { return cJSON_CreateIntArray(t->predictions, t->n); }

/* An array an image: class, logit and where the network has a softmax the probability, of those that lead. */
static cJSON *leading(const struct sim_tally *t) {
  cJSON *all = cJSON_CreateArray();
  for (int i = 0; all != NULL && t->outcomes != NULL && i < t->n; i++) {
    const struct sim_outcome *o = &t->outcomes[i];
    cJSON *image = cJSON_CreateArray();
    for (int k = 0; k < o->top.n && t->predictions[i] >= 0; k++) {
      const double numbers[3] = {o->top.cls[k], o->top.logit[k], o->probability[k]};
      cJSON_AddItemToArray(image, cJSON_CreateDoubleArray(numbers, o->has_softmax ? 3 : 2));
    }
    cJSON_AddItemToArray(all, image);
  }
  return all;
}

static cJSON *names(const struct sim_tally *t) {
  cJSON *a = cJSON_CreateArray();
  for (int i = 0; a != NULL && i < t->n; i++)
    cJSON_AddItemToArray(a, cJSON_CreateString(sim_class_name(t->classes, t->predictions[i])));
  return a;
}

/* Of a run that ended early, and not by the user, nothing is said of those images that did not run. */
static cJSON *match(const struct sim_tally *t) {
  if (t->o->backend != SIM_BACKEND_RTL || t->o->check == SIM_CHECK_NONE) return cJSON_CreateNull();
  if (t->different || t->compared != t->done) return cJSON_CreateFalse();
  if (t->done == 0 || (t->done < t->n && t->end != SIM_POOL_INTERRUPTED)) return cJSON_CreateNull();
  return cJSON_CreateTrue();
}

/* How far it got, and what it says of the images. */
static int add_outcome(cJSON *d, const struct sim_tally *t) {
  int ok = sim_json_number(d, "skip", t->o->skip) && sim_json_number(d, "images", t->n);
  ok = ok && sim_json_number(d, "done", t->done) && sim_json_bool(d, "interrupted", t->end == SIM_POOL_INTERRUPTED);
  if (t->labels != NULL) {
    ok = ok && sim_json_number(d, "top1", percent(t->right1, t->done));
    ok = ok && sim_json_number(d, "top5", percent(t->right5, t->done));
  }
  ok = ok && sim_json_number(d, "seconds", t->seconds) && sim_json_number(d, "cycles", (double)t->cycles);
  ok = ok && sim_json_add(d, "match", match(t)) && sim_json_add(d, "predictions", predictions(t));
  ok = ok && sim_json_add(d, "leading", leading(t));
  return ok && (t->classes->n == 0 || sim_json_add(d, "names", names(t)));
}

int sim_tally_json(const struct sim_tally *t, const char *path, struct tetra_error *err) {
  const struct sim_options *o = t->o;
  cJSON *d = sim_json_document("images", 1);
  int ok = d != NULL && sim_json_text(d, "network", o->net.network);
  ok = ok && sim_json_text(d, "precision", o->from_file ? NULL : tetra_precision_name(o->net.precision));
  ok = ok && sim_json_number(d, "width", o->net.width) && sim_json_text(d, "backend", sim_backend_name(o->backend));
  ok = ok && sim_json_number(d, "array", o->array) && sim_json_add(d, "settings", sim_json_settings(o));
  ok = ok && sim_json_text(d, "labels", o->labels) && add_outcome(d, t);
  if (!ok) {
    cJSON_Delete(d);
    d = NULL;
  }
  return sim_json_deliver(d, path, err);
}
