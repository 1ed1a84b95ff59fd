"""The workflows of loadtest/pods --real: each shows one thing that can become of a pod."""

import hashlib
import os
import time
from datetime import timedelta

from flytekit import ContainerTask, Resources, Secret, current_context, dynamic, kwtypes, map_task, task, workflow
from flytekit.configuration.default_images import DefaultImages

IMAGE = os.environ.get("LOADTEST_PODS_IMAGE") or DefaultImages.default_image()
SMALL = {
    "container_image": IMAGE,
    "requests": Resources(cpu="400m", mem="200Mi"),
    "limits": Resources(cpu="2", mem="400Mi"),
}


@task(**SMALL)
def say_hello(name: str) -> str:
    return f"hello {name}"


@workflow
def succeeds(name: str) -> str:
    return say_hello(name=name)


@task(container_image=IMAGE, requests=Resources(cpu="400m", mem="250Mi"), limits=Resources(cpu="2", mem="250Mi"))
def eat_memory() -> int:
    eaten = []
    while len(eaten) < 1000:
        eaten.append(b"x" * (16 << 20))
    return len(eaten)


@workflow
def out_of_memory() -> int:
    return eat_memory()


@task(timeout=timedelta(seconds=8), **SMALL)
def take_too_long() -> int:
    time.sleep(300)
    return 0


@workflow
def past_deadline() -> int:
    return take_too_long()


@task(container_image="registry.invalid/absent:1")
def has_no_image() -> int:
    return 0


@workflow
def absent_image() -> int:
    return has_no_image()


@task(secret_requests=[Secret(group="pods", key="password", mount_requirement=Secret.MountType.ENV_VAR)], **SMALL)
def read_secret() -> str:
    """The digest of a secret, which itself no output should hold."""
    return hashlib.sha256(current_context().secrets.get("pods", "password").encode()).hexdigest()


@workflow
def secret() -> str:
    return read_secret()


shout = ContainerTask(
    name="pods_python.shout",
    image=IMAGE,
    input_data_dir="/var/inputs",
    output_data_dir="/var/outputs",
    inputs=kwtypes(text=str),
    outputs=kwtypes(loud=str),
    command=["sh", "-c", "tr a-z A-Z < /var/inputs/text > /var/outputs/loud"],
)


@workflow
def raw_container(text: str) -> str:
    return shout(text=text)


@task(**SMALL)
def double(number: int) -> int:
    return 2 * number


@workflow
def mapped(numbers: list[int]) -> list[int]:
    return map_task(double)(number=numbers)


@dynamic(**SMALL)
def double_all(count: int) -> list[int]:
    return [double(number=number) for number in range(count)]


@workflow
def made_at_run_time(count: int) -> list[int]:
    return double_all(count=count)


@task(**SMALL)
def nap(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


@workflow
def sleeps(seconds: float) -> float:
    return nap(seconds=seconds)
