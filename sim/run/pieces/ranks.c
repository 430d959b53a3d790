/* Pieces over the ranks of an MPI run. Each rank has the whole network and the C model's tensors; what a piece found
 * out and printed is a message to rank 0. */
#define _POSIX_C_SOURCE 200809L
#include "run/pieces/ranks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mpi.h"
#include "base/status.h"

/* In front of a piece's layers, its predictions, and what it printed. Plain memory: all ranks are one program. */
struct header {
  int32_t piece;
  uint64_t n_text;
  struct sim_finding finding;
};

/* What this process prints meanwhile goes into a file. */
struct diversion {
  int stdout_before; /* -1: there is none, and it is printed here */
  FILE *file;
};

static void divert(struct diversion *d) {
  fflush(stdout);
  d->file = tmpfile();
  d->stdout_before = d->file == NULL ? -1 : dup(STDOUT_FILENO);
  if (d->stdout_before >= 0) (void)dup2(fileno(d->file), STDOUT_FILENO);
}

/* Ends it: *text, of *n bytes, is what was printed, freed by the caller. */
static void end_diversion(struct diversion *d, char **text, size_t *n) {
  *text = NULL;
  *n = 0;
  fflush(stdout);
  if (d->stdout_before >= 0) {
    (void)dup2(d->stdout_before, STDOUT_FILENO);
    close(d->stdout_before);
    const long size = fseek(d->file, 0, SEEK_END) == 0 ? ftell(d->file) : 0;
    *text = size > 0 && fseek(d->file, 0, SEEK_SET) == 0 ? malloc((size_t)size) : NULL;
    if (*text != NULL) *n = fread(*text, 1, (size_t)size, d->file);
  }
  if (d->file != NULL) fclose(d->file);
}

/* Runs piece i here; text as end_diversion. */
static void run_here(struct sim_crew *c, int i, char **text, size_t *n) {
  struct diversion d;
  c->piece = i;
  divert(&d);
  sim_piece_run(c);
  end_diversion(&d, text, n);
}

static size_t layers_bytes(const struct sim_finding *f) {
  return (size_t)(f->piece.last - f->piece.first + 1) * sizeof(struct sim_layer);
}

static int post(struct sim_mpi_outbox *outbox, const struct sim_crew *c, int i, const char *text, size_t n_text) {
  const struct header h = {.piece = (int32_t)i, .n_text = n_text, .finding = c->findings[i]};
  const size_t layers = layers_bytes(&h.finding), images = (size_t)h.finding.n_predictions * sizeof(int);
  char *bytes = malloc(sizeof h + layers + images + n_text);
  if (bytes == NULL) return 0;
  memcpy(bytes, &h, sizeof h);
  memcpy(bytes + sizeof h, &c->layers[h.finding.piece.first], layers);
  if (images != 0) memcpy(bytes + sizeof h + layers, c->predictions, images);
  if (n_text != 0) memcpy(bytes + sizeof h + layers + images, text, n_text);
  const int ok = sim_mpi_post(outbox, 0, bytes, sizeof h + layers + images + n_text);
  free(bytes);
  return ok;
}

/* The others would wait for ever for what this rank cannot tell, or take. */
static void give_up(int rc, const struct tetra_error *err) {
  if (rc != TETRA_OK) sim_mpi_abort(sim_complain(err));
}

static int follow(struct sim_crew *c, struct tetra_error *err) {
  struct sim_mpi_outbox outbox = {NULL};
  int ok = 1;
  for (int i = c->rank; i < c->whole->r.n_pieces && ok; i += c->size) {
    char *text;
    size_t n;
    run_here(c, i, &text, &n);
    ok = post(&outbox, c, i, text, n);
    free(text);
  }
  if (!ok) give_up(tetra_fail(err, TETRA_ENOMEM, "no memory for what a piece found out, or rank 0 is gone"), err);
  sim_mpi_flush(&outbox);
  return TETRA_OK;
}

/* Takes a message apart; *text stays within it. Returns the piece, -1 where it is none of ours. */
static int take(struct sim_crew *c, const char *bytes, size_t n, const char **text, size_t *n_text) {
  const struct sim_results *r = &c->whole->r;
  struct header h;
  if (n < sizeof h) return -1;
  memcpy(&h, bytes, sizeof h);
  if (h.piece < 0 || h.piece >= r->n_pieces) return -1;
  const struct sim_piece *mine = &c->findings[h.piece].piece, *theirs = &h.finding.piece;
  if (theirs->first != mine->first || theirs->last != mine->last || h.finding.n_predictions < 0 ||
      h.finding.n_predictions > sim_batch(r))
    return -1;
  const size_t layers = layers_bytes(&h.finding), images = (size_t)h.finding.n_predictions * sizeof(int);
  if (n != sizeof h + layers + images + h.n_text) return -1;
  c->findings[h.piece] = h.finding;
  memcpy(&c->layers[theirs->first], bytes + sizeof h, layers);
  if (images != 0) memcpy(c->predictions, bytes + sizeof h + layers, images);
  *text = bytes + sizeof h + layers + images;
  *n_text = h.n_text;
  return h.piece;
}

/* What pieces printed, which is shown in their order. */
struct text {
  char *bytes;
  size_t n;
  int is_there;
};

static void show(struct sim_crew *c, struct text *texts, int *shown) {
  for (; *shown < c->whole->r.n_pieces && texts[*shown].is_there; ++*shown) {
    if (c->piece_ended != NULL) c->piece_ended(c->arg);
    if (texts[*shown].n != 0) fwrite(texts[*shown].bytes, 1, texts[*shown].n, stdout);
    fflush(stdout);
  }
}

/* Hears what has come; 0: nothing has. */
static int hear(struct sim_crew *c, struct sim_mpi_inbox *inbox, struct text *texts, struct tetra_error *err) {
  int rank = 0;
  size_t n = 0, n_text = 0;
  char *bytes = NULL;
  const char *text = NULL;
  if (!sim_mpi_hear(inbox, &rank, &bytes, &n)) return 0;
  const int i = take(c, bytes, n, &text, &n_text);
  if (i >= 0) {
    texts[i] = (struct text){n_text == 0 ? NULL : malloc(n_text), n_text, 1};
    if (texts[i].bytes != NULL) memcpy(texts[i].bytes, text, n_text);
    if (texts[i].bytes == NULL) texts[i].n = 0;
    if (n_text != texts[i].n) tetra_fail(err, TETRA_ENOMEM, "no memory for what a piece printed");
  } else {
    tetra_fail(err, TETRA_EIO, "rank %d found out what cannot be read; is it another program?", rank);
  }
  free(bytes);
  return 1;
}

static int lead(struct sim_crew *c, struct tetra_error *err) {
  const struct timespec moment = {0, 1000000};
  const int n = c->whole->r.n_pieces;
  struct text *texts = calloc((size_t)n, sizeof *texts);
  struct sim_mpi_inbox inbox = {NULL};
  int shown = 0;
  if (texts == NULL) {
    give_up(tetra_fail(err, TETRA_ENOMEM, "no memory for what %d pieces print", n), err);
    return TETRA_ENOMEM;
  }
  for (int i = 0; i < n && err->code == TETRA_OK; i += c->size) {
    run_here(c, i, &texts[i].bytes, &texts[i].n);
    texts[i].is_there = 1;
    while (hear(c, &inbox, texts, err)) continue;
    show(c, texts, &shown);
  }
  while (shown < n && err->code == TETRA_OK) {
    if (!hear(c, &inbox, texts, err)) nanosleep(&moment, NULL);
    if (c->watch != NULL) c->watch(c);
    show(c, texts, &shown);
  }
  give_up(err->code, err);
  for (int i = 0; i < n; i++) free(texts[i].bytes);
  free(texts);
  return TETRA_OK;
}

int sim_crew_over_ranks(struct sim_crew *c, struct tetra_error *err) {
  return c->rank == 0 ? lead(c, err) : follow(c, err);
}
