"""The workflow that `deploy/turboprop demo` runs: a first model, trained on made-up leaves.

It needs flytekit and nothing else, so that the first run is a short one:

    pyflyte run --remote deploy/demo/training.py training_workflow --hyperparameters '{"C": 0.4}'
"""

import math
import random
from dataclasses import dataclass

from flytekit import task, workflow


@dataclass
class Leaf:
    length: float
    width: float
    is_oak: bool


@dataclass
class Classifier:
    """Logistic regression: a leaf is an oak's when bias + weights · (length, width) > 0."""

    length_weight: float
    width_weight: float
    bias: float
    accuracy: float


@task
def get_data(count: int = 60) -> list[Leaf]:
    """Oak leaves are longer and wider than beech leaves, mostly; the same leaves on each run."""
    chance = random.Random(7)
    leaves = []
    for number in range(count):
        is_oak = number % 2 == 0
        length, width = (11.0, 6.5) if is_oak else (8.0, 5.0)
        leaves.append(Leaf(chance.gauss(length, 1.2), chance.gauss(width, 0.8), is_oak))
    return leaves


@task
def process_data(leaves: list[Leaf]) -> list[Leaf]:
    """Moves and scales both measures to mean 0 and deviation 1."""

    def normalise(measures: list[float]) -> list[float]:
        mean = math.fsum(measures) / len(measures)
        deviation = math.sqrt(math.fsum((m - mean) ** 2 for m in measures) / len(measures))
        return [(m - mean) / deviation for m in measures]

    lengths = normalise([leaf.length for leaf in leaves])
    widths = normalise([leaf.width for leaf in leaves])
    return [Leaf(*measured) for measured in zip(lengths, widths, [leaf.is_oak for leaf in leaves])]


@task
def train_model(leaves: list[Leaf], hyperparameters: dict) -> Classifier:
    """Gradient descent; a small C keeps the weights small."""
    c = float(hyperparameters.get("C", 1.0))
    rounds = int(hyperparameters.get("rounds", 300))
    if c <= 0:
        raise ValueError(f"C has to be positive, not {c}")
    weights, rate = [0.0, 0.0, 0.0], 0.3
    rows = [((leaf.length, leaf.width, 1.0), float(leaf.is_oak)) for leaf in leaves]

    def score(measures: tuple[float, float, float]) -> float:
        return sum(weight * measure for weight, measure in zip(weights, measures))

    for _ in range(rounds):
        gradient = [weights[0] / c, weights[1] / c, 0.0]
        for measures, truth in rows:
            error = 1.0 / (1.0 + math.exp(-score(measures))) - truth
            gradient = [g + error * measure for g, measure in zip(gradient, measures)]
        weights = [w - rate * g / len(rows) for w, g in zip(weights, gradient)]

    right = sum((score(measures) > 0) == bool(truth) for measures, truth in rows)
    return Classifier(*(round(w, 4) for w in weights), accuracy=right / len(rows))


@workflow
def training_workflow(hyperparameters: dict) -> Classifier:
    leaves = get_data()
    prepared = process_data(leaves=leaves)
    return train_model(leaves=prepared, hyperparameters=hyperparameters)
