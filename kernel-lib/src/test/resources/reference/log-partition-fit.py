"""Writes the fits of log-partition-fit.json (NumPy and SciPy alone): python log-partition-fit.py log-partition-fit.json

The contexts in the file stay; mu and covariance are drawn once. The quadratics are A = L L^T, minimised over L and the slope
together by BFGS; the diagonal by scipy.optimize.nnls on stacked equations; the isotropic one by a scalar minimiser.
"""

import json
import sys

import numpy as np
from scipy.optimize import minimize, minimize_scalar, nnls

file = sys.argv[1]
data = json.load(open(file))
f = np.array(data["f"], dtype=np.float32).astype(float)
log_z = np.array(data["logPartition"], dtype=np.float32).astype(float)
held = np.isin(data["text"], data["validation"])
d = f.shape[1]
rng = np.random.default_rng(7)
mu = rng.normal(size=d).round(3)
root = rng.normal(size=(d, d))
sigma = (root @ root.T / 10).round(3)

y = log_z - f @ mu
mean, deviation = f[~held].mean(0), f[~held].std(0)
z = (f - mean) / deviation
y_mean, y_deviation = y[~held].mean(), y[~held].std()
t = (y - y_mean) / y_deviation
train, test = z[~held], z[held]
n = len(train)
variances, axes = np.linalg.eigh(train.T @ train / n)
axes = axes[:, np.argsort(-variances)]


def half_squares(x, M):
    return 0.5 * np.einsum("ni,ij,nj->n", x, M, x)


def objective(M, g, ridge, rho):
    q = half_squares(train, M) + train @ g - t[~held]
    return ((q - q.mean()) ** 2).sum() / (2 * n) + ridge / 2 * (M**2).sum() + rho / 2 * g @ g


def slope(M, rho):
    q = half_squares(train, M)
    return np.linalg.solve(train.T @ train / n + rho * np.eye(d), train.T @ (t[~held] - (q - q.mean())) / n)


def r2(predicted):
    return 1 - ((predicted - y[held]) ** 2).sum() / ((y[held] - y[held].mean()) ** 2).sum()


def gradient_r2(A, b):
    true = np.array(data["conditionalMean"], dtype=np.float32).astype(float)[held]
    missed = f[held] @ A.T + b - true
    return 1 - (missed**2).sum() / ((true - true.mean(0)) ** 2).sum()


def fit(form, ridge, rho, M, g):
    scale = np.outer(deviation, deviation)
    A = y_deviation * M / scale
    b = y_deviation * g / deviation - A @ mean
    c = (y - half_squares(f, A) - f @ b)[~held].mean()
    return {
        "form": form, "ridge": ridge, "linearRidge": rho, "A": A.tolist(), "b": (b + mu).tolist(), "c": c,
        "r2": r2(half_squares(f[held], A) + f[held] @ b + c), "gradientR2": gradient_r2(A, b + mu),
    }


def plain(form, A):
    c = (y - half_squares(f, A))[~held].mean()
    return {
        "form": form, "ridge": 0, "linearRidge": 0, "A": A.tolist(), "b": mu.tolist(), "c": c,
        "r2": r2(half_squares(f[held], A) + c), "gradientR2": gradient_r2(A, mu),
    }


def semidefinite(ridge, rho, rank):
    basis = axes[:, :rank]

    def split(u):
        root = u[: rank * rank].reshape(rank, rank)
        return basis @ root @ root.T @ basis.T, u[rank * rank:]

    best = None
    for start in range(6):
        u = np.random.default_rng(start).normal(size=rank * rank + d) * 0.3
        found = minimize(lambda u: objective(*split(u), ridge, rho), u, method="BFGS", options={"gtol": 1e-10, "maxiter": 10000})
        best = found if best is None or found.fun < best.fun else best
    M, _ = split(best.x)
    return M, slope(M, rho)


def diagonal(ridge, rho):
    half = train**2 / 2
    left = np.block([
        [(half - half.mean(0)) / np.sqrt(n), train / np.sqrt(n), -train / np.sqrt(n)],
        [np.sqrt(ridge) * np.eye(d), np.zeros((d, 2 * d))],
        [np.zeros((d, d)), np.sqrt(rho) * np.eye(d), -np.sqrt(rho) * np.eye(d)],
    ])
    right = np.concatenate([t[~held] / np.sqrt(n), np.zeros(2 * d)])
    a = nnls(left, right, maxiter=100000)[0]
    M = np.diag(a[:d])
    return M, slope(M, rho)


def isotropic(ridge, rho):
    weights = np.diag(deviation**2 / (deviation**2).mean())
    found = minimize_scalar(lambda a: objective(a * weights, slope(a * weights, rho), ridge, rho), bounds=(0, 100),
                            method="bounded", options={"xatol": 1e-12})
    return found.x * weights, slope(found.x * weights, rho)


fits = [plain("CONSTANT", np.zeros((d, d))), plain("COVARIANCE", sigma)]
for ridge in (1e-1, 1e-3):
    zero = np.zeros((d, d))
    fits.append(fit("LINEAR", ridge, ridge, zero, slope(zero, ridge)))
    fits.append(fit("ISOTROPIC", ridge, ridge, *isotropic(ridge, ridge)))
    fits.append(fit("DIAGONAL", ridge, ridge, *diagonal(ridge, ridge)))
    fits.append(fit("LOW_RANK", ridge, ridge, *semidefinite(ridge, ridge, 2)))
    fits.append(fit("FULL", ridge, ridge, *semidefinite(ridge, ridge, d)))
data = {key: data[key] for key in ("text", "validation", "f", "logPartition", "conditionalMean")}
data |= {"mu": mu.tolist(), "covariance": sigma.tolist(), "rank": 2, "fits": fits}
json.dump(data, open(file, "w"))
for each in fits:
    print(each["form"], each["ridge"], round(each["r2"], 6), round(each["gradientR2"], 6))
