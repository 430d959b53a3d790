// ./sim allocate --problem: files in and out, bad input.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "program.h"

namespace {

namespace fs = std::filesystem;

class SimAllocateProblem : public ::testing::Test {
 protected:
  void SetUp() override {
    folder = TempName("");
    fs::create_directory(folder);
  }
  void TearDown() override { fs::remove_all(folder); }
  std::string In(const std::string &name) const { return folder + "/" + name; }
  Outcome Solve(const std::string &problem) const {
    std::ofstream(In("p.json"), std::ios::binary) << problem;
    return RunSim("allocate --problem " + In("p.json") + " -o " + In("o.json"));
  }
  std::string folder;
};

// Layers 0 and 2 are tied; "bytes" has no budget, its sum is still said.
TEST_F(SimAllocateProblem, answer_has_choices_objective_and_every_cost) {
  const Outcome o = Solve(R"({"choices": ["w4", "w8"], "sensitivity": [[3, 0], [5, 0], [1, 0]],
    "cost": {"cycles": [[10, 20], [10, 30], [10, 20]], "bytes": [[1, 2], [1, 2], [1, 2]]},
    "ties": [[0, 2]], "budget": {"cycles": 50}})");
  ASSERT_EQ(o.code, 0) << o;
  EXPECT_EQ(o.err, "") << o;
  EXPECT_EQ(ReadFile(In("o.json")), "{\"choice\":[0,1,0],\"objective\":4,\"cost\":{\"cycles\":50,\"bytes\":4}}\n");
}

TEST_F(SimAllocateProblem, no_budget_is_the_least_sensitive) {
  const Outcome o = Solve(R"({"choices": ["a", "b", "c"], "sensitivity": [[3, -2.5, 7]]})");
  ASSERT_EQ(o.code, 0) << o;
  EXPECT_EQ(ReadFile(In("o.json")), "{\"choice\":[1],\"objective\":-2.5,\"cost\":{}}\n");
}

struct Bad {
  const char *name, *problem, *said;
};
void PrintTo(const Bad &b, std::ostream *s) { *s << b.problem; }
class SimAllocateBadProblem : public SimAllocateProblem, public ::testing::WithParamInterface<Bad> {};

TEST_P(SimAllocateBadProblem, is_one_line_and_exit_code_2_and_no_file) {
  const Outcome o = Solve(GetParam().problem);
  EXPECT_EQ(o.code, 2) << o;
  EXPECT_EQ(o.out, "") << o;
  EXPECT_EQ(std::count(o.err.begin(), o.err.end(), '\n'), 1) << o;
  EXPECT_TRUE(Contains(o.err, GetParam().said)) << o;
  EXPECT_FALSE(fs::exists(In("o.json"))) << o;
}

#define TWO R"("choices": ["a", "b"], "sensitivity": [[1, 2], [3, 4]])"
#define COST R"(, "cost": {"x": [[5, 6], [7, 8]]})"
INSTANTIATE_TEST_SUITE_P(
    Problems, SimAllocateBadProblem,
    ::testing::Values(Bad{"empty", "", "empty"}, Bad{"text", "hello", "line 1 is no JSON"},
                      Bad{"list", "[]", "a JSON object is accepted"}, Bad{"nothing", "{}", "\"choices\""},
                      Bad{"unknown_key", "{" TWO ", \"costs\": {}}", "unknown key \"costs\""},
                      Bad{"key_twice", "{" TWO ", \"ties\": [], \"ties\": []}", "\"ties\" is there twice"},
                      Bad{"no_layers", R"({"choices": ["a"], "sensitivity": []})", "1 to 1024 layers"},
                      Bad{"no_choices", R"({"choices": [], "sensitivity": [[]]})", "1 to 64 names"},
                      Bad{"choice_number", R"({"choices": [4], "sensitivity": [[1]]})", "must be names"},
                      Bad{"row_short", R"({"choices": ["a", "b"], "sensitivity": [[1, 2], [3]]})", "layer 1 of"},
                      Bad{"row_text", R"({"choices": ["a"], "sensitivity": [["1"]]})", "a finite number"},
                      Bad{"infinite", R"({"choices": ["a"], "sensitivity": [[1e999]]})", "a finite number"},
                      Bad{"not_a_number", R"({"choices": ["a"], "sensitivity": [[NaN]]})", "no JSON"},
                      Bad{"cost_short", "{" TWO R"(, "cost": {"x": [[5, 6]]}})", "x has 1 rows; 2 are accepted"},
                      Bad{"cost_list", "{" TWO R"(, "cost": [[5, 6], [7, 8]]})", "must be objects"},
                      Bad{"budget_of_nothing", "{" TWO COST R"(, "budget": {"y": 1}})", "\"y\" has no \"cost\""},
                      Bad{"budget_text", "{" TWO COST R"(, "budget": {"x": "12"}})", "a finite number"},
                      Bad{"budget_small", "{" TWO COST R"(, "budget": {"x": 11}})", "must be at least that"},
                      Bad{"tie_negative", "{" TWO R"(, "ties": [[0, -1]]})", "a layer 0 to 1"},
                      Bad{"tie_large", "{" TWO R"(, "ties": [[2]]})", "a layer 0 to 1"},
                      Bad{"tie_half", "{" TWO R"(, "ties": [[0.5]]})", "a layer 0 to 1"},
                      Bad{"tie_flat", "{" TWO R"(, "ties": [0, 1]})", "list of lists"}),
    [](const ::testing::TestParamInfo<Bad> &i) { return i.param.name; });

struct Arguments {
  const char *name, *arguments, *said;
};
void PrintTo(const Arguments &b, std::ostream *s) { *s << b.arguments; }
class SimAllocateBadArguments : public ::testing::TestWithParam<Arguments> {};

TEST_P(SimAllocateBadArguments, is_one_line_and_exit_code_2) {
  const Outcome o = RunSim(std::string("allocate ") + GetParam().arguments);
  EXPECT_EQ(o.code, 2) << o;
  EXPECT_EQ(o.out, "") << o;
  EXPECT_EQ(std::count(o.err.begin(), o.err.end(), '\n'), 1) << o;
  EXPECT_TRUE(Contains(o.err, GetParam().said)) << o;
}

INSTANTIATE_TEST_SUITE_P(
    Options, SimAllocateBadArguments,
    ::testing::Values(Arguments{"nothing", "", "-o FILE.json"}, Arguments{"no_network", "-o x.json", "no network"},
                      Arguments{"no_images", "a.onnx -o x.json", "--calibrate"},
                      Arguments{"no_budget", "a.onnx --calibrate x.npy -o x.json", "--budget is needed"},
                      Arguments{"problem_and_network", "a.onnx --problem p.json -o x.json", "beside it"},
                      Arguments{"two_networks", "a.onnx b.onnx -o x.json", "'b.onnx'"},
                      Arguments{"budget_of_what", "--budget apples=3", "apples=3"},
                      Arguments{"budget_twice", "--budget ram=3K,ram=4K", "each resource once"},
                      Arguments{"budget_0", "--budget cycles=0", "above 0"},
                      Arguments{"budget_negative", "--budget cycles=-4", "above 0"},
                      Arguments{"budget_text", "--budget cycles=4x", "above 0"},
                      Arguments{"budget_nothing", "--budget cycles=", "above 0"},
                      Arguments{"budget_nan", "--budget cycles=nan", "above 0"},
                      Arguments{"choices", "--choices w4a4,w2a2", "each once"},
                      Arguments{"choice_twice", "--choices w4a4,w4a4", "each once"},
                      Arguments{"sensitivity", "--sensitivity fisher", "kl, orm, trace or mse"},
                      Arguments{"unknown", "--frob", "'--frob'"}),
    [](const ::testing::TestParamInfo<Arguments> &i) { return i.param.name; });

}  // namespace
