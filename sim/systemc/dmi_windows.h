// The memory that a target lets its initiator use directly, for one direction: windows that it has granted, and where
// it has refused to. Internal to the component.
#ifndef TETRA_SYSTEMC_DMI_WINDOWS_H
#define TETRA_SYSTEMC_DMI_WINDOWS_H

#include <tlm.h>

#include <cstdint>
#include <iterator>
#include <map>

namespace tetra {

class DmiWindows {
 public:
  /// Host pointer to bytes that lie in one window, else NULL.
  uint8_t *Find(uint64_t addr, uint64_t bytes) const {
    auto next = granted_.upper_bound(addr);
    if (next == granted_.begin()) return nullptr;
    const tlm::tlm_dmi &dmi = std::prev(next)->second;
    if (addr > dmi.get_end_address() || bytes - 1 > dmi.get_end_address() - addr) return nullptr;
    return dmi.get_dmi_ptr() + (addr - dmi.get_start_address());
  }
  /// Is it worth while to ask at this address? Not again where the target has refused and has made no offer since.
  bool MayAsk(uint64_t addr) const {
    auto next = refused_.upper_bound(addr);
    return next == refused_.begin() || std::prev(next)->second < addr;
  }
  /// The target's answer.
  void Answered(const tlm::tlm_dmi &dmi, bool granted) {
    if (granted) {
      Invalidate(dmi.get_start_address(), dmi.get_end_address());  // what overlaps is not known twice
      granted_[dmi.get_start_address()] = dmi;
    } else {
      refused_.erase(refused_.lower_bound(dmi.get_start_address()), refused_.upper_bound(dmi.get_end_address()));
      refused_[dmi.get_start_address()] = dmi.get_end_address();
    }
  }
  /// A transaction there came back with the hint that DMI is allowed.
  void Offered(uint64_t addr) {
    while (!MayAsk(addr)) refused_.erase(std::prev(refused_.upper_bound(addr)));
  }
  void Invalidate(uint64_t first, uint64_t last) {
    for (auto i = granted_.begin(); i != granted_.end();) {
      const bool gone = i->second.get_start_address() <= last && i->second.get_end_address() >= first;
      i = gone ? granted_.erase(i) : std::next(i);
    }
  }

 private:
  std::map<uint64_t, tlm::tlm_dmi> granted_;  // by their first addresses
  std::map<uint64_t, uint64_t> refused_;      // first and last addresses
};

}  // namespace tetra

#endif
