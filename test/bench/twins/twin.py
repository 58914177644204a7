"""What the twins of all networks share: weights, number formats, optimizers."""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file

RATE = 1e-6  # so small that no network leaves its first weights in the steps that are timed
EMA_WEIGHT = 1e-3


def load_weights(module, path):
    """Fills a module from a file by the reference's names; filters and the like that it computes are passed over."""
    missing, _ = module.load_state_dict(load_file(path), strict=False)
    if missing:
        raise ValueError(f"{path} has no {missing[0]}")
    return module.to(memory_format=torch.channels_last)


def read_inputs(folder):
    """Tensors of the check; images [N, H, W, C] become [N, C, H, W] in the memory format of the networks."""
    inputs = load_file(Path(folder) / "inputs.safetensors")
    return {name: from_images(tensor) if tensor.ndim == 4 else tensor for name, tensor in inputs.items()}


def from_images(tensor):
    return tensor.permute(0, 3, 1, 2)  # channels last in memory already


def to_images(tensor):
    return tensor.detach().permute(0, 2, 3, 1).contiguous().float()


def gradients_of(loss, module, phase):
    """The gradient of a loss for every parameter of a module; zero where the loss does not depend on it."""
    names, parameters = zip(*module.named_parameters())
    gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
    found = {
        f"gradient/{phase}/{name}": (torch.zeros_like(parameter) if gradient is None else gradient).contiguous()
        for name, parameter, gradient in zip(names, parameters, gradients)
    }
    return {**found, f"loss of {phase}": loss.detach().reshape(())}


class Average:
    """Exponential moving average of a module's parameters."""

    def __init__(self, module):
        self.parameters = list(module.parameters())
        self.values = [parameter.detach().clone() for parameter in self.parameters]

    @torch.no_grad()
    def update(self):
        torch._foreach_lerp_(self.values, self.parameters, EMA_WEIGHT)


class Twin:
    """A case of the benchmark. `kinds` are its kinds of steps: (share of all steps, what one does)."""

    modes = ("float32", "bfloat16")

    def __init__(self, folder):
        self.folder = Path(folder)
        self.case = json.loads((self.folder / "case.json").read_text())
        self.settings = self.case["settings"]
        self.batch, self.size = self.case["batch"], self.case["size"]
        self.mode = "float32"
        # Slices of noise: four sequences and a mask as grey values, [N, H, W, 5].
        self.slices = torch.randint(0, 256, (2 * self.batch, self.size, self.size, 5), dtype=torch.uint8)
        self.kinds = [(1, self.step)]

    def autocast(self):
        return torch.autocast("cpu", torch.bfloat16, enabled=self.mode == "bfloat16")

    def draw_slices(self):
        return self.slices[torch.randperm(len(self.slices))[: self.batch]]

    def draw_images(self):
        """A batch as generators see it, all five channels in [-1, 1]."""
        return from_images(self.draw_slices().float() / 127.5 - 1)

    def check(self):
        """Outputs and gradients for the inputs of the check, in float32."""
        raise NotImplementedError

    def step(self):
        """What is timed."""
        raise NotImplementedError
