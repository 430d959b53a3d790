/* A piece of a timeline as a picture. */
#ifndef TETRA_SIM_HTML_TIMELINE_H
#define TETRA_SIM_HTML_TIMELINE_H

#include <stdio.h>

#include "run/results.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where to look: cycles begin <= t < end. */
struct page_excerpt {
  uint64_t begin, end;
};

/* Around the completion of the layer that lost most cycles, the first one left out; r->timeline is there. */
struct page_excerpt page_choose_excerpt(const struct sim_results *r);
/* A row for each engine, a colour for each layer in turn, a colour for each cause of a stall. */
void page_timeline(FILE *f, const struct sim_results *r, struct page_excerpt e);

#ifdef __cplusplus
}
#endif
#endif
