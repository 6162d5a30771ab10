"""Fine-tunes the tiny GPT-2 in PyTorch and prints what it read and its losses as JSON: the oracle of FineTuningOracleTest.

The model is Hugging Face transformers' GPT-2 with a linear classification head on the state at the last token; gradients, clipping
and AdamW are PyTorch's. Texts are read one by one, without padding. Every update reads all of them. Needs torch, transformers,
tokenizers.

    python fine_tuning_twin.py ../fixtures/tiny-gpt2 > fine-tuning.json
"""

import json
import math
import sys

import torch
from tokenizers import Tokenizer
from transformers import GPT2Model

TEXTS = [
    ("A gorgeous, witty, seductive movie.", 1),
    ("It is not a good film, and it is far too long.", 0),
    ("boring and sad", 0),
    ("The cast is great, the story is fine.", 1),
    ("A film that one may well forget.", 2),
    ("charming", 1),
    ("The worst hour of the year, by some way, and then there is another one.", 0),
    ("It opens on Friday.", 2),
]
SETTINGS = {
    "updates": 10,
    "learningRate": 2e-3,
    "headLearningRate": 1e-2,
    "warmUp": 2,
    "weightDecay": 0.1,
    "clip": 0.5,
}


def rate(highest, step):
    updates, warm_up = SETTINGS["updates"], SETTINGS["warmUp"]
    if step < warm_up:
        return highest * (step + 1) / warm_up
    return highest * (1 + math.cos(math.pi * (step - warm_up) / (updates - warm_up))) / 2


def losses(folder, trained_blocks):
    """Of a run on the last blocks, or on the whole model where trained_blocks is None."""
    tokenizer = Tokenizer.from_file(folder + "/tokenizer.json")
    texts = [torch.tensor([tokenizer.encode(text, add_special_tokens=False).ids]) for text, _ in TEXTS]
    labels = torch.tensor([label for _, label in TEXTS])
    model = GPT2Model.from_pretrained(folder, dtype=torch.float32).eval()
    head = torch.nn.Linear(model.config.n_embd, int(labels.max()) + 1)
    torch.nn.init.zeros_(head.weight)
    torch.nn.init.zeros_(head.bias)
    if trained_blocks is not None:
        model.requires_grad_(False)
        model.h[len(model.h) - trained_blocks :].requires_grad_(True)
        model.ln_f.requires_grad_(True)
    body = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = []
    for parameters, highest in ((body, SETTINGS["learningRate"]), (list(head.parameters()), SETTINGS["headLearningRate"])):
        for matrices in (True, False):
            chosen = [parameter for parameter in parameters if (parameter.dim() > 1) == matrices]
            decay = SETTINGS["weightDecay"] if matrices else 0.0
            groups.append({"params": chosen, "weight_decay": decay, "lr": highest, "highest": highest})
    optimiser = torch.optim.AdamW(groups)
    values = []
    for step in range(SETTINGS["updates"]):
        f = torch.cat([model(ids).last_hidden_state[:, -1] for ids in texts])
        loss = torch.nn.functional.cross_entropy(head(f), labels)
        values.append(loss.item())
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(body + list(head.parameters()), SETTINGS["clip"])
        for group in optimiser.param_groups:
            group["lr"] = rate(group["highest"], step)
        optimiser.step()
    return values


oracle = {
    "texts": [text for text, _ in TEXTS],
    "labels": [label for _, label in TEXTS],
    "settings": SETTINGS,
    "wholeModel": losses(sys.argv[1], None),
    "lastTwoBlocks": losses(sys.argv[1], 2),
}
print(json.dumps(oracle, indent=1))
