// The processing element for every input there is: 2^8 activation bytes x 2^16 weight words in each of the four modes,
// signed and unsigned, as simulators and as synthesis read it. This is a proof of its arithmetic, by exhaustion.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <tuple>

#include "Vpe_bench.h"
#include "common/model.h"

double sc_time_stamp() { return 0; }

namespace {

class Pe : public testing::TestWithParam<std::tuple<int, int, int>> {};

int S4(int nibble) { return (nibble & 7) - (nibble & 8); }

TEST_P(Pe, EveryByteAndWeightWord) {
  const auto [abits, wbits, sgn] = GetParam();
  const auto pe = tetra_test::NewModel<Vpe_bench>();
  pe->act8_i = abits == 8;
  pe->wgt8_i = wbits == 8;
  pe->act_signed_i = static_cast<uint8_t>(sgn);
  for (int a = 0; a < 256; a++) {
    // Value of each activation nibble: two codes, or the two parts of one code.
    const int code = sgn ? static_cast<int8_t>(a) : a;
    const int al = abits == 4 && sgn ? S4(a & 15) : a & 15;
    const int ah = abits == 8 ? code - (a & 15) : sgn ? S4(a >> 4) : a >> 4;
    pe->a_i = static_cast<uint8_t>(a);
    for (int w = 0; w < 65536; w++) {
      int lane0, lane1;
      if (wbits == 8) {
        lane0 = al * static_cast<int8_t>(w & 255) + ah * static_cast<int8_t>(w >> 8);
        lane1 = 0;
        // 8-bit activations meet the same byte twice: the plain product.
        if (abits == 8 && (w & 255) == w >> 8) lane0 = code * static_cast<int8_t>(w & 255);
      } else {
        lane0 = al * S4(w & 15) + ah * S4(w >> 8 & 15);
        lane1 = al * S4(w >> 4 & 15) + ah * S4(w >> 12);
      }
      pe->w_i = static_cast<uint16_t>(w);
      pe->eval();
      if (static_cast<int32_t>(pe->lane0_o) != lane0 || static_cast<int32_t>(pe->lane1_o) != lane1 ||
          static_cast<int32_t>(pe->rows0_o) != lane0 || static_cast<int32_t>(pe->rows1_o) != lane1)
        FAIL() << "A" << abits << "W" << wbits << (sgn ? " signed" : " unsigned") << " a " << a << " w " << w << ": "
               << static_cast<int32_t>(pe->lane0_o) << ", " << static_cast<int32_t>(pe->lane1_o) << ", in rows of bits "
               << static_cast<int32_t>(pe->rows0_o) << ", " << static_cast<int32_t>(pe->rows1_o) << " instead of "
               << lane0 << ", " << lane1;
    }
  }
  pe->final();
}

INSTANTIATE_TEST_SUITE_P(Modes, Pe,
                         testing::Combine(testing::Values(8, 4), testing::Values(8, 4), testing::Values(0, 1)),
                         [](const auto &info) {
                           return "A" + std::to_string(std::get<0>(info.param)) + "W" +
                                  std::to_string(std::get<1>(info.param)) +
                                  (std::get<2>(info.param) ? "Signed" : "Unsigned");
                         });

}  // namespace
