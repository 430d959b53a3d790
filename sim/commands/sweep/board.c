/* Hands points out: to each worker as much as it soon has done, again what a dead one had. */
#include "commands/sweep/board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

enum {
  AHEAD = 2,  /* tasks at a worker: the one that it does, and one for when it has done that */
  DEATHS = 2, /* of processes that a point may cost */
  BATCH = 64, /* replies stored at once */
  WAIT_MS = 200,
  SILENT_S = 2, /* a rank that says nothing for so long, and so many tasks more, may be dead */
  SILENT_TASKS = 10
};

struct hands {
  struct sweep_task task[AHEAD];
  int n;
  double since; /* when the first was handed out */
};

struct desk {
  const struct sweep_board *b;
  enum sweep_kind kind;
  const int *points;
  int n, next;
  int *again, n_again;   /* points to hand out one by one, each there once */
  unsigned char *queued; /* by point of the study: it is among them */
  unsigned char *state;  /* by point of the study: 1 wanted, 0 answered; */
  unsigned char *deaths; /* of a point: processes that died of it */
  struct hands *hands;   /* by worker */
  struct sweep_tally *tally;
};

static int left(const struct desk *d) { return d->tally->n - d->tally->answered; }

/* The next task for a worker; n 0: nothing is left to hand out. */
static struct sweep_task next_task(struct desk *d) {
  struct sweep_task t = {.kind = (int32_t)d->kind};
  while (d->n_again > 0 && t.n == 0) {
    const int p = d->again[--d->n_again];
    d->queued[p] = 0;
    if (d->state[p]) t.points[t.n++] = p;
  }
  if (t.n != 0) return t;
  int most = d->kind == SWEEP_MODEL ? (d->n - d->next) / (4 * d->b->crew->n) : 1;
  if (most > SWEEP_UNIT) most = SWEEP_UNIT;
  if (most < 1) most = 1;
  while (t.n < most && d->next < d->n) t.points[t.n++] = d->points[d->next++];
  return t;
}

static void queue(struct desk *d, int point) {
  if (!d->state[point] || d->queued[point]) return;
  d->queued[point] = 1;
  d->again[d->n_again++] = point;
}

/* What a dead or silent worker has not answered is to do again, point by point. */
static void take_back(struct desk *d, int worker) {
  struct hands *h = &d->hands[worker];
  for (int i = 0; i < h->n; i++)
    for (int k = 0; k < h->task[i].n; k++) queue(d, h->task[i].points[k]);
  h->n = 0;
}

static void hand_out(struct desk *d, int worker) {
  struct hands *h = &d->hands[worker];
  const int ahead = d->kind == SWEEP_MODEL ? AHEAD : 1;
  while (h->n < ahead && sweep_crew_alive(d->b->crew, worker)) {
    const struct sweep_task t = next_task(d);
    if (t.n == 0) return;
    if (h->n == 0) h->since = sim_now();
    h->task[h->n++] = t;
    if (!sweep_crew_send(d->b->crew, worker, &t)) return; /* its death will be told */
  }
}

/* Ranks that MPI does not tell dead: what they had, idle workers get. Whoever answers first is heard. */
static void help_silent(struct desk *d) {
  if (d->next < d->n || d->n_again > 0 || d->tally->answered == 0) return;
  const double point = (sim_now() - d->tally->t0) * d->b->crew->n / d->tally->answered;
  const double patience = SILENT_S + SILENT_TASKS * point * (d->kind == SWEEP_MODEL ? SWEEP_UNIT : 1);
  for (int w = d->b->crew->n_children; w < d->b->crew->n; w++) {
    struct hands *h = &d->hands[w];
    if (h->n == 0 || sim_now() - h->since < patience) continue;
    const struct hands before = *h;
    take_back(d, w);
    *h = before;
    h->since = sim_now();
  }
}

static int store_one(struct desk *d, const struct sweep_answer *a, const struct sweep_layer *layers,
                     struct tetra_error *err) {
  if (a->status == SWEEP_TODO) return tetra_fail(err, TETRA_EIO, "point %d: %s", a->point, a->reason);
  if (!d->state[a->point]) return TETRA_OK;
  const int rc = sweep_store_put(d->b->store, d->kind, a, layers, err);
  if (rc != TETRA_OK) return rc;
  d->state[a->point] = 0;
  d->tally->answered++;
  d->tally->done += a->status == SWEEP_DONE;
  d->tally->refused += a->status == SWEEP_REFUSED;
  d->tally->failed += a->status == SWEEP_FAILED;
  return TETRA_OK;
}

static int store_reply(struct desk *d, const struct sweep_reply *r, struct tetra_error *err) {
  int rc = TETRA_OK;
  if (r->n == 0)
    return tetra_fail(err, TETRA_ENOMEM, "a process has no memory for its answers; fewer --jobs need less");
  for (size_t at = 0; at + sizeof(struct sweep_answer) <= r->n && rc == TETRA_OK;) {
    struct sweep_answer a;
    memcpy(&a, r->bytes + at, sizeof a);
    at += sizeof a;
    const size_t bytes = (size_t)a.n_layers * sizeof(struct sweep_layer);
    if (a.point < 0 || a.point >= d->b->crew->s->n_points || bytes > r->n - at)
      return tetra_fail(err, TETRA_EIO, "a process answered what it was not asked");
    rc = store_one(d, &a, (const struct sweep_layer *)(const void *)(r->bytes + at), err);
    at += bytes;
  }
  return rc;
}

/* A point that was alone in its task is why the process died, as far as anybody can tell. */
static int store_death(struct desk *d, int worker, int signal, struct tetra_error *err) {
  struct hands *h = &d->hands[worker];
  int rc = TETRA_OK;
  if (h->n > 0 && h->task[0].n == 1 && d->state[h->task[0].points[0]]) {
    struct sweep_answer a = {.kind = (int32_t)d->kind, .point = h->task[0].points[0], .status = SWEEP_FAILED};
    if (++d->deaths[a.point] >= DEATHS) {
      snprintf(a.reason, sizeof a.reason, "its process died twice, the second time of signal %d", signal);
      rc = sweep_store_begin(d->b->store, err);
      if (rc == TETRA_OK) rc = store_one(d, &a, NULL, err);
      if (rc == TETRA_OK) rc = sweep_store_commit(d->b->store, err);
    }
  }
  take_back(d, worker);
  return rc;
}

static void progress(struct desk *d, int last) {
  struct sweep_tally *t = d->tally;
  const int tty = isatty(STDERR_FILENO);
  const double now = sim_now(), seconds = now - t->t0;
  if (d->b->quiet || !(tty || d->b->progress)) return;
  if (!last && now - t->shown < (tty ? 0.2 : 2.0)) return;
  t->shown = now;
  if (last && tty) {
    fputs("\r\033[K", stderr);
    return;
  }
  static const char *const what[] = {"", "points", "points on the RTL", "networks over the images"};
  fprintf(stderr, "%s%d of %d %s", tty ? "\r\033[K" : "", t->answered, t->n, what[d->kind]);
  if (t->answered != 0)
    fprintf(stderr, ", %.4g a second, %.0f s left", t->answered / seconds, left(d) * seconds / t->answered);
  if (!tty) putc('\n', stderr);
}

static void heard(struct desk *d, int worker) {
  struct hands *h = &d->hands[worker];
  if (h->n == 0) return;
  memmove(h->task, h->task + 1, (size_t)--h->n * sizeof *h->task);
  h->since = sim_now();
}

/* Stores what has come in one transaction, after the workers have their next tasks. */
static int store_batch(struct desk *d, struct sweep_reply *replies, int n, struct tetra_error *err) {
  int rc = n == 0 ? TETRA_OK : sweep_store_begin(d->b->store, err);
  for (int i = 0; i < n; i++) {
    if (rc == TETRA_OK) rc = store_reply(d, &replies[i], err);
    free(replies[i].bytes);
  }
  return rc == TETRA_OK && n != 0 ? sweep_store_commit(d->b->store, err) : rc;
}

static int is_anybody_alive(const struct sweep_crew *c) {
  int alive = 0;
  for (int w = 0; w < c->n; w++) alive |= sweep_crew_alive(c, w);
  return alive;
}

/* Of a rank that was silent for so long that an earlier part of the sweep ended without it? */
static int is_late(const struct desk *d, const struct sweep_reply *r) {
  struct sweep_answer a;
  if (r->n < sizeof a) return 0;
  memcpy(&a, r->bytes, sizeof a);
  return a.kind != (int32_t)d->kind;
}

static int turn(struct desk *d, struct tetra_error *err) {
  struct sweep_reply replies[BATCH];
  int n = 0, worker = 0, signal = 0, rc = TETRA_OK;
  for (int ms = WAIT_MS; n < BATCH && rc == TETRA_OK; ms = 0) {
    const enum sweep_event e = sweep_crew_wait(d->b->crew, ms, &worker, &signal, &replies[n]);
    if (e == SWEEP_NOTHING) break;
    if (e == SWEEP_ANSWER && is_late(d, &replies[n])) {
      free(replies[n].bytes);
    } else if (e == SWEEP_ANSWER) {
      n++;
      heard(d, worker);
    } else {
      rc = store_death(d, worker, signal, err);
    }
    hand_out(d, worker);
  }
  const int stored = store_batch(d, replies, n, err);
  return rc != TETRA_OK ? rc : stored;
}

static int run(struct desk *d, struct tetra_error *err) {
  int rc = TETRA_OK;
  while (rc == TETRA_OK && left(d) > 0) {
    help_silent(d);
    for (int w = 0; w < d->b->crew->n; w++) hand_out(d, w);
    if (!is_anybody_alive(d->b->crew))
      return tetra_fail(err, TETRA_EIO, "no process is left that could answer; the same command goes on");
    rc = turn(d, err);
    progress(d, 0);
  }
  progress(d, 1);
  return rc;
}

int sweep_board_run(const struct sweep_board *b, enum sweep_kind kind, const int *points, int n,
                    struct sweep_tally *tally, struct tetra_error *err) {
  const size_t all = (size_t)b->crew->s->n_points;
  struct desk d = {.b = b, .kind = kind, .points = points, .n = n, .tally = tally};
  *tally = (struct sweep_tally){.n = n, .t0 = sim_now()};
  d.again = calloc(all, sizeof *d.again);
  d.queued = calloc(all, 1);
  d.state = calloc(all, 1);
  d.deaths = calloc(all, 1);
  d.hands = calloc((size_t)b->crew->n + 1, sizeof *d.hands);
  int rc = d.again == NULL || d.queued == NULL || d.state == NULL || d.deaths == NULL || d.hands == NULL
               ? tetra_fail(err, TETRA_ENOMEM, "no memory for %d points", n)
               : TETRA_OK;
  for (int i = 0; i < n && rc == TETRA_OK; i++) d.state[points[i]] = 1;
  if (rc == TETRA_OK) rc = run(&d, err);
  free(d.again);
  free(d.queued);
  free(d.state);
  free(d.deaths);
  free(d.hands);
  return rc;
}
