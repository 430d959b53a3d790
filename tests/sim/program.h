// Runs the ./sim program and keeps what it says.
#ifndef TETRA_TESTS_SIM_PROGRAM_H
#define TETRA_TESTS_SIM_PROGRAM_H

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

struct Outcome {
  int code;  // exit code, or -1 where it did not exit by itself
  std::string out, err, command;
};

inline std::string ReadFile(const std::string &path) {
  std::ifstream f(path, std::ios::binary);
  std::stringstream s;
  s << f.rdbuf();
  return s.str();
}

// A file name of this test's own.
inline std::string TempName(const std::string &suffix) {
  std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
  for (char &c : name) c = c == '/' ? '_' : c;
  return ::testing::TempDir() + "tetra_" + std::to_string(getpid()) + "_" + name + suffix;
}

// A shell's command.
inline Outcome RunCommand(const std::string &command) {
  const std::string out = TempName(".out"), err = TempName(".err");
  Outcome o;
  o.command = command;
  const int status = std::system((o.command + " >" + out + " 2>" + err + " </dev/null").c_str());
  o.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  o.out = ReadFile(out);
  o.err = ReadFile(err);
  std::remove(out.c_str());
  std::remove(err.c_str());
  return o;
}

inline Outcome RunSim(const std::string &arguments) {
  return RunCommand(std::string(TETRA_SIM_PROGRAM) + " " + arguments);
}

inline std::ostream &operator<<(std::ostream &s, const Outcome &o) {
  return s << o.command << "\nexit code " << o.code << "\n" << o.out << o.err;
}

inline bool HaveGnuplot() { return std::system("gnuplot --version >/dev/null 2>&1") == 0; }

inline bool Contains(const std::string &text, const std::string &part) { return text.find(part) != std::string::npos; }

#endif
