/* Names of faults and counters. */
#include "tetra/device.h"

const char *tetra_fault_name(uint32_t cause) {
  switch (cause) {
    case TETRA_ERR_NONE:
      return "no error";
    case TETRA_ERR_ILLEGAL_OP:
      return "unknown operation";
    case TETRA_ERR_ILLEGAL_FIELD:
      return "a count is zero or a field is out of range";
    case TETRA_ERR_MISALIGNED:
      return "an address or stride is not a multiple of N bytes";
    case TETRA_ERR_RANGE:
      return "a transfer leaves MEM_BASE..MEM_LIMIT";
    case TETRA_ERR_AXI_READ:
      return "AXI error response to a data read";
    case TETRA_ERR_AXI_WRITE:
      return "AXI error response to a write";
    case TETRA_ERR_AXI_FETCH:
      return "AXI error response to a command fetch";
    case TETRA_ERR_TIMEOUT:
      return "no progress for WATCHDOG cycles";
    case TETRA_FAULT_REGISTERS:
      return "registers contradict each other";
    case TETRA_FAULT_SILENT:
      return "no interrupt and no progress within the driver's timeout";
    default:
      return "unknown error";
  }
}

const char *tetra_counter_name(uint32_t counter) {
  static const char *const names[TETRA_CNT_NUM] = {
      [TETRA_CNT_CYCLES] = "cycles",
      [TETRA_CNT_BUSY] = "busy",
      [TETRA_CNT_FILL] = "fill",
      [TETRA_CNT_MODE] = "mode",
      [TETRA_CNT_WAIT_LOAD] = "wait_load",
      [TETRA_CNT_WAIT_DEP] = "wait_dep",
      [TETRA_CNT_WAIT_DRAIN] = "wait_drain",
      [TETRA_CNT_WAIT_CMD] = "wait_cmd",
      [TETRA_CNT_TAIL] = "tail",
      [TETRA_CNT_LOAD_BUSY] = "load_busy",
      [TETRA_CNT_LOAD_WAIT] = "load_wait",
      [TETRA_CNT_DRAIN_BUSY] = "drain_busy",
      [TETRA_CNT_DRAIN_STALL] = "drain_stall",
      [TETRA_CNT_READ_BYTES] = "read_bytes",
      [TETRA_CNT_FETCH_BYTES] = "fetch_bytes",
      [TETRA_CNT_WRITE_BYTES] = "write_bytes",
      [TETRA_CNT_SAT0] = "sat0",
      [TETRA_CNT_SAT1] = "sat1",
  };
  return counter < TETRA_CNT_NUM ? names[counter] : NULL;
}
