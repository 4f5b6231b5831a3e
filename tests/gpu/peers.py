#!/usr/bin/env python3
"""What PyTorch and CuPy make of the work of flowspan's kernels on this device, where they are installed: a line of JSON each.

A chunk of 16 MiB of complex64, medians of 9 x 32 launches in memory larger than the caches. GB_per_s counts the bytes that the work must
read and write, as gpu_speed does. 77: neither is installed, or there is no device.
"""
import json
import statistics
import sys
import time

N, SETS = (16 << 20) // 8, 16


def report(name, gigabytes, run, wait):
    run(0)
    wait()
    seconds = []
    for _ in range(9):
        begin = time.perf_counter()
        for k in range(32):
            run(k % SETS)
        wait()
        seconds.append((time.perf_counter() - begin) / 32)
    middle = statistics.median(seconds)
    print(json.dumps({"peer": name, "us": round(middle * 1e6, 2), "GB_per_s": round(gigabytes / middle, 1)}), flush=True)


def with_torch():
    import torch

    if not torch.cuda.is_available():
        raise RuntimeError("PyTorch sees no device")
    x = [torch.randn(N, dtype=torch.complex64, device="cuda") for _ in range(SETS)]
    y = [torch.empty_like(x[0]) for _ in range(SETS)]
    wait = torch.cuda.synchronize
    version = "PyTorch " + torch.__version__
    report(version + ", copy", 16e-9 * N, lambda k: y[k].copy_(x[k]), wait)
    for size in (64, 1024, 4096):
        report(f"{version}, fft {size}", 16e-9 * N, lambda k: torch.fft.fft(x[k].view(-1, size), out=y[k].view(-1, size)), wait)
        taps = torch.randn(8, size, device="cuda")

        def channelize(k):
            rows = x[k].view(-1, size)
            n = rows.shape[0] - 7
            summed = sum(rows[p : p + n] * taps[p] for p in range(8))
            return torch.fft.fft(summed)

        report(f"{version}, filter bank {size}", 16e-9 * N, channelize, wait)


def with_cupy():
    import cupy

    if cupy.cuda.runtime.getDeviceCount() == 0:
        raise RuntimeError("CuPy sees no device")
    x = [cupy.random.standard_normal((N, 2), dtype=cupy.float32).view(cupy.complex64).ravel() for _ in range(SETS)]
    wait = cupy.cuda.Stream.null.synchronize
    version = "CuPy " + cupy.__version__
    for size in (64, 1024, 4096):
        report(f"{version}, fft {size}", 16e-9 * N, lambda k: cupy.fft.fft(x[k].reshape(-1, size)), wait)


def main():
    ran = 0
    for peer in (with_torch, with_cupy):
        try:
            peer()
            ran += 1
        except Exception as error:  # (each may lack what it needs, in its own words)
            print(f"{peer.__name__}: {type(error).__name__}: {error}", flush=True)
    if ran == 0:
        print("skipped: neither PyTorch nor CuPy can be used here")
        sys.exit(77)
    print(f"{ran} of 2 peers")


if __name__ == "__main__":
    main()
