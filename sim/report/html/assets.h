/* Files of this folder as strings: the build makes assets.c of them. */
#ifndef TETRA_SIM_HTML_ASSETS_H
#define TETRA_SIM_HTML_ASSETS_H

#ifdef __cplusplus
extern "C" {
#endif

extern const char page_style[];   /* page.css */
extern const char page_script[];  /* page.js */
extern const char study_script[]; /* study.js */

#ifdef __cplusplus
}
#endif
#endif
