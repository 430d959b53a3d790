/* How far a name is from one that exists, to tell what was meant. */
#ifndef TETRA_SIM_SPELLING_H
#define TETRA_SIM_SPELLING_H

#ifdef __cplusplus
extern "C" {
#endif

enum { SIM_SPELLING_MAX = 64 }; /* names are cut to that */

/* Characters to insert, delete or replace to make one of the other, upper case or lower; na and nb are their lengths.
 */
int sim_spelling_distance(const char *a, int na, const char *b, int nb);

/* The nearest of names that are offered one by one. */
struct sim_nearest {
  const char *name; /* borrowed; NULL: none is near enough */
  int distance;
};
/* Keeps the name if no nearer one was offered; near enough: of three characters one
 * may differ, of up to eight two, of more a third. */
void sim_nearest_offer(struct sim_nearest *n, const char *text, int length, const char *name);

#ifdef __cplusplus
}
#endif
#endif
