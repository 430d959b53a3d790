// Unicorn runs blocks of translated instructions. What it does not do is done here, between two blocks: interrupts are
// taken (and, on Cortex-M, returned from), time is counted, and a wait for an interrupt is told from other ends.
#include "systemc/cpu/iss.h"

#include <unicorn/unicorn.h>

#include <cstdio>
#include <map>

namespace tetra {

namespace {

constexpr uint64_t kNever = ~uint64_t{1};  // an address that no program reaches, at which Unicorn would stop

// RISC-V: bits of mstatus; causes of interrupts have the top bit.
constexpr uint64_t kMie = 1 << 3, kMpie = 1 << 7, kMppMachine = 3 << 11, kInterrupt = uint64_t{1} << 63;
constexpr unsigned kExternal = 11, kLoadFault = 5, kStoreFault = 7;
// Cortex-M: exception numbers, and what LR holds in a handler that returns to the main stack.
constexpr uint32_t kBusFault = 5, kIrq0 = 16, kReturn = 0xfffffff9, kNvic = 0xe000e000;
constexpr uint32_t kUnicornExceptionExit = 8;  // QEMU's number for a branch to kReturn

}  // namespace

struct Iss::State {
  Isa isa;
  IssBus *bus;
  uc_engine *uc = nullptr;
  bool irq = false;    // the line
  bool error = false;  // a bus error waits to be taken
  bool error_is_store = false;
  uint64_t error_addr = 0;
  bool resumed = false;  // no block has begun in this uc_emu_start
  bool quantum_over = false, asked = false, must_take = false;
  uint64_t done = 0, limit = 0;
  uint32_t nvic_enabled = 0, active = 0;  // Cortex-M: interrupt 0 is enabled; a handler runs
  std::map<uint64_t, uint64_t> counts;    // instructions of the block at an address, and its bytes in the upper half
  std::string failure;

  struct Window {
    State *state;
    uint64_t base;
  };
  std::map<uint64_t, std::unique_ptr<Window>> windows;

  void Check(uc_err err, const char *what) const {
    if (err != UC_ERR_OK) throw IssError(std::string(what) + ": " + uc_strerror(err));
  }
  uint64_t Get(int reg) const {
    uint64_t v = 0;
    Check(uc_reg_read(uc, reg, &v), "reading a register");
    return v;
  }
  void Set(int reg, uint64_t v) const { Check(uc_reg_write(uc, reg, &v), "writing a register"); }
  int PcRegister() const {
    return isa == Isa::kRiscv64 ? static_cast<int>(UC_RISCV_REG_PC) : static_cast<int>(UC_ARM_REG_PC);
  }

  static void OnBlock(uc_engine *, uint64_t addr, uint32_t size, void *self);
  static void OnException(uc_engine *, uint32_t number, void *self);
  static uint64_t OnLoad(uc_engine *, uint64_t offset, unsigned size, void *window);
  static void OnStore(uc_engine *, uint64_t offset, unsigned size, uint64_t value, void *window);

  // Cortex-M's own interrupt controller, of which there is interrupt 0's enable.
  static uint64_t OnNvicLoad(uc_engine *, uint64_t offset, unsigned, void *self) {
    return offset == 0x100 ? static_cast<State *>(self)->nvic_enabled : 0;
  }
  static void OnNvicStore(uc_engine *, uint64_t offset, unsigned, uint64_t value, void *self) {
    if (offset == 0x100) static_cast<State *>(self)->nvic_enabled |= static_cast<uint32_t>(value) & 1;
  }

  uint64_t CountInstructions(uint64_t addr, uint32_t size);
  bool Pending() const;
  bool Selected() const;
  bool Enabled() const;
  void Take();
  void TakeRiscv();
  void TakeCortexM();
  void ReturnCortexM();
  bool Waits() const;
  void BusError(uint64_t addr, bool store) {
    if (error) return;  // the first one is told
    error = true;
    error_is_store = store;
    error_addr = addr;
  }
};

// ---- Callbacks of Unicorn ----

uint64_t Iss::State::CountInstructions(uint64_t addr, uint32_t size) {
  const uint64_t key = uint64_t{size} << 32;
  uint64_t &known = counts[addr];
  if ((known >> 32 << 32) == key && known != 0) return known & 0xffffffff;
  uint64_t n = 0;
  for (uint64_t at = addr; at < addr + size; n++) {
    uint16_t half = 0;
    if (uc_mem_read(uc, at, &half, sizeof half) != UC_ERR_OK) break;
    const bool is_long = isa == Isa::kRiscv64 ? (half & 3) == 3 : half >> 11 >= 0x1d;
    at += is_long ? 4 : 2;
  }
  known = key | n;
  return n;
}

void Iss::State::OnBlock(uc_engine *uc, uint64_t addr, uint32_t size, void *self) {
  auto *s = static_cast<State *>(self);
  const bool first = s->resumed;
  s->resumed = false;
  // The first block always runs: or a stop for a line that is not enabled would never get on.
  if (!first && (s->quantum_over || s->asked || s->Pending())) {
    s->must_take = true;
    uc_emu_stop(uc);
    return;
  }
  s->done += s->CountInstructions(addr, size);
  if (s->done >= s->limit) s->quantum_over = true;
}

// Called for what the processor cannot go on from, and for the return from a Cortex-M handler.
void Iss::State::OnException(uc_engine *uc, uint32_t number, void *self) {
  auto *s = static_cast<State *>(self);
  if (s->isa == Isa::kCortexM && number == kUnicornExceptionExit && s->active != 0) return s->ReturnCortexM();
  char text[80];
  std::snprintf(text, sizeof text, "exception %u near 0x%llx", number,
                static_cast<unsigned long long>(s->Get(s->PcRegister())));
  s->failure = text;
  uc_emu_stop(uc);
}

uint64_t Iss::State::OnLoad(uc_engine *, uint64_t offset, unsigned size, void *window) {
  const auto *w = static_cast<Window *>(window);
  State *s = w->state;
  uint64_t value = 0;
  if (!s->bus->Load(w->base + offset, size, &value)) {
    s->BusError(w->base + offset, false);
    value = 0;
  }
  return value;
}

void Iss::State::OnStore(uc_engine *, uint64_t offset, unsigned size, uint64_t value, void *window) {
  const auto *w = static_cast<Window *>(window);
  if (!w->state->bus->Store(w->base + offset, size, value)) w->state->BusError(w->base + offset, true);
}

// ---- Interrupts ----

bool Iss::State::Pending() const { return irq || error; }

// RISC-V: is one of the pending interrupts enabled for itself? Bus errors cannot be switched off but for all at once.
bool Iss::State::Selected() const { return error || (irq && Get(UC_RISCV_REG_MIE) >> kExternal & 1); }

// Would an interrupt that is pending be taken now?
bool Iss::State::Enabled() const {
  if (isa == Isa::kCortexM) {
    if (active != 0 || Get(UC_ARM_REG_PRIMASK) != 0) return false;
    return error || (irq && nvic_enabled != 0);
  }
  return (Get(UC_RISCV_REG_MSTATUS) & kMie) != 0 && Selected();
}

// Does the processor go on sleeping? It wakes also where interrupts are off.
bool Iss::State::Waits() const {
  if (isa == Isa::kCortexM) return !(error || (irq && nvic_enabled != 0));
  return !Selected();
}

void Iss::State::TakeRiscv() {
  const uint64_t status = Get(UC_RISCV_REG_MSTATUS);
  Set(UC_RISCV_REG_MEPC, Get(UC_RISCV_REG_PC));
  Set(UC_RISCV_REG_MCAUSE, !error ? kInterrupt | kExternal : error_is_store ? kStoreFault : kLoadFault);
  Set(UC_RISCV_REG_MTVAL, error ? error_addr : 0);
  Set(UC_RISCV_REG_MSTATUS, (status & ~(kMie | kMpie)) | kMpie | kMppMachine);
  Set(UC_RISCV_REG_PC, Get(UC_RISCV_REG_MTVEC) & ~uint64_t{3});
  error = false;
}

void Iss::State::TakeCortexM() {
  static const int kFrame[] = {UC_ARM_REG_R0,  UC_ARM_REG_R1, UC_ARM_REG_R2, UC_ARM_REG_R3,
                               UC_ARM_REG_R12, UC_ARM_REG_LR, UC_ARM_REG_PC, UC_ARM_REG_XPSR};
  const uint32_t number = error ? kBusFault : kIrq0;
  const auto sp = static_cast<uint32_t>(Get(UC_ARM_REG_SP)) - 32;
  for (uint32_t i = 0; i < 8; i++) {
    const auto v = static_cast<uint32_t>(Get(kFrame[i]));
    Check(uc_mem_write(uc, sp + 4 * i, &v, 4), "stacking");
  }
  uint32_t handler = 0;
  Check(uc_mem_read(uc, 4 * number, &handler, 4), "reading the vector table");
  Set(UC_ARM_REG_SP, sp);
  Set(UC_ARM_REG_LR, kReturn);
  active = number;
  error = false;
  Set(UC_ARM_REG_PC, handler | 1);
}

void Iss::State::ReturnCortexM() {
  static const int kFrame[] = {UC_ARM_REG_R0,  UC_ARM_REG_R1, UC_ARM_REG_R2,   UC_ARM_REG_R3,
                               UC_ARM_REG_R12, UC_ARM_REG_LR, UC_ARM_REG_XPSR, UC_ARM_REG_PC};
  static const uint32_t kWhere[] = {0, 1, 2, 3, 4, 5, 7, 6};
  const auto sp = static_cast<uint32_t>(Get(UC_ARM_REG_SP));
  for (uint32_t i = 0; i < 8; i++) {
    uint32_t v = 0;
    Check(uc_mem_read(uc, sp + 4 * kWhere[i], &v, 4), "unstacking");
    if (kFrame[i] == UC_ARM_REG_PC) {
      Set(UC_ARM_REG_SP, sp + 32);
      active = 0;
      v |= 1;
    }
    Set(kFrame[i], v);
  }
}

void Iss::State::Take() {
  if (isa == Isa::kRiscv64) return TakeRiscv();
  TakeCortexM();
}

// ---- Public ----

Iss::Iss(Isa isa, IssBus *bus) : state_(new State) {
  State &s = *state_;
  s.isa = isa;
  s.bus = bus;
  const bool riscv = isa == Isa::kRiscv64;
  const auto mode = riscv ? UC_MODE_RISCV64 : static_cast<uc_mode>(UC_MODE_THUMB | UC_MODE_MCLASS);
  s.Check(uc_open(riscv ? UC_ARCH_RISCV : UC_ARCH_ARM, mode, &s.uc), "opening Unicorn");
  if (!riscv) s.Check(uc_ctl_set_cpu_model(s.uc, UC_CPU_ARM_CORTEX_M4), "choosing a Cortex-M4");
  uc_hook hook = 0;
  // Unicorn takes functions as void pointers.
  s.Check(uc_hook_add(s.uc, &hook, UC_HOOK_BLOCK, reinterpret_cast<void *>(&State::OnBlock), &s, 1, 0), "a hook");
  s.Check(uc_hook_add(s.uc, &hook, UC_HOOK_INTR, reinterpret_cast<void *>(&State::OnException), &s, 1, 0), "a hook");
  if (riscv) return;
  s.Check(uc_mmio_map(s.uc, kNvic, 0x1000, &State::OnNvicLoad, &s, &State::OnNvicStore, &s), "mapping the NVIC");
}

Iss::~Iss() {
  if (state_->uc != nullptr) uc_close(state_->uc);
}

void Iss::MapMemory(uint64_t base, uint64_t size, void *host) {
  state_->Check(uc_mem_map_ptr(state_->uc, base, size, UC_PROT_ALL, host), "mapping memory");
}

void Iss::MapBus(uint64_t base, uint64_t size) {
  auto &window = state_->windows[base];
  window.reset(new State::Window{state_.get(), base});
  state_->Check(uc_mmio_map(state_->uc, base, size, &State::OnLoad, window.get(), &State::OnStore, window.get()),
                "mapping the bus");
}

void Iss::Unmap(uint64_t base, uint64_t size) {
  state_->Check(uc_mem_unmap(state_->uc, base, size), "unmapping memory");
}

void Iss::Reset(uint64_t entry) {
  State &s = *state_;
  s.error = false;
  s.active = 0;
  if (s.isa == Isa::kCortexM) {
    uint32_t vector[2] = {};
    s.Check(uc_mem_read(s.uc, 0, vector, sizeof vector), "reading the vector table");
    s.Set(UC_ARM_REG_SP, vector[0]);
    s.Set(UC_ARM_REG_PC, vector[1] | 1);
    (void)entry;
    return;
  }
  s.Set(UC_RISCV_REG_PC, entry);
}

void Iss::SetInterrupt(bool level) { state_->irq = level; }
void Iss::Ask() { state_->asked = true; }
uint64_t Iss::done() const { return state_->done; }
uint64_t Iss::pc() const { return state_->Get(state_->PcRegister()); }

Iss::Stop Iss::Run(uint64_t instructions, uint64_t *done) {
  State &s = *state_;
  s.done = 0;
  s.limit = instructions;
  s.quantum_over = s.asked = false;
  for (;;) {
    if (s.Pending() && s.Enabled()) s.Take();
    s.resumed = true;
    s.must_take = false;
    const uint64_t start = pc() | (s.isa == Isa::kCortexM ? 1 : 0);
    const uc_err err = uc_emu_start(s.uc, start, kNever, 0, 0);
    if (!s.failure.empty()) throw IssError(s.failure);
    if (err != UC_ERR_OK) {
      char text[120];
      std::snprintf(text, sizeof text, "%s at 0x%llx", uc_strerror(err), static_cast<unsigned long long>(pc()));
      throw IssError(text);
    }
    *done = s.done;
    if (s.asked) return Stop::kAsked;
    // Unicorn also comes back by itself: at an instruction that waits for an interrupt.
    if (!s.must_take && s.Waits()) return Stop::kWait;
    if (s.quantum_over) return Stop::kQuantum;
  }
}

}  // namespace tetra
