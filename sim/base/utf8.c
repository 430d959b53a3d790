/* Table 3-7 of the Unicode standard. */
#include "base/utf8.h"

int sim_utf8_bytes(const unsigned char *p) {
  if (p[0] < 0x80) return 1;
  const int n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
  if (p[0] < 0xc2 || p[0] > 0xf4) return 0;
  const int least = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80;
  const int most = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf;
  if (p[1] < least || p[1] > most) return 0;
  for (int i = 2; i < n; i++) {
    if (p[i] < 0x80 || p[i] > 0xbf) return 0;
  }
  return n;
}
