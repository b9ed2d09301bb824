"""Plumbing, protected: the exam's side of the candidate.

``answer`` is asked about T <= 128 bytes, uint8 [T], and returns natural-log probabilities,
float32 [T, 256]: row t says what may follow bytes 0..t and knows nothing of later ones.
"""

import os
from pathlib import Path

import torch
import torch.nn.functional as F
from model import Model
from weights import load

torch.set_num_threads(1)
MODEL = Model().eval()
load(MODEL, Path(os.environ["FILIAL_OUT"]))


def answer(question):
    """Log-probabilities of the byte after each of question["bytes"]."""
    x = torch.tensor(question["bytes"], dtype=torch.long)
    with torch.inference_mode():
        logits = MODEL(x[None])[0].float()
    return F.log_softmax(logits, -1).numpy()
