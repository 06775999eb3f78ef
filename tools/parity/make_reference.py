"""Makes reference files with PyTorch alone: no code of this repository, of transformers or of the official project.

    python3 make_reference.py FOLDER

Needs torch (1.13 or later) and numpy. Reproduces tools/parity/golden from its weights and batches (losses to 6e-6,
tensors to 2e-6), and made tools/parity/reference-odd. Row vectors throughout: y = x @ weight + bias, weights [in, out].
"""
import json
import math
import os
import random
import struct
import sys

import numpy as np
import torch
import torch.nn.functional as F

GLOBALS = ["transformer.wte.weight", "transformer.wpe.weight", "transformer.ln_f.weight", "transformer.ln_f.bias"]


def block_shapes(d):
    shapes = {}
    for norm in ("ln_1", "ln_2"):
        shapes[f"{norm}.weight"] = shapes[f"{norm}.bias"] = (d,)
    for name, inputs, outputs in (("attn.c_attn", d, 3 * d), ("attn.c_proj", d, d), ("mlp.c_fc", d, 4 * d), ("mlp.c_proj", 4 * d, d)):
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (inputs, outputs), (outputs,)
    return shapes


def random_weights(config, deviation, generator):
    """Every weight and bias normal, so that nothing is hidden by a zero or a one; norm weights around one."""
    d = config["n_embd"]
    shapes = {GLOBALS[0]: (config["vocab_size"], d), GLOBALS[1]: (config["n_positions"], d), GLOBALS[2]: (d,), GLOBALS[3]: (d,)}
    for layer in range(config["n_layer"]):
        shapes.update({f"transformer.h.{layer}.{name}": shape for name, shape in block_shapes(d).items()})
    weights = {name: torch.randn(*shape, generator=generator) * deviation for name, shape in shapes.items()}
    for name, weight in weights.items():
        if name.split(".")[-2].startswith("ln_") and name.endswith("weight"):
            weight += 1
    return weights


def logits(config, shared, blocks, inputs, activation):
    """inputs [batch, time]; blocks: for each layer the parameters that it reads -> [batch, time, vocabulary]"""
    (batch, time), d, heads = inputs.shape, config["n_embd"], config["n_head"]
    wte, wpe, norm_weight, norm_bias = (shared[name] for name in GLOBALS)
    mask = torch.full((time, time), float("-inf")).triu(1)
    x = wte[inputs] + wpe[:time]
    for p in blocks:
        affine = lambda h, name: h @ p[f"{name}.weight"] + p[f"{name}.bias"]
        norm = lambda name: F.layer_norm(x, (d,), p[f"{name}.weight"], p[f"{name}.bias"], config["layer_norm_epsilon"])
        split = affine(norm("ln_1"), "attn.c_attn").reshape(batch, time, 3, heads, d // heads)
        q, k, v = split.permute(2, 0, 3, 1, 4)  # each [batch, heads, time, size]
        mixed = (q @ k.transpose(2, 3) / math.sqrt(d // heads) + mask).softmax(-1) @ v
        x = x + affine(mixed.transpose(1, 2).reshape(batch, time, d), "attn.c_proj")
        h = affine(norm("ln_2"), "mlp.c_fc")
        if activation == "gelu":
            h = F.gelu(h)
        else:
            h = 0.5 * h * (1 + torch.tanh(math.sqrt(2 / math.pi) * (h + 0.044715 * h**3)))
        x = x + affine(h, "mlp.c_proj")
    return F.layer_norm(x, (d,), norm_weight, norm_bias, config["layer_norm_epsilon"]) @ wte.T


def cross_entropy(output, rows):
    return F.cross_entropy(output.flatten(0, 1), rows[:, 1:].flatten())


def adamw(parameters, o):
    return torch.optim.AdamW(parameters, lr=o["learning_rate"], betas=o["betas"], eps=o["epsilon"], weight_decay=o["weight_decay"])


def clip(parameters, maximum):
    """Norm before clipping."""
    return torch.nn.utils.clip_grad_norm_(parameters, math.inf if maximum is None else maximum)


def run_scenario(config, o, weights, batches, name, tie_map, gradient, activation, steps, expected):
    """One tie map: logits and gradients of the first batch (into `expected`), then AdamW steps."""
    names = list(block_shapes(config["n_embd"]))
    roots = []
    for source in tie_map:  # a parent that is tied itself leads on to its own root
        roots.append(len(roots) if source == len(roots) else roots[source])
    owned = [f"transformer.h.{root}.{n}" for root in sorted(set(roots)) for n in names]
    parameters = {n: torch.nn.Parameter(weights[n].clone()) for n in GLOBALS + owned}

    def forward(rows):
        blocks = []
        for layer, root in enumerate(roots):
            block = {n: parameters[f"transformer.h.{root}.{n}"] for n in names}
            detached = gradient == "owner" and root != layer
            blocks.append({n: p.detach() for n, p in block.items()} if detached else block)
        return logits(config, parameters, blocks, rows[:, :-1], activation)

    batches = [torch.tensor(rows) for rows in batches]
    first = forward(batches[0])
    cross_entropy(first, batches[0]).backward()
    expected[f"{name}/logits"] = first.detach()
    expected.update({f"{name}/grad.{n}": p.grad.clone() for n, p in parameters.items()})
    optimizer = adamw(parameters.values(), o)
    taken = []
    for step in range(steps):
        rows = batches[step % len(batches)]
        optimizer.zero_grad(set_to_none=True)
        loss = cross_entropy(forward(rows), rows)
        loss.backward()
        norm = clip(parameters.values(), o["max_grad_norm"])
        optimizer.step()
        taken.append({"loss": loss.item(), "grad_norm": norm.item()})
    with torch.no_grad():
        after = cross_entropy(forward(batches[0]), batches[0]).item()
    return {
        "name": name, "tie_map": tie_map, "gradient": gradient, "activation_function": activation,
        "trainable_parameters": sum(p.numel() for p in parameters.values()), "independent_layers": len(set(roots)),
        "steps": taken, "loss_of_first_batch_after_training": after,
    }  # fmt: skip


def replay_official(config, o, weights, windows):
    """Fills in what the official code makes of the given actions and batches: ties alias `.data`, unties only thaw."""
    layers, activation = config["n_layer"], config["activation_function"]
    names = list(block_shapes(config["n_embd"]))
    shared = {n: torch.nn.Parameter(weights[n].clone()) for n in GLOBALS}
    blocks = [{n: torch.nn.Parameter(weights[f"transformer.h.{i}.{n}"].clone()) for n in names} for i in range(layers)]
    freeze = lambda layer, frozen: [p.requires_grad_(not frozen) for p in blocks[layer].values()]
    for layer in range(1, layers):
        freeze(layer, True)
    state = [0] * layers
    parameters = [*shared.values(), *(p for block in blocks for p in block.values())]
    optimizer = adamw(parameters, o)
    network = torch.nn.Sequential(torch.nn.Linear(layers, 128), torch.nn.ReLU(), torch.nn.Linear(128, layers * (layers + 1) // 2))
    network.load_state_dict({n: (weights[f"q.{n}"].T if n.endswith("weight") else weights[f"q.{n}"]) for n in network.state_dict()})
    learner = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=0.01)
    forward = lambda rows: cross_entropy(logits(config, shared, blocks, rows[:, :-1], activation), rows)
    for window in windows:
        layer, action = window["layer"], window["action"]
        before = torch.tensor(state, dtype=torch.float32)
        freeze(layer, action < layer)
        if action < layer:
            for n in names:
                blocks[layer][n].data = blocks[action][n].data
        state[layer] = action
        window["losses"] = []
        for rows in map(torch.tensor, window["train"]):
            optimizer.zero_grad(set_to_none=True)
            loss = forward(rows)
            loss.backward()
            clip(parameters, o["max_grad_norm"])
            optimizer.step()
            window["losses"].append(loss.item())
        with torch.no_grad():
            reward = -forward(torch.tensor(window["probe"])).exp().item()
            start = layer * (layer + 1) // 2
            after = network(torch.tensor(state, dtype=torch.float32))[start : start + layer + 1]
            target = max(-10.0, min(10.0, reward)) + 0.99 * after.max()
        predicted = network(before)[start + action]
        q_loss = F.mse_loss(predicted, target)
        learner.zero_grad(set_to_none=True)
        q_loss.backward()
        learner.step()
        window.update(
            reward=reward, state=list(state), weight_gradient_taken=[b["ln_1.weight"].requires_grad for b in blocks],
            distinct_storages=len({b["attn.c_attn.weight"].data_ptr() for b in blocks}),
            q_predicted=predicted.item(), q_target=target.item(), q_loss=q_loss.item(),
        )  # fmt: skip


def write_safetensors(path, tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        values = np.ascontiguousarray(tensor.detach().numpy(), dtype="<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def write_json(path, value):
    with open(path, "w") as file:
        file.write(json.dumps({**value, "torch": torch.__version__, "source": "make_reference.py"}) + "\n")


def main(folder):
    """Sizes unlike those of the golden files: nothing is a power of two, rows are shorter than n_positions."""
    os.makedirs(folder, exist_ok=True)
    torch.set_num_threads(1)
    rng = random.Random(20)
    rows = lambda batch, time, vocabulary: [[rng.randrange(vocabulary) for _ in range(time + 1)] for _ in range(batch)]

    config = {"n_layer": 5, "n_embd": 15, "n_head": 5, "n_positions": 13, "vocab_size": 61, "activation_function": "gelu", "layer_norm_epsilon": 1e-6}
    o = {"name": "AdamW", "learning_rate": 3e-3, "betas": [0.8, 0.95], "epsilon": 1e-6, "weight_decay": 0.2, "max_grad_norm": 0.05}
    weights, expected = random_weights(config, 0.15, torch.Generator().manual_seed(21)), {}
    batches = [rows(2, 9, 61), rows(1, 13, 61), rows(3, 4, 61)]
    scenarios = [
        run_scenario(config, o, weights, batches, f"{label}, {gradient}, {activation}", tie_map, gradient, activation, steps, expected)
        for label, tie_map, gradient, activation, steps in (
            ("chain", [0, 0, 1, 2, 3], "owner", "gelu", 4),
            ("parents", [0, 1, 1, 2, 0], "sum", "gelu_new", 7),
            ("parents", [0, 0, 2, 2, 3], "owner", "gelu_new", 2),
        )
    ]
    write_json(f"{folder}/gpt2-odd.json", {"config": config, "optimizer": o, "batches": batches, "scenarios": scenarios})
    write_safetensors(f"{folder}/gpt2-odd.safetensors", weights)
    write_safetensors(f"{folder}/gpt2-odd.expected.safetensors", expected)

    # A vocabulary of 7: perplexities lie below the clip of the reward. Six sweeps of random actions.
    config = {"n_layer": 3, "n_embd": 12, "n_head": 3, "n_positions": 8, "vocab_size": 7, "activation_function": "gelu", "layer_norm_epsilon": 1e-5, "dropout": 0.0}
    o = {"name": "AdamW", "learning_rate": 3e-3, "betas": [0.9, 0.98], "epsilon": 1e-8, "weight_decay": 0.05, "max_grad_norm": None}
    generator = torch.Generator().manual_seed(22)
    weights = random_weights(config, 0.1, generator)
    weights.update({n: torch.randn(*s, generator=generator) * 0.2 for n, s in (("q.0.weight", (3, 128)), ("q.0.bias", (128,)), ("q.2.weight", (128, 6)), ("q.2.bias", (6,)))})
    windows = [
        {"layer": layer, "action": rng.randint(0, layer), "train": [rows(2, 8, 7) for _ in range(3)], "probe": rows(2, 8, 7)}
        for _ in range(6)
        for layer in (1, 2)
    ]
    replay_official(config, o, weights, windows)
    network = {"layers": [3, 128, 6], "activation": "relu", "optimizer": "AdamW lr 1e-3 wd 0.01", "gamma": 0.99, "reward_clip": 10}
    write_json(f"{folder}/official-odd.json", {"config": config, "optimizer": o, "q_network": network, "steps_per_window": 3, "windows": windows})
    write_safetensors(f"{folder}/official-odd.safetensors", weights)


if __name__ == "__main__":
    main(sys.argv[1])
