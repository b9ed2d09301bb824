"""Plumbing, protected: weights as plain arrays in one ``model.npz``, no objects in it."""

import numpy as np
import torch


def save(model, folder):
    """Writes every tensor of the model to folder/model.npz."""
    arrays = {name: tensor.detach().numpy() for name, tensor in model.state_dict().items()}
    np.savez(folder / "model.npz", **arrays)


def load(model, folder):
    """Fills the model from folder/model.npz; missing or strange names are errors."""
    with np.load(folder / "model.npz", allow_pickle=False) as arrays:
        model.load_state_dict({name: torch.from_numpy(arrays[name]) for name in arrays.files})
