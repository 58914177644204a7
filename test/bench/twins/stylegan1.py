"""StyleGAN 1, by the names of GenForce's port, at full size: R1 in every step."""

import torch
from torch import nn
from torch.nn import functional as F

from gan import STYLE_MIXING, GanTwin, StyleGenerator
from growing import (
    FIRST_SIZE,
    SQRT2,
    Conv,
    Dense,
    DownConv,
    GrowingDiscriminator,
    UpConv,
    channels_at,
    rectify,
    sizes_of,
)

TAPS = torch.tensor([1.0, 2.0, 1.0]) / 4
FILTER = torch.outer(TAPS, TAPS)
FUSED_FROM = 128  # from this size on the reference keeps kernels that enlarge as transposed ones


def blur(x):
    channels = x.shape[1]
    return F.conv2d(x, FILTER.to(x.dtype).expand(channels, 1, 3, 3), padding=1, groups=channels)


class Truncation(nn.Module):
    """The mean style, which moves with the training."""

    def __init__(self, size, decay):
        super().__init__()
        self.register_buffer("w_avg", torch.zeros(size))
        self.decay = decay

    def observe(self, w):
        self.w_avg.copy_(w.detach().float().mean(0).lerp(self.w_avg, self.decay))


class Mapping(nn.Module):
    """`observe` is told of styles from which running means shall learn."""

    def __init__(self, settings, styles, observe):
        super().__init__()
        self.settings, self.styles, self.observe = settings, styles, observe
        sizes = [settings["latentSize"]] + [settings["styleSize"]] * settings["layers"]
        for i, (inner, outer) in enumerate(zip(sizes, sizes[1:])):
            setattr(self, f"dense{i}", Dense(inner, outer, SQRT2, settings["learningRateMultiplier"]))

    def forward(self, z, update_averages=False):
        w = z * (z.square().mean(1, keepdim=True) + 1e-8).rsqrt()
        for i in range(self.settings["layers"]):
            w = rectify(getattr(self, f"dense{i}")(w))
        if update_averages:
            self.observe(w)
        return w[:, None].expand(-1, self.styles, -1)


class Noise(nn.Module):
    def __init__(self, channels, size):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(channels))
        self.register_buffer("noise", torch.zeros(1, 1, size, size))

    def forward(self, samples, constant):
        noise = self.noise if constant else torch.randn(samples, *self.noise.shape[1:])
        return noise * self.weight[:, None, None]


class Styled:
    """What follows a convolution or constant: noise, bias, rectifier, instance norm, style. Has a `bias`."""

    def declare_style(self, out_channels, size, style_size):
        self.apply_noise = Noise(out_channels, size)
        self.style = Dense(style_size, 2 * out_channels)

    def restyle(self, x, w, constant_noise):
        added = self.apply_noise(len(w), constant_noise) + self.bias[:, None, None]
        x = F.instance_norm(rectify(x + added.to(x.dtype)), eps=1e-8)
        scale, shift = self.style(w)[:, :, None, None].to(x.dtype).chunk(2, 1)
        return torch.addcmul(shift, x, scale + 1)


class StyledConstant(Styled, nn.Module):
    def __init__(self, channels, style_size):
        super().__init__()
        self.const = nn.Parameter(torch.zeros(1, channels, FIRST_SIZE, FIRST_SIZE))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.declare_style(channels, FIRST_SIZE, style_size)

    def forward(self, _, w, constant_noise):
        x = self.const.expand(len(w), -1, -1, -1).contiguous(memory_format=torch.channels_last)
        return self.restyle(x, w, constant_noise)


class StyledConv(Styled, Conv):
    def __init__(self, channels, size, style_size):
        super().__init__(channels, channels, 3)
        self.declare_style(channels, size, style_size)

    def forward(self, x, w, constant_noise):
        return self.restyle(self.convolve(x), w, constant_noise)


class StyledUpConv(Styled, UpConv):
    def __init__(self, channels, out_channels, size, style_size):
        super().__init__(channels, out_channels, "outward" if size >= FUSED_FROM else "plain")
        self.declare_style(out_channels, size, style_size)

    def forward(self, x, w, constant_noise):
        return self.restyle(blur(self.convolve(x)), w, constant_noise)


class Synthesis(nn.Module):
    def __init__(self, settings):
        super().__init__()
        self.sizes = sizes_of(settings)
        style_size = settings["mapping"]["styleSize"]
        for i, size in enumerate(self.sizes):
            width = channels_at(settings, size)
            if size == FIRST_SIZE:
                self.layer0 = StyledConstant(width, style_size)
            else:
                before = channels_at(settings, size // 2)
                setattr(self, f"layer{2 * i}", StyledUpConv(before, width, size, style_size))
            setattr(self, f"layer{2 * i + 1}", StyledConv(width, size, style_size))
            setattr(self, f"output{i}", Conv(width, settings["imageChannels"], 1, gain=1.0))

    def forward(self, w, constant_noise=False):
        x = None
        for i in range(2 * len(self.sizes)):
            x = getattr(self, f"layer{i}")(x, w[:, i], constant_noise)
        return getattr(self, f"output{len(self.sizes) - 1}")(x)


class Generator(StyleGenerator):
    def __init__(self, settings):
        super().__init__()
        mapping = settings["mapping"]
        self.latent_size = mapping["latentSize"]
        self.synthesis = Synthesis(settings)
        self.styles = 2 * len(self.synthesis.sizes)
        self.truncation = Truncation(mapping["styleSize"], mapping["meanDecay"])
        # The mean style is the truncation's in files, and moves with what the mapping gives.
        self.mapping = Mapping(mapping, self.styles, self.truncation.observe)


class BlurredDownConv(DownConv):
    def forward(self, x):
        return rectify(super().forward(blur(x)))


class Discriminator(GrowingDiscriminator):
    def halving(self, channels, out_channels):
        return BlurredDownConv(channels, out_channels)


class Stylegan1Twin(GanTwin):
    networks = (Generator, Discriminator)
    gamma = 10.0
    r1_every = 1
    mixing = STYLE_MIXING
