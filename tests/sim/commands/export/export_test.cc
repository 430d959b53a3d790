// What --export-plan writes is what the bare-metal example runs: on the RTL, with the logits of --vectors.
#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "../../../../driver/examples/baremetal.h"
#include "machine/hal.h"
#include "machine/memory.h"
#include "machine/rtl_model.h"
#include "program.h"

// The board that the example asks for; its own HAL is not run here, ./sim's is.
extern "C" {
int board_irq_line(void) { return 0; }
uint32_t board_microseconds(void) { return 0; }
void board_cache_clean(const void *, size_t) {}
void board_cache_invalidate(const void *, size_t) {}
}

namespace {

std::string Folder() { return TempName("_export"); }

// The accelerator's RTL with its memory and ./sim's HAL.
struct Machine {
  tetra_mem mem = {};
  rtl_model model = {};
  sim_hal sim = {};
  tetra_hal hal = {};

  void Open(unsigned n) {
    const tetra_mem_config cfg = {0x10000000, 1 << 26, n, {n, 64}, 0, 0};
    tetra_error err = {};
    ASSERT_EQ(tetra_mem_init(&mem, &cfg, &err), TETRA_OK) << err.msg;
    ASSERT_EQ(rtl_model_create(&model, n, 0, &mem, &err), TETRA_OK) << err.msg;
    sim.rtl = &model;
    sim.mem = &mem;
    sim.slice = 20000;
    sim_hal_init(&hal, &sim);
  }
  ~Machine() {
    if (model.self != nullptr) rtl_model_destroy(&model);
    tetra_mem_free(&mem);
  }
};

std::vector<uint8_t> Bytes(const std::string &path) {
  const std::string text = ReadFile(path);
  return std::vector<uint8_t>(text.begin(), text.end());
}

// Exports a network and runs it as firmware would, twice.
void ExpectLogitsEqual(const std::string &network) {
  const std::string folder = Folder(), plan = folder + ".tplan";
  const Outcome o = RunSim(network + " --array 16 --export-plan " + plan + " --vectors " + folder);
  ASSERT_EQ(o.code, 0) << o;
  const std::vector<uint8_t> blob = Bytes(plan), image = Bytes(folder + "/input.bin"),
                             want = Bytes(folder + "/output.bin");
  Machine m;
  m.Open(16);
  tetra_stored s = {};
  const char *why = nullptr;
  ASSERT_EQ(baremetal_load(blob.data(), blob.size(), &m.hal, &s, &why), TETRA_OK) << why;
  ASSERT_EQ(image.size(), tetra_stored_codes(&s.input));
  ASSERT_EQ(want.size(), tetra_stored_codes(&s.output));
  for (int run = 0; run < 2; run++) {
    std::vector<uint8_t> got(want.size());
    tetra_fault fault = {};
    ASSERT_EQ(baremetal_run(&s, &m.hal, image.data(), got.data(), &fault), TETRA_OK) << tetra_fault_name(fault.cause);
    EXPECT_EQ(got, want) << "run " << run;
    const std::string top = "top class " + std::to_string(tetra_stored_top(&s, got.data(), 0)) + "\n";
    EXPECT_TRUE(Contains(o.out, top)) << top << o;
  }
  // Another image has other logits: what was compared was calculated.
  std::vector<uint8_t> other(image.size()), got(want.size());
  ASSERT_EQ(baremetal_run(&s, &m.hal, other.data(), got.data(), nullptr), TETRA_OK);
  EXPECT_NE(got, want);
  RunCommand("rm -r " + folder + " " + plan);
}

TEST(ExportPlan, bare_metal_gives_the_logits_resnet18_w8a8) {
  ExpectLogitsEqual("resnet18 --precision w8a8 --width 0.0625 --size 32");
}

TEST(ExportPlan, bare_metal_gives_the_logits_resnet8_tflite) {
  const std::string model = std::string(TETRA_DATA_DIR) + "/models/mlperf_resnet8_int8.tflite";
  if (access(model.c_str(), R_OK) != 0) GTEST_SKIP() << "no test data at " << model;
  ExpectLogitsEqual(model + " --input " + TETRA_DATA_DIR + "/golden/resnet8_tflm/input.npy");
}

// The .npy files have the same codes, with their shape.
TEST(ExportPlan, npy_and_bin_are_the_same_codes) {
  const std::string folder = Folder(), plan = folder + ".tplan";
  const Outcome o = RunSim("resnet18 --width 0.0625 --size 32 --export-plan " + plan + " --vectors " + folder);
  ASSERT_EQ(o.code, 0) << o;
  for (const char *name : {"input", "output"}) {
    const std::string npy = ReadFile(folder + "/" + name + ".npy"), bin = ReadFile(folder + "/" + name + ".bin");
    ASSERT_GT(npy.size(), 128u);
    EXPECT_EQ(npy.substr(npy.size() - bin.size()), bin);
    EXPECT_TRUE(Contains(npy, std::string(name) == "input" ? "(1, 32, 32, 3)" : "(1, 1, 1, 1000)"))
        << npy.substr(0, 128);
  }
  RunCommand("rm -r " + folder + " " + plan);
}

// The C form, compiled, is the binary form.
TEST(ExportPlan, c_array_is_the_plan) {
  const std::string folder = Folder(), base = "resnet18 --width 0.0625 --size 32 --export-plan ";
  ASSERT_EQ(RunCommand("mkdir -p " + folder).code, 0);
  ASSERT_EQ(RunSim(base + folder + "/7 net.c").code, 2);  // two words: no such network as net.c
  ASSERT_EQ(RunSim(base + folder + "/7-net.c").code, 0);
  ASSERT_EQ(RunSim(base + folder + "/net.tplan").code, 0);
  const std::string main = folder + "/main.c";
  FILE *f = std::fopen(main.c_str(), "w");
  ASSERT_NE(f, nullptr);
  std::fputs(
      "#include <stdio.h>\n#include \"7-net.h\"\nint main(void) { return fwrite(_7_net, 1, _7_net_bytes, stdout) != "
      "_7_net_bytes; }\n",
      f);
  std::fclose(f);
  const std::string program = folder + "/main";
  ASSERT_EQ(
      RunCommand(TETRA_CC " -Wall -Wextra -Wpedantic -Werror -o " + program + " " + main + " " + folder + "/7-net.c")
          .code,
      0);
  EXPECT_EQ(RunCommand(program).out, ReadFile(folder + "/net.tplan"));
  RunCommand("rm -r " + folder);
}

// The files beside those that the options name.
TEST(ExportPlan, replaces_no_file_that_it_reads_or_writes) {
  const std::string folder = Folder(), base = "resnet18 --width 0.0625 --size 32 --export-plan ";
  ASSERT_EQ(RunCommand("mkdir -p " + folder).code, 0);
  for (const char *name : {"net.h", "input.npy", "output.bin"}) {
    const std::string in = folder + "/" + name;
    const bool header = std::string(name) == "net.h";
    ASSERT_EQ(RunCommand("cp /dev/null " + in).code, 0);
    const Outcome o = RunSim(base + folder + "/net.c --image " + in + (header ? "" : " --vectors " + folder));
    EXPECT_EQ(o.code, 2) << o;
    EXPECT_TRUE(Contains(o.err, (header ? "--export-plan '" : "--vectors '") + in + "' is the file of --input")) << o;
    EXPECT_EQ(ReadFile(in), "") << o;
    ASSERT_EQ(RunCommand("rm " + in).code, 0);
  }
  const Outcome o = RunSim(base + folder + "/output.npy --vectors " + folder);
  EXPECT_EQ(o.code, 2) << o;
  EXPECT_TRUE(Contains(o.err, "output.npy' is the file of --export-plan")) << o;
  EXPECT_EQ(RunCommand("ls " + folder).out, "");
  RunCommand("rm -r " + folder);
}

TEST(ExportPlan, refuses_what_it_has_no_use_for) {
  const char *const accepted = "is not accepted with --export-plan, which simulates nothing";
  for (const char *option :
       {"--json x", "--csv x", "--model", "--layers 0..1", "--timeline x", "--backend fast", "--output x"}) {
    const Outcome o = RunSim("resnet18 --export-plan /dev/null " + std::string(option));
    EXPECT_EQ(o.code, 2) << o;
    EXPECT_TRUE(Contains(o.err, accepted)) << o;
  }
  const Outcome alone = RunSim("resnet18 --vectors x");
  EXPECT_EQ(alone.code, 2);
  EXPECT_TRUE(Contains(alone.err, "--vectors is accepted together with --export-plan only")) << alone;
  const Outcome file = RunSim("resnet18 --width 0.0625 --size 32 --export-plan /dev/null --vectors /dev/null");
  EXPECT_EQ(file.code, 2);
  EXPECT_TRUE(Contains(file.err, "--vectors '/dev/null' is no folder")) << file;
}

}  // namespace
