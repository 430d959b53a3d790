/* Figures, drawn by gnuplot. */
#define _GNU_SOURCE
#include "report/gnuplot.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/notes.h"
#include "base/outfile.h"
#include "report/format.h"

/* Runs gnuplot on a program file; its exit code, 127 where it does not exist, -1 where it could not be run. */
static int run_gnuplot(const char *program) {
  char *argv[] = {(char[]){"gnuplot"}, strdup(program), NULL};
  pid_t pid;
  int status = 0;
  if (argv[1] == NULL) return -1;
  const int rc = posix_spawnp(&pid, "gnuplot", NULL, NULL, argv, environ);
  free(argv[1]);
  if (rc != 0) return rc == ENOENT ? 127 : -1;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void sim_gnuplot_note(void) {
  const char *path = getenv("PATH");
  char name[4096];
  while (path != NULL && *path != '\0') {
    const int length = (int)strcspn(path, ":");
    snprintf(name, sizeof name, "%.*s/gnuplot", length, path);
    if (access(name, X_OK) == 0) return;
    path += length + (path[length] == ':');
  }
  sim_note(NULL, "gnuplot is not installed: there will be no plot (apt install gnuplot-nox)");
}

/* A name beside `path` that ends as path does, because gnuplot's terminal follows from it. */
static char *beside(const char *path, const char *what) {
  const size_t size = strlen(path) + 64;
  char *name = malloc(size);
  if (name != NULL) snprintf(name, size, "%s.%ld.%s", path, (long)getpid(), what);
  return name;
}

struct figure {
  const char *option, *path;
  void (*write)(const void *arg, const char *image, FILE *out);
  const void *arg;
};

static int draw(const struct figure *fig, const char *program, const char *image, struct tetra_error *err) {
  struct sim_outfile f;
  int rc = sim_outfile_open(&f, fig->option, program, err);
  if (rc != TETRA_OK) return rc;
  fig->write(fig->arg, image, f.f);
  rc = sim_outfile_commit(&f, err);
  if (rc != TETRA_OK) return rc;
  const int code = run_gnuplot(program);
  if (code == 127) {
    return tetra_fail(err, TETRA_EIO,
                      "no plot: gnuplot is not installed (apt install gnuplot-nox, then the same command again draws "
                      "it); the other files are written");
  }
  if (code != 0) return tetra_fail(err, TETRA_EIO, "no plot: gnuplot failed (%d)", code);
  if (rename(image, fig->path) == 0) return TETRA_OK;
  return tetra_fail(err, TETRA_EIO, "cannot write %s '%s': %s", fig->option, fig->path, strerror(errno));
}

int sim_gnuplot(const char *option, const char *path, void (*write)(const void *arg, const char *image, FILE *out),
                const void *arg, struct tetra_error *err) {
  const struct figure fig = {option, path, write, arg};
  char *program = beside(path, "gp"), *image = beside(path, strrchr(path, '.') + 1);
  int rc = TETRA_ENOMEM;
  if (program != NULL && image != NULL) {
    rc = draw(&fig, program, image, err);
    remove(program);
    remove(image);
  } else {
    tetra_fail(err, rc, "no memory for a file name");
  }
  free(program);
  free(image);
  return rc;
}

void sim_gnuplot_string(const char *text, FILE *out) { sim_print_quoted(text, '\'', out); }

void sim_gnuplot_begin(const char *image, int width, int height, const char *words, FILE *out) {
  const char *dot = strrchr(image, '.');
  const int png = dot != NULL && strcmp(dot, ".png") == 0;
  fprintf(out, "set encoding utf8\nset terminal %s size %d,%d font 'sans,11'%s%s\nset output ",
          png ? "pngcairo" : "svg", width, height, png ? "" : " background '#ffffff'", words);
  sim_gnuplot_string(image, out);
  fputc('\n', out);
}
