"""StyleGAN 2, by the names of NVlabs' stylegan3, in full precision: generator "skip", discriminator "resnet"."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from gan import STYLE_MIXING, GanTwin, StyleGenerator, minibatch_stddev

SQRT2 = math.sqrt(2)
TAPS = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
FILTER = torch.outer(TAPS, TAPS)


def low_pass(x, gain, stride=1, padding=0):
    """Each channel through the filter."""
    channels = x.shape[1]
    kernel = (gain * FILTER).to(x.dtype).expand(channels, 1, 4, 4)
    return F.conv2d(x, kernel, stride=stride, padding=padding, groups=channels)


def enlarge(x):
    """Twice the size by the filter."""
    channels = x.shape[1]
    return F.conv_transpose2d(
        x, (4 * FILTER).to(x.dtype).expand(channels, 1, 4, 4), stride=2, padding=1, groups=channels
    )


def rectify(x, gain=1.0):
    return F.leaky_relu(x, 0.2) * (SQRT2 * gain)


class Linear(nn.Module):
    def __init__(self, features, out_features, multiplier=1.0, bias=0.0):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(out_features, features))
        self.bias = nn.Parameter(torch.full((out_features,), bias))
        self.gain, self.multiplier = multiplier / math.sqrt(features), multiplier

    def forward(self, x):
        return F.linear(x, self.weight * self.gain, self.bias * self.multiplier)


class Mapping(nn.Module):
    def __init__(self, settings, styles):
        super().__init__()
        self.settings, self.styles = settings, styles
        sizes = [settings["latentSize"]] + [settings["styleSize"]] * settings["layers"]
        for i, (inner, outer) in enumerate(zip(sizes, sizes[1:])):
            setattr(self, f"fc{i}", Linear(inner, outer, settings["learningRateMultiplier"]))
        self.register_buffer("w_avg", torch.zeros(settings["styleSize"]))

    def forward(self, z, update_averages=False):
        w = z * (z.square().mean(1, keepdim=True) + 1e-8).rsqrt()
        for i in range(self.settings["layers"]):
            w = rectify(getattr(self, f"fc{i}")(w))
        if update_averages:
            self.w_avg.copy_(w.detach().float().mean(0).lerp(self.w_avg, self.settings["meanDecay"]))
        return w[:, None].expand(-1, self.styles, -1)


class StyledConv(nn.Module):
    def __init__(self, channels, out_channels, style_size, size, up):
        super().__init__()
        self.size, self.up = size, up
        self.affine = Linear(style_size, channels, bias=1.0)
        self.weight = nn.Parameter(torch.zeros(out_channels, channels, 3, 3))
        self.bias = nn.Parameter(torch.zeros(out_channels))
        self.noise_strength = nn.Parameter(torch.zeros(()))
        self.register_buffer("noise_const", torch.zeros(size, size))

    def forward(self, x, w, constant_noise):
        style = self.affine(w)
        demodulation = (style.square() @ self.weight.square().sum((2, 3)).t() + 1e-8).rsqrt()
        x = x * style[:, :, None, None].to(x.dtype)
        if self.up:
            x = F.conv_transpose2d(x, self.weight.transpose(0, 1), stride=2)
            x = low_pass(x, 4.0, padding=1)
        else:
            x = F.conv2d(x, self.weight, padding=1)
        noise = self.noise_const if constant_noise else torch.randn(len(x), 1, self.size, self.size)
        x = x * demodulation[:, :, None, None].to(x.dtype) + (noise * self.noise_strength).to(x.dtype)
        return rectify(x + self.bias[:, None, None].to(x.dtype))


class ToImage(nn.Module):
    def __init__(self, channels, image_channels, style_size):
        super().__init__()
        self.affine = Linear(style_size, channels, bias=1.0)
        self.weight = nn.Parameter(torch.zeros(image_channels, channels, 1, 1))
        self.bias = nn.Parameter(torch.zeros(image_channels))
        self.gain = 1 / math.sqrt(channels)

    def forward(self, x, w):
        style = self.affine(w) * self.gain
        return F.conv2d(x * style[:, :, None, None].to(x.dtype), self.weight, self.bias)


class SynthesisBlock(nn.Module):
    def __init__(self, size, channels, out_channels, settings):
        super().__init__()
        style_size = settings["mapping"]["styleSize"]
        self.first = size == 4
        if self.first:
            self.const = nn.Parameter(torch.zeros(out_channels, size, size))
        else:
            self.conv0 = StyledConv(channels, out_channels, style_size, size, up=True)
        self.conv1 = StyledConv(out_channels, out_channels, style_size, size, up=False)
        self.torgb = ToImage(out_channels, settings["imageChannels"], style_size)

    def forward(self, x, image, styles, constant_noise):
        if self.first:
            x = self.const[None].expand(styles.shape[0], -1, -1, -1).contiguous(memory_format=torch.channels_last)
        else:
            x = self.conv0(x, styles[:, 0], constant_noise)
        x = self.conv1(x, styles[:, -2], constant_noise)
        own = self.torgb(x, styles[:, -1])
        return x, own if image is None else enlarge(image) + own


def pyramid(settings):
    """Channels at each resolution, the coarsest first."""
    sizes = [2**i for i in range(2, int(math.log2(settings["resolution"])) + 1)]
    return {size: min(settings["channelBase"] // size, settings["channelMax"]) for size in sizes}


class Synthesis(nn.Module):
    def __init__(self, settings):
        super().__init__()
        widths = pyramid(settings)
        for size, width in widths.items():
            setattr(self, f"b{size}", SynthesisBlock(size, widths.get(size // 2), width, settings))
        self.sizes = list(widths)

    def forward(self, w, constant_noise=False):
        x = image = None
        taken = 0
        for size in self.sizes:
            count = 2 if size == 4 else 3  # the image takes the style of the next block's first layer
            x, image = getattr(self, f"b{size}")(x, image, w[:, taken : taken + count], constant_noise)
            taken += count - 1
        return image


class Generator(StyleGenerator):
    def __init__(self, settings):
        super().__init__()
        self.latent_size = settings["mapping"]["latentSize"]
        self.synthesis = Synthesis(settings)
        self.styles = 2 * len(self.synthesis.sizes)
        self.mapping = Mapping(settings["mapping"], self.styles)


class Conv(nn.Module):
    """Convolution of the discriminator; `down` filters, then takes every other pixel."""

    def __init__(self, channels, out_channels, kernel, down=False, activate=True, gain=1.0):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(out_channels, channels, kernel, kernel))
        if activate:
            self.bias = nn.Parameter(torch.zeros(out_channels))
        self.kernel, self.down, self.activate, self.gain = kernel, down, activate, gain
        self.scale = 1 / math.sqrt(channels * kernel**2)

    def forward(self, x):
        weight, bias = self.weight * self.scale, self.bias if self.activate else None
        if not self.down:
            x = F.conv2d(x, weight, bias, padding=self.kernel // 2)
        elif self.kernel == 1:
            x = F.conv2d(low_pass(x, 1.0, stride=2, padding=1), weight, bias)
        else:
            x = F.conv2d(low_pass(x, 1.0, padding=2), weight, bias, stride=2)
        return rectify(x, self.gain) if self.activate else x * self.gain


class DiscriminatorBlock(nn.Module):
    def __init__(self, channels, out_channels, image_channels=None):
        super().__init__()
        half = math.sqrt(0.5)
        self.fromrgb = Conv(image_channels, channels, 1) if image_channels else nn.Identity()
        self.conv0 = Conv(channels, channels, 3)
        self.conv1 = Conv(channels, out_channels, 3, down=True, gain=half)
        self.skip = Conv(channels, out_channels, 1, down=True, activate=False, gain=half)

    def forward(self, x):
        x = self.fromrgb(x)
        return self.skip(x) + self.conv1(self.conv0(x))


class Epilogue(nn.Module):
    def __init__(self, channels, group):
        super().__init__()
        self.group = group
        self.conv = Conv(channels + 1, channels, 3)
        self.fc = Linear(channels * 16, channels)
        self.out = Linear(channels, 1)

    def forward(self, x):
        x = self.conv(minibatch_stddev(x, self.group))
        return self.out(rectify(self.fc(x.flatten(1)))).float()


class Discriminator(nn.Module):
    def __init__(self, settings):
        super().__init__()
        widths = pyramid(settings)
        self.sizes = sorted(widths, reverse=True)
        for size in self.sizes[:-1]:
            image_channels = settings["imageChannels"] if size == self.sizes[0] else None
            setattr(self, f"b{size}", DiscriminatorBlock(widths[size], widths[size // 2], image_channels))
        self.b4 = Epilogue(widths[4], settings["minibatchStddev"]["groupSize"])

    def forward(self, x):
        for size in self.sizes:
            x = getattr(self, f"b{size}")(x)
        return x


class Stylegan2Twin(GanTwin):
    networks = (Generator, Discriminator)
    path_every = 4
    mixing = STYLE_MIXING
