"""QR, symmetric eigendecomposition and inverse root in PyTorch: what linalg-child.js measures, as one JSON line.

python linalg.py --operations qr,eigh,inverse_root --sizes 128,256,512,1024
"""

import argparse
import json
import statistics
import time

import torch


def inverse_root(matrix, exponent=0.25, epsilon=1e-6):
    values, vectors = torch.linalg.eigh(matrix + epsilon * torch.eye(len(matrix)))
    shifted = (values + torch.relu(epsilon - values.min())).clamp(min=epsilon)
    return (vectors * shifted.pow(-exponent)) @ vectors.T


operations = {
    "qr": lambda matrix: torch.linalg.qr(matrix)[0],
    "eigh": lambda matrix: torch.linalg.eigh(matrix)[1],
    "inverse_root": inverse_root,
}


def timed(operation, matrix):
    """The median over at least five runs and one second."""
    operation(matrix)
    times = []
    end = time.perf_counter() + 1
    while len(times) < 5 or time.perf_counter() < end:
        start = time.perf_counter()
        operation(matrix)
        times.append(1e3 * (time.perf_counter() - start))
    return {"median_ms": round(statistics.median(times), 3), "repetitions": len(times)}


parser = argparse.ArgumentParser()
parser.add_argument("--operations", default=",".join(operations))
parser.add_argument("--sizes", default="128,256,512,1024")
arguments = parser.parse_args()
sizes = [int(size) for size in arguments.sizes.split(",")]
torch.manual_seed(0)
results = []
with torch.no_grad():
    for size in sizes:
        x = torch.randn(size, size)
        matrix = x @ x.T / size
        for name in arguments.operations.split(","):
            results.append({"operation": name, "size": size, **timed(operations[name], matrix)})
print(json.dumps({"peer": "torch " + torch.__version__, "threads": torch.get_num_threads(), "results": results}))
