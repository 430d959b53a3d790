# A compiler that nobody here has tried may warn of something new: that must not keep anybody from building.
option(TETRA_WERROR "Warnings in our own sources stop the build; scripts/check.sh sets it" OFF)
set(TETRA_WARNINGS -Wall -Wextra -Wpedantic $<$<BOOL:${TETRA_WERROR}>:-Werror>)

# tetra_flags(target): the project's warnings and processor flags for our own sources.
function(tetra_flags target)
  target_compile_options(${target} PRIVATE ${TETRA_WARNINGS}
                         $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes> $<$<COMPILE_LANGUAGE:C>:-Wmissing-prototypes>)
  # No fused multiply-add behind our back: calibration and quantizers give the same codes on every processor.
  target_compile_options(${target} PRIVATE -ffp-contract=off)
  if(TETRA_NATIVE)
    target_compile_options(${target} PRIVATE -march=native)
  endif()
endfunction()

if(TETRA_COVERAGE)
  add_library(tetra_counts STATIC ${CMAKE_CURRENT_LIST_DIR}/gcov_counts.c)
  set_target_properties(tetra_counts PROPERTIES POSITION_INDEPENDENT_CODE ON)
  link_libraries(tetra_counts)
  # One line of the source is one of the program. Processes count in the same files, one after the other; that of what two
  # threads count at once some may be lost does not matter, and atomic counts take five times as long.
  foreach(flag --coverage -fprofile-update=single -O1 -fno-inline)
    add_compile_options($<$<COMPILE_LANGUAGE:C>:${flag}>)
  endforeach()
  add_link_options(--coverage)
endif()

if(TETRA_SANITIZE)
  # Everywhere, so that no part is linked without its run-time library. Verilated models are not instrumented.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g)
  add_link_options(-fsanitize=address,undefined)
  # GCC 14 puts variables that AVX-512 loads want at multiples of 64 bytes at odd ones of 32 in the frames that it allocates
  # to find uses after return: a fault in correct code. GCC 12's run-time library does not look for these uses either.
  add_compile_options($<$<OR:$<C_COMPILER_ID:GNU>,$<CXX_COMPILER_ID:GNU>>:--param=asan-use-after-return=0>)
endif()
