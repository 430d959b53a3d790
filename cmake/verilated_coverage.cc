// Sums of what the models of a process counted, over models that come and go.
#include "verilated_coverage.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <unordered_map>

#include <verilated_cov.h>

namespace tetra {
namespace {

// A line of Verilator's file is `C 'point' count`. Lines and branches are summed; of a bit's toggles the most of one model
// count, because a bit that goes up once in each of two models never comes back.
class Sums {
 public:
  Sums() {
    const char *folder = std::getenv("TETRA_COVERAGE_FILES");
    if (folder != nullptr) file_ = std::string(folder) + "/" + std::to_string(getpid()) + ".dat";
  }
  ~Sums() {
    if (counts_.empty()) return;
    std::ofstream out(file_);
    out << "# SystemC::Coverage-3\n";
    for (const auto &point : counts_) out << point.first << ' ' << point.second << '\n';
  }
  void Add(VerilatedContext *context) {
    if (file_.empty()) return;
    const std::string part = file_ + ".part";
    context->coveragep()->write(part.c_str());
    context->coveragep()->clear();
    std::ifstream in(part);
    for (std::string line; std::getline(in, line);) {
      const size_t end = line.rfind(' ');
      if (line[0] != 'C') continue;
      const uint64_t count = std::strtoull(&line[end], nullptr, 10);
      uint64_t &all = counts_[line.substr(0, end)];
      all = line.find("v_toggle") == std::string::npos ? all + count : std::max(all, count);
    }
    in.close();
    unlink(part.c_str());
  }

 private:
  std::string file_;
  std::unordered_map<std::string, uint64_t> counts_;
};

}  // namespace

void TakeCoverage(VerilatedContext *context) {
  static Sums sums;
  sums.Add(context);
}

}  // namespace tetra
