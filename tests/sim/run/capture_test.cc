// Tensors of every image in .npy files: the same from every backend, in every number of processes; whole or not at all.
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "program.h"

namespace {

namespace fs = std::filesystem;

const char kNetwork[] = "resnet18 --width 0.25 --size 32 --quiet ";
constexpr int kImages = 5;

struct Array {
  std::string header, data;
};

// A version 1 file, its array aligned as NumPy does it.
Array ReadNpy(const std::string &path) {
  const std::string b = ReadFile(path);
  Array a;
  if (b.size() < 10 || b.compare(0, 8, std::string("\x93NUMPY\1\0", 8)) != 0) return a;
  const size_t length = static_cast<uint8_t>(b[8]) + 256u * static_cast<uint8_t>(b[9]);
  EXPECT_EQ((10 + length) % 64, 0u);
  EXPECT_EQ(b[9 + length], '\n');
  a.header = b.substr(10, b.find_last_not_of(" \n", 9 + length) - 9);
  a.data = b.substr(10 + length);
  return a;
}

std::string Header(const std::string &type, const std::string &shape) {
  return "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
}

std::vector<float> Floats(const Array &a) {
  std::vector<float> v(a.data.size() / 4);
  std::memcpy(v.data(), a.data.data(), 4 * v.size());
  return v;
}

class Capture : public ::testing::Test {
 protected:
  Capture() : dir_(TempName("")) {
    fs::create_directory(dir_);
    const std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (5, 32, 32, 3), }\n";
    std::ofstream f(dir_ + "/images.npy", std::ios::binary);
    f << "\x93NUMPY\x01" << '\0' << static_cast<char>(header.size()) << '\0' << header;
    for (int i = 0; i < kImages * 32 * 32 * 3; i++) f << static_cast<char>((i * 7919) >> 4);
  }
  ~Capture() override { fs::remove_all(dir_); }
  std::string Path(const std::string &name) const { return dir_ + "/" + name; }
  std::string Images() const { return kNetwork + std::string("--image ") + Path("images.npy") + " "; }
  // Nothing but the input is left.
  void ExpectNoFiles() const {
    for (const auto &e : fs::directory_iterator(dir_)) EXPECT_EQ(e.path().filename(), "images.npy");
  }
  const std::string dir_;
};

TEST_F(Capture, EveryBackendBatchAndNumberOfProcessesGivesTheSame) {
  const std::string want = " --output " + Path("o.npy") + " --output-layer image=" + Path("i.npy") +
                           " --output-layer s1b1.conv1=" + Path("c.npy");
  std::vector<std::string> first;
  for (const char *how : {"--backend fast", "--backend fast --jobs 2 --batch 2", "--backend cmodel", "--limit 5",
                          "--limit 5 --jobs 2 --batch 2"}) {
    const Outcome o = RunSim(Images() + how + want);
    ASSERT_EQ(o.code, 0) << o;
    EXPECT_EQ(ReadNpy(Path("o.npy")).header, Header("<f4", "(5, 1000)")) << how;
    EXPECT_EQ(ReadNpy(Path("i.npy")).header, Header("<f4", "(5, 32, 32, 3)")) << how;
    std::vector<std::string> all;
    for (const char *name : {"o.npy", "i.npy", "c.npy"}) {
      all.push_back(ReadFile(Path(name)));
      fs::remove(Path(name));
    }
    if (first.empty()) first = all;
    EXPECT_TRUE(all == first) << how;
    ExpectNoFiles();
  }
}

// The largest element of a row is the class that is printed, and its value the logit.
TEST_F(Capture, RowsAreTheImagesLogits) {
  const Outcome o =
      RunCommand(std::string(TETRA_SIM_PROGRAM) + " resnet18 --width 0.25 --size 32 --backend fast --image " +
                 Path("images.npy") + " --output " + Path("o.npy"));
  ASSERT_EQ(o.code, 0) << o;
  const std::vector<float> v = Floats(ReadNpy(Path("o.npy")));
  ASSERT_EQ(v.size(), kImages * 1000u);
  for (int i = 0; i < kImages; i++) {
    const auto row = v.begin() + 1000 * i, top = std::max_element(row, row + 1000);
    char line[80];
    std::snprintf(line, sizeof line, "image %d: class %d (%.4g)\n", i, static_cast<int>(top - row),
                  static_cast<double>(*top));
    EXPECT_TRUE(Contains(o.out, line)) << line << o;
  }
  EXPECT_NE(std::vector<float>(v.begin(), v.begin() + 1000), std::vector<float>(v.begin() + 1000, v.begin() + 2000));
}

// Images 3 and 4 are the same ones however they are reached, with the same labels and rows.
TEST_F(Capture, SkipLeavesOutTheFirstImages) {
  const std::string run = std::string("resnet18 --width 0.25 --size 32 --image ") + Path("images.npy") +
                          " --backend fast --batch 2 --output " + Path("o.npy");
  const Outcome all = RunSim(run);
  ASSERT_EQ(all.code, 0) << all;
  const std::vector<float> whole = Floats(ReadNpy(Path("o.npy")));
  const Outcome some = RunSim(run + " --skip 3");
  ASSERT_EQ(some.code, 0) << some;
  EXPECT_EQ(Floats(ReadNpy(Path("o.npy"))), std::vector<float>(whole.begin() + 3000, whole.end()));
  const size_t at = all.out.find("image 3: ");
  const std::string image3 = all.out.substr(at, all.out.find('\n', at) - at);
  EXPECT_TRUE(Contains(some.out, image3)) << some;
  EXPECT_FALSE(Contains(some.out, "image 2: ")) << some;
  const Outcome none = RunSim(run + " --skip 5");
  EXPECT_EQ(none.code, 2);
  EXPECT_TRUE(Contains(none.err, "--skip 5: ")) << none;
  EXPECT_TRUE(Contains(none.err, "has 5 images")) << none;
}

TEST_F(Capture, ClassesHaveNames) {
  std::ofstream names(Path("names.txt"));
  for (int i = 0; i < 1000; i++) names << "name " << i << (i % 2 ? "\r\n" : "\n");
  names.close();
  const std::string run = kNetwork + std::string("--classes ") + Path("names.txt");
  for (const char *how : {" --backend fast", ""}) {
    const Outcome o = RunSim(run + how);
    ASSERT_EQ(o.code, 0) << o;
    size_t n = 0;
    for (size_t at = o.out.find(" 'name "); at != std::string::npos; at = o.out.find(" 'name ", at + 1)) {
      const int number = std::stoi(o.out.substr(at + 7));
      const std::string both = " " + std::to_string(number) + " 'name " + std::to_string(number) + "'";
      EXPECT_TRUE(Contains(o.out, both)) << both << o;
      n++;
    }
    EXPECT_EQ(n, 5u) << o;
  }
  fs::remove(Path("names.txt"));
  const Outcome o = RunSim(run);
  EXPECT_EQ(o.code, 2) << o;
  EXPECT_TRUE(Contains(o.err, "cannot open classes '")) << o;
}

// JSON is UTF-8: what is not is refused by its line. Too few names are said once, whatever the command.
TEST_F(Capture, NamesOfClassesAreUtf8AndSaidToBeTooFew) {
  const std::string names = Path("names.txt"), run = kNetwork + std::string("--classes ") + names;
  for (const char *bad : {"caf\xe9", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "\xe2\x82"}) {
    std::ofstream(names) << "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xb1\n" << bad << "\n";
    const Outcome o = RunSim(run + " --backend fast --limit 1");
    EXPECT_EQ(o.code, 2) << o;
    EXPECT_TRUE(Contains(o.err, "classes '" + names + "': line 2 is not UTF-8")) << o;
  }
  std::ofstream(names) << "cat\ndog\n";
  for (const char *how : {" --backend fast", " --limit 1 --layers dense", " --layers dense"}) {
    const Outcome o = RunSim(run + how);
    EXPECT_EQ(o.code, 0) << o;
    EXPECT_EQ(o.err, "sim: classes '" + names + "' has names of 2 of the network's 1000 classes\n") << o;
  }
  fs::remove(names);
}

// The class is what a single image is run for.
TEST_F(Capture, QuietPrintsTheClassOfASingleImage) {
  const std::string run = Images() + "--backend fast ";
  const Outcome one = RunSim(run + "--limit 1"), many = RunSim(run);
  EXPECT_TRUE(Contains(one.out, "image 0: class ")) << one;
  EXPECT_FALSE(Contains(many.out, "image 0: class ")) << many;
}

// All codes are a whole number of steps away from the reals' zero, the same step for all.
TEST_F(Capture, CodesAreTheRealsWithoutScale) {
  const std::string run = Images() + "--backend fast --output ";
  ASSERT_EQ(RunSim(run + Path("real.npy")).code, 0);
  ASSERT_EQ(RunSim(run + Path("code.npy") + " --output-codes").code, 0);
  const Array code = ReadNpy(Path("code.npy"));
  EXPECT_EQ(code.header, Header("|i1", "(5, 1000)"));
  const std::vector<float> real = Floats(ReadNpy(Path("real.npy")));
  ASSERT_EQ(real.size(), code.data.size());
  const auto c = [&](size_t i) { return static_cast<double>(static_cast<int8_t>(code.data[i])); };
  const size_t most = static_cast<size_t>(std::max_element(real.begin(), real.end()) - real.begin());
  const size_t low = static_cast<size_t>(std::min_element(real.begin(), real.end()) - real.begin());
  ASSERT_NE(c(most), c(low));
  const double scale = (static_cast<double>(real[most]) - static_cast<double>(real[low])) / (c(most) - c(low));
  for (size_t i = 0; i < real.size(); i++) {
    ASSERT_NEAR(static_cast<double>(real[i] - real[low]), (c(i) - c(low)) * scale, 1e-5 * scale * 256) << i;
  }
}

// A single run with a line for each layer, of a batch and of a part: the part's end is its output.
TEST_F(Capture, OneRunOnTheRtlAndAPartOfIt) {
  const std::string rtl = kNetwork + std::string("--batch 2 --output-codes --output-layer s1b1.conv1=");
  ASSERT_EQ(RunSim(rtl + Path("whole.npy") + " --output " + Path("o.npy")).code, 0);
  EXPECT_EQ(ReadNpy(Path("o.npy")).header, Header("|i1", "(2, 1000)"));
  const Outcome fast =
      RunSim(kNetwork + std::string("--batch 2 --backend fast --output-codes --output ") + Path("f.npy"));
  ASSERT_EQ(fast.code, 0) << fast;
  EXPECT_EQ(ReadFile(Path("f.npy")), ReadFile(Path("o.npy")));
  const Outcome part =
      RunSim(kNetwork + std::string("--batch 2 --output-codes --layers s1b1.conv1 --output ") + Path("part.npy"));
  ASSERT_EQ(part.code, 0) << part;
  EXPECT_EQ(ReadFile(Path("part.npy")), ReadFile(Path("whole.npy")));
  EXPECT_TRUE(Contains(ReadNpy(Path("part.npy")).header, "'shape': (2, ")) << ReadNpy(Path("part.npy")).header;
}

TEST_F(Capture, SeveralRunsHaveFilesOfTheirOwn) {
  ASSERT_EQ(RunSim(Images() + "--precision w8a8,w4a4 --backend fast --output " + Path("o.npy")).code, 0);
  const std::string a = ReadFile(Path("o-resnet18-w8a8.npy")), b = ReadFile(Path("o-resnet18-w4a4.npy"));
  EXPECT_EQ(a.size(), b.size());
  EXPECT_NE(a, b);
}

TEST_F(Capture, AnUnknownNameShowsThoseLikeIt) {
  for (const char *backend : {"rtl", "fast"}) {
    const Outcome o =
        RunSim(Images() + "--limit 1 --backend " + backend + " --output-layer S1b1.conv=" + Path("x.npy"));
    EXPECT_EQ(o.code, 2) << o;
    EXPECT_EQ(std::count(o.err.begin(), o.err.end(), '\n'), 1) << o;
    EXPECT_TRUE(Contains(o.err, "no tensor 'S1b1.conv'")) << o;
    EXPECT_TRUE(Contains(o.err, "'s1b1.conv1'")) << o;
    ExpectNoFiles();
  }
}

TEST_F(Capture, BadRequestsAreRefused) {
  const std::pair<const char *, const char *> bad[] = {
      {"--output-codes", "--output-codes is accepted together with"},
      {"--output-layer image", "NAME=FILE.npy"},
      {"--output-layer image=", "NAME=FILE.npy"},
      {"--output /nonexistent/x.npy", "'/nonexistent/x.npy'"},
      {"--model --output x.npy", "--output has no meaning without a simulation"},
      {"--output x.npy --output-layer image=./x.npy", "a file of its own is accepted"}};
  for (const auto &b : bad) {
    const Outcome o = RunCommand("cd " + dir_ + " && " + TETRA_SIM_PROGRAM + " " + kNetwork + b.first);
    EXPECT_EQ(o.code, 2) << o;
    EXPECT_TRUE(Contains(o.err, b.second)) << o;
    ExpectNoFiles();
  }
}

// The names of a dump are known with the network: what they would replace is refused before the run.
TEST_F(Capture, ADumpReplacesNoFileOfTheRun) {
  const std::string input = Path("000-image.npy"), dump = kNetwork + std::string("--dump-tensors ") + dir_;
  fs::rename(Path("images.npy"), input);
  const std::string before = ReadFile(input);
  for (const std::string &arguments :
       {dump + " --image " + input + " --limit 1 --backend fast", dump + " --image " + input + " --batch 5 --layers 0",
        dump + " --output " + Path("./000-image.npy"), dump + " --backend fast --limit 1 --json " + input}) {
    const Outcome o = RunSim(arguments);
    EXPECT_EQ(o.code, 2) << o;
    EXPECT_TRUE(Contains(o.err, "--dump-tensors '" + input + "' is the file of --")) << o;
    EXPECT_EQ(std::count(o.err.begin(), o.err.end(), '\n'), 1) << o;
    EXPECT_EQ(ReadFile(input), before) << o;
    EXPECT_EQ(std::distance(fs::directory_iterator(dir_), fs::directory_iterator()), 1) << o;
  }
}

// In the middle of the run, in this process and in others; the old file stays as it was.
TEST_F(Capture, WithoutRoomTheOldFileStays) {
  std::ofstream(Path("o.npy")) << "old";
  for (const char *how : {"--backend fast --jobs 2 --batch 1", "--backend cmodel --limit 1", "--limit 1"}) {
    const Outcome o = RunCommand("ulimit -S -f 1; trap '' XFSZ; " + std::string(TETRA_SIM_PROGRAM) + " " + Images() +
                                 how + " --output " + Path("o.npy"));
    EXPECT_EQ(o.code, 2) << o;
    EXPECT_TRUE(Contains(o.err, "cannot write --output '" + Path("o.npy") + "': ")) << o;
    EXPECT_EQ(ReadFile(Path("o.npy")), "old") << how;
  }
  fs::remove(Path("o.npy"));
  ExpectNoFiles();
}

TEST_F(Capture, AFullDiskIsAnError) {
  struct stat st;
  if (stat("/dev/full", &st) != 0) GTEST_SKIP() << "no /dev/full";
  for (const std::string &how : {Images() + "--backend fast", kNetwork + std::string()}) {
    const Outcome o = RunSim(how + " --output /dev/full");
    EXPECT_EQ(o.code, 2) << o;
    EXPECT_TRUE(Contains(o.err, "cannot write --output '/dev/full': ")) << o;
  }
}

// All tensors, from the RTL and from the C model's fast path, each what --output-layer gives.
TEST_F(Capture, DumpsEveryTensor) {
  const std::string run = std::string(kNetwork) + "--output-codes ";
  ASSERT_EQ(RunSim(run + "--dump-tensors " + Path("rtl") + " --output-layer s1b1.conv1=" + Path("one.npy")).code, 0);
  ASSERT_EQ(RunSim(run + "--backend fast --dump-tensors " + Path("fast")).code, 0);
  const Outcome same = RunCommand("diff -r " + Path("rtl") + " " + Path("fast"));
  EXPECT_EQ(same.code, 0) << same;
  EXPECT_GT(std::distance(fs::directory_iterator(Path("rtl")), {}), 20);
  EXPECT_EQ(ReadFile(Path("rtl/003-s1b1.conv1.npy")), ReadFile(Path("one.npy")));
  EXPECT_NE(ReadFile(Path("one.npy")), "");
  const Outcome file = RunSim(run + "--dump-tensors " + Path("one.npy"));
  EXPECT_EQ(file.code, 2) << file;
  EXPECT_TRUE(Contains(file.err, "--dump-tensors '" + Path("one.npy") + "' is no folder")) << file;
  for (const char *name : {"rtl", "fast", "one.npy"}) fs::remove_all(Path(name));
}

// A run that ends by a difference has no results.
TEST_F(Capture, AMismatchLeavesNoFile) {
  for (const std::string &run : {std::string(kNetwork), Images() + "--limit 2 "}) {
    const Outcome o = RunSim(run + "--inject-weight-flip s1b1.conv1 --output-layer image=" + Path("x.npy") +
                             " --json " + Path("r.json"));
    EXPECT_EQ(o.code, 1) << o;
    EXPECT_TRUE(Contains(ReadFile(Path("r.json")), "\"match\":\tfalse")) << o;
    fs::remove(Path("r.json"));
    ExpectNoFiles();
  }
}

// Whoever runs the later images is killed before they are done: no success, and nothing is said to be equal.
TEST_F(Capture, AKilledWorkerIsNoSuccess) {
  const std::string json = Path("r.json");
  const std::string kill_workers =
      "& run=$!; workers=; while [ -z \"$workers\" ] && kill -0 $run; do "
      "workers=$(awk -v run=$run '$4 == run { print $1 }' /proc/[0-9]*/stat 2>/dev/null); done; "
      "kill -KILL $workers; wait $run; }";
  const Outcome o =
      RunCommand("{ " + std::string(TETRA_SIM_PROGRAM) + " resnet18 --width 0.5 --quiet --image " + Path("images.npy") +
                 " --limit 5 --jobs 2 --output-layer image=" + Path("x.npy") + " --json " + json + " " + kill_workers);
  EXPECT_EQ(o.code, 3) << o;
  EXPECT_TRUE(Contains(o.err, "was killed by signal ")) << o;
  EXPECT_TRUE(Contains(o.out, "result   INCOMPLETE, ")) << o;
  EXPECT_TRUE(Contains(ReadFile(json), "\"match\":\tnull")) << ReadFile(json);
  fs::remove(json);
  ExpectNoFiles();
}

// Whatever ends the program: what it had collected has no name yet.
TEST_F(Capture, AKilledRunLeavesNoFile) {
  const Outcome o = RunCommand("timeout -s KILL 1 " + std::string(TETRA_SIM_PROGRAM) +
                               " resnet152 --precision w8a8 --quiet --output-layer image=" + Path("x.npy"));
  EXPECT_NE(o.code, 0) << o;
  ExpectNoFiles();
}

TEST_F(Capture, NumpyReadsIt) {
  if (RunCommand("python3 -c 'import numpy'").code != 0) GTEST_SKIP() << "no NumPy";
  ASSERT_EQ(RunSim(Images() + "--backend fast --output " + Path("o.npy")).code, 0);
  const Outcome o =
      RunCommand("python3 -c 'import numpy; a = numpy.load(\"" + Path("o.npy") + "\"); print(a.dtype, a.shape)'");
  EXPECT_EQ(o.out, "float32 (5, 1000)\n") << o;
}

}  // namespace
