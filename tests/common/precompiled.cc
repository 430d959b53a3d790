// Nothing: CMake compiles the headers that most tests include with it (tests/CMakeLists.txt).
