/* What ./sim prints on standard output about a run. */
#ifndef TETRA_SIM_TEXT_H
#define TETRA_SIM_TEXT_H

#include "run/observer.h"
#include "run/results.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A report under way. */
struct sim_text {
  int quiet;                       /* no line per layer, no progress */
  int tty;                         /* standard output is a terminal: it has a progress line */
  int columns;                     /* characters in its line; 0: as many as there are */
  int color;                       /* a layer that differs is red */
  double last_progress;            /* wall time of it */
  const struct tetra_graph *names; /* whose names fit into the table; NULL: those of what runs */
};

void sim_text_begin(struct sim_text *t, const struct sim_options *o);
/* Prints each layer as it completes, a difference as it is found, and progress; *t outlives it. */
struct sim_observer sim_text_observer(struct sim_text *t);
/* Before the run: network, hardware, plan, and the columns' names. */
void sim_text_header(const struct sim_text *t, const struct sim_results *r);
/* Behind the run: removes the progress line. */
void sim_text_clear(const struct sim_text *t);
/* Totals, where the cycles went, classes, result. */
void sim_text_totals(const struct sim_results *r);
/* First lines of a report about a network from a file. */
void sim_text_source(const struct sim_source *s);

#ifdef __cplusplus
}
#endif
#endif
