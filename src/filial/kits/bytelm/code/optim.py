"""Optimizer: AdamW (Loshchilov & Hutter 2017, arXiv 1711.05101)."""

import torch

LEARNING_RATE = 1e-3
BETAS = (0.9, 0.999)
WEIGHT_DECAY = 0.01


def make_optimizer(model):
    """Returns the optimizer; each group's ``lr`` is its peak, which the schedule scales."""
    return torch.optim.AdamW(
        model.parameters(), lr=LEARNING_RATE, betas=BETAS, weight_decay=WEIGHT_DECAY
    )
