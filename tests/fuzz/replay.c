/* A main for fuzz targets without libFuzzer: runs every file named on the command line once. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    static uint8_t data[1 << 20];
    FILE *f = fopen(argv[i], "rb");
    if (!f) {
      fprintf(stderr, "replay: cannot open %s\n", argv[i]);
      return 1;
    }
    const size_t size = fread(data, 1, sizeof data, f);
    fclose(f);
    /* A block of its own size, so that sanitizers see a read behind it. */
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy) return 1;
    for (size_t k = 0; k < size; k++) copy[k] = data[k];
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
  }
  printf("%d inputs\n", argc - 1);
  return 0;
}
