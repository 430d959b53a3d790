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
    {"layers_that_no_command_names", TETRA_EINVAL, "counters for 513 layers",
     [](Request *s) { s->caps.max_layers = 513; }},
    {"too_many_layers", TETRA_ERANGE, "1 layers", [](Request *s) { s->caps.max_layers = 0; }},
};
const Refusal kShapes[] = {
    {"pool_over_256_rows", TETRA_EINVAL, "'op'",
     [](Request *s) { s->c.kind = TETRA_MAXPOOL, s->c.h = 300, s->c.w = 2, s->c.kh = 256, s->c.kw = 1; }},
    {"pool_dilation_256", TETRA_EINVAL, "'op'",
     [](Request *s) { s->c.kind = TETRA_MAXPOOL, s->c.h = 600, s->c.w = 3, s->c.dy = 256; }},
    {"plane_16385", TETRA_EINVAL, "'op'",
     [](Request *s) { s->c.h = 16385, s->c.w = s->c.kh = s->c.kw = s->c.cin = 1; }},
    {"row_above_half_the_activations", TETRA_ERANGE, "'op'", [](Request *s) { s->c.w = 600; }},
    {"image_rows_above_their_buffer", TETRA_ERANGE, "'op'", [](Request *s) { s->c.w = 700, s->c.cin = 3; }},
    {"packed_row_above_the_activations", TETRA_ERANGE,
     "takes 24 words a pixel, for a row of 43 pixels more than the activation buffer holds: 42 pixels would fit, or an "
     "activation "
     "buffer of 8 KiB",
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
    {"base_1", TETRA_EINVAL, "memory at 0x00000001", [](Request *s) { s->o.dram_base = 1; }},
    {"base_within_a_page", TETRA_EINVAL, "multiples of 4096", [](Request *s) { s->o.dram_base = 0x10000800; }},
    {"size_of_64_bits", TETRA_EINVAL, "18446744073709551615 bytes", [](Request *s) { s->o.dram_size = UINT64_MAX; }},
    {"size_above_4_GiB", TETRA_EINVAL, "4294967297 bytes", [](Request *s) { s->o.dram_size = (1ull << 32) + 1; }},
    {"constants_beyond_4_GiB", TETRA_ERANGE, "do not fit into a 32-bit address space",
     [](Request *s) { s->o.dram_base = 0xfffff000u, s->c.cin = s->c.cout = 40; }},
    {"too_small_for_constants", TETRA_ERANGE, "memory", [](Request *s) { s->o.dram_size = 256; }},
    {"too_small_for_tensors", TETRA_ERANGE, "memory", [](Request *s) { s->o.dram_size = 5120; }},
    {"too_small_for_commands", TETRA_ERANGE, "commands", [](Request *s) { s->o.dram_size = 12288; }},
    {"ends_below_4_GiB_after_constants", TETRA_ERANGE, "memory", [](Request *s) { s->o.dram_base = 0xfffff000u; }},
    {"ends_below_4_GiB_after_tensors", TETRA_ERANGE, "commands", [](Request *s) { s->o.dram_base = 0xffffd000u; }},
};

TEST(CompileAccepts, AllOfFourGibibytesAndAsManyLayersAsACommandNames) {
  Request s;
  s.o.dram_base = 0, s.o.dram_size = 1ull << 32, s.caps.max_layers = 512;
  tetra_error err = {};
  EXPECT_EQ(Compile(s, &err), TETRA_OK) << err.msg;
}

TEST(CompileAccepts, SidesOf16384) {
  for (const bool high : {false, true}) {
    Request s;
    s.c.h = high ? 16384 : 1, s.c.w = high ? 1 : 16384, s.c.kh = s.c.kw = s.c.cin = s.c.cout = 1;
    tetra_error err = {};
    EXPECT_EQ(Compile(s, &err), high ? TETRA_OK : TETRA_ERANGE) << err.msg;
    s.caps.act_words = s.caps.res_words = 32768;
    EXPECT_EQ(Compile(s, &err), TETRA_OK) << err.msg;
  }
}

// Each argument in turn; the message, where it is asked for, and a plan that can be freed.
TEST(CompileRefusesNull, ByStatus) {
  const Request s;
  Net net;
  Builder(s.c).Build(&net);
  tetra_plan plan;
  for (int missing = 0; missing < 4; missing++) {
    tetra_error err = {};
    EXPECT_EQ(tetra_compile(missing == 0 ? nullptr : &net.g, missing == 1 ? nullptr : &s.caps,
                            missing == 2 ? nullptr : &s.o, missing == 3 ? nullptr : &plan, &err),
              TETRA_EINVAL)
        << missing;
    EXPECT_NE(std::string(err.msg).find("NULL"), std::string::npos) << err.msg;
    if (missing != 3) tetra_plan_free(&plan);
  }
  EXPECT_EQ(tetra_compile(&net.g, nullptr, &s.o, &plan, nullptr), TETRA_EINVAL);
  tetra_plan_free(nullptr);
}

// A graph that was not checked before: nothing of it is followed.
TEST(CompileRefusesGraph, EmptyOrBroken) {
  const Request s;
  struct Broken {
    const char *said;
    void (*make)(tetra_graph *g);
  };
  const Broken broken[] = {{"0 ops", [](tetra_graph *g) { g->n_ops = 0; }},
                           {"0 values", [](tetra_graph *g) { g->n_values = 0; }},
                           {"input 77", [](tetra_graph *g) { g->ops[0].input = 77; }},
                           {"does not produce it", [](tetra_graph *g) { g->ops[0].output[0] = -1; }},
                           {"kind 9", [](tetra_graph *g) { g->ops[0].kind = static_cast<tetra_op_kind>(9); }},
                           {"graph input", [](tetra_graph *g) { g->input = 5; }}};
  const tetra_graph nothing = {};
  tetra_plan plan;
  tetra_error err = {};
  EXPECT_EQ(tetra_compile(&nothing, &s.caps, &s.o, &plan, &err), TETRA_EINVAL);
  for (const Broken &b : broken) {
    Net net;
    Builder(s.c).Build(&net);
    const tetra_graph good = net.g;
    const tetra_op op = net.g.ops[0];
    b.make(&net.g);
    err = {};
    EXPECT_EQ(tetra_compile(&net.g, &s.caps, &s.o, &plan, &err), TETRA_EINVAL) << b.said;
    EXPECT_NE(std::string(err.msg).find(b.said), std::string::npos) << err.msg;
    tetra_plan_free(&plan);
    net.g = good;
    net.g.ops[0] = op;
  }
}

std::string RefusalName(const testing::TestParamInfo<Refusal> &i) { return i.param.name; }
INSTANTIATE_TEST_SUITE_P(Hardware, CompileRefuses, testing::ValuesIn(kHardware), RefusalName);
INSTANTIATE_TEST_SUITE_P(Shape, CompileRefuses, testing::ValuesIn(kShapes), RefusalName);
INSTANTIATE_TEST_SUITE_P(Memory, CompileRefuses, testing::ValuesIn(kMemories), RefusalName);

}  // namespace
