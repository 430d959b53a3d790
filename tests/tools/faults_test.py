#!/usr/bin/env python3
"""faults_test.py BUILD: scripts/faults.py finds what does not look at malloc's answer, and ./sim does."""

import subprocess
import sys
import tempfile
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent.parent.parent / "scripts"
sys.path.insert(0, str(SCRIPTS))
from faults import Program, build_library  # noqa: E402

CARELESS = """
#include <stdlib.h>
int main(void) {
  char *volatile a = malloc(10);
  if (a == NULL) return 2; /* silent */
  char *volatile b = malloc(20);
  *b = 1;
  char *volatile c = malloc(30);
  return c == NULL ? 3 : 0;
}
"""


def test_careless(folder):
    library = build_library(folder)
    source, program = Path(folder) / "careless.c", Path(folder) / "careless"
    source.write_text(CARELESS)
    subprocess.run(["cc", "-O0", "-o", program, source], check=True)
    careless = Program([str(program)], folder, library)
    assert careless.places == 3, careless.places
    found = [careless.finding(k) for k in (1, 2, 3, 4)]
    assert found == ["exit code 2 and no message", "signal 11", "exit code 3: ", None], found


def main():
    with tempfile.TemporaryDirectory() as folder:
        test_careless(folder)
    run = subprocess.run([SCRIPTS / "faults.py", "--count", "15", "--only", "model,read", sys.argv[1]], check=False)
    return run.returncode


if __name__ == "__main__":
    sys.exit(main())
