#!/usr/bin/env python3
"""timeline_svg.py TRACE.json OUT.svg [FROM TO]: a picture of a trace that ./sim --timeline wrote, cycles FROM to TO.

A row per track, a colour per layer; stalls have a colour per cause. Standard library only."""
import json
import sys
from html import escape

WIDTH, LEFT, ROW, GAP, TOP = 1200, 130, 26, 6, 40
LAYERS = ["#4e79a7", "#f28e2b", "#59a14f", "#b07aa1", "#76b7b2", "#edc948", "#ff9da7", "#9c755f"]
CAUSES = {"fill": "#bab0ac", "mode": "#8cd17d", "wait_load": "#e15759", "wait_dep": "#d37295", "wait_drain": "#f1ce63",
          "wait_cmd": "#a0cbe8", "tail": "#d4a6c8"}


def read(path):
    with open(path, encoding="utf-8") as f:
        trace = json.load(f)["traceEvents"]
    tracks = {e["tid"]: e["args"]["name"] for e in trace if e["name"] == "thread_name"}
    return tracks, [e for e in trace if e["ph"] == "X"]


def colour(event, tracks, layers):
    if "command" not in event.get("args", {}) and tracks[event["tid"]] != "layer":
        return CAUSES.get(event["name"], "#999999")
    layer = event["name"].split(" tile ")[0]
    return LAYERS[layers.setdefault(layer, len(layers)) % len(LAYERS)]


def bar(event, begin, end, row, tracks, layers):
    scale = (WIDTH - LEFT - 10) / (end - begin)
    a, b = max(event["ts"], begin), min(event["ts"] + event["dur"], end)
    x, w = LEFT + (a - begin) * scale, max((b - a) * scale, 0.3)
    y = TOP + row * (ROW + GAP)
    name = escape(event["name"])
    out = [f'<rect x="{x:.1f}" y="{y}" width="{w:.1f}" height="{ROW}" fill="{colour(event, tracks, layers)}" '
           f'stroke="white" stroke-width="{0.5 if w > 2 else 0}"><title>{name}: {event["ts"]}, '
           f'{event["dur"]} cycles</title></rect>']
    for text in (name, name.split(" tile ")[-1]):
        if w > 6.2 * len(text) + 4:
            out.append(f'<text x="{x + w / 2:.1f}" y="{y + 17}" text-anchor="middle">{text}</text>')
            break
    return out


def axis(begin, end, rows):
    step = 10 ** len(str(int((end - begin) / 8)))
    while step > (end - begin) / 8:
        step //= 2 if step % 5 else 5
    step = max(step, 1)
    bottom = TOP + rows * (ROW + GAP)
    out = []
    for c in range((begin + step - 1) // step * step, end + 1, step):
        x = LEFT + (c - begin) * (WIDTH - LEFT - 10) / (end - begin)
        out.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{bottom}" stroke="#dddddd"/>')
        if x < WIDTH - 40:
            out.append(f'<text x="{x:.1f}" y="{TOP - 14}" text-anchor="middle">{c:,}</text>')
    return out


def legend(entries, y):
    out, x = [], LEFT
    for name, c in entries:
        if x + 26 + 7 * len(name) > WIDTH:
            break
        out.append(f'<rect x="{x}" y="{y}" width="12" height="12" fill="{c}"/>')
        out.append(f'<text x="{x + 16}" y="{y + 10}">{escape(name)}</text>')
        x += 26 + 7 * len(name)
    return out


def draw(tracks, events, begin, end):
    rows = {tid: i for i, tid in enumerate(sorted(tracks))}
    layers = {}
    height = TOP + len(rows) * (ROW + GAP) + 50
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
           f'font-size="11">', f'<rect width="{WIDTH}" height="{height}" fill="white"/>']
    out += axis(begin, end, len(rows))
    for tid, row in rows.items():
        y = TOP + row * (ROW + GAP) + 17
        out.append(f'<text x="{LEFT - 8}" y="{y}" text-anchor="end">{escape(tracks[tid])}</text>')
    for e in sorted(events, key=lambda e: e["ts"]):
        if e["ts"] < end and e["ts"] + e["dur"] > begin:
            out += bar(e, begin, end, rows[e["tid"]], tracks, layers)
    out += legend(CAUSES.items(), height - 42)
    out += legend(((name, LAYERS[i % len(LAYERS)]) for name, i in layers.items()), height - 22)
    return "\n".join(out + ["</svg>", ""])


def main():
    if len(sys.argv) not in (3, 5):
        sys.exit(__doc__.split("\n", maxsplit=1)[0])
    tracks, events = read(sys.argv[1])
    begin, end = 0, max(e["ts"] + e["dur"] for e in events)
    if len(sys.argv) == 5:
        begin, end = int(sys.argv[3]), int(sys.argv[4])
    if not 0 <= begin < end:
        sys.exit(f"timeline_svg.py: cycles {begin} to {end}: FROM must be below TO")
    with open(sys.argv[2], "w", encoding="utf-8") as f:
        f.write(draw(tracks, events, begin, end))


if __name__ == "__main__":
    main()
