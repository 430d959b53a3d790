/* The paper's learning rate: warm-up, cosine, cool-down. */
#include <math.h>

#include "tetra/train.h"

double tetra_train_rate(const struct tetra_train_schedule *s, double step) {
  const double middle = s->total - s->warmup - s->cooldown;
  double r = middle > 0 ? (step - s->warmup) / middle : step < s->warmup ? 0 : 1;
  r = fmin(fmax(r, 0), 1);
  const double cosine = 0.999 * (1 + cos(3.141592653589793 * r)) / 2 + 0.001;
  const double up = s->warmup > 0 ? fmin(1, step / s->warmup) : 1;
  const double down = s->cooldown > 0 ? fmin(1, (s->total - step) / s->cooldown) : 1;
  return s->base * cosine * up * fmax(down, 0);
}
