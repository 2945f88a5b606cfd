"""The workloads in PyTorch: eager, with gradients by its tape; compiled, by `torch.func.grad`."""
import torch
from torch.nn import functional


def open_torch(library, threads):
    torch.set_num_threads(threads)
    torch.set_num_interop_threads(1)
    version = f"PyTorch {torch.__version__}"
    if library == "torch":
        return version, lambda constants: programs(constants, as_is, by_tape), start, to_host
    # Every process compiles anew, as the other peers do.
    torch._inductor.config.force_disable_caches = True
    compiled = lambda constants: programs(constants, torch.compile, torch.func.grad)
    return version, compiled, start, to_host


def start(program, arrays):
    given = [torch.from_numpy(x.copy()) for x in arrays]
    return lambda: program(*given)


def to_host(x):
    return x.detach().numpy()


def by_tape(f, argnums):
    """The gradients of `f`, recorded as it runs."""

    def slopes(*args):
        kept = [x.detach().requires_grad_(i in argnums) for i, x in enumerate(args)]
        return torch.autograd.grad(f(*kept), [kept[i] for i in argnums])

    return slopes


def as_is(f):
    return f


def programs(constants, compiled, grad):
    """By kind of workload, over its inputs in their order.

    Its compiler takes no gradient of its own `scan` ("Expected FakeTensor", 2.15): there, the step
    alone is compiled, and the tape goes through the calls of it.
    """
    epsilon, rate, adam_rate = (constants[name] for name in ("epsilon", "rate", "adamRate"))
    slope = grad(loss, tuple(range(6)))

    step = compiled(lambda h, w, x: torch.tanh(h @ w + x))

    def recurrent(w, h, xs):
        for x in xs:
            h = step(h, w, x)
        return torch.sum(h)

    def sgd_step(*given):
        params = given[:6]
        return [p - rate * g for p, g in zip(params, slope(*given))]

    def adam_step(*given):
        params, means, squares, (count, *batch) = given[:6], given[6:12], given[12:18], given[18:]
        slopes, steps = slope(*params, *batch), count + 1
        means = [0.9 * m + 0.1 * g for m, g in zip(means, slopes)]
        squares = [0.999 * v + 0.001 * g * g for v, g in zip(squares, slopes)]
        spreads = [torch.sqrt(v / (1 - 0.999**steps)) + 1e-8 for v in squares]
        moved = [
            p - adam_rate * m / (1 - 0.9**steps) / spread
            for p, m, spread in zip(params, means, spreads)
        ]
        return [*moved, *means, *squares]

    whole = {
        "matmul": lambda a, b: a @ b,
        "matmul-at": lambda a, b: a.T @ b,
        "chain": lambda x: torch.sigmoid(torch.relu(x) * 2 + 1),
        "gelu": lambda x: functional.gelu(x, approximate="tanh"),
        "softmax": lambda x: torch.softmax(x, -1),
        "layernorm": lambda x, w, b: functional.layer_norm(x, (x.shape[1],), w, b, epsilon),
        "rowsum": lambda x: torch.sum(x, 1),
        "sum": torch.sum,
        "tiny": lambda x: x * 2 + 1,
        "conv": convolve,
        "conv-grad": grad(lambda x, kernel, ct: torch.sum(convolve(x, kernel) * ct), (0, 1)),
        "sgd-step": sgd_step,
        "adam-step": adam_step,
        "attention": attend,
        "attention-grad": grad(lambda q, k, v, ct: torch.sum(attend(q, k, v) * ct), (0, 1, 2)),
    }
    return {
        **{kind: compiled(program) for kind, program in whole.items()},
        "rnn-scan": by_tape(recurrent, (0,)),
    }


def convolve(x, kernel):
    return functional.conv2d(x, kernel, padding=1)


def attend(q, k, v):
    return functional.scaled_dot_product_attention(q, k, v)


def loss(w1, b1, w2, b2, w3, b3, x, labels):
    h1 = torch.relu(x @ w1 + b1)
    h2 = torch.relu(h1 @ w2 + b2)
    return -torch.mean(torch.sum(labels * torch.log_softmax(h2 @ w3 + b3, -1), 1))
