// The command line: what it prints, JSON, and every kind of bad input.
#include <sys/stat.h>

#include <cjson/cJSON.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "program.h"

namespace {

const char kSmall[] = "resnet18 --width 0.25 --size 32 ";

struct Bad {
  const char *name, *arguments, *said;
};

void PrintTo(const Bad &b, std::ostream *s) { *s << b.arguments; }

class BadInput : public ::testing::TestWithParam<Bad> {};

TEST_P(BadInput, IsOneLineAndExitCode2) {
  const Outcome o = RunSim(GetParam().arguments);
  EXPECT_EQ(o.code, 2) << o;
  EXPECT_EQ(o.out, "") << o;
  EXPECT_EQ(std::count(o.err.begin(), o.err.end(), '\n'), 1) << o;
  EXPECT_EQ(o.err.compare(0, 5, "sim: "), 0) << o;
  EXPECT_TRUE(Contains(o.err, GetParam().said)) << o;
}

const Bad kBad[] = {
    {"no_network", "", "resnet50"},
    {"unknown_network", "resnet99", "'resnet99'"},
    {"two_networks", "resnet18 resnet50", "'resnet50'"},
    {"network_twice", "resnet50,resnet18,resnet50", "'resnet50' is given twice"},
    {"precision_twice", "resnet18 --precision w8a8,w4a4,w8a8", "--precision: 'w8a8' is given twice"},
    {"unknown_option", "resnet18 --frobnicate", "'--frobnicate'"},
    {"unknown_letter", "resnet18 -x", "'-x'"},
    {"missing_value", "resnet18 --width", "'--width'"},
    {"value_too_many", "resnet18 --quiet=3", "'--quiet=3'"},
    {"precision", "resnet18 --precision w2a2", "'w2a2'"},
    {"width_0", "resnet18 --width 0", "'0'"},
    {"width_negative", "resnet18 --width -1", "'-1'"},
    {"width_5", "resnet18 --width 5", "at most 4"},
    {"width_nan", "resnet18 --width nan", "'nan'"},
    {"width_text", "resnet18 --width 1x", "'1x'"},
    {"width_without_channels", "resnet18 --width 0.001", "0.001"},
    {"array_5", "resnet18 --array 5", "'5'"},
    {"array_16x8", "resnet18 --array 16x8", "'16x8'"},
    {"array_text", "resnet18 --array big", "'big'"},
    {"check", "resnet18 --check some", "'some'"},
    {"batch_0", "resnet18 --batch 0", "'0'"},
    {"batch_negative", "resnet18 --batch -3", "'-3'"},
    {"batch_fraction", "resnet18 --batch 1.5", "'1.5'"},
    {"size_31", "resnet18 --size 31", "'31'"},
    {"size_513", "resnet18 --size 513", "'513'"},
    {"seed_negative", "resnet18 --seed -1", "'-1'"},
    {"seed_too_large", "resnet18 --seed 18446744073709551616", "18446744073709551615"},
    {"latency_0", "resnet18 --dram-latency 0", "'0'"},
    {"latency_too_large", "resnet18 --dram-latency 65536", "65535"},
    {"bandwidth_0", "resnet18 --dram-bytes-per-cycle 0", "'0'"},
    {"bandwidth_negative", "resnet18 --dram-bytes-per-cycle -16", "'-16'"},
    {"stall_negative", "resnet18 --dram-stall -0.1", "'-0.1'"},
    {"stall_1", "resnet18 --dram-stall 1", "0.95"},
    {"mhz_0", "resnet18 --mhz 0", "'0'"},
    {"mhz_infinite", "resnet18 --mhz inf", "'inf'"},
    {"layers_unknown", "resnet18 --width 0.25 --size 32 --layers s9b9.conv1", "'s9b9.conv1'"},
    {"layers_past_the_end", "resnet18 --width 0.25 --size 32 --layers 0..99", "'99'"},
    {"layers_backwards", "resnet18 --width 0.25 --size 32 --layers 5..2", "'5..2'"},
    {"trace_without_layer", "resnet18 --trace /tmp/x.fst", "--trace-layer"},
    {"trace_layer_without_file", "resnet18 --trace-layer stem", "--trace"},
    {"trace_unwritable", "resnet18 --trace /nonexistent/x.fst --trace-layer stem", "'/nonexistent/x.fst'"},
    {"output_dash", "resnet18 --output -", "--output -: the standard output is not accepted"},
    {"output_layer_dash", "resnet18 --output-layer image=-", "only --json, --csv and --html take '-'"},
    {"timeline_dash", "resnet18,resnet34 --timeline -", "--timeline -: "},
    {"dump_dash", "resnet18 --dump-tensors -", "--dump-tensors -: "},
    {"export_dash", "resnet18 --export-plan -", "--export-plan -: "},
    {"json_unwritable", "resnet18 --json /nonexistent/x.json", "'/nonexistent/x.json'"},
    {"json_directory", "resnet18 --json /tmp", "'/tmp'"},
    {"json_empty", "resnet18 --json ''", "--json"},
    {"image_missing", "resnet18 --image /nonexistent/x.jpg", "'/nonexistent/x.jpg'"},
    {"input_is_an_alias", "resnet18 --input /nonexistent/x.jpg", "'/nonexistent/x.jpg'"},
    {"image_directory", "resnet18 --image /tmp", "'/tmp'"},
    {"image_is_a_program", "resnet18 --image /proc/self/exe", "JPEG, PNG or .npy"},
    {"too_much_memory", "resnet18 --batch 256 --size 512", "does not fit"},
    {"inject_layer_without_weights", "resnet18 --width 0.25 --size 32 --inject-weight-flip avgpool", "'avgpool'"},
    {"inject_layer_unknown", "resnet18 --width 0.25 --size 32 --inject-weight-flip nowhere", "'nowhere'"},
};
INSTANTIATE_TEST_SUITE_P(Of, BadInput, ::testing::ValuesIn(kBad),
                         [](const auto &i) { return std::string(i.param.name); });

TEST(BadImage, TruncatedFilesAreRefusedBeforeTheRun) {
  const std::string path = TempName(".npy");
  std::ofstream(path, std::ios::binary) << std::string("\x93NUMPY\x01\x00\x10\x00{'descr': '|u1'", 26);
  const Outcome o = RunSim(kSmall + ("--image " + path));
  EXPECT_EQ(o.code, 2) << o;
  EXPECT_EQ(o.out, "") << o;
  EXPECT_TRUE(Contains(o.err, path)) << o;
  std::remove(path.c_str());
}

TEST(UnbuiltArray, TellsTheCommandThatBuildsIt) {
  const std::vector<int> built = {TETRA_SIM_ARRAYS};
  for (int n : {4, 8, 16, 32, 64}) {
    if (std::find(built.begin(), built.end(), n) != built.end()) continue;
    const Outcome o = RunSim("resnet18 --array " + std::to_string(n));
    EXPECT_EQ(o.code, 2) << o;
    EXPECT_TRUE(Contains(o.err, "-DTETRA_ARRAYS=")) << o;
    EXPECT_TRUE(Contains(o.err, ";" + std::to_string(n) + "'")) << o;
    EXPECT_EQ(std::count(o.err.begin(), o.err.end(), '\n'), 1) << o;
  }
}

TEST(Text, ListHelpAndVersion) {
  const Outcome list = RunSim("--list"), help = RunSim("--help"), version = RunSim("--version");
  EXPECT_EQ(list.code, 0);
  for (const char *s : {"resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "w8a8", "w4a4-init8-dense8"}) {
    EXPECT_TRUE(Contains(list.out, s)) << list;
  }
  EXPECT_EQ(help.code, 0);
  for (const char *s : {"--precision",
                        "--width",
                        "--size",
                        "--image",
                        "--input",
                        "--seed",
                        "--layers",
                        "--array",
                        "--check",
                        "--no-fuse",
                        "--batch",
                        "--dram-latency",
                        "--dram-bytes-per-cycle",
                        "--dram-stall",
                        "--mhz",
                        "--trace",
                        "--trace-layer",
                        "--json",
                        "--quiet",
                        "--list",
                        "--help",
                        "--version"}) {
    EXPECT_TRUE(Contains(help.out, s)) << help;
  }
  EXPECT_EQ(version.code, 0);
  EXPECT_EQ(version.out, "tetra sim " TETRA_VERSION "\n");
}

// Every trained network that --list names runs, with names of classes; its one form is the only one.
TEST(Trained, RunsAndNamesClasses) {
  const Outcome list = RunSim("--list");
  size_t at = list.out.find("trained:    ");
  if (at == std::string::npos) GTEST_SKIP() << "no trained network is built in";
  for (; at != std::string::npos; at = list.out.find("trained:    ", at + 1)) {
    const std::string name = list.out.substr(at + 12, list.out.find(' ', at + 12) - at - 12);
    const Outcome o = RunSim(name + " --quiet"), refused = RunSim(name + " --precision w8a8"),
                  listed = RunSim("resnet18," + name);
    EXPECT_EQ(o.code, 0) << o;
    EXPECT_TRUE(Contains(o.out, "RTL = C in everything compared")) << o;
    const size_t classes = o.out.find("top classes");
    ASSERT_NE(classes, std::string::npos) << o;
    EXPECT_NE(o.out.find('\'', classes), std::string::npos) << o;
    EXPECT_EQ(refused.code, 2) << refused;
    EXPECT_TRUE(Contains(refused.err, "'" + name + "' is trained")) << refused;
    EXPECT_EQ(listed.code, 2) << listed;
    EXPECT_TRUE(Contains(listed.err, "accepted alone")) << listed;
  }
}

// Its classes mean something: of lossless images, which it was not trained on, it knows most.
TEST(Trained, ResNet20KnowsWhatItSees) {
  const std::string data = std::string(TETRA_DATA_DIR) + "/cifar10/test_";
  if (!Contains(RunSim("--list").out, "trained:    resnet20 ")) GTEST_SKIP() << "resnet20 is not built in";
  if (!std::ifstream(data + "images.npy")) GTEST_SKIP() << "no " << data << "images.npy";
  const Outcome o = RunSim("resnet20 --backend fast --limit 200 --quiet --input " + data + "images.npy --labels " +
                           data + "labels.npy");
  ASSERT_EQ(o.code, 0) << o;
  const size_t at = o.out.find("top-1    ");
  ASSERT_NE(at, std::string::npos) << o;
  EXPECT_GE(std::stod(o.out.substr(at + 9)), 75) << o;
}

// One file, two networks: 4-bit weights take half of the products' cycles.
TEST(Trained, ANestedNetworkHasWeightsOf8And4Bits) {
  const Outcome eight = RunSim("resnet20_nested --array 16 --model --quiet");
  const Outcome four = RunSim("resnet20_nested --array 16 --model --quiet --bits 4");
  EXPECT_TRUE(Contains(eight.out, "total    174,620 cycles")) << eight;
  EXPECT_TRUE(Contains(four.out, "total    123,914 cycles")) << four;
}

TEST(Text, HelpByALetterInEveryCommand) {
  for (const char *command :
       {"", "pareto ", "quantize ", "allocate ", "equiv ", "report ", "sweep ", "synthesize ", "train "}) {
    const Outcome o = RunSim(std::string(command) + "-h");
    EXPECT_EQ(o.code, 0) << o;
    EXPECT_EQ(o.out.rfind("usage: sim " + std::string(command), 0), 0u) << o;
  }
}

// What was nearly right is named; what is like nothing is not.
TEST(Spelling, TellsWhatWasMeant) {
  const struct {
    const char *arguments, *hint;
  } cases[] = {{"resnet5", "did you mean 'resnet50'?"},
               {"parto", "did you mean 'pareto'?"},
               {"help", "did you mean '--help'?"},
               {"mine.pt", "torch.onnx.export writes an .onnx file"},
               {"folder/mine.keras", "tf.lite.TFLiteConverter writes a .tflite file"},
               {"resnet18 --modle", "did you mean '--model'?"},
               {"resnet18 --dram-latenzy=3", "did you mean '--dram-latency'?"},
               {"quantize --calbrate x", "did you mean '--calibrate'?"},
               {"pareto --csw x", "did you mean '--csv'?"},
               {"resnet18 --model=3", "option '--model=3' takes no value"},
               {"resnet18 --precision", "option '--precision' does not have the value it needs"},
               {"quantize -o", "option '-o' does not have the value it needs"}};
  for (const auto &c : cases) {
    const Outcome o = RunSim(c.arguments);
    EXPECT_EQ(o.code, 2) << o;
    EXPECT_TRUE(Contains(o.err, c.hint)) << o;
    EXPECT_EQ(std::count(o.err.begin(), o.err.end(), '\n'), 1) << o;
  }
  for (const char *strange : {"alexnet", "resnet18 --zzzzzz", "resnet18 -z"}) {
    const Outcome o = RunSim(strange);
    EXPECT_EQ(o.code, 2) << o;
    EXPECT_FALSE(Contains(o.err, "did you mean")) << o;
  }
}

TEST(Color, MarksTheLayerThatDiffers) {
  const std::string run = kSmall + std::string(" --inject-weight-flip s1b1.conv1 --color ");
  const std::string red = "\033[1;31m  1 s1b1.conv1";
  EXPECT_TRUE(Contains(RunSim(run + "always").out, red));
  EXPECT_FALSE(Contains(RunSim(run + "auto").out, "\033"));
  EXPECT_FALSE(Contains(RunSim(run + "never").out, "\033"));
  EXPECT_FALSE(Contains(RunSim(kSmall + std::string(" --color always --layers dense")).out, "\033"));
}

// In a file or a pipe two runs are the same but for the lines that speak of time.
TEST(Table, HasNoTimesWhereItIsNoTerminal) {
  auto layers = [](const Outcome &o) {
    return o.out.substr(o.out.find("  # layer"), o.out.find("total ") - o.out.find("  # layer"));
  };
  const Outcome a = RunSim(kSmall), b = RunSim(kSmall);
  EXPECT_EQ(layers(a), layers(b));
  EXPECT_TRUE(Contains(layers(a), " yes\n")) << a;
}

// A terminal of 80 columns, made by script(1).
TEST(Table, FitsATerminal) {
  if (std::system("script -qec true /dev/null >/dev/null 2>&1") != 0) GTEST_SKIP() << "no script or terminal";
  for (const char *how : {"", " --model"}) {
    const std::string run = std::string("stty cols 80; ") + TETRA_SIM_PROGRAM + " " + kSmall + how + " | cat; " +
                            TETRA_SIM_PROGRAM + " " + kSmall + how;
    const Outcome o = RunCommand("script -qec '" + run + "' /dev/null");
    std::stringstream text(o.out);
    int wide = 0, narrow = 0;
    for (std::string line; std::getline(text, line);) {
      if (!Contains(line, "s1b1.conv1 ")) continue;
      line = line.substr(line.rfind('\033') == std::string::npos ? 0 : line.rfind('\033') + 3);
      (line.size() > 100 ? wide : narrow)++;
      EXPECT_TRUE(line.size() > 100 || line.size() <= 81) << line;  // with the carriage return
    }
    EXPECT_EQ(wide, 1) << o;
    EXPECT_EQ(narrow, 1) << o;
  }
}

TEST(Text, ThatCannotBeWrittenIsAnError) {
  for (const char *arguments :
       {"--list >/dev/full", "--help >&-", "resnet18 --width 0.25 --size 32 --quiet >/dev/full"}) {
    const std::string err = TempName(".err");
    const int status = std::system((TETRA_SIM_PROGRAM " " + std::string(arguments) + " 2>" + err).c_str());
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 2) << arguments << ": status " << status;
    EXPECT_EQ(ReadFile(err), "sim: cannot write to the standard output\n") << arguments;
    std::remove(err.c_str());
  }
}

TEST(Text, HeaderLayersTotalsAndFramesPerSecond) {
  const Outcome o = RunSim(kSmall + std::string("--mhz 500"));
  EXPECT_EQ(o.code, 0) << o;
  for (const char *s :
       {"untrained", "s1b1.conv1", "dense", "bounds: compute", "frames/s at 500 MHz", "top classes", "kHz"}) {
    EXPECT_TRUE(Contains(o.out, s)) << s << "\n" << o;
  }
  EXPECT_FALSE(Contains(o.out, "\r")) << "progress lines are for terminals";
}

TEST(Text, QuietHasNoLayersAndNoClockNoFramesPerSecond) {
  const Outcome o = RunSim(kSmall + std::string("--quiet"));
  EXPECT_EQ(o.code, 0) << o;
  EXPECT_FALSE(Contains(o.out, "s1b1.conv1")) << o;
  EXPECT_FALSE(Contains(o.out, "frames/s")) << o;
  EXPECT_TRUE(Contains(o.out, "total ")) << o;
}

// Runs with --json and parses the file.
class Json : public ::testing::Test {
 protected:
  void Run(const std::string &arguments, int code) {
    path_ = TempName(".json");
    const Outcome o = RunSim(arguments + " --json " + path_);
    EXPECT_EQ(o.code, code) << o;
    doc_ = cJSON_Parse(ReadFile(path_).c_str());
    ASSERT_NE(doc_, nullptr) << ReadFile(path_);
  }
  void TearDown() override {
    cJSON_Delete(doc_);
    std::remove(path_.c_str());
  }
  static const cJSON *Get(const cJSON *o, const char *key) {
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, key);
    EXPECT_NE(v, nullptr) << "no key " << key;
    return v;
  }
  static double Number(const cJSON *o, const char *key) {
    const cJSON *v = Get(o, key);
    EXPECT_TRUE(cJSON_IsNumber(v)) << key;
    return v == nullptr ? NAN : v->valuedouble;
  }
  static std::string String(const cJSON *o, const char *key) {
    const cJSON *v = Get(o, key);
    EXPECT_TRUE(cJSON_IsString(v)) << key;
    return cJSON_IsString(v) ? v->valuestring : "";
  }
  std::string path_;
  cJSON *doc_ = nullptr;
};

TEST_F(Json, HasItsKeysAndItsSumsAddUp) {
  Run("resnet18 --width 0.5 --size 64 --precision w4a8", 0);
  ASSERT_NE(doc_, nullptr);
  EXPECT_EQ(String(doc_, "network"), "resnet18");
  EXPECT_EQ(String(doc_, "precision"), "w4a8");
  EXPECT_EQ(Number(doc_, "width"), 0.5);
  EXPECT_EQ(Number(doc_, "array"), 16);
  EXPECT_TRUE(cJSON_IsTrue(Get(doc_, "match")));
  const cJSON *total = Get(doc_, "total"), *stalls = Get(total, "stalls"), *layers = Get(doc_, "layers");
  double cycles = 0, bound = 0, macs = 0, bytes = 0, stalled = 0;
  const cJSON *l;
  cJSON_ArrayForEach(l, layers) {
    EXPECT_FALSE(String(l, "name").empty());
    const std::string kind = String(l, "kind");
    EXPECT_TRUE(kind == "conv" || kind == "dense" || kind == "maxpool" || kind == "avgpool" || kind == "add") << kind;
    EXPECT_TRUE(cJSON_IsTrue(Get(l, "match")));
    EXPECT_EQ(cJSON_IsNull(Get(l, "utilization")) != 0, Number(l, "macs") == 0);
    EXPECT_GT(Number(l, "cycles"), 0);
    cycles += Number(l, "cycles");
    bound += Number(l, "bound_cycles");
    macs += Number(l, "macs");
    bytes += Number(l, "dram_bytes");
  }
  cJSON_ArrayForEach(l, stalls) stalled += l->valuedouble;
  EXPECT_EQ(cJSON_GetArraySize(layers), 23);
  EXPECT_EQ(cJSON_GetArraySize(stalls), 8);
  EXPECT_EQ(cycles, Number(total, "cycles"));
  EXPECT_EQ(stalled, Number(total, "cycles"));
  EXPECT_EQ(bound, Number(total, "bound_cycles"));
  EXPECT_EQ(macs, Number(total, "macs"));
  EXPECT_EQ(bytes, Number(total, "dram_bytes"));
  EXPECT_GT(Number(total, "utilization"), 0.05);
  EXPECT_LE(Number(total, "utilization"), 1);
  EXPECT_EQ(Number(Get(doc_, "hardware"), "multipliers_4x4"), 1024);
  EXPECT_LE(Number(Get(doc_, "hardware"), "sram_bits"), 512 * 8192);
  EXPECT_GT(Number(Get(doc_, "sim"), "seconds"), 0);
  EXPECT_GT(Number(Get(doc_, "sim"), "khz"), 0);
  const cJSON *top = Get(doc_, "top5");
  ASSERT_EQ(cJSON_GetArraySize(top), 5);
  double before = INFINITY;
  cJSON_ArrayForEach(l, top) {
    ASSERT_EQ(cJSON_GetArraySize(l), 2);
    EXPECT_LT(cJSON_GetArrayItem(l, 0)->valuedouble, 1000);
    EXPECT_LE(cJSON_GetArrayItem(l, 1)->valuedouble, before);
    before = cJSON_GetArrayItem(l, 1)->valuedouble;
  }
}

// Logits are 8-bit codes, so of 1000 classes some of the best are equal.
TEST_F(Json, TopClassesWithEqualLogitsStandInTheirOrder) {
  int ties = 0;
  for (const char *seed : {"1", "2", "3"}) {
    Run(kSmall + std::string("--check none --seed ") + seed, 0);
    ASSERT_NE(doc_, nullptr);
    const cJSON *top = Get(doc_, "top5");
    for (int i = 1; i < cJSON_GetArraySize(top); i++) {
      const cJSON *a = cJSON_GetArrayItem(top, i - 1), *b = cJSON_GetArrayItem(top, i);
      if (cJSON_GetArrayItem(a, 1)->valuedouble != cJSON_GetArrayItem(b, 1)->valuedouble) continue;
      ties++;
      EXPECT_LT(cJSON_GetArrayItem(a, 0)->valuedouble, cJSON_GetArrayItem(b, 0)->valuedouble) << "seed " << seed;
    }
    cJSON_Delete(doc_);
    doc_ = nullptr;
  }
  EXPECT_GT(ties, 0) << "choose other seeds";
}

TEST_F(Json, AMismatchIsFalse) {
  Run("resnet18 --width 0.5 --size 64 --inject-weight-flip s1b1.conv1", 1);
  ASSERT_NE(doc_, nullptr);
  EXPECT_TRUE(cJSON_IsFalse(Get(doc_, "match")));
  const cJSON *layers = Get(doc_, "layers");
  const cJSON *last = cJSON_GetArrayItem(layers, cJSON_GetArraySize(layers) - 1);
  EXPECT_EQ(String(last, "name"), "s1b1.conv1");
  EXPECT_TRUE(cJSON_IsFalse(Get(last, "match")));
}

TEST_F(Json, WhatWasNotComparedIsNull) {
  Run(kSmall + std::string("--check none"), 0);
  ASSERT_NE(doc_, nullptr);
  EXPECT_TRUE(cJSON_IsNull(Get(doc_, "match")));
}

TEST_F(Json, AnOldFileIsReplacedWholeOrLeftAlone) {
  path_ = TempName(".json");
  std::ofstream(path_) << "old";
  EXPECT_EQ(RunSim("resnet18 --width 0.001 --json " + path_).code, 2);
  EXPECT_EQ(ReadFile(path_), "old");
  Run(kSmall, 0);
  EXPECT_NE(doc_, nullptr);
}

// A pipe that is opened, closed and opened again is at its end for whoever reads it.
TEST(JsonPipe, IsOpenedOnce) {
  const std::string pipe = TempName(".pipe"), read = TempName(".read"), said = TempName(".err");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const std::string command = "timeout 60 cat " + pipe + " >" + read + " & timeout 60 " TETRA_SIM_PROGRAM " " + kSmall +
                              "--model --quiet --json " + pipe + " >/dev/null 2>" + said +
                              "; code=$?; wait; exit $code";
  const int status = std::system(command.c_str());
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << command << "\n" << ReadFile(said);
  cJSON *doc = cJSON_Parse(ReadFile(read).c_str());
  EXPECT_NE(doc, nullptr) << ReadFile(read);
  cJSON_Delete(doc);
  for (const std::string &path : {pipe, read, said}) std::remove(path.c_str());
}

// The first bytes say which format an image has, and a pipe gives them once.
TEST(ImagePipe, IsRefusedByName) {
  const std::string pipe = TempName(".pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  ASSERT_EQ(std::system(("printf '\\377\\330\\377 of a JPEG' | timeout 60 tee " + pipe + " >/dev/null &").c_str()), 0);
  const Outcome o = RunSim(kSmall + ("--image " + pipe));
  EXPECT_EQ(o.code, 2) << o;
  EXPECT_TRUE(Contains(o.err, pipe.substr(0, 60)) && Contains(o.err, "no pipe")) << o;
  EXPECT_EQ(std::count(o.err.begin(), o.err.end(), '\n'), 1) << o;
  std::remove(pipe.c_str());
}

TEST(Trace, OfALayerIsWrittenOrTheCommandToBuildItIsTold) {
  const std::string path = TempName(".fst");
  const Outcome o = RunSim(kSmall + ("--trace-layer s2b1.proj --trace " + path));
  if (TETRA_SIM_TRACED) {
    EXPECT_EQ(o.code, 0) << o;
    EXPECT_GT(ReadFile(path).size(), 1000u);
  } else {
    EXPECT_EQ(o.code, 2) << o;
    EXPECT_TRUE(Contains(o.err, "-DTETRA_TRACE=ON")) << o;
    EXPECT_EQ(std::count(o.err.begin(), o.err.end(), '\n'), 1) << o;
    EXPECT_FALSE(std::ifstream(path).good()) << "nothing half-written";
  }
  std::remove(path.c_str());
}

TEST(Runs, AreTheSameTwice) {
  auto facts = [](const Outcome &o) {
    return o.out.substr(o.out.find("total "), o.out.find("simulation") - o.out.find("total "));
  };
  const std::string arguments = kSmall + std::string("--dram-stall 0.2 --seed 3 --quiet");
  const Outcome a = RunSim(arguments), b = RunSim(arguments);
  ASSERT_EQ(a.code, 0) << a;
  EXPECT_EQ(facts(a), facts(b));
}

}  // namespace
