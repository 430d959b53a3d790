"""A small program for the accelerator: a layer in each mode, as a memory image, with random weights, activations and
parameters. Fields are those of driver/include/tetra/hw_fields.def."""
import pathlib
import random
import re

OPS = {"LOAD": 1, "COMPUTE": 3, "STORE": 4, "SYNC": 5}
MODES = ((1, 1), (1, 0), (0, 1), (0, 0))          # 8-bit activations, 8-bit weights
FORMS = (1, 2, 3, 1)                              # how the residual is added: joint, separate, before the scale
ROUNDINGS = ((2, 3), (0, 4), (4, 1), (1, 2))      # of the two outputs
PIXELS, STEPS = 32, 8
REGION = 0x8000                                   # bytes of each mode's data


def fields(root):
    text = (pathlib.Path(root) / "driver/include/tetra/hw_fields.def").read_text(encoding="utf-8")
    return {m[0]: (int(m[1]), int(m[2]), int(m[3])) for m in
            re.findall(r"TETRA_FIELD\(\w+, (\w+), (\d+), (\d+), (\d+),", text)}


class Program:
    """`layer` commands a mode, each ended by a SYNC: a part."""

    def __init__(self, root, n, seed=1):
        self.f, self.n, self.words, self.tails = fields(root), n, {}, []
        self.f.update({"OP": (0, 0, 4), "LAYER": (0, 23, 9)})
        self.commands, self.random = [], random.Random(seed)
        self.counts = {"LOAD": 0, "COMPUTE": 0, "STORE": 0}

    def add(self, op, **values):
        words = [0] * 16
        for name, value in {"OP": OPS[op], **values}.items():
            word, lsb, width = self.f[name]
            words[word] |= (value & ((1 << width) - 1)) << lsb
        self.commands.append(words)
        if op in self.counts:
            self.counts[op] += 1

    def fill(self, address, count):
        for i in range(count):
            self.words[address // 4 + i] = self.random.getrandbits(32)

    def load(self, dst, address, beats, at=0, **more):
        self.add("LOAD", LOAD_DST=dst, LOAD_ADDR=address, LOAD_DST_ADDR=at, LOAD_BEATS=beats, LOAD_COUNT=1, **more)

    def parameters(self, address, act8, wgt8, form):
        """Two outputs of two halves: N records an entry. Shifts are such that most sums are no larger than the codes, so that
        a wrong bit is one of the output: what is accumulated has about `wide` bits, an output's codes 3 or 7."""
        wide = {(1, 1): 16, (1, 0): 12, (0, 1): 12, (0, 0): 8}[act8, wgt8]
        for i in range(4 * self.n):
            codes = 3 if i < 2 * self.n and not act8 else 7
            scaled, residual = 30 + wide - codes, 38 - codes
            s, right, left = {1: (scaled, 0, max(0, scaled - residual - 1)), 2: (scaled, residual, 0), 3: (scaled + 8, 8, 8)}[form]
            fraction = self.random.getrandbits(14)
            words = (self.random.getrandbits(wide - 2), self.random.getrandbits(32) | 1 << 30, self.random.getrandbits(32) | 1 << 30,
                     s | right << 6 | left << 12 | fraction << 18)
            for k, w in enumerate(words):
                self.words[address // 4 + 4 * i + k] = w

    def layer(self, act8, wgt8):
        n, base = self.n, 0x10000 + len(self.tails) * REGION
        weights = STEPS * n * (1 if act8 else 2)
        acts, wgts, res, par, out = base, base + 0x2000, base + 0x4000, base + 0x5000, base + 0x6000
        self.fill(acts, PIXELS * STEPS * n // 4)
        self.fill(wgts, weights * n // 4)
        self.fill(res, 2 * PIXELS * n // 4)
        form, rounding = FORMS[len(self.tails) % len(FORMS)], ROUNDINGS[len(self.tails) % len(ROUNDINGS)]
        self.parameters(par, act8, wgt8, form)
        layer = {"LAYER": len(self.tails)}
        self.load(0, acts, PIXELS * STEPS, **layer)
        self.load(1, wgts, weights, **layer)
        self.load(2, res, 2 * PIXELS, **layer)
        self.load(3, par, 4 * 16, **layer)
        self.add("COMPUTE", WAIT_EN=1, WAIT_LOAD=self.counts["LOAD"], COMP_FIRST=1, COMP_ACT8=act8, COMP_WGT8=wgt8,
                 COMP_ACT_SIGNED=0, COMP_KB=STEPS, COMP_KB_STRIDE=PIXELS, COMP_KH=1, COMP_KW=1, COMP_OY=1, COMP_OX=PIXELS,
                 COMP_OX_STRIDE=1, COMP_SY=1, COMP_SX=1, COMP_DKY=1, COMP_DKX=1, COMP_H=1, COMP_W=PIXELS, **layer)
        bits4 = 0 if act8 else 1
        self.add("STORE", WAIT_EN=3, WAIT_LOAD=self.counts["LOAD"], WAIT_COMPUTE=self.counts["COMPUTE"], STORE_TWO_OUT=1,
                 STORE_HALVES2=1 - wgt8, STORE_RES_FORM=form, STORE_LAST=1, STORE_PIXELS=PIXELS, STORE_SEG_BEATS=PIXELS,
                 STORE_RES_HALF_STRIDE=PIXELS, STORE_OUT0_ADDR=out, STORE_OUT0_HALF_STRIDE=0x400, STORE_OUT0_HI=15 if bits4 else 255,
                 STORE_OUT0_RND=rounding[0], STORE_OUT0_BITS4=bits4, STORE_OUT1_PAR=2, STORE_OUT1_ADDR=out + 0x1000,
                 STORE_OUT1_HALF_STRIDE=0x400, STORE_OUT1_LO=0x80, STORE_OUT1_HI=0x7f, STORE_OUT1_SIGNED=1, STORE_OUT1_RND=rounding[1], **layer)
        self.add("SYNC", SYNC_TAG=len(self.tails) + 1)
        self.tails.append(len(self.commands))

    def write(self, folder):
        """The image and the parts' ends as hexadecimal files; returns words of memory."""
        for i, words in enumerate(self.commands):
            for k, w in enumerate(words):
                self.words[16 * i + k] = w
        size = 0x10000 // 4 + (len(self.tails) + 1) * REGION // 4
        pathlib.Path(folder, "image.hex").write_text(
            "\n".join(f"{self.words.get(i, 0):08x}" for i in range(size)) + "\n", encoding="utf-8")
        pathlib.Path(folder, "tails.hex").write_text("\n".join(f"{t:x}" for t in self.tails) + "\n", encoding="utf-8")
        return size
