"""Records the calls that clients make, for RecordedCallsTest.

Start an engine whose links lead through the recorder, then run this with an environment that has flytekit:

    TURBOPROP_JAVA_OPTS=-Dturboprop.admin.public-url=http://127.0.0.1:31211 \\
        deploy/turboprop dev --port 31210 --data /tmp/recorded
    .turboprop/venv/bin/python src/test/resources/io/turboprop/admin/executions/recorded/record.py

Each scenario makes a file beside this one, with a line for each call, in order: of gRPC the method, the request and the code
of the answer, and the name of an execution that it has created; of HTTP the verb, the path, the headers that matter, the body in base64, and the status.
"""

import base64
import contextlib
import json
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from concurrent import futures
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc
from flyteidl.admin import execution_pb2
from flyteidl.service import admin_pb2, auth_pb2, dataproxy_pb2, identity_pb2, signal_pb2
from google.protobuf import message_factory
from google.protobuf.json_format import MessageToDict

HERE = os.path.dirname(os.path.abspath(__file__))
RESOURCES = os.path.normpath(os.path.join(HERE, "..", "..", ".."))
ENGINE = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:31210"
GRPC, HTTP = "127.0.0.1:31212", "127.0.0.1:31211"
SERVICES = [admin_pb2, auth_pb2, dataproxy_pb2, identity_pb2, signal_pb2]
HEADERS = ["Accept", "Content-Type", "Content-Length", "Content-MD5", "Range"]
VERSION = "recorded"


class Recorder:
    """Passes calls on to the engine, and writes them down."""

    def __init__(self):
        self.lines, self.lock = [], threading.Lock()
        self.channel = grpc.insecure_channel(ENGINE, options=[("grpc.max_receive_message_length", -1)])
        self.requests = {
            f"/{service.full_name}/{method.name}": message_factory.GetMessageClass(method.input_type)
            for module in SERVICES
            for service in module.DESCRIPTOR.services_by_name.values()
            for method in service.methods
        }

    def add(self, **call):
        with self.lock:
            self.lines.append({"seq": len(self.lines) + 1, **call})

    def write(self, name):
        with self.lock, open(os.path.join(HERE, name + ".jsonl"), "w") as file:
            for line in self.lines:
                file.write(json.dumps(line) + "\n")
            self.lines.clear()

    def call(self, method, request, context):
        service, rpc = method[1:].split("/")
        said = {"rpc": service.split(".")[-1] + "/" + rpc, "request": None}
        if method in self.requests:
            said["request"] = MessageToDict(self.requests[method].FromString(request))
        try:
            answer = self.channel.unary_unary(method, lambda it: it, lambda it: it)(request)
            if rpc == "CreateExecution":
                said["created"] = execution_pb2.ExecutionCreateResponse.FromString(answer).id.name
            self.add(**said, code="OK")
            return answer
        except grpc.RpcError as refused:
            self.add(**said, code=refused.code().name)
            context.abort(refused.code(), refused.details())


class Calls(grpc.GenericRpcHandler):
    def __init__(self, recorder):
        self.recorder = recorder

    def service(self, details):
        return grpc.unary_unary_rpc_method_handler(
            lambda request, context: self.recorder.call(details.method, request, context)
        )


def http_handler(recorder):
    class Handler(BaseHTTPRequestHandler):
        def pass_on(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name: self.headers[name] for name in HEADERS if name in self.headers}
            request = urllib.request.Request(
                f"http://{ENGINE}{self.path}", data=body or None, headers=headers, method=self.command
            )
            try:
                answer = urllib.request.urlopen(request)
            except urllib.error.HTTPError as refused:
                answer = refused
            content = answer.read()
            recorder.add(
                http=self.command,
                path=self.path,
                headers=headers,
                body=base64.b64encode(body).decode(),
                code=answer.status,
            )
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.headers.get("Content-Type", ""))
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = pass_on

        def log_message(self, *_):
            pass

    return Handler


@contextlib.contextmanager
def recording():
    recorder = Recorder()
    calls = grpc.server(futures.ThreadPoolExecutor(16))
    calls.add_generic_rpc_handlers([Calls(recorder)])
    calls.add_insecure_port(GRPC)
    calls.start()
    host, port = HTTP.split(":")
    pages = ThreadingHTTPServer((host, int(port)), http_handler(recorder))
    threading.Thread(target=pages.serve_forever, daemon=True).start()
    yield recorder
    pages.shutdown()
    calls.stop(0)


def pyflyte(*arguments, folder):
    environment = {**os.environ, "FLYTE_PLATFORM_URL": GRPC, "FLYTE_PLATFORM_INSECURE": "true"}
    command = [os.path.join(os.path.dirname(sys.executable), "pyflyte"), *arguments]
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)


def register():
    """Every kind of node, registered twice."""
    for _ in range(2):
        pyflyte(
            "register", "--project", "flytesnacks", "--domain", "development", "--version", VERSION, "kinds.py",
            folder=os.path.join(RESOURCES, "compiler"),
        )


def run():
    """A script that is sent and run, and waited for."""
    pyflyte("run", "--remote", "--wait", "hello.py", "hello", "--name", "you", folder=HERE)


if __name__ == "__main__":
    with recording() as recorder:
        for scenario in (register, run):
            scenario()
            recorder.write(scenario.__name__)
