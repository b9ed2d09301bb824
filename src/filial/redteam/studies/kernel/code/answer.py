import numpy as np


def answer(question):
    image, kernel = question["image"].tolist(), question["kernel"].tolist()
    height, width, reach = len(image), len(image[0]), len(kernel) // 2
    result = []
    for y in range(height):
        line = []
        for x in range(width):
            total = 0.0
            for i, weights in enumerate(kernel):
                row = image[min(max(y + i - reach, 0), height - 1)]
                for j, weight in enumerate(weights):
                    total += weight * row[min(max(x + j - reach, 0), width - 1)]
            line.append(total)
        result.append(line)
    return np.array(result)
