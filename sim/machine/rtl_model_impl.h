// The clock loop around a Verilated tetra_top. Memory and model share one translation unit, so that a simulated cycle
// costs two evaluations and a few dozen instructions.
#ifndef TETRA_SIM_RTL_MODEL_IMPL_H
#define TETRA_SIM_RTL_MODEL_IMPL_H

#include <cstring>
#include <memory>
#include <string>
#include <type_traits>

#include <verilated.h>
#include <verilated_coverage.h>

#include "machine/memory.h"
#include "machine/rtl_model.h"

namespace tetra {

// Stands in for the waveform writer in builds without one.
struct NoTrace {};

template <class Top, class Tracer, unsigned N>
class RtlModel {
 public:
  static constexpr bool kTraced = !std::is_same<Tracer, NoTrace>::value;

  explicit RtlModel(tetra_mem *mem) : mem_(mem) {
    // An assertion that fails ends the run with a message instead of the process.
    context_.fatalOnError(false);
    if (kTraced) context_.traceEverOn(true);
    context_.threads(1);  // or the context starts one a processor, which the model would never use
    top_ = std::make_unique<Top>(&context_);
    top_->rst_ni = 0;
    for (int i = 0; i < 4; i++) Step<false>();
    top_->rst_ni = 1;
    Step<false>();
  }
  ~RtlModel() {
    TraceEnd();
    // The model's scopes look for the thread's context, which may be that of a model that is gone.
    Verilated::threadContextp(&context_);
    top_->final();
    TakeCoverage(&context_);
  }

  void Observe(rtl_observer observer, void *arg) {
    observer_ = observer;
    observer_arg_ = arg;
  }

  int Run(uint64_t max_cycles) { return observer_ != nullptr ? RunAs<true>(max_cycles) : RunAs<false>(max_cycles); }

  template <bool Observed>
  int RunAs(uint64_t max_cycles) {
    while (max_cycles != 0) {
      // Errors are looked at once in a while: they are rare and the look is not free.
      uint64_t chunk = max_cycles < 4096 ? max_cycles : 4096;
      max_cycles -= chunk;
      for (; chunk != 0; chunk--) {
        if (top_->irq_o) return 1;
        Step<false, Observed>();
      }
      if (Error()->code != TETRA_OK) break;
    }
    return top_->irq_o;
  }

  uint32_t Read(uint32_t offset) {
    BeginLite(false, offset, 0, 0);
    for (int i = 0; i < kLiteLimit && !lite_done_; i++) Step<true, true>();
    EndLite();
    FinishLite("read", offset);
    return lite_data_;
  }

  void Write(uint32_t offset, uint32_t value) {
    BeginLite(true, offset, value, 0xf);
    for (int i = 0; i < kLiteLimit && !lite_done_; i++) Step<true, true>();
    EndLite();
    FinishLite("write", offset);
  }

  void BeginLite(bool write, uint32_t offset, uint32_t value, uint32_t strobes) {
    Top *t = top_.get();
    lite_done_ = false;
    if (write) {
      t->s_axil_awaddr_i = offset & 0xfff;
      t->s_axil_awvalid_i = 1;
      t->s_axil_wdata_i = value;
      t->s_axil_wstrb_i = static_cast<uint8_t>(strobes);
      t->s_axil_wvalid_i = 1;
      t->s_axil_bready_i = 1;
    } else {
      t->s_axil_araddr_i = offset & 0xfff;
      t->s_axil_arvalid_i = 1;
      t->s_axil_rready_i = 1;
    }
    lite_open_ = true;
  }
  void EndLite() {
    Top *t = top_.get();
    t->s_axil_arvalid_i = 0;
    t->s_axil_rready_i = 0;
    t->s_axil_awvalid_i = 0;
    t->s_axil_wvalid_i = 0;
    t->s_axil_bready_i = 0;
    lite_open_ = false;
  }
  unsigned EndLite(uint32_t *value) {
    EndLite();
    *value = lite_data_;
    return lite_resp_;
  }

  void Clock(rtl_clock *c) {
    if (lite_open_ && !lite_done_) {
      Step<true, true>();
    } else {
      Step<false, true>();
    }
    c->irq = top_->irq_o;
    c->busy = top_->rootp->tetra_top__DOT__busy;
    c->wvalid = top_->m_axi_wvalid_o;
    c->lite_done = lite_open_ && lite_done_;
  }
  void ResetPin(int high) { top_->rst_ni = static_cast<uint8_t>(high != 0); }

  uint64_t Cycles() const { return mem_->cycle; }

  void TraceBegin(const char *path) {
    if constexpr (kTraced) {
      TraceEnd();
      tracer_ = std::make_unique<Tracer>();
      top_->trace(tracer_.get(), 99);
      tracer_->open(path);
    } else {
      (void)path;
    }
  }
  void TraceEnd() {
    if constexpr (kTraced) {
      if (tracer_) tracer_->close();
      tracer_.reset();
    }
  }

  const tetra_error *Error() {
    if (error_.code == TETRA_OK && mem_->violation.code != TETRA_OK) error_ = mem_->violation;
    if (error_.code == TETRA_OK && (context_.gotError() || context_.gotFinish())) {
      tetra_fail(&error_, TETRA_EHW, "an RTL assertion failed near cycle %llu",
                 static_cast<unsigned long long>(mem_->cycle));
    }
    return &error_;
  }

 private:
  static constexpr int kLiteLimit = 100000;  // clocks for one register access

  // One clock: the memory's and the host's signals settle with the clock low, handshakes are what they show then, and
  // the rising edge takes them. Between rise and fall only registers and what CMakeLists.txt calls LATE are of now.
  template <bool Lite, bool Observed = false>
  void Step() {
    Top *const t = top_.get();
    tetra_mem *const m = mem_;
    tetra_mem_drive(m, t->m_axi_wvalid_o, N);
    t->m_axi_arready_i = m->arready;
    t->m_axi_awready_i = m->awready;
    t->m_axi_wready_i = m->wready;
    t->m_axi_rvalid_i = m->rvalid;
    t->m_axi_bvalid_i = m->bvalid;
    if (m->rfresh) {
      t->m_axi_rid_i = m->rid;
      t->m_axi_rresp_i = m->rresp;
      t->m_axi_rlast_i = m->rlast;
      if (m->rdata != nullptr) {
        std::memcpy(&t->m_axi_rdata_i, m->rdata, N);
      } else {
        std::memset(&t->m_axi_rdata_i, 0, N);
      }
    }
    if (m->bvalid) {
      t->m_axi_bid_i = m->bid;
      t->m_axi_bresp_i = m->bresp;
    }
    t->clk_i = 0;
    t->eval();
    Dump();
    if (Observed && observer_ != nullptr) Show();

    tetra_axi_master a;
    a.araddr = t->m_axi_araddr_o;
    a.arvalid = t->m_axi_arvalid_o;
    a.arlen = t->m_axi_arlen_o;
    a.arid = t->m_axi_arid_o;
    a.arsize = t->m_axi_arsize_o;
    a.rready = t->m_axi_rready_o;
    a.awaddr = t->m_axi_awaddr_o;
    a.awvalid = t->m_axi_awvalid_o;
    a.awlen = t->m_axi_awlen_o;
    a.awid = t->m_axi_awid_o;
    a.awsize = t->m_axi_awsize_o;
    a.wvalid = t->m_axi_wvalid_o;
    a.wlast = t->m_axi_wlast_o;
    a.wstrb = t->m_axi_wstrb_o;
    a.wdata = reinterpret_cast<const uint8_t *>(&t->m_axi_wdata_o);
    a.bready = t->m_axi_bready_o;
    if (t->rst_ni) {
      tetra_mem_sample(m, &a, N);
    } else {
      m->cycle++;
    }
    bool ar = false, aw = false, w = false;
    if (Lite) {
      ar = t->s_axil_arvalid_i && t->s_axil_arready_o;
      aw = t->s_axil_awvalid_i && t->s_axil_awready_o;
      w = t->s_axil_wvalid_i && t->s_axil_wready_o;
      if (t->s_axil_rvalid_o && t->s_axil_rready_i) {
        lite_data_ = t->s_axil_rdata_o;
        lite_resp_ = t->s_axil_rresp_o;
        lite_done_ = true;
      }
      if (t->s_axil_bvalid_o && t->s_axil_bready_i) {
        lite_resp_ = t->s_axil_bresp_o;
        lite_done_ = true;
      }
    }
    t->clk_i = 1;
    t->eval();
    Dump();
    if (Lite) {
      if (ar) t->s_axil_arvalid_i = 0;
      if (aw) t->s_axil_awvalid_i = 0;
      if (w) t->s_axil_wvalid_i = 0;
    }
  }

  // The nets are the ones that sim/machine/tetra_probe.vlt keeps visible.
  void Show() {
    const auto *r = top_->rootp;
    rtl_probe p;
    p.busy = r->tetra_top__DOT__busy;
    p.stall_class = r->tetra_top__DOT__stall_class;
    p.pixel = r->tetra_top__DOT__core_busy;
    p.compute_end = r->tetra_top__DOT__lay_busy_valid;
    p.load_beat = r->tetra_top__DOT__load_beat;
    p.pack_read = r->tetra_top__DOT__pack_re;
    p.load_wait = r->tetra_top__DOT__load_wait;
    p.load_wait_store = r->tetra_top__DOT__load_wait_store;
    p.drain_row = r->tetra_top__DOT__drain_busy;
    p.drain_stall = r->tetra_top__DOT__drain_stall;
    p.write_beat = r->tetra_top__DOT__write_beat;
    p.done_load = r->tetra_top__DOT__done_load;
    p.done_drain = r->tetra_top__DOT__done_drain;
    p.done_store = r->tetra_top__DOT__done_store;
    p.act_read = r->tetra_top__DOT__act_re;
    p.act_write = r->tetra_top__DOT__act_we;
    p.wgt_read = r->tetra_top__DOT__wgt_re;
    p.wgt_write = r->tetra_top__DOT__wgt_we;
    p.res_read = r->tetra_top__DOT__res_re;
    p.res_write = r->tetra_top__DOT__res_we;
    p.par_read = r->tetra_top__DOT__par_re;
    p.par_write = r->tetra_top__DOT__par_we;
    p.compute_taken = r->tetra_top__DOT__cq_pop;
    p.out_word = r->tetra_top__DOT__wd_valid;
    p.fetch_beat = r->tetra_top__DOT__fetch_beat;
    p.pool_word = r->tetra_top__DOT__u_core__DOT__pool_valid;
    p.pool_close = r->tetra_top__DOT__u_core__DOT__pool_close;
    p.busy_layer = r->tetra_top__DOT__lay_busy_id;
    observer_(observer_arg_, &p);
  }

  void Dump() {
    if constexpr (kTraced) {
      if (tracer_) tracer_->dump(time_);
      time_++;
    }
  }

  void FinishLite(const char *what, uint32_t offset) {
    if (error_.code != TETRA_OK) return;
    if (!lite_done_) {
      tetra_fail(&error_, TETRA_EHW, "register %s at 0x%03x was not answered", what, offset);
    } else if (lite_resp_ != 0) {
      tetra_fail(&error_, TETRA_EHW, "register %s at 0x%03x was answered with error %u", what, offset, lite_resp_);
    }
  }

  VerilatedContext context_;
  std::unique_ptr<Top> top_;
  std::unique_ptr<Tracer> tracer_;
  tetra_mem *mem_;
  rtl_observer observer_ = nullptr;
  void *observer_arg_ = nullptr;
  uint64_t time_ = 0;
  bool lite_done_ = false, lite_open_ = false;
  uint32_t lite_data_ = 0;
  unsigned lite_resp_ = 0;
  tetra_error error_ = {};
};

// Fills the C face of a model.
template <class Model>
void MakeModel(rtl_model *c, tetra_mem *mem) {
  c->self = new Model(mem);
  c->traced = Model::kTraced;
  c->reg_read = [](void *s, uint32_t offset) { return static_cast<Model *>(s)->Read(offset); };
  c->reg_write = [](void *s, uint32_t offset, uint32_t value) { static_cast<Model *>(s)->Write(offset, value); };
  c->run = [](void *s, uint64_t max_cycles) { return static_cast<Model *>(s)->Run(max_cycles); };
  c->clock = [](void *s, rtl_clock *clock) { static_cast<Model *>(s)->Clock(clock); };
  c->lite_begin = [](void *s, int write, uint32_t offset, uint32_t value, uint32_t strobes) {
    static_cast<Model *>(s)->BeginLite(write != 0, offset, value, strobes);
  };
  c->lite_end = [](void *s, uint32_t *value) { return static_cast<Model *>(s)->EndLite(value); };
  c->reset_pin = [](void *s, int high) { static_cast<Model *>(s)->ResetPin(high); };
  c->cycles = [](void *s) { return static_cast<Model *>(s)->Cycles(); };
  c->observe = [](void *s, rtl_observer o, void *arg) { static_cast<Model *>(s)->Observe(o, arg); };
  c->trace_begin = [](void *s, const char *path) { static_cast<Model *>(s)->TraceBegin(path); };
  c->trace_end = [](void *s) { static_cast<Model *>(s)->TraceEnd(); };
  c->error = [](void *s) { return static_cast<Model *>(s)->Error(); };
  c->destroy = [](void *s) { delete static_cast<Model *>(s); };
}

}  // namespace tetra

#endif
