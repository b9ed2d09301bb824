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


# alternative: A long warm-up is all that a schedule is needed for. [expect bits_per_byte -0.05]
# Xiong et al. 2020, arXiv 2002.04745
def learning_rate(progress):
    return min(progress / 0.2, 1.0)


# alternative: The rate falls with the root of time, after a warm-up. [expect bits_per_byte -0.08]
# Vaswani et al. 2017, arXiv 1706.03762, section 5.3
def learning_rate(progress):
    return min(progress / 0.05, (0.05 / max(progress, 1e-3)) ** 0.5)


# alternative: Tighter clipping ignores the odd bad batch. [expect bits_per_byte -0.02]
CLIP = 0.25


# alternative: Clipping only slows training down. [expect bits_per_byte -0.01]
CLIP = 100.0


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


# alternative: The mean of all weights of the last quarter is better than any of them. [expect bits_per_byte -0.10]
# Kaddour 2022 (LAWA), arXiv 2209.14981
class Keeper:
    """Keeps the mean of the weights seen in the last quarter of the time."""

    def __init__(self, model):
        self.model = model
        self.n = 0
        self.mean = [p.detach().clone() for p in model.parameters()]

    @torch.no_grad()
    def observe(self, progress):
        if progress >= 0.75:
            self.n += 1
            for mean, p in zip(self.mean, self.model.parameters(), strict=True):
                mean.lerp_(p, 1 / self.n)

    @torch.no_grad()
    def finish(self):
        if self.n:
            for mean, p in zip(self.mean, self.model.parameters(), strict=True):
                p.copy_(mean)
