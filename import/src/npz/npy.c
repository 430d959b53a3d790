/* The header of a .npy file, from memory. It is a foreign file's text: bounded by its length, never by a NUL. */
#include "tetra/npy.h"

#include <string.h>

#define DAMAGED "has a damaged .npy header"

struct text {
  const char *p, *end;
};

static int peek(const struct text *t) { return t->p < t->end ? (unsigned char)*t->p : -1; }

static int take(struct text *t, char c) {
  if (peek(t) != (unsigned char)c) return 0;
  t->p++;
  return 1;
}

static void skip_spaces(struct text *t) {
  while (peek(t) == ' ' || peek(t) == '\n' || peek(t) == '\t') t->p++;
}

/* What stands between two quotes; -1 where there are none. */
static int take_string(struct text *t, const char **s, size_t *length) {
  const int quote = peek(t);
  if (quote != '\'' && quote != '"') return -1;
  *s = ++t->p;
  while (peek(t) >= 0 && peek(t) != quote) t->p++;
  *length = (size_t)(t->p - *s);
  return take(t, (char)quote) ? 0 : -1;
}

static int is_word(const char *s, size_t length, const char *word) {
  return length == strlen(word) && memcmp(s, word, length) == 0;
}

static int take_word(struct text *t, const char *word) {
  const size_t n = strlen(word);
  if ((size_t)(t->end - t->p) < n || memcmp(t->p, word, n) != 0) return 0;
  t->p += n;
  return 1;
}

static uint64_t take_number(struct text *t) {
  uint64_t v = 0;
  for (; peek(t) >= '0' && peek(t) <= '9'; t->p++) {
    const uint64_t digit = (uint64_t)(peek(t) - '0');
    v = v > (UINT64_MAX - digit) / 10 ? UINT64_MAX : 10 * v + digit;
  }
  return v;
}

/* '|u1', '<i8' and so on. */
static const char *take_type(struct text *t, struct tetra_npy *a) {
  static const char other[] = "is not an array of little-endian numbers";
  const char *s;
  size_t n;
  if (take_string(t, &s, &n) != 0 || n != 3) return other;
  const int little = s[0] == '<' || s[0] == '|', kind = s[1] == 'u' || s[1] == 'i' || s[1] == 'f';
  if (!little || !kind || (s[2] != '1' && s[2] != '2' && s[2] != '4' && s[2] != '8')) return other;
  memcpy(a->type, s + 1, 2);
  a->type[2] = '\0';
  a->item_bytes = s[2] - '0';
  return NULL;
}

static const char *take_order(struct text *t) {
  if (take_word(t, "False")) return NULL;
  return take_word(t, "True") ? "is in Fortran order" : DAMAGED;
}

/* A tuple of numbers. */
static const char *take_shape(struct text *t, struct tetra_npy *a) {
  static const char other[] = "has another shape";
  if (!take(t, '(')) return other;
  for (;;) {
    skip_spaces(t);
    if (take(t, ')')) return NULL;
    if (peek(t) < '0' || peek(t) > '9' || a->rank == TETRA_NPY_RANK) return other;
    a->dims[a->rank++] = take_number(t);
    skip_spaces(t);
    if (!take(t, ',') && peek(t) != ')') return other;
  }
}

/* The dictionary. What is wrong with the type is said first, then the order, then the shape. */
static const char *parse_dictionary(struct text *t, struct tetra_npy *a) {
  const char *wrong[3] = {DAMAGED, DAMAGED, DAMAGED};
  skip_spaces(t);
  if (!take(t, '{')) return DAMAGED;
  for (skip_spaces(t); !take(t, '}'); skip_spaces(t)) {
    const char *key;
    size_t n;
    if (take_string(t, &key, &n) != 0) return DAMAGED;
    skip_spaces(t);
    if (!take(t, ':')) return DAMAGED;
    skip_spaces(t);
    const int k = is_word(key, n, "descr")           ? 0
                  : is_word(key, n, "fortran_order") ? 1
                  : is_word(key, n, "shape")         ? 2
                                                     : 3;
    if (k == 3) return DAMAGED;
    a->rank = k == 2 ? 0 : a->rank;
    wrong[k] = k == 0 ? take_type(t, a) : k == 1 ? take_order(t) : take_shape(t, a);
    if (wrong[k] != NULL) break; /* where the next key begins is not known */
    skip_spaces(t);
    if (!take(t, ',') && peek(t) != '}') return DAMAGED;
  }
  for (int k = 0; k < 3; k++) {
    if (wrong[k] != NULL && strcmp(wrong[k], DAMAGED) != 0) return wrong[k];
  }
  return wrong[0] != NULL || wrong[1] != NULL || wrong[2] != NULL ? DAMAGED : NULL;
}

size_t tetra_npy_data_offset(const uint8_t prefix[TETRA_NPY_PREFIX]) {
  if (memcmp(prefix, "\x93NUMPY", 6) != 0 || prefix[6] < 1 || prefix[6] > 3) return 0;
  const size_t start = prefix[6] == 1 ? 10 : 12;
  size_t length = (size_t)prefix[8] | (size_t)prefix[9] << 8;
  if (start == 12) length |= (size_t)prefix[10] << 16 | (size_t)prefix[11] << 24;
  return length < 2 || start + length > TETRA_NPY_OFFSET_MAX ? 0 : start + length;
}

const char *tetra_npy_parse(const uint8_t *bytes, size_t size, struct tetra_npy *a) {
  memset(a, 0, sizeof *a);
  if (size < TETRA_NPY_PREFIX) return DAMAGED;
  a->offset = tetra_npy_data_offset(bytes);
  if (a->offset == 0 || a->offset > size) return DAMAGED;
  struct text t = {(const char *)bytes + (bytes[6] == 1 ? 10 : 12), (const char *)bytes + a->offset};
  return parse_dictionary(&t, a);
}
