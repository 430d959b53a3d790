/* The frame of a page, and texts that cannot become markup. */
#include "report/html/page.h"

#include <string.h>

#include "base/utf8.h"
#include "report/html/assets.h"

#define REPLACEMENT "\xef\xbf\xbd"

static const char *entity(unsigned char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return c == 0x7f || (c < 0x20 && c != '\n' && c != '\t') ? REPLACEMENT : NULL;
  }
}

void page_text(FILE *f, const char *text) {
  const unsigned char *p = (const unsigned char *)text;
  while (*p != '\0') {
    const int n = sim_utf8_bytes(p);
    const char *as = n == 0 ? REPLACEMENT : entity(*p);
    if (as != NULL) {
      fputs(as, f);
    } else {
      fwrite(p, 1, (size_t)n, f);
    }
    p += n == 0 ? 1 : n;
  }
}

void page_begin(FILE *f, const char *title) {
  fputs(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
      "script-src 'unsafe-inline'\">\n<title>",
      f);
  page_text(f, title);
  fputs("</title>\n<style>\n", f);
  fputs(page_style, f);
  fputs("</style></head><body>\n<h1>", f);
  page_text(f, title);
  fputs("</h1>\n", f);
}

void page_end(FILE *f, const char *script) {
  fputs("<script>\n", f);
  fputs(page_script, f);
  if (script != NULL) fputs(script, f);
  fputs("</script>\n</body></html>\n", f);
}

void page_section(FILE *f, const char *heading, const char *remark) {
  fprintf(f, "<h2>%s</h2>\n", heading);
  if (remark != NULL) fprintf(f, "<p>%s</p>\n", remark);
}

void page_fact(FILE *f, const char *name, const char *value) {
  fputs("<div class=\"fact\"><span>", f);
  page_text(f, name);
  fputs("</span><b>", f);
  page_text(f, value);
  fputs("</b></div>\n", f);
}

void page_legend(FILE *f, const char *const *names, int n) {
  fputs("<p class=\"legend\">", f);
  for (int i = 0; i < n; i++) {
    fprintf(f, "<span><i class=\"b%d\"></i>", i);
    page_text(f, names[i]);
    fputs("</span> ", f);
  }
  fputs("</p>\n", f);
}

void page_data(FILE *f, const char *id, const char *json) {
  fprintf(f, "<script type=\"application/json\" id=\"%s\">", id);
  const unsigned char *p = (const unsigned char *)json;
  while (*p != '\0') {
    const int n = sim_utf8_bytes(p);
    if (n == 0) {
      fputs(REPLACEMENT, f);
    } else if (*p == '<') {
      fputs("\\u003c", f); /* "</script>" and "<!--" cannot stand in it */
    } else {
      fwrite(p, 1, (size_t)n, f);
    }
    p += n == 0 ? 1 : n;
  }
  fputs("</script>\n", f);
}
