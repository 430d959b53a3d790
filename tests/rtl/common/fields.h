// Which bits of a command its operation uses, from the definition of the fields, and noise for all others.
#ifndef TETRA_TESTS_RTL_FIELDS_H
#define TETRA_TESTS_RTL_FIELDS_H

#include <cstdint>
#include <string>
#include <vector>

#include "tetra/hw.h"

namespace tetra_test {

struct NamedField {
  std::string name;
  tetra_field field;
};

inline const std::vector<NamedField> &AllFields() {
  static const std::vector<NamedField> fields = {
#define TETRA_FIELD(camel, upper, word, lsb, width, comment) {#upper, {word, lsb, width}},
#include "tetra/hw_fields.def"
  };
  return fields;
}

inline bool Begins(const std::string &name, const std::string &with) { return name.rfind(with, 0) == 0; }

// Whether the operation has the field; those of all operations are OP, LAYER and the waits.
inline bool Has(uint32_t op, const std::string &name) {
  static const char *const prefixes[] = {"none", "LOAD_", "PACK_", "COMP_", "STORE_", "SYNC_"};
  const std::string own = prefixes[op <= TETRA_OP_SYNC ? op : 0];
  return name == "OP" || name == "LAYER" || Begins(name, "WAIT_") || Begins(name, own);
}

// Whether it counts in this command: a field of its operation that nothing else in it switches off.
inline bool Counts(const tetra_cmd &c, const std::string &name) {
  const uint32_t op = tetra_cmd_get(&c, TETRA_F_OP), waits = tetra_cmd_get(&c, TETRA_F_WAIT_EN);
  auto get = [&c](const tetra_field &f) { return tetra_cmd_get(&c, f); };
  if (!Has(op, name)) return false;
  if (op == TETRA_OP_SYNC && name != "OP") return name == "SYNC_TAG";
  if (name == "WAIT_LOAD") return waits & 1;
  if (name == "WAIT_COMPUTE") return waits & 2;
  if (name == "WAIT_DRAIN") return waits & 4;
  if (name == "WAIT_STORE") return waits & 8;
  if (name == "LOAD_DST_STRIDE") return get(TETRA_F_LOAD_COUNT) > 1;
  if (name == "COMP_HALF") return get(TETRA_F_COMP_WGT8);
  if (Begins(name, "STORE_OUT1_")) return get(TETRA_F_STORE_TWO_OUT);
  if (Begins(name, "STORE_RES_") && name != "STORE_RES_FORM") return get(TETRA_F_STORE_RES_FORM);
  if (Begins(name, "STORE_POOL_") && name != "STORE_POOL_BEATS") return get(TETRA_F_STORE_POOL_BEATS);
  return true;
}

// Fills every bit of the command that does not count. RANDOM gives 64 random bits: rnd.g().
template <class RANDOM>
void AddNoise(RANDOM &rnd, tetra_cmd *c) {
  tetra_cmd used = {};
  for (const NamedField &f : AllFields())
    if (Counts(*c, f.name)) tetra_cmd_set(&used, f.field, 0xffffffff);
  for (int i = 0; i < TETRA_CMD_WORDS; i++)
    c->word[i] = (c->word[i] & used.word[i]) | (static_cast<uint32_t>(rnd.g()) & ~used.word[i]);
}

}  // namespace tetra_test
#endif
