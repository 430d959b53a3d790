/* Answers points: in the cycle model, on the RTL, over images. Keeps what the next point may share. */
#ifndef TETRA_SIM_SWEEP_ENGINE_H
#define TETRA_SIM_SWEEP_ENGINE_H

#include "commands/sweep/answer.h"
#include "files/study/study.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sweep_engine;

/* TETRA_ENOMEM. *s is borrowed. */
TETRA_NODISCARD int sweep_engine_new(struct sweep_engine **e, const struct sim_study *s, struct tetra_error *err);
void sweep_engine_free(struct sweep_engine *e);
/* Fills the reply, which grows as needed and is the caller's to free. TETRA_ENOMEM. */
TETRA_NODISCARD int sweep_engine_run(struct sweep_engine *e, const struct sweep_task *task, struct sweep_reply *reply,
                                     struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
