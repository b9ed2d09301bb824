"""Packs n circles into the unit square: a start, many small moves, and radii as large as fit."""

import numpy as np

SEED = 0
JITTER = 0.005  # standard deviation of what breaks the symmetry of a start
N_MOVES = 1500
MOVE = 0.03  # standard deviation of a first move, in sides of the square
DECAY = 0.998  # of the move's size, from one to the next
N_SWEEPS = 2


def start(n, rng):
    side = int(np.ceil(np.sqrt(n)))
    i = np.arange(n)
    grid = np.stack([(i % side + 0.5) / side, (i // side + 0.5) / side], axis=1)  # (n, 2)
    return grid + rng.normal(0, JITTER, size=(n, 2))


def grow(centres):
    walls = np.minimum(centres, 1 - centres).min(axis=1)  # (n,)
    gaps = np.linalg.norm(centres[:, None] - centres[None], axis=2)  # (n, n)
    np.fill_diagonal(gaps, np.inf)
    radii = np.minimum(walls, gaps.min(axis=1) / 2)
    for _ in range(N_SWEEPS):  # each circle in turn takes what the others leave
        for i in range(len(radii)):
            radii[i] = min(walls[i], (gaps[i] - radii).min())
    return radii


def improve(centres, rng):
    best = grow(centres).sum()
    move = MOVE
    for _ in range(N_MOVES):
        i = rng.integers(len(centres))
        moved = centres.copy()
        moved[i] = np.clip(moved[i] + rng.normal(0, move, size=2), 0.01, 0.99)
        total = grow(moved).sum()
        if total > best:
            centres, best = moved, total
        move *= DECAY
    return centres


def answer(question):
    rng = np.random.default_rng(SEED)
    centres = improve(start(question["n"], rng), rng)
    radii = grow(centres)
    return {"circles": np.column_stack([centres, radii]).tolist()}
