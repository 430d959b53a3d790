// Figures as README.md and docs/ write them.
#ifndef TETRA_TESTS_DRIVER_FIGURES_H
#define TETRA_TESTS_DRIVER_FIGURES_H

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

#include "pins.h"

inline std::string ReadSource(const std::string &path) {
  std::ifstream in(std::string(TETRA_SOURCE_DIR) + "/" + path);
  EXPECT_TRUE(in) << path;
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// 4,625,860
inline std::string Commas(uint64_t number) {
  std::string s = std::to_string(number);
  for (size_t at = s.size(); at > 3;) s.insert(at -= 3, ",");
  return s;
}

inline std::string Decimals(double number, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, number);
  return text;
}

// How README.md's table begins the row of a pin.
inline std::string ReadmeRow(const Pin &p) {
  std::string name = p.network;
  if (p.n != 16)
    name += ", " + std::to_string(p.n) + "x" + std::to_string(p.n) + ", " + std::to_string(p.rate) + " B/cycle";
  const bool there = p.rate == p.n && p.latency == 64 && p.size == 224 && p.batch == 1 && p.fuse;
  return there ? "| " + name + " | " + tetra_precision_name(p.precision) + " | " : "no row";
}

#endif
