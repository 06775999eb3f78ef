"""Makes packages/trainer/test/fixtures/optimizers.json with PyTorch alone.

    python3 make_optimizer_reference.py FILE

Needs torch 2.9 or later, the first with torch.optim.Muon. Everything is computed in float64, so that what remains is the
rounding of who is compared with it. Muon's Newton-Schulz iteration is bfloat16 in torch: each case of Muon is run twice, as
torch has it ("bfloat16") and with the one cast to bfloat16 in torch's own source replaced by a copy in float64 (a copy, because
the iteration changes it in place, and a cast to another type is one).
"""
import inspect
import json
import sys

import torch
from torch.optim import _muon

STEPS = 5
LEARNING_RATES = [0.02, 0.03, 0.03, 0.01, 0.005]

original = _muon._zeropower_via_newtonschulz
source = inspect.getsource(original)
assert source.count("grad.bfloat16()") == 1
scope = dict(vars(_muon))
exec(source.replace("grad.bfloat16()", "grad.double().clone()"), scope)
exact = scope["_zeropower_via_newtonschulz"]


def run(make, shape, seed):
    """A parameter, its gradients, and what the optimizer makes of them after each step."""
    generator = torch.Generator().manual_seed(seed)
    start = torch.randn(*shape, generator=generator, dtype=torch.float64)
    gradients = [torch.randn(*shape, generator=generator, dtype=torch.float64) for _ in range(STEPS)]
    parameter = torch.nn.Parameter(start.clone())
    optimizer = make([parameter])
    after = []
    for learning_rate, gradient in zip(LEARNING_RATES, gradients):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate
        parameter.grad = gradient.clone()
        optimizer.step()
        after.append(parameter.detach().clone())
    flat = lambda tensor: [float(f"{value:.9g}") for value in tensor.flatten().tolist()]
    return {"shape": list(shape), "start": flat(start), "gradients": [flat(g) for g in gradients], "after": [flat(p) for p in after]}


def cases():
    for options in (
        {"momentum": 0},
        {"momentum": 0.9},
        {"momentum": 0.9, "nesterov": True},
        {"momentum": 0.8, "weight_decay": 0.3},
        {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
        {"momentum": 0, "weight_decay": 0.1},
    ):
        yield "SGD", options, run(lambda p: torch.optim.SGD(p, **options), (2, 3), 1)
    for options in ({"betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.01}, {"betas": [0.8, 0.95], "eps": 1e-4, "weight_decay": 0.5}):
        yield "AdamW", options, run(lambda p: torch.optim.AdamW(p, **options), (2, 3), 2)
    for shape in ((6, 3), (3, 6), (4, 4), (12, 4)):
        for options in (
            {"weight_decay": 0.1, "momentum": 0.95, "nesterov": True, "ns_steps": 5, "adjust_lr_fn": "original"},
            {"weight_decay": 0, "momentum": 0.8, "nesterov": False, "ns_steps": 3, "adjust_lr_fn": "match_rms_adamw"},
        ):
            _muon._zeropower_via_newtonschulz = exact
            found = run(lambda p: torch.optim.Muon(p, **options), shape, 3)
            _muon._zeropower_via_newtonschulz = original
            as_it_is = run(lambda p: torch.optim.Muon(p, **options), shape, 3)
            yield "Muon", options, {**found, "bfloat16": as_it_is["after"]}


with open(sys.argv[1], "w") as file:
    made = [{"call": f"torch.optim.{name}", "options": options, **numbers} for name, options, numbers in cases()]
    about = {"madeBy": "tools/parity/make_optimizer_reference.py", "torch": torch.__version__, "learningRates": LEARNING_RATES}
    json.dump({**about, "cases": made}, file)
    file.write("\n")
