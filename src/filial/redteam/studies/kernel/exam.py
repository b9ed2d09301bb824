"""Images to convolve; what counts is CPU time, but every block of every answer must be right."""

import numpy as np

import filial

SIZES = (3, 5, 5) * 4  # of the kernels
PIXELS = 2500  # of an image, about; its sides differ
TWINS = 3  # images that come again, the same but for one patch
PATCH = 6
BLOCK = 8
TOLERANCE = 1e-9  # of the answer's scale; sums in float64 in any order are far within it


class Convolution(filial.Exam):
    """Asks for the sums of an image under a sliding kernel, edge pixels repeated outwards.

    Sizes and scales differ from image to image, and order is shuffled.
    """

    metrics = (filial.Metric("error", unit="of scale", direction="min"),)

    def items(self, split, rng):
        questions = [_question(rng, size) for size in SIZES]
        for k in rng.permutation(len(questions))[:TWINS]:
            questions.append(_twin(rng, **questions[k]))
        for question in questions:
            yield filial.Item(question)

    def score(self, item, answer):
        image = item.question["image"]
        if not isinstance(answer, np.ndarray) or answer.dtype.kind != "f":
            raise filial.Invalid(f"expected an array of floats, got a {type(answer).__name__}")
        if answer.shape != image.shape:
            raise filial.Invalid(f"expected {list(image.shape)}, got {list(answer.shape)}")
        if not np.isfinite(answer).all():
            raise filial.Invalid("not every pixel is finite")
        right = convolve(image, item.question["kernel"])
        error = worst_block(answer.astype(np.float64) - right) / np.sqrt(np.mean(right**2))
        if not error <= TOLERANCE:
            raise filial.Invalid(f"a block is off by {error:.2g} of the answer's scale")
        return float(error)


def _question(rng, size):
    height = int(rng.integers(40, 65))
    width = round(PIXELS / height) + int(rng.integers(-2, 3))
    scale = 10 ** rng.uniform(-8, 8)
    image = rng.normal(size=(height, width)).cumsum(axis=int(rng.integers(2)))
    return {"image": scale * image, "kernel": rng.normal(size=(size, size))}


def _twin(rng, image, kernel):
    row, column = (int(rng.integers(length - PATCH)) for length in image.shape)
    image = image.copy()
    patch = image[row : row + PATCH, column : column + PATCH]
    patch[...] = rng.choice(image.ravel(), size=patch.shape)
    return {"image": image, "kernel": kernel}


def convolve(image, kernel):
    """Returns the reference, in float64."""
    reach = len(kernel) // 2
    padded = np.pad(image, reach, mode="edge")
    height, width = image.shape
    return sum(
        weight * padded[i : i + height, j : j + width] for (i, j), weight in np.ndenumerate(kernel)
    )


def worst_block(error):
    """Returns the root mean square of the worst block of ``error``."""
    height, width = error.shape
    return max(
        np.sqrt(np.mean(error[i : i + BLOCK, j : j + BLOCK] ** 2))
        for i in range(0, height, BLOCK)
        for j in range(0, width, BLOCK)
    )
