#!/usr/bin/env python3
"""study.py STUDY.sqlite [OUT.svg]: the answers of `./sim sweep` with pandas and matplotlib: cycles over SRAM of every point that could be built, and
of each network and precision the points that no other beats in both. Prints those."""
import sqlite3
import sys

import pandas


def front(points):
    """The points of least cycles for their SRAM, least SRAM first."""
    ordered = points.sort_values(["sram_bytes", "cycles"])
    return ordered[ordered.cycles < ordered.cycles.cummin().shift(fill_value=2**63)]


def main(results, picture):
    with sqlite3.connect(results) as connection:
        answers = pandas.read_sql("SELECT * FROM answers WHERE status = 'done' ORDER BY id", connection)
    groups = list(answers.groupby(["network", "precision"], dropna=False))
    columns = ["network", "precision", "array", "act_kib", "wgt_kib", "dram_bytes_per_cycle", "dram_latency", "sram_bytes", "cycles"]
    print(pandas.concat([front(points) for _, points in groups])[columns].to_string(index=False))
    if picture is None:
        return
    import matplotlib
    matplotlib.use("svg")
    from matplotlib import pyplot
    _, axes = pyplot.subplots()
    for (network, precision), points in groups:
        dots = axes.scatter(points.sram_bytes / 1024, points.cycles, s=4, alpha=0.4)
        best = front(points)
        axes.plot(best.sram_bytes / 1024, best.cycles, color=dots.get_facecolor()[0], alpha=1, label=f"{network} {precision}")
    axes.set(xlabel="SRAM, KiB", ylabel="cycles", xscale="log", yscale="log")
    axes.legend()
    pyplot.savefig(picture)


main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
