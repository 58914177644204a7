"""UPerNet on a Swin transformer, by the names of Hugging Face's transformers."""

import torch
from torch import nn
from torch.nn import functional as F

from segmentation import SegmentationTwin
from twin import RATE, load_weights

AUXILIARY_STAGE = 2
AUXILIARY_WEIGHT = 0.4
APART = -100.0  # added to the attention of tokens that only a cyclic shift brought together


class RelativePositionBias(nn.Module):
    def __init__(self, heads, side):
        super().__init__()
        self.relative_position_bias_table = nn.Parameter(torch.zeros((2 * side - 1) ** 2, heads))
        rows, columns = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
        offset = lambda x: x.flatten()[:, None] - x.flatten()[None] + side - 1
        self.places = (offset(rows) * (2 * side - 1) + offset(columns)).flatten()

    def forward(self, tokens):
        return self.relative_position_bias_table[self.places].view(tokens, tokens, -1).permute(2, 0, 1)


class Attention(nn.Module):
    def __init__(self, features, heads, side):
        super().__init__()
        self.heads = heads
        self.q_proj, self.k_proj, self.v_proj, self.o_proj = (nn.Linear(features, features) for _ in range(4))
        self.relative_position_bias = RelativePositionBias(heads, side)

    def forward(self, windows, mask):
        """windows: [N, windows, T, D]; mask: [windows, T, T] or None."""
        n, count, tokens, features = windows.shape
        split = lambda x: x.view(n, count, tokens, self.heads, -1).transpose(2, 3)
        query, key, value = (split(layer(windows)) for layer in (self.q_proj, self.k_proj, self.v_proj))
        bias = self.relative_position_bias(tokens)
        if mask is not None:
            bias = bias + mask[:, None]
        scores = query @ key.transpose(3, 4) * query.shape[-1] ** -0.5 + bias
        mixed = scores.softmax(-1).to(value.dtype) @ value
        return self.o_proj(mixed.transpose(2, 3).reshape(n, count, tokens, features))


class Mlp(nn.Module):
    def __init__(self, features, hidden):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(features, hidden), nn.Linear(hidden, features)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, features, heads, side, shift, ratio):
        super().__init__()
        self.side, self.shift = side, shift
        self.layernorm_before, self.layernorm_after = nn.LayerNorm(features), nn.LayerNorm(features)
        self.attention = Attention(features, heads, side)
        self.mlp = Mlp(features, int(ratio * features))
        self.masks = {}

    def forward(self, x):
        """x: [N, H, W, D]."""
        n, height, width, features = x.shape
        side, shift = self.side, self.shift
        down, across = -(-height // side), -(-width // side)
        h = F.pad(self.layernorm_before(x), (0, 0, 0, across * side - width, 0, down * side - height))
        h = torch.roll(h, (-shift, -shift), (1, 2)) if shift else h
        windows = h.view(n, down, side, across, side, features).transpose(2, 3)
        windows = self.attention(windows.reshape(n, down * across, side * side, features), self.mask(down, across))
        h = windows.view(n, down, across, side, side, features).transpose(2, 3)
        h = h.reshape(n, down * side, across * side, features)
        h = torch.roll(h, (shift, shift), (1, 2)) if shift else h
        x = x + h[:, :height, :width]
        return x + self.mlp(self.layernorm_after(x))

    def mask(self, down, across):
        if not self.shift:
            return None
        if (down, across) not in self.masks:
            side, shift = self.side, self.shift
            region = lambda size: torch.cat(
                [torch.zeros(size - side), torch.ones(side - shift), torch.full((shift,), 2.0)]
            )
            regions = 3 * region(down * side)[:, None] + region(across * side)[None]
            regions = regions.view(down, side, across, side).transpose(1, 2).reshape(-1, side * side)
            self.masks[down, across] = (regions[:, :, None] != regions[:, None]) * APART
        return self.masks[down, across]


class Merging(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.norm = nn.LayerNorm(4 * features)
        self.reduction = nn.Linear(4 * features, 2 * features, bias=False)

    def forward(self, x):
        x = F.pad(x, (0, 0, 0, x.shape[2] % 2, 0, x.shape[1] % 2))
        parts = [x[:, row::2, column::2] for column in (0, 1) for row in (0, 1)]
        return self.reduction(self.norm(torch.cat(parts, -1)))


class Stage(nn.Module):
    def __init__(self, config, index, last):
        super().__init__()
        features, side = config["embedding"] * 2**index, config["windowSize"]
        self.blocks = nn.ModuleList(
            Block(features, config["heads"][index], side, side // 2 if i % 2 else 0, config["mlpRatio"])
            for i in range(config["depths"][index])
        )
        self.downsample = None if last else Merging(features)


class Swin(nn.Module):
    def __init__(self, config):
        super().__init__()
        patch = nn.Conv2d(config["inChannels"], config["embedding"], config["patchSize"], config["patchSize"])
        self.embeddings = nn.ModuleDict(
            {
                "patch_embeddings": nn.ModuleDict({"projection": patch}),
                "norm": nn.LayerNorm(config["embedding"]),
            }
        )
        count = len(config["depths"])
        stages = nn.ModuleList(Stage(config, i, i == count - 1) for i in range(count))
        self.encoder = nn.ModuleDict({"layers": stages})

    def forward(self, image):
        patches = self.embeddings["patch_embeddings"]["projection"](image)
        x = self.embeddings["norm"](patches.permute(0, 2, 3, 1))
        for stage in self.encoder["layers"]:
            for block in stage.blocks:
                x = block(x)
            yield x
            if stage.downsample is not None:
                x = stage.downsample(x)


class ConvNorm(nn.Module):
    def __init__(self, channels, out_channels, kernel):
        super().__init__()
        self.conv = nn.Conv2d(channels, out_channels, kernel, padding=kernel // 2, bias=False)
        self.batch_norm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        return F.relu(self.batch_norm(self.conv(x)))


def resize(x, size):
    return F.interpolate(x, size=tuple(size), mode="bilinear", align_corners=False)


class Decoder(nn.Module):
    def __init__(self, widths, config):
        super().__init__()
        channels, scales = config["headChannels"], config["poolScales"]
        self.psp_modules = nn.ModuleList(
            nn.Sequential(nn.AdaptiveAvgPool2d(scale), ConvNorm(widths[-1], channels, 1)) for scale in scales
        )
        self.bottleneck = ConvNorm(widths[-1] + len(scales) * channels, channels, 3)
        self.lateral_convs = nn.ModuleList(ConvNorm(width, channels, 1) for width in widths[:-1])
        self.fpn_convs = nn.ModuleList(ConvNorm(channels, channels, 3) for _ in widths[:-1])
        self.fpn_bottleneck = ConvNorm(len(widths) * channels, channels, 3)
        self.classifier = nn.Conv2d(channels, config["classes"], 1)

    def forward(self, features):
        last = features[-1]
        pooled = [resize(module(last), last.shape[2:]) for module in self.psp_modules]
        above = self.bottleneck(torch.cat([last, *pooled], 1))
        maps = [above]
        for stage in reversed(range(len(features) - 1)):
            lateral = self.lateral_convs[stage](features[stage])
            above = lateral + resize(above, lateral.shape[2:])
            maps.insert(0, self.fpn_convs[stage](above))
        size = maps[0].shape[2:]
        return self.classifier(self.fpn_bottleneck(torch.cat([resize(x, size) for x in maps], 1)))


class UPerNetSwin(nn.Module):
    def __init__(self, config):
        super().__init__()
        swin = config["backbone"]
        widths = [swin["embedding"] * 2**i for i in range(len(swin["depths"]))]
        norms = {f"stage{i + 1}": nn.LayerNorm(width) for i, width in enumerate(widths)}
        self.backbone = nn.ModuleDict({"swin": Swin(swin), "hidden_states_norms": nn.ModuleDict(norms)})
        self.decode_head = Decoder(widths, config)
        auxiliary = config["auxiliaryChannels"]
        self.auxiliary_head = nn.ModuleDict(
            {
                "convs": nn.ModuleList([ConvNorm(widths[AUXILIARY_STAGE], auxiliary, 3)]),
                "classifier": nn.Conv2d(auxiliary, config["classes"], 1),
            }
        )

    def forward(self, image):
        norms = self.backbone["hidden_states_norms"].values()
        stages = self.backbone["swin"](image)
        features = [norm(x).permute(0, 3, 1, 2) for norm, x in zip(norms, stages)]
        auxiliary = self.auxiliary_head["convs"][0](features[AUXILIARY_STAGE])
        logits = (self.decode_head(features), self.auxiliary_head["classifier"](auxiliary))
        return [resize(x, image.shape[2:]) for x in logits]


class UPerNetSwinTwin(SegmentationTwin):
    dice = {"background": False, "squared": True, "per_sample": True}
    weights = (1.0, AUXILIARY_WEIGHT)

    def __init__(self, folder):
        super().__init__(folder)
        self.network = load_weights(UPerNetSwin(self.settings["network"]), self.folder / "network.safetensors")
        exempt = lambda name: "norm" in name or "bias_table" in name
        named = list(self.network.named_parameters())
        groups = [
            {"params": [p for name, p in named if not exempt(name)], "weight_decay": 0.01},
            {"params": [p for name, p in named if exempt(name)], "weight_decay": 0.0},
        ]
        self.optimizer = torch.optim.AdamW(groups, lr=RATE, fused=True)
