// Networks through the RTL, every layer against the C model: precisions, arrays, memories, images, parts, corruption.
#include <cctype>
#include <cstring>
#include <fstream>
#include <string>
#include <tuple>

#include <gtest/gtest.h>

#include "program.h"
#include "run/pieces/part.h"
#include "run/tensor_name.h"
#include "tetra/network.h"

namespace {

void ExpectAllEqual(const std::string &arguments) {
  const Outcome o = RunSim(arguments);
  EXPECT_EQ(o.code, 0) << o;
  EXPECT_TRUE(Contains(o.out, "RTL = C in everything compared")) << o;
  EXPECT_TRUE(Contains(o.out, "= total")) << o;
  EXPECT_EQ(o.err, "") << o;
}

struct Case {
  const char *name, *arguments;
};

void PrintTo(const Case &c, std::ostream *s) { *s << c.arguments; }

class Network : public ::testing::TestWithParam<Case> {};

TEST_P(Network, EveryLayerIsEqual) { ExpectAllEqual(GetParam().arguments); }

const Case kPrecisions[] = {
    {"resnet18_half_224_w8a8", "resnet18 --width 0.5 --precision w8a8"},
    {"resnet18_half_224_w4a8", "resnet18 --width 0.5 --precision w4a8"},
    {"resnet18_half_224_w4a4", "resnet18 --width 0.5 --precision w4a4"},
    {"resnet18_half_224_w4a4_init8_dense8", "resnet18 --width 0.5 --precision w4a4-init8-dense8"},
};
const Case kShapes[] = {
    {"resnet50_quarter_64", "resnet50 --width 0.25 --size 64"},
    {"resnet18_width_0_3_size_75_odd_shapes", "resnet18 --width 0.3 --size 75"},
    {"resnet18_half_64_batch_3", "resnet18 --width 0.5 --size 64 --batch 3"},
    {"resnet18_half_64_no_fuse", "resnet18 --width 0.5 --size 64 --no-fuse"},
    {"resnet18_half_64_w8a8_no_fuse", "resnet18 --width 0.5 --size 64 --no-fuse --precision w8a8"},
    {"resnet34_quarter_32_seed_99", "resnet34 --width 0.25 --size 32 --seed 99"},
};
const Case kMemories[] = {
    {"resnet18_half_64_stall_0_3_seed_5", "resnet18 --width 0.5 --size 64 --dram-stall 0.3 --seed 5"},
    {"resnet18_half_64_stall_0_3_seed_6", "resnet18 --width 0.5 --size 64 --dram-stall 0.3 --seed 6"},
    {"resnet18_half_64_w8a8_stall_0_7", "resnet18 --width 0.5 --size 64 --precision w8a8 --dram-stall 0.7"},
    {"resnet18_half_64_3_bytes_per_cycle", "resnet18 --width 0.5 --size 64 --dram-bytes-per-cycle 3"},
    {"resnet18_half_64_latency_1", "resnet18 --width 0.5 --size 64 --dram-latency 1 --dram-bytes-per-cycle 64"},
    {"resnet18_half_64_latency_1000", "resnet18 --width 0.5 --size 64 --dram-latency 1000"},
};
// The inputs of a part come from the C model; one of these reads a residual too.
const Case kParts[] = {
    {"resnet18_half_64_layers_0", "resnet18 --width 0.5 --size 64 --layers 0"},
    {"resnet18_half_64_layers_by_name", "resnet18 --width 0.5 --size 64 --layers s2b1.conv1..s2b1.conv1"},
    {"resnet18_half_64_layers_with_a_residual", "resnet18 --width 0.5 --size 64 --layers s2b2.conv2+add..s3b1.proj"},
    {"resnet18_half_64_layers_to_the_end", "resnet18 --width 0.5 --size 64 --layers avgpool..dense"},
    {"resnet18_half_64_check_final", "resnet18 --width 0.5 --size 64 --check final"},
};
std::string CaseName(const ::testing::TestParamInfo<Case> &i) { return i.param.name; }
INSTANTIATE_TEST_SUITE_P(Precision, Network, ::testing::ValuesIn(kPrecisions), CaseName);
INSTANTIATE_TEST_SUITE_P(Shape, Network, ::testing::ValuesIn(kShapes), CaseName);
INSTANTIATE_TEST_SUITE_P(Memory, Network, ::testing::ValuesIn(kMemories), CaseName);
INSTANTIATE_TEST_SUITE_P(Part, Network, ::testing::ValuesIn(kParts), CaseName);

// Every array size in this build, every precision.
class Arrays : public ::testing::TestWithParam<std::tuple<int, const char *>> {};

TEST_P(Arrays, EveryLayerIsEqual) {
  ExpectAllEqual("resnet18 --width 0.5 --size 64 --array " + std::to_string(std::get<0>(GetParam())) + " --precision " +
                 std::get<1>(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Resnet18_half_64, Arrays,
                         ::testing::Combine(::testing::Values(TETRA_SIM_ARRAYS),
                                            ::testing::Values("w8a8", "w4a8", "w4a4", "w4a4-init8-dense8")),
                         [](const auto &i) {
                           std::string name = std::get<1>(i.param);
                           for (char &c : name) c = c == '-' ? '_' : c;
                           const std::string n = std::to_string(std::get<0>(i.param));
                           return n + "x" + n + "_" + name;
                         });

TEST(NothingCompared, SaysSo) {
  const Outcome o = RunSim("resnet18 --width 0.25 --size 32 --check none");
  EXPECT_EQ(o.code, 0) << o;
  EXPECT_TRUE(Contains(o.out, "nothing was compared")) << o;
}

// One weight of one layer, in simulated DRAM only: the comparison names the layer.
class Corruption : public ::testing::TestWithParam<const char *> {};

TEST_P(Corruption, OfAWeightIsSeenInItsLayer) {
  const Outcome o = RunSim(std::string("resnet18 --width 0.5 --size 64 --inject-weight-flip ") + GetParam());
  EXPECT_EQ(o.code, 1) << o;
  const size_t at = o.out.find("MISMATCH in layer ");
  ASSERT_NE(at, std::string::npos) << o;
  EXPECT_TRUE(Contains(o.out.substr(at, o.out.find(',', at) - at), std::string(" ") + GetParam())) << o;
  EXPECT_TRUE(Contains(o.out, "RTL ") && Contains(o.out, ", C ") && Contains(o.out, "accumulator")) << o;
}

INSTANTIATE_TEST_SUITE_P(Resnet18_half_64, Corruption,
                         ::testing::Values("stem+maxpool", "s2b1.conv1", "s3b2.conv2+add", "dense"), [](const auto &i) {
                           std::string name = i.param;
                           for (char &c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
                           return name;
                         });

TEST(Corruption, IsSeenByCheckFinalInTheLastLayerOnly) {
  const Outcome o = RunSim("resnet18 --width 0.5 --size 64 --check final --inject-weight-flip stem+maxpool");
  EXPECT_EQ(o.code, 1) << o;
  EXPECT_TRUE(Contains(o.out, "MISMATCH in layer 22 dense")) << o;
}

class Photograph : public ::testing::TestWithParam<const char *> {};

TEST_P(Photograph, EveryLayerIsEqual) {
  const std::string path = std::string(TETRA_DATA_DIR "/images/") + GetParam() + ".jpg";
  if (!std::ifstream(path)) GTEST_SKIP() << "no " << path;
  ExpectAllEqual("resnet18 --width 0.25 --image " + path);
}

INSTANTIATE_TEST_SUITE_P(Resnet18_quarter_224, Photograph,
                         ::testing::Values("imagenet_01_559", "imagenet_05_853", "imagenet_07_609", "imagenet_18_317"),
                         [](const auto &i) { return std::string(i.param); });

// Files may give several layers one name.
TEST(Names, OfTwoLayersAreRefused) {
  tetra_network_options options;
  tetra_network_defaults(&options);
  options.network = "resnet18";
  tetra_graph g;
  tetra_error err = {};
  ASSERT_EQ(tetra_network_build_shapes(&options, &g, &err), TETRA_OK) << err.msg;
  std::strcpy(g.ops[2].name, "twice");
  std::strcpy(g.ops[5].name, "twice");
  std::strcpy(g.ops[6].name, "once");
  int first, last;
  EXPECT_EQ(sim_part_parse(&g, "twice", &first, &last, &err), TETRA_EINVAL);
  EXPECT_STREQ(err.msg, "--layers: layers 2 and 5 are both called 'twice'; a number is accepted");
  EXPECT_EQ(sim_part_parse(&g, "0..twice", &first, &last, &err), TETRA_EINVAL);
  EXPECT_EQ(sim_part_parse(&g, "2..once", &first, &last, &err), TETRA_OK) << err.msg;
  EXPECT_EQ(last, 6);
  int value;
  EXPECT_EQ(sim_tensor_find(&g, nullptr, "twice", 5, &value, &err), TETRA_EINVAL);
  EXPECT_TRUE(Contains(err.msg, "2 layers are called 'twice'")) << err.msg;
  EXPECT_EQ(sim_tensor_find(&g, nullptr, "once", 4, &value, &err), TETRA_OK) << err.msg;
  EXPECT_EQ(value, g.ops[6].output[0]);
  tetra_graph_free(&g);
}

}  // namespace
