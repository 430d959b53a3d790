// Networks, their cuts, plans and images.
#include "systemc/vp/job.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/notes.h"
#include "cli/hardware.h"
#include "systemc/platform/memory_map.h"
#include "tetra/timing.h"

namespace tetra {

Flight::~Flight() {
  for (tetra_tensor &t : golden) tetra_tensor_free(&t);
  for (auto &t : tensors) tetra_tensor_free(&t.second);
}

Job::~Job() {
  parts.clear();
  tetra_exec_close(exec_);
  if (open_) sim_source_close(&source_);
}

int Job::Open(unsigned accelerators, tetra_error *err) {
  const sim_notes notes = {sim_note, nullptr};
  caps_ = sim_hardware_caps(&o_.sim);
  int rc = sim_source_open(&source_, &o_.sim, o_.sim.net.batch, &notes, err);
  if (rc != TETRA_OK) return rc;
  open_ = true;
  const int layers = graph().n_ops;
  std::vector<int> last(accelerators, layers - 1);
  if (o_.pipeline) rc = Cut(accelerators, &last, err);
  for (unsigned i = 0; rc == TETRA_OK && i < accelerators; i++)
    rc = Compile(i, accelerators, o_.pipeline && i > 0 ? last[i - 1] + 1 : 0, last[i], err);
  if (rc != TETRA_OK) return rc;
  tetra_exec_options how = {};
  how.threads = o_.sim.net.threads;
  return tetra_exec_open(&exec_, &graph(), &how, err);
}

int Job::Compile(unsigned accelerator, unsigned accelerators, int first, int last, tetra_error *err) {
  parts.push_back(std::make_unique<Part>());
  Part &p = *parts.back();
  p.last = last == graph().n_ops - 1;
  int rc = sim_part_init(&p.part, &graph(), first, last, err);
  if (rc != TETRA_OK) return rc;
  const uint32_t share = TETRA_VP_DRAM_SIZE / accelerators & ~4095u;
  // Tensors that a later part reads stay; the whole network's memory is used again.
  tetra_compile_options c;
  tetra_compile_defaults(&c);
  c.dram_base = TETRA_VP_DRAM_BASE + accelerator * share;
  c.dram_size = share;
  c.reuse_memory = !o_.pipeline;
  rc = tetra_compile(&p.part.g, &caps_, &c, &p.plan, err);
  if (rc == TETRA_ERANGE) {
    const std::string why = err->msg;
    return tetra_fail(err, rc, "%s (%u MiB of the platform's DRAM for each of %u accelerators)", why.c_str(),
                      share >> 20, accelerators);
  }
  return rc;
}

int Job::Cut(unsigned stages, std::vector<int> *last, tetra_error *err) {
  tetra_compile_options c;
  tetra_compile_defaults(&c);
  const tetra_memory_params mem = {o_.sim.bytes_per_cycle, o_.sim.latency};
  const int layers = graph().n_ops;
  if (layers < static_cast<int>(stages))
    return tetra_fail(err, TETRA_EINVAL, "--spread layers: %d layers cannot be spread over %u accelerators", layers,
                      stages);
  tetra_plan plan = {};
  tetra_timing timing = {};
  int rc = tetra_compile(&graph(), &caps_, &c, &plan, err);
  if (rc == TETRA_OK) rc = tetra_timing_run(&plan, &mem, TETRA_TIMING_FAST, &timing, err);
  if (rc == TETRA_OK) {
    // As much as is left, by as many stages as are left.
    uint64_t done = 0, total = 0;
    for (int i = 0; i < layers; i++) total += timing.layers[i].cycles;
    int layer = 0;
    for (unsigned s = 0; s + 1 < stages; s++) {
      const uint64_t share = (total - done) / (stages - s);
      uint64_t taken = 0;
      const int most = layers - static_cast<int>(stages - s);  // a layer at least for those behind
      do taken += timing.layers[layer++].cycles;
      while (layer <= most && taken + timing.layers[layer].cycles / 2 < share);
      done += taken;
      (*last)[s] = layer - 1;
    }
    (*last)[stages - 1] = layers - 1;
  }
  tetra_timing_free(&timing);
  tetra_plan_free(&plan);
  return rc;
}

std::unique_ptr<Flight> Job::Feed(int image, tetra_error *err) {
  auto f = std::make_unique<Flight>();
  const tetra_graph &g = graph();
  f->image = image;
  f->golden.resize(static_cast<size_t>(g.n_values), tetra_tensor{});
  tetra_tensor *input = &f->golden[static_cast<size_t>(g.input)], *copy = &f->tensors[g.input];
  int rc = tetra_tensor_init(input, &g.values[g.input].d, err);
  if (rc == TETRA_OK) rc = tetra_tensor_init(copy, &g.values[g.input].d, err);
  if (rc == TETRA_OK) rc = sim_source_fill(&source_, image * g.values[g.input].d.n, input, err);
  if (rc == TETRA_OK) {
    const size_t bytes =
        static_cast<size_t>(input->d.n) * static_cast<size_t>(input->d.h * input->d.w) * input->pixel_bytes;
    std::copy(input->data, input->data + bytes, copy->data);
    rc = tetra_exec_run(exec_, f->golden.data(), err);
  }
  return rc == TETRA_OK ? std::move(f) : nullptr;
}

}  // namespace tetra
