/* Reads energy tables, and works out what an event costs on given hardware. */
#include "files/energy_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "files/json_file.h"

static const char kWhat[] = "--energy";
static const char kSchema[] = "tetra-energy-1";

struct reader {
  const char *path;
  struct tetra_error *err;
};

static const cJSON *object_of(const struct reader *r, const cJSON *in, const char *key) {
  const cJSON *o = cJSON_GetObjectItemCaseSensitive(in, key);
  if (cJSON_IsObject(o)) return o;
  tetra_fail(r->err, TETRA_EINVAL, "%s '%s': no object \"%.60s\"; docs/silicon.md has an energy table's keys", kWhat,
             r->path, key);
  return NULL;
}

static int text_of(const struct reader *r, const cJSON *in, const char *where, const char *key) {
  const cJSON *s = cJSON_GetObjectItemCaseSensitive(in, key);
  if (cJSON_IsString(s) && s->valuestring[0] != '\0') return TETRA_OK;
  return tetra_fail(r->err, TETRA_EINVAL, "%s '%s': \"%.60s\" has no text \"%s\"", kWhat, r->path, where, key);
}

/* A number of an object that says where it is from; 0 or more. */
static int number_of(const struct reader *r, const cJSON *in, const char *where, const char *key, double *v) {
  const cJSON *n = cJSON_GetObjectItemCaseSensitive(in, key);
  if (!cJSON_IsNumber(n) || !(n->valuedouble >= 0) || n->valuedouble > 1e12) {
    return tetra_fail(r->err, TETRA_EINVAL, "%s '%s': \"%.60s\" has no number \"%s\" from 0 to 1e12", kWhat, r->path,
                      where, key);
  }
  *v = n->valuedouble;
  return TETRA_OK;
}

/* Is the event one of SRAMs, which have a formula, or of command bytes, which are read as any other? */
static int is_derived(int event) {
  return tetra_event_source((enum tetra_event)event) == TETRA_SOURCE_BUFFERS || event == TETRA_EVENT_DRAM_COMMAND;
}

static int read_event(const struct reader *r, const cJSON *events, int event, struct sim_energy_table *t) {
  static const char *const with_leakage[] = {"pj", "nw", "from", NULL}, *const without[] = {"pj", "from", NULL};
  const char *key = tetra_event_key(event);
  const cJSON *e = object_of(r, events, key);
  if (e == NULL) return TETRA_EINVAL;
  const int leaks = tetra_event_is_cycle((enum tetra_event)event);
  int rc = sim_json_keys(kWhat, r->path, e, leaks ? with_leakage : without, r->err);
  if (rc == TETRA_OK) rc = text_of(r, e, key, "from");
  if (rc == TETRA_OK) rc = number_of(r, e, key, "pj", &t->pj[event]);
  if (rc == TETRA_OK && leaks) rc = number_of(r, e, key, "nw", &t->nw[event]);
  return rc;
}

static int read_events(const struct reader *r, const cJSON *events, struct sim_energy_table *t) {
  const char *keys[TETRA_EVENTS + 1];
  int n = 0;
  for (int e = 0; e < TETRA_EVENTS; e++) {
    if (!is_derived(e)) keys[n++] = tetra_event_key(e);
  }
  keys[n] = NULL;
  int rc = sim_json_keys(kWhat, r->path, events, keys, r->err);
  for (int e = 0; e < TETRA_EVENTS && rc == TETRA_OK; e++) {
    if (!is_derived(e)) rc = read_event(r, events, e, t);
  }
  return rc;
}

static int read_access(const struct reader *r, const cJSON *sram, const char *key, struct sim_energy_access *a) {
  static const char *const keys[] = {"pj_per_bit", "pj_per_bit_root", "from", NULL};
  const cJSON *o = object_of(r, sram, key);
  if (o == NULL) return TETRA_EINVAL;
  int rc = sim_json_keys(kWhat, r->path, o, keys, r->err);
  if (rc == TETRA_OK) rc = text_of(r, o, key, "from");
  if (rc == TETRA_OK) rc = number_of(r, o, key, "pj_per_bit", &a->per_bit);
  if (rc == TETRA_OK) rc = number_of(r, o, key, "pj_per_bit_root", &a->per_bit_root);
  return rc;
}

static int read_sram(const struct reader *r, const cJSON *sram, struct sim_energy_table *t) {
  static const char *const keys[] = {"read", "write", "leakage", NULL};
  static const char *const leakage_keys[] = {"nw_per_bit", "from", NULL};
  int rc = sim_json_keys(kWhat, r->path, sram, keys, r->err);
  if (rc == TETRA_OK) rc = read_access(r, sram, "read", &t->read);
  if (rc == TETRA_OK) rc = read_access(r, sram, "write", &t->write);
  if (rc != TETRA_OK) return rc;
  const cJSON *leakage = object_of(r, sram, "leakage");
  if (leakage == NULL) return TETRA_EINVAL;
  rc = sim_json_keys(kWhat, r->path, leakage, leakage_keys, r->err);
  if (rc == TETRA_OK) rc = text_of(r, leakage, "leakage", "from");
  if (rc == TETRA_OK) rc = number_of(r, leakage, "leakage", "nw_per_bit", &t->nw[TETRA_EVENT_BUFFER_CYCLE]);
  return rc;
}

static int read_table(const struct reader *r, const cJSON *root, struct sim_energy_table *t) {
  static const char *const keys[] = {"schema", "name", "about", "clock_mhz", "events", "sram", NULL};
  const cJSON *schema = cJSON_GetObjectItemCaseSensitive(root, "schema");
  if (!cJSON_IsString(schema) || strcmp(schema->valuestring, kSchema) != 0) {
    return tetra_fail(r->err, TETRA_EINVAL,
                      "%s '%s' is no energy table: \"schema\" is not \"%s\"; docs/silicon.md has its keys", kWhat,
                      r->path, kSchema);
  }
  int rc = sim_json_keys(kWhat, r->path, root, keys, r->err);
  if (rc == TETRA_OK) rc = text_of(r, root, "the table", "name");
  if (rc == TETRA_OK) rc = number_of(r, root, "the table", "clock_mhz", &t->mhz);
  if (rc != TETRA_OK) return rc;
  if (t->mhz <= 0) return tetra_fail(r->err, TETRA_EINVAL, "%s '%s': \"clock_mhz\" is not above 0", kWhat, r->path);
  snprintf(t->name, sizeof t->name, "%s", cJSON_GetObjectItemCaseSensitive(root, "name")->valuestring);
  const cJSON *events = object_of(r, root, "events"), *sram = events == NULL ? NULL : object_of(r, root, "sram");
  if (sram == NULL) return TETRA_EINVAL;
  rc = read_events(r, events, t);
  return rc == TETRA_OK ? read_sram(r, sram, t) : rc;
}

int sim_energy_table_read(const char *path, struct sim_energy_table *t, struct tetra_error *err) {
  const struct reader r = {path, err};
  cJSON *root = NULL;
  memset(t, 0, sizeof *t);
  int rc = sim_json_read(kWhat, path, &root, err);
  if (rc == TETRA_OK) rc = read_table(&r, root, t);
  cJSON_Delete(root);
  return rc;
}

/* An SRAM as rtl/ builds it. */
struct macro {
  enum tetra_event read, write;
  double bits, words;
};

static double access_pj(const struct sim_energy_access *a, const struct macro *m) {
  return m->bits * (a->per_bit + a->per_bit_root * sqrt(m->words * m->bits));
}

void sim_energy_prices(const struct sim_energy_table *t, const struct tetra_caps *caps, double mhz,
                       double price[TETRA_EVENTS]) {
  const double word = 8.0 * caps->n;
  const struct macro macros[] = {
      {TETRA_EVENT_ACT_READ, TETRA_EVENT_ACT_WRITE, word, caps->act_words},
      {TETRA_EVENT_WGT_READ, TETRA_EVENT_WGT_WRITE, word, caps->wgt_words / 2.0},
      {TETRA_EVENT_RES_READ, TETRA_EVENT_RES_WRITE, word, caps->res_words / 2.0},
      {TETRA_EVENT_PAR_READ, TETRA_EVENT_PAR_WRITE, word, caps->par_entries},
      {TETRA_EVENT_ACC_READ, TETRA_EVENT_ACC_WRITE, 4 * word, caps->acc_pixels},
      {TETRA_EVENT_LINE_READ, TETRA_EVENT_LINE_WRITE, word, caps->pool_words},
      {TETRA_EVENT_OUT_READ, TETRA_EVENT_OUT_WRITE, word, TETRA_OUT_WORDS},
  };
  /* nW / MHz = 1e-15 J a cycle. */
  for (int e = 0; e < TETRA_EVENTS; e++) price[e] = t->pj[e] + 1e-3 * t->nw[e] / mhz;
  price[TETRA_EVENT_DRAM_COMMAND] = price[TETRA_EVENT_DRAM_READ];
  for (size_t i = 0; i < sizeof macros / sizeof *macros; i++) {
    price[macros[i].read] = access_pj(&t->read, &macros[i]);
    price[macros[i].write] = access_pj(&t->write, &macros[i]);
  }
}
