/* Results in SQLite: the file, its owner, and answers into it. */
#define _GNU_SOURCE
#include "commands/sweep/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/paths.h"
#include "commands/sweep/store_schema.h"
#include "commands/sweep/study_hash.h"

enum { BUSY_MS = 5000 }; /* readers hold the file for moments only */

struct sweep_store {
  const char *path; /* borrowed */
  const struct sim_study *s;
  int owner; /* a descriptor of the file: its lock (flock) says that a sweep writes it; closed last, for closing any
                descriptor of a file ends the locks that SQLite has on it */
  sqlite3 *db;
  sqlite3_stmt *status, *result, *layer, *rtl, *accuracy;
  char data[SWEEP_HASH_CHARS]; /* of what images and labels hold; "" where the study has none */
  int n_stale;                 /* networks that were counted over others */
};

/* What there is to do, by SQLite's code. */
static const char *next_step(int code) {
  switch (code) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another program has locked it; the same command goes on when that one is done";
    case SQLITE_FULL:
      return "the disk is full; with more room the same command goes on";
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return "file and folder must be writable, for SQLite keeps its journal beside the file; then the same command "
             "goes "
             "on";
    case SQLITE_CORRUPT:
      return "the file is damaged; name another, or an undamaged copy of it";
    case SQLITE_NOTADB:
      return "no results of a sweep, but another kind of file, or a damaged one; name another";
    case SQLITE_ERROR:
    case SQLITE_SCHEMA:
    case SQLITE_MISMATCH:
    case SQLITE_CONSTRAINT:
      return "its tables are not as this program makes them; name another file";
    default:
      return "the same command goes on from what is there";
  }
}

static int refuse(struct sweep_store *st, struct tetra_error *err) {
  const int code = sqlite3_errcode(st->db) & 0xff;
  if (code == SQLITE_NOMEM) return tetra_fail(err, TETRA_ENOMEM, "no memory for results '%s'", st->path);
  return tetra_fail(err, TETRA_EIO, "results '%s': %s: %s", st->path, sqlite3_errmsg(st->db), next_step(code));
}

static int run(struct sweep_store *st, const char *sql, struct tetra_error *err) {
  return sqlite3_exec(st->db, sql, NULL, NULL, NULL) == SQLITE_OK ? TETRA_OK : refuse(st, err);
}

static int prepare(struct sweep_store *st, const char *sql, sqlite3_stmt **out, struct tetra_error *err) {
  return sqlite3_prepare_v2(st->db, sql, -1, out, NULL) == SQLITE_OK ? TETRA_OK : refuse(st, err);
}

/* Runs a prepared statement that gives no rows, once. */
static int execute(struct sweep_store *st, sqlite3_stmt *q, struct tetra_error *err) {
  const int step = sqlite3_step(q), rc = step == SQLITE_DONE ? TETRA_OK : refuse(st, err);
  sqlite3_reset(q);
  return rc;
}

static void bind_text(sqlite3_stmt *q, int i, const char *text) {
  if (text == NULL)
    sqlite3_bind_null(q, i);
  else
    sqlite3_bind_text(q, i, text, -1, SQLITE_TRANSIENT);
}

static void bind_int(sqlite3_stmt *q, int i, uint64_t v) { sqlite3_bind_int64(q, i, (sqlite3_int64)v); }

/* 0 of an axis that says nothing of the point. */
static void bind_axis(sqlite3_stmt *q, int i, double v, int real) {
  if (v == 0)
    sqlite3_bind_null(q, i);
  else if (real)
    sqlite3_bind_double(q, i, v);
  else
    sqlite3_bind_int64(q, i, (sqlite3_int64)v);
}

static int put_meta(struct sweep_store *st, const char *key, const char *value, struct tetra_error *err) {
  sqlite3_stmt *q = NULL;
  int rc = prepare(st, "INSERT INTO meta VALUES(?, ?)", &q, err);
  if (rc == TETRA_OK) {
    bind_text(q, 1, key);
    bind_text(q, 2, value);
    rc = execute(st, q, err);
  }
  sqlite3_finalize(q);
  return rc;
}

static int put_points(struct sweep_store *st, struct tetra_error *err) {
  const struct sim_study *s = st->s;
  sqlite3_stmt *q = NULL;
  int rc =
      prepare(st, "INSERT INTO points(id, " SWEEP_POINT_COLUMNS ") VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", &q, err);
  for (int i = 0; i < s->n_points && rc == TETRA_OK; i++) {
    const struct sim_point *p = &s->points[i];
    const struct tetra_caps caps = sim_study_caps(p);
    sqlite3_bind_int(q, 1, i);
    bind_text(q, 2, sim_study_name(s, p, SIM_AXIS_NETWORK));
    bind_text(q, 3, sim_study_name(s, p, SIM_AXIS_PRECISION));
    bind_text(q, 4, sim_study_name(s, p, SIM_AXIS_BITS));
    for (int a = SIM_AXIS_WIDTH; a < SIM_AXES; a++)
      bind_axis(q, 5 + a - SIM_AXIS_WIDTH, p->v[a], sim_axes[a].kind == SIM_AXIS_REAL);
    bind_int(q, 5 + SIM_AXES - SIM_AXIS_WIDTH, tetra_caps_sram_bits(&caps) / 8);
    rc = execute(st, q, err);
  }
  sqlite3_finalize(q);
  return rc;
}

static int make(struct sweep_store *st, const char *hash, const char *command, struct tetra_error *err) {
  char points[16];
  char *study = cJSON_PrintUnformatted(st->s->json);
  snprintf(points, sizeof points, "%d", st->s->n_points);
  if (study == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for the study");
  int rc = run(st, SWEEP_SCHEMA, err);
  if (rc == TETRA_OK) rc = put_meta(st, "format", SWEEP_FORMAT, err);
  if (rc == TETRA_OK) rc = put_meta(st, "version", TETRA_VERSION, err);
  if (rc == TETRA_OK) rc = put_meta(st, "study_hash", hash, err);
  if (rc == TETRA_OK) rc = put_meta(st, "study", study, err);
  if (rc == TETRA_OK) rc = put_meta(st, "command", command, err);
  if (rc == TETRA_OK) rc = put_meta(st, "points", points, err);
  if (rc == TETRA_OK) rc = put_points(st, err);
  cJSON_free(study);
  return rc;
}

/* Is meta[key] that value? Else `what` it is of another. */
static int check_meta(struct sweep_store *st, const char *key, const char *value, const char *what,
                      struct tetra_error *err) {
  sqlite3_stmt *q = NULL;
  int rc = prepare(st, "SELECT value FROM meta WHERE key = ?", &q, err);
  if (rc != TETRA_OK && (sqlite3_errcode(st->db) & 0xff) == SQLITE_ERROR)
    return tetra_fail(err, TETRA_EINVAL, "results '%s': a database, but not of a sweep; name another file", st->path);
  if (rc != TETRA_OK) return rc;
  bind_text(q, 1, key);
  const int step = sqlite3_step(q);
  const char *is = step == SQLITE_ROW ? (const char *)sqlite3_column_text(q, 0) : NULL;
  if (step != SQLITE_ROW && step != SQLITE_DONE)
    rc = refuse(st, err);
  else if (is == NULL || strcmp(is, value) != 0)
    rc = tetra_fail(err, TETRA_EINVAL, "results '%s': they are of another %s (%s, not %s); name another file", st->path,
                    what, is == NULL ? "none" : is, value);
  sqlite3_finalize(q);
  return rc;
}

static int check(struct sweep_store *st, const char *hash, struct tetra_error *err) {
  int rc = check_meta(st, "format", SWEEP_FORMAT, "format", err);
  if (rc == TETRA_OK) rc = check_meta(st, "version", TETRA_VERSION, "version of Tetra", err);
  return rc == TETRA_OK ? check_meta(st, "study_hash", hash, "study", err) : rc;
}

/* Has the file any table yet? */
static int is_empty(struct sweep_store *st, int *empty, struct tetra_error *err) {
  sqlite3_stmt *q = NULL;
  int rc = prepare(st, "SELECT count(*) FROM sqlite_master", &q, err);
  if (rc == TETRA_OK && sqlite3_step(q) != SQLITE_ROW) rc = refuse(st, err);
  if (rc == TETRA_OK) *empty = sqlite3_column_int(q, 0) == 0;
  sqlite3_finalize(q);
  return rc;
}

/* Beside a database `x` SQLite has files of these names, and takes what is there for its own. */
static int check_name(const char *path, struct tetra_error *err) {
  static const char *const ends[] = {"-journal", "-wal", "-shm"};
  const size_t n = strlen(path);
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    const size_t k = strlen(ends[i]);
    if (n > k && strcmp(path + n - k, ends[i]) == 0)
      return tetra_fail(
          err, TETRA_EINVAL,
          "results '%s': names that end in %s are those of SQLite's own files beside a database, which it "
          "deletes; name another file",
          path, ends[i]);
  }
  return TETRA_OK;
}

static int own(struct sweep_store *st, struct tetra_error *err) {
  struct stat is;
  st->owner = open(st->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (st->owner < 0)
    return tetra_fail(err, TETRA_EIO,
                      "results '%s': cannot be opened for writing: %s; name a file in a folder that may be written",
                      st->path, strerror(errno));
  if (fstat(st->owner, &is) != 0 || !S_ISREG(is.st_mode))
    return tetra_fail(err, TETRA_EINVAL, "results '%s': no file, but a device or pipe; name a file", st->path);
  if (flock(st->owner, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return TETRA_OK;
  return tetra_fail(err, TETRA_EIO,
                    "results '%s': another sweep is writing it; wait for that one, or name another file", st->path);
}

static int prepare_all(struct sweep_store *st, struct tetra_error *err) {
  int rc = prepare(st, "UPDATE points SET status = ?, reason = ? WHERE id = ?", &st->status, err);
  if (rc == TETRA_OK)
    rc = prepare(st,
                 "INSERT OR REPLACE INTO results(point, " SWEEP_RESULT_COLUMNS
                 ") VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                 &st->result, err);
  if (rc == TETRA_OK) rc = prepare(st, "INSERT OR REPLACE INTO layers VALUES(?,?,?,?,?,?,?,?,?)", &st->layer, err);
  if (rc == TETRA_OK) rc = prepare(st, "UPDATE results SET rtl_cycles = ? WHERE point = ?", &st->rtl, err);
  return rc == TETRA_OK ? prepare(st, "INSERT OR REPLACE INTO accuracy VALUES(?,?,?,?,?,?,?)", &st->accuracy, err) : rc;
}

/* What was counted over images or labels that hold something else now is to be counted again. */
static int forget_stale(struct sweep_store *st, struct tetra_error *err) {
  sqlite3_stmt *q = NULL;
  if (st->data[0] == '\0') return TETRA_OK;
  int rc =
      prepare(st,
              "UPDATE accuracy SET images = NULL, top1 = NULL, top5 = NULL, reason = 'counted over images or labels "
              "that were others' WHERE images IS NOT NULL AND data <> ?",
              &q, err);
  if (rc == TETRA_OK) {
    bind_text(q, 1, st->data);
    rc = execute(st, q, err);
  }
  sqlite3_finalize(q);
  st->n_stale = rc == TETRA_OK ? sqlite3_changes(st->db) : 0;
  return rc;
}

int sweep_store_stale(const struct sweep_store *st) { return st->n_stale; }

static int open_database(struct sweep_store *st, const char *hash, const char *command, struct tetra_error *err) {
  int empty = 0;
  char *name = sim_path_of_file(st->path);
  if (name == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for the name of the results");
  const int opened = sqlite3_open_v2(name, &st->db, SQLITE_OPEN_READWRITE, NULL);
  free(name);
  if (opened != SQLITE_OK) return refuse(st, err);
  sqlite3_busy_timeout(st->db, BUSY_MS);
  int rc = run(st, "BEGIN IMMEDIATE", err); /* nobody writes it now, and what a killed sweep left is rolled back */
  if (rc == TETRA_OK) rc = is_empty(st, &empty, err);
  if (rc == TETRA_OK) rc = empty ? make(st, hash, command, err) : check(st, hash, err);
  if (rc == TETRA_OK) rc = forget_stale(st, err);
  if (rc == TETRA_OK) rc = run(st, "COMMIT", err);
  return rc == TETRA_OK ? prepare_all(st, err) : rc;
}

int sweep_store_open(struct sweep_store **out, const char *path, const struct sim_study *s, const char *command,
                     struct tetra_error *err) {
  struct sweep_store *st = calloc(1, sizeof *st);
  *out = NULL;
  if (st == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for results '%s'", path);
  st->path = path;
  st->s = s;
  st->owner = -1;
  char hash[SWEEP_HASH_CHARS];
  int rc = check_name(path, err); /* before anything is made */
  if (rc == TETRA_OK) rc = sweep_study_hash(s, hash, err);
  if (rc == TETRA_OK) rc = sweep_data_hash(s, st->data, err);
  if (rc == TETRA_OK) rc = own(st, err);
  if (rc == TETRA_OK) rc = open_database(st, hash, command, err);
  if (rc != TETRA_OK) {
    sweep_store_close(st);
    return rc;
  }
  *out = st;
  return TETRA_OK;
}

void sweep_store_close(struct sweep_store *st) {
  if (st == NULL) return;
  sqlite3_finalize(st->status);
  sqlite3_finalize(st->result);
  sqlite3_finalize(st->layer);
  sqlite3_finalize(st->rtl);
  sqlite3_finalize(st->accuracy);
  sqlite3_close(st->db);
  if (st->owner >= 0) close(st->owner);
  free(st);
}

static enum sweep_status status_named(const char *text) {
  return strcmp(text, "done") == 0      ? SWEEP_DONE
         : strcmp(text, "refused") == 0 ? SWEEP_REFUSED
         : strcmp(text, "failed") == 0  ? SWEEP_FAILED
                                        : SWEEP_TODO;
}

int sweep_store_known(struct sweep_store *st, struct sweep_known *known, struct tetra_error *err) {
  sqlite3_stmt *q = NULL;
  int step = SQLITE_DONE;
  int rc = prepare(st,
                   "SELECT p.id, p.status, r.point, r.rtl_cycles, a.images IS NOT NULL "
                   "FROM points p LEFT JOIN results r ON r.point = p.id LEFT JOIN accuracy a ON "
                   "a.network = p.network AND a.bits = COALESCE(p.bits, '')",
                   &q, err);
  while (rc == TETRA_OK && (step = sqlite3_step(q)) == SQLITE_ROW) {
    const int i = sqlite3_column_int(q, 0);
    if (i < 0 || i >= st->s->n_points) continue;
    enum sweep_status status = status_named((const char *)sqlite3_column_text(q, 1));
    const int has_result = sqlite3_column_type(q, 2) != SQLITE_NULL;
    if (status == SWEEP_FAILED && !has_result) status = SWEEP_TODO;
    known[i] = (struct sweep_known){(unsigned char)status, sqlite3_column_type(q, 3) != SQLITE_NULL,
                                    (unsigned char)(sqlite3_column_int(q, 4) != 0)};
  }
  if (rc == TETRA_OK && step != SQLITE_DONE) rc = refuse(st, err);
  sqlite3_finalize(q);
  return rc;
}

int sweep_store_begin(struct sweep_store *st, struct tetra_error *err) { return run(st, "BEGIN IMMEDIATE", err); }

int sweep_store_commit(struct sweep_store *st, struct tetra_error *err) { return run(st, "COMMIT", err); }

static int put_status(struct sweep_store *st, const struct sweep_answer *a, struct tetra_error *err) {
  static const char *const names[] = {"todo", "done", "refused", "failed"};
  bind_text(st->status, 1, names[a->status]);
  bind_text(st->status, 2, a->status == SWEEP_DONE ? NULL : a->reason);
  sqlite3_bind_int(st->status, 3, a->point);
  return execute(st, st->status, err);
}

/* Figures that the study does not record stay NULL. */
static int put_result(struct sweep_store *st, const struct sweep_answer *a, struct tetra_error *err) {
  const unsigned figures = st->s->figures;
  sqlite3_stmt *q = st->result;
  sqlite3_clear_bindings(q);
  sqlite3_bind_int(q, 1, a->point);
  bind_int(q, 2, a->cycles);
  if (figures & SIM_FIGURES_UTILIZATION) {
    bind_int(q, 3, a->compute_bound);
    bind_int(q, 4, a->memory_bound);
    bind_int(q, 5, a->macs);
    sqlite3_bind_double(q, 6, a->utilization);
  }
  bind_int(q, 7, a->layers);
  bind_int(q, 8, a->commands);
  if (figures & SIM_FIGURES_BYTES) {
    bind_int(q, 9, a->read_bytes);
    bind_int(q, 10, a->write_bytes);
    bind_int(q, 11, a->command_bytes);
    bind_int(q, 12, a->constant_bytes);
  }
  for (int i = 0; figures & SIM_FIGURES_STALLS && i < TETRA_TIMING_CLASSES; i++) bind_int(q, 13 + i, a->classes[i]);
  if (figures & SIM_FIGURES_ENERGY) sqlite3_bind_double(q, 13 + TETRA_TIMING_CLASSES, a->energy_pj);
  return execute(st, q, err);
}

static int put_layers(struct sweep_store *st, const struct sweep_answer *a, const struct sweep_layer *layers,
                      struct tetra_error *err) {
  int rc = TETRA_OK;
  for (int i = 0; i < a->n_layers && rc == TETRA_OK; i++) {
    const struct sweep_layer *l = &layers[i];
    const uint64_t numbers[] = {l->cycles, l->busy, l->read_bytes, l->write_bytes, l->macs, l->compute_bound};
    sqlite3_bind_int(st->layer, 1, a->point);
    sqlite3_bind_int(st->layer, 2, i);
    bind_text(st->layer, 3, l->name);
    for (int k = 0; k < 6; k++) bind_int(st->layer, 4 + k, numbers[k]);
    rc = execute(st, st->layer, err);
  }
  return rc;
}

static int put_accuracy(struct sweep_store *st, const struct sweep_answer *a, struct tetra_error *err) {
  const struct sim_point *p = &st->s->points[a->point];
  const char *bits = sim_study_name(st->s, p, SIM_AXIS_BITS);
  sqlite3_clear_bindings(st->accuracy);
  bind_text(st->accuracy, 1, sim_study_name(st->s, p, SIM_AXIS_NETWORK));
  bind_text(st->accuracy, 2, bits == NULL ? "" : bits);
  if (a->status == SWEEP_DONE) {
    sqlite3_bind_int(st->accuracy, 3, a->images);
    sqlite3_bind_int(st->accuracy, 4, a->top1);
    sqlite3_bind_int(st->accuracy, 5, a->top5);
  } else {
    bind_text(st->accuracy, 6, a->reason);
  }
  bind_text(st->accuracy, 7, st->data);
  return execute(st, st->accuracy, err);
}

int sweep_store_put(struct sweep_store *st, enum sweep_kind kind, const struct sweep_answer *a,
                    const struct sweep_layer *layers, struct tetra_error *err) {
  if (kind == SWEEP_ACCURACY) return put_accuracy(st, a, err);
  int rc = TETRA_OK;
  if (kind == SWEEP_MODEL || a->status != SWEEP_DONE) rc = put_status(st, a, err);
  if (rc == TETRA_OK && kind == SWEEP_RTL) {
    if (a->rtl_cycles == 0) return TETRA_OK;
    bind_int(st->rtl, 1, a->rtl_cycles);
    sqlite3_bind_int(st->rtl, 2, a->point);
    return execute(st, st->rtl, err);
  }
  if (rc != TETRA_OK || a->status != SWEEP_DONE) return rc;
  rc = put_result(st, a, err);
  return rc == TETRA_OK ? put_layers(st, a, layers, err) : rc;
}

static int write_text(FILE *f, const char *text) {
  cJSON *item = cJSON_CreateString(text);
  char *quoted = item == NULL ? NULL : cJSON_PrintUnformatted(item);
  const int good = quoted != NULL;
  if (good) fputs(quoted, f);
  cJSON_free(quoted);
  cJSON_Delete(item);
  return good;
}

/* In CSV a text in double quotes, those in it doubled; nothing where there is none. */
static void write_cell(FILE *f, sqlite3_stmt *q, int i) {
  const int type = sqlite3_column_type(q, i);
  if (type == SQLITE_INTEGER) fprintf(f, "%lld", (long long)sqlite3_column_int64(q, i));
  if (type == SQLITE_FLOAT) fprintf(f, "%.17g", sqlite3_column_double(q, i));
  if (type != SQLITE_TEXT) return;
  putc('"', f);
  for (const char *c = (const char *)sqlite3_column_text(q, i); *c != '\0'; c++) {
    if (*c == '"') putc('"', f);
    putc(*c, f);
  }
  putc('"', f);
}

/* Returns 0 where there is no memory; what cannot be written, the file's end tells. */
static int write_value(FILE *f, sqlite3_stmt *q, int i) {
  switch (sqlite3_column_type(q, i)) {
    case SQLITE_INTEGER:
      fprintf(f, "%lld", (long long)sqlite3_column_int64(q, i));
      return 1;
    case SQLITE_FLOAT:
      fprintf(f, "%.17g", sqlite3_column_double(q, i));
      return 1;
    case SQLITE_TEXT:
      return write_text(f, (const char *)sqlite3_column_text(q, i));
    default:
      fputs("null", f);
      return 1;
  }
}

static const char kAnswers[] = "SELECT * FROM answers ORDER BY id";

int sweep_store_csv(struct sweep_store *st, FILE *f, struct tetra_error *err) {
  sqlite3_stmt *q = NULL;
  int step = SQLITE_DONE;
  int rc = prepare(st, kAnswers, &q, err);
  for (int i = 0; i < sqlite3_column_count(q); i++) fprintf(f, "%s%s", i == 0 ? "" : ",", sqlite3_column_name(q, i));
  putc('\n', f);
  while (rc == TETRA_OK && (step = sqlite3_step(q)) == SQLITE_ROW) {
    for (int i = 0; i < sqlite3_column_count(q); i++) {
      if (i != 0) putc(',', f);
      write_cell(f, q, i);
    }
    putc('\n', f);
  }
  if (rc == TETRA_OK && step != SQLITE_DONE) rc = refuse(st, err);
  sqlite3_finalize(q);
  return rc;
}

/* The keys of meta, those that are numbers or JSON as such. */
static int write_meta(struct sweep_store *st, FILE *f, struct tetra_error *err) {
  sqlite3_stmt *q = NULL;
  int step = SQLITE_DONE, good = 1;
  int rc = prepare(st, "SELECT key, value FROM meta ORDER BY key", &q, err);
  while (rc == TETRA_OK && (step = sqlite3_step(q)) == SQLITE_ROW) {
    const char *key = (const char *)sqlite3_column_text(q, 0), *value = (const char *)sqlite3_column_text(q, 1);
    if (strcmp(key, "points") == 0) continue;
    fprintf(f, ",\n \"%s\": ", key);
    if (strcmp(key, "study") == 0)
      fputs(value, f);
    else
      good = write_text(f, value);
  }
  if (rc == TETRA_OK && step != SQLITE_DONE) rc = refuse(st, err);
  sqlite3_finalize(q);
  return rc == TETRA_OK && !good ? tetra_fail(err, TETRA_ENOMEM, "no memory for the JSON document") : rc;
}

int sweep_store_json(struct sweep_store *st, FILE *f, struct tetra_error *err) {
  sqlite3_stmt *q = NULL;
  int step = SQLITE_DONE, good = 1, n = 0;
  fputs("{\"schema\": \"tetra-study-1\"", f);
  int rc = write_meta(st, f, err);
  if (rc == TETRA_OK) rc = prepare(st, kAnswers, &q, err);
  fputs(",\n \"answers\": [", f);
  for (; rc == TETRA_OK && (step = sqlite3_step(q)) == SQLITE_ROW; n++) {
    fputs(n == 0 ? "\n  {" : ",\n  {", f);
    for (int i = 0; i < sqlite3_column_count(q); i++) {
      fprintf(f, "%s\"%s\": ", i == 0 ? "" : ", ", sqlite3_column_name(q, i));
      good &= write_value(f, q, i);
    }
    putc('}', f);
  }
  fputs("\n]}\n", f);
  if (rc == TETRA_OK && step != SQLITE_DONE) rc = refuse(st, err);
  sqlite3_finalize(q);
  return rc == TETRA_OK && !good ? tetra_fail(err, TETRA_ENOMEM, "no memory for the JSON document") : rc;
}
