#!/usr/bin/env python3
"""straight_test.py SOURCE VERILATOR LIBVERILATED FOLDER: scripts/straight.py does not change what a model does. A module with all
that it changes is verilated as it is and straightened, both get the same random inputs, and what is left out of the text on
purpose must be noticed. Exit code 77: no clang++, without which nothing is straightened."""
import os
import pathlib
import shutil
import subprocess
import sys

source, verilator, library, folder = (pathlib.Path(a).resolve() for a in sys.argv[1:5])
sys.path.insert(0, str(source / "scripts" / "straight"))
import passes  # noqa: E402
import text  # noqa: E402

clang = next((c for c in map(shutil.which, ("clang++", "clang++-22", "clang++-19", "clang++-16")) if c), None)
here = source / "tests" / "tools" / "straight"
include = subprocess.run([verilator, "--getenv", "VERILATOR_ROOT"], capture_output=True, text=True).stdout.strip() + "/include"


def statements():
    body = '  x = f("a;}(") ; // if (y) {\n  if (a) {\n b = 1U;\n } else if (c) { d[e] = 2U; } else { }\n#ifdef X\n  y = x;\n#endif\n'
    parts = text.statements(body)
    assert [text.plain(p) for p in parts] == [
        'x = f("a;}(") ;', "if (a) { b = 1U; } else if (c) { d[e] = 2U; } else { }", "#ifdef X", "y = x;", "#endif"], parts
    branch = text.If(parts[1])
    assert branch.ok and branch.always and not branch.alone and len(branch.blocks) == 3 and branch.condition == "a"
    assert text.assigned(parts[1]) == {"b", "d"}
    assert text.touched("VL_SHIFTL_WWI(8, 8, 4, vlSelf->o, vlSelf->i, 4U);") == {"vlSelf->o", "vlSelf->i"}
    assert text.touched("o = VL_SHIFTL_III(8, 8, 4, vlSelf->i, 4U);") == {"o"}
    assert text.assigned("w[((3U == s) | (9U <= s))] = d;") == {"w"} and text.assigned("s.a = d;") == {"s"}
    assert text.targets("w[0U] = d; w [1U] = e;") == {("w", "[0U]"), ("w", "[1U]")}
    assert text.touched('x = note(o, "//"); y = z;') == {"x", "y", "o"}
    assert text.assignment("if (a) { b = 1U; }") is None and text.assignment("b = f(vlSelf);") is None
    assert text.assignment("vlSelf->b[2U] = (c & 1U);") == ("vlSelf->b", "[2U]", "(c & 1U)")


def seldom():
    said = passes.seldom("if ((1U & vlSelf->a__DOT__rare)) { x = 1U; }", {"other"})
    assert "__builtin_expect_with_probability" in said
    for entry in ("rare", "a__DOT__rare", "1U & rare"):
        assert passes.seldom("if ((1U & vlSelf->a__DOT__rare)) { x = 1U; }", {entry}).startswith("if ((1U"), entry
    both = "if (vlSelf->a) { x = 1U; } else { x = 2U; }"
    assert "".join(passes.seldom(both, set()).split()) == "".join(both.split())


def verilate(prefix, *options, refused=False):
    log = subprocess.run(
        ["bash", source / "scripts/verilate.sh", verilator, folder / prefix, prefix, "-O0 -w", "--prelude",
         source / "cmake/verilated_mul.h", *options, "--", "-O3", "--unroll-count", "1024", "--unroll-stmts", "1",
         "--x-assign", "fast", "--x-initial", "fast", "--assert", "--top-module", "straight_top", here / "straight_top.sv"],
        env=dict(os.environ, CXX=clang, VERILATE_FAST="-O0", VERILATE_SLOW="-O0"), capture_output=True, text=True)
    assert (log.returncode != 0) == refused, log.stdout + log.stderr
    return log.stderr if refused else log.stdout


def program(name):
    models = [f"-I{folder}/Vplain", f"-I{folder}/{name}", f"-I{include}", f"-I{include}/vltstd", f"-I{source}/cmake"]
    built = subprocess.run(
        [clang, "-std=c++17", "-O0", "-w", "-o", folder / f"compare_{name}", here / "compare.cc", *models,
         folder / "Vplain/libVplain.a", folder / name / "libVstraight.a", library, "-pthread"],
        capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return folder / f"compare_{name}"


def compared(path, seed=1, late="0"):
    done = subprocess.run([path, str(seed), late], capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


def broken(old, new):
    """The straightened text with a change, built again."""
    target = folder / "Vstraight_broken"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(folder / "Vstraight", target)
    changed = 0
    for path in target.glob("*.inc"):
        words = path.read_text()
        changed += words.count(old)
        path.write_text(words.replace(old, new))
    assert changed, f"nothing says {old}"
    for stale in list(target.glob("*.o")) + list(target.glob("*.a")):
        stale.unlink()
    made = subprocess.run(["make", "-C", target, "-f", "Vstraight.mk", "-s", f"CXX={clang}", "OPT_FAST=-O0", "OPT_SLOW=-O0"],
                          capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    shutil.copy(target / "Vstraight__ALL.a", target / "libVstraight.a")
    return compared(program("Vstraight_broken"))


def main():
    statements()
    seldom()
    if clang is None:
        print("no clang++: models are not straightened")
        sys.exit(77)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "often.txt").write_text("take # a comment\ngive\n")
    verilate("Vplain")
    said = verilate("Vstraight", "--settled", "clk_i", "--often", str(folder / "often.txt"), "--late", "data_o")
    if "straight.py: left as it is" in said or "straight.py" not in said:
        version = subprocess.run([verilator, "--version"], capture_output=True, text=True).stdout
        print(version, said)
        sys.exit(1 if version.startswith("Verilator 5.006 ") else 77)  # 5.006's text is known
    numbers = [int(w) for w in said.split("straight.py:")[1].replace(",", " ").split() if w.isdigit()]
    assert len(numbers) == 4 and all(numbers), said
    path = program("Vstraight")
    for seed in range(1, 4):
        assert compared(path, seed) == "equal\n", f"seed {seed}"
    said = verilate("Vrefused", "--settled", "clk_i", "--late", "dat_o", refused=True)
    assert "straight.py: no net of Vrefused is named dat_o" in said, said
    # What inputs decide is old between rise and fall, where nobody said that it is looked at.
    assert "high: different" in compared(path, 1, "1")
    assert "different" in broken("vlSelf->__Vran0 |= ", "vlSelf->__Vran0 |= 0U & ")


main()
