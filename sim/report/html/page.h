/* Pages of HTML: one file that needs nothing else. Every text that comes from somewhere goes through page_text. */
#ifndef TETRA_SIM_PAGE_H
#define TETRA_SIM_PAGE_H

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Text between tags or in a quoted attribute: markup is escaped; bytes that are no UTF-8, and control characters,
 * become U+FFFD. */
void page_text(FILE *f, const char *text);
/* A page's beginning up to its heading, with our style. */
void page_begin(FILE *f, const char *title);
/* Its end, with the script that sorts tables, and `script`, another one of ours, where it is not NULL. */
void page_end(FILE *f, const char *script);
/* <h2> and what may be said about it, NULL: nothing. Both are ours, with markup. */
void page_section(FILE *f, const char *heading, const char *remark);
/* A number of the summary. */
void page_fact(FILE *f, const char *name, const char *value);
/* The names of series 0..n-1 in their colours. */
void page_legend(FILE *f, const char *const *names, int n);
/* A JSON document that scripts and programs find by its id. It may hold any text. */
void page_data(FILE *f, const char *id, const char *json);

#ifdef __cplusplus
}
#endif
#endif
