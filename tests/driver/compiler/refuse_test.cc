// What the compiler refuses: each with its status and a message that names the op, and a plan that can be freed.
#include <gtest/gtest.h>

#include "../../cmodel/core_case.h"
#include "tetra/plan.h"

namespace {

// A 3x3 conv of 8 to 8 channels over 12x12 pixels on a 4x4 array, which is fine, until something is changed.
struct Request {
  Case c;
  tetra_caps caps = {4, 1024, 1024, 512, 16, 64, 512, 64};
  tetra_compile_options o;
  Request() {
    c.h = c.w = 12, c.cin = c.cout = 8, c.kh = c.kw = 3;
    tetra_compile_defaults(&o);
  }
};

int Compile(const Request &s, tetra_error *err) {
  Net net;
  Builder(s.c).Build(&net);
  EXPECT_EQ(tetra_graph_check(&net.g, err), TETRA_OK) << err->msg;
  tetra_plan plan;
  const int rc = tetra_compile(&net.g, &s.caps, &s.o, &plan, err);
  tetra_plan_free(&plan);
  return rc;
}

struct Refusal {
  const char *name;
  int status;
  const char *said;
  void (*change)(Request *s);
};

void PrintTo(const Refusal &r, std::ostream *s) { *s << r.name; }

class CompileRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(CompileRefuses, WithAMessage) {
  Request s;
  GetParam().change(&s);
  tetra_error err = {};
  EXPECT_EQ(Compile(s, &err), GetParam().status) << err.msg;
  EXPECT_NE(std::string(err.msg).find(GetParam().said), std::string::npos) << err.msg;
  EXPECT_EQ(std::string(err.msg).find('\n'), std::string::npos) << err.msg;
}

TEST(CompileAccepts, WhatTheRefusedOnesChange) {
  tetra_error err = {};
  EXPECT_EQ(Compile(Request(), &err), TETRA_OK) << err.msg;
}

const Refusal kHardware[] = {
    {"array_5", TETRA_EINVAL, "array size 5", [](Request *s) { s->caps.n = 5; }},
    {"array_128", TETRA_EINVAL, "array size 128", [](Request *s) { s->caps.n = 128; }},
    {"buffer_no_power_of_two", TETRA_EINVAL, "1000 words", [](Request *s) { s->caps.act_words = 1000; }},
    {"buffer_0", TETRA_EINVAL, "0 words", [](Request *s) { s->caps.res_words = 0; }},
    {"parameters_0", TETRA_EINVAL, "0 parameter entries", [](Request *s) { s->caps.par_entries = 0; }},
    {"parameters_beyond_a_load", TETRA_EINVAL, "8192 parameter entries",
     [](Request *s) { s->caps.par_entries = 8192; }},
    {"parameters_of_half_a_tile", TETRA_ERANGE, "a tile of 2 parameter entries",
     [](Request *s) { s->caps.par_entries = 1; }},
    {"too_many_layers", TETRA_ERANGE, "1 layers", [](Request *s) { s->caps.max_layers = 0; }},
};
const Refusal kShapes[] = {
    {"kernel_256_rows", TETRA_EINVAL, "'op'", [](Request *s) { s->c.h = 300, s->c.w = 2, s->c.kh = 256, s->c.kw = 1; }},
    {"stride_256", TETRA_EINVAL, "'op'", [](Request *s) { s->c.sx = 256; }},
    {"dilation_256", TETRA_EINVAL, "'op'", [](Request *s) { s->c.h = 600, s->c.w = 3, s->c.dy = 256; }},
    {"plane_16385", TETRA_EINVAL, "'op'",
     [](Request *s) { s->c.h = 16385, s->c.w = s->c.kh = s->c.kw = s->c.cin = 1; }},
    {"kernel_above_half_the_weights", TETRA_ERANGE, "'op'", [](Request *s) { s->c.kh = s->c.kw = 12; }},
    {"row_above_the_activations", TETRA_ERANGE, "'op'", [](Request *s) { s->c.w = 400; }},
    {"image_rows_above_their_buffer", TETRA_ERANGE, "'op'", [](Request *s) { s->c.w = 700, s->c.cin = 3; }},
    {"packed_row_above_the_activations", TETRA_ERANGE, "a tile of 1032 packed words exceeds the 1024",
     [](Request *s) { s->c.w = 43, s->c.cin = 4, s->c.h = 24, s->c.kh = 24, s->c.kw = 1, s->caps.res_words = 2048; }},
    {"fused_pool_behind_another_layer", TETRA_ERANGE, "over the image only", [](Request *s) { s->c.pool = 1; }},
    {"fused_pool_of_33_columns", TETRA_ERANGE, "two rows of 33 pixels exceed the 64",
     [](Request *s) { s->c.pool = 1, s->c.cin = 3, s->c.w = 35; }},
    {"fused_pool_line_above_its_buffer", TETRA_ERANGE, "needs 30 words, there are 16",
     [](Request *s) { s->c.pool = 1, s->c.cin = 3, s->c.w = 32, s->caps.pool_words = 16; }},
    {"pool_row_above_the_activations", TETRA_ERANGE, "'op'",
     [](Request *s) { s->c.kind = TETRA_MAXPOOL, s->c.w = 400; }},
};
const Refusal kMemories[] = {
    {"too_small_for_constants", TETRA_ERANGE, "memory", [](Request *s) { s->o.dram_size = 256; }},
    {"too_small_for_tensors", TETRA_ERANGE, "memory", [](Request *s) { s->o.dram_size = 5120; }},
    {"too_small_for_commands", TETRA_ERANGE, "commands", [](Request *s) { s->o.dram_size = 12288; }},
    {"ends_below_4_GiB_after_constants", TETRA_ERANGE, "memory", [](Request *s) { s->o.dram_base = 0xfffff000u; }},
    {"ends_below_4_GiB_after_tensors", TETRA_ERANGE, "commands", [](Request *s) { s->o.dram_base = 0xffffd000u; }},
};
std::string RefusalName(const testing::TestParamInfo<Refusal> &i) { return i.param.name; }
INSTANTIATE_TEST_SUITE_P(Hardware, CompileRefuses, testing::ValuesIn(kHardware), RefusalName);
INSTANTIATE_TEST_SUITE_P(Shape, CompileRefuses, testing::ValuesIn(kShapes), RefusalName);
INSTANTIATE_TEST_SUITE_P(Memory, CompileRefuses, testing::ValuesIn(kMemories), RefusalName);

}  // namespace
