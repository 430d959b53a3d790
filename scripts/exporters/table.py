"""A model's line of the table: what was compared, and whether it is as it should be. Reads .npy files by itself, so that
this needs no packages."""

import array
import ast
import struct

TOP1 = 15 / 16  # of the images, the same class first as the tool's own runtime
EXACT = 15 / 16  # of the logits, as double arithmetic over the file has them: one image may have a result too near to a tie
HEADS = ("exporter", "setting", "loads", "RTL = C", "cycles", "top-1", "equal logits", "largest difference", "as double")
WIDTHS = (12, 46, 7, 8, 9, 6, 13, 18, 0)


def read_npy(path):
    """A float32 file's rows, [n][c]; the .npy format's versions 1 to 3."""
    with open(path, "rb") as file:
        magic = file.read(8)
        size = struct.unpack("<H", file.read(2)) if magic[6] == 1 else struct.unpack("<I", file.read(4))
        header = ast.literal_eval(file.read(size[0]).decode("latin1"))
        if header["descr"] != "<f4" or header["fortran_order"]:
            raise ValueError(f"{path}: {header}")
        values = array.array("f", file.read())
    rows = header["shape"][0]
    return [values[i * (len(values) // rows):(i + 1) * (len(values) // rows)] for i in range(rows)]


def compare(ours, theirs):
    """(images with the same class first, images, share of equal logits, largest difference as a share of their range)."""
    if [len(r) for r in ours] != [len(r) for r in theirs]:
        raise ValueError(f"{len(ours)} x {len(ours[0])} outputs, the runtime's are {len(theirs)} x {len(theirs[0])}")
    first = sum(list(a).index(max(a)) == list(b).index(max(b)) for a, b in zip(ours, theirs))
    extent = max(map(max, theirs)) - min(map(min, theirs)) or 1.0
    differences = [abs(x - y) / extent for a, b in zip(ours, theirs) for x, y in zip(a, b)]
    equal = sum(d < 1e-5 for d in differences) / len(differences)
    return first, len(ours), equal, max(differences)


def short(text, most=160):
    return text if len(text) <= most else text[:most // 2] + " ... " + text[-most // 2:]


def line(exporter, model):
    """The line's cells, and whether they are as they should be."""
    name = [exporter, model["setting"]]
    refused = model.get("refused")
    if "failed" in model:
        return name + ["not made: " + model["failed"]], True  # the tool's own failure
    if "refusal" in model:
        right = refused is not None and refused in model["refusal"] and "Traceback" not in model["refusal"]
        why = model["refusal"] if not right else model["refusal"].split("\n")[0]
        return name + [("refused: " if right else "NO: ") + short(why.replace("\n", "; "))], right
    if refused is not None:
        return name + [f"yes, but should be refused ({refused})"], False
    first, images, equal, largest = compare(read_npy(model["output"]), read_npy(model["answers"]))
    right = model["rtl"] and first >= model.get("top1", TOP1) * images and equal >= model.get("equal", 0.0)
    double = compare(read_npy(model["output"]), read_npy(model["exact"]))[2] if "exact" in model else None
    right = right and (double is None or double >= model.get("double", EXACT))
    own64 = ""
    if "float64_answers" in model:
        first64, _, equal64, _ = compare(read_npy(model["output"]), read_npy(model["float64_answers"]))
        own64 = f" (its float64: {first64}/{images}, {100 * equal64:.2f} %)"
        right = right and equal64 >= model.get("float64", 0.0) and (first64 == images or "float64" not in model)
    cells = ["yes", "yes" if model["rtl"] else "NO: " + model["rtl_error"], model["cycles"], f"{first}/{images}",
             f"{100 * equal:.2f} %", f"{100 * largest:.2f} %", ("" if double is None else f"{100 * double:.2f} %") + own64]
    if not right:
        cells[-1] += " <- NOT as it should be"
    return name + cells, right


def text(cells):
    return " ".join(f"{c:<{w}}" for c, w in zip(cells, WIDTHS)).rstrip()


def markdown(lines):
    rows = [list(HEADS), ["---"] * len(HEADS)] + [cells + [""] * (len(HEADS) - len(cells)) for cells in lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
