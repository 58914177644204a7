"""What progressive GAN and StyleGAN 1 share, by the names of GenForce's ports; grown to full size, nothing fades."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from gan import minibatch_stddev

SQRT2 = math.sqrt(2)
FIRST_SIZE = 4


def rectify(x):
    return F.leaky_relu(x, 0.2)


def channels_at(settings, size):
    return min(settings["channelBase"] // size, settings["channelMax"])


def sizes_of(settings):
    """Resolutions, the coarsest first."""
    return [2**i for i in range(2, int(math.log2(settings["resolution"])) + 1)]


def doubled(kernel):
    """A kernel of side 3 and the three neighbours of it, added: of side 4."""
    k = F.pad(kernel, (1, 1, 1, 1))
    return k[..., 1:, 1:] + k[..., :-1, 1:] + k[..., 1:, :-1] + k[..., :-1, :-1]


class Dense(nn.Module):
    """Weights are stored at unit variance and scaled when used, as in all layers here."""

    def __init__(self, features, out_features, gain=1.0, multiplier=1.0):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(out_features, features))
        self.bias = nn.Parameter(torch.zeros(out_features))
        self.scale, self.multiplier = gain * multiplier / math.sqrt(features), multiplier

    def forward(self, x):
        return F.linear(x, self.weight * self.scale, self.bias * self.multiplier)


class Conv(nn.Module):
    def __init__(self, channels, out_channels, kernel, gain=SQRT2):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(out_channels, channels, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(out_channels))
        self.scale, self.padding = gain / math.sqrt(channels * kernel**2), kernel // 2

    def convolve(self, x, bias=None):
        return F.conv2d(x, self.weight * self.scale, bias, padding=self.padding)

    def forward(self, x):
        return self.convolve(x, self.bias)


class DownConv(Conv):
    """With the mean over 2 x 2 pixels after it, as one convolution."""

    def __init__(self, channels, out_channels):
        super().__init__(channels, out_channels, 3)

    def convolve(self, x, bias=None):
        return F.conv2d(x, doubled(self.weight * (self.scale / 4)), bias, stride=2, padding=1)


class UpConv(Conv):
    """
    With every pixel repeated before it, as one transposed convolution. `stored` says how the reference keeps the
    kernel: "turned" as a transposed convolution has it, "outward" the same with the output channels first, "plain"
    as the convolution of an image that is enlarged already.
    """

    def __init__(self, channels, out_channels, stored):
        super().__init__(channels, out_channels, 3)
        self.stored = stored
        if stored == "turned":
            self.weight = nn.Parameter(torch.zeros(channels, out_channels, 3, 3))

    def convolve(self, x, bias=None):
        kernel = self.weight * self.scale
        if self.stored != "turned":
            kernel = kernel.transpose(0, 1)
        if self.stored == "plain":
            kernel = kernel.flip(2, 3)
        return F.conv_transpose2d(x, doubled(kernel), bias, stride=2, padding=1)


class GrowingDiscriminator(nn.Module):
    """Subclasses say how the second convolution of a size halves it: `halving(channels, out_channels)`."""

    def __init__(self, settings):
        super().__init__()
        self.sizes = sizes_of(settings)[::-1]
        self.group = settings["minibatchStddevGroup"]
        for i, size in enumerate(self.sizes):
            width = channels_at(settings, size)
            setattr(self, f"input{i}", Conv(settings["imageChannels"], width, 1))
            if size > FIRST_SIZE:
                setattr(self, f"layer{2 * i}", Conv(width, width, 3))
                setattr(self, f"layer{2 * i + 1}", self.halving(width, channels_at(settings, size // 2)))
                continue
            features = channels_at(settings, size // 2)
            setattr(self, f"layer{2 * i}", Conv(width + (self.group > 1), width, 3))
            setattr(self, f"layer{2 * i + 1}", Dense(width * size**2, features, SQRT2))
            setattr(self, f"layer{2 * i + 2}", Dense(features, 1))

    def halving(self, channels, out_channels):
        raise NotImplementedError

    def forward(self, x):
        layer = lambda i: getattr(self, f"layer{i}")
        x = rectify(self.input0(x))
        last = len(self.sizes) - 1
        for i in range(last):
            x = layer(2 * i + 1)(rectify(layer(2 * i)(x)))
        x = rectify(layer(2 * last)(minibatch_stddev(x, self.group) if self.group > 1 else x))
        return layer(2 * last + 2)(rectify(layer(2 * last + 1)(x.flatten(1)))).float()
