"""Architecture: a GPT in the style of Radford et al. (2019), over bytes instead of tokens.

Shapes: B windows, T bytes, C = WIDTH channels, H = HEADS heads of D = C / H channels.
"""

import torch.nn.functional as F
from torch import nn

CONTEXT = 128  # longest window the exam asks about
WIDTH = 96
HEADS = 3
LAYERS = 3


class Norm(nn.LayerNorm):
    """Layer normalisation (Ba et al. 2016, arXiv 1607.06450)."""


class Embedding(nn.Module):
    """Bytes [B, T] to vectors [B, T, C]."""

    def __init__(self):
        super().__init__()
        self.bytes = nn.Embedding(256, WIDTH)

    def forward(self, x):
        return self.bytes(x)


class Positions(nn.Module):
    """Learned absolute positions, added to the vectors h [B, T, C]."""

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(CONTEXT, WIDTH)

    def forward(self, h):
        return h + self.table.weight[: h.shape[1]]


def place_heads(q, k):
    """Tells queries and keys [B, H, T, D] where they stand; here ``Positions`` has done so."""
    return q, k


def normalize_heads(q, k):
    """Sets the size of queries and keys [B, H, T, D]; here they stay as they are."""
    return q, k


class Attention(nn.Module):
    """Causal multi-head attention (Vaswani et al. 2017, arXiv 1706.03762)."""

    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)

    def forward(self, h):
        B, T, C = h.shape
        q, k, v = self.qkv(h).view(B, T, 3, HEADS, C // HEADS).permute(2, 0, 3, 1, 4)
        q, k = place_heads(q, k)  # [B, H, T, D]
        q, k = normalize_heads(q, k)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out(y.transpose(1, 2).reshape(B, T, C))


class MLP(nn.Module):
    """Two layers with GELU between (Hendrycks & Gimpel 2016, arXiv 1606.08415)."""

    def __init__(self):
        super().__init__()
        self.up = nn.Linear(WIDTH, 4 * WIDTH)
        self.out = nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, h):
        return self.out(F.gelu(self.up(h)))


class Block(nn.Module):
    """Attention, then MLP, each normalised before and added to the stream."""

    def __init__(self):
        super().__init__()
        self.norm1, self.attention = Norm(WIDTH), Attention()
        self.norm2, self.mlp = Norm(WIDTH), MLP()

    def forward(self, h):
        h = h + self.attention(self.norm1(h))
        return h + self.mlp(self.norm2(h))


class Head(nn.Module):
    """Vectors [B, T, C] to logits [B, T, 256] with the embedding's own table (tied weights)."""

    def __init__(self, embedding):
        super().__init__()
        self.table = embedding.bytes.weight

    def forward(self, h):
        return F.linear(h, self.table)


def init_weights(model):
    """Draws every matrix from N(0, 0.02), as in GPT-2."""
    for m in model.modules():
        if isinstance(m, (nn.Linear, nn.Embedding)):
            nn.init.normal_(m.weight, std=0.02)
        if isinstance(m, nn.Linear) and m.bias is not None:
            nn.init.zeros_(m.bias)


class Model(nn.Module):
    """Bytes x [B, T] (int64) to logits [B, T, 256]; row t sees bytes 0..t and predicts t + 1."""

    def __init__(self):
        super().__init__()
        self.embedding, self.positions = Embedding(), Positions()
        self.blocks = nn.ModuleList([Block() for _ in range(LAYERS)])
        self.norm = Norm(WIDTH)
        self.head = Head(self.embedding)
        init_weights(self)

    def forward(self, x):
        h = self.positions(self.embedding(x))
        for block in self.blocks:
            h = block(h)
        return self.head(self.norm(h))
