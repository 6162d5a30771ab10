"""The other side of bench.py: what a user would take instead of this library, in Python with torch, transformers and scikit-learn.

A line of standard input that names a file of properties prepares a measurement, an empty line does one round of it; each is answered
by a list of numbers, as by org.whylm.bench.Rounds. `load MODEL` and `inspect MODEL TEXT` are whole processes.
"""

import json
import sys
from pathlib import Path

import numpy as np

TOKENS_A_BATCH = 512  # padding included; the fastest of 512, 1,024 and 2,048
STATES_A_BLOCK = 256


def properties(path):
    """The arguments of a measurement, as java.util.Properties reads them."""
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    return {key: value.replace("\\ ", " ") for key, value in (line.split("=", 1) for line in lines)}


def load(path):
    """A causal language model of a GGUF file, in float32."""
    import torch
    from transformers import AutoModelForCausalLM

    path = Path(path)
    return AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32).eval()


def forward(arguments, model):
    import torch

    ids = torch.from_numpy(np.fromfile(arguments["ids"], dtype="<i4").astype(np.int64))
    ids = ids.reshape(-1, int(arguments["length"]))

    def one_round():
        with torch.inference_mode():
            return model.model(ids, use_cache=False).last_hidden_state[0, -1, :8].tolist()

    return one_round


def sequences(arguments):
    """Of each text the ids with the prompt's, and how many of them are its own: those that our tokenizer gives."""
    numbers = np.fromfile(arguments["tokens"], dtype="<i4").tolist()
    found = []
    while numbers:
        length, own = numbers[:2]
        found.append((numbers[2 : 2 + length], own))
        numbers = numbers[2 + length :]
    return found


def authors_flow(arguments, model):
    """Text after text, with and without the prompt, each by a pass of its own, over the logits of every position."""
    import torch

    texts = sequences(arguments)
    phi = model.get_output_embeddings().weight

    def read(ids):
        output = model(torch.tensor([ids]), output_hidden_states=True, use_cache=False)
        p = torch.softmax(output.logits[0, -1], -1)
        return output.hidden_states[-1][0, -1], p @ phi

    def one_round():
        with torch.inference_mode():
            alone = [read(ids[:own]) for ids, own in texts]
            prompted = [read(ids) for ids, _ in texts]
            return alone[0][0][:8].tolist() + prompted[0][1][:8].tolist()

    return one_round


def sorted_pass(arguments, model):
    """One pass over texts and prompt, sorted by length, in batches of as many tokens as one of our threads takes; then softmax(HΦᵀ)Φ in blocks."""
    import torch

    texts = sequences(arguments)
    phi = model.get_output_embeddings().weight

    def batches():
        order = sorted(range(len(texts)), key=lambda i: len(texts[i][0]), reverse=True)
        while order:
            count = max(1, TOKENS_A_BATCH // len(texts[order[0]][0]))
            yield order[:count]
            order = order[count:]

    def one_round():
        f = torch.empty(2 * len(texts), phi.shape[1])
        with torch.inference_mode():
            for batch in batches():
                length = len(texts[batch[0]][0])
                # What lies behind a text's end does not reach back: attention is causal.
                ids = torch.tensor([texts[i][0] + [0] * (length - len(texts[i][0])) for i in batch])
                states = model.model(ids, use_cache=False).last_hidden_state
                for row, i in enumerate(batch):
                    f[2 * i] = states[row, texts[i][1] - 1]
                    f[2 * i + 1] = states[row, len(texts[i][0]) - 1]
            means, _ = softmax_blocks(f, phi)
        return f[0, :8].tolist() + means[1, :8].tolist()

    return one_round


def softmax_blocks(states, phi):
    import torch

    means = torch.empty(states.shape[0], phi.shape[1])
    log = torch.empty(states.shape[0])
    for start in range(0, states.shape[0], STATES_A_BLOCK):
        logits = states[start : start + STATES_A_BLOCK] @ phi.T
        log[start : start + STATES_A_BLOCK] = torch.logsumexp(logits, -1)
        means[start : start + STATES_A_BLOCK] = torch.softmax(logits, -1) @ phi
    return means, log


def read_out(arguments, _):
    import torch

    d = int(arguments["d"])
    states = torch.from_numpy(np.fromfile(arguments["states"], dtype="<f4").reshape(-1, d))
    phi = torch.from_numpy(np.fromfile(arguments["phi"], dtype="<f4").reshape(-1, d))

    def one_round():
        with torch.inference_mode():
            means, log = softmax_blocks(states, phi)
        return [log[0].item()] + means[0, 1:8].tolist()

    return one_round


def regression(arguments, _):
    """C by cross-validation over the same folds, as scikit-learn does it; a tolerance at which the minimum is reached."""
    from sklearn.linear_model import LogisticRegressionCV
    from sklearn.model_selection import StratifiedKFold

    x = np.fromfile(arguments["x"], dtype="<f4").reshape(-1, int(arguments["d"])).astype(np.float64)
    labels = np.fromfile(arguments["labels"], dtype="<i4")
    grid = [10.0**exponent for exponent in range(-6, 4)]

    def one_round():
        model = LogisticRegressionCV(
            Cs=grid,
            l1_ratios=(0,),
            cv=StratifiedKFold(5),
            solver="lbfgs",
            tol=1e-6,
            max_iter=100_000,
            scoring="accuracy",
            use_legacy_attributes=False,
        ).fit(x, labels)
        return [float(np.ravel(model.C_)[0])] + model.coef_.ravel().tolist() + model.intercept_.tolist()

    return one_round


def training(arguments, _):
    """A GPT-2 of transformers, in eager mode; Quad in the authors' form, ½‖Φᵀf‖² - φ_w·f over all logits."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    size = {key: int(arguments[key]) for key in ("vocabulary", "d", "blocks", "heads", "length", "batch", "steps")}
    torch.manual_seed(1)
    config = GPT2Config(
        vocab_size=size["vocabulary"],
        n_positions=size["length"],
        n_embd=size["d"],
        n_layer=size["blocks"],
        n_head=size["heads"],
        tie_word_embeddings=False,
    )
    model = GPT2LMHeadModel(config).train()
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.1)
    generator = torch.Generator().manual_seed(2)
    shape = (size["batch"], size["length"] + 1)

    def loss(logits, words):
        if arguments["loss"] == "CROSS_ENTROPY":
            return torch.nn.functional.cross_entropy(logits, words)
        chosen = logits.gather(1, words[:, None]).squeeze(1)
        return (0.5 * (logits**2).sum(1) - chosen).mean()

    def one_round():
        for _ in range(size["steps"]):
            tokens = torch.randint(size["vocabulary"], shape, generator=generator)
            logits = model(tokens[:, :-1], use_cache=False).logits
            value = loss(logits.reshape(-1, size["vocabulary"]), tokens[:, 1:].reshape(-1))
            optimiser.zero_grad()
            value.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
        return [value.item()]

    return one_round


MEASUREMENTS = {
    "forward": forward,
    "authors-flow": authors_flow,
    "sorted-pass": sorted_pass,
    "read-out": read_out,
    "regression": regression,
    "training": training,
}


def serve():
    answers, sys.stdout = sys.stdout, sys.stderr
    models, one_round = {}, None
    for line in sys.stdin:
        line = line.strip()
        if line:
            arguments = properties(line)
            path = arguments.get("file")
            if path and path not in models:
                models[path] = load(path)
            one_round = MEASUREMENTS[arguments["measure"]](arguments, models.get(path))
        print(json.dumps([] if line else one_round()), file=answers, flush=True)


def inspect(path, text):
    """The next words of a text, from one process."""
    import torch
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(Path(path).parent, gguf_file=Path(path).name)
    model = load(path)
    with torch.inference_mode():
        output = model(**tokenizer(text, return_tensors="pt"), output_hidden_states=True)
        p = torch.softmax(output.logits[0, -1], -1)
        mean = p @ model.get_output_embeddings().weight
        log = torch.logsumexp(output.logits[0, -1], -1)
    print(output.hidden_states[-1][0, -1, :6], mean[:6], log)
    for probability, word in zip(*p.topk(10)):
        print(f"{probability:.4f} {tokenizer.decode([word])!r}")


if __name__ == "__main__":
    if len(sys.argv) == 1:
        serve()
    elif sys.argv[1] == "load":
        load(sys.argv[2])
    else:
        inspect(*sys.argv[2:])
