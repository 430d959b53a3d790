/* How much does it cost a float network to quantize one of its layers? Measured on images, for tetra/allocate.h; and
 * the same network with any bits but without weights, for its cycles. */
#ifndef TETRA_STUDY_H
#define TETRA_STUDY_H

#include "tetra/import.h"
#include "tetra/precision.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A convolution or dense layer. */
struct tetra_study_layer {
  char name[TETRA_NAME_MAX];
  double inputs, outputs, weights; /* elements, of one image */
  int channels;                    /* that it puts out */
  int reads; /* number of the tensor that it reads: layers that read the same one have the same number */
};

enum tetra_study_kind {
  /* Mean Kullback-Leibler divergence of the class probabilities (softmax of the logits) of the float network from those
   * with only this layer's weights and input quantized. */
  TETRA_STUDY_KL,
  /* Its second-order estimate: 1/2 (mean curvature * squared error) of the weights plus the same of the input. The
   * curvature is Hutchinson's trace E[v'Hv], v of +-1, over the elements; v'Hv of that divergence is a central
   * difference of it along v, because there is no backward pass here: the estimator is the same, at two forward passes
   * a sample. The divergence's Hessian is the Fisher information, so no labels are needed. */
  TETRA_STUDY_TRACE,
  /* Squared error of the layer's sums over their squares. */
  TETRA_STUDY_MSE,
  /* OMPQ (arXiv 2109.07865): from the linear CKA of the layers' outputs over at most 32 images; -bits/8 times the mean
   * of exp(-10 gamma) from the layer on, bits the mean of weights' and inputs'. Reads no quantized value. */
  TETRA_STUDY_ORM
};

/* A float network and images of it, as in tetra/quantize_model.h. */
struct tetra_study;

/* Called now and then with 0 < done <= 1; may be NULL. */
struct tetra_study_progress {
  void (*tell)(void *arg, double done);
  void *arg;
};

/* `bytes` and `images` (n, normalized) outlive the study. Keeps the tensors of as many images as `memory` bytes hold
 * (at least one) at a time. TETRA_EINVAL: no float network, images with NaN, two layers of one name; TETRA_ENOMEM. *s
 * is NULL then. */
TETRA_NODISCARD int tetra_study_open(struct tetra_study **s, const uint8_t *bytes, size_t size, const float *images,
                                     int n, size_t memory, struct tetra_import_report *refused,
                                     struct tetra_error *err);
void tetra_study_close(struct tetra_study *s); /* NULL is accepted */
/* In the network's order; they live as long as the study. */
const struct tetra_study_layer *tetra_study_layers(const struct tetra_study *s, int *n);

/* out[layer][choice]: of `kind`, where bits of the choices are choices[], names ignored. samples: of a trace, of
 * weights and input each. Smaller is better in all kinds. TETRA_ENOMEM. */
TETRA_NODISCARD int tetra_study_sensitivity(struct tetra_study *s, enum tetra_study_kind kind,
                                            const struct tetra_layer_bits *choices, int n_choices, int samples,
                                            uint64_t seed, const struct tetra_study_progress *progress, double *out,
                                            struct tetra_error *err);

/* By how much the logit of class cls[i] of image i leads the largest other one in the float network, lead[n]; and by
 * how much less with only one layer quantized, drop[n][layer][choice]. TETRA_ENOMEM. */
TETRA_NODISCARD int tetra_study_leads(struct tetra_study *s, const struct tetra_layer_bits *choices, int n_choices,
                                      const int *cls, double *lead, double *drop, struct tetra_error *err);

/* The quantized network, ONNX, with bits[layer], without weights (for tetra_import_outline), with biases 0 and
 * all scales 1: what a plan and its timing depend on is that of the real one. *onnx is the caller's to free.
 * TETRA_ENOMEM. */
TETRA_NODISCARD int tetra_study_shape(const struct tetra_study *s, const struct tetra_layer_bits *bits, uint8_t **onnx,
                                      size_t *size, struct tetra_error *err);

/* Linear CKA of feature sets, [n_sets][images][size[i]], and OMPQ's gamma (sums of a row without its own): matrix
 * [n_sets][n_sets], gamma [n_sets]. Sets are pointers, size[i] numbers an image. TETRA_ENOMEM. */
TETRA_NODISCARD int tetra_orm(const float *const *sets, const size_t *size, int n_sets, int images, double *matrix,
                              double *gamma, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
