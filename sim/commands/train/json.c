/* The run of `./sim train` for programs. */
#include "commands/train/json.h"

#include <stdio.h>

#include "report/json_parts.h"

static int add_share(cJSON *to, const char *key, int known, double share) {
  return sim_json_add(to, key, known ? cJSON_CreateNumber(share) : cJSON_CreateNull());
}

static cJSON *make_epochs(const struct train_run *r) {
  cJSON *a = cJSON_CreateArray();
  for (int i = 0; a != NULL && i < r->done; i++) {
    const struct train_epoch *e = &r->epochs[i];
    cJSON *o = cJSON_CreateObject();
    if (o != NULL && sim_json_number(o, "loss", e->loss) && sim_json_number(o, "accuracy", e->accuracy) &&
        add_share(o, "test_accuracy", r->test.n > 0, e->test) && sim_json_number(o, "rate", e->rate) &&
        sim_json_number(o, "images_per_second", e->images_per_second) && cJSON_AddItemToArray(a, o))
      continue;
    cJSON_Delete(o);
    cJSON_Delete(a);
    return NULL;
  }
  return a;
}

static int add_network(cJSON *d, const struct train_command *o, const struct train_run *r) {
  const int none = o->how.method == TETRA_TRAIN_FLOAT || o->how.method == TETRA_TRAIN_ONCE || o->bits != NULL;
  const int width = o->network == NULL && o->how.method != TETRA_TRAIN_ONCE;
  char net[24];
  snprintf(net, sizeof net, "%sresnet%d", o->fresh.photos ? "imagenet-" : "", o->fresh.depth);
  return sim_json_text(d, "network", o->network != NULL ? o->network : net) &&
         sim_json_add(d, "width", width ? cJSON_CreateNumber(o->fresh.width) : cJSON_CreateNull()) &&
         sim_json_number(d, "parameters", (double)tetra_train_parameters(r->t)) &&
         sim_json_text(d, "method", tetra_train_method_name(o->how.method)) &&
         sim_json_text(d, "precision", none ? NULL : tetra_precision_name(o->how.precision)) &&
         sim_json_text(d, "bits", o->bits) && sim_json_text(d, "teacher", o->teacher);
}

int train_json(const struct train_run *r, int exported, struct tetra_error *err) {
  const struct train_command *o = r->o;
  cJSON *d = sim_json_document("train", 1);
  int ok = d != NULL && add_network(d, o, r) && sim_json_text(d, "output", exported >= 0 ? o->out : NULL);
  ok = ok && sim_json_text(d, "data", o->data.images) && sim_json_number(d, "images", r->data.n) &&
       sim_json_text(d, "test", o->test.images) && sim_json_number(d, "test_images", r->test.n);
  ok = ok && sim_json_number(d, "batch", o->how.batch) && sim_json_number(d, "rate", r->schedule.base) &&
       sim_json_number(d, "seed", (double)o->how.seed) && sim_json_bool(d, "interrupted", r->interrupted);
  ok = ok && sim_json_add(d, "exported_epoch", exported >= 0 ? cJSON_CreateNumber(exported + 1) : cJSON_CreateNull()) &&
       sim_json_add(d, "epochs", make_epochs(r));
  if (!ok) {
    cJSON_Delete(d);
    d = NULL;
  }
  return sim_json_deliver(d, o->json, err);
}
