"""Makes cases of Hugging Face models for `npm run parity`: other sizes and options than tools/parity/hf has.

    python3 make_hugging_face_cases.py FOLDER [NAME ...]

Needs torch 2.13, transformers 5.18 and safetensors. Every weight is drawn from a normal distribution, gains around one,
so that nothing is hidden by a zero or a one. Tied positions hold the module of their owner.
"""
import json
import os
import sys

import torch
import transformers as hf
from safetensors.torch import save_file

MAPS = {5: {"untied": [0, 1, 2, 3, 4], "mixed": [0, 0, 2, 0, 2], "all-tied": [0, 0, 0, 0, 0]}}
LAYERS = 5
OPTIMIZER = {"name": "AdamW", "learningRate": 1e-3, "beta1": 0.9, "beta2": 0.95, "epsilon": 1e-8, "weightDecay": 0.1, "decay": "all"}
STEPS = 5
VOCABULARY, BATCH, TIME = 53, 2, 9

common_llama = dict(num_hidden_layers=LAYERS, vocab_size=VOCABULARY, max_position_embeddings=16, attention_dropout=0.0, use_cache=False)


def llama(classify=False, **more):
    config = hf.LlamaConfig(**{**common_llama, **more})
    return (hf.LlamaForSequenceClassification, config, "class") if classify else (hf.LlamaForCausalLM, config, "causal")


def qwen2(**more):
    return hf.Qwen2ForCausalLM, hf.Qwen2Config(**{**common_llama, **more}), "causal"


def bert(model, labels, **more):
    config = hf.BertConfig(
        **{
            **dict(num_hidden_layers=LAYERS, vocab_size=VOCABULARY, hidden_size=18, num_attention_heads=3, intermediate_size=30),
            **dict(max_position_embeddings=11, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, use_cache=False),
            **more,
        }
    )
    return model, config, labels


def gpt2(model, labels, **more):
    config = hf.GPT2Config(
        **{
            **dict(n_layer=LAYERS, vocab_size=VOCABULARY, n_embd=15, n_head=3, n_positions=10),
            **dict(embd_pdrop=0.0, attn_pdrop=0.0, resid_pdrop=0.0, use_cache=False, pad_token_id=0),
            **more,
        }
    )
    return model, config, labels


def vit(**more):
    config = hf.ViTConfig(
        **{
            **dict(num_hidden_layers=LAYERS, hidden_size=18, num_attention_heads=3, intermediate_size=27),
            **dict(hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0),
            **more,
        }
    )
    return hf.ViTForImageClassification, config, "image"


ROPE = {"rope_theta": 10000.0}
LLAMA3 = {"rope_type": "llama3", "factor": 4.0, "low_freq_factor": 1.0, "high_freq_factor": 2.0, "original_max_position_embeddings": 32}

CASES = {
    "llama-multi-query": lambda: llama(hidden_size=20, num_attention_heads=5, num_key_value_heads=1, intermediate_size=33, rope_parameters={"rope_type": "default", **ROPE}),
    "llama-three-of-six": lambda: llama(hidden_size=18, num_attention_heads=6, num_key_value_heads=3, head_dim=10, intermediate_size=24, attention_bias=True, mlp_bias=True, rms_norm_eps=1e-5, rope_parameters={"rope_type": "linear", "factor": 2.5, **ROPE}),
    "llama-3-scaling": lambda: llama(hidden_size=24, num_attention_heads=2, num_key_value_heads=2, intermediate_size=16, tie_word_embeddings=True, rope_parameters={**LLAMA3, "rope_theta": 500.0}),
    "qwen2": lambda: qwen2(hidden_size=16, num_attention_heads=4, num_key_value_heads=2, intermediate_size=40, tie_word_embeddings=True, rope_parameters={"rope_type": "default", "rope_theta": 1000000.0}),
    "bert-tanh-gelu": lambda: bert(hf.BertForMaskedLM, "tokens", hidden_act="gelu_new"),
    "bert-causal-three-types": lambda: bert(hf.BertLMHeadModel, "causal", is_decoder=True, type_vocab_size=3),
    "bert-two-labels": lambda: bert(hf.BertForSequenceClassification, "class", num_labels=2),
    "bert-spans": lambda: bert(hf.BertForQuestionAnswering, "span"),
    "gpt2-exact-gelu": lambda: gpt2(hf.GPT2LMHeadModel, "causal", activation_function="gelu"),
    "gpt2-regression": lambda: gpt2(hf.GPT2ForSequenceClassification, "number", num_labels=1),
    "vit-one-channel": lambda: vit(image_size=14, patch_size=7, num_channels=1, num_labels=3, qkv_bias=False),
    "llama-sequence-classification": lambda: llama(hidden_size=16, num_attention_heads=4, num_key_value_heads=2, intermediate_size=20, num_labels=3, pad_token_id=0, rope_parameters={"rope_type": "default", **ROPE}, classify=True),
}


def stack_of(model):
    for path in ("model.layers", "transformer.h", "bert.encoder.layer", "vit.layers", "vit.encoder.layer"):
        try:
            return model.get_submodule(path)
        except AttributeError:
            continue
    raise ValueError(f"no stack in {type(model).__name__}")


def randomize(model, generator):
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.normal_(0, 0.15, generator=generator)
            if parameter.dim() == 1 and name.endswith("weight"):
                parameter.add_(1)


def data_of(kind, config, generator):
    integers = lambda high, *shape: torch.randint(0, high, shape, generator=generator)
    if kind == "image":
        shape = (BATCH, config.num_channels, config.image_size, config.image_size)
        return {"pixel_values": torch.randn(shape, generator=generator)}, {"labels": integers(config.num_labels, BATCH)}
    inputs = {"input_ids": 1 + integers(VOCABULARY - 1, BATCH, TIME)}
    if kind == "causal" and not getattr(config, "is_decoder", False):
        return inputs, {"labels": inputs["input_ids"].clone()}
    mask = torch.ones(BATCH, TIME, dtype=torch.long)
    mask[1, TIME - 3 :] = 0
    inputs["input_ids"][mask == 0] = 0
    inputs["attention_mask"] = mask
    types = getattr(config, "type_vocab_size", 0)
    if types:
        inputs["token_type_ids"] = integers(types, BATCH, TIME)
    if kind in ("causal", "tokens"):
        labels = inputs["input_ids"].clone()
        labels[mask == 0] = -100
        if kind == "tokens":
            labels[torch.rand(labels.shape, generator=generator) < 0.5] = -100
            labels[0, 0] = 7
        return inputs, {"labels": labels}
    if kind == "class":
        return inputs, {"labels": integers(config.num_labels, BATCH)}
    if kind == "number":
        return inputs, {"labels": torch.randn(BATCH, generator=generator)}
    return inputs, {"start_positions": integers(3, BATCH), "end_positions": 3 + integers(3, BATCH)}


def outputs_of(result):
    if hasattr(result, "start_logits"):
        return torch.stack([result.start_logits, result.end_logits], -1)
    return result.logits


def make(folder, name, seed):
    generator = torch.Generator().manual_seed(seed)
    kind_of_model, config, kind = CASES[name]()
    config._attn_implementation = "eager"
    model = kind_of_model(config).float().train()
    randomize(model, generator)
    start = {key: value.clone() for key, value in model.state_dict().items()}
    inputs, labels = data_of(kind, config, generator)
    tensors = {f"inputs.{key}": value for key, value in inputs.items()} | {f"labels.{key}": value for key, value in labels.items()}
    losses = {}
    path = os.path.join(folder, name)
    os.makedirs(path, exist_ok=True)
    model.save_pretrained(path)
    for title, tie_map in MAPS[LAYERS].items():
        model = kind_of_model(config).float().train()
        model.load_state_dict(start)
        model.tie_weights()
        stack = stack_of(model)
        for layer, owner in enumerate(tie_map):
            stack[layer] = stack[owner]
        optimizer = torch.optim.AdamW(model.parameters(), lr=OPTIMIZER["learningRate"], betas=(OPTIMIZER["beta1"], OPTIMIZER["beta2"]), eps=OPTIMIZER["epsilon"], weight_decay=OPTIMIZER["weightDecay"])
        losses[title] = []
        for step in range(STEPS):
            optimizer.zero_grad()
            result = model(**inputs, **labels)
            result.loss.backward()
            losses[title].append(result.loss.item())
            if step == 0:
                tensors[f"logits.{title}"] = outputs_of(result).detach().clone()
                for parameter_name, parameter in model.named_parameters():
                    if parameter.grad is not None:
                        tensors[f"grad.{title}.{parameter_name}"] = parameter.grad.clone()
            optimizer.step()
    save_file({key: value.contiguous() for key, value in tensors.items()}, os.path.join(path, "reference.safetensors"))
    reference = {
        "architecture": kind_of_model.__name__,
        "transformers": hf.__version__,
        "torch": torch.__version__,
        "dtype": "float32",
        "tieMaps": MAPS[LAYERS],
        "gradient": "sum over uses",
        "optimizer": OPTIMIZER,
        "losses": losses,
    }
    with open(os.path.join(path, "reference.json"), "w") as file:
        json.dump(reference, file)
        file.write("\n")
    print(name, losses)


if __name__ == "__main__":
    chosen = sys.argv[2:] or list(CASES)
    for place, case in enumerate(CASES):
        if case in chosen:
            make(sys.argv[1], case, 1000 + place)
