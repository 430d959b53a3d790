/* A study's page. */
#ifndef TETRA_SIM_REPORT_STUDY_PAGE_H
#define TETRA_SIM_REPORT_STUDY_PAGE_H

#include <stdio.h>

#include "commands/report/front.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Summary, front, what its script lets one choose, best points, refusals, origin. `json` is study_json's. */
void study_page(FILE *f, const struct study *s, const struct front *front, const char *json);

#ifdef __cplusplus
}
#endif
#endif
