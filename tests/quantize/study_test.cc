// Sensitivities: the published matrices of OMPQ, and what linear CKA does not change with.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <cjson/cJSON.h>
#include <gtest/gtest.h>

#include "tetra/study.h"

namespace {

struct Sets {
  std::vector<std::vector<float>> data;
  std::vector<size_t> size;
  int images = 0;

  std::vector<double> Matrix(std::vector<double> *gamma) const {
    const size_t n = data.size();
    std::vector<const float *> pointers;
    for (const auto &d : data) pointers.push_back(d.data());
    std::vector<double> m(n * n);
    gamma->resize(n);
    tetra_error err = {};
    EXPECT_EQ(tetra_orm(pointers.data(), size.data(), static_cast<int>(n), images, m.data(), gamma->data(), &err),
              TETRA_OK);
    return m;
  }
};

TEST(Orm, published_matrix) {
  const std::string path = std::string(TETRA_DATA_DIR) + "/methods/orm_vectors.json";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no " << path;
  std::ifstream f(path);
  std::stringstream text;
  text << f.rdbuf();
  cJSON *root = cJSON_Parse(text.str().c_str());
  ASSERT_NE(root, nullptr);
  Sets s;
  for (const cJSON *set = cJSON_GetObjectItem(root, "features")->child; set; set = set->next) {
    s.data.emplace_back();
    s.images = cJSON_GetArraySize(set);
    s.size.push_back(static_cast<size_t>(cJSON_GetArraySize(set->child)));
    for (const cJSON *row = set->child; row; row = row->next)
      for (const cJSON *x = row->child; x; x = x->next) s.data.back().push_back(static_cast<float>(x->valuedouble));
  }
  std::vector<double> gamma, got = s.Matrix(&gamma);
  size_t i = 0;
  for (const cJSON *row = cJSON_GetObjectItem(root, "orm")->child; row; row = row->next)
    for (const cJSON *x = row->child; x; x = x->next, i++) EXPECT_NEAR(got[i], x->valuedouble, 1e-5) << i;
  EXPECT_EQ(i, got.size());
  cJSON_Delete(root);
}

TEST(Orm, symmetric_one_on_the_diagonal_blind_to_scale_and_order) {
  Sets s;
  s.images = 6;
  s.size = {4, 4, 4};
  s.data.resize(3);
  for (int i = 0; i < 24; i++) {
    s.data[0].push_back(static_cast<float>((i * i * 7 + 3 * i) % 11 - 5));
    s.data[2].push_back(static_cast<float>((i * i * 5 + i) % 13 - 6));
  }
  for (int i = 0; i < 24; i++) s.data[1].push_back(-2.5f * s.data[0][static_cast<size_t>(i / 4 * 4 + 3 - i % 4)]);
  std::vector<double> gamma, m = s.Matrix(&gamma);
  for (size_t i = 0; i < 3; i++) {
    EXPECT_NEAR(m[i * 4], 1, 1e-9);
    for (size_t k = 0; k < 3; k++) EXPECT_NEAR(m[i * 3 + k], m[k * 3 + i], 1e-12);
  }
  EXPECT_NEAR(m[1], 1, 1e-6);
  EXPECT_LT(m[2], 0.99);
  EXPECT_NEAR(gamma[0], m[1] + m[2], 1e-12);
}

}  // namespace
