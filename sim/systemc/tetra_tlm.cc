// Registers, memory and clock between TLM sockets and the RTL's pins.
#include "systemc/tetra_tlm.h"

#include <cstring>
#include <utility>

using sc_core::sc_time;
using tlm::tlm_generic_payload;

namespace {

// A beat's bytes from and to what its signal carries.
template <class Integer>
void Load(const uint8_t *bytes, Integer *data) {
  std::memcpy(data, bytes, sizeof *data);
}

template <class Integer>
void Store(const Integer &data, uint8_t *bytes) {
  std::memcpy(bytes, &data, sizeof data);
}

template <int Bits>
void Load(const uint8_t *bytes, sc_dt::sc_bv<Bits> *data) {
  for (int i = 0; i < Bits / 32; i++) {
    uint32_t word;
    std::memcpy(&word, bytes + 4 * i, 4);
    data->set_word(i, word);
  }
}

template <int Bits>
void Store(const sc_dt::sc_bv<Bits> &data, uint8_t *bytes) {
  for (int i = 0; i < Bits / 32; i++) {
    const auto word = static_cast<uint32_t>(data.get_word(i));
    std::memcpy(bytes + 4 * i, &word, 4);
  }
}

}  // namespace

TetraTlm::TetraTlm(sc_core::sc_module_name name, sc_time period)
    : sc_module(name),
      regs("regs"),
      dram("dram"),
      irq("irq"),
      period_(period),
      clk_("clk", period),
      top_(new TETRA_TLM_TOP("top")) {
  top_->clk_i(clk_);
  top_->rst_ni(rst_n_);
  top_->irq_o(irq);
  BindRegisters();
  BindMemory();
  regs.register_b_transport(this, &TetraTlm::Access);
  sc_core::sc_spawn([this] { Reset(); }, "reset");
  sc_core::sc_spawn([this] { Serve(); }, "serve");
}

TetraTlm::~TetraTlm() { top_->final(); }

void TetraTlm::BindRegisters() {
  top_->s_axil_awaddr_i(s_awaddr_);
  top_->s_axil_awvalid_i(s_awvalid_);
  top_->s_axil_awready_o(s_awready_);
  top_->s_axil_wdata_i(s_wdata_);
  top_->s_axil_wstrb_i(s_wstrb_);
  top_->s_axil_wvalid_i(s_wvalid_);
  top_->s_axil_wready_o(s_wready_);
  top_->s_axil_bresp_o(s_bresp_);
  top_->s_axil_bvalid_o(s_bvalid_);
  top_->s_axil_bready_i(s_bready_);
  top_->s_axil_araddr_i(s_araddr_);
  top_->s_axil_arvalid_i(s_arvalid_);
  top_->s_axil_arready_o(s_arready_);
  top_->s_axil_rdata_o(s_rdata_);
  top_->s_axil_rresp_o(s_rresp_);
  top_->s_axil_rvalid_o(s_rvalid_);
  top_->s_axil_rready_i(s_rready_);
}

void TetraTlm::BindMemory() {
  top_->m_axi_arid_o(arid_);
  top_->m_axi_araddr_o(araddr_);
  top_->m_axi_arlen_o(arlen_);
  top_->m_axi_arsize_o(arsize_);
  top_->m_axi_arburst_o(arburst_);
  top_->m_axi_arvalid_o(arvalid_);
  top_->m_axi_arready_i(arready_);
  top_->m_axi_rid_i(rid_);
  top_->m_axi_rdata_i(rdata_);
  top_->m_axi_rresp_i(rresp_);
  top_->m_axi_rlast_i(rlast_);
  top_->m_axi_rvalid_i(rvalid_);
  top_->m_axi_rready_o(rready_);
  top_->m_axi_awid_o(awid_);
  top_->m_axi_awaddr_o(awaddr_);
  top_->m_axi_awlen_o(awlen_);
  top_->m_axi_awsize_o(awsize_);
  top_->m_axi_awburst_o(awburst_);
  top_->m_axi_awvalid_o(awvalid_);
  top_->m_axi_awready_i(awready_);
  top_->m_axi_wdata_o(wdata_);
  top_->m_axi_wstrb_o(wstrb_);
  top_->m_axi_wlast_o(wlast_);
  top_->m_axi_wvalid_o(wvalid_);
  top_->m_axi_wready_i(wready_);
  top_->m_axi_bid_i(bid_);
  top_->m_axi_bresp_i(bresp_);
  top_->m_axi_bvalid_i(bvalid_);
  top_->m_axi_bready_o(bready_);
}

void TetraTlm::Reset() {
  rst_n_ = false;
  wait(4 * period_);
  rst_n_ = true;
}

// ---- Registers: a TLM transaction becomes an AXI4-Lite access ----

void TetraTlm::Access(tlm_generic_payload &trans, sc_time &delay) {
  const uint64_t addr = trans.get_address();
  if (addr >= 0x1000 || addr % 4 != 0) return trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  if (trans.get_data_length() != 4 || trans.get_streaming_width() < 4) {
    return trans.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
  }
  if (trans.get_byte_enable_ptr() != nullptr) return trans.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
  wait(delay);
  delay = sc_core::SC_ZERO_TIME;
  while (!rst_n_.read()) Tick();
  uint32_t value = 0, resp = 0;
  if (trans.is_write()) {
    std::memcpy(&value, trans.get_data_ptr(), 4);
    WriteRegister(static_cast<uint32_t>(addr), value);
    resp = s_bresp_.read();
  } else if (trans.is_read()) {
    value = ReadRegister(static_cast<uint32_t>(addr));
    resp = s_rresp_.read();
    std::memcpy(trans.get_data_ptr(), &value, 4);
  }
  trans.set_response_status(resp == 0 ? tlm::TLM_OK_RESPONSE : tlm::TLM_GENERIC_ERROR_RESPONSE);
}

// A process that wakes at the clock's edge still sees the values from before it, as a flip-flop does.
void TetraTlm::WriteRegister(uint32_t addr, uint32_t value) {
  s_awaddr_ = addr;
  s_wdata_ = value;
  s_wstrb_ = 15;
  s_awvalid_ = true;
  s_wvalid_ = true;
  s_bready_ = true;
  for (bool addr_taken = false, data_taken = false; !addr_taken || !data_taken;) {
    Tick();
    addr_taken = addr_taken || s_awready_.read();
    data_taken = data_taken || s_wready_.read();
    s_awvalid_ = !addr_taken;
    s_wvalid_ = !data_taken;
  }
  do {
    Tick();
  } while (!s_bvalid_.read());
  s_bready_ = false;
}

uint32_t TetraTlm::ReadRegister(uint32_t addr) {
  s_araddr_ = addr;
  s_arvalid_ = true;
  s_rready_ = true;
  do {
    Tick();
  } while (!s_arready_.read());
  s_arvalid_ = false;
  do {
    Tick();
  } while (!s_rvalid_.read());
  s_rready_ = false;
  return s_rdata_.read();
}

// ---- Memory: an AXI4 burst becomes a TLM transaction ----

void TetraTlm::Serve() {
  for (;;) {
    Tick();
    cycle_++;
    if (rvalid_.read() && rready_.read() && (reads_.front().done += kBeat) == reads_.front().data.size()) {
      reads_.pop_front();
    }
    if (bvalid_.read() && bready_.read()) responses_.pop_front();
    if (wvalid_.read() && wready_.read()) TakeWrite();
    if (arvalid_.read() && arready_.read()) TakeRead();
    if (awvalid_.read() && awready_.read()) {
      writes_.push_back({awaddr_.read(), awid_.read(), 0, std::vector<uint8_t>((awlen_.read() + 1) * kBeat), 0, 0});
    }
    Offer();
  }
}

void TetraTlm::TakeRead() {
  Burst burst = {araddr_.read(), arid_.read(), 0, std::vector<uint8_t>((arlen_.read() + 1) * kBeat), 0, 0};
  Transport(tlm::TLM_READ_COMMAND, &burst);
  reads_.push_back(std::move(burst));
}

void TetraTlm::TakeWrite() {
  Burst &burst = writes_.front();
  sc_assert(wstrb_.read() == static_cast<Strobes>(~uint64_t{0} >> (64 - kBeat)));  // the engine writes whole beats
  Store(wdata_.read(), burst.data.data() + burst.done);
  burst.done += kBeat;
  sc_assert(wlast_.read() == (burst.done == burst.data.size()));
  if (burst.done < burst.data.size()) return;
  Transport(tlm::TLM_WRITE_COMMAND, &burst);
  responses_.push_back(std::move(burst));
  writes_.pop_front();
}

void TetraTlm::Transport(tlm::tlm_command command, Burst *burst) {
  tlm_generic_payload trans;
  sc_time delay = sc_core::SC_ZERO_TIME;
  trans.set_command(command);
  trans.set_address(burst->addr);
  trans.set_data_ptr(burst->data.data());
  trans.set_data_length(static_cast<unsigned>(burst->data.size()));
  trans.set_streaming_width(static_cast<unsigned>(burst->data.size()));
  trans.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  dram->b_transport(trans, delay);
  burst->resp = trans.is_response_ok() ? 0 : trans.get_response_status() == tlm::TLM_ADDRESS_ERROR_RESPONSE ? 3 : 2;
  burst->due = cycle_ + static_cast<uint64_t>(delay / period_);
}

void TetraTlm::Offer() {
  arready_ = reads_.size() < kQueue;
  awready_ = writes_.size() < kQueue;
  wready_ = !writes_.empty() && responses_.size() < kQueue;
  const bool read = !reads_.empty() && reads_.front().due <= cycle_;
  rvalid_ = read;
  if (read) {
    const Burst &burst = reads_.front();
    Data data;
    Load(burst.data.data() + burst.done, &data);
    rdata_ = data;
    rid_ = burst.id;
    rresp_ = burst.resp;
    rlast_ = burst.done + kBeat == burst.data.size();
  }
  const bool response = !responses_.empty() && responses_.front().due <= cycle_;
  bvalid_ = response;
  if (response) {
    bid_ = responses_.front().id;
    bresp_ = responses_.front().resp;
  }
}
