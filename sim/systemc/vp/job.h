// What ./vp runs: a network cut into parts, compiled for where each part's memory lies, and images on their way.
#ifndef TETRA_SYSTEMC_VP_JOB_H
#define TETRA_SYSTEMC_VP_JOB_H

#include <map>
#include <memory>
#include <vector>

#include "files/source.h"
#include "run/pieces/part.h"
#include "systemc/vp/options.h"
#include "tetra/exec.h"
#include "tetra/plan.h"

namespace tetra {

/// Consecutive layers, compiled.
struct Part {
  sim_part part = {};
  tetra_plan plan = {};
  bool last = false;
  Part() = default;
  Part(const Part &) = delete;
  Part &operator=(const Part &) = delete;
  ~Part() {
    tetra_plan_free(&plan);
    sim_part_free(&part);
  }
};

/// One batch of images on its way through the network.
struct Flight {
  int image = 0;                        // the first
  std::vector<tetra_tensor> golden;     // the C model's tensors, by value of the network
  std::map<int, tetra_tensor> tensors;  // what accelerators made, and later ones need; the input
  Flight() = default;
  Flight(const Flight &) = delete;
  Flight &operator=(const Flight &) = delete;
  ~Flight();
};

class Job {
 public:
  explicit Job(const VpOptions &o) : o_(o) {}
  Job(const Job &) = delete;
  Job &operator=(const Job &) = delete;
  ~Job();
  /// Reads or builds the network, cuts it for so many accelerators and compiles. The message says what is wrong.
  int Open(unsigned accelerators, tetra_error *err);
  /// Image `image` and the C model's tensors.
  std::unique_ptr<Flight> Feed(int image, tetra_error *err);

  const tetra_graph &graph() const { return source_.m.graph; }
  const tetra_caps &caps() const { return caps_; }
  /// A part for each accelerator: all of them the whole network, or one behind the other.
  std::vector<std::unique_ptr<Part>> parts;

 private:
  int Compile(unsigned accelerator, unsigned accelerators, int first, int last, tetra_error *err);
  /// The last layer of each stage, for stages of about the same number of cycles.
  int Cut(unsigned stages, std::vector<int> *last, tetra_error *err);

  const VpOptions &o_;
  tetra_caps caps_ = {};
  sim_source source_ = {};
  bool open_ = false;
  tetra_exec *exec_ = nullptr;
};

}  // namespace tetra

#endif
