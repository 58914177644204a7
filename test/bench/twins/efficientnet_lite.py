"""EfficientNet-Lite0 for features of images, with TensorFlow's padding."""

import torch
from torch import nn
from torch.nn import functional as F

from twin import Twin, from_images, load_weights, read_inputs

# Blocks, side of the kernel, stride of the first block, expansion, channels.
STAGES = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320))
EPSILON = 1e-3
SIDE = 224


def norm(channels):
    return nn.BatchNorm2d(channels, eps=EPSILON)


def conv(channels, out_channels, kernel, stride=1, groups=1):
    return nn.Conv2d(channels, out_channels, kernel, stride, bias=False, groups=groups)


def padded(layer, x):
    """Zeros as TensorFlow's "same" has them: the odd one at the right and the bottom."""
    kernel, stride = layer.kernel_size[0], layer.stride[0]
    missing = lambda size: max((-(-size // stride) - 1) * stride + kernel - size, 0)
    tall, wide = missing(x.shape[2]), missing(x.shape[3])
    return layer(F.pad(x, (wide // 2, wide - wide // 2, tall // 2, tall - tall // 2)))


class Block(nn.Module):
    def __init__(self, channels, out_channels, kernel, stride, expansion):
        super().__init__()
        width = expansion * channels
        if expansion > 1:
            self._expand_conv, self._bn0 = conv(channels, width, 1), norm(width)
        self._depthwise_conv, self._bn1 = conv(width, width, kernel, stride, groups=width), norm(width)
        self._project_conv, self._bn2 = conv(width, out_channels, 1), norm(out_channels)
        self.expands, self.adds = expansion > 1, stride == 1 and channels == out_channels

    def forward(self, x):
        y = F.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        y = F.relu6(self._bn1(padded(self._depthwise_conv, y)))
        y = self._bn2(self._project_conv(y))
        return x + y if self.adds else y


class EfficientNetLite0(nn.Module):
    def __init__(self):
        super().__init__()
        self._conv_stem, self._bn0 = conv(3, 32, 3, 2), norm(32)
        blocks, channels = [], 32
        for count, kernel, stride, expansion, out_channels in STAGES:
            for i in range(count):
                blocks.append(Block(channels, out_channels, kernel, stride if i == 0 else 1, expansion))
                channels = out_channels
        self._blocks = nn.Sequential(*blocks)
        self._conv_head, self._bn1 = conv(channels, 1280, 1), norm(1280)

    def forward(self, x):
        x = self._blocks(F.relu6(self._bn0(padded(self._conv_stem, x))))
        return F.relu6(self._bn1(self._conv_head(x))).mean((2, 3))


class EfficientNetTwin(Twin):
    def __init__(self, folder):
        super().__init__(folder)
        network = EfficientNetLite0().eval()
        # Counters of batches are not among the weights; nothing is computed with them.
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.num_batches_tracked = None
        self.network = load_weights(network, self.folder / "network.safetensors")

    @torch.inference_mode()
    def check(self):
        return {"features": self.network(read_inputs(self.folder)["images"])}

    @torch.inference_mode()
    def step(self):
        grey = from_images(self.slices[: self.batch, :, :, 1:2].float())
        images = F.interpolate(grey, size=(SIDE, SIDE), mode="bilinear", align_corners=False)
        images = ((images - 127) / 128).expand(-1, 3, -1, -1).to(memory_format=torch.channels_last)
        with self.autocast():
            return self.network(images).float().numpy()
