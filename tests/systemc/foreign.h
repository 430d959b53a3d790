// Initiators and memories that are not ours, as odd as TLM-2.0's base protocol lets them be, and an accelerator of each
// engine between them.
#ifndef TETRA_TESTS_SYSTEMC_FOREIGN_H
#define TETRA_TESTS_SYSTEMC_FOREIGN_H

#include <tlm_utils/peq_with_get.h>

#include <deque>
#include <random>

#include "platforms.h"

namespace tetra_test {

/// What every transaction must be as it arrives; "" where it is.
std::string WrongWith(const tlm::tlm_generic_payload &t);

/// How a memory answers. Times are random, up to so many nanoseconds.
struct Manners {
  unsigned annotate = 0;   // adds to the delay
  unsigned wait = 0;       // waits
  bool sync = false;       // first lets the initiator's delay pass, and hands back none
  uint64_t window = 0;     // DMI in windows of so many bytes; 0: refused
  bool read_only = false;  // the windows are
  unsigned forget = 0;     // every so many transactions takes DMI back
  tlm::tlm_response_status response = tlm::TLM_OK_RESPONSE;
  uint64_t bad = 0;  // of the transaction with this number from now on; 0: of none
};

/// Memory by b_transport.
class ForeignMemory : public sc_core::sc_module {
 public:
  static constexpr uint32_t kBase = 0x20000000;
  tlm_utils::simple_target_socket<ForeignMemory> socket{"socket"};
  uint64_t transactions = 0, asked = 0;
  std::string wrong;  // the first transaction that broke a rule

  explicit ForeignMemory(sc_core::sc_module_name name, bool blocking = true);
  uint8_t *At(uint64_t addr, uint64_t bytes);
  /// From now on so; DMI that was granted before is taken back.
  void Behave(const Manners &manners);

 protected:
  Manners manners_;
  /// What a transaction does to the bytes, and its response.
  void Serve(tlm::tlm_generic_payload &t);
  sc_core::sc_time Random(unsigned most) {
    return sc_core::sc_time(most == 0 ? 0 : static_cast<double>(random_() % most), sc_core::SC_NS);
  }
  std::mt19937 random_{1};

 private:
  void Transport(tlm::tlm_generic_payload &t, sc_core::sc_time &delay);
  bool Direct(tlm::tlm_generic_payload &t, tlm::tlm_dmi &dmi);
  std::vector<uint8_t> bytes_ = std::vector<uint8_t>(16 << 20);
};

/// The same memory by nb_transport only: four phases, two, or all at once, at random.
class PhasedMemory : public ForeignMemory {
 public:
  SC_HAS_PROCESS(PhasedMemory);
  explicit PhasedMemory(sc_core::sc_module_name name);

 private:
  tlm::tlm_sync_enum Forward(tlm::tlm_generic_payload &t, tlm::tlm_phase &phase, sc_core::sc_time &delay);
  void Answer();
  tlm_utils::peq_with_get<tlm::tlm_generic_payload> requests_{"requests"};
  bool accepted_ = false;
};

/// A processor that also has nb_transport.
class ForeignCpu : public tetra::NativeCpu {
 public:
  explicit ForeignCpu(sc_core::sc_module_name name);
  /// By the four phases, to the end. What was wrong with them, or "".
  std::string Phases(tlm::tlm_generic_payload *t);

 private:
  tlm::tlm_sync_enum Backward(tlm::tlm_generic_payload &t, tlm::tlm_phase &phase, sc_core::sc_time &delay);
  std::string seen_, wrong_;
  sc_core::sc_event response_;
};

/// An accelerator with its signals and a processor that is bound to it without a bus.
struct Foreign {
  std::unique_ptr<ForeignMemory> memory;
  ForeignCpu cpu;
  tetra::TetraTlm tetra;
  sc_core::sc_signal<bool> irq;
  sc_core::sc_signal<bool, sc_core::SC_UNCHECKED_WRITERS> rst_n;  // each test has a thread of its own for it
  struct Device : tetra::NativeDevice {
    ForeignMemory *memory;
  } device;

  Foreign(const std::string &name, TlmEngine engine, bool phased);
  tetra_hal Hal();
};

}  // namespace tetra_test

#endif
