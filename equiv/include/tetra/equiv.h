/* Do two quantized networks give the same answers to all inputs near one? Inputs that show a difference are searched
 * for first; then bounds of every code, and of the difference of both networks' codes, prove that there is none; where
 * they are too wide, the inputs are divided into boxes with bounds of their own, down to single inputs.
 * docs/equivalence.md has the method. The results are exact: nothing is proven that one input could break.
 */
#ifndef TETRA_EQUIV_H
#define TETRA_EQUIV_H

#include <stdint.h>

#include "tetra/graph.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum tetra_verdict {
  TETRA_PROVED,         /* the property holds for every input */
  TETRA_COUNTEREXAMPLE, /* `choice` is an input for which it does not */
  TETRA_UNKNOWN         /* neither was found with the work allowed */
};

/* The inputs in question. Element e of an image (NHWC order, h * w * c of them) takes one of the choices first[e] ..
 * first[e + 1] - 1, at least one; whatever a choice means outside, code[0][choice] is its code in the first network and
 * code[1][choice] in the second, both codes of that network's input, and neither ever changes its direction along an
 * element's choices. */
struct tetra_ball {
  int elements;
  const int *first;       /* elements + 1 */
  const int *centre;      /* elements: the choices that make the image in the middle */
  const int16_t *code[2]; /* first[elements] of each */
};

struct tetra_equiv_options {
  int top1;   /* 1: the largest output, the first among equals, is the same one; 0: as eps says */
  double eps; /* every output differs by at most so much, in real values: (code - zero point) * scale; 0: not at all */
  /* top1: inputs count only where the first network's best output leads each other one by at least so much, in real
   * values. 0: all of them. */
  double sure;
  uint64_t seed;   /* of the search */
  long long tries; /* inputs that the search may try; where there are no more, all of them are; 0: as `work` says */
  long long work;  /* multiply-accumulates that search and bounds may take each, about; 0: a second or so of each */
};

struct tetra_equiv_result {
  enum tetra_verdict verdict;
  int *choice; /* COUNTEREXAMPLE: elements choices, owned; otherwise NULL */
  /* eps: an upper bound of the outputs' difference over all inputs, real. top1: a lower bound of the codes by which the
   * best output leads each other one, in the network where that is least; with `sure`, where it is larger, of what is
   * left of a lead of `sure` in the second; negative with PROVED where outputs were proven equal instead. 0 for
   * COUNTEREXAMPLE. */
  double bound;
  double seen;     /* eps: the largest difference met, real; top1: the smallest lead met, negative where classes differ;
                      with     `sure`, of the second network, or what the first lacks of being sure, whichever is more */
  long long tried; /* inputs that both networks were run on */
  long long boxes; /* boxes of inputs whose bounds were computed; 0: single inputs were enough */
  int shared;      /* both networks have one graph, so that differences were followed through it */
};

/* Zeroes *o: equality of all outputs. */
void tetra_equiv_defaults(struct tetra_equiv_options *o);
/* Both graphs have passed tetra_graph_check, read images of one shape and give as many outputs; their batch does not
 * matter. A counterexample has been run through both by the plain loops. TETRA_EINVAL: shapes, or the ball is not as
 * described; TETRA_ENOMEM. *r is zeroed on an error. */
TETRA_NODISCARD int tetra_equiv(const struct tetra_graph *a, const struct tetra_graph *b, const struct tetra_ball *ball,
                                const struct tetra_equiv_options *o, struct tetra_equiv_result *r,
                                struct tetra_error *err);
void tetra_equiv_result_free(struct tetra_equiv_result *r);

/* Do the graphs have the same operations on values of the same shapes? Formats, weights and parameters may differ. */
int tetra_equiv_same_graph(const struct tetra_graph *a, const struct tetra_graph *b);

/* Bounds of one image's codes in both networks. Indexed by value, then NHWC; the input's are the caller's to fill. */
struct tetra_equiv_bounds {
  int16_t **lo[2], **hi[2];     /* codes of the first and the second network */
  int16_t **dlo, **dhi;         /* code of the first less that of the second; NULL where the graphs differ */
  struct tetra_bounds_net *net; /* private: what the graphs are prepared to */
};
/* For graphs that passed tetra_graph_check and outlive *p. TETRA_ENOMEM. */
TETRA_NODISCARD int tetra_equiv_bounds_open(struct tetra_equiv_bounds **p, const struct tetra_graph *a,
                                            const struct tetra_graph *b, struct tetra_error *err);
/* From the input's bounds to those of every other value: they contain the codes of every image within them. */
void tetra_equiv_bounds_run(struct tetra_equiv_bounds *p);
void tetra_equiv_bounds_close(struct tetra_equiv_bounds *p); /* NULL is accepted */

#ifdef __cplusplus
}
#endif
#endif
