// The driver on threads of the simulation, one for each accelerator.
#include "systemc/vp/run.h"

#include <algorithm>
#include <cstring>
#include <ctime>
#include <deque>

#include "run/check.h"
#include "systemc/platform/native_cpu.h"
#include "systemc/platform/platform.h"
#include "tetra/device.h"

namespace tetra {

namespace {

constexpr uint32_t kTimeoutUs = 4000000;

double ProcessorSeconds() { return static_cast<double>(clock()) / CLOCKS_PER_SEC; }

/// Flights between two stages.
class Queue {
 public:
  void Push(std::unique_ptr<Flight> f) {
    flights_.push_back(std::move(f));
    changed_.notify(sc_core::SC_ZERO_TIME);
  }
  void Close() {
    closed_ = true;
    changed_.notify(sc_core::SC_ZERO_TIME);
  }
  /// Waits; NULL behind the last.
  std::unique_ptr<Flight> Pop() {
    while (flights_.empty() && !closed_) sc_core::wait(changed_);
    if (flights_.empty()) return nullptr;
    std::unique_ptr<Flight> f = std::move(flights_.front());
    flights_.pop_front();
    return f;
  }

 private:
  std::deque<std::unique_ptr<Flight>> flights_;
  bool closed_ = false;
  sc_core::sc_event changed_;
};

class Software {
 public:
  Software(const VpOptions &o, Job *job, Platform *platform, NativeCpu *cpu, VpResult *result)
      : o_(o), job_(job), platform_(platform), cpu_(cpu), r_(result), images_(result->images) {
    r_->classes.assign(static_cast<size_t>(images_), -1);
    queues_.resize(job->parts.size());
    for (auto &q : queues_) q = std::make_unique<Queue>();
  }

  int Main() {
    const auto n = static_cast<unsigned>(job_->parts.size());
    r_->accelerators.resize(n);
    begin_ = UINT64_MAX;
    for (unsigned i = 0; i < n; i++) cpu_->Spawn([this, i] { Work(i); });
    while (done_ < n) sc_core::wait(finished_);
    for (unsigned i = 0; i < n; i++) {
      r_->accelerators[i].held = platform_->dram.ports() > i ? platform_->dram.held(i) : 0;
    }
    r_->cycles = end_ - begin_;
    return 0;
  }
  double excluded() const { return excluded_; }

 private:
  struct Context {
    Software *s;
    Part *part;
    Flight *flight;
    unsigned accelerator;
    uint64_t start, last;
  };

  uint64_t Now() const { return static_cast<uint64_t>(sc_core::sc_time_stamp() / TlmConfig().period); }
  void Fail(const std::string &why) {
    if (r_->failure.empty()) r_->failure = why;
  }

  // The next image for a stage: of its own making, or what the stage before has done.
  std::unique_ptr<Flight> Next(unsigned i) {
    if (o_.pipeline && i > 0) return queues_[i]->Pop();
    if (next_ == images_ || !r_->failure.empty()) return nullptr;
    const double t = ProcessorSeconds();
    tetra_error err = {};
    std::unique_ptr<Flight> f = job_->Feed(next_++, &err);
    if (f == nullptr) Fail(err.msg);
    excluded_ += ProcessorSeconds() - t;
    return f;
  }

  void Work(unsigned i) {
    NativeDevice device = {cpu_, Platform::TetraBase(i), &platform_->irq[i], false};
    const tetra_hal hal = NativeCpu::Hal(&device);
    tetra_device dev;
    if (tetra_device_init(&dev, &hal, kTimeoutUs) != TETRA_OK ||
        std::memcmp(&dev.caps, &job_->caps(), sizeof dev.caps) != 0)
      Fail("accelerator " + std::to_string(i) + " does not answer as the Tetra that the plan is for");
    Part &p = *job_->parts[i];
    VpAccelerator &a = r_->accelerators[i];
    a.first = p.part.first;
    a.last = p.part.first + p.part.g.n_ops - 1;
    const double t = ProcessorSeconds();
    uint8_t *constants = cpu_->Map(p.plan.const_addr, p.plan.const_bytes);
    if (p.plan.const_bytes != 0) std::memcpy(constants, p.plan.const_data, p.plan.const_bytes);
    excluded_ += ProcessorSeconds() - t;
    while (std::unique_ptr<Flight> f = Next(i)) {
      if (r_->failure.empty()) RunPart(i, &dev, &p, f.get());
      if (o_.pipeline && i + 1 < queues_.size()) {
        Take(p, f.get());
        queues_[i + 1]->Push(std::move(f));
      }
    }
    if (o_.pipeline && i + 1 < queues_.size()) queues_[i + 1]->Close();
    done_++;
    finished_.notify(sc_core::SC_ZERO_TIME);
  }

  void RunPart(unsigned i, tetra_device *dev, Part *p, Flight *f) {
    const tetra_plan &plan = p->plan;
    const double t = ProcessorSeconds();
    sim_part_bind(&p->part, f->golden.data());
    for (int v = 0; v < p->part.g.n_values; v++) {
      if (p->part.g.values[v].producer >= 0) continue;
      tetra_plan_write_value(&plan, v, &f->tensors.at(p->part.whole[v]),
                             cpu_->Map(plan.values[v].addr, plan.values[v].bytes));
    }
    excluded_ += ProcessorSeconds() - t;
    Context c = {this, p, f, i, Now(), 0};
    begin_ = std::min(begin_, c.start);
    const tetra_job job = tetra_plan_job(&plan);
    tetra_fault fault = {};
    const int rc = tetra_device_run(dev, &job, OnLayer, &c, &fault);
    end_ = std::max(end_, Now());
    if (rc != TETRA_OK) {
      char text[160];
      std::snprintf(text, sizeof text, "accelerator %u stopped: %s, command %u, address 0x%08x (status %d)", i,
                    tetra_fault_name(fault.cause), fault.index, fault.addr, rc);
      Fail(text);
    }
    Count(i, dev);
    if (p->last) r_->classes[static_cast<size_t>(f->image)] = Top(*p);
  }

  void Count(unsigned i, tetra_device *dev) {
    uint64_t counters[TETRA_CNT_NUM];
    tetra_device_counters(dev, counters);
    VpAccelerator &a = r_->accelerators[i];
    a.images++;
    a.cycles += counters[TETRA_CNT_CYCLES];
    a.busy += counters[TETRA_CNT_BUSY];
    a.read_bytes += counters[TETRA_CNT_READ_BYTES] + counters[TETRA_CNT_FETCH_BYTES];
    a.write_bytes += counters[TETRA_CNT_WRITE_BYTES];
  }

  static void OnLayer(void *arg, const tetra_layer_event *e) {
    auto *c = static_cast<Context *>(arg);
    Software *s = c->s;
    const double t = ProcessorSeconds();
    const int layer = static_cast<int>(e->layer);
    const tetra_plan &plan = c->part->plan;
    sim_mismatch m;
    if (sim_check_op(&c->part->part.g, layer, &plan, c->part->part.tensors, s->cpu_->Map(plan.base, 1), &m) != 1) {
      s->r_->match = false;
      s->Fail(std::string("layer ") + c->part->part.g.ops[layer].name + " is not the C model's");
    }
    s->r_->layers.push_back({c->accelerator, c->flight->image, c->part->part.first + layer, c->start + c->last,
                             c->start + e->cycle, e->cycle - c->last});
    c->last = e->cycle;
    s->excluded_ += ProcessorSeconds() - t;
  }

  // What later parts read.
  void Take(const Part &p, Flight *f) {
    const double t = ProcessorSeconds();
    for (int v = 0; v < p.part.g.n_values; v++) {
      if (p.part.g.values[v].producer < 0 || p.plan.values[v].bytes == 0) continue;
      tetra_error err = {};
      tetra_tensor *to = &f->tensors[p.part.whole[v]];
      if (tetra_tensor_init(to, &p.part.g.values[v].d, &err) != TETRA_OK) return Fail(err.msg);
      tetra_plan_read_value(&p.plan, v, to, cpu_->Map(p.plan.values[v].addr, p.plan.values[v].bytes));
    }
    excluded_ += ProcessorSeconds() - t;
  }

  // The class of the first image of a batch.
  int Top(const Part &p) {
    const int v = p.part.g.output;
    tetra_tensor t = {};
    tetra_error err = {};
    if (tetra_tensor_init(&t, &p.part.g.values[v].d, &err) != TETRA_OK) return -1;
    tetra_plan_read_value(&p.plan, v, &t, cpu_->Map(p.plan.values[v].addr, p.plan.values[v].bytes));
    int best = 0;
    for (int c = 1; c < t.d.c; c++) {
      if (tetra_tensor_get(&t, 0, 0, 0, c) > tetra_tensor_get(&t, 0, 0, 0, best)) best = c;
    }
    tetra_tensor_free(&t);
    return best;
  }

  const VpOptions &o_;
  Job *job_;
  Platform *platform_;
  NativeCpu *cpu_;
  VpResult *r_;
  int images_, next_ = 0;
  unsigned done_ = 0;
  uint64_t begin_ = UINT64_MAX, end_ = 0;
  double excluded_ = 0;
  sc_core::sc_event finished_;
  std::vector<std::unique_ptr<Queue>> queues_;
};

}  // namespace

PlatformConfig MakePlatformConfig(const VpOptions &o, const Job &job, unsigned accelerators) {
  PlatformConfig c;
  c.tetra.engine = o.engine;
  c.tetra.caps = job.caps();
  c.accelerators = accelerators;
  c.memory = {o.sim.bytes_per_cycle, o.sim.latency};
  return c;
}

VpResult RunNative(const VpOptions &o, Job *job, unsigned accelerators) {
  VpResult r;
  r.images = o.images != 0 ? o.images : static_cast<int>(accelerators);
  Platform platform("platform", MakePlatformConfig(o, *job, accelerators));
  Software *software = nullptr;
  NativeCpu cpu("cpu", &platform.dram, TETRA_VP_DRAM_BASE, [&] { return software->Main(); });
  Software program(o, job, &platform, &cpu, &r);
  software = &program;
  platform.Attach(cpu);
  cpu.irq.bind(platform.irq[0]);
  const double t = ProcessorSeconds();
  sc_core::sc_start();
  r.seconds = ProcessorSeconds() - t - program.excluded();
  return r;
}

}  // namespace tetra
