/* JPEG through libjpeg. Its errors and its warnings (a file that ends early is one of them) both refuse the file. */
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "files/image_kinds.h"

/* libjpeg wants stdio declared first. */
#include <jpeglib.h>

struct jpeg_fail {
  struct jpeg_error_mgr base;
  jmp_buf jump;
  char text[JMSG_LENGTH_MAX];
};

static void on_error(j_common_ptr info) {
  struct jpeg_fail *e = (struct jpeg_fail *)info->err;
  e->base.format_message(info, e->text);
  longjmp(e->jump, 1);
}

static void on_message(j_common_ptr info, int level) {
  if (level < 0) on_error(info);
}

static int decode(struct jpeg_decompress_struct *d, FILE *f, const char *path, struct sim_image *image,
                  struct tetra_error *err) {
  jpeg_stdio_src(d, f);
  jpeg_read_header(d, TRUE);
  d->out_color_space = JCS_RGB;
  d->dct_method = JDCT_ISLOW;
  const int rc = sim_image_alloc(path, 1, d->image_height, d->image_width, image, err);
  if (rc != TETRA_OK) return rc;
  jpeg_start_decompress(d);
  const size_t row_bytes = (size_t)d->output_width * 3;
  while (d->output_scanline < d->output_height) {
    JSAMPROW row = image->rgb + d->output_scanline * row_bytes;
    jpeg_read_scanlines(d, &row, 1);
  }
  jpeg_finish_decompress(d);
  return TETRA_OK;
}

int sim_image_read_jpeg(FILE *f, const char *path, struct sim_image *image, struct tetra_error *err) {
  struct jpeg_decompress_struct d;
  struct jpeg_fail fail;
  d.err = jpeg_std_error(&fail.base);
  fail.base.error_exit = on_error;
  fail.base.emit_message = on_message;
  int rc;
  if (setjmp(fail.jump) != 0) {
    jpeg_destroy_decompress(&d);
    return tetra_fail(err, TETRA_EINVAL, "image '%s' is not a good JPEG: %.100s", path, fail.text);
  }
  jpeg_create_decompress(&d);
  rc = decode(&d, f, path, image, err);
  jpeg_destroy_decompress(&d);
  return rc;
}
