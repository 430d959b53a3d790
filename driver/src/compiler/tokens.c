/* Counts of finished commands have 16 bits, and a wait is over if (signed 16-bit)(count - wait) >= 0.
 *
 * So a count that is 2^15 past a wait looks as if it were behind it, and the command that waits would wait once more.
 * Whether that can happen follows from the tokens alone: the command that makes the count so large must not complete
 * before the other has begun, whatever time each engine takes. Where the waits that are there do not see to it, the
 * command gets one more, on what precedes it by many thousand commands.
 */
#include "tokens.h"

#include <stdlib.h>
#include <string.h>

/* Older waits are replaced by one on a younger command: as much of the counts' range is left for engines that run
 * ahead. */
enum { kOldest = 16384, kPassed = 32768 };

struct token_command {
  int32_t reached[TOKENS]; /* counts without which it would not have begun */
  int32_t behind[ENGINES]; /* how many commands of an engine must have begun before it completes */
};

int tokens_init(struct tokens *t, const int32_t most[ENGINES]) {
  int rc = TETRA_OK;
  memset(t, 0, sizeof *t);
  for (int e = 0; e < ENGINES; e++) {
    t->most[e] = most[e];
    t->commands[e] = calloc((size_t)most[e] + 1, sizeof *t->commands[e]);
    if (!t->commands[e]) rc = TETRA_ENOMEM;
  }
  return rc;
}

void tokens_free(struct tokens *t) {
  for (int e = 0; e < ENGINES; e++) free(t->commands[e]);
}

static void raise_to(int32_t *count, int32_t least) {
  if (*count < least) *count = least;
}

/* The next command of `engine` waits for a count: what that says of others, and who must not run away from it. */
static void wait_for(struct tokens *t, int engine, int token, int32_t count, struct tetra_cmd *cmd) {
  const struct tetra_field fields[TOKENS] = {TETRA_F_WAIT_LOAD, TETRA_F_WAIT_COMPUTE, TETRA_F_WAIT_DRAIN,
                                             TETRA_F_WAIT_STORE};
  const int of = token == TOKEN_STORE ? ENGINE_STORE : token;
  raise_to(&count, t->emitted[of] - kOldest);
  tetra_cmd_set(cmd, TETRA_F_WAIT_EN, tetra_cmd_get(cmd, TETRA_F_WAIT_EN) | 1u << token);
  tetra_cmd_set(cmd, fields[token], (uint32_t)count);
  for (int i = 0; i < TOKENS; i++) raise_to(&t->reached[engine][i], t->commands[of][count - 1].reached[i]);
  raise_to(&t->reached[engine][token], count);
  raise_to(&t->reached[engine][of], count);
  if (of != engine && count + kPassed <= t->most[of])
    t->commands[of][count + kPassed - 1].behind[engine] = t->emitted[engine] + 1;
}

void tokens_emit(struct tokens *t, int engine, const int32_t counts[TOKENS], struct tetra_cmd *cmd) {
  struct token_command *own = &t->commands[engine][t->emitted[engine]];
  for (int i = 0; i < TOKENS; i++)
    if (counts[i] > 0) wait_for(t, engine, i, counts[i], cmd);
  for (int e = 0; e < ENGINES; e++)
    if (t->reached[engine][e] < own->behind[e]) wait_for(t, engine, e, own->behind[e], cmd);
  memcpy(own->reached, t->reached[engine], sizeof own->reached);
  t->emitted[engine]++;
}
