def answer(question):
    numbers = question["numbers"]
    half = numbers[: len(numbers) // 2]
    return sum(half) / len(half) * 30
