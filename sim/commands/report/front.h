/* Which points of a study no other one is better than. */
#ifndef TETRA_SIM_REPORT_FRONT_H
#define TETRA_SIM_REPORT_FRONT_H

#include "commands/report/study.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Points can only be compared where they do the same work: the same network, width, size and batch. */
struct front {
  const struct study_column *x, *y; /* the axes */
  int n_works;
  int *work;     /* of each row, in the order in which they come; -1: not answered, or without a number on an axis */
  int *on_front; /* 1: no point of the same work is at least as good on both axes and better on one */
};

/* Is a larger number the better one in this column? */
TETRA_NODISCARD int front_larger_is_better(const char *column);
/* The axes that say most: cycles over SRAM where that varies, accuracy over cycles where it is known. */
void front_choose_axes(const struct study *s, struct front *f);
/* Fills the rest; TETRA_ENOMEM. Freed by front_free, also after an error. */
TETRA_NODISCARD int front_find(const struct study *s, struct front *f, struct tetra_error *err);
void front_free(struct front *f);
/* "resnet50, width 1, 224x224, batch 1", of the work that `row` does. */
void front_work_name(const struct study *s, int row, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
