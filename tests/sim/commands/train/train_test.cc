// ./sim train: the way from images to a network that runs, checkpoints, Ctrl-C, bad input.
#include <algorithm>
#include <cmath>

#include <cstring>
#include <filesystem>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <jpeglib.h>

#include "program.h"

namespace {

namespace fs = std::filesystem;

constexpr int kSide = 8, kImages = 48, kClasses = 3;

std::string Npy(const std::string &descr, const std::string &shape, const std::string &data) {
  std::string header = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + shape + "), }";
  header.resize(117, ' ');
  header += '\n';
  return std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + data;
}

// Files of images whose brightness tells their class.
class Train : public testing::Test {
 protected:
  std::string dir;

  void SetUp() override {
    dir = TempName(".d");
    fs::create_directory(dir);
    std::mt19937 rng(3);
    std::string pixels, labels, reals;
    for (int i = 0; i < kImages; i++) {
      const int label = i % kClasses;
      labels += static_cast<char>(label);
      for (int k = 0; k < kSide * kSide * 3; k++) {
        const auto pixel = static_cast<unsigned char>(60 * label + rng() % 60);
        const float real = static_cast<float>(pixel) / 255;
        pixels += static_cast<char>(pixel);
        reals.append(reinterpret_cast<const char *>(&real), sizeof real);
      }
    }
    const std::string shape = std::to_string(kImages) + ", 8, 8, 3";
    Write("x.npy", Npy("|u1", shape, pixels));
    Write("r.npy", Npy("<f4", shape, reals));
    const float nan = NAN;
    std::memcpy(&reals[4000], &nan, sizeof nan);
    Write("nan.npy", Npy("<f4", shape, reals));
    Write("y.npy", Npy("|u1", std::to_string(kImages) + ",", labels));
    Write("wide.npy", Npy("|u1", std::to_string(kImages) + ", 12, 8, 3", std::string(kImages * 12 * 8 * 3, 'x')));
    Write("few.npy", Npy("|u1", std::to_string(kImages - 1) + ",", labels.substr(1)));
  }
  void TearDown() override { fs::remove_all(dir); }

  std::string Path(const std::string &name) const { return dir + "/" + name; }
  void Write(const std::string &name, const std::string &bytes) const {
    std::ofstream(Path(name), std::ios::binary) << bytes;
  }
  std::string Arguments(const std::string &more, const std::string &images = "x.npy") const {
    return "train --net resnet8 --width 0.5 --data " + Path(images) + " --labels " + Path("y.npy") +
           " --batch 16 --augment none --rate 0.1 " + more;
  }
  void Refused(const std::string &arguments, const std::string &why) const {
    const Outcome o = RunSim(arguments);
    EXPECT_EQ(o.code, 2) << o;
    EXPECT_TRUE(Contains(o.err, why)) << o;
    EXPECT_EQ(std::count(o.err.begin(), o.err.end(), '\n'), 1) << o;
  }
};

// A trained network says on the C model what the trainer said of it.
TEST_F(Train, FromImagesToARun) {
  const std::string model = Path("m.onnx");
  Outcome o = RunSim(Arguments("--method aqt --epochs 30 --test " + Path("x.npy") + " --test-labels " + Path("y.npy") +
                               " -o " + model));
  ASSERT_EQ(o.code, 0) << o;
  EXPECT_TRUE(Contains(o.out, "activations are quantized from here on")) << o;
  const std::string end = " % of the test images right", start = "epoch 30, ";
  const size_t from = o.out.find(start), to = o.out.find(end);
  ASSERT_TRUE(from != std::string::npos && to != std::string::npos) << o;
  const std::string accuracy = o.out.substr(from + start.size(), to - from - start.size());
  EXPECT_GT(std::stod(accuracy), 90) << o;
  o = RunSim(model + " --backend cmodel --input " + Path("x.npy") + " --labels " + Path("y.npy") + " --mean 0 --std 1");
  EXPECT_EQ(o.code, 0) << o;
  EXPECT_TRUE(Contains(o.out, "top-1    " + accuracy + " %")) << o;
}

// What was trained is drawn: accuracies are the reports', cycles those of a run.
TEST_F(Train, TheFigureOfWhatWasTrained) {
  const std::string test = " --test " + Path("x.npy") + " --test-labels " + Path("y.npy") + " --epochs 4";
  for (const std::string method : {"float", "aqt"})
    ASSERT_EQ(RunSim(Arguments("--method " + method + test + " -o " + Path(method + ".onnx") + " --json " +
                               Path(method + ".json")))
                  .code,
              0);
  Write("other.json", "{\"schema\": \"another\"}");
  const std::string figure = "pareto --no-plot --csv " + Path("t.csv") + " --trained ";
  const Outcome o = RunSim(figure + dir), run = RunSim(Path("aqt.onnx") + " --model");
  ASSERT_EQ(o.code, 0) << o;
  EXPECT_TRUE(Contains(o.out, "networks 2 of")) << o;
  EXPECT_TRUE(Contains(o.out, "by cycles    mostly 4-bit is Pareto-optimal: w4a4-init8-dense8 1 of 1;\n")) << o;
  const std::string csv = ReadFile(Path("t.csv")), report = ReadFile(Path("aqt.json"));
  const size_t last = report.rfind("\"test_accuracy\":"), total = run.out.find("total");
  ASSERT_TRUE(last != std::string::npos && total != std::string::npos) << report << run;
  const double top1 = std::stod(report.substr(last + 16));
  std::string cycles = run.out.substr(total + 5, run.out.find(" cycles", total) - total - 5);
  cycles.erase(std::remove_if(cycles.begin(), cycles.end(), [](char c) { return c == ' ' || c == ','; }), cycles.end());
  char want[80];
  std::snprintf(want, sizeof want, "\"aqt.onnx\",w4a4-init8-dense8,0.5,%.4f,%.4f,", 100 * top1,
                100 * std::sqrt(top1 * (1 - top1) / kImages));
  EXPECT_TRUE(Contains(csv, want)) << want << csv;
  EXPECT_TRUE(Contains(csv, ",48," + cycles + ",yes,")) << cycles << csv;
  EXPECT_TRUE(Contains(csv, "\"float.onnx\",float,0.5,")) << csv;
  if (HaveGnuplot()) {
    const Outcome drawn = RunSim("pareto --csv " + Path("t.csv") + " --plot " + Path("t.svg") + " --trained " + dir);
    ASSERT_EQ(drawn.code, 0) << drawn;
    const std::string svg = ReadFile(Path("t.svg"));
    EXPECT_TRUE(Contains(svg, ">w4a4-init8-dense8<")) << svg;
    EXPECT_TRUE(Contains(svg, "thousand cycles")) << svg;
    EXPECT_FALSE(Contains(svg, ">float<")) << "a network that has no cycles";
  }
  fs::remove(Path("aqt.onnx"));
  Refused(figure + dir, "aqt.onnx");
  Refused(figure + Path("nowhere"), "cannot read the folder");
  Refused(figure + dir + " --models x", "not both");
}

// Folders of photographs of any size train a network as ImageNet's would, the same whatever the threads; what comes out
// runs. (An image file may be an array, too.)
TEST_F(Train, FoldersOfPhotographs) {
  std::mt19937 rng(4);
  for (const std::string set : {"train", "val"}) {
    for (const std::string kind : {"bright", "dark"}) {
      fs::create_directories(Path(set + "/" + kind));
      for (int i = 0; i < 6; i++) {
        const int h = 36 + static_cast<int>(rng() % 20), w = 36 + static_cast<int>(rng() % 20);
        std::string pixels;
        for (int k = 0; k < h * w * 3; k++) pixels += static_cast<char>((kind == "dark" ? 20 : 180) + rng() % 60);
        Write(set + "/" + kind + "/" + std::to_string(i),
              Npy("|u1", std::to_string(h) + ", " + std::to_string(w) + ", 3", pixels));
      }
    }
  }
  const std::string common = "train --net imagenet-resnet50 --width 0.0625 --size 32 --batch 6 --rate 0.02 --data " +
                             Path("train") + " --test " + Path("val");
  const std::string aqt = common + " --method aqt --epochs 6 --freeze 4 -o ";
  const Outcome o = RunSim(aqt + Path("a.onnx") + " --threads 1"), b = RunSim(aqt + Path("b.onnx") + " --threads 2");
  ASSERT_EQ(o.code, 0) << o;
  EXPECT_TRUE(Contains(o.out, "12 images of 32x32x3 in 2 classes, 12 for testing")) << o;
  EXPECT_EQ(b.code, 0) << b;
  EXPECT_EQ(ReadFile(Path("a.onnx")), ReadFile(Path("b.onnx")));
  const Outcome run = RunSim(Path("a.onnx") + " --quiet");
  EXPECT_EQ(run.code, 0) << run;
  EXPECT_TRUE(Contains(run.out, "55 of 55 layers ran")) << run;
  Refused(common + " -o x.onnx --labels " + Path("y.npy"), "no labels are accepted");
  fs::create_directory(Path("val/violet"));
  Refused(common + " -o x.onnx", "no photograph of its class");
  Write("val/violet/0", "no image");
  Refused(common + " -o x.onnx", "has a class 'violet'");
  fs::remove_all(Path("val/violet"));
  Write("val/dark/0", "no image");
  Refused(common + " --epochs 1 -o " + Path("x.onnx"), "val/dark/0");
}

// A JPEG file of one grey, which decodes to exactly that.
std::string GreyJpeg(uint8_t grey, int h, int w) {
  jpeg_compress_struct c = {};
  jpeg_error_mgr e = {};
  unsigned char *bytes = nullptr;
  unsigned long size = 0;
  c.err = jpeg_std_error(&e);
  jpeg_create_compress(&c);
  jpeg_mem_dest(&c, &bytes, &size);
  c.image_width = static_cast<JDIMENSION>(w);
  c.image_height = static_cast<JDIMENSION>(h);
  c.input_components = 3;
  c.in_color_space = JCS_RGB;
  jpeg_set_defaults(&c);
  jpeg_set_quality(&c, 100, TRUE);
  jpeg_start_compress(&c, TRUE);
  std::vector<uint8_t> row(static_cast<size_t>(3 * w), grey);
  uint8_t *rows[] = {row.data()};
  while (c.next_scanline < c.image_height) jpeg_write_scanlines(&c, rows, 1);
  jpeg_finish_compress(&c);
  jpeg_destroy_compress(&c);
  const std::string file(reinterpret_cast<char *>(bytes), size);
  free(bytes);
  return file;
}

std::string Offsets(const std::vector<int64_t> &at) {
  return Npy("<i8", std::to_string(at.size()) + ",",
             std::string(reinterpret_cast<const char *>(at.data()), at.size() * sizeof(int64_t)));
}

// JPEG files one behind the other are the images that they hold.
TEST_F(Train, JpegFilesInOneArray) {
  std::string files, pixels;
  std::vector<int64_t> at = {0};
  for (int i = 0; i < kImages; i++) {
    const auto grey = static_cast<uint8_t>(60 * (i % kClasses) + i);
    files += GreyJpeg(grey, kSide, kSide);
    at.push_back(static_cast<int64_t>(files.size()));
    pixels += std::string(kSide * kSide * 3, static_cast<char>(grey));
  }
  const auto stack = [&](const std::string &bytes) { return Npy("|u1", std::to_string(bytes.size()) + ",", bytes); };
  Write("j.npy", stack(files));
  Write("j_offsets.npy", Offsets(at));
  Write("grey.npy", Npy("|u1", std::to_string(kImages) + ", 8, 8, 3", pixels));
  const Outcome o = RunSim(Arguments("--epochs 2 -o " + Path("j.onnx"), "j.npy"));
  ASSERT_EQ(o.code, 0) << o;
  EXPECT_TRUE(Contains(o.out, "48 images of 8x8x3 in 3 classes")) << o;
  ASSERT_EQ(RunSim(Arguments("--epochs 2 -o " + Path("g.onnx"), "grey.npy")).code, 0);
  EXPECT_EQ(ReadFile(Path("j.onnx")), ReadFile(Path("g.onnx")));

  const auto with = [&](const std::string &bytes) {
    Write("o.npy", bytes);
    return Arguments("-o " + Path("x.onnx") + " --offsets " + Path("o.npy"), "j.npy");
  };
  EXPECT_EQ(RunSim(with(Offsets(at)) + " --epochs 1").code, 0);
  std::vector<int64_t> wrong = at;
  std::swap(wrong[1], wrong[2]);
  Refused(with(Offsets(wrong)), "file 1 is from byte");
  wrong = at;
  wrong.back()++;
  Refused(with(Offsets(wrong)), "file 47 is from byte");
  Refused(with(Offsets({0})), "are not a list of two or more integers");
  Refused(with(Npy("<f4", "2,", std::string(8, '\0'))), "are not a list of two or more integers");
  Refused(with(Offsets(at).substr(0, 300)), "ends before its array does");
  const std::string first = GreyJpeg(7, kSide, kSide), other = GreyJpeg(7, 2 * kSide, kSide);
  Write("j.npy", stack(first + other));
  const auto cut = static_cast<int64_t>(first.size());
  Refused(with(Offsets({0, cut, cut + static_cast<int64_t>(other.size())})), "image 1 is 16x8, the first one 8x8");
  Refused(with(Offsets({0, cut - 1, cut})), "j.npy");
}

// Pixels and the numbers that they mean give the same network; so does a run that is cut in two.
TEST_F(Train, TheSameBytesAgain) {
  const std::string options = "--epochs 4 --threads ";
  ASSERT_EQ(RunSim(Arguments(options + "1 -o " + Path("a.onnx"))).code, 0);
  ASSERT_EQ(RunSim(Arguments(options + "2 -o " + Path("b.onnx"), "r.npy")).code, 0);
  const std::string whole = ReadFile(Path("a.onnx"));
  EXPECT_GT(whole.size(), 10000u);
  EXPECT_EQ(whole, ReadFile(Path("b.onnx")));
  EXPECT_EQ(RunSim(Arguments(options + "1 --seed 2 -o " + Path("c.onnx"))).code, 0);
  EXPECT_NE(whole, ReadFile(Path("c.onnx")));
}

TEST_F(Train, InterruptedAndResumed) {
  const std::string out = Path("a.onnx");
  ASSERT_EQ(RunSim(Arguments("--epochs 6 -o " + Path("whole.onnx"))).code, 0);
  // Interrupted as soon as there is a checkpoint. A shell without job control starts children that ignore SIGINT.
  const std::string start = std::string(TETRA_SIM_PROGRAM) + " " + Arguments("--epochs 600 -o " + out);
  const Outcome o = RunCommand(
      "python3 -c 'import os,signal,subprocess,sys,time\n"
      "p=subprocess.Popen(sys.argv[2].split(),preexec_fn=lambda:signal.signal(signal.SIGINT,"
      "signal.SIG_DFL))\n"
      "while not os.path.exists(sys.argv[1]): time.sleep(0.01)\n"
      "p.send_signal(signal.SIGINT)\n"
      "sys.exit(p.wait())' " +
      out + ".ckpt '" + start + "'");
  if (o.code == 127) GTEST_SKIP() << "no python3";
  EXPECT_EQ(o.code, 130) << o;
  EXPECT_TRUE(Contains(o.out, "the best so far; --resume goes on")) << o;
  EXPECT_TRUE(fs::exists(out));
  // That run had another length, so its checkpoint is another command's.
  Refused(Arguments("--epochs 6 -o " + Path("b.onnx") + " --resume " + out + ".ckpt"), "with other settings");
  const std::string resume = " --resume " + Path("whole.onnx.ckpt");
  Refused(Arguments("--epochs 6 --mean 0.5 -o " + Path("b.onnx") + resume), "with other settings");
  Refused(Arguments("--epochs 6 -o " + Path("whole.onnx.ckpt") + resume), "--resume");
  const Outcome again = RunSim(Arguments("--epochs 6 -o " + Path("b.onnx") + resume));
  EXPECT_EQ(again.code, 0) << again;
  EXPECT_EQ(ReadFile(Path("b.onnx")), ReadFile(Path("whole.onnx")));
}

// A supernet's subnets are drawn, and run with the accuracy that the figure says.
TEST_F(Train, SupernetAndItsSubnets) {
  const std::string once = "train --net resnet8 --data " + Path("x.npy") + " --labels " + Path("y.npy") +
                           " --batch 16 --augment none --method once --widths 0.25,0.5 --precisions w4a4,w8a8 ";
  const std::string file = Path("s.supernet"), out = "-o " + file;
  Outcome o = RunSim(once + "--epochs 8 --rate 0.05 --json " + Path("s.json") + " " + out);
  ASSERT_EQ(o.code, 0) << o;
  EXPECT_TRUE(Contains(o.out, "method once, 4 subnets")) << o;
  ASSERT_EQ(RunSim(once + "--epochs 8 --rate 0.05 --resume " + file + ".ckpt -o " + Path("again.supernet")).code, 0);
  EXPECT_EQ(ReadFile(Path("again.supernet")), ReadFile(file));
  fs::create_directory(Path("subs"));
  const std::string sets = " --data " + Path("x.npy") + " --labels " + Path("y.npy") + " --test " + Path("x.npy") +
                           " --test-labels " + Path("y.npy") + " --augment none";
  const std::string figure = "pareto --no-plot --quiet --csv " + Path("s.csv") + " --supernet ";
  o = RunSim(figure + file + sets + " --subnets " + Path("subs"));
  ASSERT_EQ(o.code, 0) << o;
  EXPECT_TRUE(Contains(o.out, "networks 4 of")) << o;
  const std::string csv = ReadFile(Path("s.csv"));
  for (const std::string name : {"0.5-w8a8", "0.5-w4a4", "0.25-w8a8", "0.25-w4a4"}) {
    const size_t at = csv.find("\"" + name + ".onnx\"," + name.substr(name.find('-') + 1) + ",");
    ASSERT_NE(at, std::string::npos) << csv;
    const std::string row = csv.substr(at, csv.find('\n', at) - at);
    std::vector<std::string> cells;
    std::stringstream in(row);
    for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
    ASSERT_GT(cells.size(), 8u) << row;
    EXPECT_GT(std::stod(cells[3]), 60) << row;  // of three classes
    const std::string subnet = Path("subs/" + name + ".onnx");
    const Outcome run = RunSim(subnet + " --backend cmodel --input " + Path("x.npy") + " --labels " + Path("y.npy") +
                               " --mean 0 --std 1"),
                  cycles = RunSim(subnet + " --model");
    ASSERT_EQ(run.code, 0) << run;
    char top1[40];
    std::snprintf(top1, sizeof top1, "top-1    %.2f %%", std::stod(cells[3]));
    EXPECT_TRUE(Contains(run.out, top1)) << top1 << run;
    std::string text = cycles.out;
    text.erase(std::remove(text.begin(), text.end(), ','), text.end());
    EXPECT_TRUE(Contains(text, " " + cells[7] + " cycles")) << row << cycles;
  }
  // Beside other reports, a supernet's is none of `--trained`.
  Refused("pareto --no-plot --csv " + Path("t.csv") + " --trained " + dir, "no report of a training is there");
  Refused(figure + Path("x.npy") + sets, "is no file of a supernet");
  Refused(figure + file, "--supernet needs --data and --labels");
  Refused(figure + file + sets + " --trained " + dir, "one of --models, --trained and --supernet");
  Refused(figure + file + sets + " --subnets " + Path("nowhere"), "nowhere");
  Refused("pareto --subnets " + dir, "with --supernet only");
  Refused(figure + file + sets + " --augment x", "'x' is not accepted");
  Refused(figure + file + " --data " + Path("wide.npy") + " --labels " + Path("y.npy") + " --test " + Path("x.npy") +
              " --test-labels " + Path("y.npy"),
          "images of 12x8x3; the supernet reads 8x8x3");
  Refused(once + "--width 1 " + out, "--widths W,W,... is accepted");
  Refused(once + "--shortcut a " + out, "has no --shortcut a");
  Refused(once + "--precision w4a4 " + out, "--precisions P,P,... is accepted");
  Refused(once + "--widths 1,1 " + out, "width 1 twice");
  Refused(once + "--widths 1,,2 " + out, "--widths");
  Refused(once + "--precisions w4a4,w3 " + out, "'w3' is not accepted");
  Refused("train f.onnx --data " + Path("x.npy") + " --labels " + Path("y.npy") + " --method once " + out,
          "begins with a new network");
  Refused(Arguments("--widths 1 " + out), "with --method once only");
}

// Learned step sizes begin with a quantized network and end with one.
TEST_F(Train, LsqFromAFloatNetworkAndItsTeacher) {
  const std::string real = Path("f.onnx");
  ASSERT_EQ(RunSim(Arguments("--epochs 6 -o " + real)).code, 0);
  const std::string common = "train " + real + " --data " + Path("x.npy") + " --labels " + Path("y.npy") +
                             " --batch 16 --augment none --method lsq --precision w4a4 -o " + Path("q.onnx");
  const Outcome o = RunSim(common + " --epochs 3 --teacher " + real);
  EXPECT_EQ(o.code, 0) << o;
  EXPECT_TRUE(Contains(o.out, "begins with ") &&
              Contains(o.out, " % of 48 training images right; training began with "))
      << o;
  const Outcome run = RunSim(Path("q.onnx") + " --backend cmodel --input " + Path("x.npy") + " --labels " +
                             Path("y.npy") + " --mean 0 --std 1");
  EXPECT_EQ(run.code, 0) << run;
  EXPECT_TRUE(Contains(run.out, "top-1")) << run;
  Refused(common + " --teacher " + Path("q.onnx"), "q.onnx'");
  std::string labels(kImages, '\0');
  labels[7] = kClasses;
  Write("more.npy", Npy("|u1", std::to_string(kImages) + ",", labels));
  Refused("train " + real + " --data " + Path("x.npy") + " --labels " + Path("more.npy") + " -o " + Path("x.onnx"),
          "3 is the largest; the network has the classes 0..2");
  Refused("train " + real + " --data " + Path("wide.npy") + " --labels " + Path("y.npy") + " -o " + Path("x.onnx"),
          "images of 12x8x3; the network reads 8x8x3");
  // A network that is lost is not written, and said to be lost; so is which one is better.
  const std::string test = " --test " + Path("x.npy") + " --test-labels " + Path("y.npy");
  fs::remove(Path("q.onnx"));
  Refused(common + test + " --epochs 2 --rate 100", "epoch 1: the network is lost");
  EXPECT_FALSE(fs::exists(Path("q.onnx")));
  Refused(Arguments("--optimizer sgd -o " + Path("x.onnx")), "--optimizer is accepted with --method lsq only");
  Refused(common + " --optimizer lion", "adam or sgd is");
  const Outcome sgd = RunSim(common + " --epochs 3 --optimizer sgd");
  EXPECT_EQ(sgd.code, 0) << sgd;
  Refused(common + " --epochs 3 --resume " + Path("q.onnx.ckpt"), "with other settings");
  const std::string resume = common + " --epochs 3 --resume ";
  Refused(resume + Path("f.onnx.ckpt"), "f.onnx.ckpt'");
  EXPECT_FALSE(fs::exists(Path("x.onnx")));
}

TEST_F(Train, SynthesizedImagesQuantize) {
  const std::string real = Path("f.onnx"), images = Path("cal.npy");
  ASSERT_EQ(RunSim(Arguments("--epochs 6 -o " + real)).code, 0);
  const Outcome o = RunSim("synthesize " + real + " --images 6 --steps 60 -o " + images);
  EXPECT_EQ(o.code, 0) << o;
  EXPECT_TRUE(Contains(o.out, "6 images of 8x8x3")) << o;
  const Outcome q = RunSim("quantize " + real + " --calibrate " + images + " -o " + Path("q.onnx"));
  EXPECT_EQ(q.code, 0) << q;
  const Outcome quantized = RunSim("synthesize " + Path("q.onnx") + " -o " + images);
  EXPECT_EQ(quantized.code, 2) << quantized;
  EXPECT_TRUE(Contains(quantized.err, "first QuantizeLinear")) << quantized;
  Refused("synthesize " + Path("x.npy") + " -o " + images, "x.npy'");
  Refused("synthesize " + real + " -o " + real, "f.onnx");
  Refused("synthesize " + real, "-o FILE.npy is needed");
  Refused("synthesize " + real + " --batch 1 -o " + images, "--batch");
}

TEST_F(Train, BadInput) {
  const std::string out = " -o " + Path("o.onnx");
  Refused(Arguments(out, "nan.npy"), "image 5 holds nan; finite numbers are accepted");
  Refused("train --net resnet8 --data " + Path("x.npy") + " --labels " + Path("few.npy") + out,
          "as many of both are accepted");
  std::string wrong(kImages, '\0');
  wrong[7] = -1;
  Write("minus.npy", Npy("|i1", std::to_string(kImages) + ",", wrong));
  Refused("train --net resnet8 --data " + Path("x.npy") + " --labels " + Path("minus.npy") + out, "minus.npy");
  Refused(Arguments("--test " + Path("wide.npy") + " --test-labels " + Path("y.npy") + out),
          "images of 12x8x3; the network reads 8x8x3");
  Refused("train --net resnet8 --data " + Path("y.npy") + " --labels " + Path("y.npy") + out, "cannot open offsets");
  Refused(Arguments("--batch 49" + out), "there are 48 images");
  Refused(Arguments("--freeze 100 --method aqt" + out), "less than 100 epochs are accepted");
  Refused(Arguments("--warmup 90 --cooldown 20" + out), "more than 100 epochs together");
  Refused(Arguments("--precision w4a4" + out), "method float has no --precision");
  Refused(Arguments("--method lsq" + out), "method lsq begins with a trained network");
  Refused(Arguments("--net resnet9" + out), "'resnet9' is not accepted");
  Refused(Arguments(""), "-o FILE.onnx is needed");
  Refused(Arguments("-o " + Path("x.npy")), "x.npy");
  Refused(Arguments("-o /nowhere/o.onnx"), "/nowhere/o.onnx");
  Refused(Arguments("--resume " + Path("x.npy") + out), "is no checkpoint");
  Refused(Arguments("--test " + Path("x.npy") + out), "--test and --test-labels go together");
  Refused(Arguments("--rats 1" + out), "--rats");
  EXPECT_FALSE(fs::exists(Path("o.onnx")));
}

// A loss that is no number: when, and what is left.
TEST_F(Train, LossThatIsNoNumber) {
  const Outcome o = RunSim(Arguments("--rate 100 --warmup 0 --epochs 50 --decay 1 -o " + Path("o.onnx")));
  EXPECT_EQ(o.code, 2) << o;
  EXPECT_TRUE(Contains(o.err, "the loss is") && Contains(o.err, "epoch ") && Contains(o.err, "a smaller --rate")) << o;
  EXPECT_FALSE(fs::exists(Path("o.onnx")));
  // In a later epoch: what was before is in the checkpoint, and can be gone on with.
  const std::string later = Arguments("--rate 100 --warmup 40 --epochs 50 --cooldown 0 --decay 1 -o " + Path("o.onnx"));
  const Outcome end = RunSim(later);
  EXPECT_EQ(end.code, 2) << end;
  EXPECT_TRUE(Contains(end.err, "the epochs before it are in " + Path("o.onnx.ckpt"))) << end;
  const Outcome again = RunSim(later + " --resume " + Path("o.onnx.ckpt"));
  EXPECT_EQ(again.err, end.err) << again;
  EXPECT_FALSE(fs::exists(Path("o.onnx")));
}

TEST_F(Train, FullDisk) {
  const Outcome o = RunSim(Arguments("--epochs 1 --checkpoint /dev/full -o " + Path("o.onnx")));
  EXPECT_EQ(o.code, 2) << o;
  EXPECT_TRUE(Contains(o.err, "/dev/full")) << o;
  // Where the network does not fit, the checkpoint is there.
  const Outcome late = RunSim(Arguments("--epochs 1 --checkpoint " + Path("kept.ckpt") + " -o /dev/full"));
  EXPECT_EQ(late.code, 2) << late;
  EXPECT_TRUE(Contains(late.err, "/dev/full")) << late;
  EXPECT_EQ(RunSim(Arguments("--epochs 1 --resume " + Path("kept.ckpt") + " -o " + Path("o.onnx"))).code, 0);
  EXPECT_TRUE(fs::exists(Path("o.onnx")));
}

}  // namespace
