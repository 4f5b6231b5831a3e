#!/usr/bin/env python3
"""What is in products of shipped graphs, by the standard library alone. Leaves with 0 where it is so, else 1 and a line that says
what is.

    shipped_content.py tones FILE.wav HZ...       these tones are the strongest, together 0.9 of the power of the middle half
    shipped_content.py meta FILE.sigmf-meta RATE CENTER
    shipped_content.py bursts FILE.jsonl FREQUENCY FIRST EVERY [FREQUENCY_WITHIN]
                                                  bursts around that frequency at FIRST, FIRST + EVERY, ... seconds, and at no other time
    shipped_content.py peaks FILE.h5 HZ...        the averaged spectrum is above its median by 10 dB there, from the centre on
    shipped_content.py adsb FILE.cu8 RATE         writes one frame of an aircraft, 8D4840D6202CC371C32CE0576098, at 10 ms
"""
import cmath
import json
import math
import struct
import subprocess
import sys


def chunks(data):
    at = 12
    while at + 8 <= len(data):
        name, size = data[at:at + 4], struct.unpack_from("<I", data, at + 4)[0]
        yield name, data[at + 8:at + 8 + size]
        at += 8 + size + size % 2


def audio(path):
    parts = dict(chunks(open(path, "rb").read()))
    rate, bits = struct.unpack_from("<I", parts[b"fmt "], 4)[0], struct.unpack_from("<H", parts[b"fmt "], 14)[0]
    assert bits == 16, bits
    samples = struct.unpack(f"<{len(parts[b'data']) // 2}h", parts[b"data"])
    quarter = len(samples) // 4
    return rate, samples[quarter:3 * quarter]


def tones(path, *frequencies):
    rate, x = audio(path)
    mean = sum(x) / len(x)
    window = [0.5 - 0.5 * math.cos(2 * math.pi * k / len(x)) for k in range(len(x))]
    power = sum(v * v for v in (w * (s - mean) for w, s in zip(window, x)))
    found = 0
    parts = []
    for f in map(float, frequencies):
        z = sum(w * (s - mean) * cmath.exp(-2j * math.pi * f * k / rate) for k, (w, s) in enumerate(zip(window, x)))
        # a tone of amplitude a: |z| = a n / 4, and a^2 / 2 * 3 n / 8 of power
        share = (4 * abs(z) / len(x)) ** 2 / 2 * 3 / 8 * len(x) / power
        parts.append(share)
        found += share
    shares = ", ".join(f"{share:.3f}" for share in parts)
    return found > 0.9 and min(parts) > 0.05, f"the tones {', '.join(frequencies)} have {shares} of the power of {path}"


def meta(path, rate, center):
    header = json.load(open(path))
    got = header["global"]["core:sample_rate"], header["captures"][0]["core:frequency"]
    return abs(got[0] / float(rate) - 1) < 1e-9 and abs(got[1] / float(center) - 1) < 1e-9, f"{path}: rate and centre {got}"


def bursts(path, frequency, first, every, within=0.11e6):
    found = [json.loads(line)["value"] for line in open(path)]
    near = [b for b in found if b["freq_lower_edge"] - float(within) < float(frequency) < b["freq_upper_edge"] + float(within)]
    times = [b["time_s"] for b in near]
    turns = {round((t - float(first)) / float(every)) for t in times}
    right = turns == set(range(len(turns))) and all(
        min(abs(t - float(first) - k * float(every)) for k in turns) < 0.015 for t in times)
    return bool(turns) and right, f"{path}: {len(found)} bursts, at {frequency} Hz those at {times}"


def peaks(path, *frequencies):
    def words(*options):
        text = subprocess.run(["h5dump", "-y", "-w", "1", *options, path], capture_output=True, text=True, check=True).stdout
        return [float(w.strip(" ,")) for w in text.split("DATA {")[1].split("}")[0].split("\n") if w.strip(" ,")]

    power = words("-d", "/data")
    first, step = words("-a", "/data/axis_1_first")[0], words("-a", "/data/axis_1_step")[0]
    median = sorted(power)[len(power) // 2]
    over = []
    for f in map(float, frequencies):
        k = round((f - first) / step)
        over.append(10 * math.log10(max(power[max(0, k - 40):k + 41]) / median))
    return min(over) > 10, f"{path}: {over} dB above the median of {len(power)} bins from {first} by {step}"


def adsb(path, rate):
    """Pulse-position modulation, 1 Mbit/s: a preamble of pulses at 0, 1, 3.5 and 4.5 us, then a bit each microsecond."""
    bits = bin(int("8D4840D6202CC371C32CE0576098", 16))[2:].zfill(112)
    on = [(0, 0.5), (1, 1.5), (3.5, 4), (4.5, 5)]
    on += [(8 + k, 8.5 + k) if bit == "1" else (8.5 + k, 9 + k) for k, bit in enumerate(bits)]
    per_us, start = float(rate) / 1e6, 10_000
    out = bytearray()
    for k in range(int(20_000 * per_us)):
        begin, end = k / per_us - start, (k + 1) / per_us - start
        level = 0.0
        if -1 < begin < 130:
            level = sum(max(0.0, min(end, b) - max(begin, a)) for a, b in on) * per_us
        noise = (k * 1103515245 + 12345 >> 16) % 5 - 2
        out += bytes((min(255, max(0, round(127.5 + 100 * level + noise))), min(255, max(0, 128 + noise))))
    open(path, "wb").write(out)
    return True, ""


right, said = {f.__name__: f for f in (tones, meta, bursts, peaks, adsb)}[sys.argv[1]](*sys.argv[2:])
if not right:
    print(said, file=sys.stderr)
sys.exit(not right)
