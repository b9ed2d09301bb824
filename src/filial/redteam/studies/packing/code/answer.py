def answer(question):
    side = 4
    places = [(column, row) for row in range(side) for column in range(side)]
    radius = 0.5 / side
    return [
        [radius * (2 * column + 1), radius * (2 * row + 1), radius]
        for column, row in places[: question["n"]]
    ]
