// Arbitration of the DRAM's beats.
#include "systemc/platform/memory.h"

#include <algorithm>

namespace tetra {

using tlm::tlm_generic_payload;

class Dram::Port : public MemoryPort {
 public:
  Port(Dram *dram, size_t index) : dram_(dram), index_(index) {}
  tetra_memory_params params() const override {
    tetra_memory_params p = dram_->params_;
    if (dram_->dead_) p.latency = UINT32_MAX / 2;
    return p;
  }
  sc_core::sc_time period() const override { return dram_->period_; }
  void Activate(bool on) override {
    active = on;
    wants = {0, 0};
  }
  void Want(uint64_t cycle, tetra_grant what) override {
    dram_->Arbitrate(cycle);  // the cycle before was, or is without beats
    wants = what;
  }
  tetra_grant Take(uint64_t cycle) override {
    dram_->Arbitrate(cycle + 1);
    // Who took part later than another has run ahead has had no turn in this cycle, and what it was granted is of an
    // old one.
    return granted_before == cycle + 1 ? grant : tetra_grant{0, 0};
  }
  tetra_bucket *Alone(uint64_t cycle) override {
    for (const auto &p : dram_->ports_) {
      if (p.get() != this && p->active) return nullptr;
    }
    dram_->Rest(cycle);
    dram_->bucket_.write_turn = dram_->turns_.write[index_];
    return &dram_->bucket_;
  }
  void Leave(uint64_t cycle) override {
    dram_->turns_.write[index_] = dram_->bucket_.write_turn;
    dram_->cycle_ = cycle;
    wants = {0, 0};
  }

  bool active = false;
  tetra_grant wants = {0, 0}, grant = {0, 0};
  uint64_t granted_before = 0;  // the cycle behind the grant's
  uint64_t reads = 0, writes = 0, held = 0;

 private:
  Dram *dram_;
  size_t index_;
};

Dram::Dram(sc_core::sc_module_name name, uint64_t bytes, const tetra_memory_params &params, sc_core::sc_time period)
    : Ram(name, bytes, params.latency * period), params_(params), period_(period) {}

Dram::~Dram() = default;

bool Dram::Fails(BurstKind::Kind kind) {
  uint64_t &left = kind == BurstKind::kFetch ? faults.fetch : kind == BurstKind::kRead ? faults.read : faults.write;
  return left != 0 && --left == 0;
}

void Dram::Transport(tlm_generic_payload &trans, sc_core::sc_time &delay) {
  const auto *burst = trans.get_extension<BurstKind>();
  if (burst != nullptr && Fails(burst->kind)) return trans.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
  Ram::Transport(trans, delay);
}

unsigned Dram::Debug(tlm_generic_payload &trans) {
  auto *request = trans.get_extension<MemoryPortRequest>();
  if (request == nullptr) return Ram::Debug(trans);
  // Beats of one width share the bucket; whoever has others waits for delays as on any other memory.
  if (ports_.size() == TETRA_MEMORY_PORTS || (beat_ != 0 && beat_ != request->beat)) return 0;
  if (beat_ == 0) {
    beat_ = request->beat;
    bucket_ = tetra_bucket_empty(params_.bytes_per_cycle, beat_);
  }
  ports_.push_back(std::make_unique<Port>(this, ports_.size()));
  request->port = ports_.back().get();
  return 0;
}

void Dram::Rest(uint64_t cycle) {
  if (cycle <= cycle_) return;
  const uint64_t tokens = static_cast<uint64_t>(bucket_.tokens) +
                          std::min<uint64_t>(cycle - cycle_, 1u << 20) * static_cast<uint64_t>(bucket_.rate);
  bucket_.tokens = static_cast<int32_t>(std::min<uint64_t>(tokens, static_cast<uint64_t>(bucket_.size)));
  cycle_ = cycle;
}

// Every cycle before `cycle` has its beats.
void Dram::Arbitrate(uint64_t cycle) {
  if (cycle <= cycle_) return;
  tetra_grant wants[TETRA_MEMORY_PORTS], grants[TETRA_MEMORY_PORTS];
  const int n = static_cast<int>(ports_.size());
  bool any = false;
  for (int i = 0; i < n; i++) {
    wants[i] = ports_[static_cast<size_t>(i)]->wants;
    any = any || wants[i].read || wants[i].write;
  }
  if (!any) return Rest(cycle);
  Rest(cycle - 1);
  tetra_bucket_share(&bucket_, &turns_, static_cast<int32_t>(beat_), n, wants, grants);
  for (int i = 0; i < n; i++) {
    Port &p = *ports_[static_cast<size_t>(i)];
    p.grant = grants[i];
    p.granted_before = cycle;
    p.wants = {0, 0};
    p.reads += static_cast<uint64_t>(grants[i].read);
    p.writes += static_cast<uint64_t>(grants[i].write);
    p.held += static_cast<uint64_t>(wants[i].read != grants[i].read || wants[i].write != grants[i].write);
  }
  cycle_ = cycle;
}

uint64_t Dram::read_beats(size_t port) const { return ports_[port]->reads; }
uint64_t Dram::write_beats(size_t port) const { return ports_[port]->writes; }
uint64_t Dram::held(size_t port) const { return ports_[port]->held; }

}  // namespace tetra
