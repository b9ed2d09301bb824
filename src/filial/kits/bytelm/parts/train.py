"""Parts for train.py: alternatives to graft, each a hypothesis, some of them wrong."""
# ruff: noqa: ARG002, E501, F811 - alternatives share names and signatures; a declaration is one line

import math

import torch


# alternative: A short warm-up and a straight line to zero settle the weights at the end. [expect bits_per_byte -0.15]
# Goyal et al. 2017, arXiv 1706.02677; Bergsma et al. 2025, arXiv 2502.15938
def learning_rate(progress):
    return min(progress / 0.05, 1.0) * max(1.0 - progress, 0.0)


# alternative: A warm-up and half a cosine to a tenth, the usual schedule. [expect bits_per_byte -0.12]
# Loshchilov & Hutter 2016, arXiv 1608.03983
def learning_rate(progress):
    return min(progress / 0.05, 1.0) * (0.55 + 0.45 * math.cos(math.pi * min(progress, 1.0)))


# alternative: Constant for most of the time, then down to zero in the last third. [expect bits_per_byte -0.15]
# Hu et al. 2024 (MiniCPM), arXiv 2404.06395; Hagele et al. 2024, arXiv 2405.18392
def learning_rate(progress):
    return min(progress / 0.05, 1.0, max(1.0 - progress, 0.0) / 0.35)


# alternative: An average over the last steps is nearer to the minimum than the last step. [expect bits_per_byte -0.10]
# Polyak & Juditsky 1992; Izmailov et al. 2018, arXiv 1803.05407
class Keeper:
    """Keeps a running average of the weights, 40 steps long."""

    def __init__(self, model):
        self.model = model
        self.mean = [p.detach().clone() for p in model.parameters()]

    @torch.no_grad()
    def observe(self, progress):
        for mean, p in zip(self.mean, self.model.parameters(), strict=True):
            mean.lerp_(p, 1 / 40)

    @torch.no_grad()
    def finish(self):
        for mean, p in zip(self.mean, self.model.parameters(), strict=True):
            p.copy_(mean)
