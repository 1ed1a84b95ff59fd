"""Runs flytekit tasks as forks of one process that has imported flytekit already.

Started as `python worker.py [MODULE ...]`; the modules are imported besides flytekit. The engine and
the worker exchange JSON objects, one a line, on the worker's stdin and stdout:

  -> {"name", "directory", "cwd", "stdout", "stderr", "argv", "environment"}   start a task
  <- {"ready": pid, "stamps": {path: mtime_ns}}    once, when everything is imported
  <- {"started": name, "process"}                  it runs, as leader of its own session
  <- {"ended": name}                               its exit code is in its directory, unless another
                                                   process was there before: that one is the attempt
  <- {"refused": name, "reason"}                   it could not be forked

Signals do not come this way: the engine sends them to the task's process group.

What is left in a task's directory is enough for an engine that was not there when it happened:
`process` (pid, start time and boot of the machine; written once, by whoever comes first) and `exit_code` (128 + signal for a
task that was killed; written whole or not at all). A task writes its own exit code last of all, so it survives the worker's death; the
worker writes it for a task that could not. When stdin ends, the engine is gone: the worker stays until
its tasks have ended, and then goes too.

Before the fork there is no thread, no event loop, no channel and no user code here: they would
not survive it. What importing fixed for the worker is renewed in the child (see `renew_*`).
"""

import atexit
import ctypes
import gc
import importlib
import json
import os
import random
import selectors
import signal
import sys
import tempfile
import threading
import time
import traceback

ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)
STANDARD_MODULES = ("flytekit.bin.entrypoint",)


# --- files that tell a later engine what happened


def identity(pid):
    """`PID SINCE BOOT`: clock ticks from boot to its start, and the id of the boot; 0 and - if unknown."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            since = stat.read().rpartition(")")[2].split()[19]
        return f"{pid} {since} {BOOT}"
    except FileNotFoundError:
        return f"{pid} 0 {BOOT}"


def this_boot():
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except FileNotFoundError:
        return "-"


BOOT = this_boot()


def claim(directory):
    """Writes `process`; raises FileExistsError if this attempt has been started before."""
    path = os.path.join(directory, "process")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    os.write(descriptor, f"{identity(os.getpid())}\n".encode())
    os.close(descriptor)


def is_of_another(directory, process):
    """Whether a process other than this one is the attempt of this directory."""
    try:
        with open(os.path.join(directory, "process"), encoding="ascii") as file:
            return file.read().strip() not in ("", process)
    except FileNotFoundError:
        return False


def record_exit_code(directory, code):
    """Writes `exit_code` unless it is there; a directory that is gone is of no interest any more."""
    path = os.path.join(directory, "exit_code")
    if os.path.exists(path):
        return
    draft = f"{path}.{os.getpid()}"
    try:
        with open(draft, "w", encoding="ascii") as file:
            file.write(f"{code}\n")
        os.replace(draft, path)
    except FileNotFoundError:
        pass


# --- in the child: to become a process that looks newly started


def leave_worker(request):
    """Cuts what ties the child to the worker: session, signal handlers, descriptors."""
    os.setsid()
    adopt_orphans()
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    redirect(os.devnull, os.O_RDONLY, 0)
    append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    redirect(request["stdout"], append, 1)
    redirect(request["stderr"], append, 2)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    sys.stdin = open(0, closefd=False)
    sys.stdout = open(1, "w", buffering=1, closefd=False)
    sys.stderr = open(2, "w", buffering=1, closefd=False, errors="backslashreplace")
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr


def adopt_orphans():
    """Makes this process the parent of descendants whose own parent ends, so that it can find them."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(ADOPT_ORPHANS, 1, 0, 0, 0)


def redirect(path, flags, descriptor):
    opened = os.open(path, flags, 0o644)
    os.dup2(opened, descriptor)
    os.close(opened)


def renew_process_state(request):
    """Environment, time zone, place, arguments, module path, random numbers."""
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    os.chdir(request["cwd"])
    sys.argv = list(request["argv"])
    sys.path[:0] = [place for place in os.environ.get("PYTHONPATH", "").split(os.pathsep) if place]
    tempfile.tempdir = None
    tempfile._name_sequence = None
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()


def renew_flytekit_state():
    """What flytekit made of the worker's environment while it was imported.

    Its private random generator names scratch folders and outputs: children that share its state
    would overwrite each other's files.
    """
    from flytekit.configuration import DataConfig
    from flytekit.core import data_persistence
    from flytekit.core.context_manager import FlyteContextManager
    from flytekit.interfaces import random as flytekit_random
    from flytekit.loggers import initialize_global_loggers

    flytekit_random.random.seed()
    scratch = tempfile.mkdtemp(prefix="flyte-")
    fresh = data_persistence.FileAccessProvider(
        local_sandbox_dir=os.path.join(scratch, "sandbox"),
        raw_output_prefix=os.path.join(scratch, "raw"),
        data_config=DataConfig.auto(),
    )
    # Others hold a reference to this object, so it changes its content and stays the same object.
    shared = data_persistence.default_local_file_access_provider
    shared.__dict__.clear()
    shared.__dict__.update(fresh.__dict__)
    data_persistence.flyte_tmp_dir = scratch
    FlyteContextManager.initialize()
    initialize_global_loggers()


def record_begin_of_code(directory):
    """Writes `code_began`, the microseconds since 1970, when the function of the task is called.

    What is before that is start-up: the interpreter, the code, the inputs.
    """
    from flytekit.core.python_function_task import PythonFunctionTask

    execute = PythonFunctionTask.execute

    def recorded(self, **inputs):
        try:
            with open(os.path.join(directory, "code_began"), "x", encoding="ascii") as file:
                file.write(str(time.time_ns() // 1000))
        except OSError:
            pass  # An earlier call has written it, or the timeline does without.
        return execute(self, **inputs)

    PythonFunctionTask.execute = recorded


def run_command(argv):
    """Runs one of flytekit's commands; it ends with SystemExit."""
    from flytekit.bin import entrypoint

    commands = {
        "pyflyte-execute": entrypoint.execute_task_cmd,
        "pyflyte-map-execute": entrypoint.map_execute_task_cmd,
    }
    commands[os.path.basename(argv[0])].main(args=argv[1:], prog_name=argv[0])


def end(directory, code):
    """Ends the child as the interpreter would end, without running what the worker has registered."""
    try:
        threading._shutdown()
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        end_descendants()
    except BaseException:
        traceback.print_exc()
    finally:
        record_exit_code(directory, code & 0xFF)
        os._exit(code & 0xFF)


def end_descendants():
    """Kills what the task has left behind, in whatever session, as the end of a container would."""
    deadline = time.monotonic() + 5
    while found := descendants(os.getpid()):
        for pid in found:
            kill(pid)
        if time.monotonic() > deadline:
            raise RuntimeError(f"processes that cannot be killed: {found}")
        time.sleep(0.002)
        collect_ended()


def descendants(pid):
    """All of them, the ended ones that nobody has collected too."""
    found = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as file:
                found += [int(child) for child in file.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        return found
    return found + [below for child in found for below in descendants(child)]


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def collect_ended():
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        pass


def child(request):
    """The whole life of a task; does not return."""
    directory = request["directory"]
    try:
        leave_worker(request)
        claim(directory)
    except FileExistsError:
        os._exit(0)  # An older engine's request came first: that process is the attempt.
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    code = 1
    try:
        renew_process_state(request)
        renew_flytekit_state()
        record_begin_of_code(directory)
        run_command(request["argv"])
        code = 0
    except SystemExit as leaving:
        code = exit_code_of(leaving)
    except BaseException:
        traceback.print_exc()
    finally:
        end(directory, code)


def exit_code_of(leaving):
    if leaving.code is None:
        return 0
    if isinstance(leaving.code, int):
        return leaving.code
    print(leaving.code, file=sys.stderr)
    return 1


# --- in the worker


class Worker:
    """Forks, reaps, and tells; single-threaded and driven by stdin and SIGCHLD."""

    def __init__(self, channel):
        self.channel = channel
        self.requests_by_pid = {}
        self.engine_is_there = True
        self.unread = b""

    def say(self, message):
        data = memoryview((json.dumps(message) + "\n").encode())
        try:
            while data:
                data = data[os.write(self.channel, data) :]
        except BrokenPipeError:
            pass  # Nobody listens any more; the files say it all.

    def serve(self):
        wake_up, poll = self.listen_for_children(), selectors.DefaultSelector()
        poll.register(0, selectors.EVENT_READ)
        poll.register(wake_up, selectors.EVENT_READ)
        while self.engine_is_there or self.requests_by_pid:
            for key, _ in poll.select():
                if key.fd == wake_up:
                    os.read(wake_up, 4096)
                else:
                    self.read_requests()
            if not self.engine_is_there and 0 in poll.get_map():
                poll.unregister(0)
            self.reap()

    def listen_for_children(self):
        """A descriptor that becomes readable whenever a child has ended."""
        readable, writable = os.pipe()
        os.set_blocking(readable, False)
        os.set_blocking(writable, False)
        signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        return readable

    def read_requests(self):
        data = os.read(0, 1 << 16)
        self.engine_is_there = bool(data)
        *lines, self.unread = (self.unread + data).split(b"\n")
        for line in lines:
            self.start(json.loads(line))

    def start(self, request):
        try:
            pid = os.fork()
        except OSError as failure:
            self.say({"refused": request["name"], "reason": str(failure)})
            return
        if pid == 0:
            child(request)
        self.requests_by_pid[pid] = request
        self.say({"started": request["name"], "process": identity(pid)})

    def reap(self):
        while self.requests_by_pid:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None:
                return
            pid = ended.si_pid
            process = identity(pid)
            # Until it is collected its number, and so its group's, belongs to nobody else.
            kill_group(pid)
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            request = self.requests_by_pid.pop(pid)
            if not is_of_another(request["directory"], process):
                record_exit_code(request["directory"], code if code >= 0 else 128 - code)
            self.say({"ended": request["name"]})


def kill_group(leader):
    """What a task has left behind ends with it, as in a container."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def stamps():
    """When the folders that hold this environment's packages last changed."""
    places = [place for place in sys.path if place.endswith("-packages") and os.path.isdir(place)]
    return {place: os.stat(place).st_mtime_ns for place in places}


def rehearse():
    """Compiles the patterns by which flytekit reads docstrings: each child would do it again."""
    from flytekit.core.docstring import Docstring

    Docstring("Summary.\n\nArgs:\n    name: text\n\nReturns:\n    text")


def main():
    if os.getpgid(0) != os.getpid():
        os.setsid()  # A terminal's Ctrl-C is for the engine; tasks outlive it.
    channel = os.dup(1)
    os.dup2(2, 1)  # What an import prints must not reach the channel.
    sys.path.pop(0)  # This script's own folder.
    before = stamps()
    for module in (*STANDARD_MODULES, *sys.argv[1:]):
        importlib.import_module(module)
    rehearse()
    if threading.active_count() != 1:
        raise RuntimeError(f"importing has started threads: {threading.enumerate()}")
    gc.collect()
    gc.freeze()  # Pages that no collection touches stay shared with the children.
    worker = Worker(channel)
    worker.say({"ready": os.getpid(), "stamps": before})
    worker.serve()


if __name__ == "__main__":
    main()
