"""Training: the loop, its schedule and its clock.

Runs in FILIAL_CODE with the training text in FILIAL_DATA/train.bin, a seed in FILIAL_SEED and
FILIAL_CPU_S CPU-seconds to spend, importing included; leaves the weights in FILIAL_OUT. Whoever
spends more is stopped from outside and leaves nothing.
"""
# ruff: noqa: ARG001 - a choice need not use all it is told

import os
import time
from pathlib import Path

import numpy as np
import torch
from data import draw_batch
from loss import compute_loss
from model import CONTEXT, Model
from optim import make_optimizer
from weights import save

RESERVE_S = 2.0  # CPU-seconds kept back for the last step, saving and leaving
CLIP = 1.0  # longest gradient (Pascanu et al. 2012, arXiv 1211.5063)


def learning_rate(progress):
    """Factor on the peak learning rate when ``progress`` of the time (0 to 1) is used up."""
    return 1.0


class Keeper:
    """Decides which weights are kept: the last ones."""

    def __init__(self, model):
        self.model = model

    def observe(self, progress):
        """Looks at the model after a step."""

    def finish(self):
        """Leaves in the model the weights to keep."""


def train(model, text, budget_s, generator):
    """Takes steps, one at least, until the process has used budget_s CPU-seconds."""
    optimizer, keeper = make_optimizer(model), Keeper(model)
    peaks = [group["lr"] for group in optimizer.param_groups]
    start, steps, progress = time.process_time(), 0, 0.0
    end = max(budget_s, start + 1e-3)
    while progress < 1:
        for group, peak in zip(optimizer.param_groups, peaks, strict=True):
            group["lr"] = peak * learning_rate(progress)
        x, y = draw_batch(text, CONTEXT, progress, generator)
        loss = compute_loss(model(x), y, progress)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        keeper.observe(progress)
        steps += 1
        progress = (time.process_time() - start) / (end - start)
    keeper.finish()
    print(f"{steps} steps, last loss {loss.item():.3f} nats a byte")


def main():
    torch.set_num_threads(1)
    seed = int(os.environ["FILIAL_SEED"]) % 2**63
    torch.manual_seed(seed)
    text = np.fromfile(Path(os.environ["FILIAL_DATA"]) / "train.bin", dtype=np.uint8)
    model = Model()
    budget_s = float(os.environ["FILIAL_CPU_S"]) - RESERVE_S
    train(model, torch.from_numpy(text), budget_s, torch.Generator().manual_seed(seed))
    save(model, Path(os.environ["FILIAL_OUT"]))


if __name__ == "__main__":
    main()
