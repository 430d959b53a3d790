/* Waits of the command ring's commands, as 16-bit counts can tell them. */
#ifndef TETRA_COMPILER_TOKENS_H
#define TETRA_COMPILER_TOKENS_H

#include <stdint.h>

#include "tetra/hw.h"
#include "tetra/status.h"

/* An engine's commands are counted by the token of the same number, a STORE's writing by TOKEN_STORE. */
enum { ENGINE_LOAD, ENGINE_COMPUTE, ENGINE_STORE, ENGINES };
enum { TOKEN_LOAD, TOKEN_COMPUTE, TOKEN_DRAIN, TOKEN_STORE, TOKENS };

struct tokens {
  struct token_command *commands[ENGINES]; /* by number */
  int32_t emitted[ENGINES], most[ENGINES];
  int32_t reached[ENGINES][TOKENS]; /* counts without which the last command that was emitted would not have begun */
};

/* For so many commands of each engine; what it has is freed by tokens_free, whatever it returns. */
TETRA_NODISCARD int tokens_init(struct tokens *t, const int32_t most[ENGINES]);
void tokens_free(struct tokens *t);

/* The engine's next command in the ring waits for `counts` (0: for none). Sets its waits: those that are old are
 * replaced by younger ones, and it waits for more where it could otherwise take a count 2^15 past what another still
 * waits for. */
void tokens_emit(struct tokens *t, int engine, const int32_t counts[TOKENS], struct tetra_cmd *cmd);

#endif
