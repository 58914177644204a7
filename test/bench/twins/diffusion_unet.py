"""The U-Net of guided-diffusion, its training step and its sampling by DDIM."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from twin import RATE, Average, Twin, gradients_of, load_weights, read_inputs, to_images

STEPS = 1000
DDIM_STEPS = 10


def timestep_embedding(timesteps, size):
    half = size // 2
    frequencies = torch.exp(-math.log(10000) * torch.arange(half, dtype=torch.float32) / half)
    angles = timesteps[:, None].float() * frequencies[None]
    return torch.cat([angles.cos(), angles.sin()], 1)


class ResBlock(nn.Module):
    def __init__(self, channels, out_channels, settings):
        super().__init__()
        groups, self.scale_shift = settings["normGroups"], settings["scaleShiftNorm"]
        features = 2 * out_channels if self.scale_shift else out_channels
        conv = lambda inner: nn.Conv2d(inner, out_channels, 3, padding=1)
        self.in_layers = nn.Sequential(nn.GroupNorm(groups, channels), nn.SiLU(), conv(channels))
        self.emb_layers = nn.Sequential(nn.Identity(), nn.Linear(4 * settings["baseChannels"], features))
        self.out_layers = nn.Sequential(
            nn.GroupNorm(groups, out_channels), nn.SiLU(), nn.Identity(), conv(out_channels)
        )
        same = channels == out_channels
        self.skip_connection = nn.Identity() if same else nn.Conv2d(channels, out_channels, 1)

    def forward(self, x, active):
        h = self.in_layers(x)
        time = self.emb_layers(active)[:, :, None, None]
        if self.scale_shift:
            scale, shift = time.chunk(2, 1)
            h = self.out_layers[1:](self.out_layers[0](h) * (1 + scale) + shift)
        else:
            h = self.out_layers(h + time)
        return self.skip_connection(x) + h


class Attention(nn.Module):
    def __init__(self, channels, settings):
        super().__init__()
        self.heads = settings["heads"]
        self.norm = nn.GroupNorm(settings["normGroups"], channels)
        self.qkv = nn.Conv1d(channels, 3 * channels, 1)
        self.proj_out = nn.Conv1d(channels, channels, 1)

    def forward(self, x, _):
        n, c, h, w = x.shape
        tokens = self.norm(x).permute(0, 2, 3, 1).reshape(n, h * w, c)
        # Channels lie by head, then query, key and value.
        qkv = F.linear(tokens, self.qkv.weight.squeeze(2), self.qkv.bias)
        query, key, value = qkv.reshape(n, h * w, self.heads, -1).transpose(1, 2).chunk(3, 3)
        mixed = F.scaled_dot_product_attention(query, key, value).transpose(1, 2).reshape(n, h * w, c)
        out = F.linear(mixed, self.proj_out.weight.squeeze(2), self.proj_out.bias)
        return x + out.reshape(n, h, w, c).permute(0, 3, 1, 2)


class Downsample(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.op = nn.Conv2d(channels, channels, 3, stride=2, padding=1)

    def forward(self, x, _):
        return self.op(x)


class Upsample(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x, _):
        return self.conv(F.interpolate(x, scale_factor=2, mode="nearest"))


class Input(nn.Conv2d):
    def forward(self, x, _):
        return super().forward(x)


class UNetModel(nn.Module):
    def __init__(self, settings):
        super().__init__()
        self.base = base = settings["baseChannels"]
        multipliers, blocks = settings["channelMultipliers"], settings["blocksPerLevel"]
        self.time_embed = nn.Sequential(nn.Linear(base, 4 * base), nn.SiLU(), nn.Linear(4 * base, 4 * base))
        stage = lambda *parts: nn.ModuleList(parts)
        attends = lambda level: 2**level in settings["attentionFactors"]
        self.input_blocks = nn.ModuleList([stage(Input(settings["imageChannels"], base, 3, padding=1))])
        channels, skips = base, [base]
        for level, multiplier in enumerate(multipliers):
            for _ in range(blocks):
                block = ResBlock(channels, multiplier * base, settings)
                channels = multiplier * base
                attention = [Attention(channels, settings)] if attends(level) else []
                self.input_blocks.append(stage(block, *attention))
                skips.append(channels)
            if level < len(multipliers) - 1:
                self.input_blocks.append(stage(Downsample(channels)))
                skips.append(channels)
        middle = lambda: ResBlock(channels, channels, settings)
        self.middle_block = stage(middle(), Attention(channels, settings), middle())
        self.output_blocks = nn.ModuleList()
        for level in reversed(range(len(multipliers))):
            for i in range(blocks + 1):
                parts = [ResBlock(channels + skips.pop(), multipliers[level] * base, settings)]
                channels = multipliers[level] * base
                if attends(level):
                    parts.append(Attention(channels, settings))
                if level > 0 and i == blocks:
                    parts.append(Upsample(channels))
                self.output_blocks.append(stage(*parts))
        self.out = nn.Sequential(
            nn.GroupNorm(settings["normGroups"], channels),
            nn.SiLU(),
            nn.Conv2d(channels, settings["outChannels"], 3, padding=1),
        )

    def forward(self, x, timesteps):
        active = F.silu(self.time_embed(timestep_embedding(timesteps, self.base)))
        skips = []
        for stage in self.input_blocks:
            for part in stage:
                x = part(x, active)
            skips.append(x)
        for part in self.middle_block:
            x = part(x, active)
        for stage in self.output_blocks:
            x = torch.cat([x, skips.pop()], 1)
            for part in stage:
                x = part(x, active)
        return self.out(x)


def linear_schedule():
    """Cumulative products of 1 - beta, the study's schedule."""
    return torch.cumprod(1 - torch.linspace(1e-4, 0.02, STEPS, dtype=torch.float64), 0).float()


class DiffusionTwin(Twin):
    def __init__(self, folder):
        super().__init__(folder)
        self.network = load_weights(UNetModel(self.settings["network"]), self.folder / "network.safetensors")
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=RATE, fused=True)
        self.average = Average(self.network)
        self.abar = linear_schedule()
        if self.case["work"] == "sample":
            self.kinds = [(1, self.sample)]

    def check(self):
        inputs = read_inputs(self.folder)
        predicted = self.network(inputs["images"], inputs["timesteps"])
        loss = (predicted - inputs["wanted"]).square().mean()
        return {"predicted": to_images(predicted), **gradients_of(loss, self.network, "network")}

    def step(self):
        images = self.draw_images()
        timesteps = torch.randint(0, STEPS, (self.batch,))
        abar = self.abar[timesteps][:, None, None, None]
        noise = torch.randn_like(images)
        with self.autocast():
            predicted = self.network(abar.sqrt() * images + (1 - abar).sqrt() * noise, timesteps)
        loss = (predicted.float() - noise).square().mean()
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        self.average.update()
        return loss.item()

    @torch.inference_mode()
    def sample(self):
        x = torch.randn(self.batch, 5, self.size, self.size).to(memory_format=torch.channels_last)
        steps = torch.arange(0, STEPS, STEPS // DDIM_STEPS)
        abar = self.abar[steps]
        for i in reversed(range(DDIM_STEPS)):
            with self.autocast():
                eps = self.network(x, steps[i].expand(self.batch)).float()
            x0 = ((x - (1 - abar[i]).sqrt() * eps) / abar[i].sqrt()).clamp(-1, 1)
            eps = (x - abar[i].sqrt() * x0) / (1 - abar[i]).sqrt()
            before = abar[i - 1] if i > 0 else torch.ones(())
            x = before.sqrt() * x0 + (1 - before).sqrt() * eps
        return ((x + 1) * 127.5).clamp(0, 255).to(torch.uint8)
