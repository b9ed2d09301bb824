# ruff: noqa: F811, F821 - alternatives share a name with what they replace, and use its constants
"""Alternatives for answer.py."""

import numpy as np
from scipy.optimize import linprog

N_ROUNDS = 60
N_STARTS = 8


# alternative: a smaller grid has larger circles, its gaps take the rest [expect sum_of_radii +0.1]
def start(n, rng):
    side = int(np.sqrt(n))
    i = np.arange(n)
    rows = np.minimum(i // side, side - 1)
    places = np.stack([(i % side + 0.5) / side, (rows + 0.5) / side], axis=1)
    places[side * side :] = np.arange(1, n - side * side + 1)[:, None] / side
    return places + rng.normal(0, JITTER, size=(n, 2))


# alternative: staggered rows pack the plane more densely than a grid
def start(n, rng):
    side = int(np.ceil(np.sqrt(n)))
    i = np.arange(n)
    shift = (i // side % 2) / 2
    rows = np.stack([(i % side + 0.25 + shift) / side, (i // side + 0.5) / side], axis=1)
    return rows + rng.normal(0, JITTER, size=(n, 2))


# alternative: a random start escapes the symmetry of rows
def start(n, rng):
    return rng.uniform(0.05, 0.95, size=(n, 2))


# alternative: the best radii for given centres are a linear program [expect sum_of_radii +0.05]
# needs: pairs
def grow(centres):
    n = len(centres)
    i, j, gaps, _ = pairs(centres)
    rows = np.zeros((len(i), n))
    rows[np.arange(len(i)), i] = rows[np.arange(len(i)), j] = 1
    walls = np.minimum(centres, 1 - centres).min(axis=1)
    found = linprog(-np.ones(n), rows, gaps, bounds=np.stack([0 * walls, walls], axis=1))
    return np.maximum(found.x - 1e-7, 1e-9)  # the solver's own tolerance is 1e-7


# alternative: linear programs move all centres and radii at once [expect sum_of_radii +0.3]
# Every solution is feasible: no distance is smaller than its projection on the old direction.
# needs: pairs N_ROUNDS
def improve(centres, rng):
    n = len(centres)
    centres = np.clip(centres + rng.normal(0, 0.01, size=(n, 2)), 0.01, 0.99)
    e = np.eye(n)
    for _ in range(N_ROUNDS):
        i, j, _, u = pairs(centres)  # u: (m, 2) directions from j to i
        k = np.arange(len(i))
        rows = np.zeros((len(i), 3 * n))  # unknowns: x, y, r of each circle
        rows[k, i], rows[k, j] = -u[:, 0], u[:, 0]
        rows[k, n + i], rows[k, n + j] = -u[:, 1], u[:, 1]
        rows[k, 2 * n + i] = rows[k, 2 * n + j] = 1
        o = np.zeros((n, n))
        walls = np.block([[-e, o, e], [e, o, e], [o, -e, e], [o, e, e]])
        sides = np.repeat([0.0, 1.0, 0.0, 1.0], n)
        goal = np.repeat([0.0, 0.0, -1.0], n)
        reach = np.concatenate([centres.T.ravel() - 0.1, np.zeros(n)])
        limit = np.concatenate([centres.T.ravel() + 0.1, np.full(n, 0.5)])
        found = linprog(
            goal,
            np.vstack([rows, walls]),
            np.concatenate([np.zeros(len(i)), sides]),
            bounds=np.stack([reach, limit], axis=1),
        )
        if found.x is None:
            break
        centres = found.x[: 2 * n].reshape(2, n).T
    return np.clip(centres, 1e-3, 1 - 1e-3)


# alternative: simulated annealing leaves a poor arrangement that hill climbing cannot leave
def improve(centres, rng):
    now = grow(centres).sum()
    best, best_centres = now, centres
    for step in range(N_MOVES):
        heat = 1 - step / N_MOVES
        moved = centres.copy()
        i = rng.integers(len(centres))
        moved[i] = np.clip(moved[i] + rng.normal(0, MOVE * heat + 1e-4, size=2), 0.01, 0.99)
        total = grow(moved).sum()
        if total > now or rng.random() < np.exp((total - now) / (0.003 * heat + 1e-9)):
            centres, now = moved, total
        if now > best:
            best, best_centres = now, centres
    return best_centres


# alternative: chance decides where a search ends: try several [expect sum_of_radii +0.02]
# needs: N_STARTS
def answer(question):
    best = None
    for k in range(N_STARTS):
        rng = np.random.default_rng(SEED + k)
        centres = improve(start(question["n"], rng), rng)
        radii = grow(centres)
        if best is None or radii.sum() > best[1].sum():
            best = centres, radii
    return {"circles": np.column_stack(best).tolist()}


def pairs(centres):
    i, j = np.triu_indices(len(centres), 1)
    apart = centres[i] - centres[j]
    gaps = np.linalg.norm(apart, axis=1)
    return i, j, gaps, apart / np.maximum(gaps, 1e-12)[:, None]
