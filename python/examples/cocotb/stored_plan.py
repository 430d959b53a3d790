"""Stored plans (docs/firmware.md): the words of the header by name, and tensors' codes to and from their regions."""
from __future__ import annotations

import dataclasses
import struct

_WORD = {"magic": 0, "version": 1, "bytes": 2, "hardware": 5, "n": 6, "base": 14, "limit": 15, "ring_addr": 16, "ring_entries": 17,
         "cmds": 18, "n_cmds": 19, "sync_tag": 20, "const_addr": 21, "const": 22, "const_bytes": 23}
_INPUT, _OUTPUT = 24, 36


@dataclasses.dataclass(frozen=True)
class Tensor:
    """Codes lie as in input.bin and output.bin: [image][y][x][channel], 4-bit ones two to a byte, a pixel in whole bytes."""

    addr: int
    bytes: int
    layout: int  # 0 blocked, 1 rows
    pitch: int
    shape: tuple[int, int, int, int]
    bits: int

    @property
    def pixel_bytes(self) -> int:
        return (self.shape[3] * self.bits + 7) // 8

    def region(self, codes: bytes, n: int) -> bytes:
        """What memory holds for these codes on an n x n array."""
        images, height, width, channels = self.shape
        if self.layout == 1:
            if self.bits == 4 and channels % 2:
                raise NotImplementedError("rows of 4-bit pixels of an odd number of channels")
            row = width * self.pixel_bytes
            return b"".join(codes[i * row:(i + 1) * row].ljust(self.pitch, b"\0") for i in range(images * height))
        out = bytearray(self.bytes)
        for at, place in self._blocked(n):
            piece = codes[at:at + min(n, self.pixel_bytes - at % self.pixel_bytes)]
            out[place:place + len(piece)] = piece
        return bytes(out)

    def codes(self, region: bytes, n: int) -> bytes:
        """Of a blocked tensor, as every output is."""
        if self.layout != 0:
            raise NotImplementedError("an output of rows")
        out = bytearray(self.shape[0] * self.shape[1] * self.shape[2] * self.pixel_bytes)
        for at, place in self._blocked(n):
            size = min(n, self.pixel_bytes - at % self.pixel_bytes)
            out[at:at + size] = region[place:place + size]
        if self.bits == 4 and self.shape[3] % 2:
            for at in range(self.pixel_bytes - 1, len(out), self.pixel_bytes):
                out[at] &= 15
        return bytes(out)

    def _blocked(self, n: int):
        """(offset of a pixel's n bytes among the codes, offset of their word in the region)"""
        images, height, width, _ = self.shape
        blocks = -(-self.pixel_bytes // n)
        for image in range(images):
            for pixel in range(height * width):
                for block in range(blocks):
                    at = (image * height * width + pixel) * self.pixel_bytes + block * n
                    yield at, ((image * blocks + block) * height * width + pixel) * n


class StoredPlan:
    """`n`, `base`, `ring_addr` and so on are the header's words."""

    def __init__(self, data: bytes):
        words = struct.unpack_from("<64I", data)
        if words[_WORD["magic"]] != 0x4E4C5054 or words[_WORD["version"]] != 1:
            raise ValueError("this is no stored plan of version 1; './sim NETWORK --export-plan FILE' writes one")
        for name, place in _WORD.items():
            setattr(self, name, words[place])
        self.commands = data[self.cmds:self.cmds + 64 * self.n_cmds]
        self.constants = data[self.const:self.const + self.const_bytes]
        self.input, self.output = self._tensor(words[_INPUT:]), self._tensor(words[_OUTPUT:])

    @staticmethod
    def _tensor(words) -> Tensor:
        return Tensor(words[0], words[1], words[2], words[3], tuple(words[4:8]), 8 if words[8] < 2 else 4)
