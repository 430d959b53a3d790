// Training as a whole: the paper's numbers, the same numbers again, and networks that compute what was trained.
#include <cjson/cJSON.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "networks.h"

extern "C" {
#include "step/points.h"
#include "synthesize.h"
#include "tetra/synthesize.h"
#include "tetra/quantize.h"
}

namespace {

Train Open(tetra_train_method method, tetra_precision precision = TETRA_W4A4_INIT8_DENSE8, int threads = 2,
           int projection = 0, int signed_first = 1) {
  const tetra_train_resnet r = {8, 0.5, kClasses, kSide, kSide, 3, projection, 0};
  tetra_train_options o;
  tetra_train_defaults(&o);
  o.method = method;
  o.precision = precision;
  o.batch = kImages;
  o.threads = threads;
  o.signed_first = signed_first;
  tetra_train *t = nullptr;
  tetra_error err;
  EXPECT_EQ(tetra_train_resnet_open(&t, &r, &o, &err), TETRA_OK) << err.msg;
  return Train(t);
}

std::vector<float> Numbers(const cJSON *of, const char *key) {
  std::vector<float> v;
  const cJSON *item;
  cJSON_ArrayForEach(item, cJSON_GetObjectItem(of, key)) v.push_back(static_cast<float>(item->valuedouble));
  return v;
}

TEST(Aqt, ValuesAndGradientsOfTheTable) {
  std::ifstream in(TETRA_DATA_DIR "/methods/aqt_ste.json");
  if (!in) GTEST_SKIP() << "no " TETRA_DATA_DIR "/methods/aqt_ste.json";
  std::stringstream text;
  text << in.rdbuf();
  std::unique_ptr<cJSON, void (*)(cJSON *)> json(cJSON_Parse(text.str().c_str()), cJSON_Delete);
  ASSERT_NE(json, nullptr);
  const struct {
    const char *key;
    tetra_fmt fmt;
  } kinds[] = {{"unsigned_u4", TETRA_U4}, {"signed_s4", TETRA_S4}};
  for (const auto &kind : kinds) {
    const cJSON *k = cJSON_GetObjectItem(json.get(), kind.key);
    const std::vector<float> x = Numbers(k, "x"), value = Numbers(k, "value"), grad = Numbers(k, "grad");
    ASSERT_GT(x.size(), 10u);
    train_quantizer q = train_quantizer_make(TRAIN_AQT, kind.fmt);
    q.on = 1;
    std::vector<float> codes(x.size()), g(x.size(), 1.0f);
    train_quantize(&q, x.data(), x.size(), codes.data());
    train_pass(&q, x.data(), x.size(), g.data());
    EXPECT_EQ(codes, value) << kind.key;
    EXPECT_EQ(g, grad) << kind.key;
  }
}

TEST(Schedule, ThePapersAtBatch8192) {
  const double epoch = 156;
  const tetra_train_schedule s = {0.1 * 8192 / 256, 5 * epoch, 50 * epoch, 250 * epoch};
  EXPECT_NEAR(tetra_train_rate(&s, 780), 3.2, 5e-7);
  EXPECT_NEAR(tetra_train_rate(&s, 390), 1.6, 5e-7);
  EXPECT_NEAR(tetra_train_rate(&s, 7500), 2.830279, 5e-7);
  EXPECT_NEAR(tetra_train_rate(&s, 19500), 1.034800, 5e-7);
  EXPECT_NEAR(tetra_train_rate(&s, 31200), 0.003200, 5e-7);
  EXPECT_NEAR(tetra_train_rate(&s, 35000), 0.001641, 5e-7);
  EXPECT_NEAR(tetra_train_rate(&s, 39000), 0, 1e-12);
  EXPECT_EQ(tetra_train_rate(&s, 0), 0);
}

TEST(Ranges, AverageOfAConstantInClosedForm) {
  train_value v = {};
  for (int step = 1; step <= 40; step++) {
    train_average_range(&v, 0.1f, 3, -0.5);
    EXPECT_NEAR(v.high, 3 * (1 - std::pow(0.9, step)), 1e-5);
    EXPECT_NEAR(v.low, -0.5 * (1 - std::pow(0.9, step)), 1e-5);
    train_average_range(&v, 0.1f, -INFINITY, INFINITY);  // a batch of zeros changes nothing
  }
}

TEST(Ranges, ZerosDoNotCount) {
  Train t = Open(TETRA_TRAIN_AQT);
  Data d(kImages);
  for (float &x : d.images) x = x > 0 ? 2.0f : 0.0f;
  Step(t.get(), d, 0);
  EXPECT_FLOAT_EQ(t->value[t->g.input].low, 0.2f);
  EXPECT_FLOAT_EQ(t->value[t->g.input].high, 0.2f);
}

// Weights are quantized at once, activations from the freeze on, by bounds that never change again.
TEST(Freeze, OnceAndForAll) {
  Train a = Open(TETRA_TRAIN_AQT), b = Open(TETRA_TRAIN_AQT);
  const Data before(kImages), after(kImages, 4), other(kImages, 5);
  for (Train *t : {&a, &b})
    for (int i = 0; i < 4; i++) Step(t->get(), before, 0.05, i == 3);
  for (int i = 0; i < 3; i++) {
    Step(a.get(), after, 0.05);
    Step(b.get(), other, 0.05);
  }
  int points = 0, differ = 0;
  for (int v = 0; v < a->g.n_values; v++) {
    for (int k = 0; k < TETRA_PLAN_POINTS; k++) {
      EXPECT_EQ(a->value[v].point[k].on, a->plan.points[v][k].used);
      if (!a->plan.points[v][k].used) continue;
      points++;
      if (v == a->logits)  // what nothing reads in training goes on, so that it is not clipped when it has grown
        EXPECT_NE(a->value[v].point[k].scale, b->value[v].point[k].scale);
      else
        EXPECT_EQ(a->value[v].point[k].scale, b->value[v].point[k].scale);
      const float bound = std::max(std::fabs(a->value[v].high), std::fabs(a->value[v].low));
      EXPECT_EQ(a->value[v].point[k].scale, tetra_aqt_scale(a->value[v].point[k].fmt, bound));
    }
  }
  for (size_t i = 0; i < a->n_params; i++) differ += a->param[i] != b->param[i];
  EXPECT_GT(points, 10);
  EXPECT_GT(differ, 100);
  tetra_train_batch batch = BatchOf(before);
  tetra_train_result r;
  tetra_error err;
  batch.freeze = 1;
  EXPECT_EQ(tetra_train_step(a.get(), &batch, &r, &err), TETRA_EINVAL);
}

// Logits that grow after the freeze are not clipped: their bound goes with them.
TEST(Freeze, LogitsMayGrow) {
  Train t = Open(TETRA_TRAIN_AQT);
  const Data d(kImages);
  std::vector<float> plain(static_cast<size_t>(kImages * kClasses)), codes = plain;
  const auto largest = [](const std::vector<float> &v) { return *std::max_element(v.begin(), v.end()); };
  for (int i = 0; i < 4; i++) Step(t.get(), d, 0.01, i == 3);
  tetra_train_logits(t.get(), d.images.data(), kImages, 0, plain.data());
  const float early = largest(plain);
  for (int i = 0; i < 80; i++) Step(t.get(), d, 0.05);
  tetra_train_logits(t.get(), d.images.data(), kImages, 0, plain.data());
  tetra_train_logits(t.get(), d.images.data(), kImages, 1, codes.data());
  EXPECT_GT(largest(plain), 3 * early);
  EXPECT_NEAR(largest(codes), largest(plain), 0.1 * largest(plain));
}

// The quantizers of "w4a4-init8-dense8": signed for the image and the first convolution of each stage.
TEST(Places, SignedExceptions) {
  for (int signed_first = 0; signed_first < 2; signed_first++) {
    Train t = Open(TETRA_TRAIN_AQT, TETRA_W4A4_INIT8_DENSE8, 1, 0, signed_first);
    int firsts = 0, others = 0;
    for (int i = 0; i < t->g.n_nodes; i++) {
      const tetra_float_node &n = t->g.nodes[i];
      if (n.kind != TETRA_FLOAT_CONV) continue;
      const train_quantizer &q = t->value[n.in[0]].point[t->plan.use[i][0]];
      const std::string name = n.name;
      const bool outer = name == "conv1" || name == "linear";
      const bool first = name.find(".0.conv1") != std::string::npos;
      EXPECT_EQ(t->layer[i].bits, outer ? 8 : 4) << name;
      EXPECT_EQ(tetra_fmt_bits(q.fmt), outer ? 8 : 4) << name;
      EXPECT_EQ(tetra_fmt_signed(q.fmt) != 0, name == "conv1" || (first && signed_first)) << name;
      EXPECT_EQ(q.rounding, TRAIN_AQT) << name;
      (first ? firsts : others)++;
    }
    EXPECT_EQ(firsts, 3);
    EXPECT_EQ(others, 5);
  }
}

TEST(Training, Overfits) {
  for (const tetra_train_method method : {TETRA_TRAIN_FLOAT, TETRA_TRAIN_AQT}) {
    Train t = Open(method);
    const Data d(kImages);
    int correct = 0;
    for (int i = 0; i < 60; i++) Step(t.get(), d, 0.05, method == TETRA_TRAIN_AQT && i == 20, &correct);
    EXPECT_EQ(correct, kImages) << tetra_train_method_name(method);
  }
}

// The same bits for any number of threads, and after a checkpoint in the middle.
TEST(Training, RepeatsBitForBit) {
  Train one = Open(TETRA_TRAIN_AQT, TETRA_W4A4, 1), three = Open(TETRA_TRAIN_AQT, TETRA_W4A4, 3);
  Train resumed = Open(TETRA_TRAIN_AQT, TETRA_W4A4, 2);
  const Data d(kImages);
  for (int i = 0; i < 6; i++) {
    const double loss = Step(one.get(), d, 0.05, i == 3);
    EXPECT_EQ(loss, Step(three.get(), d, 0.05, i == 3));
    if (i == 3) {
      uint8_t *bytes = nullptr;
      size_t size = 0;
      tetra_error err;
      ASSERT_EQ(tetra_train_save(one.get(), &bytes, &size, &err), TETRA_OK);
      ASSERT_EQ(tetra_train_load(resumed.get(), bytes, size, &err), TETRA_OK) << err.msg;
      EXPECT_EQ(tetra_train_load(resumed.get(), bytes, size - 1, &err), TETRA_EINVAL);
      Train other = Open(TETRA_TRAIN_AQT);
      EXPECT_EQ(tetra_train_load(other.get(), bytes, size, &err), TETRA_EINVAL);
      free(bytes);
    }
    if (i > 3) {
      EXPECT_EQ(loss, Step(resumed.get(), d, 0.05));
    }
  }
  for (size_t i = 0; i < one->n_params; i++) {
    ASSERT_EQ(one->param[i], three->param[i]);
    ASSERT_EQ(one->param[i], resumed->param[i]);
  }
}

TEST(Training, SaysWhenTheLossIsNoNumber) {
  Train t = Open(TETRA_TRAIN_FLOAT);
  Data d(kImages);
  d.images[5] = NAN;
  tetra_train_batch b = BatchOf(d);
  tetra_train_result r;
  tetra_error err;
  b.rate = 0.1;
  const std::vector<float> before(t->param, t->param + t->n_params);
  EXPECT_EQ(tetra_train_step(t.get(), &b, &r, &err), TETRA_ERANGE);
  EXPECT_EQ(before, std::vector<float>(t->param, t->param + t->n_params));
  d.labels[3] = kClasses;
  EXPECT_EQ(tetra_train_step(t.get(), &b, &r, &err), TETRA_EINVAL);
}

// What was trained is what the accelerator computes: the exported file's codes, on the C model, are the trainer's.
TEST(Export, ComputesWhatWasTrained) {
  const Data d(kImages), fresh(kImages, 9);
  const tetra_precision all[] = {TETRA_W4A4_INIT8_DENSE8, TETRA_W4A4, TETRA_W8A8, TETRA_W4A8};
  int at_borders = 0, exact_at_borders = 0, differ = 0, images = 0;
  for (const tetra_precision precision : all) {
    // Each precision with one kind of shortcut, signed first convolutions and unsigned ones; the next with the other
    // kind.
    for (int variant = precision & 1; variant < 4; variant += 2) {
      SCOPED_TRACE(std::string(tetra_precision_name(precision)) + ", variant " + std::to_string(variant));
      Train t = Open(TETRA_TRAIN_AQT, precision, 2, variant & 1, variant >> 1);
      for (int i = 0; i < 20; i++) Step(t.get(), d, 0.05, i == 10);
      // A batch norm of negative gamma, and one of 0.
      t->param[t->layer[0].gamma.at] *= -1;
      t->param[t->layer[0].gamma.at + 1] = 0;
      uint8_t *bytes = nullptr;
      size_t size = 0;
      tetra_error err;
      ASSERT_EQ(tetra_train_export(t.get(), &bytes, &size, &err), TETRA_OK) << err.msg;
      Model model(bytes, size, kImages);
      free(bytes);
      if (!model.ok) continue;
      const std::vector<int> codes = model.Run(fresh.images, kImages);
      const Comparison c(t.get(), model, fresh.images);
      EXPECT_GE(c.tensors, 10);
      EXPECT_EQ(c.wrong, 0);
      EXPECT_EQ(c.exact_wrong, 0);
      exact_at_borders += c.exact_at_borders;
      EXPECT_GT(*std::max_element(codes.begin(), codes.end()), 30);
      at_borders += c.images_at_borders;
      differ += c.logits_differ;
      images += kImages;
    }
  }
  EXPECT_LE(at_borders, images / 20) << "of " << images; /* float's precision: about one value in 100,000 */
  EXPECT_LE(exact_at_borders, 1);
  EXPECT_LE(differ, at_borders * kClasses);
}

// The comparison above can fail: a bias that moves by half a code of what reads it is seen.
TEST(Export, ComparisonSeesAnotherBias) {
  Train t = Open(TETRA_TRAIN_AQT);
  const Data d(kImages);
  for (int i = 0; i < 30; i++) Step(t.get(), d, 0.05, i == 12);
  uint8_t *bytes = nullptr;
  size_t size = 0;
  tetra_error err;
  ASSERT_EQ(tetra_train_export(t.get(), &bytes, &size, &err), TETRA_OK) << err.msg;
  Model model(bytes, size, kImages);
  free(bytes);
  const train_value &v = t->value[t->g.nodes[t->fused[0]].out];
  for (size_t c = 0; c < t->layer[0].bias.n; c++)
    t->param[t->layer[0].bias.at + c] += 0.5f / v.point[TETRA_PLAN_8].scale;
  model.Run(d.images, kImages);
  const Comparison c(t.get(), model, d.images);
  EXPECT_GT(c.wrong, 100);
  EXPECT_GT(c.exact_wrong, 100);
}

// Parts of a picture lie in it, have the area and the sides that are asked for, and differ by image and epoch.
TEST(Crop, PartsOfPhotographs) {
  double least = 1, most = 0, narrow = 1, wide = 1;
  int flips = 0;
  for (int i = 0; i < 2000; i++) {
    const tetra_train_part p = tetra_train_part_of(5, i % 7, i, 300, 400);
    ASSERT_TRUE(p.y >= 0 && p.x >= 0 && p.h >= 1 && p.w >= 1 && p.y + p.h <= 300 && p.x + p.w <= 400);
    const double area = p.h * p.w / 120000.0, ratio = static_cast<double>(p.w) / p.h;
    least = std::min(least, area);
    most = std::max(most, area);
    narrow = std::min(narrow, ratio);
    wide = std::max(wide, ratio);
    flips += p.flip;
  }
  EXPECT_GT(least, 0.078);
  EXPECT_LT(least, 0.1);
  EXPECT_GT(most, 0.9);
  EXPECT_NEAR(narrow, 0.75, 0.02);
  EXPECT_NEAR(wide, 4.0 / 3, 0.02);
  EXPECT_NEAR(flips, 1000, 100);
  const tetra_train_part strip = tetra_train_part_of(5, 0, 0, 10, 4000);  // nothing fits: the middle
  EXPECT_TRUE(strip.h == 10 && strip.w == 10 && strip.y == 0 && strip.x == 1995);
}

// LSQ: an image's part of a tensor whose step is 1/2, codes -2..2, by hand.
TEST(Lsq, GradientOfAStep) {
  train_quantizer q = train_quantizer_make(TRAIN_NEAREST, TETRA_S4);
  q.on = 1;
  q.lo = -2;
  q.hi = 2;
  q.scale = 2;
  const std::vector<float> x = {-3, -1, -0.6f, 0.1f, 0.3f, 1, 5};
  const std::vector<float> gradient = {1, 10, 100, 1000, 10000, 100000, 1000000};
  // Codes less v: -2 (below), -2 (at the end), -1 + 1.2, 0 - 0.2, 1 - 0.6, 2 (at the end), 2 (beyond).
  const double expected = -2 - 20 + 100 * 0.2 - 1000 * 0.2 + 10000 * 0.4 + 100000 * 2 + 1000000.0 * 2;
  EXPECT_NEAR(train_step_gradient(&q, x.data(), x.size(), gradient.data()), expected, 1e-2);
  std::vector<float> passed = gradient;
  train_pass(&q, x.data(), x.size(), passed.data());
  EXPECT_EQ(passed, (std::vector<float>{0, 10, 100, 1000, 10000, 100000, 0}));
}

// An LSQ network of 4 bits that begins with a float one that knows the images; `correct`: of the float one.
Train OpenLsq(const Data &d, int *correct) {
  Train t = Open(TETRA_TRAIN_FLOAT, TETRA_W8A8, 2, 1);
  for (int i = 0; i < 40; i++) Step(t.get(), d, 0.05, false, correct);
  uint8_t *bytes = nullptr;
  size_t size = 0;
  tetra_error err;
  EXPECT_EQ(tetra_train_export(t.get(), &bytes, &size, &err), TETRA_OK) << err.msg;
  tetra_train_options o;
  tetra_train_defaults(&o);
  o.method = TETRA_TRAIN_LSQ;
  o.precision = TETRA_W4A4;
  o.batch = kImages;
  o.calibrate = d.images.data();
  o.n_calibrate = kImages;
  tetra_import_report refused;
  tetra_train *opened = nullptr;
  EXPECT_EQ(tetra_train_model_open(&opened, bytes, size, &o, &refused, &err), TETRA_OK) << err.msg;
  tetra_import_report_free(&refused);
  free(bytes);
  return Train(opened);
}

// LSQ begins with what the quantizer makes of a float network; what it learns is what is exported.
TEST(Lsq, BeginsQuantizedLearnsAndExports) {
  const Data d(kImages), fresh(kImages, 9);
  int correct = 0;
  Train lsq = OpenLsq(d, &correct);
  ASSERT_EQ(correct, kImages);
  tetra_train *opened = lsq.get();
  uint8_t *bytes = nullptr;
  size_t size = 0;
  tetra_error err;
  // Its weights are not where codes begin or end, nor all in the middle: between are those of the float network.
  size_t between = 0;
  for (int i = 0; i < opened->g.n_nodes; i++) {
    const train_layer &l = opened->layer[i];
    for (size_t j = 0; j < l.w.n; j++) {
      const float v = opened->param[l.w.at + j] / opened->param[l.steps.at + j / (l.w.n / l.steps.n)];
      ASSERT_LE(std::fabs(v - std::rint(v)), 0.4001f);
      ASSERT_LE(std::fabs(v), 7.001f);
      between += std::fabs(v - std::rint(v)) > 0.05f;
    }
  }
  EXPECT_GT(between, opened->n_params / 2);
  Data unseen(kImages, 21);
  for (float &x : unseen.images) x *= 0.7f;  // there is something to learn
  const double first = Step(opened, unseen, 0.005);
  const std::vector<float> before(opened->param, opened->param + opened->n_params);
  for (int i = 0; i < 20; i++) Step(opened, unseen, 0.005);
  EXPECT_LT(Step(opened, unseen, 0), first);
  int steps = 0, moved = 0;
  for (int v = 0; v < opened->g.n_values; v++) {
    for (const train_span &s : opened->value[v].step) {
      if (!s.n) continue;
      steps++;
      moved += before[s.at] != opened->param[s.at];
    }
  }
  EXPECT_GT(steps, 10);
  EXPECT_GE(moved, steps - 2);
  ASSERT_EQ(tetra_train_export(opened, &bytes, &size, &err), TETRA_OK) << err.msg;
  Model model(bytes, size, kImages);
  free(bytes);
  ASSERT_TRUE(model.ok);
  // The file has the steps that the last update left, though nothing has been computed with them yet.
  EXPECT_EQ(model.m.graph.values[model.m.graph.input].d.scale,
            std::fabs(opened->param[opened->value[opened->g.input].step[TETRA_PLAN_4].at]));
  model.Run(fresh.images, kImages);
  const Comparison c(opened, model, fresh.images);
  EXPECT_EQ(c.wrong, 0);
  EXPECT_EQ(c.exact_wrong, 0);
}

// Biases that put values at the border between two codes, to within float's precision: evaluation has the code that the
// integers have wherever they can tell, training's float forward pass does not.
TEST(Exact, BordersAreWhereTheIntegersHaveThem) {
  const Data d(kImages);
  int correct = 0, told = 0, float_differs = 0;
  Train t = OpenLsq(d, &correct);
  const int v = t->g.nodes[t->fused[0]].out;
  const int k = t->plan.points[v][TETRA_PLAN_8].used ? TETRA_PLAN_8 : TETRA_PLAN_4;
  const train_layer &l = t->layer[0];
  const size_t size = train_image_size(t.get(), v), channels = l.bias.n;
  std::vector<float> logits(static_cast<size_t>(kImages * kClasses)), floats(size);
  std::vector<double> codes(size);
  for (int image = 0; image < kImages; image++) {
    // Half a code up from where it is, for one pixel of each channel that is inside the range.
    std::vector<size_t> at;
    tetra_train_logits(t.get(), d.images.data(), kImages, 1, logits.data());
    const double *x = t->value[t->value[v].root].exact + static_cast<size_t>(image) * size;
    const double scale = t->exported.points[v][k].scale;
    for (size_t c = 0; c < channels; c++) {
      size_t j = c;
      while (j < size && !(x[j] > scale && x[j] < 12 * scale)) j += channels;
      if (j >= size) continue;
      at.push_back(j);
      t->param[l.bias.at + c] += static_cast<float>((std::floor(x[j] / scale) + 0.5) * scale - x[j]);
    }
    uint8_t *bytes = nullptr;
    size_t bytes_size = 0;
    tetra_error err;
    ASSERT_EQ(tetra_train_export(t.get(), &bytes, &bytes_size, &err), TETRA_OK) << err.msg;
    Model model(bytes, bytes_size, kImages);
    free(bytes);
    ASSERT_TRUE(model.ok);
    model.Run(d.images, kImages);
    tetra_train_logits(t.get(), d.images.data(), kImages, 1, logits.data());
    train_exact_codes(t.get(), v, k, image, codes.data());
    std::vector<double> margins;
    for (const size_t j : at) margins.push_back(std::fabs(x[j] / scale - std::floor(x[j] / scale) - 0.5));
    std::memcpy(train_x(t.get(), t->g.input), d.images.data(), d.images.size() * sizeof(float));
    train_forward(t.get(), kImages, 0, 0);
    train_quantize(&t->value[v].point[k], train_x(t.get(), v) + static_cast<size_t>(image) * size, size, floats.data());
    const tetra_tensor *got = model.Codes(t.get(), v, k);
    ASSERT_NE(got, nullptr);
    for (size_t p = 0; p < at.size(); p++) {
      EXPECT_LT(margins[p], 1e-5);
      if (margins[p] < 2e-8) continue;  // a factor of 31 bits cannot tell
      const int code = Comparison::Code(*got, image, at[p]);
      told++;
      EXPECT_EQ(code, static_cast<int>(codes[at[p]]))
          << "image " << image << ", element " << at[p] << ", " << margins[p];
      float_differs += code != static_cast<int>(floats[at[p]]);
    }
  }
  EXPECT_GT(told, 40);
  EXPECT_GT(float_differs, 0);
}

// Sums that float might not hold are summed in double, to the same bits.
TEST(Exact, WideSumsAreTheSame) {
  const Data d(kImages);
  int correct = 0;
  Train t = OpenLsq(d, &correct);
  std::vector<float> narrow(static_cast<size_t>(kImages * kClasses)), wide = narrow;
  tetra_train_logits(t.get(), d.images.data(), kImages, 0, narrow.data());
  for (int i = 0; i < t->g.n_nodes; i++) EXPECT_EQ(t->layer[i].wide, 0);
  t->float_holds = 100;
  tetra_train_logits(t.get(), d.images.data(), kImages, 0, wide.data());
  EXPECT_EQ(t->layer[0].wide, 1);
  EXPECT_EQ(narrow, wide);
}

// Adam's recurrence in double, from the gradients of each step: weights move in units of their step, biases in 15ths of
// the range behind them, both from where they were; after a checkpoint to the same bits.
TEST(Lsq, WeightsAndBiasesLearnByAdam) {
  const Data d(kImages);
  int correct = 0;
  Train t = OpenLsq(d, &correct), resumed = OpenLsq(d, &correct);
  const train_layer &l = t->layer[0];
  const int v = t->g.nodes[t->fused[0]].out;
  const int k = t->plan.points[v][TETRA_PLAN_4].used ? TETRA_PLAN_4 : TETRA_PLAN_8;
  const double rate = 0.003, decay = t->o.decay;
  std::vector<double> mean(t->n_params), square(t->n_params);
  for (int step = 1; step <= 4; step++) {
    const std::vector<float> before(t->param, t->param + t->n_params);
    Step(t.get(), d, rate);
    const train_quantizer &q = t->value[v].point[k];  // as this step read it
    const auto expected = [&](size_t i, double unit, double shrink) {
      const double g = t->grad[i];
      mean[i] = 0.9 * mean[i] + 0.1 * g;
      square[i] = 0.99 * square[i] + 0.01 * g * g;
      const double direction =
          mean[i] / (1 - std::pow(0.9, step)) / (std::sqrt(square[i] / (1 - std::pow(0.99, step))) + 1e-18);
      return before[i] - rate * (unit * direction + shrink * before[i]);
    };
    for (size_t j = 0; j < l.w.n; j++) {
      const double unit = std::fabs(before[l.steps.at + j / (l.w.n / l.steps.n)]);
      ASSERT_NEAR(t->param[l.w.at + j], expected(l.w.at + j, unit, decay), 1e-5 * unit) << step << " " << j;
    }
    for (size_t c = 0; c < l.bias.n; c++) {
      const double unit = 0.3 * q.hi / q.scale / 15;
      ASSERT_NEAR(t->param[l.bias.at + c], expected(l.bias.at + c, unit, 0), 1e-5 * unit) << step << " " << c;
    }
    if (step > 2) {
      Step(resumed.get(), d, rate);
    } else if (step == 2) {
      uint8_t *bytes = nullptr;
      size_t size = 0;
      tetra_error err;
      ASSERT_EQ(tetra_train_save(t.get(), &bytes, &size, &err), TETRA_OK);
      ASSERT_EQ(tetra_train_load(resumed.get(), bytes, size, &err), TETRA_OK) << err.msg;
      free(bytes);
    }
  }
  for (size_t i = 0; i < t->n_params; i++) ASSERT_EQ(t->param[i], resumed->param[i]);
}

// A float network of batch norms, trained a little.
std::vector<uint8_t> FloatModel() {
  Train t = Open(TETRA_TRAIN_FLOAT, TETRA_W8A8, 2, 1);
  const Data d(kImages);
  for (int i = 0; i < 20; i++) Step(t.get(), d, 0.05);
  uint8_t *bytes = nullptr;
  size_t size = 0;
  tetra_error err;
  EXPECT_EQ(tetra_train_export(t.get(), &bytes, &size, &err), TETRA_OK) << err.msg;
  const std::vector<uint8_t> model(bytes, bytes + size);
  free(bytes);
  return model;
}

TEST(Synthesize, GradientOfPixels) {
  const std::vector<uint8_t> model = FloatModel();
  tetra_train_options o;
  tetra_train_defaults(&o);
  o.batch = 8;
  o.images_learn = 1;
  tetra_import_report refused;
  tetra_train *t = nullptr;
  tetra_error err;
  ASSERT_EQ(tetra_train_model_open(&t, model.data(), model.size(), &o, &refused, &err), TETRA_OK) << err.msg;
  Train owner(t);
  const Data d(8, 17);
  float *x = train_x(t, t->g.input);
  for (int i = 0; i < t->g.n_nodes; i++)  // corners leave no derivative exact (gradient_test.cc)
    if (t->g.nodes[i].kind == TETRA_FLOAT_CLAMP) t->g.nodes[i].lo = -1e6;
  const auto loss = [&](const std::vector<float> &images) {
    std::memcpy(x, images.data(), images.size() * sizeof *x);
    return train_statistics_loss(t, 8);
  };
  loss(d.images);
  const std::vector<float> g(train_grad(t, t->g.input), train_grad(t, t->g.input) + d.images.size());
  double norm = 0, best = 1;
  for (const float v : g) norm += static_cast<double>(v) * v;
  ASSERT_GT(norm, 1e-9);
  for (double e = 0.1; e > 1e-3; e /= 2) {
    std::vector<float> up = d.images, down = d.images;
    for (size_t i = 0; i < g.size(); i++) {
      up[i] += static_cast<float>(e * g[i] / std::sqrt(norm));
      down[i] -= static_cast<float>(e * g[i] / std::sqrt(norm));
    }
    best = std::min(best, std::fabs((loss(up) - loss(down)) / (2 * e) / std::sqrt(norm) - 1));
  }
  EXPECT_LT(best, 1e-3);
}

// Where the images' own statistics are the wanted ones, the loss is nothing.
TEST(Synthesize, OwnStatisticsHaveNoLoss) {
  const std::vector<uint8_t> model = FloatModel();
  tetra_train_options o;
  tetra_train_defaults(&o);
  o.batch = kImages;
  o.images_learn = 1;
  tetra_import_report refused;
  tetra_train *t = nullptr;
  tetra_error err;
  ASSERT_EQ(tetra_train_model_open(&t, model.data(), model.size(), &o, &refused, &err), TETRA_OK) << err.msg;
  Train owner(t);
  const Data d(kImages);
  std::memcpy(train_x(t, t->g.input), d.images.data(), d.images.size() * sizeof(float));
  EXPECT_GT(train_statistics_loss(t, kImages), 0.01);
  for (int v = 0; v < t->g.n_values; v++) {
    const tetra_float_value &value = t->g.values[v];
    const size_t channels = static_cast<size_t>(value.c), count = tetra_float_size(&value, kImages);
    for (size_t c = 0; value.mean && c < channels; c++) {
      double sum = 0, squares = 0;
      for (size_t i = c; i < count; i += channels) sum += static_cast<double>(train_x(t, v)[i]);
      const double n = static_cast<double>(count / channels), mean = sum / n;
      for (size_t i = c; i < count; i += channels) squares += std::pow(static_cast<double>(train_x(t, v)[i]) - mean, 2);
      value.mean[c] = mean;
      value.sd[c] = std::sqrt(squares / n);
    }
  }
  EXPECT_NEAR(train_statistics_loss(t, kImages), 0, 1e-6);
}

TEST(Synthesize, LossFallsAndSeedsRepeat) {
  const std::vector<uint8_t> model = FloatModel();
  tetra_synthesis o;
  tetra_synthesis_defaults(&o);
  o.images = 8;
  tetra_synthesized a, b;
  tetra_import_report refused;
  tetra_error err;
  ASSERT_EQ(tetra_synthesize(model.data(), model.size(), &o, &a, &refused, &err), TETRA_OK) << err.msg;
  EXPECT_LT(a.last_loss, 0.1 * a.first_loss);
  tetra_synthesized_free(&a);
  o.steps = 6;
  o.batch = 5; /* and the other three */
  ASSERT_EQ(tetra_synthesize(model.data(), model.size(), &o, &a, &refused, &err), TETRA_OK) << err.msg;
  o.threads = 1;
  ASSERT_EQ(tetra_synthesize(model.data(), model.size(), &o, &b, &refused, &err), TETRA_OK) << err.msg;
  const size_t size = static_cast<size_t>(o.images) * kSide * kSide * 3;
  EXPECT_EQ(std::vector<float>(a.images, a.images + size), std::vector<float>(b.images, b.images + size));
  tetra_synthesized_free(&a);
  tetra_synthesized_free(&b);
}

TEST(Training, OrderAndCutsDependOnTheirPlaceOnly) {
  std::vector<int> a(100), b(100), seen(100), places(81);
  tetra_train_order(5, 1, 100, a.data());
  tetra_train_order(5, 2, 100, b.data());
  EXPECT_NE(a, b);
  for (const int i : a) seen[static_cast<size_t>(i)]++;
  EXPECT_EQ(seen, std::vector<int>(100, 1));
  int flips = 0;
  for (int i = 0; i < 8100; i++) {
    const tetra_train_crop c = tetra_train_crop_of(5, 1, i, 4);
    ASSERT_TRUE(std::abs(c.dy) <= 4 && std::abs(c.dx) <= 4);
    places[static_cast<size_t>((c.dy + 4) * 9 + c.dx + 4)]++;
    flips += c.flip;
  }
  EXPECT_NEAR(flips, 4050, 200);
  for (const int n : places) EXPECT_NEAR(n, 100, 50);
}

TEST(Export, FloatWithItsBatchNorms) {
  Train t = Open(TETRA_TRAIN_FLOAT, TETRA_W8A8, 2, 1);
  const Data d(kImages);
  for (int i = 0; i < 10; i++) Step(t.get(), d, 0.05);
  std::vector<float> logits(static_cast<size_t>(kImages * kClasses)), again = logits;
  tetra_train_logits(t.get(), d.images.data(), kImages, 0, logits.data());
  uint8_t *bytes = nullptr;
  size_t size = 0;
  tetra_error err;
  ASSERT_EQ(tetra_train_export(t.get(), &bytes, &size, &err), TETRA_OK) << err.msg;
  tetra_train_options o;
  tetra_train_defaults(&o);
  o.batch = kImages;
  tetra_import_report refused;
  tetra_train *read = nullptr;
  ASSERT_EQ(tetra_train_model_open(&read, bytes, size, &o, &refused, &err), TETRA_OK) << err.msg;
  Train owner(read);
  free(bytes);
  tetra_import_report_free(&refused);
  tetra_train_logits(read, d.images.data(), kImages, 0, again.data());
  for (size_t i = 0; i < logits.size(); i++) EXPECT_NEAR(again[i], logits[i], 1e-4 * (1 + std::fabs(logits[i])));
}

TEST(Export, NotBeforeTheFreeze) {
  Train t = Open(TETRA_TRAIN_AQT);
  uint8_t *bytes = nullptr;
  size_t size = 0;
  tetra_error err;
  EXPECT_EQ(tetra_train_export(t.get(), &bytes, &size, &err), TETRA_EINVAL);
  EXPECT_EQ(bytes, nullptr);
}

}  // namespace
