# tetra_verilate(target PREFIX Vname TOP module [PARAMS N=16 ...] [SOURCES extra.sv ...] [TRACE] [COVERED] [RANDOM]
#                [SETTLED clock LATE net... OFTEN file]): makes
# a static library with the Verilated model of `TOP` from the sources in rtl/, and an include path to <Vname.h>. Loops are kept
# (--unroll-stmts 1) so that the C++ compiler can vectorize them; see docs/architecture.md. SETTLED and what belongs to it:
# scripts/straight.py.
set(TETRA_VERILATOR_FLAGS -O3 --unroll-count 1024 --unroll-stmts 1 --assert)
find_program(VERILATOR verilator)
if(VERILATOR)
  execute_process(COMMAND ${VERILATOR} --getenv VERILATOR_ROOT OUTPUT_VARIABLE TETRA_VERILATOR_ROOT
                  OUTPUT_STRIP_TRAILING_WHITESPACE)
else()
  message(FATAL_ERROR "verilator not found; scripts/install-deps.sh installs what is missing")
endif()

# The compiler of Verilated models, which is where a simulation spends its time. Clang's are faster, versions as ordered
# below (docs/performance.md); all give the same model, and the rest of the program is the C++ compiler's.
set(TETRA_VERILATED_CXX "" CACHE STRING "C++ compiler of the Verilated models; empty: a clang++ where one works, else the C++ compiler")
set(TETRA_VERILATED_FLAGS "" CACHE STRING "Further options for the compiler of the Verilated models (scripts/pgo.sh sets a profile)")
function(tetra_choose_verilated_cxx)
  set(cxx ${TETRA_VERILATED_CXX})
  if(cxx)
    find_program(given NAMES ${cxx} NO_CACHE)
    if(NOT given)
      message(FATAL_ERROR "TETRA_VERILATED_CXX: '${cxx}' is not a program; give a C++ compiler, or leave it empty")
    endif()
    set(why "as TETRA_VERILATED_CXX says")
  else()
    find_program(clang NAMES clang++-22 clang++-21 clang++-20 clang++-16 clang++-19 clang++-18 clang++-17 clang++ NO_CACHE)
    set(given ${CMAKE_CXX_COMPILER})
    set(why "clang++ would make simulations faster; scripts/install-deps.sh installs it")
    if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
      set(why "the C++ compiler")
    elseif(clang)
      file(WRITE ${tetra_BINARY_DIR}/CMakeFiles/verilated_cxx.cc "#include <algorithm>\n#include <string>\nint main() {}\n")
      execute_process(COMMAND ${clang} -std=c++17 -o ${tetra_BINARY_DIR}/CMakeFiles/verilated_cxx ${tetra_BINARY_DIR}/CMakeFiles/verilated_cxx.cc
                      RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
      if(failed)
        set(why "${clang} is there but cannot compile a C++ program")
      else()
        set(given ${clang})
        set(why "the faster one")
      endif()
    endif()
  endif()
  message(STATUS "Verilated models are compiled by ${given}: ${why}")
  set(TETRA_VERILATED_COMPILER ${given} PARENT_SCOPE)
endfunction()
tetra_choose_verilated_cxx()

set(vinc ${TETRA_VERILATOR_ROOT}/include)
add_library(verilated STATIC ${vinc}/verilated.cpp ${vinc}/verilated_threads.cpp)
target_include_directories(verilated SYSTEM PUBLIC ${vinc} ${vinc}/vltstd)
target_compile_options(verilated PRIVATE -w)
target_include_directories(verilated PUBLIC ${tetra_SOURCE_DIR}/cmake)
if(TETRA_COVERAGE)
  target_sources(verilated PRIVATE ${vinc}/verilated_cov.cpp ${tetra_SOURCE_DIR}/cmake/verilated_coverage.cc)
  target_compile_definitions(verilated PUBLIC TETRA_COVERAGE=1)
endif()
find_package(Threads REQUIRED)
target_link_libraries(verilated PUBLIC Threads::Threads)

# Waveforms, for models made with TRACE. LZ4 was among Verilator's own files until 5.046.
function(tetra_verilated_fst)
  find_package(ZLIB REQUIRED)
  add_library(verilated_fst STATIC ${vinc}/verilated_fst_c.cpp)
  target_compile_options(verilated_fst PRIVATE -w)
  target_link_libraries(verilated_fst PUBLIC verilated ZLIB::ZLIB)
  if(NOT EXISTS ${vinc}/gtkwave/lz4.c)
    find_library(LZ4_LIBRARY lz4)
    find_path(LZ4_INCLUDE_DIR lz4.h)
    if(NOT LZ4_LIBRARY OR NOT LZ4_INCLUDE_DIR)
      message(FATAL_ERROR "TETRA_TRACE needs LZ4 with this Verilator; install liblz4-dev, or leave TETRA_TRACE off")
    endif()
    target_include_directories(verilated_fst SYSTEM PRIVATE ${LZ4_INCLUDE_DIR})
    target_link_libraries(verilated_fst PUBLIC ${LZ4_LIBRARY})
  endif()
endfunction()

file(GLOB_RECURSE TETRA_RTL CONFIGURE_DEPENDS ${tetra_SOURCE_DIR}/rtl/tetra_*.sv ${tetra_SOURCE_DIR}/rtl/tetra_*.svh
     ${tetra_SOURCE_DIR}/rtl/*.vlt)

set_property(GLOBAL APPEND PROPERTY JOB_POOLS verilate=1)

function(tetra_verilate target)
  cmake_parse_arguments(V "TRACE;COVERED;RANDOM" "PREFIX;TOP;SETTLED;OFTEN" "PARAMS;SOURCES;LATE" ${ARGN})
  set(dir ${CMAKE_CURRENT_BINARY_DIR}/${target}.dir)
  set(lib ${dir}/lib${V_PREFIX}.a)
  set(params "")
  foreach(p ${V_PARAMS})
    list(APPEND params -G${p})
  endforeach()
  set(trace "")
  set(runtime verilated)
  if(V_TRACE)
    set(trace --trace-fst)
    set(runtime verilated_fst)
    if(NOT TARGET verilated_fst)
      tetra_verilated_fst()
    endif()
  endif()
  set(cflags "-O3 -w")
  set(undefined --x-assign fast --x-initial fast)
  if(V_RANDOM) # registers and memories begin with random values where the program asks for it
    set(undefined --x-assign unique --x-initial unique)
  endif()
  set(cover "")
  if(V_COVERED AND TETRA_COVERAGE)
    # Signals wider than that (commands, rows of parameters, words of memories) count where they are taken apart.
    set(cover --coverage --coverage-max-width 300)
    set(cflags "-O1 -w")
  endif()
  set(prelude --prelude ${tetra_SOURCE_DIR}/cmake/verilated_mul.h)
  set(settled "")
  set(straight "")
  if(V_SETTLED)
    string(JOIN "," late ${V_LATE})
    set(settled --settled ${V_SETTLED} --late ${late} --often ${V_OFTEN})
    file(GLOB straight CONFIGURE_DEPENDS ${tetra_SOURCE_DIR}/scripts/straight.py ${tetra_SOURCE_DIR}/scripts/straight/*.py)
    list(APPEND straight ${V_OFTEN})
  endif()
  if(TETRA_NATIVE)
    set(cflags "${cflags} -march=native")
  endif()
  if(TETRA_VERILATED_FLAGS)
    set(cflags "${cflags} ${TETRA_VERILATED_FLAGS}")
  endif()
  set(files ${TETRA_RTL})
  list(FILTER files EXCLUDE REGEX "tetra_pkg.sv$|[.]svh$")
  # Naming $(MAKE) makes GNU make hand its job server down, so that `make -j2` is two jobs in all. Ninja has none: it makes
  # one model at a time.
  set(env ${CMAKE_COMMAND} -E env "CXX=${TETRA_VERILATED_COMPILER}")
  if(CMAKE_GENERATOR MATCHES "Makefiles")
    list(APPEND env "MAKE=$(MAKE)")
  endif()
  if(cover)
    list(APPEND env VERILATE_FAST=-O1 VERILATE_SLOW=-O0)
  endif()
  add_custom_command(
    OUTPUT ${lib}
    # What reads the model's members is compiled again in the same build, not in the next.
    BYPRODUCTS ${dir}/${V_PREFIX}.h ${dir}/${V_PREFIX}___024root.h
    COMMAND ${env} ${tetra_SOURCE_DIR}/scripts/verilate.sh ${VERILATOR} ${dir} ${V_PREFIX} ${cflags} ${prelude} ${settled} --
            ${TETRA_VERILATOR_FLAGS} ${undefined} ${params} ${trace} ${cover} --top-module ${V_TOP} -I${tetra_SOURCE_DIR}/rtl/compute -I${tetra_SOURCE_DIR}/rtl/output
            ${tetra_SOURCE_DIR}/rtl/tetra_pkg.sv ${files} ${V_SOURCES}
    DEPENDS ${TETRA_RTL} ${V_SOURCES} ${tetra_SOURCE_DIR}/scripts/verilate.sh
            ${straight} ${tetra_SOURCE_DIR}/cmake/verilated_mul.h
    JOB_POOL verilate COMMENT "Verilating ${V_TOP} as ${V_PREFIX} ${V_PARAMS}" VERBATIM)
  add_custom_target(${target}_gen DEPENDS ${lib})
  add_library(${target} INTERFACE)
  add_dependencies(${target} ${target}_gen)
  target_include_directories(${target} SYSTEM INTERFACE ${dir})
  target_link_libraries(${target} INTERFACE ${lib} ${runtime})
endfunction()
