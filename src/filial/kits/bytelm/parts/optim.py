"""Parts for optim.py: alternatives to graft, each a hypothesis, some of them wrong."""
# ruff: noqa: E501, F811, F821 - alternatives share names and signatures; a declaration is one line

import torch


def orthogonalize(G):
    """Nearest matrix to G [m, n] with all singular values near 1, by five Newton-Schulz steps."""
    X = G / (G.norm() + 1e-7)
    X = X.T if G.shape[0] > G.shape[1] else X
    for _ in range(5):
        A = X @ X.T
        X = 3.4445 * X + (-4.7750 * A + 2.0315 * A @ A) @ X
    return X.T if G.shape[0] > G.shape[1] else X


class Muon(torch.optim.Optimizer):
    """Nesterov momentum whose step is made orthogonal, for matrices."""

    def __init__(self, params, lr=0.02, momentum=0.95):
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                m = self.state[p].setdefault("momentum", torch.zeros_like(p))
                m.lerp_(p.grad, 1 - group["momentum"])
                step = orthogonalize(p.grad.lerp(m, group["momentum"]))
                p.add_(step, alpha=-group["lr"] * max(1, p.shape[0] / p.shape[1]) ** 0.5)


class Lion(torch.optim.Optimizer):
    """Steps by the sign of an interpolated momentum."""

    def __init__(self, params, lr, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            near, far = group["betas"]
            for p in group["params"]:
                m = self.state[p].setdefault("momentum", torch.zeros_like(p))
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.add_(p.grad.lerp(m, near).sign(), alpha=-group["lr"])
                m.lerp_(p.grad, 1 - far)


class Several:
    """Optimizers for different parameters, used as one."""

    def __init__(self, *optimizers):
        self.optimizers = optimizers
        self.param_groups = [group for o in optimizers for group in o.param_groups]

    def zero_grad(self):
        for o in self.optimizers:
            o.zero_grad()

    def step(self):
        for o in self.optimizers:
            o.step()


def is_inner_matrix(name, p):
    """Whether a parameter is a matrix inside the blocks."""
    return p.ndim == 2 and name.startswith("blocks.")


# alternative: Orthogonalised momentum moves all directions of a matrix alike and needs fewer steps. [expect bits_per_byte -0.30]
# needs: orthogonalize, Muon, Several, is_inner_matrix
# Jordan et al. 2024 (Muon), kellerjordan.github.io/posts/muon
def make_optimizer(model):
    named = list(model.named_parameters())
    inner = [p for name, p in named if is_inner_matrix(name, p)]
    outer = [p for name, p in named if not is_inner_matrix(name, p)]
    adamw = torch.optim.AdamW(outer, lr=3 * LEARNING_RATE, betas=BETAS, weight_decay=0.0)
    return Several(Muon(inner), adamw)


# alternative: The sign of the momentum is a step that needs no second moment. [expect bits_per_byte -0.05]
# needs: Lion
# Chen et al. 2023 (Lion), arXiv 2302.06675; a fifth of AdamW's rate
def make_optimizer(model):
    return Lion(model.parameters(), lr=LEARNING_RATE / 5, weight_decay=WEIGHT_DECAY)


# alternative: A shorter memory of squared gradients follows a training of few steps. [expect bits_per_byte -0.05]
# Brown et al. 2020, arXiv 2005.14165, appendix B
BETAS = (0.9, 0.95)


# alternative: Three times the rate gets further in the few steps there are. [expect bits_per_byte -0.15]
LEARNING_RATE = 3e-3
