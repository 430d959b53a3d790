/* Softmax cross-entropy with labels, or with a teacher's softmax. */
#include "step/loss.h"

#include <math.h>

/* exp(x - largest) in p; returns log of their sum and the largest together. */
static double exponentials(const float *x, size_t n, double *sum) {
  float most = x[0];
  for (size_t i = 1; i < n; i++) most = x[i] > most ? x[i] : most;
  *sum = 0;
  size_t i = 0;
  do *sum += exp((double)(x[i] - most));
  while (++i < n);
  return (double)most + log(*sum);
}

/* One image: its loss; the gradient, times `scale`, in g. */
static double image_loss(const float *x, size_t n, int label, const float *teacher, double share, double scale,
                         float *g) {
  double sum, teacher_sum, loss = 0;
  const double norm = exponentials(x, n, &sum), teacher_norm = teacher ? exponentials(teacher, n, &teacher_sum) : 0;
  for (size_t i = 0; i < n; i++) {
    const double p = exp((double)x[i] - norm);
    double target = (int)i == label;
    if (teacher) target = (1 - share) * target + share * exp((double)teacher[i] - teacher_norm);
    if (target != 0) loss -= target * ((double)x[i] - norm);
    g[i] = (float)((p - target) * scale);
  }
  return loss;
}

static int is_largest(const float *x, size_t n, int label) {
  for (size_t i = 0; i < n; i++)
    if (x[i] > x[label] || (x[i] == x[label] && (int)i < label)) return 0;
  return 1;
}

double train_loss(struct tetra_train *t, const struct tetra_train_batch *b, int *correct) {
  const size_t classes = train_image_size(t, t->logits);
  double loss = 0;
  *correct = 0;
  for (int i = 0; i < b->n; i++) {
    const float *x = train_x(t, t->logits) + (size_t)i * classes;
    const float *teacher = b->teacher ? b->teacher + (size_t)i * classes : NULL;
    loss += image_loss(x, classes, b->labels[i], teacher, b->teacher_share, 1.0 / b->n_global,
                       train_grad(t, t->logits) + (size_t)i * classes);
    *correct += is_largest(x, classes, b->labels[i]);
  }
  t->value[t->value[t->logits].root].has_grad = 1;
  return loss;
}
