/* What `./sim quantize` says. */
#include "commands/quantize/report.h"

#include <math.h>
#include <string.h>

static void print_pixels(const struct sim_pixels *p, FILE *out) {
  if (!p->normalize) {
    fprintf(out, "uint8 pixels as pixel / 255; --mean and --std say otherwise\n");
    return;
  }
  fprintf(out, "uint8 pixels as (pixel / 255 - mean) / std, mean %g,%g,%g, std %g,%g,%g\n", (double)p->mean[0],
          (double)p->mean[1], (double)p->mean[2], (double)p->std[0], (double)p->std[1], (double)p->std[2]);
}

static void print_granularity(int granularity, FILE *out) {
  if (granularity == 1) return;
  if (granularity == 0)
    fprintf(out, "scales   one for a layer's weights");
  else
    fprintf(out, "scales   one for %d channels' weights", granularity);
  fprintf(out, "; one a channel costs nothing, as the requantizer has a multiplier and a shift for each\n");
}

void quantize_print_header(const struct quantize_options *o, const struct quantize_images *images, FILE *out) {
  fprintf(out, "network  %s, input %dx%dx%d, to %s\n", o->network, images->h, images->w, images->c,
          o->bits != NULL ? o->bits : tetra_precision_name(o->how.precision));
  if (o->how.data_free)
    fprintf(out, "images   none is read: ranges are from batch norms; ");
  else
    fprintf(out, "images   the first %d of %d in %s; ", images->n, images->available, o->calibrate);
  if (images->are_pixels) {
    print_pixels(&o->pixels, out);
  } else {
    fprintf(out, "float32, as they are\n");
  }
  fprintf(out, "method   %s: %s\n", tetra_quantize_method_name(o->how.method),
          tetra_quantize_method_text(o->how.method));
  print_granularity(o->how.granularity, out);
}

static void print_item(const struct tetra_quantized *q, const char *note, FILE *out) {
  char ratio[32] = "-";
  if (!isnan(q->snr_db)) snprintf(ratio, sizeof ratio, "%.2f", q->snr_db);
  fprintf(out, "  %-40s %-7s %-4s %11.5g %8s %9.4f%%%s\n", q->name, q->is_weights ? "weights" : "values",
          tetra_fmt_name(q->fmt), q->bound, ratio, 100 * q->saturated, note);
}

/* The item of this kind with the lowest ratio, -1 where there is none. */
static int worst(const struct tetra_quantize_report *r, int weights) {
  int w = -1;
  for (int i = 0; i < r->n_items; i++) {
    if (r->items[i].is_weights == weights && !isnan(r->items[i].snr_db) &&
        (w < 0 || r->items[i].snr_db < r->items[w].snr_db))
      w = i;
  }
  return w;
}

/* The options that an image needs with the new network, too. */
static void print_run(const struct quantize_options *o, const struct quantize_images *images, FILE *out) {
  const struct sim_pixels *p = &o->pixels;
  fprintf(out, "written  %s; run it with\n  ./sim %s --input %s", o->out, o->out,
          o->calibrate != NULL ? o->calibrate : "IMAGES.npy");
  if (images->are_pixels && p->normalize) {
    fprintf(out, " --mean %g,%g,%g --std %g,%g,%g", (double)p->mean[0], (double)p->mean[1], (double)p->mean[2],
            (double)p->std[0], (double)p->std[1], (double)p->std[2]);
  }
  fprintf(out, " --limit 1\n");
}

/* J of each layer's weights after each stage, as a share of that of weights 0. */
static void print_stages(const struct tetra_quantize_report *r, FILE *out) {
  fprintf(out, "\n  %-40s J: square error of the layer's sums, of 1; it never rises from stage to stage\n", "layer");
  for (int i = 0; i < r->n_items; i++) {
    const struct tetra_quantized *q = &r->items[i];
    if (!q->is_weights) continue;
    fprintf(out, "  %-40s", q->name);
    for (int s = 0; s < q->n_stages; s++)
      fprintf(out, " %s %.3e", q->stages[s].name, q->power > 0 ? q->stages[s].j / q->power : 0);
    fprintf(out, "\n");
  }
}

static void print_logits(const struct tetra_quantize_report *r, const struct quantize_agreement *a, FILE *out) {
  if (a->n == 0) {
    fprintf(out, "\nlogits   unknown without images; ./sim with --input and --labels gives the accuracy\n");
    return;
  }
  fprintf(out, "\nlogits   KL %.4f from the float network's softmax, mean of the calibration images\n", a->kl);
  fprintf(out,
          "         SNR %.2f dB, where KL is the better measure: a lower SNR can still keep more images' classes\n",
          r->output_snr_db);
  fprintf(out, "         same top-1 as the float network on %d of %d calibration images (%.1f%%)\n", a->same_top1, a->n,
          100.0 * a->same_top1 / a->n);
}

void quantize_print(const struct quantize_options *o, const struct quantize_images *images,
                    const struct tetra_quantize_report *r, const struct quantize_agreement *a, FILE *out) {
  const int weights = worst(r, 1), values = worst(r, 0);
  fprintf(out, "\n  %-40s %-7s %-4s %11s %8s %10s\n", "name", "what", "bits", "bound", "SNR dB", "saturated");
  for (int i = 0; i < r->n_items; i++) {
    print_item(&r->items[i],
               i == weights  ? "  lowest of the weights"
               : i == values ? "  lowest of the values"
                             : "",
               out);
  }
  fprintf(out,
          "\n  SNR: against the float network over the images; of values, with the errors of all layers before; of\n"
          "  weights, alone. saturated: share of elements beyond the range of codes\n");
  print_stages(r, out);
  print_logits(r, a, out);
  print_run(o, images, out);
}
