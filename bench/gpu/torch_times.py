"""Milliseconds of the GPU bench's workloads in PyTorch on CUDA, eager and compiled: JSON lines.

Where there is no PyTorch or no CUDA, one line says so. Full f32: TensorFloat-32 is off.
"""
import json
import sys
import time



def absent(why):
    print(json.dumps({"name": "torch", "torch": why}))
    sys.exit(1)


try:
    import torch
    import torch.nn.functional as F
except ImportError:
    absent("python3 has no PyTorch")
if not torch.cuda.is_available():
    absent("PyTorch has no CUDA here")
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False


def rand(*shape):
    return torch.rand(*shape, device="cuda") * 2 - 1


def median_ms(f, args):
    for _ in range(3):
        f(*args)
    torch.cuda.synchronize()
    start = time.perf_counter()
    f(*args)
    torch.cuda.synchronize()
    calls = max(1, min(2000, int(0.2 / max(time.perf_counter() - start, 1e-5))))
    samples = []
    for _ in range(7):
        start = time.perf_counter()
        for _ in range(calls):
            f(*args)
        torch.cuda.synchronize()
        samples.append((time.perf_counter() - start) / calls * 1000)
    return sorted(samples)[3]


def attention(q, k, v):
    return torch.softmax(q @ k.transpose(1, 2) / q.shape[2] ** 0.5, -1) @ v


def sgd_step(w1, b1, w2, b2, w3, b3, x, labels):
    params = [p.detach().requires_grad_() for p in (w1, b1, w2, b2, w3, b3)]
    a1, c1, a2, c2, a3, c3 = params
    logits = torch.relu(torch.relu(x @ a1 + c1) @ a2 + c2) @ a3 + c3
    loss = -(labels * torch.log_softmax(logits, 1)).sum(1).mean()
    slopes = torch.autograd.grad(loss, params)
    return [p.detach() - 0.1 * g for p, g in zip(params, slopes)]


def main():
    square = rand(4096, 4096)
    large = rand(8192, 8192)
    long = rand(4, 4_000_000)
    heads = [rand(128, 1024, 64) for _ in range(3)]
    net = [(784, 512), (512,), (512, 256), (256,), (256, 10), (10,), (128, 784), (128, 10)]
    workloads = [
        ("chain", lambda x: torch.sigmoid(torch.relu(x) * 2 + 1), [square]),
        ("gelu", lambda x: F.gelu(x, approximate="tanh"), [square]),
        ("softmax-8192", lambda x: torch.softmax(x, -1), [large]),
        ("layernorm-8192", lambda x, s, b: F.layer_norm(x, (8192,), s, b), [large, rand(8192), rand(8192)]),
        ("sum-8192", torch.sum, [large]),
        ("softmax-4", lambda x: torch.softmax(x, -1), [long]),
        ("rowsum-4", lambda x: torch.sum(x, -1), [long]),
        *[(f"matmul-{n}", torch.matmul, [rand(n, n), rand(n, n)]) for n in (1024, 2048, 4096, 8192)],
        *[(f"matmul-f16-{n}", torch.matmul, [rand(n, n).half(), rand(n, n).half()]) for n in (1024, 2048, 4096, 8192)],
        ("attention-8x16x1024x64", attention, heads),
        ("conv", lambda x, k: F.conv2d(x, k, padding="same"), [rand(32, 64, 56, 56), rand(64, 64, 3, 3)]),
        ("sgd-step", sgd_step, [rand(*shape) for shape in net]),
        ("tiny", lambda x: x * 2 + 1, [rand(16)]),
    ]
    for name, f, args in workloads:
        line = {"name": name, "torchMs": round(median_ms(f, args), 5)}
        try:
            line["torchCompiledMs"] = round(median_ms(torch.compile(f), args), 5)
        except Exception as error:  # a peer that fails is named, not hidden
            line["torchCompiled"] = str(error).splitlines()[0][:120]
        print(json.dumps(line), flush=True)


main()
