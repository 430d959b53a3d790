/* Methods that choose a layer's codes and scales: formulas over small arrays, without files, graphs or images. Private
 * to the library.
 *
 * A layer (or one group of a grouped convolution) has `cout` output channels of k = taps * cin weights each,
 * [taps][cin]. Everything is about w_q = scale * code, which stands for the target t, over inputs u of second moments H
 * = E[u u']: J = sum over channels of (scale q - t) H (scale q - t)' is the mean square error of the layer's sums.
 * Arrays are the caller's; [a][b] is row by row. Functions that return int fail with TETRA_ENOMEM only, and then leave
 * codes and scales valid but unchanged or half done. */
#ifndef TETRA_QUANT_METHODS_H
#define TETRA_QUANT_METHODS_H

#include <stddef.h>
#include <stdint.h>

#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct method_layer {
  int cout, taps, cin;
  int top;              /* codes are -top..top: 7 or 127 */
  int share;            /* consecutive channels that have one scale, the last ones perhaps fewer; 1..cout */
  const double *target; /* [cout][k] */
  const double *h;      /* [k][k], symmetric, both halves; NULL: the identity */
  const float *least;   /* [cout]: no scale may be smaller; > 0 */
};

/* What a method decides. */
struct method_codes {
  int8_t *q;    /* [cout][k] */
  float *scale; /* [cout], equal within a shared group */
};

/* taps * cin */
size_t method_inputs(const struct method_layer *l);
/* floor(x / scale + 1/2), within -top..top. */
int method_round(double x, double scale, int top);

/* objective.c: J of each channel, to j[cout]; returns the sum. h may be NULL. NaN without memory. */
double method_objective(const struct method_layer *l, const struct method_codes *c, double *j);
/* target H of all channels, to th[cout][k]; and codes H. */
void method_times_h(const struct method_layer *l, const double *x, double *xh);
/* Puts back, in every shared group, what `before` has where J did not become smaller: J never rises. */
TETRA_NODISCARD int method_keep_better(const struct method_layer *l, const struct method_codes *before,
                                       struct method_codes *c);

/* scale.c: scales so that the largest magnitude has code `top`. */
void method_max_scales(const struct method_layer *l, float *scale);
/* scale.c: the scales whose nearest codes have the least sum of importance[k] * (scale q - t)^2, exactly. */
TETRA_NODISCARD int method_best_scales(const struct method_layer *l, const double *importance, float *scale);
/* nearest.c: the nearest code of every weight. */
void method_nearest(const struct method_layer *l, struct method_codes *c);

/* squant.c */
enum method_squant_passes { METHOD_SQUANT_KERNEL = 1, METHOD_SQUANT_BOTH = 2 };
TETRA_NODISCARD int method_squant(const struct method_layer *l, struct method_codes *c);
/* One channel: codes lo..hi of x[taps][cin], which is in units of the scale. */
TETRA_NODISCARD int method_squant_channel(const double *x, int taps, int cin, int lo, int hi,
                                          enum method_squant_passes passes, int8_t *q);

/* gptq.c */
TETRA_NODISCARD int method_gptq(const struct method_layer *l, struct method_codes *c);

/* target.c: t for inputs u_q where the sums shall be y, which are w u_f in the float network: h = E[u_q u_q'], d = E[y
 * u_q'] [cout][k], w and t [cout][k]. */
TETRA_NODISCARD int method_asymmetric_target(int cout, size_t k, const double *w, const double *h, const double *d,
                                             double *t);

/* descent.c: coordinate descent on the codes, then the best scale for them, and again, `rounds` times or until nothing
 * changes. J never rises. */
TETRA_NODISCARD int method_descend(const struct method_layer *l, int rounds, struct method_codes *c);

/* gpfq.c: m rows of inputs, [m][k], of the float network and of the quantized one; the scales are given. Codes are of
 * `weights`, not of the target. */
TETRA_NODISCARD int method_gpfq(const struct method_layer *l, const double *weights, const float *rows_f,
                                const float *rows_q, size_t m, struct method_codes *c);
/* GPFQ's scales: 1.16 / top times the largest magnitude. */
void method_gpfq_scales(const struct method_layer *l, float *scale);

/* adaround.c */
struct method_adaround_options {
  int steps;    /* of Adam */
  double rate;  /* its learning rate */
  double decay; /* weight of the regularizer, beside J as a share of the target's own t H t' */
};
TETRA_NODISCARD int method_adaround(const struct method_layer *l, const struct method_adaround_options *how,
                                    struct method_codes *c);

/* bias.c: bias[cout] such that the channels' means are mean_y[cout] where the inputs' are mean_u[k]. */
void method_correct_bias(const struct method_layer *l, const double *mean_y, const double *mean_u,
                         const struct method_codes *c, double *bias);

#ifdef __cplusplus
}
#endif
#endif
