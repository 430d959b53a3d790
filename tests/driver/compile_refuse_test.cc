// What the compiler refuses: each with its status and a message that names the op, and a plan that can be freed.
#include <gtest/gtest.h>

#include <functional>

#include "../cmodel/core_case.h"
#include "tetra/plan.h"

namespace {

struct Refusal {
  const char *name;
  int status;
  const char *said;
  std::function<void(Case *, tetra_caps *, tetra_compile_options *)> change;
};

void PrintTo(const Refusal &r, std::ostream *s) { *s << r.name; }

class CompileRefuses : public testing::TestWithParam<Refusal> {
 protected:
  // Compiles a 3x3 conv of 8 to 8 channels over 12x12 pixels, after `change`.
  int Compile(const std::function<void(Case *, tetra_caps *, tetra_compile_options *)> &change, tetra_error *err) {
    Case c;
    c.h = c.w = 12, c.cin = c.cout = 8, c.kh = c.kw = 3;
    tetra_caps caps = {4, 1024, 1024, 512, 16, 64, 512};
    tetra_compile_options o;
    tetra_compile_defaults(&o);
    change(&c, &caps, &o);
    Net net;
    Builder(c).Build(&net);
    EXPECT_EQ(tetra_graph_check(&net.g, err), TETRA_OK) << err->msg;
    tetra_plan plan;
    const int rc = tetra_compile(&net.g, &caps, &o, &plan, err);
    tetra_plan_free(&plan);
    return rc;
  }
};

TEST_P(CompileRefuses, WithAMessage) {
  tetra_error err = {};
  EXPECT_EQ(Compile(GetParam().change, &err), GetParam().status) << err.msg;
  EXPECT_NE(std::string(err.msg).find(GetParam().said), std::string::npos) << err.msg;
  EXPECT_EQ(std::string(err.msg).find('\n'), std::string::npos) << err.msg;
}

TEST_F(CompileRefuses, NotTheCaseThatTheOthersChange) {
  tetra_error err = {};
  EXPECT_EQ(Compile([](Case *, tetra_caps *, tetra_compile_options *) {}, &err), TETRA_OK) << err.msg;
}

#define CHANGE [](Case * c, tetra_caps * caps, tetra_compile_options * o)
#define UNUSED (void)c, (void)caps, (void)o

const Refusal kRefusals[] = {{"array_5", TETRA_EINVAL, "array size 5", CHANGE{UNUSED, caps->n = 5;
}  // namespace
}
, {"array_128", TETRA_EINVAL, "array size 128", CHANGE{UNUSED, caps->n = 128;
}
}
, {"buffer_no_power_of_two", TETRA_EINVAL, "1000 words", CHANGE{UNUSED, caps->act_words = 1000;
}
}
, {"buffer_0", TETRA_EINVAL, "0 words", CHANGE{UNUSED, caps->par_entries = 0;
}
}
, {"too_many_layers", TETRA_ERANGE, "1 layers", CHANGE{UNUSED, caps->max_layers = 0;
}
}
, {"kernel_256_rows", TETRA_EINVAL, "'op'", CHANGE{UNUSED, c->h = 300, c->w = 2, c->kh = 256, c->kw = 1;
}
}
, {"stride_256", TETRA_EINVAL, "'op'", CHANGE{UNUSED, c->sx = 256;
}
}
, {"dilation_256", TETRA_EINVAL, "'op'", CHANGE{UNUSED, c->h = 600, c->w = 3, c->dy = 256;
}
}
, {"plane_16385", TETRA_EINVAL, "'op'", CHANGE{UNUSED, c->h = 16385, c->w = c->kh = c->kw = c->cin = 1;
}
}
, {"kernel_above_half_the_weights", TETRA_ERANGE, "'op'", CHANGE{UNUSED, c->h = c->w = c->kh = c->kw = 12;
}
}
, {"row_above_the_activations", TETRA_ERANGE, "'op'", CHANGE{UNUSED, c->w = 400;
}
}
, {"image_rows_above_their_buffer", TETRA_ERANGE, "'op'", CHANGE{UNUSED, c->w = 700, c->cin = 3;
}
}
, {"pool_row_above_the_activations", TETRA_ERANGE, "'op'", CHANGE{UNUSED, c->kind = TETRA_MAXPOOL, c->w = 400;
}
}
, {"memory_too_small_for_constants", TETRA_ERANGE, "memory", CHANGE{UNUSED, o->dram_size = 256;
}
}
, {"memory_too_small_for_tensors", TETRA_ERANGE, "memory", CHANGE{UNUSED, o->dram_size = 5120;
}
}
, {"memory_too_small_for_commands", TETRA_ERANGE, "commands", CHANGE{UNUSED, o->dram_size = 8192;
}
}
,
}
;
INSTANTIATE_TEST_SUITE_P(Of, CompileRefuses, testing::ValuesIn(kRefusals),
                         [](const auto &i) { return std::string(i.param.name); });

}  // namespace
