// Supernets: slices are networks, learn together, and compute on the C model what the trainer says.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "networks.h"

extern "C" {
#include "once.h"
#include "step/layer.h"
#include "step/pass.h"
}

namespace {

const double kWidths[] = {0.25, 0.5, 0.375};
const tetra_precision kPrecisions[] = {TETRA_W4A4, TETRA_W8A8, TETRA_W4A4_INIT8_DENSE8};

int OpenSupernet(tetra_train **t, tetra_train_options *o, tetra_train_resnet r, tetra_error *err) {
  o->method = TETRA_TRAIN_ONCE;
  o->batch = kImages;
  o->widths = kWidths;
  o->n_widths = 3;
  o->precisions = kPrecisions;
  o->n_precisions = 3;
  return tetra_train_resnet_open(t, &r, o, err);
}

Train Supernet(int threads = 2) {
  tetra_train_options o;
  tetra_train_defaults(&o);
  o.threads = threads;
  tetra_train *t = nullptr;
  tetra_error err;
  EXPECT_EQ(OpenSupernet(&t, &o, {8, 1, kClasses, kSide, kSide, 3, 1, 0}, &err), TETRA_OK) << err.msg;
  return Train(t);
}

std::vector<uint8_t> Export(tetra_train *t) {
  uint8_t *bytes = nullptr;
  size_t size = 0;
  tetra_error err;
  EXPECT_EQ(tetra_train_export(t, &bytes, &size, &err), TETRA_OK) << err.msg;
  const std::vector<uint8_t> file(bytes, bytes + size);
  free(bytes);
  return file;
}

TEST(Supernet, SubnetsFromLargestToSmallest) {
  Train t = Supernet();
  ASSERT_EQ(tetra_supernet_count(t.get()), 9);
  const tetra_subnet first = tetra_supernet_subnet(t.get(), 0), second = tetra_supernet_subnet(t.get(), 1),
                     last = tetra_supernet_subnet(t.get(), 8);
  EXPECT_EQ(first.width, 0.5);
  EXPECT_EQ(first.precision, TETRA_W8A8);
  EXPECT_EQ(second.width, 0.5);
  EXPECT_EQ(second.precision, TETRA_W4A4_INIT8_DENSE8);
  EXPECT_EQ(last.width, 0.25);
  EXPECT_EQ(last.precision, TETRA_W4A4);
  EXPECT_LT(tetra_train_parameters(tetra_supernet_slice(t.get(), 8)), tetra_train_parameters(t.get()) / 3);
  EXPECT_EQ(tetra_train_parameters(tetra_supernet_slice(t.get(), 0)), tetra_train_parameters(t.get()));
}

// LSQ's first steps: 2 mean|v| / sqrt(Qp) at the fewest bits, and half as much for each bit more.
TEST(Supernet, FirstSteps) {
  Train t = Supernet();
  const Data d(kImages);
  const train_layer &l = t->layer[0];
  double sum = 0;
  for (size_t j = 0; j < l.w.n; j++) sum += std::fabs(t->param[l.w.at + j]);
  const double step = 2 * sum / static_cast<double>(l.w.n) / std::sqrt(7.0);
  EXPECT_EQ(l.steps.n, 1u);
  EXPECT_NEAR(t->param[l.steps.at], step / 16, 1e-6 * step);
  Step(t.get(), d, 0);
  sum = 0;
  for (const float x : d.images) sum += std::fabs(x);
  const double image = 2 * sum / static_cast<double>(d.images.size()) / std::sqrt(7.0);
  const train_value &v = t->value[t->g.input];
  EXPECT_NEAR(t->param[v.step[0].at], image / 16, 1e-5 * image);
  const tetra_train *small = tetra_supernet_slice(t.get(), 8);
  train_forward(t->once->net[8], kImages, 0, 0);
  EXPECT_NEAR(1 / small->value[small->g.input].point[TETRA_PLAN_4].scale, image, 1e-5 * image);
}

// Slice, then quantize = quantize, then slice: a narrow network's codes are the first ones of a wide network's.
TEST(Supernet, SlicesOfCodesAreCodesOfSlices) {
  Train t = Supernet();
  const Data d(kImages);
  for (int i = 0; i < 6; i++) Step(t.get(), d, 0.05);
  int codes = 0;
  for (int k = 3; k < 9; k++) {
    tetra_train *wide = tetra_supernet_slice(t.get(), k % 3), *narrow = tetra_supernet_slice(t.get(), k);
    ASSERT_EQ(tetra_supernet_subnet(t.get(), k).precision, tetra_supernet_subnet(t.get(), k % 3).precision);
    for (int i = 0; i < t->g.n_nodes; i++) {
      const train_layer &a = wide->layer[i], &b = narrow->layer[i];
      if (!b.w.n) continue;
      ASSERT_EQ(a.bits, b.bits);
      train_layer_prepare(wide, i);
      train_layer_prepare(narrow, i);
      const size_t taps = static_cast<size_t>(b.geo.taps.n), cin = static_cast<size_t>(b.geo.cin),
                   all = static_cast<size_t>(a.geo.cin);
      for (size_t row = 0; row < b.w.n / cin; row++)
        for (size_t c = 0; c < cin; c++, codes++) ASSERT_EQ(a.codes[row * all + c], b.codes[row * cin + c]) << taps;
      ASSERT_EQ(a.unit[0], b.unit[0]);
    }
  }
  EXPECT_GT(codes, 10000);
}

// The gradient of a step is that of its subnets, each where its slice is.
TEST(Supernet, GradientsOfSlicesAreSummed) {
  Train t = Supernet();
  const Data d(kImages);
  Step(t.get(), d, 0.05);  // steps have begun
  tetra_train_batch b = BatchOf(d);
  tetra_train_result r;
  tetra_error err;
  b.teacher_share = 0.9;
  ASSERT_EQ(train_gradients(t.get(), &b, &r, &err), TETRA_OK);
  const std::vector<float> largest(t->grad, t->grad + t->n_params);
  const size_t classes = static_cast<size_t>(kImages * kClasses);
  const std::vector<float> said(train_x(t.get(), t->logits), train_x(t.get(), t->logits) + classes);
  ASSERT_EQ(tetra_train_step(t.get(), &b, &r, &err), TETRA_OK);
  const std::vector<float> all(t->grad, t->grad + t->n_params);
  // Channels that the largest width alone has learn from networks of that width only; the first ones from the smallest
  // network, too, whose gradient is its own.
  tetra_train *small = tetra_supernet_slice(t.get(), 8);
  b.teacher = said.data();
  ASSERT_EQ(train_gradients(small, &b, &r, &err), TETRA_OK);
  const train_layer &a = t->layer[0], &s = small->layer[0];
  int more = 0;
  for (size_t c = 0; c < s.gamma.n; c++) {
    const float others = all[a.gamma.at + c] - largest[a.gamma.at + c];
    EXPECT_NE(small->grad[s.gamma.at + c], 0);
    more += std::fabs(others - small->grad[s.gamma.at + c]) > 1e-6f;  // and from the ones by chance
  }
  EXPECT_GT(more, 0);
  // Without those by chance, exactly the two.
  train_once *once = t->once;
  train_once two = *once;
  tetra_train *nets[] = {nullptr, once->net[8]};
  tetra_subnet subnets[] = {once->subnets[0], once->subnets[8]};
  two.n = 2;
  two.net = nets;
  two.subnets = subnets;
  t->once = &two;
  b.teacher = nullptr;
  ASSERT_EQ(tetra_train_step(t.get(), &b, &r, &err), TETRA_OK);
  t->once = once;
  for (size_t c = 0; c < a.gamma.n; c++) {
    const float mine = c < s.gamma.n ? small->grad[s.gamma.at + c] : 0;
    EXPECT_EQ(t->grad[a.gamma.at + c], largest[a.gamma.at + c] + mine) << c;
  }
  EXPECT_EQ(t->grad[a.steps.at], largest[a.steps.at] + small->grad[s.steps.at]);
  const size_t cin = static_cast<size_t>(s.geo.cin);
  for (size_t j = 0; j < s.w.n; j++) {  // the stem reads the same three channels in all
    EXPECT_EQ(cin, static_cast<size_t>(a.geo.cin));
    EXPECT_EQ(t->grad[a.w.at + j], largest[a.w.at + j] + small->grad[s.w.at + j]);
  }
}

// Each subnet learns, though only four of them do in a step, and runs on the C model as it was trained: all codes.
TEST(Supernet, SubnetsLearnAndCompute) {
  Train t = Supernet();
  const Data d(kImages), fresh(kImages, 9);
  for (int i = 0; i < 60; i++) Step(t.get(), d, 0.05);
  std::set<std::vector<uint8_t>> files;
  std::vector<float> logits(static_cast<size_t>(kImages * kClasses));
  int at_borders = 0;
  for (int k = 0; k < tetra_supernet_count(t.get()); k++) {
    SCOPED_TRACE(k);
    tetra_train *sub = tetra_supernet_slice(t.get(), k);
    for (int batch = 0; batch < 3; batch++) tetra_supernet_calibrate(sub, d.images.data(), kImages, batch);
    tetra_train_logits(sub, d.images.data(), kImages, 1, logits.data());
    int right = 0;
    for (int i = 0; i < kImages; i++) {
      const float *x = &logits[static_cast<size_t>(i * kClasses)];
      right += std::max_element(x, x + kClasses) - x == d.labels[static_cast<size_t>(i)];
    }
    EXPECT_GE(right, kImages * 3 / 4);
    const std::vector<uint8_t> file = Export(sub);
    EXPECT_TRUE(files.insert(file).second);
    Model model(file.data(), file.size(), kImages);
    ASSERT_TRUE(model.ok);
    model.Run(fresh.images, kImages);
    const Comparison c(sub, model, fresh.images);
    EXPECT_GE(c.tensors, 10);
    EXPECT_EQ(c.wrong, 0);
    EXPECT_EQ(c.exact_wrong, 0);
    at_borders += c.images_at_borders;
  }
  EXPECT_LE(at_borders, 9 * kImages / 20);
}

// Statistics are the mean over batches, whatever was before.
TEST(Supernet, StatisticsOfASlice) {
  Train t = Supernet();
  const Data a(kImages), b(kImages, 5);
  for (int i = 0; i < 4; i++) Step(t.get(), a, 0.05);
  tetra_train *sub = tetra_supernet_slice(t.get(), 4);
  const train_layer &l = sub->layer[0];
  const auto mean = [&](const std::vector<const Data *> &batches) {
    int k = 0;
    for (const Data *d : batches) tetra_supernet_calibrate(sub, d->images.data(), kImages, k++);
    return sub->stats[l.running.at];
  };
  const float of_a = mean({&a}), of_b = mean({&b}), of_both = mean({&a, &b});
  EXPECT_NE(of_a, of_b);
  EXPECT_NEAR(of_both, (of_a + of_b) / 2, 1e-6);
  EXPECT_EQ(mean({&a}), of_a);
}

// The same bits for any number of threads, after a checkpoint, and out of the file.
TEST(Supernet, RepeatsBitForBit) {
  Train one = Supernet(1), three = Supernet(3), resumed = Supernet();
  const Data d(kImages);
  tetra_error err;
  for (int i = 0; i < 6; i++) {
    const double loss = Step(one.get(), d, 0.05);
    EXPECT_EQ(loss, Step(three.get(), d, 0.05));
    if (i > 2) {
      EXPECT_EQ(loss, Step(resumed.get(), d, 0.05));
    }
    if (i != 2) continue;
    uint8_t *bytes = nullptr;
    size_t size = 0;
    ASSERT_EQ(tetra_train_save(one.get(), &bytes, &size, &err), TETRA_OK);
    ASSERT_EQ(tetra_train_load(resumed.get(), bytes, size, &err), TETRA_OK) << err.msg;
    free(bytes);
  }
  const std::vector<uint8_t> file = Export(one.get());
  EXPECT_EQ(file, Export(three.get()));
  EXPECT_EQ(file, Export(resumed.get()));
  tetra_train *read = nullptr;
  ASSERT_EQ(tetra_supernet_open(&read, file.data(), file.size(), kImages, 1, &err), TETRA_OK) << err.msg;
  Train owner(read);
  EXPECT_EQ(Export(read), file);
  for (const int k : {0, 5}) {
    tetra_train *a = tetra_supernet_slice(one.get(), k), *b = tetra_supernet_slice(read, k);
    tetra_supernet_calibrate(a, d.images.data(), kImages, 0);
    tetra_supernet_calibrate(b, d.images.data(), kImages, 0);
    EXPECT_EQ(Export(a), Export(b));
  }
}

TEST(Supernet, RefusesWhatIsNone) {
  Train t = Supernet();
  const Data d(kImages);
  tetra_error err;
  uint8_t *bytes = nullptr;
  size_t size = 0;
  EXPECT_EQ(tetra_train_export(t.get(), &bytes, &size, &err), TETRA_EINVAL);  // not trained yet
  Step(t.get(), d, 0.05);
  const std::vector<uint8_t> file = Export(t.get());
  tetra_train *read = nullptr;
  const auto open = [&](const std::vector<uint8_t> &f) {
    const int rc = tetra_supernet_open(&read, f.data(), f.size(), kImages, 1, &err);
    EXPECT_EQ(read != nullptr, rc == TETRA_OK);
    tetra_train_close(read);
    return rc;
  };
  EXPECT_EQ(open(file), TETRA_OK);
  for (const size_t cut : {size_t{1}, size_t{4}, file.size() - 10})
    EXPECT_EQ(open(std::vector<uint8_t>(file.data(), file.data() + file.size() - cut)), TETRA_EINVAL);
  for (size_t at = 0; at < file.size(); at += at < 250 ? 1 : 5000) {
    std::vector<uint8_t> other = file;
    other[at] ^= 0x40;
    EXPECT_EQ(open(other), TETRA_EINVAL) << at;
  }
  std::vector<uint8_t> longer = file;
  longer.resize(file.size() + 4);
  EXPECT_EQ(open(longer), TETRA_EINVAL);

  tetra_train_options o;
  tetra_train_defaults(&o);
  EXPECT_EQ(OpenSupernet(&read, &o, {8, 1, kClasses, kSide, kSide, 3, 0, 0}, &err), TETRA_EINVAL);  // option A
  EXPECT_NE(std::string(err.msg).find("option B"), std::string::npos);
  const double twice[] = {0.5, 0.5};
  o.widths = twice;
  o.n_widths = 2;
  const tetra_train_resnet r = {8, 1, kClasses, kSide, kSide, 3, 1, 0};
  EXPECT_EQ(tetra_train_resnet_open(&read, &r, &o, &err), TETRA_EINVAL);
  EXPECT_NE(std::string(err.msg).find("width 0.5 twice"), std::string::npos) << err.msg;
  EXPECT_EQ(read, nullptr);
}

}  // namespace
