"""One stream of candidates under one rule."""

from filial.bench.rules import Competitor
from filial.bench.scores import Tally
from filial.bench.worlds import Machine, Proposer, World, chance


def play(world: World, competitor: Competitor, seed: int, repeat: int) -> Tally:
    """Returns what a rule makes of the stream that ``seed`` and ``repeat`` stand for.

    Proposers that learn from nothing propose the same to every rule.
    """
    proposer = Proposer(world, chance(seed, world.name, repeat, 0))
    machine = Machine(world, chance(seed, world.name, repeat, 1))
    contest = competitor.begin(machine, world)
    promoted: list[tuple[float, float]] = []
    for _ in range(world.n_candidates):
        proposal = proposer.propose()
        answer = contest.consider(proposal)
        if answer.promoted:
            machine.quality += proposal.effect
            promoted.append((proposal.effect, answer.claimed))
        proposer.learn(proposal, looked_good=answer.looked_good, promoted=answer.promoted)
    return Tally(
        n_candidates=world.n_candidates,
        n_promotions=len(promoted),
        n_false=sum(effect <= 0 for effect, _ in promoted),
        true_gain=sum(effect for effect, _ in promoted),
        claimed=sum(claim for _, claim in promoted),
        cost=machine.n_builds,
    )
