#!/usr/bin/env python3
"""bench_onnxruntime.py MODEL.onnx IMAGES.npy THREADS BATCH: images a second of onnxruntime on the processor."""

import sys
import time

import numpy as np
import onnxruntime


def main():
    model, images, threads, batch = sys.argv[1], np.load(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    session.run(None, {name: images[:batch]})
    start = time.perf_counter()
    for first in range(0, len(images), batch):
        session.run(None, {name: images[first:first + batch]})
    print(f"{len(images) / (time.perf_counter() - start):.4g}")


main()
