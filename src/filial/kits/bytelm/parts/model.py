"""Parts for model.py: alternatives to graft, each a hypothesis, some of them wrong."""
# ruff: noqa: ARG002, E501, F811, F821 - alternatives share names and signatures; a declaration is one line

import torch
import torch.nn.functional as F
from torch import nn


# alternative: Rotary positions let attention learn relative offsets within few steps. [expect bits_per_byte -0.30]
# Su et al. 2021, arXiv 2104.09864
def place_heads(q, k):
    T, half = q.shape[-2], q.shape[-1] // 2
    speeds = 1000.0 ** -(torch.arange(half) / half)  # [D/2]; windows are short, so a small base
    angles = torch.arange(T)[:, None] * speeds  # [T, D/2]
    cos, sin = angles.cos(), angles.sin()

    def turn(x):
        a, b = x[..., :half], x[..., half:]
        return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)

    return turn(q), turn(k)


# alternative: Rotating only half of each head leaves the rest free to match by content. [expect bits_per_byte -0.25]
# Su et al. 2021, arXiv 2104.09864; partial: Black et al. 2022 (GPT-NeoX), arXiv 2204.06745
def place_heads(q, k):
    T, quarter = q.shape[-2], q.shape[-1] // 4
    speeds = 1000.0 ** -(torch.arange(quarter) / quarter)  # [D/4]
    angles = torch.arange(T)[:, None] * speeds  # [T, D/4]
    cos, sin = angles.cos(), angles.sin()

    def turn(x):
        a, b, rest = x[..., :quarter], x[..., quarter : 2 * quarter], x[..., 2 * quarter :]
        return torch.cat([a * cos - b * sin, a * sin + b * cos, rest], -1)

    return turn(q), turn(k)


# alternative: Queries and keys of unit size keep attention from saturating at high rates. [expect bits_per_byte -0.05]
# Henry et al. 2020, arXiv 2010.04245
def normalize_heads(q, k):
    return F.rms_norm(q, q.shape[-1:]), F.rms_norm(k, k.shape[-1:])


# alternative: RMSNorm does what LayerNorm does for less time, so more steps fit. [expect bits_per_byte -0.02]
# Zhang & Sennrich 2019, arXiv 1910.07467
class Norm(nn.RMSNorm):
    """Root-mean-square normalisation, no mean and no bias."""


# alternative: A convolution over the last four bytes spares attention the nearest ones. [expect bits_per_byte -0.20]
# So et al. 2021, arXiv 2109.08668; as "canon layer": Allen-Zhu 2025, arXiv 2512.17351
class Positions(nn.Module):
    """Learned positions and a causal depthwise convolution, added to the vectors h [B, T, C]."""

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(CONTEXT, WIDTH)
        self.near = nn.Conv1d(WIDTH, WIDTH, 4, groups=WIDTH, bias=False)

    def forward(self, h):
        near = self.near(F.pad(h.transpose(1, 2), (3, 0))).transpose(1, 2)  # [B, T, C]
        return h + near + self.table.weight[: h.shape[1]]


# alternative: Sinusoidal positions need no learning, and there are few steps to learn in. [expect bits_per_byte -0.10]
# Vaswani et al. 2017, arXiv 1706.03762, section 3.5; at the size of the embeddings
class Positions(nn.Module):
    """Sines and cosines of the position, added to the vectors h [B, T, C]."""

    def forward(self, h):
        T, C = h.shape[1:]
        speeds = 1000.0 ** -(torch.arange(C // 2) / (C // 2))
        angles = torch.arange(T)[:, None] * speeds
        return h + 0.02 * torch.cat([angles.sin(), angles.cos()], -1)


# alternative: A causal model needs no positions at all: the mask gives them away. [expect bits_per_byte -0.02]
# Haviv et al. 2022, arXiv 2203.16634
class Positions(nn.Module):
    """Nothing is added."""

    def forward(self, h):
        return h


# alternative: Hashed pairs of bytes give the first layer what it would have to learn to look up. [expect bits_per_byte -0.30]
# Bojanowski et al. 2016, arXiv 1607.04606; for bytes: Pagnoni et al. 2024, arXiv 2412.09871
class Embedding(nn.Module):
    """Bytes and, hashed into 4096 rows, pairs of bytes; x [B, T] to [B, T, C]."""

    def __init__(self):
        super().__init__()
        self.bytes = nn.Embedding(256, WIDTH)
        self.pairs = nn.Embedding(4096, WIDTH)

    def forward(self, x):
        before = F.pad(x, (1, 0))[:, :-1]
        return self.bytes(x) + self.pairs((before * 2713 + x * 31) % 4096)


# alternative: Hashed pairs and triples of bytes hold much of what is local. [expect bits_per_byte -0.35]
# Bojanowski et al. 2016, arXiv 1607.04606; for bytes: Pagnoni et al. 2024, arXiv 2412.09871
class Embedding(nn.Module):
    """Bytes and, hashed into 4096 rows each, pairs and triples; x [B, T] to [B, T, C]."""

    def __init__(self):
        super().__init__()
        self.bytes = nn.Embedding(256, WIDTH)
        self.pairs = nn.Embedding(4096, WIDTH)
        self.triples = nn.Embedding(4096, WIDTH)

    def forward(self, x):
        one, two = F.pad(x, (1, 0))[:, :-1], F.pad(x, (2, 0))[:, :-2]  # one and two bytes before
        pair = one * 2713 + x * 31
        triple = two * 7919 + pair * 17
        return self.bytes(x) + self.pairs(pair % 4096) + self.triples(triple % 4096)


# alternative: Mixing in the previous byte's vector spares a layer that would only look one back. [expect bits_per_byte -0.15]
# "smear": Olsson et al. 2022, arXiv 2209.11895, section on smeared keys
class Embedding(nn.Module):
    """Each byte's vector plus learned shares of the two before it; x [B, T] to [B, T, C]."""

    def __init__(self):
        super().__init__()
        self.bytes = nn.Embedding(256, WIDTH)
        self.shares = nn.Parameter(torch.full((2, WIDTH), 0.3))

    def forward(self, x):
        h = self.bytes(x)
        one, two = (F.pad(h, (0, 0, n, 0))[:, :-n] for n in (1, 2))
        return h + self.shares[0] * one + self.shares[1] * two


# alternative: Squared ReLU is cheaper than GELU and gives sparser, sharper features. [expect bits_per_byte -0.03]
# So et al. 2021 (Primer), arXiv 2109.08668
class MLP(nn.Module):
    """Two layers with the square of ReLU between."""

    def __init__(self):
        super().__init__()
        self.up = nn.Linear(WIDTH, 4 * WIDTH)
        self.out = nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, h):
        return self.out(F.relu(self.up(h)).square())


# alternative: A gated MLP of the same size learns more a step. [expect bits_per_byte -0.03]
# Shazeer 2020 (SwiGLU), arXiv 2002.05202
class MLP(nn.Module):
    """SwiGLU, 8/3 of the width inside, so that it has as many weights as before."""

    def __init__(self):
        super().__init__()
        inner = 8 * WIDTH // 3
        self.up = nn.Linear(WIDTH, 2 * inner, bias=False)
        self.out = nn.Linear(inner, WIDTH, bias=False)

    def forward(self, h):
        gate, value = self.up(h).chunk(2, -1)
        return self.out(F.silu(gate) * value)


# alternative: An MLP of half the size loses little and buys many more steps. [expect bits_per_byte -0.05]
class MLP(nn.Module):
    """Two layers, twice the width inside, with GELU between."""

    def __init__(self):
        super().__init__()
        self.up = nn.Linear(WIDTH, 2 * WIDTH)
        self.out = nn.Linear(2 * WIDTH, WIDTH)

    def forward(self, h):
        return self.out(F.gelu(self.up(h)))


# alternative: A penalty that grows with distance starts attention where the news is: nearby. [expect bits_per_byte -0.20]
# Press et al. 2021 (ALiBi), arXiv 2108.12409
class Attention(nn.Module):
    """Causal multi-head attention with a bias linear in the distance, of another slope a head."""

    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)

    def forward(self, h):
        B, T, C = h.shape
        q, k, v = self.qkv(h).view(B, T, 3, HEADS, C // HEADS).permute(2, 0, 3, 1, 4)
        q, k = place_heads(q, k)  # [B, H, T, D]
        q, k = normalize_heads(q, k)
        ahead = torch.arange(T) - torch.arange(T)[:, None]  # [T, T], positive in the future
        slopes = 2.0 ** -(torch.arange(HEADS) * 8 / HEADS)[:, None, None]  # [H, 1, 1]
        bias = (slopes * ahead).masked_fill(ahead > 0, float("-inf"))  # [H, T, T]
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        return self.out(y.transpose(1, 2).reshape(B, T, C))


# alternative: A short convolution over queries, keys and values sees byte n-grams at once. [expect bits_per_byte -0.30]
# So et al. 2021 (Primer), arXiv 2109.08668, "multi-DConv-head attention"
class Attention(nn.Module):
    """Causal multi-head attention after a depthwise convolution over three bytes."""

    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.near = nn.Parameter(torch.tensor([[0.2], [0.3], [1.0]]).repeat(1, 3 * WIDTH))
        self.out = nn.Linear(WIDTH, WIDTH)

    def forward(self, h):
        B, T, C = h.shape
        p = F.pad(self.qkv(h), (0, 0, 2, 0))  # [B, T + 2, 3C]
        p = p[:, :-2] * self.near[0] + p[:, 1:-1] * self.near[1] + p[:, 2:] * self.near[2]
        q, k, v = p.view(B, T, 3, HEADS, C // HEADS).permute(2, 0, 3, 1, 4)
        q, k = place_heads(q, k)  # [B, H, T, D]
        q, k = normalize_heads(q, k)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out(y.transpose(1, 2).reshape(B, T, C))


# alternative: Blocks that also see the previous position need no attention for it. [expect bits_per_byte -0.20]
# "token shift": Peng et al. 2023 (RWKV), arXiv 2305.13048
class Block(nn.Module):
    """Attention, then MLP, each on a stream of which half the channels lag by one position."""

    def __init__(self):
        super().__init__()
        self.norm1, self.attention = Norm(WIDTH), Attention()
        self.norm2, self.mlp = Norm(WIDTH), MLP()

    def lag(self, h):
        late, now = h.chunk(2, -1)  # [B, T, C/2] each
        return torch.cat([F.pad(late, (0, 0, 1, 0))[:, :-1], now], -1)

    def forward(self, h):
        h = h + self.attention(self.lag(self.norm1(h)))
        return h + self.mlp(self.lag(self.norm2(h)))


# alternative: A head of its own that starts at zero does not pull on the embedding. [expect bits_per_byte -0.10]
# Yang et al. 2022 (muP), arXiv 2203.03466, section on zero-initialised readouts
class Head(nn.Module):
    """Vectors [B, T, C] to logits [B, T, 256] with weights of its own."""

    def __init__(self, embedding):
        super().__init__()
        self.table = nn.Parameter(torch.zeros(256, WIDTH))

    def forward(self, h):
        return F.linear(h, self.table)


# alternative: Blocks that start as identities learn in the order of their depth. [expect bits_per_byte -0.05]
# Zhang et al. 2019 (Fixup), arXiv 1901.09321; Bachlechner et al. 2020 (ReZero), arXiv 2003.04887
def init_weights(model):
    for name, m in model.named_modules():
        if isinstance(m, (nn.Linear, nn.Embedding)):
            nn.init.normal_(m.weight, std=0.02)
            if name.endswith(".out"):
                nn.init.zeros_(m.weight)
        if isinstance(m, nn.Linear) and m.bias is not None:
            nn.init.zeros_(m.bias)


# alternative: Two layers do the work of three here and leave time for more steps. [expect bits_per_byte -0.05]
LAYERS = 2
