"""The study's U-Net."""

import torch
from torch import nn
from torch.nn import functional as F

from segmentation import SegmentationTwin, z_scores
from twin import RATE, load_weights

CLIP_NORM = 12


class Block(nn.Module):
    def __init__(self, channels, out_channels, padding):
        super().__init__()
        layers = []
        for inner in (channels, out_channels):
            layers += [
                nn.Conv2d(inner, out_channels, 3, padding=padding),
                nn.LeakyReLU(0.01),
                nn.InstanceNorm2d(out_channels, affine=True),
            ]
        self.block = nn.Sequential(*layers)

    def forward(self, x):
        return self.block(x)


class UpBlock(nn.Module):
    def __init__(self, out_channels, padding):
        super().__init__()
        # The reference enlarges before the map of single pixels; the two commute, and this order is cheaper.
        self.up = nn.Sequential(nn.Identity(), nn.Conv2d(2 * out_channels, out_channels, 1))
        self.conv_block = Block(2 * out_channels, out_channels, padding)

    def forward(self, x, skip):
        x = enlarge(self.up(x), 2)
        return self.conv_block(torch.cat([x, crop(skip, x.shape[2:])], 1))


def enlarge(x, factor):
    return x if factor == 1 else F.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)


def crop(x, size):
    top, left = (x.shape[2] - size[0]) // 2, (x.shape[3] - size[1]) // 2
    return x[:, :, top : top + size[0], left : left + size[1]]


class UNet(nn.Module):
    def __init__(self, settings):
        super().__init__()
        depth, first = settings["depth"], settings["firstChannels"]
        padding = 1 if settings["padding"] == "same" else 0
        widths = [first * 2**level for level in range(depth)]
        inner = [settings["inChannels"], *widths]
        self.down_path = nn.ModuleList(Block(inner[i], widths[i], padding) for i in range(depth))
        decoder = widths[-2::-1]
        self.up_path = nn.ModuleList(UpBlock(width, padding) for width in decoder)
        heads = [nn.Conv2d(width, settings["classes"], 1, bias=False) for width in decoder]
        # In the reference all heads but the last are followed by an enlargement.
        self.output_layers = nn.ModuleList([*(nn.Sequential(head) for head in heads[:-1]), heads[-1]])

    def forward(self, x):
        skips = []
        for i, block in enumerate(self.down_path):
            x = block(x if i == 0 else F.max_pool2d(x, 2))
            skips.append(x)
        skips.pop()
        levels = []
        for i, (block, head) in enumerate(zip(self.up_path, self.output_layers)):
            x = block(x, skips.pop())
            levels.append(enlarge(head(x), 2 ** (len(self.up_path) - 1 - i)))
        size = levels[-1].shape[2:]
        return [crop(level, size) for level in reversed(levels)]


class StudyUNetTwin(SegmentationTwin):
    dice = {"background": True, "squared": False, "per_sample": False}

    def __init__(self, folder):
        super().__init__(folder)
        settings = self.settings["network"]
        self.network = load_weights(UNet(settings), self.folder / "network.safetensors")
        levels = settings["depth"] - 1
        raw = [0.0 if i == levels - 1 and levels > 1 else 0.5**i for i in range(levels)]
        self.weights = [weight / sum(raw) for weight in raw]
        self.optimizer = torch.optim.SGD(
            self.network.parameters(), lr=RATE, momentum=0.99, nesterov=True, weight_decay=3e-5, fused=True
        )

    def normalise(self, images):
        return z_scores(images)

    def update(self):
        nn.utils.clip_grad_norm_(self.network.parameters(), CLIP_NORM, foreach=True)
        self.optimizer.step()
