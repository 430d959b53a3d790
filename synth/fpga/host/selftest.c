/* The self-test from first contact to the table of counters. */
#include "selftest.h"

#include "memtest.h"
#include "run.h"

enum { MAX_NETS = 8 };
/* Longest time without a sign of life; a network takes a few milliseconds. */
#define TIMEOUT_US 2000000u

static int find_device(struct board *b, struct tetra_device *dev, FILE *out, struct tetra_error *err) {
  struct tetra_hal hal;
  board_hal(b, &hal);
  const int rc = tetra_device_init(dev, &hal, TIMEOUT_US);
  const int link = board_check(b, err);
  if (link != TETRA_OK) return link;
  if (rc != TETRA_OK) {
    return tetra_fail(
        err, TETRA_EINVAL,
        "the board answers, but its registers are no Tetra's that this program knows; make fpga BOARD=ulx3s");
  }
  const struct tetra_caps *c = &dev->caps;
  fprintf(out, "board: %u KiB of memory at 0x%08x, %.6g MHz\n", (unsigned)(b->mem_bytes >> 10), (unsigned)b->mem_base,
          1e-6 * b->clock_hz);
  fprintf(out,
          "accelerator: %u x %u, activations %u words, weights %u half-words, residuals %u words, %u parameter "
          "entries, %u pixels\n",
          (unsigned)c->n, (unsigned)c->n, (unsigned)c->act_words, (unsigned)c->wgt_words, (unsigned)c->res_words,
          (unsigned)c->par_entries, (unsigned)c->acc_pixels);
  return TETRA_OK;
}

static void show_progress(void *arg, unsigned percent) {
  FILE *f = arg;
  if (f != NULL) fprintf(f, "\rmemory %3u %%", percent), fflush(f);
}

static int test_memory(const struct board *b, FILE *out, FILE *progress, struct tetra_error *err) {
  const int rc = memtest_run(b, show_progress, progress, err);
  if (progress != NULL) fprintf(progress, "\r%12s\r", "");
  if (rc == TETRA_OK) fprintf(out, "memory: %u words, every bit both ways: good\n", (unsigned)(b->mem_bytes / 4));
  return rc;
}

static int test_networks(struct board *b, struct tetra_device *dev, struct fpga_result *r, int *n, FILE *out,
                         FILE *progress, struct tetra_error *err) {
  fprintf(out, "\n%-8s %6s %8s %10s %12s %10s\n", "network", "layers", "codes", "cycles", "cycle model", "ms");
  for (*n = 0; fpga_net(*n) != NULL && *n < MAX_NETS; ++*n) {
    const struct fpga_net *net = fpga_net(*n);
    if (progress != NULL) fprintf(progress, "%s ...\r", net->name), fflush(progress);
    const int rc = fpga_run(b, dev, net, &r[*n], err);
    if (rc != TETRA_OK) return rc;
    fprintf(out, "%-8s %6d %8lld %10llu %12llu %10.3f\n", net->name, r[*n].n_layers, (long long)r[*n].codes,
            (unsigned long long)r[*n].cycles, (unsigned long long)r[*n].predicted,
            1e3 * (double)r[*n].cycles / b->clock_hz);
  }
  fprintf(out, "every code is the C model's, every layer ended in the cycle model's cycle\n");
  return TETRA_OK;
}

static void print_counters(const struct fpga_result *r, int n, FILE *out) {
  fprintf(out, "\n%-12s", "counter");
  for (int i = 0; i < n; i++) fprintf(out, " %9s", r[i].name);
  for (uint32_t c = 0; tetra_counter_name(c) != NULL; c++) {
    fprintf(out, "\n%-12s", tetra_counter_name(c));
    for (int i = 0; i < n; i++) fprintf(out, " %9llu", (unsigned long long)r[i].counters[c]);
    fprintf(out, "  %s", tetra_counter_text(c));
  }
  fprintf(out, "\n");
}

int fpga_selftest(const struct board_port *port, FILE *out, FILE *progress, struct tetra_error *err) {
  struct board b;
  struct tetra_device dev;
  struct fpga_result r[MAX_NETS];
  int n = 0;
  int rc = board_open(&b, port, err);
  if (rc == TETRA_OK) rc = find_device(&b, &dev, out, err);
  if (rc == TETRA_OK) rc = test_memory(&b, out, progress, err);
  if (rc == TETRA_OK) rc = test_networks(&b, &dev, r, &n, out, progress, err);
  if (rc == TETRA_OK) print_counters(r, n, out);
  board_close(&b);
  if (rc == TETRA_OK) return FPGA_EXIT_GOOD;
  return rc == TETRA_EDIFF || rc == TETRA_EHW ? FPGA_EXIT_DIFFERENT : FPGA_EXIT_BAD_INPUT;
}
