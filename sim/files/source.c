/* A network and its images, wherever they come from. */
#include "files/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/hardware.h"
#include "files/bits.h"
#include "files/image_read.h"
#include "files/input.h"
#include "tetra/nest.h"
#include "tetra/network.h"
#include "tetra/plan.h"

int sim_source_batch(const struct sim_source *s) { return s->m.graph.values[s->m.graph.input].d.n; }

int sim_source_classes(const struct sim_source *s) {
  const struct tetra_desc *d = &s->m.graph.values[s->m.graph.output].d;
  return s->m.tail == NULL ? d->h * d->w * d->c : (int)tetra_float_size(&s->m.tail->values[s->m.tail->output], 1);
}

void sim_source_note_names(const struct sim_source *s, const struct sim_notes *notes) {
  char text[320];
  const int classes = sim_source_classes(s);
  if (s->o->classes == NULL || s->classes.n >= classes || notes->line == NULL) return;
  snprintf(text, sizeof text, "classes '%.200s' has names of %d of the network's %d classes", s->o->classes,
           s->classes.n, classes);
  notes->line(notes->arg, text);
}

const char *sim_source_format(const struct sim_source *s) {
  return s->m.format == TETRA_MODEL_ONNX ? "ONNX" : "TensorFlow Lite";
}

void sim_list_refusals(const struct tetra_import_report *r, const struct tetra_error *said,
                       const struct sim_notes *notes) {
  if (r->n_refusals == 0 || (r->n_refusals == 1 && strstr(said->msg, r->refusals[0].reason) != NULL)) return;
  struct tetra_refusal_kind *kinds = NULL;
  struct tetra_error err = {0, ""};
  int n = 0;
  if (notes->line == NULL || tetra_import_kinds(r, &kinds, &n, &err) != TETRA_OK) return;
  for (int k = 0; k < n; k++) {
    const struct tetra_refusal *f = &r->refusals[kinds[k].first];
    char names[4 * TETRA_NAME_MAX] = "", text[sizeof names + sizeof f->op + sizeof f->reason + 16];
    size_t used = 0;
    for (int i = 0; i < kinds[k].count && i < 3; i++)
      used += (size_t)snprintf(names + used, sizeof names - used, "%s'%s'", i ? ", " : "",
                               r->refusals[kinds[k].named[i]].name);
    if (kinds[k].count == 1)
      snprintf(text, sizeof text, "%s %s: %s", f->op, names, f->reason);
    else
      snprintf(text, sizeof text, "%d %s (%s%s): %s", kinds[k].count, f->op, names, kinds[k].count > 3 ? ", ..." : "",
               f->reason);
    notes->line(notes->arg, text);
  }
  free(kinds);
}

/* --output-layer of a tensor that fusing does away with. */
static int check_tensors(const struct sim_source *s, struct tetra_error *err) {
  for (int i = 0; i < s->o->n_tensors; i++) {
    const struct sim_tensor_file *t = &s->o->tensors[i];
    const struct tetra_tensor_name *n =
        t->name == NULL ? NULL : tetra_model_find(&s->m, t->name, (size_t)t->name_length);
    for (int k = 0; t->name != NULL && k < s->fused.n; k++) {
      const char *name = s->fused.names[k];
      if (tetra_is_name(name, t->name, (size_t)t->name_length) || (n != NULL && n->exact && !strcmp(n->value, name)))
        return tetra_fail(err, TETRA_EINVAL,
                          "--output-layer: the accelerator does not write '%s' to memory: a layer behind it is fused "
                          "with the one that makes it; --no-fuse and --backend fast have it",
                          name);
    }
  }
  return TETRA_OK;
}

/* Layer k of those whose weights may have 4 bits: of a file's network the nested ones, of a built-in one, whose weights
 * are seeded, all but those of the recipes' outer layers. NULL past the last. */
static const char *nested_name(const struct sim_source *s, int k) {
  const struct tetra_graph *g = &s->m.graph;
  if (s->from_file) return k < s->m.n_nested ? s->m.nested[k].name : NULL;
  for (int i = 0, n = 0; i < g->n_ops; i++) {
    const struct tetra_op *op = &g->ops[i];
    const int outer = op->input == g->input || op->output[0] == g->output;
    if (op->kind == TETRA_CONV && !outer && n++ == k) return op->name;
  }
  return NULL;
}

/* Switches layer k of those. */
static int narrow(struct sim_source *s, int k, struct tetra_error *err) {
  struct tetra_graph *g = &s->m.graph;
  if (s->from_file) return tetra_model_narrow(&s->m, k, err);
  const char *name = nested_name(s, k);
  int i = 0;
  while (g->ops[i].name != name) i++;
  const int rc = tetra_nest(g, i, NULL, err);
  return rc == TETRA_OK ? tetra_graph_check(g, err) : rc;
}

static int narrow_named(struct sim_source *s, const char *name, struct tetra_error *err) {
  for (int k = 0; nested_name(s, k) != NULL; k++)
    if (strcmp(nested_name(s, k), name) == 0) return narrow(s, k, err);
  return tetra_fail(err, TETRA_EINVAL, "--bits '%s': layer '%s' holds no 4-bit weights; the first that does is '%s'",
                    s->o->bits, name, nested_name(s, 0));
}

static int has_layer(const struct tetra_graph *g, const char *name) {
  for (int i = 0; i < g->n_ops; i++)
    if (g->ops[i].kind == TETRA_CONV && strcmp(g->ops[i].name, name) == 0) return 1;
  return 0;
}

/* Switches the layer that *b names to the bits that *b says. */
static int set_layer(struct sim_source *s, const struct tetra_layer_bits *b, struct tetra_error *err) {
  if (b->acts == 4)
    return tetra_fail(err, TETRA_EINVAL,
                      "--bits '%s': layer '%s' has %s; inputs keep their 8 bits here: w8a8 and w4a8 are accepted",
                      s->o->bits, b->name, tetra_layer_bits_text(b));
  if (b->weights == 4) return narrow_named(s, b->name, err);
  if (has_layer(&s->m.graph, b->name)) return TETRA_OK;
  return tetra_fail(err, TETRA_EINVAL,
                    "--bits '%s': the network has no layer '%s'; the first whose bits can be chosen is '%s'",
                    s->o->bits, b->name, nested_name(s, 0));
}

static int narrow_by_file(struct sim_source *s, struct tetra_error *err) {
  struct sim_bits bits;
  int rc = sim_bits_read(s->o->bits, &bits, err);
  if (rc != TETRA_OK) return rc;
  for (int i = 0; i < bits.n && rc == TETRA_OK; i++) rc = set_layer(s, &bits.layers[i], err);
  sim_bits_free(&bits);
  return rc;
}

/* --bits: which weights of a network that holds two kinds run. */
static int set_bits(struct sim_source *s, struct tetra_error *err) {
  const char *bits = s->o->bits;
  int rc = TETRA_OK;
  if (bits == NULL) return TETRA_OK;
  if (s->from_file ? s->m.n_nested == 0 : s->o->net.precision != TETRA_W8A8) {
    return tetra_fail(
        err, TETRA_EINVAL,
        "--bits: '%s' is no nested network, which sim quantize --nested writes, nor a built-in one in w8a8",
        s->o->net.network);
  }
  if (strcmp(bits, "8") == 0) return TETRA_OK;
  if (strcmp(bits, "4") != 0) return narrow_by_file(s, err);
  for (int k = 0; nested_name(s, k) != NULL && rc == TETRA_OK; k++) rc = narrow(s, k, err);
  return rc;
}

/* On the accelerator a few ops are part of those before them; the other backends run every op of the file. */
static int fuse(struct sim_source *s, struct tetra_error *err) {
  const struct tetra_caps caps = sim_hardware_caps(s->o);
  if (s->o->backend != SIM_BACKEND_RTL || !s->o->net.fuse) return TETRA_OK;
  int rc = tetra_fuse(&s->m.graph, &caps, &s->fused, err);
  if (rc == TETRA_OK) rc = tetra_graph_check(&s->m.graph, err);
  return rc == TETRA_OK ? check_tensors(s, err) : rc;
}

static int open_file(struct sim_source *s, int batch, const struct sim_notes *notes, struct tetra_error *err) {
  const struct sim_options *o = s->o;
  struct tetra_import_options options;
  struct tetra_import_report report;
  tetra_import_defaults(&options);
  options.tflite_rounding = o->tflite_rounding;
  options.batch = batch;
  struct tetra_error why = {0, ""};
  const struct sim_trained *t = o->trained;
  int rc = t != NULL ? tetra_import_onnx(t->onnx, t->size, &options, &s->m, &report, &why)
                     : tetra_import_file(o->net.network, &options, &s->m, &report, &why);
  if (rc != TETRA_OK) sim_list_refusals(&report, &why, notes);
  tetra_import_report_free(&report);
  if (rc != TETRA_OK) {
    const char *slash = strrchr(o->net.network, '/'), *name = slash == NULL ? o->net.network : slash + 1;
    const int named = strstr(why.msg, o->net.network) != NULL;
    return tetra_fail(err, rc, "%s%s%s", named ? "" : name, named ? "" : ": ", why.msg);
  }
  rc = set_bits(s, err);
  if (rc == TETRA_OK) rc = fuse(s, err);
  if (rc != TETRA_OK) return rc;
  const int fixed = sim_source_batch(s);
  if (o->batch_given && fixed != batch && fixed != o->net.batch)
    return tetra_fail(err, TETRA_EINVAL, "--batch %d: the file's batch is fixed; only %d, or no --batch, is accepted",
                      o->net.batch, fixed);
  s->n = fixed;
  if (o->image == NULL) return TETRA_OK;
  rc = sim_data_open(&s->data, o->image, &s->m.graph.values[s->m.graph.input].d, o->pixels.layout, notes, err);
  s->has_data = rc == TETRA_OK;
  if (s->has_data) s->n = s->data.n;
  return rc;
}

/* Does the compiler find room for it? *fits says so. */
static int try_compile(const struct tetra_network_options *net, const struct tetra_caps *caps, int *fits,
                       struct tetra_error *err) {
  struct tetra_compile_options c;
  struct tetra_plan plan;
  struct tetra_graph g;
  int rc = tetra_network_build_shapes(net, &g, err);
  if (rc != TETRA_OK) return rc;
  tetra_compile_defaults(&c);
  c.timing_only = 1;
  *fits = tetra_compile(&g, caps, &c, &plan, NULL) == TETRA_OK;
  tetra_plan_free(&plan);
  tetra_graph_free(&g);
  return TETRA_OK;
}

int sim_builtin_options(const struct sim_options *o, struct tetra_network_options *net, struct tetra_error *err) {
  const struct tetra_caps caps = sim_hardware_caps(o), usual = tetra_caps_default(o->array);
  int fits = 1;
  *net = o->net;
  net->pool_cols = (int)caps.acc_pixels / 2;
  const int rc = memcmp(&caps, &usual, sizeof caps) == 0 ? TETRA_OK : try_compile(net, &caps, &fits, err);
  if (!fits) net->pool_cols = 0;
  return rc;
}

static int open_builtin(struct sim_source *s, int batch, struct tetra_error *err) {
  struct tetra_network_options net;
  int rc = sim_builtin_options(s->o, &net, err);
  net.batch = batch;
  s->n = batch;
  if (rc != TETRA_OK) return rc;
  if (s->o->image != NULL) {
    rc = sim_image_read(s->o->image, &s->image, err);
    if (rc == TETRA_OK) s->n = s->image.n;
  }
  if (rc == TETRA_OK) rc = tetra_network_build(&net, &s->m.graph, err);
  return rc == TETRA_OK ? set_bits(s, err) : rc;
}

int sim_source_open(struct sim_source *s, const struct sim_options *o, int batch, const struct sim_notes *notes,
                    struct tetra_error *err) {
  memset(s, 0, sizeof *s);
  s->o = o;
  s->from_file = o->from_file;
  int rc = o->from_file ? open_file(s, batch, notes, err) : open_builtin(s, batch, err);
  if (rc == TETRA_OK && o->skip >= s->n) {
    rc = tetra_fail(err, TETRA_EINVAL, "--skip %d: '%s' has %d image%s", o->skip, o->image, s->n, s->n == 1 ? "" : "s");
  }
  s->skip = o->skip;
  s->n -= s->skip;
  if (rc == TETRA_OK && o->classes != NULL)
    rc = sim_classes_read(o->classes, &s->classes, err);
  else if (rc == TETRA_OK && o->trained != NULL)
    rc = sim_classes_take(o->trained->classes, &s->classes, err);
  if (rc != TETRA_OK) sim_source_close(s);
  return rc;
}

void sim_source_close(struct sim_source *s) {
  tetra_model_free(&s->m);
  tetra_fused_free(&s->fused);
  sim_image_free(&s->image);
  sim_classes_free(&s->classes);
  if (s->has_data) sim_data_close(&s->data);
  memset(s, 0, sizeof *s);
}

int sim_source_fixed_batch(const char *path) {
  const struct sim_notes quiet = {NULL, NULL};
  struct sim_source s;
  struct sim_options o = {
      .from_file = 1, .array = TETRA_CAPS_MIN_N, .backend = SIM_BACKEND_FAST}; /* nothing is fused */
  tetra_network_defaults(&o.net);
  o.net.network = path;
  if (sim_source_open(&s, &o, 1, &quiet, NULL) != TETRA_OK) return 1;
  const int batch = sim_source_batch(&s);
  sim_source_close(&s);
  return batch;
}

/* Codes from a seed, where a network from a file has no input. */
static void fill_random(uint64_t seed, struct tetra_tensor *t) {
  uint64_t x = seed * 0x9e3779b97f4a7c15u + 1;
  const size_t bytes = (size_t)t->d.n * (size_t)t->d.h * (size_t)t->d.w * t->pixel_bytes;
  for (size_t i = 0; i < bytes; i++) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    t->data[i] = (uint8_t)(x >> 32);
  }
  if (tetra_fmt_bits(t->d.fmt) == 8 || t->d.c % 2 == 0) return;
  for (size_t i = t->pixel_bytes - 1; i < bytes; i += t->pixel_bytes)
    t->data[i] &= 15; /* the nibble past the last one */
}

static int fill_builtin(struct sim_source *s, int image, struct tetra_tensor *input, int slot,
                        struct tetra_error *err) {
  const int size = input->d.h;
  uint8_t *rgb = malloc((size_t)size * (size_t)size * 3);
  if (rgb == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for an image of %d x %d", size, size);
  int rc = TETRA_OK;
  if (s->image.rgb != NULL) {
    rc = sim_image_fit(&s->image, image, size, rgb, err);
  } else {
    tetra_synthetic_image(s->o->net.seed + (uint64_t)slot, size, rgb);
  }
  if (rc == TETRA_OK) rc = tetra_quantize_image(rgb, input, slot, err);
  free(rgb);
  return rc;
}

int sim_source_fill(struct sim_source *s, int first, struct tetra_tensor *input, struct tetra_error *err) {
  if (s->from_file && !s->has_data) {
    fill_random(s->o->net.seed, input);
    return TETRA_OK;
  }
  for (int slot = 0; slot < input->d.n; slot++) {
    const int image = s->skip + (first + slot) % s->n;
    const int rc = s->from_file ? sim_data_fill(&s->data, image, s->o, &s->m, input, slot, err)
                                : fill_builtin(s, image, input, slot, err);
    if (rc != TETRA_OK) return rc;
  }
  return TETRA_OK;
}

int sim_source_first(struct sim_source *s, struct tetra_tensor *input, struct tetra_error *err) {
  if (s->from_file || sim_wants_images(s->o)) return sim_source_fill(s, 0, input, err);
  return sim_input_fill(s->image.rgb == NULL ? NULL : &s->image, s->o->net.seed, input, err);
}

int sim_wants_images(const struct sim_options *o) {
  if (o->backend != SIM_BACKEND_RTL || o->labels != NULL || o->limit != 0 || o->skip != 0) return 1;
  if (o->from_file && o->image != NULL && sim_is_folder(o->image)) return 1;
  struct stat s; /* to look into a pipe would empty it */
  const int is_file = o->from_file && o->image != NULL && stat(o->image, &s) == 0 && S_ISREG(s.st_mode);
  FILE *f = is_file ? fopen(o->image, "rb") : NULL;
  struct tetra_npy a;
  const int many = f != NULL && sim_npy_read_header(f, &a) == NULL && (a.rank == 4 || a.rank == 2) &&
                   a.dims[0] > (uint64_t)o->net.batch;
  if (f != NULL) fclose(f);
  return many;
}
