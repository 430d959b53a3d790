/* Residuals with a rounding of their own. */
#include "tetra/separate.h"

#include <math.h>

#include "tetra/quantize.h"

enum { MOST_SHIFT = 62 };

static int separate(struct tetra_op *op, int o, struct tetra_error *err) {
  op->rq[o].round = TETRA_HALF_AWAY;
  for (int c = 0; c < op->cout; c++) {
    struct tetra_requant_channel *ch = &op->rq[o].ch[c];
    const double factor = ldexp((double)ch->mr, ch->lr - ch->s);
    const int rc = tetra_dyadic(factor, MOST_SHIFT, &ch->mr, &ch->sr, err);
    if (rc != TETRA_OK) return rc;
    ch->lr = 0;
  }
  return TETRA_OK;
}

int tetra_separate(struct tetra_graph *g, struct tetra_error *err) {
  for (int i = 0; i < g->n_ops; i++) {
    struct tetra_op *op = &g->ops[i];
    if (op->res_form != TETRA_RES_JOINT) continue;
    op->res_form = TETRA_RES_SEPARATE;
    for (int o = 0; o < op->n_outputs; o++) {
      const int rc = separate(op, o, err);
      if (rc != TETRA_OK) return rc;
    }
  }
  return TETRA_OK;
}
