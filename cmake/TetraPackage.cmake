# The CMake package and the pkg-config files of the libraries that tetra_library() made, and the RTL. Last in CMakeLists.txt.
include(CMakePackageConfigHelpers)
install(EXPORT tetra NAMESPACE tetra:: FILE tetra-targets.cmake DESTINATION ${TETRA_PACKAGE_DIR} COMPONENT development)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/tetra-config.cmake.in ${tetra_BINARY_DIR}/tetra-config.cmake
                              INSTALL_DESTINATION ${TETRA_PACKAGE_DIR} PATH_VARS TETRA_SHARE_DIR)
write_basic_package_version_file(${tetra_BINARY_DIR}/tetra-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${tetra_BINARY_DIR}/tetra-config.cmake ${tetra_BINARY_DIR}/tetra-config-version.cmake
        DESTINATION ${TETRA_PACKAGE_DIR} COMPONENT development)

install(DIRECTORY ${tetra_SOURCE_DIR}/rtl DESTINATION ${TETRA_SHARE_DIR} COMPONENT rtl PATTERN formal EXCLUDE)
install(DIRECTORY ${tetra_SOURCE_DIR}/driver/examples DESTINATION ${TETRA_SHARE_DIR} COMPONENT development)
if(TARGET registers)
  install(DIRECTORY ${tetra_BINARY_DIR}/registers DESTINATION ${TETRA_SHARE_DIR} COMPONENT development)
endif()
install(DIRECTORY ${tetra_SOURCE_DIR}/configs ${tetra_SOURCE_DIR}/docs/schema DESTINATION ${TETRA_SHARE_DIR} COMPONENT program)
install(FILES ${tetra_SOURCE_DIR}/tetra.core ${tetra_SOURCE_DIR}/Bender.yml DESTINATION ${TETRA_SHARE_DIR} COMPONENT rtl)

# tetra.pc is everything for a host, tetra-runtime.pc the freestanding driver. Who links statically needs the libraries of
# libraries, too: an installation without shared ones says so itself.
get_property(libraries GLOBAL PROPERTY tetra_libraries)
list(REVERSE libraries) # a library before those it uses, as linkers of archives want it
list(TRANSFORM libraries PREPEND -l OUTPUT_VARIABLE TETRA_PC_LIBS)
list(JOIN TETRA_PC_LIBS " " TETRA_PC_LIBS)
set(TETRA_PC_PRIVATE "")
if(TETRA_SHARED)
  set(TETRA_PC_PRIVATE .private)
endif()
# An installation may be moved, if all of it is below one folder.
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
  set(TETRA_PC_PREFIX "${CMAKE_INSTALL_PREFIX}")
else()
  file(RELATIVE_PATH up "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" /)
  string(REGEX REPLACE "/$" "" TETRA_PC_PREFIX "\${pcfiledir}/${up}")
endif()
foreach(dir INCLUDEDIR LIBDIR DATADIR)
  set(TETRA_PC_${dir} "\${prefix}/${CMAKE_INSTALL_${dir}}")
  if(IS_ABSOLUTE "${CMAKE_INSTALL_${dir}}")
    set(TETRA_PC_${dir} "${CMAKE_INSTALL_${dir}}")
  endif()
endforeach()
foreach(name tetra tetra-runtime)
  configure_file(${CMAKE_CURRENT_LIST_DIR}/${name}.pc.in ${tetra_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${tetra_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
endforeach()
