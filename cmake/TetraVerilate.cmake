# tetra_verilate(target PREFIX Vname TOP module [PARAMS N=16 ...] [SOURCES extra.sv ...] [TRACE] [SYSTEMC]): makes a
# static library with the Verilated model of `TOP` from rtl/*.sv, and an include path to <Vname.h>. Loops are kept
# (--unroll-stmts 1) so that the C++ compiler can vectorize them; see docs/architecture.md.
set(TETRA_VERILATOR_FLAGS -O3 --unroll-count 1024 --unroll-stmts 1 --assert --x-assign fast --x-initial fast)
find_program(VERILATOR verilator)
if(VERILATOR)
  execute_process(COMMAND ${VERILATOR} --getenv VERILATOR_ROOT OUTPUT_VARIABLE TETRA_VERILATOR_ROOT
                  OUTPUT_STRIP_TRAILING_WHITESPACE)
else()
  message(FATAL_ERROR "verilator not found; scripts/install-deps.sh installs what is missing")
endif()

set(vinc ${TETRA_VERILATOR_ROOT}/include)
add_library(verilated STATIC ${vinc}/verilated.cpp ${vinc}/verilated_threads.cpp)
target_include_directories(verilated SYSTEM PUBLIC ${vinc} ${vinc}/vltstd)
target_compile_options(verilated PRIVATE -w)
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

file(GLOB TETRA_RTL CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/rtl/*.sv ${CMAKE_SOURCE_DIR}/rtl/*.svh
     ${CMAKE_SOURCE_DIR}/rtl/*.vlt)

function(tetra_verilate target)
  cmake_parse_arguments(V "TRACE;SYSTEMC" "PREFIX;TOP" "PARAMS;SOURCES" ${ARGN})
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
  if(V_SYSTEMC)
    list(APPEND trace --sc)
  endif()
  set(cflags "-O3 -w")
  set(prelude "")
  if(NOT V_SYSTEMC)
    set(prelude --prelude ${CMAKE_SOURCE_DIR}/cmake/verilated_mul.h)
  endif()
  if(TETRA_NATIVE)
    set(cflags "${cflags} -march=native")
  endif()
  set(files ${TETRA_RTL})
  list(FILTER files EXCLUDE REGEX "tetra_pkg.sv$|[.]svh$")
  # Naming $(MAKE) makes GNU make hand its job server down, so that `make -j2` is two jobs in all.
  set(env ${CMAKE_COMMAND} -E env "CXX=${CMAKE_CXX_COMPILER}")
  if(CMAKE_GENERATOR MATCHES "Makefiles")
    list(APPEND env "MAKE=$(MAKE)")
  endif()
  add_custom_command(
    OUTPUT ${lib}
    COMMAND ${env} ${CMAKE_SOURCE_DIR}/scripts/verilate.sh ${VERILATOR} ${dir} ${V_PREFIX} ${cflags} ${prelude} --
            ${TETRA_VERILATOR_FLAGS} ${params} ${trace} --top-module ${V_TOP} -I${CMAKE_SOURCE_DIR}/rtl
            ${CMAKE_SOURCE_DIR}/rtl/tetra_pkg.sv ${files} ${V_SOURCES}
    DEPENDS ${TETRA_RTL} ${V_SOURCES} ${CMAKE_SOURCE_DIR}/scripts/verilate.sh
            ${CMAKE_SOURCE_DIR}/cmake/verilated_mul.h
    COMMENT "Verilating ${V_TOP} as ${V_PREFIX} ${V_PARAMS}" VERBATIM)
  add_custom_target(${target}_gen DEPENDS ${lib})
  add_library(${target} INTERFACE)
  add_dependencies(${target} ${target}_gen)
  target_include_directories(${target} SYSTEM INTERFACE ${dir})
  if(V_SYSTEMC)
    target_compile_definitions(${target} INTERFACE VM_SC=1)
  endif()
  target_link_libraries(${target} INTERFACE ${lib} ${runtime})
endfunction()
