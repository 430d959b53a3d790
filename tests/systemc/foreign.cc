// Memories and a processor of somebody else's.
#include "foreign.h"

#include "systemc/payload.h"

namespace tetra_test {

using tlm::tlm_generic_payload;

std::string WrongWith(const tlm_generic_payload &t) {
  if (t.is_dmi_allowed()) return "the DMI hint is set";
  if (t.get_response_status() != tlm::TLM_INCOMPLETE_RESPONSE) return "there is a response";
  if (t.get_data_ptr() == nullptr || t.get_data_length() == 0) return "no data";
  if (t.get_streaming_width() < t.get_data_length()) return "streaming";
  if ((t.get_byte_enable_ptr() != nullptr) != (t.get_byte_enable_length() != 0)) return "byte enables";
  if (t.get_command() != tlm::TLM_READ_COMMAND && t.get_command() != tlm::TLM_WRITE_COMMAND) return "command";
  const uint64_t last = t.get_address() + t.get_data_length() - 1;
  if (t.get_address() % kArray != 0 || t.get_data_length() % kArray != 0) return "half a beat";
  if (t.get_data_length() > 64 * kArray || t.get_address() / 4096 != last / 4096) return "too long, or over a page";
  return "";
}

ForeignMemory::ForeignMemory(sc_core::sc_module_name name, bool blocking) : sc_module(name) {
  if (blocking) socket.register_b_transport(this, &ForeignMemory::Transport);
  socket.register_get_direct_mem_ptr(this, &ForeignMemory::Direct);
}

uint8_t *ForeignMemory::At(uint64_t addr, uint64_t bytes) {
  return addr >= kBase && addr - kBase <= bytes_.size() - bytes ? &bytes_[addr - kBase] : nullptr;
}

void ForeignMemory::Behave(const Manners &m) {
  manners_ = m;
  transactions = asked = 0;
  socket->invalidate_direct_mem_ptr(0, UINT64_MAX);
}

void ForeignMemory::Serve(tlm_generic_payload &t) {
  const std::string what = WrongWith(t);
  if (wrong.empty()) wrong = what;
  transactions++;
  uint8_t *at = At(t.get_address(), t.get_data_length());
  if (at == nullptr) return t.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  if (manners_.bad != 0 && --manners_.bad == 0) return t.set_response_status(manners_.response);
  for (unsigned i = 0; i < t.get_data_length(); i++) {
    const uint8_t *enables = t.get_byte_enable_ptr();
    if (enables != nullptr && enables[i % t.get_byte_enable_length()] != TLM_BYTE_ENABLED) continue;
    (t.is_read() ? t.get_data_ptr() : at)[i] = (t.is_read() ? at : t.get_data_ptr())[i];
  }
  t.set_dmi_allowed(manners_.window != 0 && random_() % 2 == 0);
  t.set_address(t.get_address() ^ 0xfff);  // as an interconnect may
  t.set_response_status(tlm::TLM_OK_RESPONSE);
}

void ForeignMemory::Transport(tlm_generic_payload &t, sc_core::sc_time &delay) {
  if (manners_.sync) {
    sc_core::wait(delay);
    delay = sc_core::SC_ZERO_TIME;
  }
  if (manners_.wait != 0) sc_core::wait(Random(manners_.wait));
  Serve(t);
  delay += Random(manners_.annotate);
  if (manners_.forget != 0 && transactions % manners_.forget == 0)
    socket->invalidate_direct_mem_ptr(kBase + random_() % bytes_.size(), kBase + bytes_.size());
}

bool ForeignMemory::Direct(tlm_generic_payload &t, tlm::tlm_dmi &dmi) {
  asked++;
  dmi.init();
  const uint64_t addr = t.get_address();
  if (manners_.window == 0 || At(addr, 1) == nullptr) return false;
  const uint64_t first = addr / manners_.window * manners_.window;
  dmi.set_start_address(first);
  dmi.set_end_address(first + manners_.window - 1);
  dmi.set_dmi_ptr(At(first, manners_.window));
  if (manners_.read_only) {
    dmi.allow_read();
  } else {
    dmi.allow_read_write();
  }
  return true;
}

PhasedMemory::PhasedMemory(sc_core::sc_module_name name) : ForeignMemory(name, false) {
  socket.register_nb_transport_fw(
      static_cast<ForeignMemory *>(this),
      static_cast<tlm::tlm_sync_enum (ForeignMemory::*)(tlm_generic_payload &, tlm::tlm_phase &, sc_core::sc_time &)>(
          &PhasedMemory::Forward));
  SC_THREAD(Answer);
}

tlm::tlm_sync_enum PhasedMemory::Forward(tlm_generic_payload &t, tlm::tlm_phase &phase, sc_core::sc_time &delay) {
  if (phase == tlm::END_RESP) return tlm::TLM_COMPLETED;
  if (phase != tlm::BEGIN_REQ) wrong = "a phase that is the target's";
  if (!t.has_mm()) wrong = "no memory manager";
  switch (random_() % 4) {
    case 0:  // at once
      Serve(t);
      delay += Random(manners_.annotate);
      return tlm::TLM_COMPLETED;
    case 1:  // two phases
      Serve(t);
      delay += Random(manners_.annotate);
      phase = tlm::BEGIN_RESP;
      return tlm::TLM_UPDATED;
    case 2:
      t.acquire();
      requests_.notify(t, delay + Random(manners_.annotate));
      phase = tlm::END_REQ;
      return tlm::TLM_UPDATED;
    default:
      accepted_ = true;
      t.acquire();
      requests_.notify(t, delay + Random(manners_.annotate));
      return tlm::TLM_ACCEPTED;
  }
}

void PhasedMemory::Answer() {
  for (;;) {
    sc_core::wait(requests_.get_event());
    while (tlm_generic_payload *t = requests_.get_next_transaction()) {
      sc_core::sc_time delay = Random(manners_.annotate);
      tlm::tlm_phase phase = tlm::END_REQ;
      if (accepted_) socket->nb_transport_bw(*t, phase, delay);
      accepted_ = false;
      sc_core::wait(Random(manners_.annotate) + delay);
      Serve(*t);
      phase = tlm::BEGIN_RESP;
      delay = Random(manners_.annotate);
      socket->nb_transport_bw(*t, phase, delay);
      t->release();
    }
  }
}

ForeignCpu::ForeignCpu(sc_core::sc_module_name name) : NativeCpu(name, nullptr, 0, nullptr) {
  bus.register_nb_transport_bw(
      this, static_cast<tlm::tlm_sync_enum (Cpu::*)(tlm_generic_payload &, tlm::tlm_phase &, sc_core::sc_time &)>(
                &ForeignCpu::Backward));
}

tlm::tlm_sync_enum ForeignCpu::Backward(tlm_generic_payload &, tlm::tlm_phase &phase, sc_core::sc_time &delay) {
  seen_ += phase == tlm::END_REQ ? 'q' : phase == tlm::BEGIN_RESP ? 'r' : '?';
  if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
  response_.notify(delay);
  phase = tlm::END_RESP;
  return tlm::TLM_COMPLETED;
}

std::string ForeignCpu::Phases(tlm_generic_payload *t) {
  sc_core::sc_time delay(3, sc_core::SC_NS);
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  seen_.clear();
  const tlm::tlm_sync_enum answer = bus->nb_transport_fw(*t, phase, delay);
  if (answer == tlm::TLM_COMPLETED) {
    sc_core::wait(delay);
    return seen_.empty() ? "" : "phases behind the end";
  }
  if (answer == tlm::TLM_UPDATED) seen_ = phase == tlm::END_REQ ? "q" : phase == tlm::BEGIN_RESP ? "qr" : "?";
  if (seen_.find('r') == std::string::npos) sc_core::wait(sc_core::sc_time(1, sc_core::SC_MS), response_);
  return seen_ == "qr" || seen_ == "r" ? "" : "phases '" + seen_ + "'";
}

Foreign::Foreign(const std::string &name, TlmEngine engine, bool phased)
    : cpu((name + "_cpu").c_str()),
      tetra((name + "_tetra").c_str(), System::Config(engine, 1).tetra),
      irq((name + "_irq").c_str()),
      rst_n((name + "_rst_n").c_str(), true) {
  const std::string memory_name = name + "_memory";
  if (phased) {
    memory = std::make_unique<PhasedMemory>(memory_name.c_str());
  } else {
    memory = std::make_unique<ForeignMemory>(memory_name.c_str());
  }
  cpu.bus.bind(tetra.regs);
  cpu.irq.bind(irq);
  tetra.dram.bind(memory->socket);
  tetra.irq(irq);
  tetra.rst_n(rst_n);
  static_cast<tetra::NativeDevice &>(device) = {&cpu, 0, &irq, false};
  device.memory = memory.get();
}

tetra_hal Foreign::Hal() {
  tetra_hal hal = tetra::NativeCpu::Hal(&device);
  hal.map = [](void *ctx, uint32_t addr, size_t bytes) -> void * {
    return static_cast<Device *>(static_cast<tetra::NativeDevice *>(ctx))->memory->At(addr, bytes);
  };
  return hal;
}

}  // namespace tetra_test
