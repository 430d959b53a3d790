// Chooses among the array sizes that this program was built with. TETRA_SIZES is X(4) X(8) ..., from CMake.
#include "machine/rtl_model.h"

#include <cstring>
#include <exception>
#include <memory>
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

// Verilator's models do not survive an exception in the middle of their making: what is made of their scopes is
// destroyed without a name. So when memory runs out then, they get what was put aside, and are destroyed whole
// afterwards.
class Reserve {
 public:
  // The handler stays: without a reserve it is what there was before, and other threads may be at it.
  Reserve() : block_(new char[kBytes]) {
    mine = this;
    std::set_new_handler(&Reserve::Open);
  }
  ~Reserve() { mine = nullptr; }
  Reserve(const Reserve &) = delete;
  Reserve &operator=(const Reserve &) = delete;

  bool Opened() const { return block_ == nullptr; }

 private:
  static void Open() {
    if (mine == nullptr || mine->Opened()) throw std::bad_alloc();
    mine->block_.reset();
  }

  static constexpr size_t kBytes = size_t{8} << 20;  // more than the largest model's
  static thread_local Reserve *mine;                 // a handler has no argument
  std::unique_ptr<char[]> block_;
};
thread_local Reserve *Reserve::mine = nullptr;

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
    Reserve reserve;
    (traced ? p->traced : p->plain)(model, mem);
    if (!reserve.Opened()) return TETRA_OK;
    rtl_model_destroy(model);
  } catch (const std::exception &) {
    // Memory, for all that there is.
  }
  return tetra_fail(err, TETRA_ENOMEM, "no memory for the model of a %u x %u array", n, n);
}

void rtl_model_destroy(rtl_model *model) {
  if (model->self != nullptr) model->destroy(model->self);
  model->self = nullptr;
}
