/* A main for fuzz targets without libFuzzer: runs every file named on the command line once; behind the option -every
 * each of them cut at every length and with every byte changed in several ways, too. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In a block of its own size, so that sanitizers see a read behind it. `change` is XORed into byte `at`. 0: no memory.
 */
static int run(const uint8_t *data, size_t size, size_t at, uint8_t change) {
  uint8_t *copy = malloc(size ? size : 1);
  if (!copy) return 0;
  memcpy(copy, data, size);
  if (at < size) copy[at] ^= change;
  LLVMFuzzerTestOneInput(copy, size);
  free(copy);
  return 1;
}

static long run_every(const uint8_t *data, size_t size) {
  static const uint8_t changes[] = {0x01, 0x10, 0x80, 0xff};
  long inputs = 0;
  for (size_t cut = 0; cut < size; cut++) inputs += run(data, cut, size, 0);
  for (size_t at = 0; at < size; at++)
    for (size_t k = 0; k < sizeof changes; k++) inputs += run(data, size, at, changes[k]);
  return inputs;
}

int main(int argc, char **argv) {
  const int every = argc > 1 && strcmp(argv[1], "-every") == 0;
  long inputs = 0;
  for (int i = 1 + every; i < argc; i++) {
    static uint8_t data[1 << 20];
    FILE *f = fopen(argv[i], "rb");
    if (!f) {
      fprintf(stderr, "replay: cannot open %s\n", argv[i]);
      return 1;
    }
    const size_t size = fread(data, 1, sizeof data, f);
    fclose(f);
    if (!run(data, size, size, 0)) return 1;
    inputs += 1 + (every ? run_every(data, size) : 0);
  }
  printf("%ld inputs\n", inputs);
  return 0;
}
