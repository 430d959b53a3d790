/* What the Python package calls, without Python: the binding compiles, links, and a run of it has the cycle model's
 * cycles. (Its own tests, python/tests/, need a virtual environment: scripts/python.sh.) */
#include <cjson/cJSON.h>
#include <stdio.h>

#include "binding.h"

enum { ERROR = 512 };

static const char *const kArguments[] = {"tetra", "resnet18", "--width", "0.25", "--size", "32"};
enum { ARGUMENTS = sizeof kArguments / sizeof *kArguments };

static int layers_seen;

static int on_progress(int done, int all, const char *layer, uint64_t clocks) {
  if (layer != NULL) layers_seen++;
  return done > all || (layer != NULL && clocks == 0); /* either would stop the run */
}

/* The cycles of a document, which is freed; negative where it has none. */
static double cycles_of(char *json) {
  cJSON *document = cJSON_Parse(json);
  const cJSON *cycles = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(document, "total"), "cycles");
  const double n = cJSON_IsNumber(cycles) ? cycles->valuedouble : -1;
  cJSON_Delete(document);
  tetra_py_free(json);
  return n;
}

static double modelled(char *error) {
  struct tetra_py *net = NULL;
  const uint32_t *commands;
  const uint8_t *constants;
  uint32_t n;
  uint64_t bytes;
  char *json = NULL;
  double cycles = -1;
  if (tetra_py_open(&net, ARGUMENTS, kArguments, error, ERROR) != 0) return -1;
  if (tetra_py_compile(net, &commands, &n, &constants, &bytes, error, ERROR) == 0 &&
      tetra_py_model(net, ARGUMENTS, kArguments, &json, error, ERROR) == 0)
    cycles = cycles_of(json);
  tetra_py_close(net);
  return cycles;
}

int main(void) {
  char error[ERROR] = "";
  char *json = NULL;
  const double model = modelled(error);
  if (model <= 0 || tetra_py_simulate(ARGUMENTS, kArguments, on_progress, &json, error, ERROR) != 0) {
    fprintf(stderr, "python_binding: %s\n", error);
    return 1;
  }
  const double rtl = cycles_of(json);
  printf("RTL %.0f cycles, cycle model %.0f, %d layers\n", rtl, model, layers_seen);
  return rtl == model && layers_seen > 0 ? 0 : 1;
}
