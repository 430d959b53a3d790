"""What need not be reached, and why: lines `KIND WHERE PATTERN: REASON`. KIND is line, branch, toggle, cross or c; WHERE a file
of the RTL, a cross, or a C source; PATTERN a regular expression that matches all of the line's text, the signal, or the
combination."""

import re


class Waivers:
    def __init__(self, path):
        self.rules, self.used = [], set()
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            rule = re.fullmatch(r"(line|branch|toggle|cross|c) (\S+) (.+?): (.+)", line)
            if not rule:
                raise SystemExit(f"{path}:{number}: no waiver; it is 'KIND WHERE PATTERN: REASON'")
            self.rules.append((number, *rule.groups()))

    def cover(self, kind, where, what):
        """Whether something that was not reached is waived."""
        for number, its_kind, its_where, pattern, _ in self.rules:
            if kind == its_kind and where == its_where and re.fullmatch(pattern, what):
                self.used.add(number)
                return True
        return False

    def unused(self):
        """Waivers of what is reached, or is no more."""
        return [f"waiver of nothing that is missed: {kind} {where} {pattern}"
                for number, kind, where, pattern, _ in self.rules if number not in self.used]
