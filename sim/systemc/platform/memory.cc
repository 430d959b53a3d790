// Bytes, DMI, and the arbitration of the DRAM's beats.
#include "systemc/platform/memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

namespace tetra {

using tlm::tlm_generic_payload;

Ram::Ram(sc_core::sc_module_name name, uint64_t bytes, sc_core::sc_time latency)
    : sc_module(name), socket("socket"), bytes_(bytes), latency_(latency) {
  void *p = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) SC_REPORT_FATAL("tetra", "no memory for a RAM of the platform");
  madvise(p, bytes, MADV_HUGEPAGE);  // only a wish: fewer pages to be made while the simulation runs
  data_ = static_cast<uint8_t *>(p);
  socket.register_b_transport(this, &Ram::Transport);
  socket.register_transport_dbg(this, &Ram::Debug);
  socket.register_get_direct_mem_ptr(this, &Ram::GetDmi);
}

Ram::~Ram() { munmap(data_, bytes_); }

uint8_t *Ram::At(uint64_t offset, uint64_t bytes) const {
  return bytes <= bytes_ && offset <= bytes_ - bytes ? data_ + offset : nullptr;
}

void Ram::AllowDmi(bool allow) {
  dmi_ = allow;
  if (!allow) socket->invalidate_direct_mem_ptr(0, bytes_ - 1);
}

namespace {

// Moves a transaction's bytes, as far as their enables allow.
void Move(tlm_generic_payload &trans, uint8_t *at) {
  uint8_t *data = trans.get_data_ptr();
  const uint8_t *enables = trans.get_byte_enable_ptr();
  const unsigned length = trans.get_data_length(), n_enables = trans.get_byte_enable_length();
  if (enables == nullptr) {
    if (trans.is_read()) std::memcpy(data, at, length);
    if (trans.is_write()) std::memcpy(at, data, length);
    return;
  }
  for (unsigned i = 0; i < length; i++) {
    if (enables[i % n_enables] != TLM_BYTE_ENABLED) continue;
    if (trans.is_read()) data[i] = at[i];
    if (trans.is_write()) at[i] = data[i];
  }
}

}  // namespace

void Ram::Transport(tlm_generic_payload &trans, sc_core::sc_time &delay) {
  uint8_t *at = At(trans.get_address(), trans.get_data_length());
  if (at == nullptr) return trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  if (trans.get_streaming_width() < trans.get_data_length())
    return trans.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
  Move(trans, at);
  delay += latency_;
  trans.set_dmi_allowed(dmi_);
  trans.set_response_status(tlm::TLM_OK_RESPONSE);
}

unsigned Ram::Debug(tlm_generic_payload &trans) {
  uint8_t *at = At(trans.get_address(), trans.get_data_length());
  if (at == nullptr) return 0;
  if (trans.is_read()) std::memcpy(trans.get_data_ptr(), at, trans.get_data_length());
  if (trans.is_write()) std::memcpy(at, trans.get_data_ptr(), trans.get_data_length());
  return trans.get_data_length();
}

bool Ram::GetDmi(tlm_generic_payload &, tlm::tlm_dmi &dmi) {
  dmi.init();
  dmi.set_start_address(0);
  dmi.set_end_address(bytes_ - 1);
  if (!dmi_) return false;
  dmi.set_dmi_ptr(data_);
  dmi.allow_read_write();
  dmi.set_read_latency(latency_);
  dmi.set_write_latency(latency_);
  return true;
}

// ---- DRAM ----

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
    return grant;
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
  if (!any) {
    for (auto &p : ports_) p->grant = {0, 0};
    return Rest(cycle);
  }
  Rest(cycle - 1);
  tetra_bucket_share(&bucket_, &turns_, static_cast<int32_t>(beat_), n, wants, grants);
  for (int i = 0; i < n; i++) {
    Port &p = *ports_[static_cast<size_t>(i)];
    p.grant = grants[i];
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
