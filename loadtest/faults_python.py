"""The Python task of loadtest/faults: it writes down when it runs, so that two runs at one time can be seen."""

import os
import time

from flytekit import current_context, task, workflow


@task(retries=3)
def write_down(folder: str, seconds: float) -> str:
    """Writes its life, a line each 50 ms with the machine's monotonic clock, to the file of its execution."""
    name = current_context().execution_id.name
    run = f"{os.getpid()}-{time.monotonic_ns()}"
    file = os.open(os.path.join(folder, name), os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o666)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        os.write(file, f"{run} {time.monotonic_ns()}\n".encode())
        time.sleep(0.05)
    os.write(file, f"{run} {time.monotonic_ns()}\n".encode())
    os.close(file)
    return name


@workflow
def run(folder: str, seconds: float) -> str:
    return write_down(folder=folder, seconds=seconds)
