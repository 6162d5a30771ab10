"""The numbers of ContrastTest, computed with numpy, scipy and statsmodels: python contrast.py

Outcomes are patterns that need no random numbers: classifier k is right on sentence i unless (i * (2k + 3) + k * k) % 17 < 4 + k % 3.
"""
import numpy as np
from scipy import optimize, stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

n = 120


def right(k):
    i = np.arange(n)
    return ((i * (2 * k + 3) + k * k) % 17 >= 4 + k % 3).astype(float)


def between(rows):
    """Variance component of the rows in a two-way layout without replication, from the mean squares of the table."""
    rows = np.asarray(rows)
    b, m = rows.shape
    residual = rows - rows.mean(1, keepdims=True) - rows.mean(0, keepdims=True) + rows.mean()
    ms_rows = m * rows.mean(1).var(ddof=1)
    ms_residual = (residual ** 2).sum() / (b - 1) / (m - 1)
    return max(0.0, (ms_rows - ms_residual) / m)


def newcombe(a, b, alpha):
    a, b = a.astype(bool), b.astype(bool)
    cells = np.array([[(a & b).sum(), (a & ~b).sum()], [(~a & b).sum(), (~a & ~b).sum()]], float)
    product = np.prod(cells.sum(0)) * np.prod(cells.sum(1))
    det = cells[0, 0] * cells[1, 1] - cells[0, 1] * cells[1, 0]
    phi = (max(det - n / 2, 0) if det > 0 else det) / np.sqrt(product)
    la, ua = proportion_confint(a.sum(), n, alpha, method="wilson")
    lb, ub = proportion_confint(b.sum(), n, alpha, method="wilson")
    pa, pb = a.mean(), b.mean()
    low = np.sqrt((pa - la) ** 2 - 2 * phi * (pa - la) * (ub - pb) + (ub - pb) ** 2)
    high = np.sqrt((ua - pa) ** 2 - 2 * phi * (ua - pa) * (pb - lb) + (pb - lb) ** 2)
    return pa - pb - low, pa - pb + high


def t(df, alpha):
    return stats.t.ppf(1 - alpha / 2, df)


# 1. Difference of classifiers 0 and 1, each redrawn six times: classifiers 2..7 and 8..13.
def drawn(alpha):
    low, high = newcombe(right(0), right(1), alpha)
    d = right(0).mean() - right(1).mean()
    v = between([right(2 + b) - right(8 + b) for b in range(6)])
    return d, d - np.hypot(d - low, t(5, alpha) * v ** 0.5), d + np.hypot(high - d, t(5, alpha) * v ** 0.5), v


d, low, high, v = drawn(0.05)
v_test = (right(0) - right(1)).var(ddof=1) / n
print("redrawn difference", repr(d), repr(low), repr(high), "share", repr(v / (v + v_test)))
print("its p against 0.12", repr(optimize.brentq(lambda a: drawn(a)[2] - 0.12, 1e-9, 0.999999)))

# 2. Difference of the mean of runs 2, 3, 4 and the mean of runs 5, 6, 7, 8.
a, b = np.array([right(k) for k in (2, 3, 4)]), np.array([right(k) for k in (5, 6, 7, 8)])
x = a.mean(0) - b.mean(0)
half = np.sqrt(t(n - 1, 0.05) ** 2 * x.var(ddof=1) / n + t(2, 0.05) ** 2 * between(a) / 3 + t(3, 0.05) ** 2 * between(b) / 4)
print("runs", repr(x.mean()), repr(x.mean() - half), repr(x.mean() + half))

# 3. Gain of classifiers 1 over 0 less that of 3 over 2.
x = right(1) - right(0) - right(3) + right(2)
print("gain", repr(x.mean()), *map(repr, stats.t.interval(0.95, n - 1, x.mean(), stats.sem(x))))

# 4. Holm.
print("Holm", multipletests([0.01, 0.04, 0.03, 0.005, 0.5], method="holm")[1].tolist())
