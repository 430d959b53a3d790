/* Constraints, evaluated as they are read: recursive descent over a text of bounded length. */
#include "files/study/expr.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 32 };

struct reader {
  const char *text, *at;
  const struct sim_expr_names *names;
  int depth;
  const char *wrong; /* NULL: nothing is */
};

static double sum(struct reader *r);

static void skip(struct reader *r) {
  while (*r->at == ' ' || *r->at == '\t') r->at++;
}

static int take(struct reader *r, const char *token) {
  skip(r);
  const size_t n = strlen(token);
  if (strncmp(r->at, token, n) != 0) return 0;
  r->at += n;
  return 1;
}

static double refuse(struct reader *r, const char *why) {
  if (r->wrong == NULL) r->wrong = why;
  return 0;
}

/* Digits and at most one point: no signs, exponents or names of infinities. */
static double number(struct reader *r) {
  char digits[32];
  size_t n = strspn(r->at, "0123456789.");
  if (n >= sizeof digits) return refuse(r, "a number of too many digits");
  memcpy(digits, r->at, n);
  digits[n] = '\0';
  char *end;
  const double v = strtod(digits, &end);
  if (*end != '\0') return refuse(r, "no number");
  r->at += n;
  if (take(r, "K")) return v * 1024;
  if (take(r, "M")) return v * 1024 * 1024;
  return take(r, "G") ? v * 1024 * 1024 * 1024 : v;
}

static double name(struct reader *r) {
  size_t n = 0;
  while (isalnum((unsigned char)r->at[n]) || r->at[n] == '_') n++;
  for (int i = 0; i < r->names->n; i++) {
    if (strlen(r->names->name[i]) != n || strncmp(r->names->name[i], r->at, n) != 0) continue;
    r->at += n;
    return r->names->value[i];
  }
  return refuse(r, "no name of an axis");
}

static double factor(struct reader *r) {
  skip(r);
  if (*r->at == '(') {
    if (++r->depth > DEPTH_MAX) return refuse(r, "too many parentheses");
    r->at++;
    const double v = sum(r);
    if (r->wrong == NULL && !take(r, ")")) return refuse(r, "a parenthesis is not closed");
    r->depth--;
    return v;
  }
  if (isdigit((unsigned char)*r->at)) return number(r);
  if (isalpha((unsigned char)*r->at)) return name(r);
  return refuse(r, "a number, a name or a parenthesis is missing");
}

static double product(struct reader *r) {
  double v = factor(r);
  while (r->wrong == NULL) {
    if (take(r, "*"))
      v *= factor(r);
    else if (take(r, "/"))
      v /= factor(r);
    else
      break;
  }
  return v;
}

static double sum(struct reader *r) {
  double v = product(r);
  while (r->wrong == NULL) {
    if (take(r, "+"))
      v += product(r);
    else if (take(r, "-"))
      v -= product(r);
    else
      break;
  }
  return v;
}

static int compare(struct reader *r) {
  const double a = sum(r);
  if (r->wrong != NULL) return 0;
  static const char *const signs[] = {"<=", ">=", "==", "!=", "<", ">"};
  size_t k = 0;
  while (k < sizeof signs / sizeof *signs && !take(r, signs[k])) k++;
  if (k == sizeof signs / sizeof *signs) return (int)refuse(r, "<=, <, >=, >, == or != is missing");
  const double b = sum(r);
  skip(r);
  if (r->wrong == NULL && *r->at != '\0') return (int)refuse(r, "something follows");
  const int results[] = {a <= b, a >= b, a == b, a < b || a > b, a<b, a> b};
  return results[k];
}

int sim_expr_holds(const char *text, const struct sim_expr_names *names, int *holds, struct tetra_error *err) {
  struct reader r = {text, text, names, 0, NULL};
  *holds = 0;
  if (strlen(text) > SIM_EXPR_CHARS)
    return tetra_fail(err, TETRA_EINVAL, "constraint '%.40s...' is longer than %d characters", text, SIM_EXPR_CHARS);
  *holds = compare(&r);
  if (r.wrong == NULL) return TETRA_OK;
  *holds = 0;
  char accepted[240] = "";
  size_t used = 0;
  for (int i = 0; i < names->n && used + 1 < sizeof accepted; i++)
    used += (size_t)snprintf(accepted + used, sizeof accepted - used, "%s%s", i == 0 ? "" : ", ", names->name[i]);
  return tetra_fail(err, TETRA_EINVAL, "constraint '%.60s': %s at '%.20s'; like \"sram <= 512K\", with %s", text,
                    r.wrong, r.at, accepted);
}
