"""Loss: what one step of training makes smaller."""
# ruff: noqa: ARG001 - a choice need not use all it is told

import torch.nn.functional as F


def compute_loss(logits, y, progress):
    """Cross-entropy of logits [B, T, 256] against next bytes y [B, T]; progress runs 0 to 1."""
    return F.cross_entropy(logits.flatten(0, 1), y.flatten())
