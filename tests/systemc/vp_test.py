#!/usr/bin/env python3
"""vp_test.py VP SOURCE: ./vp with small networks. Engines agree, images and layers are spread, documents are valid by
docs/schema/vp.schema.json (where Python's jsonschema is installed), and what it does not take is refused in a line."""
import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    jsonschema = None
    print("jsonschema is not installed ('pip install jsonschema' has it): documents are not checked by their schema")

vp, source = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
schema = json.loads((source / "docs/schema/vp.schema.json").read_text(encoding="utf-8"))
SMALL = "resnet18 --width 0.0625 --size 32 --array 4 "
REFUSED = {"": "no network", "nosuch": "'nosuch'", SMALL + "--engine fast": "rtl, at and lt", SMALL + "--engine": "wants a value",
           SMALL + "--accelerators 9": "1 to 8", SMALL + "--accelerators 1,": "1 to 8", SMALL + "--accelerators +2": "1 to 8",
           SMALL + "--images 0": "1..10000", SMALL + "--cpu arm": "native and riscv64", SMALL + "--spread both": "images and layers",
           SMALL + "--accelerators 1,2 --json f": "one run", SMALL + "--json f --timeline f": "same file",
           SMALL + "--cpu riscv64 --timeline f": "--timeline", SMALL + "--cpu riscv64 --accelerators 2": "one accelerator",
           SMALL + "--export-plan f": "'--export-plan'", SMALL + "--limit 3": "'--limit'", SMALL + "--dram-stall 0.1": "'--dram-stall'",
           SMALL + "--precision w8a8,w4a4": "one precision", SMALL + "--json /nonexistent/f": "/nonexistent/f",
           "resnet18 --array 64 --engine rtl": "array 64", "nofile.onnx --engine lt": "nofile.onnx"}


def start(arguments):
    return subprocess.run([vp, *arguments.split()], capture_output=True, text=True, check=False)


def run(scratch, arguments):
    """Returns the document, which is valid, and what was printed."""
    file = scratch / "out.json"
    done = start(f"{arguments} --json {file}")
    assert done.returncode == 0, (arguments, done.stdout, done.stderr)
    document = json.loads(file.read_text(encoding="utf-8"))
    if jsonschema:
        check = jsonschema.Draft202012Validator(schema)
        errors = [f"{e.json_path}: {e.message}" for e in check.iter_errors(document)]
        assert not errors, (arguments, errors)
        assert not check.is_valid({**document, "more": 1}) and not check.is_valid({**document, "cycles": "many"})
    assert document["match"]
    return document, done.stdout


def check_engines(scratch):
    rtl, at, lt = (run(scratch, f"{SMALL} --engine {e}")[0] for e in ("rtl", "at", "lt"))
    for key in ("name", "cycles", "image"):
        assert [layer[key] for layer in rtl["layers"]] == [layer[key] for layer in at["layers"]], key
    assert rtl["accelerators"] == at["accelerators"] and rtl["predictions"] == at["predictions"] == lt["predictions"]


def check_spreads(scratch):
    # Images that the accelerators do not divide, and more accelerators than images.
    for count, images in ((3, 4), (8, 2)):
        document, _ = run(scratch, f"{SMALL} --accelerators {count} --images {images} --batch 2")
        shares = [a["images"] for a in document["accelerators"]]
        assert sum(shares) == images and max(shares) - min(shares) <= 1 and len(document["predictions"]) == images, shares
    timeline = scratch / "t.json"
    document, _ = run(scratch, f"{SMALL} --accelerators 4 --images 3 --spread layers --timeline {timeline}")
    stages = [(a["first_layer"], a["last_layer"]) for a in document["accelerators"]]
    assert all(a[1] + 1 == b[0] for a, b in zip(stages, stages[1:])) and all(a["images"] == 3 for a in document["accelerators"])
    spans = [e for e in json.loads(timeline.read_text(encoding="utf-8"))["traceEvents"] if e["ph"] == "X"]
    assert len(spans) == len(document["layers"]) == 3 * (stages[-1][1] + 1)


def check_files(scratch):
    run(scratch, f"{source}/tests/fuzz/corpus/onnx/add_u8_s8_to_u8.onnx --engine lt --array 4 --accelerators 2")
    if not (vp.parent / "firmware-riscv64.elf").exists():
        print("no firmware-riscv64.elf beside ./vp: --cpu riscv64 is not run")
        return
    document, text = run(scratch, f"{SMALL} --engine lt --cpu riscv64")
    assert f"top class {document['predictions'][0]}\n" in text and "as expected" in text


with tempfile.TemporaryDirectory() as folder:
    for check_all in (check_engines, check_spreads, check_files):
        check_all(pathlib.Path(folder))
for line, says in REFUSED.items():
    done = start(line)
    assert done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1 and says in done.stderr, (line, done)
print(f"{len(REFUSED)} command lines are refused")
