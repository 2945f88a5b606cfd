"""The workloads in JAX, each compiled by `jit`."""
import jax
import jax.numpy as np


def open_jax(_library, _threads):
    jax.devices()  # what any program needs: its backend is up
    return f"JAX {jax.__version__}", programs, start, np.asarray


def start(program, arrays):
    compiled = jax.jit(program)
    given = [jax.device_put(x) for x in arrays]
    return lambda: jax.block_until_ready(compiled(*given))


def programs(constants):
    """By kind of workload, over its inputs in their order."""
    epsilon, rate, adam_rate = (constants[name] for name in ("epsilon", "rate", "adamRate"))

    def layernorm(x, scale, shift):
        centred = x - np.mean(x, 1, keepdims=True)
        narrow = jax.lax.rsqrt(np.mean(centred**2, 1, keepdims=True) + epsilon)
        return centred * narrow * scale + shift

    def sgd_step(*given):
        params, batch = given[:6], given[6:]
        return [p - rate * g for p, g in zip(params, slope(params, *batch))]

    def adam_step(*given):
        params, means, squares, (count, *batch) = given[:6], given[6:12], given[12:18], given[18:]
        slopes, steps = slope(params, *batch), count + 1
        means = [0.9 * m + 0.1 * g for m, g in zip(means, slopes)]
        squares = [0.999 * v + 0.001 * g * g for v, g in zip(squares, slopes)]
        spreads = [np.sqrt(v / (1 - 0.999**steps)) + 1e-8 for v in squares]
        moved = [
            p - adam_rate * m / (1 - 0.9**steps) / spread
            for p, m, spread in zip(params, means, spreads)
        ]
        return [*moved, *means, *squares]

    return {
        "matmul": lambda a, b: a @ b,
        "matmul-at": lambda a, b: a.T @ b,
        "chain": lambda x: jax.nn.sigmoid(jax.nn.relu(x) * 2 + 1),
        "gelu": lambda x: jax.nn.gelu(x, approximate=True),
        "softmax": lambda x: jax.nn.softmax(x),
        "layernorm": layernorm,
        "rowsum": lambda x: np.sum(x, 1),
        "sum": np.sum,
        "tiny": lambda x: x * 2 + 1,
        "conv": convolve,
        "conv-grad": jax.grad(lambda x, kernel, ct: np.sum(convolve(x, kernel) * ct), (0, 1)),
        "sgd-step": sgd_step,
        "adam-step": adam_step,
        "rnn-scan": jax.grad(recurrent),
        "attention": attend,
        "attention-grad": jax.grad(lambda q, k, v, ct: np.sum(attend(q, k, v) * ct), (0, 1, 2)),
    }


def convolve(x, kernel):
    return jax.lax.conv(x, kernel, (1, 1), "SAME")


def attend(q, k, v):
    scores = np.matmul(q, np.swapaxes(k, 1, 2)) / q.shape[2] ** 0.5
    return np.matmul(jax.nn.softmax(scores), v)


def recurrent(w, h, xs):
    step = lambda h, x: (np.tanh(h @ w + x), None)
    return np.sum(jax.lax.scan(step, h, xs)[0])


def loss(params, x, labels):
    w1, b1, w2, b2, w3, b3 = params
    h1 = jax.nn.relu(x @ w1 + b1)
    h2 = jax.nn.relu(h1 @ w2 + b2)
    return -np.mean(np.sum(labels * jax.nn.log_softmax(h2 @ w3 + b3), 1))


slope = jax.grad(loss)
