"""Parts for loss.py: alternatives to graft, each a hypothesis, some of them wrong."""
# ruff: noqa: ARG001, E501, F811 - alternatives share names and signatures; a declaration is one line

import torch
import torch.nn.functional as F


# alternative: Smoothed labels keep the model from being overconfident. [expect bits_per_byte -0.02]
# Szegedy et al. 2015, arXiv 1512.00567
def compute_loss(logits, y, progress):
    return F.cross_entropy(logits.flatten(0, 1), y.flatten(), label_smoothing=0.05)


# alternative: A small pull of the log-normaliser to zero keeps logits from drifting. [expect bits_per_byte -0.01]
# Chowdhery et al. 2022 (PaLM), arXiv 2204.02311
def compute_loss(logits, y, progress):
    z = torch.logsumexp(logits, -1)  # [B, T]
    return F.cross_entropy(logits.flatten(0, 1), y.flatten()) + 1e-4 * z.square().mean()
