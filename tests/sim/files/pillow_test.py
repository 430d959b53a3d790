#!/usr/bin/env python3
"""pillow_test.py FIT_IMAGE: pictures of many shapes become what Pillow's bilinear resize and PyTorch's geometry (Resize to
round(side * 256 / 224), CenterCrop) make of them, to the code. Exit code 77 where Python's Pillow is not installed."""
import pathlib
import random
import subprocess
import sys
import tempfile

try:
    from PIL import Image
except ImportError:
    print("Pillow is not installed ('pip install pillow' has it): skipped")
    sys.exit(77)

# Width, height, side of the network: shrunk by whole numbers and others, enlarged, long strips, a single pixel.
SHAPES = [(448, 448, 224), (500, 375, 224), (333, 500, 224), (640, 427, 32), (97, 1001, 48), (31, 47, 224), (5, 300, 16),
          (1, 1, 8), (2, 3, 7), (256, 256, 224), (225, 224, 224), (1000, 64, 64), (129, 128, 63)]


def expected(picture, side):
    """What PyTorch's transforms do with a Pillow image."""
    w, h = picture.size
    target = (side * 256 + 112) // 224
    w, h = (target, int(target * h / w)) if w <= h else (int(target * w / h), target)
    left, top = int(round((w - side) / 2.0)), int(round((h - side) / 2.0))
    return picture.resize((w, h), Image.Resampling.BILINEAR).crop((left, top, left + side, top + side)).tobytes()


rng = random.Random(1)
SHAPES += [(rng.randint(1, 400), rng.randint(1, 400), rng.randint(8, 128)) for _ in range(30)]
worst = codes = unequal = 0
with tempfile.TemporaryDirectory() as folder:
    file = pathlib.Path(folder) / "picture.png"
    for width, height, size in SHAPES:
        image = Image.frombytes("RGB", (width, height), rng.randbytes(width * height * 3))
        image.save(file, compress_level=1)
        run = subprocess.run([sys.argv[1], file, str(size)], capture_output=True, check=True)
        wanted = image.tobytes() if (width, height) == (size, size) else expected(image, size)
        assert len(run.stdout) == len(wanted)
        differences = [abs(a - b) for a, b in zip(run.stdout, wanted)]
        worst = max(worst, *differences)
        unequal += sum(d != 0 for d in differences)
        codes += len(differences)
        if max(differences) > 1:
            print(f"{width} x {height} to {size}: a code differs by {max(differences)}")
print(f"{len(SHAPES)} pictures, {codes} codes, {unequal} differ, by at most {worst}")
sys.exit(0 if worst <= 1 else 1)
