/* Counts what a plan's commands do, in closed form where that is possible: each formula's loops are docs/commands.md's.
 */
#include "tetra/events.h"

#include "tetra/ceil_div.h"

const char *tetra_event_key(int event) {
#define TETRA_EVENT(upper, key, source, unit, text) key,
  static const char *const keys[] = {
#include "tetra/events.def"
  };
  return event >= 0 && event < TETRA_EVENTS ? keys[event] : NULL;
}

const char *tetra_event_unit(int event) {
#define TETRA_EVENT(upper, key, source, unit, text) unit,
  static const char *const units[] = {
#include "tetra/events.def"
  };
  return event >= 0 && event < TETRA_EVENTS ? units[event] : NULL;
}

const char *tetra_event_text(int event) {
#define TETRA_EVENT(upper, key, source, unit, text) text,
  static const char *const texts[] = {
#include "tetra/events.def"
  };
  return event >= 0 && event < TETRA_EVENTS ? texts[event] : NULL;
}

const char *tetra_source_key(int source) {
#define TETRA_SOURCE(upper, key) key,
  static const char *const keys[] = {
#include "tetra/events.def"
  };
  return source >= 0 && source < TETRA_SOURCES ? keys[source] : NULL;
}

enum tetra_source tetra_event_source(enum tetra_event event) {
#define TETRA_EVENT(upper, key, source, unit, text) TETRA_SOURCE_##source,
  static const enum tetra_source sources[] = {
#include "tetra/events.def"
  };
  return sources[event];
}

enum tetra_event tetra_event_mac(int act8, int wgt8) {
  if (act8) return wgt8 ? TETRA_EVENT_MAC_A8W8 : TETRA_EVENT_MAC_A8W4;
  return wgt8 ? TETRA_EVENT_MAC_A4W8 : TETRA_EVENT_MAC_A4W4;
}

uint32_t tetra_event_layer(const struct tetra_plan *plan, uint32_t command) {
  while (command > 0 && tetra_cmd_get(&plan->cmds[command], TETRA_F_OP) == TETRA_OP_SYNC) command--;
  return tetra_cmd_get(&plan->cmds[command], TETRA_F_LAYER);
}

int tetra_event_is_cycle(enum tetra_event event) {
  return event == TETRA_EVENT_ARRAY_CYCLE || event == TETRA_EVENT_BUFFER_CYCLE || event == TETRA_EVENT_LANE_CYCLE ||
         event == TETRA_EVENT_COLUMN_CYCLE || event == TETRA_EVENT_CYCLE;
}

uint64_t tetra_event_units(const struct tetra_caps *caps, enum tetra_event event) {
  switch (event) {
    case TETRA_EVENT_ARRAY_CYCLE:
      return (uint64_t)caps->n * caps->n;
    case TETRA_EVENT_BUFFER_CYCLE:
      return tetra_caps_sram_bits(caps);
    case TETRA_EVENT_LANE_CYCLE:
      return caps->n / tetra_row_cycles(caps->n);
    case TETRA_EVENT_COLUMN_CYCLE:
      return caps->n;
    default:
      return 1;
  }
}

static uint32_t get(const struct tetra_cmd *c, struct tetra_field f) { return tetra_cmd_get(c, f); }
static int32_t get_signed(const struct tetra_cmd *c, struct tetra_field f) { return (int16_t)tetra_cmd_get(c, f); }

static void count_load(const struct tetra_plan *plan, const struct tetra_cmd *c, uint64_t events[TETRA_EVENTS]) {
  static const enum tetra_event writes[] = {TETRA_EVENT_ACT_WRITE, TETRA_EVENT_WGT_WRITE, TETRA_EVENT_RES_WRITE,
                                            TETRA_EVENT_PAR_WRITE};
  const uint64_t beats = (uint64_t)get(c, TETRA_F_LOAD_BEATS) * get(c, TETRA_F_LOAD_COUNT);
  events[writes[get(c, TETRA_F_LOAD_DST)]] += beats;
  events[TETRA_EVENT_DRAM_READ] += beats * plan->caps.n;
}

/* Of a pixel: windows of up to N elements of each kernel row, both banks at once; words of all of them. */
static void count_pack(const struct tetra_plan *plan, const struct tetra_cmd *c, uint64_t events[TETRA_EVENTS]) {
  const uint64_t pixels = (uint64_t)get(c, TETRA_F_PACK_OY) * get(c, TETRA_F_PACK_OX);
  const uint64_t kh = get(c, TETRA_F_PACK_KH), seg = get(c, TETRA_F_PACK_SEG), n = plan->caps.n;
  events[TETRA_EVENT_RES_READ] += pixels * kh * tetra_ceil_div64(seg, n) * 2;
  events[TETRA_EVENT_ACT_WRITE] += pixels * tetra_ceil_div64(kh * seg, n << get(c, TETRA_F_PACK_BITS4));
}

/* How many of `n` places, `step` apart from `first` on, lie in 0..size-1. */
static uint64_t inside(int32_t first, uint32_t n, uint32_t step, uint32_t size) {
  uint64_t count = 0;
  for (uint32_t i = 0; i < n; i++) {
    const int64_t at = first + (int64_t)i * step;
    count += at >= 0 && at < (int64_t)size;
  }
  return count;
}

/* Pixels of a COMPUTE that are read; the others are padding. Rows and columns are independent of each other. */
static uint64_t read_pixels(const struct tetra_cmd *c) {
  uint64_t rows = 0, columns = 0;
  for (uint32_t k = 0; k < get(c, TETRA_F_COMP_KH); k++)
    rows += inside(get_signed(c, TETRA_F_COMP_IY0) + (int32_t)(k * get(c, TETRA_F_COMP_DKY)), get(c, TETRA_F_COMP_OY),
                   get(c, TETRA_F_COMP_SY), get(c, TETRA_F_COMP_H));
  for (uint32_t k = 0; k < get(c, TETRA_F_COMP_KW); k++)
    columns += inside(get_signed(c, TETRA_F_COMP_IX0) + (int32_t)(k * get(c, TETRA_F_COMP_DKX)),
                      get(c, TETRA_F_COMP_OX), get(c, TETRA_F_COMP_SX), get(c, TETRA_F_COMP_W));
  return rows * columns * get(c, TETRA_F_COMP_KB);
}

static void count_compute(const struct tetra_plan *plan, const struct tetra_cmd *c, uint64_t events[TETRA_EVENTS]) {
  const uint64_t n = plan->caps.n;
  const uint64_t steps = (uint64_t)get(c, TETRA_F_COMP_KB) * get(c, TETRA_F_COMP_KH) * get(c, TETRA_F_COMP_KW);
  const uint64_t pixels = steps * get(c, TETRA_F_COMP_OY) * get(c, TETRA_F_COMP_OX);
  const uint64_t rows = (get(c, TETRA_F_COMP_HOLD) ? 1 : steps) * n;
  const int wgt8 = (int)get(c, TETRA_F_COMP_WGT8);
  const uint64_t halves = wgt8 ? 1 : 2;
  events[tetra_event_mac((int)get(c, TETRA_F_COMP_ACT8), wgt8)] += pixels * n * n;
  events[TETRA_EVENT_ACT_READ] += read_pixels(c);
  events[TETRA_EVENT_WGT_READ] += rows * 2;
  events[TETRA_EVENT_WEIGHT] += rows * n;
  events[TETRA_EVENT_ACC_READ] += pixels * halves;
  events[TETRA_EVENT_ACC_WRITE] += pixels * halves;
}

/* Windows that end in a row of so many pixels (rtl/output/tetra_pool_seq.sv: close_o). */
static uint64_t windows(const struct tetra_cmd *c) {
  const uint32_t width = get(c, TETRA_F_STORE_SEG_BEATS);
  uint64_t count = 0;
  for (uint32_t x = 0; x < width; x++) {
    const uint32_t odd = (x + get(c, TETRA_F_STORE_POOL_PAD_X)) & 1;
    count += odd ? x + 1 == width : x != 0;
  }
  return count;
}

static void count_store(const struct tetra_plan *plan, const struct tetra_cmd *c, uint64_t events[TETRA_EVENTS]) {
  const uint64_t n = plan->caps.n, pixels = get(c, TETRA_F_STORE_PIXELS), halves = 1 + get(c, TETRA_F_STORE_HALVES2);
  const uint64_t outputs = 1 + get(c, TETRA_F_STORE_TWO_OUT), rows = pixels * halves * outputs;
  const uint64_t beats = tetra_cmd_store_beats(c);
  events[TETRA_EVENT_ACC_READ] += rows;
  events[TETRA_EVENT_PAR_READ] += rows * TETRA_PAR_BANKS;
  if (get(c, TETRA_F_STORE_RES_FORM) != TETRA_RES_FORM_NONE) events[TETRA_EVENT_RES_READ] += rows;
  events[TETRA_EVENT_REQUANT] += rows * n;
  events[TETRA_EVENT_OUT_WRITE] += beats;
  events[TETRA_EVENT_OUT_READ] += beats;
  events[TETRA_EVENT_DRAM_WRITE] += beats * n;
  if (get(c, TETRA_F_STORE_POOL_BEATS) == 0) return;
  const uint64_t sections = (get(c, TETRA_F_STORE_OUT0_BITS4) ? 1 : halves) +
                            (outputs == 1 ? 0 : (get(c, TETRA_F_STORE_OUT1_BITS4) ? 1 : halves));
  events[TETRA_EVENT_LINE_READ] += sections * pixels;
  events[TETRA_EVENT_LINE_WRITE] += sections * get(c, TETRA_F_STORE_POOL_ROWS) * windows(c);
}

void tetra_events_of_commands(const struct tetra_plan *plan, uint64_t (*events)[TETRA_EVENTS]) {
  for (uint32_t i = 0; i < plan->n_cmds; i++) {
    const struct tetra_cmd *c = &plan->cmds[i];
    const uint32_t layer = tetra_event_layer(plan, i);
    if (layer >= (uint32_t)plan->n_layers) continue;
    events[layer][TETRA_EVENT_COMMAND]++;
    events[layer][TETRA_EVENT_DRAM_COMMAND] += TETRA_CMD_BYTES;
    const uint32_t op = get(c, TETRA_F_OP);
    if (op == TETRA_OP_LOAD) count_load(plan, c, events[layer]);
    if (op == TETRA_OP_PACK) count_pack(plan, c, events[layer]);
    if (op == TETRA_OP_COMPUTE) count_compute(plan, c, events[layer]);
    if (op == TETRA_OP_STORE) count_store(plan, c, events[layer]);
  }
}

void tetra_events_of_cycles(const struct tetra_caps *caps, uint64_t cycles, uint64_t events[TETRA_EVENTS]) {
  for (int e = 0; e < TETRA_EVENTS; e++) {
    if (tetra_event_is_cycle((enum tetra_event)e)) events[e] = cycles * tetra_event_units(caps, (enum tetra_event)e);
  }
}
