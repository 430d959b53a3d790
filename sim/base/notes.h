/* Lines that say more than the one message of an error can: every operation that cannot run, for instance. */
#ifndef TETRA_SIM_NOTES_H
#define TETRA_SIM_NOTES_H

#ifdef __cplusplus
extern "C" {
#endif

/* Who wants them; line NULL: nobody. `text` has no newline and is valid during the call. */
struct sim_notes {
  void (*line)(void *arg, const char *text);
  void *arg;
};

/* Says "sim: TEXT" on standard error; `arg` is not used. */
void sim_note(void *arg, const char *text);

#ifdef __cplusplus
}
#endif
#endif
