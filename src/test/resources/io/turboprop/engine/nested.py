"""Every kind of node, in one another.

`python nested.py VERSION` runs it, approves what is to be approved, and prints what flytekit makes of the execution: a line a
node with its phase, how many attempts of tasks it has, and how many elements these; below it the nodes inside of it, or those of
the execution that it has started.
"""

import sys
import time
from datetime import timedelta
from typing import List

from flytekit import LaunchPlan, approve, conditional, dynamic, map_task, task, workflow


@task
def increase(x: int) -> int:
    return x + 1


@task
def total(xs: List[int]) -> int:
    return sum(xs)


@workflow
def twice(x: int) -> int:
    return increase(x=increase(x=x))


twice_elsewhere = LaunchPlan.get_or_create(workflow=twice, name="nested.twice_elsewhere")


@workflow
def chosen(x: int) -> int:
    return (
        conditional("size")
        .if_(x > 10)
        .then(twice(x=x))
        .elif_(x > 5)
        .then(twice_elsewhere(x=x))
        .else_()
        .then(increase(x=x))
    )


@dynamic
def made(x: int) -> int:
    mapped = map_task(increase)(x=list(range(x)))
    return total(xs=[total(xs=mapped), twice_elsewhere(x=x), chosen(x=x)])


@workflow
def nested(x: int) -> int:
    approved = approve(increase(x=x), "go-on", timeout=timedelta(minutes=10))
    return total(xs=[chosen(x=approved), made(x=2)])


def lines(executions, indent=""):
    from flytekit.models.core.execution import NodeExecutionPhase

    for node in sorted(executions, key=lambda execution: execution.id.node_id):
        text = indent + node.id.node_id + " " + NodeExecutionPhase.enum_to_string(node.closure.phase)
        if node.task_executions and not node.metadata.is_parent_node:
            text += f" attempts={len(node.task_executions)}"
        if node.metadata.is_array:
            elements = [len(attempt.closure.metadata.external_resources) for attempt in node.task_executions]
            text += f" elements={elements}"
        yield text
        yield from lines(node._underlying_node_executions or [], indent + "  ")
        for child in node.workflow_executions:
            yield from lines(child.node_executions.values(), indent + "  ")


def main(version):
    from flytekit.configuration import Config
    from flytekit.remote import FlyteRemote

    remote = FlyteRemote(Config.auto(), "flytesnacks", "development")
    execution = remote.execute(remote.fetch_launch_plan(name="nested.nested", version=version), inputs={"x": 5})
    while not remote.list_signals(execution.id.name):
        time.sleep(0.1)
    remote.approve("go-on", execution.id.name)
    execution = remote.wait(execution, poll_interval=timedelta(milliseconds=200))
    print(execution.outputs)
    for line in lines(execution.node_executions.values()):
        print(line)


if __name__ == "__main__":
    main(sys.argv[1])
