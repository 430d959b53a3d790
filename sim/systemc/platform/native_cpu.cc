// The driver's HAL over bus transactions and an interrupt signal.
#include "systemc/platform/native_cpu.h"

#include <utility>

#include "systemc/payload.h"

namespace tetra {

namespace {

NativeDevice *Self(void *ctx) { return static_cast<NativeDevice *>(ctx); }

uint32_t RegRead(void *ctx, uint32_t offset) {
  uint32_t value = 0;
  NativeDevice *d = Self(ctx);
  const auto status = d->cpu->Access(tlm::TLM_READ_COMMAND, d->base + offset, &value, 4);
  d->bus_error = d->bus_error || status != tlm::TLM_OK_RESPONSE;
  return value;
}

void RegWrite(void *ctx, uint32_t offset, uint32_t value) {
  NativeDevice *d = Self(ctx);
  const auto status = d->cpu->Access(tlm::TLM_WRITE_COMMAND, d->base + offset, &value, 4);
  d->bus_error = d->bus_error || status != tlm::TLM_OK_RESPONSE;
}

void *Map(void *ctx, uint32_t addr, size_t bytes) { return Self(ctx)->cpu->Map(addr, bytes); }

// Host and accelerator see the same bytes at once.
void Sync(void *, uint32_t, size_t, int) {}

int WaitIrq(void *ctx, uint32_t timeout_us) {
  const NativeDevice *d = Self(ctx);
  if (!d->irq->read()) sc_core::wait(sc_core::sc_time(timeout_us, sc_core::SC_US), d->irq->posedge_event());
  return d->irq->read() ? 0 : 1;
}

}  // namespace

NativeCpu::NativeCpu(sc_core::sc_module_name name, const Dram *dram, uint64_t dram_base, std::function<int()> program)
    : Cpu(name), dram_(dram), dram_base_(dram_base) {
  if (!program) return;
  sc_core::sc_spawn_options options;
  options.set_stack_size(8 << 20);
  sc_core::sc_spawn([this, program = std::move(program)] { Exit(program()); }, "program", &options);
}

void NativeCpu::Spawn(std::function<void()> thread) {
  sc_core::sc_spawn_options options;
  options.set_stack_size(1 << 20);
  sc_core::sc_spawn(std::move(thread), sc_core::sc_gen_unique_name("thread"), &options);
}

tetra_hal NativeCpu::Hal(NativeDevice *device) { return {device, RegRead, RegWrite, tetra::Map, Sync, WaitIrq}; }

tlm::tlm_response_status NativeCpu::Access(tlm::tlm_command command, uint64_t addr, void *data, unsigned bytes) {
  tlm::tlm_generic_payload trans;
  FillPayload(&trans, command, addr, data, bytes);
  Transport(bus, &trans);
  return trans.get_response_status();
}

uint8_t *NativeCpu::Map(uint64_t addr, uint64_t bytes) const {
  return addr < dram_base_ ? nullptr : dram_->At(addr - dram_base_, bytes);
}

}  // namespace tetra
