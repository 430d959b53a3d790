// Cycle totals of networks on memories, as the compiler of today schedules them.
#ifndef TETRA_TESTS_DRIVER_PINS_H
#define TETRA_TESTS_DRIVER_PINS_H

#include <cstdint>
#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "tetra/network.h"

struct Pin {
  const char *network;
  tetra_precision precision;
  uint32_t n, rate, latency;
  int size, batch, fuse;
  uint64_t cycles;
};

// How a test of it is called.
inline std::string PinName(const ::testing::TestParamInfo<Pin> &i) {
  const Pin &p = i.param;
  std::string name = std::string(p.network) + "_" + tetra_precision_name(p.precision) + "_" + std::to_string(p.n) +
                     "x" + std::to_string(p.n) + "_rate" + std::to_string(p.rate) + "_latency" +
                     std::to_string(p.latency) + "_" + std::to_string(p.size) + "px_batch" + std::to_string(p.batch) +
                     (p.fuse ? "" : "_unfused");
  for (char &ch : name) ch = ch == '-' ? '_' : ch;
  return name;
}

inline void PrintTo(const Pin &p, std::ostream *s) { *s << PinName({p, 0}); }

// The networks of README.md and docs/performance.md.
inline const Pin kTable[] = {
    {"resnet18", TETRA_W8A8, 16, 16, 64, 224, 1, 1, 7163327},
    {"resnet18", TETRA_W4A8, 16, 16, 64, 224, 1, 1, 3851745},
    {"resnet18", TETRA_W4A4, 16, 16, 64, 224, 1, 1, 1869499},
    {"resnet18", TETRA_W4A4_INIT8_DENSE8, 16, 16, 64, 224, 1, 1, 2202405},
    {"resnet34", TETRA_W8A8, 16, 16, 64, 224, 1, 1, 14388671},
    {"resnet34", TETRA_W4A8, 16, 16, 64, 224, 1, 1, 7464417},
    {"resnet34", TETRA_W4A4, 16, 16, 64, 224, 1, 1, 3678063},
    {"resnet34", TETRA_W4A4_INIT8_DENSE8, 16, 16, 64, 224, 1, 1, 4010969},
    {"resnet50", TETRA_W8A8, 16, 16, 64, 224, 1, 1, 16161770},
    {"resnet50", TETRA_W4A8, 16, 16, 64, 224, 1, 1, 8423019},
    {"resnet50", TETRA_W4A4, 16, 16, 64, 224, 1, 1, 4260674},
    {"resnet50", TETRA_W4A4_INIT8_DENSE8, 16, 16, 64, 224, 1, 1, 4625860},
    {"resnet101", TETRA_W8A8, 16, 16, 64, 224, 1, 1, 30692401},
    {"resnet101", TETRA_W4A8, 16, 16, 64, 224, 1, 1, 15703490},
    {"resnet101", TETRA_W4A4, 16, 16, 64, 224, 1, 1, 7905661},
    {"resnet101", TETRA_W4A4_INIT8_DENSE8, 16, 16, 64, 224, 1, 1, 8270847},
    {"resnet152", TETRA_W8A8, 16, 16, 64, 224, 1, 1, 45216028},
    {"resnet152", TETRA_W4A8, 16, 16, 64, 224, 1, 1, 22976893},
    {"resnet152", TETRA_W4A4, 16, 16, 64, 224, 1, 1, 11590800},
    {"resnet152", TETRA_W4A4_INIT8_DENSE8, 16, 16, 64, 224, 1, 1, 11955986},
};

inline const Pin kOthers[] = {
    {"resnet50", TETRA_W4A4_INIT8_DENSE8, 32, 32, 64, 224, 1, 1, 1534954},
    {"resnet50", TETRA_W8A8, 32, 32, 64, 224, 1, 1, 4091412},
    {"resnet50", TETRA_W4A4_INIT8_DENSE8, 16, 8, 64, 224, 1, 1, 6140066},
    {"resnet50", TETRA_W4A4_INIT8_DENSE8, 16, 16, 64, 224, 1, 0, 5720313},
    {"resnet50", TETRA_W4A4_INIT8_DENSE8, 16, 16, 64, 224, 4, 1, 17977536},
    {"resnet50", TETRA_W8A8, 16, 16, 64, 224, 4, 1, 64307792},
    {"resnet50", TETRA_W4A4_INIT8_DENSE8, 16, 16, 64, 224, 16, 1, 71506113},
    {"resnet50", TETRA_W8A8, 16, 16, 64, 224, 16, 1, 256687902},
    {"resnet18", TETRA_W4A4_INIT8_DENSE8, 8, 8, 64, 224, 1, 1, 8603697},
    {"resnet18", TETRA_W4A8, 4, 2, 200, 64, 2, 1, 10584802},
    {"resnet34", TETRA_W4A4, 32, 16, 64, 224, 1, 1, 1321681},
    {"resnet50", TETRA_W8A8, 8, 4, 64, 224, 1, 1, 64974482},
    {"resnet50", TETRA_W4A4, 64, 64, 20, 224, 1, 1, 741087},
    {"resnet101", TETRA_W4A8, 16, 24, 100, 128, 1, 1, 5319998},
    {"resnet101", TETRA_W4A4_INIT8_DENSE8, 32, 64, 64, 224, 2, 0, 5439994},
    {"resnet152", TETRA_W4A4, 8, 4, 64, 224, 1, 1, 46459223},
};

#endif
