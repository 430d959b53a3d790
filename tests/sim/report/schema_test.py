#!/usr/bin/env python3
"""schema_test.py SIM SOURCE [VP]: documents that ./sim and ./vp write are valid by docs/schema/*.schema.json, the schemas are valid ones, and what
a document must not be is refused. Exit code 77 where Python's jsonschema is not installed."""
import copy
import json
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    print("jsonschema is not installed ('pip install jsonschema' has it): skipped")
    sys.exit(77)

sim, source, vp = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None
corpus = source / "tests/fuzz/corpus/onnx"
SMALL = "resnet18 --width 0.25 --size 32 --quiet"


def validator(name):
    schema = json.loads((source / f"docs/schema/{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def write_npy(path, kind, shape, data):
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    path.write_bytes(b"\x93NUMPY\x01\0" + struct.pack("<H", len(header)) + header + data)


def documents(folder):
    """Runs the program; gives each document with the name of its schema."""
    pixels, topology = folder / "pixels.npy", folder / "topology.csv"
    write_npy(pixels, "|u1", (2, 8, 8, 3), bytes(range(192)) * 2)
    labels = folder / "labels.npy"
    write_npy(labels, "|u1", (2,), bytes([0, 1]))
    topology.write_text("Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n"
                        "a, 8, 8, 3, 3, 4, 8, 1,\n", encoding="utf-8")
    for name, arguments in (
            ("run", SMALL), ("run", SMALL + " --model --act-kib 64"), ("run", SMALL + " --compare-model --check final"),
            ("run", f"{corpus}/add_u8_s8_to_u8.onnx"), ("run", f"{topology} --model --precision w8a8"),
            ("run", SMALL + " --layers 0..2 --no-fuse --seed 3"), ("run", SMALL + " --segments 2"), ("run", SMALL + " --sample 2"),
            ("run", SMALL + f" --html {folder}/page.html"),
            ("run", SMALL + f" --model --energy {source}/tests/sim/run/energy_table.json"),
            ("images", SMALL + " --limit 1"), ("images", f"{corpus}/add_u8_s8_to_u8.onnx --backend fast --limit 1"),
            ("quantize", f"quantize {corpus}/float_network.onnx --calibrate {pixels} -o {folder}/q.onnx"),
            ("allocate", f"allocate {corpus}/float_network.onnx --calibrate {pixels} --budget cycles=1M,ram=1M -o {folder}/bits.json "
                         f"--save-problem {folder}/problem.json --points 2 --quiet"),
            ("train", f"train --net resnet8 --width 0.25 --data {pixels} --labels {labels} --method aqt --epochs 2 "
                      f"--batch 2 -o {folder}/t.onnx"),
            ("train", f"train --net resnet8 --width 0.25 --data {pixels} --labels {labels} --epochs 1 --batch 1 "
                      f"--test {pixels} --test-labels {labels} -o {folder}/t.onnx")):
        file = folder / "out.json"
        run = subprocess.run([sim, *arguments.split(), "--json", str(file)], capture_output=True, text=True, check=False)
        assert run.returncode == 0, (arguments, run.stdout, run.stderr)
        yield name, json.loads(file.read_text(encoding="utf-8"))
    subprocess.run([sim, "allocate", "--problem", folder / "problem.json", "-o", folder / "solution.json"], capture_output=True, check=True)
    for name in ("bits", "problem", "solution"):
        yield name, json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    if vp and pathlib.Path(vp).exists():
        subprocess.run([vp, *"resnet18 --width 0.25 --size 32 --engine lt --json".split(), folder / "vp.json"], capture_output=True, check=True)
        yield "vp", json.loads((folder / "vp.json").read_text(encoding="utf-8"))
    several = "resnet18,resnet34 --width 0.25 --size 32 --model --precision w8a8,w4a4 --quiet --json".split()
    subprocess.run([sim, *several, str(folder / "s.json")], capture_output=True, check=True)
    files = sorted(folder.glob("s-*.json"))
    assert len(files) == 4, files
    for file in files:
        yield "run", json.loads(file.read_text(encoding="utf-8"))


def check_refusals(check, document):
    """The schema notices a key that goes, one too many, another version, and a text for a number."""
    broken = []
    for key in document:
        broken.append({k: v for k, v in document.items() if k != key})
    broken.append({**document, "more": 1})
    broken.append({**document, "schema": document["schema"] + "0"})
    layer = copy.deepcopy(document)
    layer["layers"][0]["cycles"] = "many"
    broken.append(layer)
    for b in broken:
        assert not check.is_valid(b), sorted(set(document) ^ set(b))


def check_studies(folder):
    """The schema of studies has the program's axes, takes the page's example as the program does, and refuses what it refuses."""
    check = validator("sweep")
    axes = set(re.findall(r'= (?:NAME\(|\{)"([a-z-]+)"', (source / "sim/files/study/axes.c").read_text(encoding="utf-8")))
    assert axes == {k for k, v in check.schema["properties"].items() if "oneOf" in v} - {"constraints", "record"}, axes
    example = re.search(r"^    \{\n.*?^    \}\n", (source / "docs/sweep.md").read_text(encoding="utf-8"), re.M | re.S).group()
    good = [json.loads(example), {"points": [{"network": "resnet18", "array": 8}], "name": "one", "record": "layers"}]
    assert not any(list(check.iter_errors(s)) for s in good), example
    tiny = {"network": "resnet18", "width": 0.25, "size": [32], "act-kib": {"from": 64, "to": 128, "times": 2}, "constraints": "sram <= 1M"}
    wrong = [{"array": 8}, {**tiny, "colour": 1}, {**tiny, "act-kib": {"from": 64, "to": 128}}, {**tiny, "points": []},
             {**tiny, "record": "time"}, {**tiny, "accuracy": {"input": "i.npy"}}, {**tiny, "sample": {"method": "grid", "count": 2}}]
    for study in [tiny, *wrong]:
        (folder / "study.json").write_text(json.dumps(study), encoding="utf-8")
        run = subprocess.run([sim, "sweep", folder / "study.json", "--results", folder / "s.sqlite", "--quiet"], capture_output=True, text=True,
                             check=False)
        if "built without SQLite" in run.stderr:
            break
        assert (run.returncode == 0) == (study is tiny) == check.is_valid(study), (study, run.stderr)


def undescribed(schema, path=""):
    """Places of properties that say nothing about themselves."""
    if isinstance(schema, list):
        return [p for i, s in enumerate(schema) for p in undescribed(s, f"{path}[{i}]")]
    if not isinstance(schema, dict):
        return []
    found = [f"{path}/{key}" for key, value in schema.get("properties", {}).items() if not {"description", "$ref"} & set(value)]
    return found + [p for key, value in schema.items() for p in undescribed(value, f"{path}/{key}")]


with tempfile.TemporaryDirectory() as scratch:
    for file in sorted((source / "docs/schema").glob("*.schema.json")):
        assert not undescribed(json.loads(file.read_text(encoding="utf-8"))), file
    count = 0
    for schema_name, doc in documents(pathlib.Path(scratch)):
        check = validator(schema_name)
        errors = [f"{schema_name}: {e.json_path}: {e.message}" for e in check.iter_errors(doc)]
        assert not errors, "\n".join(errors)
        if count == 0:
            check_refusals(check, doc)
        count += 1
    check_studies(pathlib.Path(scratch))
    print(f"{count} documents are valid")
