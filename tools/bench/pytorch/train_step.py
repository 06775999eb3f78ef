"""The training step of `npm run bench -- step` in PyTorch, for comparison: the same model, sizes and optimizer.

Reads one JSON object from standard input and writes one to standard output; progress goes to standard error. Sizes,
optimizer, threads and numbers of steps all come from the caller. Runs on torch 1.12 and later.
"""
import ctypes
import json
import math
import resource
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


class Attention(nn.Module):
    def __init__(self, width, heads, context):
        super().__init__()
        self.heads = heads
        self.c_attn = nn.Linear(width, 3 * width)
        self.c_proj = nn.Linear(width, width)
        self.register_buffer("mask", torch.ones(context, context).tril().bool())

    def forward(self, x):
        batch, time_, width = x.shape
        q, k, v = (
            part.view(batch, time_, self.heads, width // self.heads).transpose(1, 2)
            for part in self.c_attn(x).split(width, dim=2)
        )
        if hasattr(F, "scaled_dot_product_attention"):  # torch 2: the fastest way that this version has
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            scores = (q @ k.transpose(-2, -1)) * (1 / math.sqrt(k.shape[-1]))
            scores = scores.masked_fill(~self.mask[:time_, :time_], float("-inf"))
            y = F.softmax(scores, dim=-1) @ v
        return self.c_proj(y.transpose(1, 2).reshape(batch, time_, width))


class Block(nn.Module):
    def __init__(self, width, heads, context):
        super().__init__()
        self.ln_1 = nn.LayerNorm(width)
        self.attn = Attention(width, heads, context)
        self.ln_2 = nn.LayerNorm(width)
        self.c_fc = nn.Linear(width, 4 * width)
        self.c_proj = nn.Linear(4 * width, width)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.c_proj(F.gelu(self.c_fc(self.ln_2(x)), approximate="tanh"))


class Gpt2(nn.Module):
    """The head is the token table, as in GPT-2."""

    def __init__(self, layers, width, heads, context, vocabulary):
        super().__init__()
        self.wte = nn.Embedding(vocabulary, width)
        self.wpe = nn.Embedding(context, width)
        self.h = nn.ModuleList(Block(width, heads, context) for _ in range(layers))
        self.ln_f = nn.LayerNorm(width)
        for parameter in self.parameters():
            if parameter.dim() >= 2:
                nn.init.normal_(parameter, std=0.02)

    def loss(self, inputs, labels):
        x = self.wte(inputs) + self.wpe(torch.arange(inputs.shape[1]))
        for block in self.h:
            x = block(x)
        logits = self.ln_f(x) @ self.wte.weight.t()
        return F.cross_entropy(logits.view(-1, logits.shape[-1]), labels.view(-1))


def measure_step(request):
    sizes, optimizer = request["workload"], request["optimizer"]
    batch, context, vocabulary = sizes["batch"], sizes["context"], sizes["vocabularySize"]
    model = Gpt2(sizes["layers"], sizes["width"], sizes["heads"], context, vocabulary)
    matrices = [p for p in model.parameters() if p.dim() >= 2]
    vectors = [p for p in model.parameters() if p.dim() < 2]
    adamw = torch.optim.AdamW(
        [
            {"params": matrices, "weight_decay": optimizer["weightDecay"]},
            {"params": vectors, "weight_decay": 0.0},
        ],
        lr=request["learningRate"],
        betas=(optimizer["beta1"], optimizer["beta2"]),
        eps=optimizer["epsilon"],
    )
    seconds = []
    for step in range(request["warmup"] + request["steps"]):
        inputs = torch.randint(vocabulary, (batch, context))
        labels = torch.randint(vocabulary, (batch, context))
        start = time.perf_counter()
        adamw.zero_grad(set_to_none=True)
        loss = model.loss(inputs, labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), optimizer["clipNorm"])
        adamw.step()
        value = loss.item()
        elapsed = time.perf_counter() - start
        if step >= request["warmup"]:
            seconds.append(elapsed)
        print(f"{request['backend']}: step {step + 1}, {elapsed:.2f} s, loss {value:.4f}", file=sys.stderr)
    return {
        "secondsPerStep": statistics.median(seconds),
        "parameters": sum(p.numel() for p in model.parameters()),
        "loss": value,
        "peakResidentBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def matmul_gflops(size):
    """The best of a few products of two square matrices."""
    a, b = torch.randn(size, size), torch.randn(size, size)
    best, begin = math.inf, time.perf_counter()
    for turn in range(50):
        start = time.perf_counter()
        a @ b
        elapsed = time.perf_counter() - start
        if turn > 0:
            best = min(best, elapsed)
        if turn >= 5 and time.perf_counter() - begin > 3:
            break
    return 2 * size**3 / best / 1e9


def blas_library():
    """Which library does the products: on Debian it is whichever package provides libblas.so.3."""
    try:
        with open("/proc/self/maps", encoding="utf8") as maps:
            paths = {line.split()[-1] for line in maps if "blas" in line or "mkl" in line}
    except OSError:
        return "unknown"
    named = [p for p in sorted(paths) if "openblas" in p or "mkl" in p] or sorted(paths)
    if not named:
        return "built into torch"
    if "openblas" in named[0]:
        # The kernels that OpenBLAS chose for this processor: with those of an older one it is several times as slow.
        corename = ctypes.CDLL(named[0]).openblas_get_corename
        corename.restype = ctypes.c_char_p
        return f"openblas, {corename().decode()} kernels"
    return "mkl" if "mkl" in named[0] else "reference BLAS"


def main():
    request = json.load(sys.stdin)
    torch.set_num_threads(request["threads"])
    torch.set_num_interop_threads(1)
    torch.manual_seed(1)
    result = measure_step(request)
    result["matmulGflops"] = matmul_gflops(request["peakSize"])
    result["version"] = torch.__version__
    result["blas"] = blas_library()
    json.dump(result, sys.stdout)


main()
