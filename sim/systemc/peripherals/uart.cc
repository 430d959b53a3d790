// Sends at once.
#include "systemc/peripherals/uart.h"

#include "systemc/peripherals/registers.h"

namespace tetra {

bool Uart::Read(uint32_t offset, uint32_t *value) {
  if (offset != UART_DATA && offset != UART_STATUS) return false;
  *value = offset == UART_STATUS ? 1 : 0;
  return true;
}

bool Uart::Write(uint32_t offset, uint32_t value) {
  if (offset == UART_STATUS) return true;
  if (offset != UART_DATA) return false;
  const char c = static_cast<char>(value & 0xff);
  text_.push_back(c);
  if (file_ != nullptr) std::fputc(c, file_);
  if (file_ != nullptr && c == '\n') std::fflush(file_);
  return true;
}

}  // namespace tetra
