"""Data: which windows of the training text the next step sees."""
# ruff: noqa: ARG001 - a choice need not use all it is told

import torch

BATCH = 8  # windows a step


def window_length(progress, longest):
    """Bytes in a window when ``progress`` of the time (0 to 1) is used up."""
    return longest


def draw_starts(text, n, length, generator):
    """Where n windows of length + 1 bytes begin: anywhere, with equal chance."""
    return torch.randint(len(text) - length, (n,), generator=generator)


def draw_batch(text, longest, progress, generator):
    """Returns bytes x and their successors y, both int64 [B, T], from text, uint8 [N]."""
    T = window_length(progress, longest)
    starts = draw_starts(text, BATCH, T, generator)
    w = text[starts[:, None] + torch.arange(T + 1)].long()  # [B, T + 1]
    return w[:, :-1], w[:, 1:]
