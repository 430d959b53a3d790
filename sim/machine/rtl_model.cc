// Chooses among the array sizes that this program was built with. TETRA_SIZES is X(4) X(8) ..., from CMake.
#include "machine/rtl_model.h"

#include <cstring>
#include <new>
#include <string>

#include "base/rebuild.h"

#define X(n) void tetra_make_##n(rtl_model *c, tetra_mem *mem);
TETRA_SIZES
#undef X
#if TETRA_TRACE
#define X(n) void tetra_make_traced_##n(rtl_model *c, tetra_mem *mem);
TETRA_SIZES
#undef X
#endif

namespace {

using Make = void (*)(rtl_model *, tetra_mem *);
struct Size {
  unsigned n;
  Make plain, traced;
};

#if TETRA_TRACE
#define X(n) {n, tetra_make_##n, tetra_make_traced_##n},
#else
#define X(n) {n, tetra_make_##n, nullptr},
#endif
constexpr Size kSizes[] = {TETRA_SIZES{0, nullptr, nullptr}};
#undef X

std::string SizeList(const char *separator) {
  std::string s;
  for (const Size *p = kSizes; p->n != 0; p++) s += (s.empty() ? "" : separator) + std::to_string(p->n);
  return s;
}

}  // namespace

unsigned rtl_model_size(int i) { return kSizes[i].n; }

int rtl_model_create(rtl_model *model, unsigned n, int traced, tetra_mem *mem, tetra_error *err) {
  std::memset(model, 0, sizeof *model);
  const Size *p = kSizes;
  while (p->n != 0 && p->n != n) p++;
  char command[SIM_REBUILD_MAX];
  if (p->n == 0) {
    const std::string option = "TETRA_ARRAYS='" + SizeList(";") + ";" + std::to_string(n) + "'";
    return tetra_fail(err, TETRA_EINVAL, "array %u is not built into this program (it has %s); build it with: %s", n,
                      SizeList(", ").c_str(), sim_rebuild_command(option.c_str(), command));
  }
  if (traced && p->traced == nullptr) {
    return tetra_fail(err, TETRA_EINVAL, "this program is built without waveforms; build them in with: %s",
                      sim_rebuild_command("TETRA_TRACE=ON", command));
  }
  try {
    (traced ? p->traced : p->plain)(model, mem);
  } catch (const std::bad_alloc &) {
    return tetra_fail(err, TETRA_ENOMEM, "no memory for the model of a %u x %u array", n, n);
  }
  return TETRA_OK;
}

void rtl_model_destroy(rtl_model *model) {
  if (model->self != nullptr) model->destroy(model->self);
  model->self = nullptr;
}
