/* A plan's values between tensors and their regions. */
#include "tetra/layout.h"

#include "tetra/plan.h"

void tetra_plan_write_value(const struct tetra_plan *plan, int value, const struct tetra_tensor *t, uint8_t *region) {
  tetra_layout_write(&plan->values[value], plan->caps.n, &t->d, t->data, region);
}

void tetra_plan_read_value(const struct tetra_plan *plan, int value, struct tetra_tensor *t, const uint8_t *region) {
  tetra_layout_read(&plan->values[value], plan->caps.n, &t->d, region, t->data);
}
