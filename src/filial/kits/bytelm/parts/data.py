"""Parts for data.py: alternatives to graft, each a hypothesis, some of them wrong."""
# ruff: noqa: E501, F811 - alternatives share names and signatures; a declaration is one line

import torch

# alternative: Smaller batches take more steps in the same time. [expect bits_per_byte -0.05]
BATCH = 4


# alternative: Larger batches give steadier gradients. [expect bits_per_byte -0.02]
BATCH = 16


# alternative: Short windows first teach spelling cheaply, long ones later teach context. [expect bits_per_byte -0.05]
# Li et al. 2021 (sequence length warm-up), arXiv 2108.06084
def window_length(progress, longest):
    return max(longest // 4, 8) if progress < 0.3 else longest


# alternative: Windows of half the length cost less than half, and far bytes say little. [expect bits_per_byte -0.03]
# The last tenth of the time is spent on whole windows, so that all positions are known.
def window_length(progress, longest):
    return longest // 2 if progress < 0.7 else longest


# alternative: Small batches early, when gradients agree, and large ones late. [expect bits_per_byte -0.05]
# Smith et al. 2017, arXiv 1711.00489. Batches of one size would need the clock: grow by length
# instead, the same number of bytes a step whatever the windows' length.
def batch_size(length, longest):
    return max(1, BATCH * longest // length)


# alternative: Windows that begin with a line need not guess what they are in the middle of. [expect bits_per_byte -0.02]
def draw_starts(text, n, length, generator):
    starts = torch.randint(len(text) - length - 200, (n,), generator=generator)
    near = text[starts[:, None] + torch.arange(200)] == 10  # [n, 200]; 10 is a line feed
    return starts + near.int().argmax(-1) + near.any(-1)


# alternative: One small part of the text, seen again and again, is learned better. [expect bits_per_byte -0.05]
# Muennighoff et al. 2023, arXiv 2305.16264, on repeated data
def draw_starts(text, n, length, generator):
    return torch.randint(min(len(text), 200_000) - length, (n,), generator=generator)
