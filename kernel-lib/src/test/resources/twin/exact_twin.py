"""Recomputes, with numpy and scipy, what notebook 07 says of models trained by cross-entropy: ε, γ, τ, the least loss of p_f and
the exponent. Reads the distributions that the notebook wrote and its table. Needs numpy, scipy.

    python exact_twin.py build/exact-language-PROFILE.safetensors build/tables/PROFILE/exact-models.csv

Prints the largest difference of each number; exits with 1 if one is above its tolerance.
"""

import csv
import json
import struct
import sys
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

B = 30


def tensors(path):
    data = Path(path).read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + size])
    header.pop("__metadata__", None)
    return {
        name: np.frombuffer(data, "<f4", (entry["data_offsets"][1] - entry["data_offsets"][0]) // 4, 8 + size + entry["data_offsets"][0])
        .reshape(entry["shape"])
        .astype(np.float64)
        for name, entry in header.items()
    }


def least_loss(features, weights, labels):
    """The least logistic loss of v within |v_w| <= B: a convex function in a box."""

    def value(v):
        margins = labels * (features @ v)
        slopes = -labels / (1 + np.exp(margins))
        return weights @ np.logaddexp(0, -margins), (weights * slopes) @ features

    start = np.zeros(features.shape[1])
    options = {"maxfun": 50000, "ftol": 0, "xtol": 0, "gtol": 1e-12}
    return minimize(value, start, jac=True, method="TNC", bounds=[(-B, B)] * len(start), options=options).fun


arrays = tensors(sys.argv[1])
p_star = arrays["p_star"]
p_star /= p_star.sum(1, keepdims=True)
size = len(p_star)
mean = p_star.mean(0)
without_context = (p_star * np.log(p_star / mean)).sum(1).mean()
with open(sys.argv[2], encoding="utf-8") as file:
    rows = [row for row in csv.DictReader(file)]
first = rows[0]["size"]
rows = [row for row in rows if row["trained by"] == "cross-entropy" and row["size"] == first]

worst = {"ε": 0.0, "γ": 0.0, "τ": 0.0, "loss p_f": 0.0, "exponent": 0.0}
tau = {}
paths = {}
for row in rows:
    task = row["task"]
    weights, labels = arrays[task + ".p_T"][0], arrays[task + ".labels"][0]
    weights = weights / weights.sum()
    if task not in tau:
        tau[task] = least_loss(p_star, weights, labels)
        gamma = (1 / size / weights[weights > 0]).min()
        worst["τ"] = max(worst["τ"], abs(tau[task] - float(row["τ"])))
        worst["γ"] = max(worst["γ"], abs(gamma / float(row["γ"]) - 1))
    name = row["seed"] + "." + row["updates"]
    logits = arrays[name + ".f"] @ arrays[name + ".phi"].T
    log_p = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    epsilon = (p_star * (np.log(p_star) - log_p)).sum(1).mean()
    worst["ε"] = max(worst["ε"], abs(epsilon - float(row["ε"])))
    if row["loss p_f"]:
        loss = least_loss(np.exp(log_p), weights, labels)
        worst["loss p_f"] = max(worst["loss p_f"], abs(loss - float(row["loss p_f"])))
        if epsilon <= without_context / 2:
            ours = (epsilon, loss - tau[task])
            theirs = (float(row["ε"]), float(row["loss p_f"]) - float(row["τ"]))
            paths.setdefault((task, row["seed"]), []).append((ours, theirs))
for (task, seed), points in paths.items():
    if len(points) >= 3:
        ours, theirs = (np.polyfit(*np.log(np.array(path)).T, 1)[0] for path in zip(*points))
        worst["exponent"] = max(worst["exponent"], abs(ours - theirs))
        print(f"exponent of p_f on {task}, seed {seed}: {ours:.4f}")
tolerance = {"ε": 2e-6, "γ": 1e-5, "τ": 2e-5, "loss p_f": 2e-5, "exponent": 2e-3}
for number, difference in worst.items():
    print(f"{number}: largest difference {difference:.1e} ({len(rows)} rows), tolerance {tolerance[number]:.0e}")
sys.exit(any(worst[number] > tolerance[number] for number in worst))
