// Sockets and pins of the component: transactions to register accesses, bursts to transactions.
#include "systemc/tetra_tlm.h"

#include <cstring>
#include <stdexcept>

#include "systemc/dmi_windows.h"
#include "systemc/engine.h"
#include "systemc/payload.h"

namespace tetra {

using sc_core::sc_time;
using tlm::tlm_generic_payload;

namespace {

constexpr uint64_t kRegisterBytes = 0x1000;

std::unique_ptr<Engine> MakeEngine(EngineHost *host) {
  switch (host->config().engine) {
    case TlmEngine::kRtl:
      return MakeRtlEngine(host);
    case TlmEngine::kAt:
      return MakeAtEngine(host);
    case TlmEngine::kLt:
      return MakeLtEngine(host);
  }
  throw std::runtime_error("no such engine; TlmEngine::kRtl, kAt and kLt are accepted");
}

}  // namespace

class TetraTlm::Host : public EngineHost {
 public:
  explicit Host(TetraTlm *tlm) : tlm_(tlm) {}

  const TlmConfig &config() const override { return tlm_->config_; }
  MemoryPort *port() const override { return port_; }
  void Irq(bool level) override {
    if (level == level_) return;
    level_ = level;
    changed.notify();
  }
  // One process drives the signal, whoever changes the line.
  void Drive() { tlm_->irq.write(level_); }

  tlm::tlm_response_status Burst(BurstKind::Kind kind, uint32_t addr, uint8_t *data, uint32_t bytes, uint8_t *enables,
                                 sc_time *delay) override {
    tlm_generic_payload trans;
    const bool write = kind == BurstKind::kWrite;
    FillPayload(&trans, write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, addr, data, bytes, enables);
    kind_.kind = kind;
    const Extended<BurstKind> extended(&trans, &kind_);
    tlm_->dram->b_transport(trans, *delay);
    if (trans.is_dmi_allowed()) dmi_[write].Offered(addr);
    return trans.get_response_status();
  }

  uint8_t *Direct(uint32_t addr, uint32_t bytes, bool write) override {
    DmiWindows &windows = dmi_[write];
    if (uint8_t *p = windows.Find(addr, bytes)) return p;
    if (!windows.MayAsk(addr)) return nullptr;
    tlm_generic_payload trans;
    tlm::tlm_dmi dmi;
    FillPayload(&trans, write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, addr, nullptr, bytes);
    const bool granted = tlm_->dram->get_direct_mem_ptr(trans, dmi);
    windows.Answered(dmi, granted && (write ? dmi.is_write_allowed() : dmi.is_read_allowed()));
    return windows.Find(addr, bytes);
  }
  void Invalidate(uint64_t first, uint64_t last) {
    for (DmiWindows &windows : dmi_) windows.Invalidate(first, last);
  }

  // The memory's arbitration, if it has one that runs by our clock.
  void FindPort() {
    MemoryPortRequest request;
    request.beat = config().caps.n;
    tlm_generic_payload trans;
    FillPayload(&trans, tlm::TLM_IGNORE_COMMAND, config().memory, nullptr, 0);
    const Extended<MemoryPortRequest> extended(&trans, &request);
    tlm_->dram->transport_dbg(trans);
    if (request.port != nullptr && request.port->period() == config().period) port_ = request.port;
  }

  std::unique_ptr<Engine> engine;
  sc_core::sc_event changed;  // the interrupt line

 private:
  TetraTlm *tlm_;
  MemoryPort *port_ = nullptr;
  bool level_ = false;
  BurstKind kind_;
  DmiWindows dmi_[2];  // of reads, of writes
};

TetraTlm::TetraTlm(sc_core::sc_module_name name, const TlmConfig &config)
    : sc_module(name),
      regs("regs"),
      dram("dram"),
      irq("irq"),
      rst_n("rst_n"),
      config_(config),
      host_(std::make_unique<Host>(this)) {
  host_->engine = MakeEngine(host_.get());
  regs.register_b_transport(this, &TetraTlm::Access);
  regs.register_transport_dbg(this, &TetraTlm::Debug);
  dram.register_invalidate_direct_mem_ptr(this, &TetraTlm::InvalidateDmi);
  // Memory that waits does so on the engine's stack, and a Verilated model needs room.
  sc_core::sc_spawn_options options;
  options.set_stack_size(1 << 20);
  sc_core::sc_spawn([this] { host_->engine->Run(); }, "engine", &options);
  sc_core::sc_spawn_options pin;
  pin.spawn_method();
  pin.set_sensitivity(&rst_n);
  sc_core::sc_spawn([this] { Reset(); }, "reset", &pin);
  sc_core::sc_spawn_options line;
  line.spawn_method();
  line.set_sensitivity(&host_->changed);
  sc_core::sc_spawn([this] { host_->Drive(); }, "line", &line);
}

TetraTlm::~TetraTlm() = default;

void TetraTlm::start_of_simulation() { host_->FindPort(); }

void TetraTlm::Reset() { host_->engine->Reset(!rst_n.read()); }

void TetraTlm::InvalidateDmi(sc_dt::uint64 first, sc_dt::uint64 last) { host_->Invalidate(first, last); }

void TetraTlm::Access(tlm_generic_payload &trans, sc_time &delay) {
  const uint64_t addr = trans.get_address();
  if (addr >= kRegisterBytes || addr % 4 != 0) return trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  if (trans.get_data_length() != 4 || trans.get_streaming_width() < 4)
    return trans.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
  uint32_t strobes = 15, value = 0;
  if (const uint8_t *enables = trans.get_byte_enable_ptr()) {
    // The bus has byte enables for writes only.
    if (!trans.is_write() || trans.get_byte_enable_length() == 0)
      return trans.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    strobes = 0;
    for (unsigned i = 0; i < 4; i++)
      strobes |= (enables[i % trans.get_byte_enable_length()] == TLM_BYTE_ENABLED ? 1u : 0u) << i;
  }
  if (trans.get_command() == tlm::TLM_IGNORE_COMMAND) return trans.set_response_status(tlm::TLM_OK_RESPONSE);
  if (trans.is_write()) std::memcpy(&value, trans.get_data_ptr(), 4);
  const bool good = host_->engine->Access(trans.is_write(), static_cast<uint32_t>(addr), &value, strobes, &delay);
  if (good && trans.is_read()) std::memcpy(trans.get_data_ptr(), &value, 4);
  trans.set_response_status(good ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

unsigned TetraTlm::Debug(tlm_generic_payload &trans) {
  const uint64_t addr = trans.get_address();
  uint32_t value = 0;
  if (!trans.is_read() || addr >= kRegisterBytes || addr % 4 != 0 || trans.get_data_length() < 4) return 0;
  if (!host_->engine->Peek(static_cast<uint32_t>(addr), &value)) return 0;
  std::memcpy(trans.get_data_ptr(), &value, 4);
  return 4;
}

}  // namespace tetra
