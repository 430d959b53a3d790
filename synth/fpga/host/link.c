/* Frames and answers. */
#include "link.h"

enum { FRAME_BYTES = 9 + 4 * LINK_MAX_WORDS, ATTEMPTS = 3 };

uint16_t link_crc(uint16_t crc, const uint8_t *bytes, size_t n) {
  for (size_t i = 0; i < n; i++) {
    crc = (uint16_t)(crc ^ bytes[i] << 8);
    for (int bit = 0; bit < 8; bit++) crc = (uint16_t)(crc << 1 ^ (crc & 0x8000 ? 0x1021 : 0));
  }
  return crc;
}

const char *link_status_text(unsigned status) {
  static const char *const texts[] = {
      [LINK_GOOD] = "good",
      [LINK_BAD_COMMAND] = "the board does not know the command",
      [LINK_BAD_LENGTH] = "the frame's length is not accepted",
      [LINK_BAD_ADDRESS] = "nothing is at the address",
      [LINK_BAD_CHECK] = "the frame's check was wrong",
      [LINK_BROKEN] = "the frame came broken",
      [LINK_NO_ANSWER] = "what is at the address did not answer the board",
  };
  return status < sizeof texts / sizeof texts[0] ? texts[status] : "an unknown status";
}

uint8_t *link_put_u32(uint8_t *to, uint32_t v) {
  for (int i = 0; i < 4; i++) *to++ = (uint8_t)(v >> 8 * i);
  return to;
}

uint32_t link_get_u32(const uint8_t *p) {
  return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static int gone(struct tetra_error *err) {
  return tetra_fail(err, TETRA_EIO, "the serial line is gone; is the board still plugged in?");
}

/* words: NULL for a read. */
static int send_frame(const struct board_port *port, uint32_t addr, const uint32_t *words, size_t n,
                      struct tetra_error *err) {
  uint8_t frame[FRAME_BYTES] = {'T', words != NULL ? 'W' : 'R', (uint8_t)n};
  uint8_t *end = link_put_u32(frame + 3, addr);
  for (size_t i = 0; words != NULL && i < n; i++) end = link_put_u32(end, words[i]);
  const uint16_t crc = link_crc(0xffff, frame + 1, (size_t)(end - frame) - 1);
  *end++ = (uint8_t)crc;
  *end++ = (uint8_t)(crc >> 8);
  return port->send(port->ctx, frame, (size_t)(end - frame)) == 0 ? TETRA_OK : gone(err);
}

/* The next n bytes of an answer, of which `before` have come. */
static int receive(const struct board_port *port, uint8_t *bytes, size_t before, size_t n, struct tetra_error *err) {
  for (size_t got = 0; got < n;) {
    const long more = port->receive(port->ctx, bytes + got, n - got, port->answer_ms);
    if (more < 0) return gone(err);
    if (more == 0 && before + got == 0) return tetra_fail(err, TETRA_ETIMEOUT, "the board does not answer any more");
    if (more == 0) {
      return tetra_fail(err, TETRA_EHW, "an answer ended after %u of %u bytes: the line is not good",
                        (unsigned)(before + got), (unsigned)(before + n));
    }
    got += (size_t)more;
  }
  return TETRA_OK;
}

/* The answer to a frame of n words at addr, a read's where words is not NULL. A status other than good has no words, so
 * that is looked at first. */
static int take_answer(const struct board_port *port, uint32_t addr, uint32_t *words, size_t n,
                       struct tetra_error *err) {
  uint8_t answer[4 + 4 * LINK_MAX_WORDS];
  int rc = receive(port, answer, 0, 4, err);
  if (rc != TETRA_OK) return rc;
  const unsigned status = answer[1];
  size_t bytes = 4;
  if (answer[0] == 'r' && status == LINK_GOOD && words != NULL) {
    rc = receive(port, answer + 4, 4, 4 * n, err);
    if (rc != TETRA_OK) return rc;
    bytes += 4 * n;
  }
  const uint16_t crc = link_crc(0xffff, answer + 1, bytes - 3);
  if (answer[0] != 'r' || answer[bytes - 2] != (crc & 255) || answer[bytes - 1] != crc >> 8) {
    return tetra_fail(err, TETRA_EHW, "the answer to the frame at 0x%08x came damaged: the line is not good",
                      (unsigned)addr);
  }
  if (status != LINK_GOOD) {
    return tetra_fail(err, TETRA_EHW, "the frame at 0x%08x was refused: %s", (unsigned)addr, link_status_text(status));
  }
  for (size_t i = 0; words != NULL && i < n; i++) words[i] = link_get_u32(answer + 2 + 4 * i);
  return TETRA_OK;
}

/* n words in as many frames as they need: written from `out`, or read to `in`, the other is NULL. */
static int transfer(const struct board_port *port, uint32_t addr, const uint32_t *out, uint32_t *in, size_t n,
                    struct tetra_error *err) {
  for (size_t at = 0; at < n;) {
    const size_t part = n - at < LINK_MAX_WORDS ? n - at : LINK_MAX_WORDS;
    const uint32_t here = addr + 4 * (uint32_t)at;
    int rc = send_frame(port, here, out != NULL ? out + at : NULL, part, err);
    if (rc == TETRA_OK) rc = take_answer(port, here, in != NULL ? in + at : NULL, part, err);
    if (rc != TETRA_OK) return rc;
    at += part;
  }
  return TETRA_OK;
}

int link_read(const struct board_port *port, uint32_t addr, uint32_t *words, size_t n, struct tetra_error *err) {
  return transfer(port, addr, NULL, words, n, err);
}

int link_write(const struct board_port *port, uint32_t addr, const uint32_t *words, size_t n, struct tetra_error *err) {
  return transfer(port, addr, words, NULL, n, err);
}

/* Until nothing has come for the board's quiet time and a bit: it has answered then whatever was left of an earlier
 * host's frame. A line that never rests is not a board's. */
static int rest(const struct board_port *port, struct tetra_error *err) {
  uint8_t dropped[256];
  for (int i = 0; i < 256; i++) {
    const long n = port->receive(port->ctx, dropped, sizeof dropped, 2 * port->quiet_ms);
    if (n < 0) return gone(err);
    if (n == 0) return TETRA_OK;
  }
  return tetra_fail(err, TETRA_EINVAL, "bytes come without end: not a Tetra board, or another baud rate (--baud)");
}

int link_open(const struct board_port *port, struct tetra_error *err) {
  uint32_t id[2] = {0, 0};
  int rc = TETRA_ETIMEOUT;
  for (int i = 0; i < ATTEMPTS && rc != TETRA_OK; i++) {
    rc = rest(port, err);
    if (rc == TETRA_OK) rc = link_read(port, LINK_BOARD_ID, id, 2, err);
    if (rc == TETRA_EIO || rc == TETRA_EINVAL) return rc;
  }
  if (rc == TETRA_ETIMEOUT) {
    return tetra_fail(err, rc, "no answer; is the bitstream loaded, and is it this port and baud rate (--baud)?");
  }
  if (rc != TETRA_OK || id[0] != LINK_ID) {
    return tetra_fail(err, TETRA_EINVAL,
                      "what answers is not a Tetra board; another port, or another baud rate (--baud)?");
  }
  if (id[1] != LINK_VERSION) {
    return tetra_fail(err, TETRA_EINVAL,
                      "the board's bitstream has version %u of the protocol, this program %u; make fpga BOARD=ulx3s",
                      (unsigned)id[1], (unsigned)LINK_VERSION);
  }
  return TETRA_OK;
}
