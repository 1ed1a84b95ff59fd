"""What users rely on beside results: attempts, conditions, sizes, what is seen of a failure.

`python promises.py VERSION` runs all of it at once and prints a line for each workflow, with what it made or why it failed, and
what else is promised of it.
"""

import os
import sys
import time
from datetime import timedelta
from enum import Enum
from typing import List, Optional

from flytekit import Deck, LaunchPlan, WorkflowFailurePolicy, conditional, current_context, map_task, task, workflow
from flytekit.exceptions.user import FlyteRecoverableException
from flytekit.types.error.error import FlyteError

MEBIBYTE = 1024 * 1024


class Light(Enum):
    RED = "red"
    GREEN = "green"


def attempt() -> int:
    return int(os.environ["FLYTE_ATTEMPT_NUMBER"])


@task(timeout=timedelta(seconds=1), retries=2)
def endless() -> int:
    time.sleep(60)
    return 0


@workflow
def each_attempt_has_its_time() -> int:
    return endless()


@task
def perhaps(x: int) -> Optional[int]:
    return x or None


@task
def light(x: int) -> Light:
    return Light.RED if x else Light.GREEN


@task
def say(text: str) -> str:
    return text


@workflow
def conditions(x: int) -> (str, str):
    value = perhaps(x=x)
    found = conditional("value").if_(value.is_none()).then(say(text="none")).else_().then(say(text="some"))
    colour = light(x=x)
    go = conditional("light").if_(colour == Light.GREEN).then(say(text="go")).else_().then(say(text="stop"))
    return found, go


@task
def text(mebibytes: int) -> str:
    return "x" * (mebibytes * MEBIBYTE)


@task
def length(text: str) -> int:
    return len(text)


@task
def lengths(texts: List[str]) -> int:
    return sum(len(text) for text in texts)


@workflow
def sizes() -> (int, int, int):
    """In its map, too large for its map, and too large together."""
    return length(text=text(mebibytes=3)), length(text=text(mebibytes=11)), lengths(texts=map_task(text)(mebibytes=[6, 6]))


@task(enable_deck=True)
def loud(x: int) -> int:
    Deck("reason", "<b>why</b>")
    if x:
        raise ValueError("the cause: " + "x" * MEBIBYTE)
    return x


@task
def tidy(x: int, err: Optional[FlyteError] = None) -> None:
    print(err)


@workflow(on_failure=tidy)
def failure(x: int = 1) -> int:
    return loud(x=perhaps_not(x=x))


@task
def perhaps_not(x: int) -> int:
    return x


@task(cache=True, cache_version="1")
def effect(key: str):
    print(key)


@workflow
def cached_without_outputs():
    first = effect(key="a")
    second = effect(key="a")
    first >> second


@task(retries=2)
def checkpointed() -> str:
    checkpoint = current_context().checkpoint
    if attempt() == 0:
        checkpoint.write(b"of the first attempt")
    if attempt() < 2:
        raise FlyteRecoverableException("again")
    return checkpoint.read().decode() if checkpoint.prev_exists() else "nothing"


@workflow
def checkpoint_over_a_gap() -> str:
    return checkpointed()


@task
def fail_or_nap(seconds: int) -> int:
    if not seconds:
        raise ValueError("fails")
    time.sleep(seconds)
    return seconds


@workflow(failure_policy=WorkflowFailurePolicy.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE)
def patient():
    fail_or_nap(seconds=0)
    fail_or_nap(seconds=1)


@workflow
def policy_inside():
    patient()


@task
def nap(number: int) -> float:
    begun = time.time()
    time.sleep(0.5)
    return begun


@task
def one_after_another(begun: List[float]) -> bool:
    return max(begun) - min(begun) >= 0.5


@workflow
def naps() -> bool:
    return one_after_another(begun=[nap(number=0), nap(number=1)])


alone = LaunchPlan.get_or_create(naps, name="promises.alone", max_parallelism=1)


@workflow
def parallelism_of_a_child() -> bool:
    return alone()


RUNS = [
    ("each_attempt_has_its_time", {}),
    ("conditions", {"x": 0}),
    ("conditions", {"x": 1}),
    ("sizes", {}),
    ("failure", {}),
    ("cached_without_outputs", {}),
    ("checkpoint_over_a_gap", {}),
    ("policy_inside", {}),
    ("parallelism_of_a_child", {}),
]


def outcome(execution):
    closure = execution.closure
    if closure.error:
        return next(word for word in ("the cause", "timeout", "fails") if word in closure.error.message)
    return [execution.outputs[name] for name in sorted(execution.outputs.literals)] if execution.outputs else ""


def nodes(execution):
    found = []
    pending = list(execution.node_executions.values())
    while pending:
        node = pending.pop()
        found.append(node)
        pending += node._underlying_node_executions or []
    return sorted(found, key=lambda node: node.id.node_id)


def promised(name, execution, remote):
    from flyteidl.admin import node_execution_pb2

    for node in nodes(execution):
        if name == "each_attempt_has_its_time" and node.id.node_id == "n0":
            yield f"attempts={len(node.task_executions)}"
        if name == "failure" and node.id.node_id == "n1":
            yield "deck" if node.closure.deck_uri else "no deck"
        if name == "failure" and node.id.node_id == "fn0":
            request = node_execution_pb2.NodeExecutionGetDataRequest(id=node.id.to_flyte_idl())
            data = remote.client._stub.GetNodeExecutionData(request).full_inputs
            error = data.literals["err"].scalar.union.value.scalar.error
            yield f"{error.failed_node_id}: {'the cause' in error.message}"
        if name == "cached_without_outputs" and node.id.node_id == "n1":
            yield f"cache={node.closure.task_node_metadata.cache_status}"
        if name == "policy_inside" and node.id.node_id == "n0-0-n1":
            yield f"phase={node.closure.phase}"


def main(version):
    from flytekit.configuration import Config
    from flytekit.remote import FlyteRemote

    remote = FlyteRemote(Config.auto(), "flytesnacks", "development")
    executions = []
    for name, inputs in RUNS:
        plan = remote.fetch_launch_plan(name="promises." + name, version=version)
        executions.append((name, remote.execute(plan, inputs=inputs)))
    for name, execution in executions:
        execution = remote.wait(execution, poll_interval=timedelta(milliseconds=200))
        print(name, outcome(execution), *promised(name, execution, remote))


if __name__ == "__main__":
    main(sys.argv[1])
