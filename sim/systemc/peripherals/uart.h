// The UART: bytes to a file, to a text, or both. Always ready; sending takes no time.
#ifndef TETRA_SYSTEMC_PERIPHERALS_UART_H
#define TETRA_SYSTEMC_PERIPHERALS_UART_H

#include <cstdio>
#include <string>

#include "systemc/peripherals/peripheral.h"

namespace tetra {

class Uart : public Peripheral {
 public:
  /// `file` may be NULL; what was sent is in text() in any case.
  Uart(sc_core::sc_module_name name, std::FILE *file) : Peripheral(name), file_(file) {}
  const std::string &text() const { return text_; }

 private:
  bool Read(uint32_t offset, uint32_t *value) override;
  bool Write(uint32_t offset, uint32_t value) override;

  std::FILE *file_;
  std::string text_;
};

}  // namespace tetra

#endif
