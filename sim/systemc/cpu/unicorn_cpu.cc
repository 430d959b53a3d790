// Time, bus and interrupts of the instruction-set simulator.
#include "systemc/cpu/unicorn_cpu.h"

#include <exception>

#include "systemc/payload.h"
#include "systemc/platform/memory_map.h"

namespace tetra {

namespace {
constexpr size_t kStackBytes = 8 << 20;  // Unicorn translates on it
// What lies above memory: peripherals and accelerators.
constexpr uint64_t kRegisters = TETRA_VP_UART_BASE,
                   kRegistersEnd = TETRA_VP_TETRA_BASE + TETRA_VP_TETRA_MAX * TETRA_VP_PAGE;
}  // namespace

UnicornCpu::UnicornCpu(sc_core::sc_module_name name, const UnicornConfig &config)
    : Cpu(name),
      config_(config),
      iss_(config.program.isa, this),
      regions_{{TETRA_VP_LOCAL_BASE, TETRA_VP_LOCAL_SIZE},
               {TETRA_VP_DRAM_BASE, TETRA_VP_DRAM_SIZE},
               {kRegisters, kRegistersEnd - kRegisters}} {
  bus.register_invalidate_direct_mem_ptr(
      this, static_cast<void (Cpu::*)(sc_dt::uint64, sc_dt::uint64)>(&UnicornCpu::Invalidate));
  SC_THREAD(Main);
  set_stack_size(kStackBytes);
  SC_METHOD(Watch);
  sensitive << irq;
}

void UnicornCpu::LoadProgram() {
  for (Segment &s : config_.program.segments) {
    tlm::tlm_generic_payload trans;
    FillPayload(&trans, tlm::TLM_WRITE_COMMAND, s.addr, s.bytes.data(), static_cast<unsigned>(s.bytes.size()));
    if (bus->transport_dbg(trans) != s.bytes.size())
      throw IssError("the program does not fit into the platform's memory");
    s.bytes.clear();
  }
}

// Direct access to the whole region, where the memory grants it.
bool UnicornCpu::TryDirect(Region *region) {
  tlm::tlm_generic_payload trans;
  tlm::tlm_dmi dmi;
  FillPayload(&trans, tlm::TLM_READ_COMMAND, region->base, nullptr, 1);
  if (!bus->get_direct_mem_ptr(trans, dmi) || !dmi.is_read_write_allowed()) return false;
  if (dmi.get_start_address() > region->base || dmi.get_end_address() < region->base + region->size - 1) return false;
  iss_.MapMemory(region->base, region->size, dmi.get_dmi_ptr() + (region->base - dmi.get_start_address()));
  region->direct = true;
  return true;
}

UnicornCpu::Region *UnicornCpu::Find(uint64_t addr) {
  for (Region &r : regions_) {
    if (addr - r.base < r.size) return &r;
  }
  return nullptr;
}

void UnicornCpu::Invalidate(sc_dt::uint64 first, sc_dt::uint64 last) {
  for (Region &r : regions_) {
    if (r.direct && first < r.base + r.size && last >= r.base) r.remap = true;
  }
  iss_.Ask();
}

// Between two Runs: regions whose DMI was taken back, or is to be had again.
void UnicornCpu::Remap() {
  for (Region &r : regions_) {
    if (!r.remap) continue;
    iss_.Unmap(r.base, r.size);
    r.direct = r.remap = false;
    if (!TryDirect(&r)) iss_.MapBus(r.base, r.size);
  }
}

// The others get the time that this processor has run ahead of them.
void UnicornCpu::CatchUp() {
  const uint64_t ahead = iss_.done() - waited_for_;
  waited_for_ = iss_.done();
  sc_core::wait(static_cast<double>(ahead) * config_.period);
}

bool UnicornCpu::Access(tlm::tlm_command command, uint64_t addr, unsigned bytes, void *data) {
  CatchUp();
  tlm::tlm_generic_payload trans;
  FillPayload(&trans, command, addr, data, bytes);
  Transport(bus, &trans);
  // What an access has changed of the interrupt line is seen behind it: two deltas from a register to the line.
  sc_core::wait(sc_core::SC_ZERO_TIME);
  sc_core::wait(sc_core::SC_ZERO_TIME);
  Region *region = Find(addr);
  if (trans.is_dmi_allowed() && region != nullptr && !region->direct) region->remap = true;
  return trans.is_response_ok();
}

bool UnicornCpu::Load(uint64_t addr, unsigned bytes, uint64_t *value) {
  loads_++;
  *value = 0;
  if (fault && fault(false, addr)) return false;
  return Access(tlm::TLM_READ_COMMAND, addr, bytes, value);
}

bool UnicornCpu::Store(uint64_t addr, unsigned bytes, uint64_t value) {
  stores_++;
  if (fault && fault(true, addr)) return false;
  return Access(tlm::TLM_WRITE_COMMAND, addr, bytes, &value);
}

void UnicornCpu::Main() {
  try {
    LoadProgram();
    for (Region &r : regions_) {
      if (r.base == kRegisters || !TryDirect(&r)) iss_.MapBus(r.base, r.size);
    }
    iss_.Reset(config_.program.entry);
    for (;;) {
      uint64_t done = 0;
      waited_for_ = 0;
      Remap();
      const Iss::Stop stop = iss_.Run(config_.quantum, &done);
      instructions_ += done;
      CatchUp();
      if (stop == Iss::Stop::kWait && !irq.read()) sc_core::wait(irq.posedge_event());
      iss_.SetInterrupt(irq.read());
    }
  } catch (const std::exception &e) {
    failure_ = e.what();
    Exit(4);
  }
}

}  // namespace tetra
