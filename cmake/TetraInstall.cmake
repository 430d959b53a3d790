# What an installation consists of. Libraries are made by tetra_library(), and TetraPackage.cmake writes the CMake package and
# the pkg-config files of all that were made.
include(GNUInstallDirs)
set(TETRA_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/tetra)
set(TETRA_SHARE_DIR ${CMAKE_INSTALL_DATADIR}/tetra)

# tetra_library(tetra_NAME SOURCES... LIBS...): a library that is installed with the headers in include/ beside it, static or
# shared as TETRA_SHARED says. Others link it as tetra::NAME, from an installation and in a build of their own. Its
# functions' prefix is tetra_; a shared one shows nothing else.
function(tetra_library target)
  cmake_parse_arguments(L "" "" "SOURCES;LIBS" ${ARGN})
  string(REGEX REPLACE "^tetra_" "" name ${target})
  set(kind STATIC)
  if(TETRA_SHARED)
    set(kind SHARED)
  endif()
  add_library(${target} ${kind} ${L_SOURCES})
  add_library(tetra::${name} ALIAS ${target})
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
                             $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}> PRIVATE src)
  target_link_libraries(${target} ${L_LIBS})
  # Until 1.0 a minor version may change what programs were linked with.
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} VERSION ${tetra_VERSION}
                        SOVERSION ${tetra_VERSION_MAJOR}.${tetra_VERSION_MINOR} INSTALL_RPATH "$ORIGIN")
  if(TETRA_SHARED)
    if(tetra_IS_TOP_LEVEL)
      set_target_properties(${target} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${tetra_BINARY_DIR}/lib) # beside ./sim
    endif()
    target_link_options(${target} PRIVATE -Wl,--no-undefined LINKER:--version-script=${tetra_SOURCE_DIR}/cmake/tetra.map)
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${tetra_SOURCE_DIR}/cmake/tetra.map)
  endif()
  tetra_flags(${target})
  install(TARGETS ${target} EXPORT tetra ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development
          LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT libraries NAMELINK_COMPONENT development)
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/include)
    install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
  endif()
  set_property(GLOBAL APPEND PROPERTY tetra_libraries ${target})
endfunction()

# A static library of generated code that installed ones are made of: it goes where they are static, too.
function(tetra_part target)
  string(REGEX REPLACE "^tetra_" "" name ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  if(TETRA_SHARED)
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  else()
    install(TARGETS ${target} EXPORT tetra ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
    set_property(GLOBAL APPEND PROPERTY tetra_libraries ${target})
  endif()
endfunction()
