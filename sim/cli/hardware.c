/* The third table of options: the accelerator and its memory. */
#include "cli/hardware.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/rebuild.h"
#include "cli/ini.h"
#include "cli/parse.h"
#include "tetra/memory.h"

/* A row of buffers.def. */
struct buffer {
  const char *option, *build; /* without "--"; CMake's */
  size_t field;               /* of struct tetra_caps */
  int in_kib;
  uint32_t least, most; /* words or entries */
  uint32_t built;       /* as CMake's option says, in its unit; 0: as hw_fields.def does */
};

#define SIM_BUFFER(name, option, caps, in_kib, least, most, build, help) \
  {option, "TETRA_" #build, offsetof(struct tetra_caps, caps), in_kib, least, most, TETRA_BUILD_##build},
static const struct buffer kBuffers[SIM_BUFFERS] = {
#include "cli/buffers.def"
};
#undef SIM_BUFFER

static int take_buffer(enum sim_buffer b, const char *text, struct sim_options *o, struct tetra_error *err) {
  return sim_parse_u32(kBuffers[b].option, text, 1, TETRA_CAPS_MAX_WORDS, &o->buffers[b], err);
}

#define SIM_BUFFER(name, option, caps, in_kib, least, most, build, help)                     \
  static int take_##name(const char *text, struct sim_options *o, struct tetra_error *err) { \
    return take_buffer(SIM_BUFFER_##name, text, o, err);                                     \
  }
#include "cli/buffers.def"
#undef SIM_BUFFER

static int parse_latency(const char *text, uint32_t *v, struct tetra_error *err) {
  return sim_parse_u32("dram-latency", text, 1, TETRA_MEMORY_MAX_LATENCY, v, err);
}

static int parse_rate(const char *text, uint32_t *v, struct tetra_error *err) {
  return sim_parse_u32("dram-bytes-per-cycle", text, 1, TETRA_MEMORY_MAX_RATE, v, err);
}

int sim_machine_option(int option, const char *text, unsigned *array, struct tetra_memory_params *mem, int *rc,
                       struct tetra_error *err) {
  switch (option) {
    case SIM_OPT_ARRAY:
      *rc = sim_parse_array(text, array, err);
      return 1;
    case SIM_OPT_LATENCY:
      *rc = parse_latency(text, &mem->latency, err);
      return 1;
    case SIM_OPT_RATE:
      *rc = parse_rate(text, &mem->bytes_per_cycle, err);
      return 1;
    default:
      return 0;
  }
}

static int take_array(const char *text, struct sim_options *o, struct tetra_error *err) {
  return sim_parse_array(text, &o->array, err);
}

static int take_latency(const char *text, struct sim_options *o, struct tetra_error *err) {
  return parse_latency(text, &o->latency, err);
}

static int take_rate(const char *text, struct sim_options *o, struct tetra_error *err) {
  return parse_rate(text, &o->bytes_per_cycle, err);
}

static int take_stall(const char *text, struct sim_options *o, struct tetra_error *err) {
  return sim_parse_real("dram-stall", text, 0, 1, SIM_STALL_MAX, &o->stall, err);
}

/* In the order of --help. */
const struct sim_option sim_hardware_options[] = {
    SIM_TAKE("array", take_array, SIM_ANY_RUN,
             "  --array N or NxN         array size (16); --list shows those built into this program\n"),
    SIM_TAKE("dram-latency", take_latency, SIM_ANY_RUN,
             "  --dram-latency N         cycles from a read address to its data and from write data to their response "
             "(64)\n"),
    SIM_TAKE("dram-bytes-per-cycle", take_rate, SIM_ANY_RUN,
             "  --dram-bytes-per-cycle N reads and writes together (the array's side)\n"),
    SIM_TAKE(
        "dram-stall", take_stall, SIM_ANY_RUN,
        "  --dram-stall P           probability of withholding ready or valid, per cycle and channel, 0..0.95 (0)\n"),
#define SIM_BUFFER(name, option, caps, in_kib, least, most, build, help) \
  SIM_TAKE(option, take_##name, SIM_ANY_RUN, help),
#include "cli/buffers.def"
#undef SIM_BUFFER
    SIM_TEXT(
        "config", config, SIM_ANY_RUN,
        "  --config FILE.ini        array, buffers and DRAM from a file, as configs/*.ini; options go before it\n"),
    SIM_END};

/* Of an array of n x n, in the option's unit, as words or entries; and back. */
static uint32_t in_words(const struct buffer *b, unsigned n, uint32_t v) { return b->in_kib ? v * (1024 / n) : v; }
static uint32_t in_unit(const struct buffer *b, unsigned n, uint32_t v) {
  return b->in_kib ? (v * n + 1023) / 1024 : v;
}

static uint32_t *words_of(const struct buffer *b, struct tetra_caps *caps) {
  return (uint32_t *)(void *)((char *)caps + b->field);
}

uint32_t sim_hardware_buffer(enum sim_buffer b, const struct tetra_caps *caps) {
  const uint8_t *field = (const uint8_t *)caps + kBuffers[b].field;
  uint32_t words;
  memcpy(&words, field, sizeof words);
  return in_unit(&kBuffers[b], caps->n, words);
}

struct tetra_caps sim_build_caps(unsigned n) {
  struct tetra_caps caps = tetra_caps_default(n);
  for (int i = 0; i < SIM_BUFFERS; i++) {
    const struct buffer *b = &kBuffers[i];
    if (b->built != 0) *words_of(b, &caps) = in_words(b, n, b->built);
  }
  return caps;
}

struct tetra_caps sim_hardware_caps(const struct sim_options *o) {
  struct tetra_caps caps = sim_build_caps(o->array);
  for (int i = 0; i < SIM_BUFFERS; i++) {
    if (o->buffers[i] != 0) *words_of(&kBuffers[i], &caps) = in_words(&kBuffers[i], o->array, o->buffers[i]);
  }
  return caps;
}

int sim_hardware_compare(const struct sim_options *o, const struct tetra_caps *built, struct tetra_error *err) {
  struct tetra_caps has = *built;
  for (int i = 0; i < SIM_BUFFERS; i++) {
    const struct buffer *b = &kBuffers[i];
    const uint32_t words = *words_of(b, &has);
    if (o->buffers[i] == 0 || in_words(b, o->array, o->buffers[i]) == words) continue;
    char option[40], command[SIM_REBUILD_MAX];
    snprintf(option, sizeof option, "%s=%u", b->build, o->buffers[i]);
    return tetra_fail(err, TETRA_EINVAL,
                      "--%s %u: the simulation was built with %u; --model takes any, and this builds it: %s", b->option,
                      o->buffers[i], in_unit(b, o->array, words), sim_rebuild_command(option, command));
  }
  return TETRA_OK;
}

/* A power of two that a build of that array may have. */
static int check_buffer(const struct buffer *b, unsigned n, uint32_t v, struct tetra_error *err) {
  const uint32_t words = in_words(b, n, v), least = in_unit(b, n, b->least), most = in_unit(b, n, b->most);
  if ((v & (v - 1)) == 0 && words >= b->least && words <= b->most) return TETRA_OK;
  return tetra_fail(err, TETRA_EINVAL, "--%s: %u is not accepted; with an array of %ux%u a power of two in %u..%u is",
                    b->option, v, n, n, least, most);
}

/* A setting of the file: of an option's name, in the section that it belongs to. */
static int take_setting(void *arg, const char *section, const char *key, const char *value, struct tetra_error *err) {
  static const struct {
    const char *section, *key;
    int (*take)(const char *, struct sim_options *, struct tetra_error *);
  } settings[] = {
      {"array", "side", take_array},
      {"dram", "bytes-per-cycle", take_rate},
      {"dram", "latency", take_latency},
#define SIM_BUFFER(name, option, caps, in_kib, least, most, build, help) {"buffers", option, take_##name},
#include "cli/buffers.def"
#undef SIM_BUFFER
  };
  char accepted[200] = "";
  size_t used = 0;
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
    if (strcmp(settings[i].section, section) != 0) continue;
    if (strcmp(settings[i].key, key) == 0) return settings[i].take(value, arg, err);
    used += (size_t)snprintf(accepted + used, sizeof accepted - used, "%s%s", used == 0 ? "" : ", ", settings[i].key);
  }
  if (used == 0)
    return tetra_fail(err, TETRA_EINVAL, "'%.40s' in [%.40s]: sections are [array], [buffers] and [dram]", key,
                      section);
  return tetra_fail(err, TETRA_EINVAL, "'%.40s' is no key of [%s]; accepted: %s", key, section, accepted);
}

/* What is 0 becomes the other's. */
static void take_over(uint32_t *v, uint32_t other) {
  if (*v == 0) *v = other;
}

int sim_hardware_settle(struct sim_options *o, struct tetra_error *err) {
  struct sim_options file = {0};
  int rc = o->config == NULL ? TETRA_OK : sim_ini_read(o->config, take_setting, &file, err);
  if (rc != TETRA_OK) return rc;
  if (o->array == 0) o->array = file.array;
  if (o->array == 0) o->array = 16;
  take_over(&o->latency, file.latency);
  take_over(&o->latency, 64);
  take_over(&o->bytes_per_cycle, file.bytes_per_cycle);
  take_over(&o->bytes_per_cycle, o->array);
  for (int i = 0; i < SIM_BUFFERS && rc == TETRA_OK; i++) {
    take_over(&o->buffers[i], file.buffers[i]);
    if (o->buffers[i] != 0) rc = check_buffer(&kBuffers[i], o->array, o->buffers[i], err);
  }
  return rc;
}
