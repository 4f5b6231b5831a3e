#!/usr/bin/env python3
"""Draws the report of a run: what each rank did, what its blocks worked and waited, and what crossed between ranks.

    flowspan run fm.yaml -n 4 --report report.json
    scripts/plot_report.py report.json -o report.svg

An SVG needs nothing but Python, opens in every browser, and shows the numbers of a bar under the pointer. A PNG (-o report.png)
is the same picture, drawn by matplotlib, which must be there for it.
"""

import argparse
import json
import re
import sys
from xml.sax.saxutils import escape

WIDTH, MARGIN, LABEL, NUMBER, ROW, GAP = 960, 20, 230, 130, 18, 14
WORK, INPUT, OUTPUT, REST, INK, PALE = "#2a6f97", "#e9a23b", "#c8553d", "#eceff1", "#222222", "#666666"
MOST_RANKS, MOST_BLOCKS, MOST_CROSSINGS, MOST_MATRIX = 32, 12, 20, 64


class Picture:
    """Rectangles and words, from the upper left corner in pixels; what draws them comes later."""
    def __init__(self):
        self.boxes, self.words, self.height = [], [], 0

    def box(self, x, y, width, height, colour, tip=""):
        self.boxes.append((x, y, max(0.0, width), height, colour, tip))

    def word(self, x, y, text, size=12, colour=INK, anchor="start", bold=False):
        self.words.append((x, y, text, size, colour, anchor, bold))


def seconds(s):
    return f"{s:.3g} s" if s >= 1 or s == 0 else f"{1e3 * s:.3g} ms" if s >= 1e-3 else f"{1e6 * s:.3g} us"


def octets(n):
    for unit in ("B", "KiB", "MiB", "GiB"):
        if n < 1024:
            return f"{n:.4g} {unit}"
        n /= 1024
    return f"{n:.4g} TiB"


def short(text, most):
    return text if len(text) <= most else text[:most // 2 - 1] + "…" + text[-(most - most // 2):]


def together(items, name, most):
    """{title: items}: one each where there are at most so many, else copies as one, "73 x watch[*].demod"."""
    groups = {}
    for item in items:
        groups.setdefault(name(item) if len(items) <= most else re.sub(r"\[\d+\]", "[*]", name(item)), []).append(item)
    return {f"{len(group)} x {title}" if len(group) > 1 else name(group[0]): group for title, group in groups.items()}


def rows_of(rank):
    """(name, work, waiting on input, waiting on output, tip) of the blocks that took most; the others together. Of copies, sums of work and means of
    waits: they wait beside each other."""
    def of(name, blocks):
        work = sum(b["work_s"] for b in blocks)
        waits_in, waits_out = (sum(b[k] for b in blocks) / len(blocks) for k in ("waiting_on_input_s", "waiting_on_output_s"))
        each = " each" if len(blocks) > 1 else ""
        tip = f"{name}: worked {seconds(work)}, waited for input {seconds(waits_in)}{each}, for room {seconds(waits_out)}{each}"
        if len(blocks) == 1:
            tip += f"; {blocks[0]['items_in']:,} items in, {blocks[0]['items_out']:,} out, {blocks[0]['calls']:,} calls"
        return name, work, waits_in, waits_out, tip
    groups = together(rank["blocks"], lambda b: b["block"], MOST_BLOCKS + 1)
    groups = sorted(groups.items(), key=lambda g: -sum(b["work_s"] for b in g[1]))
    shown = MOST_BLOCKS if len(groups) > MOST_BLOCKS + 1 else len(groups)
    rows = [of(name, blocks) for name, blocks in groups[:shown]]
    if groups[shown:]:
        rest = [b for _, blocks in groups[shown:] for b in blocks]
        rows.append(of(f"{len(rest)} more blocks", rest))
    return rows


def drawn(report):
    """The picture of a report: a Picture."""
    picture, wall = Picture(), max(report["seconds"], 1e-9)
    summary = report.get("summary", {})
    y = MARGIN + 16
    picture.word(MARGIN, y, f"{report.get('graph') or report.get('graph_file', '')}: {report['state']}", 16, bold=True)
    y += 20
    said = [f"{seconds(report['seconds'])} on {report['rank_count']} rank" + ("s" if report["rank_count"] != 1 else "")]
    if summary.get("samples_per_s"):
        said.append(f"{summary['samples']:,} samples, {summary['samples_per_s'] / 1e6:.3g} MS/s")
    if summary.get("times_real_time"):
        said.append(f"{summary['times_real_time']:.3g} times real time")
    picture.word(MARGIN, y, " · ".join(said), colour=PALE)
    if report.get("cause"):
        y += 18
        picture.word(MARGIN, y, short(report["cause"], 130), colour=OUTPUT)
    y += 24
    x = MARGIN
    for colour, text in ((WORK, "works"), (INPUT, "waits for input"), (OUTPUT, "waits for room"), (REST, "rest of the run")):
        picture.box(x, y - 10, 12, 12, colour)
        picture.word(x + 17, y, text)
        x += 150
    left, wide = MARGIN + LABEL, WIDTH - 2 * MARGIN - LABEL - NUMBER
    y = axis(picture, report["seconds"], left, wide, y)
    busiest = sorted(report["ranks"], key=lambda r: -sum(b["work_s"] for b in r["blocks"]))[:MOST_RANKS]
    for rank in sorted(busiest, key=lambda r: r["rank"]):
        y += ROW + GAP
        cpu = rank["user_cpu_s"] + rank["system_cpu_s"]
        picture.word(MARGIN, y, f"rank {rank['rank']} on {rank['host']}", 13, bold=True)
        device = rank.get("device")
        picture.word(left, y, f"{seconds(cpu)} of CPU time ({100 * cpu / wall:.0f} % of a core), {octets(rank['peak_memory_bytes'])} of memory"
                     + (f", {device['name']} busy for {seconds(device['busy_s'])}" if device else ""), colour=PALE)
        for name, work, waits_in, waits_out, tip in rows_of(rank):
            y += ROW
            picture.word(left - 8, y, short(name, 32), anchor="end")
            picture.box(left, y - 11, wide, 13, REST, tip)
            picture.word(WIDTH - MARGIN - 66, y, seconds(work), colour=PALE, anchor="end")
            picture.word(WIDTH - MARGIN, y, share_text(work / wall), colour=PALE, anchor="end")
            at = left
            for colour, share in ((WORK, work), (INPUT, waits_in), (OUTPUT, waits_out)):
                width = min(share / wall * wide, left + wide - at)
                if width > 0:
                    picture.box(at, y - 11, width, 13, colour, tip)
                at += width
    if len(report["ranks"]) > MOST_RANKS:
        y += ROW + GAP
        picture.word(MARGIN, y, f"{len(report['ranks']) - MOST_RANKS} more ranks worked less", 13, bold=True)
    y = crossings(picture, report, y)
    picture.height = y + ROW + MARGIN
    return picture


def share_text(share):
    return f"{100 * share:.0f} %" if share >= 0.1 or share == 0 else f"{100 * share:.2g} %" if share >= 1e-5 else "< 0.001 %"


def axis(picture, whole, left, wide, y):
    """The time that bars stand for, and what the numbers beside them are. Returns how far down it came."""
    y += ROW + 8
    for k in range(5):
        anchor = "start" if k == 0 else "end" if k == 4 else "middle"
        picture.word(left + k * wide / 4, y, seconds(whole * k / 4), 10, PALE, anchor)
        picture.box(left + k * wide / 4 - (1 if k == 4 else 0), y + 3, 1, 5, PALE)
    picture.word(WIDTH - MARGIN, y, "worked", 10, PALE, "end")
    return y - 8


def crossings(picture, report, y):
    """What crossed: the edges of most bytes, and who sent to whom. Returns how far down it came."""
    crossed = sorted((c for rank in report["ranks"] for c in rank["crossings"]), key=lambda c: -c["bytes"])
    if not crossed:
        return y
    y += ROW + 2 * GAP
    whole = sum(c["bytes"] for c in crossed)
    picture.word(MARGIN, y, "Between ranks", 13, bold=True)
    picture.word(MARGIN + LABEL, y, f"{octets(whole)} over {len(crossed)} edges, {octets(whole / max(report['seconds'], 1e-9))}/s", colour=PALE)
    groups = together(crossed, lambda c: f"{c['edge']}  {c['from']} → {c['to']}", MOST_CROSSINGS)
    groups = sorted(((name, *(sum(c[k] for c in group) for k in ("bytes", "items", "records"))) for name, group in groups.items()), key=lambda g: -g[1])
    left, wide, most = MARGIN + LABEL + 180, WIDTH - 2 * MARGIN - LABEL - 180, max(1, groups[0][1])
    for name, n, items, records in groups[:MOST_CROSSINGS]:
        y += ROW
        picture.word(left - 8, y, short(name, 60), anchor="end")
        picture.box(left, y - 11, wide * 0.8 * n / most, 13, WORK, f"{name}: {octets(n)}, {items:,} items, {records:,} records")
        picture.word(left + wide * 0.8 * n / most + 6, y, octets(n), colour=PALE)
    if len(groups) > MOST_CROSSINGS:
        y += ROW
        picture.word(left - 8, y, f"{len(groups) - MOST_CROSSINGS} more", anchor="end")
        picture.word(left + 6, y, octets(sum(g[1] for g in groups[MOST_CROSSINGS:])), colour=PALE)
    if 2 < report["rank_count"] <= MOST_MATRIX:
        y = matrix(picture, report["rank_count"], crossed, y + ROW + GAP)
    return y


def matrix(picture, ranks, crossed, y):
    """Senders down, receivers across; the darker the more bytes."""
    between = {}
    for c in crossed:
        between[c["from"], c["to"]] = between.get((c["from"], c["to"]), 0) + c["bytes"]
    most, cell, left = max(between.values()) or 1, max(9, min(24, 640 // ranks)), MARGIN + LABEL
    picture.word(left - 8, y + 10, "from rank (down) to rank (across)", anchor="end")
    every = -(-ranks // 16)
    for k in range(0, ranks, every):
        picture.word(left + (k + 0.5) * cell, y - 3, str(k), 10, PALE, "middle")
        picture.word(left + ranks * cell + 5, y + (k + 0.7) * cell, str(k), 10, PALE)
    for a in range(ranks):
        for b in range(ranks):
            n = between.get((a, b), 0)
            shade = 0 if n == 0 else 0.15 + 0.85 * n / most
            colour = "#%02x%02x%02x" % tuple(round(e + (w - e) * shade) for e, w in zip((0xec, 0xef, 0xf1), (0x2a, 0x6f, 0x97)))
            picture.box(left + b * cell, y + a * cell, cell - 1, cell - 1, colour, f"rank {a} to {b}: {octets(n)}")
    return y + ranks * cell


def svg(picture):
    """The picture as the text of an SVG file."""
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{picture.height:g}" viewBox="0 0 {WIDTH} {picture.height:g}" '
             'font-family="DejaVu Sans, Verdana, sans-serif">', f'<rect width="{WIDTH}" height="{picture.height:g}" fill="#ffffff"/>']
    for x, y, width, height, colour, tip in picture.boxes:
        tip = f"<title>{escape(tip)}</title>" if tip else ""
        lines.append(f'<rect x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}" fill="{colour}">{tip}</rect>')
    for x, y, text, size, colour, anchor, bold in picture.words:
        weight = ' font-weight="bold"' if bold else ""
        lines.append(f'<text x="{x:.2f}" y="{y:.2f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}"{weight}>{escape(text)}</text>')
    return "\n".join(lines) + "\n</svg>\n"


def png(picture, path):
    """Writes the picture as a PNG. Raises ImportError without matplotlib."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle
    figure = Figure(figsize=(WIDTH / 100, picture.height / 100), dpi=150)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH), ylim=(picture.height, 0))
    axes.axis("off")
    for x, y, width, height, colour, _ in picture.boxes:
        axes.add_patch(Rectangle((x, y), width, height, facecolor=colour, linewidth=0))
    for x, y, text, size, colour, anchor, bold in picture.words:
        axes.text(x, y, text.replace("$", r"\$"), fontsize=size * 0.72, color=colour, va="baseline", weight="bold" if bold else "normal",
                  ha={"start": "left", "end": "right", "middle": "center"}[anchor])
    figure.savefig(path)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Draws the report of a flowspan run: ranks, work, waits, crossings.")
    parser.add_argument("report", help="what `flowspan run --report FILE` wrote; - is stdin")
    parser.add_argument("-o", "--output", metavar="FILE", help="FILE.svg, or FILE.png by matplotlib (default: REPORT.svg; - is an SVG on stdout)")
    asked = parser.parse_args(arguments)
    try:
        with (sys.stdin if asked.report == "-" else open(asked.report, encoding="utf-8")) as file:
            report = json.load(file)
        if not isinstance(report, dict) or not {"seconds", "state", "rank_count", "ranks"} <= report.keys():
            raise ValueError("it is no report of a run (one of a batch is drawn by `flowspan batch --report FILE.html`)")
        picture = drawn(report)
    except (OSError, ValueError, KeyError, TypeError) as error:
        said = f"{error}" if not isinstance(error, KeyError) else f"it has no {error}"
        print(f"plot_report: cannot draw {asked.report}: {said}", file=sys.stderr)
        return 3
    output = asked.output or ("-" if asked.report == "-" else asked.report.rpartition(".json")[0] or asked.report) + ("" if asked.report == "-" else ".svg")
    try:
        if output == "-":
            sys.stdout.write(svg(picture))
        elif output.endswith(".png"):
            png(picture, output)
        elif output.endswith(".svg"):
            with open(output, "w", encoding="utf-8") as file:
                file.write(svg(picture))
        else:
            print(f"plot_report: expected FILE.svg or FILE.png, got {output}", file=sys.stderr)
            return 2
    except ImportError:
        print(f"plot_report: a PNG needs matplotlib, which {sys.executable} does not have; an SVG (-o FILE.svg) needs nothing", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"plot_report: cannot write {output}: {error.strerror}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
