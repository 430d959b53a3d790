# tetra_flags(target): the project's warnings and processor flags for our own sources.
function(tetra_flags target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Werror)
  if(TETRA_NATIVE)
    target_compile_options(${target} PRIVATE -march=native)
  endif()
endfunction()
