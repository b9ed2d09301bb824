"""Parts for data.py: alternatives to graft, each a hypothesis, some of them wrong."""
# ruff: noqa: E501, F811 - alternatives share names and signatures; a declaration is one line

# alternative: Smaller batches take more steps in the same time. [expect bits_per_byte -0.05]
BATCH = 4


# alternative: Larger batches give steadier gradients. [expect bits_per_byte -0.02]
BATCH = 16


# alternative: Short windows first teach spelling cheaply, long ones later teach context. [expect bits_per_byte -0.05]
# Li et al. 2021 (sequence length warm-up), arXiv 2108.06084
def window_length(progress, longest):
    return max(longest // 4, 8) if progress < 0.3 else longest


# alternative: Windows that double from sixteen bytes to all teach the nearest bytes first. [expect bits_per_byte -0.08]
# Li et al. 2021 (sequence length warm-up), arXiv 2108.06084
def window_length(progress, longest):
    return min(longest, 16 * 2 ** int(progress * 6))
