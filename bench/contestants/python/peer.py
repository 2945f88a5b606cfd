"""JAX and PyTorch as peers: a question in JSON on each line of input, an answer on each of output.

    peer.py list               the libraries that can be imported, in JSON: {name: version}
    peer.py LIBRARY THREADS    says {"ready": version} once the library is there, and then answers

    {"prepare": kind, "inputs": {name: {shape, data}}, "constants": {..}}    {"first": spent}
    {"call": n}                                                              {"calls": spent}
    {"results": true}                                                        {"results": [..]}

`spent` is {"wall": ms, "cpu": ms}, of the first call from the source to results on the host.
Arrays are base64. What goes wrong is {"failed": why}; a program not written is {"missing": why}.
"""
import base64
import importlib.util
import json
import os
import queue
import sys
import threading
import time
from importlib.metadata import version


def present():
    have = lambda name: importlib.util.find_spec(name) is not None
    packages = {"jax": "jax", "torch": "torch", "torch-compile": "torch"} if have("numpy") else {}
    return {name: version(of) for name, of in packages.items() if have(of)}


def limit(threads):
    """What each library asks for the size of its pools, before it is imported."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NPROC"):
        os.environ[name] = threads  # NPROC is XLA's


def main():
    if sys.argv[1] == "list":
        print(json.dumps(present()))
        return
    # What libraries print goes to stderr.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    library, threads = sys.argv[1], sys.argv[2]
    limit(threads)
    if library == "jax":
        from jax_programs import open_jax as open_library
    else:
        from torch_programs import open_torch as open_library
    peer = Peer(open_library(library, int(threads)))
    say = lambda answer: print(json.dumps(answer), file=answers, flush=True)
    say({"ready": peer.version})
    for question in questions():
        try:
            say(peer.answer(question))
        except Exception as cause:
            why = (str(cause).strip() or "no reason given").splitlines()[0]
            say({"failed": f"{type(cause).__name__}: {why}"})


def questions():
    """Each in turn; the process ends with its input at once, whatever it is at."""
    asked = queue.SimpleQueue()

    def read():
        for line in sys.stdin:
            asked.put(line)
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    while True:
        yield json.loads(asked.get())


class Peer:
    """The library with one program prepared."""

    def __init__(self, opened):
        self.version, self.programs, self.start, self.to_host = opened
        self.run = None

    def answer(self, question):
        if "prepare" in question:
            return self.prepare(question["prepare"], question["inputs"], question["constants"])
        if "call" in question:
            return {"calls": spent(lambda: [self.run() for _ in range(question["call"])])}
        return {"results": [base64.b64encode(x.tobytes()).decode() for x in self.results()]}

    def prepare(self, kind, inputs, constants):
        import numpy

        programs = self.programs(constants)
        if kind not in programs:
            return {"missing": "not written"}
        arrays = [
            numpy.frombuffer(base64.b64decode(x["data"]), "float32").reshape(x["shape"])
            for x in inputs.values()
        ]

        def first():
            self.run = self.start(programs[kind], arrays)
            self.results()

        return {"first": spent(first)}

    def results(self):
        import numpy

        results = self.run()
        leaves = results if isinstance(results, (tuple, list)) else [results]
        return [numpy.ascontiguousarray(self.to_host(x)) for x in leaves]


def spent(work):
    wall, cpu = time.perf_counter(), processor_time()
    work()
    return {
        "wall": 1000 * (time.perf_counter() - wall),
        "cpu": 1000 * (processor_time() - cpu),
    }


def processor_time():
    """Seconds of all threads, and of processes that have ended: compilers."""
    times = os.times()
    return time.process_time() + times.children_user + times.children_system


main()
