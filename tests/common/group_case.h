// Random convolutions in groups of given widths.
#ifndef TETRA_TESTS_COMMON_GROUP_CASE_H
#define TETRA_TESTS_COMMON_GROUP_CASE_H

#include <algorithm>
#include <random>

#include "../cmodel/core_case.h"

// groups, input and output channels of a group.
struct Groups {
  const char *name;
  int groups, cin, cout;
};

// One of many shapes: what else there is to it comes from the seed.
inline Case RandomGroupCase(unsigned seed, Groups g) {
  std::mt19937 r(seed);
  auto in = [&](int lo, int hi) { return lo + static_cast<int>(r() % static_cast<unsigned>(hi - lo + 1)); };
  auto format = [&] { return static_cast<tetra_fmt>(r() % 4); };
  Case c;
  c.seed = seed, c.groups = g.groups, c.cin = g.groups * g.cin, c.cout = g.groups * g.cout;
  c.n = in(0, 3) ? 1 : in(2, 4), c.h = in(1, 16), c.w = in(1, 16);
  c.in = format(), c.res = format(), c.wbits = in(0, 1) ? 8 : 4;
  c.form = static_cast<tetra_res_form>(in(0, 3));
  c.out = {format()};
  if (in(0, 1)) c.out.push_back(format());
  c.round = static_cast<tetra_round>(in(0, 4));
  c.kh = in(1, std::min(5, c.h)), c.kw = in(1, std::min(5, c.w)), c.sy = in(1, 3), c.sx = in(1, 3);
  c.dy = in(1, (c.h - 1) / std::max(1, c.kh - 1) > 1 ? 2 : 1), c.dx = c.w > 2 * c.kw ? in(1, 2) : 1;
  c.top = in(0, c.kh - 1), c.left = in(0, c.kw - 1), c.bottom = in(0, c.kh - 1), c.right = in(0, c.kw - 1);
  return c;
}

inline Groups RandomGroups(unsigned seed) {
  std::mt19937 r(seed + 1);
  const int widths[] = {1, 1, 1, 2, 3, 4, 8, 12, 16, 24, 32, 40, 70};
  const auto width = [&] { return widths[r() % 13]; };
  Groups g = {"", 1, width(), width()};
  if (r() % 2) g.cout = g.cin;
  g.groups = 2 + static_cast<int>(r() % static_cast<unsigned>(std::max(1, 140 / std::max(g.cin, g.cout))));
  return g;
}

#endif
