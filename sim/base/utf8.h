/* Which bytes are a character. */
#ifndef TETRA_SIM_UTF8_H
#define TETRA_SIM_UTF8_H

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of the UTF-8 character at p, which a NUL ends, by table 3-7 of the Unicode standard (no overlong form, no half
 * of a pair, nothing above U+10FFFF); 0: it is none. */
int sim_utf8_bytes(const unsigned char *p);

#ifdef __cplusplus
}
#endif
#endif
