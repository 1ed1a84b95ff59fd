"""Tasks that tell when they begin, and end when they are let: by files in a folder."""

import os
import time

from flytekit import task, workflow


def tell_and_wait(folder: str, gate: str, name: str) -> None:
    with open(os.path.join(folder, "begun"), "a") as begun:
        begun.write(f"{gate} {name}\n")
    while not os.path.exists(os.path.join(folder, gate)):
        time.sleep(0.05)


@task
def first(folder: str, name: str) -> str:
    tell_and_wait(folder, "first", name)
    return name


@task
def second(folder: str, name: str) -> str:
    tell_and_wait(folder, "second", name)
    return name


@workflow
def gated(folder: str, name: str) -> str:
    return second(folder=folder, name=first(folder=folder, name=name))
