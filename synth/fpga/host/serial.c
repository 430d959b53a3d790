/* termios. */
#define _DEFAULT_SOURCE
#include "serial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* tetra_board.sv's QuietBits, and what a USB adapter may add. */
enum { QUIET_BITS = 4096, ADAPTER_MS = 40, ANSWER_MS = 3000 };
#define PORT_NAMES "a board's port is called /dev/ttyUSB0 or /dev/ttyACM0"

/* fpga.sh reads them here, a line like these: of faster ones 25 MHz are no whole number of cycles a bit. */
static const struct rate {
  uint32_t baud;
  speed_t speed;
} rates[] = {
    {9600, B9600},       {19200, B19200}, {38400, B38400}, {57600, B57600}, {115200, B115200}, {230400, B230400},
#ifdef B460800
    {460800, B460800},
#endif
#ifdef B500000
    {500000, B500000},
#endif
#ifdef B921600
    {921600, B921600},
#endif
#ifdef B1000000
    {1000000, B1000000},
#endif
};
enum { N_RATES = sizeof rates / sizeof rates[0] };

static int wait_for(int fd, short events, int ms) {
  struct pollfd p = {fd, events, 0};
  const int n = poll(&p, 1, ms);
  if (n < 0) return errno == EINTR ? 0 : -1;
  return n > 0 && !(p.revents & events) ? -1 : n;
}

static int send_bytes(void *ctx, const uint8_t *bytes, size_t n) {
  const struct serial *s = ctx;
  for (size_t at = 0; at < n;) {
    if (wait_for(s->fd, POLLOUT, ANSWER_MS) <= 0) return -1;
    const ssize_t sent = write(s->fd, bytes + at, n - at);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return -1;
    if (sent > 0) at += (size_t)sent;
  }
  return 0;
}

static long receive_bytes(void *ctx, uint8_t *bytes, size_t n, uint32_t ms) {
  const struct serial *s = ctx;
  const int ready = wait_for(s->fd, POLLIN, (int)ms);
  if (ready <= 0) return ready;
  const ssize_t got = read(s->fd, bytes, n);
  /* A device that says that there is something and has nothing is gone. */
  return got > 0 ? (long)got : got < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

static uint64_t now_us(void *ctx) {
  struct timespec t;
  (void)ctx;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static int set_up(struct serial *s, const char *path, speed_t speed, struct tetra_error *err) {
  if (tcgetattr(s->fd, &s->before) != 0)
    return tetra_fail(err, TETRA_EINVAL, "'%s' is no serial device; " PORT_NAMES, path);
  struct termios t = s->before;
  s->changed = 1;
  cfmakeraw(&t);
  t.c_cflag &= (tcflag_t) ~(CSTOPB | CRTSCTS);
  t.c_cflag |= CLOCAL | CREAD;
  t.c_cc[VMIN] = 0;
  t.c_cc[VTIME] = 0;
  if (cfsetispeed(&t, speed) != 0 || cfsetospeed(&t, speed) != 0 || tcsetattr(s->fd, TCSANOW, &t) != 0) {
    return tetra_fail(err, TETRA_EINVAL, "'%s' does not do this baud rate: %s", path, strerror(errno));
  }
  return TETRA_OK;
}

static const struct rate *find_rate(uint32_t baud, struct tetra_error *err) {
  char known[160] = "";
  size_t end = 0;
  for (size_t i = 0; i < N_RATES; i++) {
    if (rates[i].baud == baud) return &rates[i];
    end += (size_t)snprintf(known + end, sizeof known - end, "%s%u", i == 0 ? "" : ", ", (unsigned)rates[i].baud);
  }
  tetra_fail(err, TETRA_EINVAL, "--baud: %u is not accepted; %s are, of which the bitstream has one", (unsigned)baud,
             known);
  return NULL;
}

int serial_open(struct serial *s, const char *path, uint32_t baud, struct board_port *port, struct tetra_error *err) {
  const struct rate *rate = find_rate(baud, err);
  *s = (struct serial){.fd = -1};
  if (rate == NULL) return TETRA_EINVAL;
  s->fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (s->fd < 0) {
    return tetra_fail(err, TETRA_EINVAL, "cannot open '%s': %s; " PORT_NAMES, path, strerror(errno));
  }
  const int rc = set_up(s, path, rate->speed, err);
  *port = (struct board_port){
      s, send_bytes, receive_bytes, now_us, (uint32_t)(QUIET_BITS * 1000u / baud) + ADAPTER_MS, ANSWER_MS};
  return rc;
}

void serial_close(struct serial *s) {
  /* A terminal that somebody types at is not left without an echo. */
  if (s->fd >= 0 && s->changed) tcsetattr(s->fd, TCSANOW, &s->before);
  if (s->fd >= 0) close(s->fd);
  s->fd = -1;
}
