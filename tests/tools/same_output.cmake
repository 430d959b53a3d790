# cmake -DGEN=program -DPKG=file -P same_output.cmake: fails where the program's output is not the file's text.
execute_process(COMMAND ${GEN} OUTPUT_VARIABLE made RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${GEN} failed: ${status}")
endif()
file(READ ${PKG} kept)
if(NOT made STREQUAL kept)
  message(FATAL_ERROR "${PKG} is not what the generator prints; run: ${GEN} > ${PKG}")
endif()
