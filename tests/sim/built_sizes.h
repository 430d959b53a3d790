// The array sizes of this build.
#ifndef TETRA_TESTS_SIM_BUILT_SIZES_H
#define TETRA_TESTS_SIM_BUILT_SIZES_H

#include <vector>

#include "machine/rtl_model.h"

inline std::vector<unsigned> BuiltSizes() {
  std::vector<unsigned> sizes;
  for (int i = 0; rtl_model_size(i) != 0; i++) sizes.push_back(rtl_model_size(i));
  return sizes;
}

#endif
