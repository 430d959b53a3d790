/* fpga_selftest: tests a board with Tetra's bitstream through its serial port. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "selftest.h"
#include "serial.h"

static const char usage[] =
    "usage: fpga_selftest PORT [--baud RATE]\n"
    "Tests a board with the bitstream of `make fpga BOARD=ulx3s` through its serial port (/dev/ttyUSB0): identity, "
    "memory,\n"
    "networks in four precisions against the C model and the cycle model. RATE is the bitstream's, 115200 by default.\n"
    "Exit code 0: good; 1: something is different, or the accelerator stopped; 2: no board, or not a Tetra.\n";

struct options {
  const char *port;
  uint32_t baud;
  int help;
};

/* Results that nobody could read are no success. */
static int written(int code) {
  if (fflush(stdout) == 0 && !ferror(stdout)) return code;
  fputs("fpga_selftest: cannot write to the standard output; is the disk full?\n", stderr);
  return FPGA_EXIT_BAD_INPUT;
}

static int parse(int argc, char **argv, struct options *o, struct tetra_error *err) {
  *o = (struct options){NULL, 115200, 0};
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
      o->help = 1;
    } else if (strcmp(argv[i], "--baud") == 0) {
      char *end = NULL;
      const char *text = i + 1 < argc ? argv[++i] : "";
      const unsigned long v = strtoul(text, &end, 10);
      if (*text < '0' || *text > '9' || *end != '\0' || v == 0 || v > 100000000) {
        return tetra_fail(err, TETRA_EINVAL, "--baud: '%s' is not accepted; a rate like 115200 is", text);
      }
      o->baud = (uint32_t)v;
    } else if (argv[i][0] == '-') {
      return tetra_fail(err, TETRA_EINVAL, "unknown option '%s'; --baud and --help are accepted", argv[i]);
    } else if (o->port != NULL) {
      return tetra_fail(err, TETRA_EINVAL, "'%s' is not accepted; one port is", argv[i]);
    } else {
      o->port = argv[i];
    }
  }
  if (o->port == NULL && !o->help)
    return tetra_fail(err, TETRA_EINVAL, "no port; for example: fpga_selftest /dev/ttyUSB0");
  return TETRA_OK;
}

int main(int argc, char **argv) {
  struct options o;
  struct serial s = {.fd = -1};
  struct board_port port;
  struct tetra_error err = {0};
  int code = FPGA_EXIT_BAD_INPUT;
  if (parse(argc, argv, &o, &err) == TETRA_OK) {
    if (o.help) {
      fputs(usage, stdout);
      return written(FPGA_EXIT_GOOD);
    }
    if (serial_open(&s, o.port, o.baud, &port, &err) == TETRA_OK) {
      code = fpga_selftest(&port, stdout, isatty(STDERR_FILENO) ? stderr : NULL, &err);
    }
  }
  serial_close(&s);
  if (code == FPGA_EXIT_GOOD) return written(code);
  fflush(stdout);
  fprintf(stderr, "fpga_selftest: %s\n", err.msg);
  return code;
}
