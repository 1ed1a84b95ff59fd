"""A workflow for every kind of node, as flytekit registers them.

`pyflyte --pkgs kinds package --image cr.example.org/kinds:v1 --source . --output kinds.tgz` makes the package beside it.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Dict, List, Optional, Tuple

from flytekit import (
    LaunchPlan,
    WorkflowFailurePolicy,
    approve,
    conditional,
    dynamic,
    map_task,
    sleep,
    task,
    wait_for_input,
    workflow,
)
from flytekit.types.error.error import FlyteError
from flytekit.types.file import FlyteFile


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Model:
    size: int
    name: str


@task
def count(n: int) -> int:
    return n + 1


@task(cache=True, cache_version="1", retries=2, timeout=timedelta(minutes=1), interruptible=True)
def careful(n: int) -> int:
    return n


@task
def pair(n: int) -> Tuple[int, str]:
    return n, str(n)


@task
def numbers(n: int) -> List[int]:
    return list(range(n))


@task
def total(ns: List[Optional[int]]) -> int:
    return sum(n or 0 for n in ns)


@task
def train(n: int) -> Model:
    return Model(size=n, name="m")


@task
def maybe(n: int) -> Optional[int]:
    return n if n else None


@task
def paint(n: int) -> Colour:
    return Colour.RED


@task
def table(rows: Dict[str, int]) -> FlyteFile:
    return FlyteFile("/dev/null")


@task
def say(text: str) -> str:
    return text


@task
def touch() -> None:
    return None


@task
def report(n: int, err: Optional[FlyteError] = None) -> None:
    print(err)


@dynamic
def unfold(n: int) -> int:
    return count(n=n)


@workflow
def chain(n: int = 3) -> Tuple[int, str]:
    """Promises, constants, overrides of a node, order without data."""
    a = count(n=n)
    b = careful(n=a).with_overrides(node_name="careful-one", retries=4)
    touch() >> touch()
    c, d = pair(n=b)
    return c, d


@workflow
def inner(n: int) -> int:
    return count(n=n)


@workflow
def sub_workflow(n: int) -> int:
    return inner(n=inner(n=n))


child = LaunchPlan.get_or_create(inner, name="kinds.child", default_inputs={"n": 5}, max_parallelism=2)


@workflow
def launch_plan() -> int:
    return child()


@workflow
def branch(n: int) -> str:
    return (
        conditional("size")
        .if_((n > 5) & (n < 10))
        .then(say(text="middle"))
        .elif_(n == 0)
        .then(conditional("inner").if_(n < 0).then(say(text="below")).else_().fail("never"))
        .else_()
        .then(say(text="other"))
    )


@workflow
def values(n: int) -> str:
    """Conditions on an optional value and on an enum, and an attribute of a dataclass."""
    nothing = maybe(n=n)
    colour = paint(n=train(n=n).size)
    a = conditional("none").if_(nothing.is_none()).then(say(text="none")).else_().then(say(text="some"))
    conditional("colour").if_(colour == Colour.RED).then(say(text="red")).else_().then(say(text="blue"))
    return a


@workflow
def mapped(n: int) -> int:
    return total(ns=map_task(careful, concurrency=3, min_success_ratio=0.5)(n=numbers(n=n)))


@workflow
def mapped_launch_plan(ns: List[int]) -> List[int]:
    return map_task(child)(n=ns)


@workflow
def gates(n: int) -> str:
    title = wait_for_input("title", timeout=timedelta(hours=1), expected_type=str)
    approved = approve(count(n=n), "sure", timeout=timedelta(hours=1))
    pause = sleep(timedelta(seconds=10))
    said = say(text=title)
    pause >> said
    count(n=approved)
    return said


@workflow
def unfolded(n: int) -> int:
    return unfold(n=n)


@workflow
def collections(n: int) -> FlyteFile:
    return table(rows={"a": count(n=n), "b": 2})


@workflow(on_failure=report, failure_policy=WorkflowFailurePolicy.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE, interruptible=True)
def guarded(n: int) -> int:
    return count(n=n)
