"""A workflow that takes its time: something to look at while it runs, and to end."""

import time

from flytekit import task, workflow


@task
def wait(seconds: int) -> int:
    time.sleep(seconds)
    return seconds


@workflow
def waiting_workflow(seconds: int = 600) -> int:
    return wait(seconds=seconds)
