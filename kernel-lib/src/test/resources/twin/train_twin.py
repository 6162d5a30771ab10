"""Repeats in PyTorch a run that `whylm train-dump FOLDER` wrote; prints its losses as JSON.

The model is Hugging Face transformers' GPT-2 with a linear layer and untied output embeddings; gradients, clipping and AdamW are
PyTorch's. Needs torch, transformers, safetensors.

    python train_twin.py FOLDER [> losses.json]
"""

import json
import math
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import GPT2Config, GPT2Model

folder = Path(sys.argv[1])
run = json.loads((folder / "run.json").read_text())
initial = load_file(folder / "initial.safetensors")
sizes, training = run["model"], run["training"]
dimension = sizes["n_embd"]

transformer = GPT2Model(
    GPT2Config(
        vocab_size=sizes["vocab_size"],
        n_embd=dimension,
        n_layer=sizes["n_layer"],
        n_head=sizes["n_head"],
        n_positions=sizes["n_positions"],
        activation_function=sizes["activation_function"],
        layer_norm_epsilon=sizes["layer_norm_epsilon"],
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        bos_token_id=None,
        eos_token_id=None,
    )
)
projection = torch.nn.Linear(dimension, dimension)
head = torch.nn.Linear(dimension, sizes["vocab_size"], bias=False)
model = torch.nn.ModuleDict({"transformer": transformer, "output_projection": projection, "lm_head": head})
names = {
    name: name if name.startswith(("output_projection.", "lm_head.")) else "transformer." + name for name in initial
}
missing, unexpected = model.load_state_dict({names[name]: value for name, value in initial.items()}, strict=False)
assert not unexpected and not [name for name in missing if "attn.bias" not in name and "masked" not in name], missing
phi = head.weight  # V x d
phi.requires_grad_(run["phi"] == "learned")

learned = [parameter for parameter in model.parameters() if parameter.requires_grad]
optimiser = torch.optim.AdamW(
    [
        {"params": [p for p in learned if p.dim() > 1], "weight_decay": training["weightDecay"]},
        {"params": [p for p in learned if p.dim() == 1], "weight_decay": 0.0},
    ],
    lr=training["learningRate"],
)


def rate(step):
    if step < training["warmUp"]:
        return (step + 1) / training["warmUp"]
    done = (step - training["warmUp"]) / max(1, training["steps"] - training["warmUp"])
    return (1 + math.cos(math.pi * done)) / 2


schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, rate)

if training["loss"] == "QUAD" and run["phi"] == "fixed":
    exact = phi.detach().double()
    values, vectors = torch.linalg.eigh(exact.T @ exact)
    whitened = exact @ (vectors * values.rsqrt()) @ vectors.T
    weights = torch.tensor(run["frequencies"], dtype=torch.float64)
    weights = weights / weights.sum()
    mean = weights @ whitened
    deviation = (weights @ (whitened - mean).square()).mean().sqrt()
    targets = ((whitened - mean) / deviation).float()

    def loss_of(f, words):
        return (f - targets[words]).square().sum(-1).mean() / 2

elif training["loss"] == "QUAD":

    def loss_of(f, words):
        logits = f @ phi.T
        return (logits.square().sum(-1) / 2 - logits.gather(1, words[:, None])[:, 0]).mean()

else:

    def loss_of(f, words):
        return torch.nn.functional.cross_entropy(f @ phi.T, words)


losses = []
for batch in run["batches"]:
    ids = torch.tensor(batch["ids"]).reshape(batch["shape"])
    words = torch.tensor(batch["words"])
    f = projection(transformer(ids).last_hidden_state).reshape(-1, dimension)
    loss = loss_of(f, words)
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(learned, training["clip"])
    optimiser.step()
    schedule.step()
    losses.append(loss.item())
print(json.dumps(losses))
