/* What a refusal for want of room says would fit. */
#ifndef TETRA_LOWER_ROOM_H
#define TETRA_LOWER_ROOM_H

#include <stdio.h>

#include "tetra/caps.h"

enum { kRoomText = 64 };

/* text = ", or a BUFFER of N KiB" for that many words; empty where no build has so many. */
static inline void room_text(const struct tetra_caps *caps, const char *buffer, uint64_t words, char text[kRoomText]) {
  uint64_t size = 1024 / caps->n;
  while (size < words) size *= 2;
  text[0] = '\0';
  if (size <= TETRA_CAPS_MAX_WORDS)
    snprintf(text, kRoomText, ", or %s of %llu KiB", buffer, (unsigned long long)(size * caps->n / 1024));
}

#endif
