/* The report of a run over many images: a line an image or a progress line, totals, JSON. */
#include "report/tally.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/outfile.h"
#include "cli/file_options.h"
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
  if (t->interrupted) printf("stopped  by the user; what follows is of the images so far\n");
  printf("done     %d of %d images in %.2f s, %.4g images/s\n", t->done, t->n, t->seconds,
         t->seconds > 0 ? t->done / t->seconds : 0.0);
  if (t->labels != NULL) {
    printf("top-1    %.2f %% (%d of %d)\n", percent(t->right1, t->done), t->right1, t->done);
    printf("top-5    %.2f %% (%d of %d)\n", percent(t->right5, t->done), t->right5, t->done);
  }
  if (t->o->backend != SIM_BACKEND_RTL || t->done == 0) return;
  printf("cycles   %" PRIu64 " an image\n", t->cycles / (uint64_t)t->done);
  printf("result   RTL = C in everything compared of %d of %d images\n", t->compared, t->done);
}

static cJSON *predictions(const struct sim_tally *t) { return cJSON_CreateIntArray(t->predictions, t->n); }

static cJSON *names(const struct sim_tally *t) {
  cJSON *a = cJSON_CreateArray();
  for (int i = 0; a != NULL && i < t->n; i++)
    cJSON_AddItemToArray(a, cJSON_CreateString(sim_class_name(t->classes, t->predictions[i])));
  return a;
}

static cJSON *match(const struct sim_tally *t) {
  if (t->o->backend != SIM_BACKEND_RTL || t->o->check == SIM_CHECK_NONE) return cJSON_CreateNull();
  return cJSON_CreateBool(t->compared == t->done && t->done != 0);
}

int sim_tally_json(const struct sim_tally *t, const char *path, struct tetra_error *err) {
  cJSON *d = cJSON_CreateObject();
  int ok = d != NULL && cJSON_AddStringToObject(d, "network", t->o->net.network) != NULL;
  ok = ok && cJSON_AddStringToObject(d, "backend", sim_backend_name(t->o->backend)) != NULL;
  ok = ok && cJSON_AddNumberToObject(d, "skip", t->o->skip) != NULL;
  ok = ok && cJSON_AddNumberToObject(d, "images", t->n) != NULL && cJSON_AddNumberToObject(d, "done", t->done) != NULL;
  ok = ok && cJSON_AddBoolToObject(d, "interrupted", t->interrupted) != NULL;
  if (t->labels != NULL) {
    ok = ok && cJSON_AddNumberToObject(d, "top1", percent(t->right1, t->done)) != NULL;
    ok = ok && cJSON_AddNumberToObject(d, "top5", percent(t->right5, t->done)) != NULL;
  }
  ok = ok && cJSON_AddNumberToObject(d, "seconds", t->seconds) != NULL;
  ok = ok && cJSON_AddNumberToObject(d, "cycles", (double)t->cycles) != NULL;
  ok = ok && cJSON_AddItemToObject(d, "match", match(t));
  ok = ok && cJSON_AddItemToObject(d, "predictions", predictions(t));
  if (t->classes->n != 0) ok = ok && cJSON_AddItemToObject(d, "names", names(t));
  char *text = ok ? cJSON_Print(d) : NULL;
  const int rc = text == NULL ? tetra_fail(err, TETRA_ENOMEM, "no memory for the results")
                              : sim_outfile_text("--json", path, text, err);
  cJSON_free(text);
  cJSON_Delete(d);
  return rc;
}
