/* Names of faults and counters, all from hw_fields.def but the faults that only the driver finds. */
#include "tetra/device.h"

const char *tetra_fault_name(uint32_t cause) {
  static const char *const texts[] = {
#define TETRA_FAULT(camel, upper, code, text) [TETRA_##upper] = (text),
#include "tetra/hw_fields.def"
  };
  if (cause == TETRA_FAULT_REGISTERS) return "registers contradict each other";
  if (cause == TETRA_FAULT_SILENT) return "no interrupt and no progress within the driver's timeout";
  return cause < sizeof texts / sizeof texts[0] ? texts[cause] : "unknown error";
}

const char *tetra_counter_name(uint32_t counter) {
  static const char *const keys[TETRA_CNT_NUM] = {
#define TETRA_COUNTER(camel, upper, number, key, text) [TETRA_##upper] = (key),
#include "tetra/hw_fields.def"
  };
  return counter < TETRA_CNT_NUM ? keys[counter] : NULL;
}

const char *tetra_counter_text(uint32_t counter) {
  static const char *const texts[TETRA_CNT_NUM] = {
#define TETRA_COUNTER(camel, upper, number, key, text) [TETRA_##upper] = (text),
#include "tetra/hw_fields.def"
  };
  return counter < TETRA_CNT_NUM ? texts[counter] : NULL;
}
