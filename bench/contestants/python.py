"""JAX and PyTorch as peers: a question in JSON on each line of input, an answer on each of output.

    python.py list               the libraries that can be imported, as a JSON list
    python.py LIBRARY THREADS    {"prepare": kind, "inputs": {name: {shape, data}}}  {"missing"?}
                                 {"call": n}                                         {}
                                 {"results": true}                                   {"results": [..]}
"""
import base64
import importlib.util
import json
import os
import sys


def present():
    have = lambda name: importlib.util.find_spec(name) is not None
    torch = ["torch", "torch-compile"] if have("torch") else []
    return (["jax"] if have("jax") else []) + torch if have("numpy") else []


def main():
    if sys.argv[1] == "list":
        print(json.dumps(present()))
        return
    library, threads = sys.argv[1], sys.argv[2]
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = threads
    os.environ["XLA_FLAGS"] = f"--xla_cpu_multi_thread_eigen={str(threads != '1').lower()}"
    import numpy

    make = with_jax if library == "jax" else with_torch(library, int(threads))
    run = None
    for line in sys.stdin:
        question, answer = json.loads(line), {}
        if "prepare" in question:
            arrays = {
                name: numpy.frombuffer(base64.b64decode(x["data"]), "float32").reshape(x["shape"])
                for name, x in question["inputs"].items()
            }
            run = make(question["prepare"], arrays)
            answer = {"missing": "not written"} if run is None else {}
        elif "call" in question:
            for _ in range(question["call"]):
                run()
        else:
            results = [numpy.ascontiguousarray(numpy.asarray(x)) for x in run()]
            answer = {"results": [base64.b64encode(x.tobytes()).decode() for x in results]}
        print(json.dumps(answer), flush=True)


def with_jax(kind, arrays):
    import jax
    import jax.numpy as np

    attention = lambda q, k, v: np.matmul(
        jax.nn.softmax(np.matmul(q, np.swapaxes(k, 1, 2)) / q.shape[2] ** 0.5), v
    )

    def layernorm(x, scale, shift):
        centred = x - np.mean(x, 1, keepdims=True)
        return centred * jax.lax.rsqrt(np.mean(centred**2, 1, keepdims=True) + 1e-5) * scale + shift

    def rnn(w, h, xs):
        step = lambda h, x: (np.tanh(h @ w + x), None)
        return np.sum(jax.lax.scan(step, h, xs)[0])

    programs = {
        "matmul": lambda a, b: a @ b,
        "matmul-at": lambda a, b: a.T @ b,
        "chain": lambda x: jax.nn.sigmoid(jax.nn.relu(x) * 2 + 1),
        "gelu": lambda x: jax.nn.gelu(x),
        "softmax": lambda x: jax.nn.softmax(x),
        "layernorm": layernorm,
        "rowsum": lambda x: np.sum(x, 1),
        "sum": np.sum,
        "tiny": lambda x: x * 2 + 1,
        "conv": lambda x, kernel: jax.lax.conv(x, kernel, (1, 1), "SAME"),
        "attention": attention,
        "rnn-scan": jax.grad(rnn),
    }
    if kind not in programs:
        return None
    program = jax.jit(programs[kind])
    given = [jax.device_put(x) for x in arrays.values()]

    def run():
        result = jax.block_until_ready(program(*given))
        return [result]

    return run


def with_torch(library, threads):
    import torch

    torch.set_num_threads(threads)
    functional = torch.nn.functional
    programs = {
        "matmul": lambda a, b: a @ b,
        "matmul-at": lambda a, b: a.T @ b,
        "chain": lambda x: torch.sigmoid(torch.relu(x) * 2 + 1),
        "gelu": lambda x: functional.gelu(x, approximate="tanh"),
        "softmax": lambda x: torch.softmax(x, -1),
        "layernorm": lambda x, w, b: functional.layer_norm(x, (x.shape[1],), w, b, 1e-5),
        "rowsum": lambda x: torch.sum(x, 1),
        "sum": torch.sum,
        "tiny": lambda x: x * 2 + 1,
        "conv": lambda x, kernel: functional.conv2d(x, kernel, padding=1),
        "attention": lambda q, k, v: functional.scaled_dot_product_attention(q, k, v),
    }

    def make(kind, arrays):
        if kind not in programs:
            return None
        program = programs[kind]
        if library == "torch-compile":
            program = torch.compile(program)
        given = [torch.from_numpy(x.copy()) for x in arrays.values()]
        return lambda: [program(*given)]

    return make


main()
