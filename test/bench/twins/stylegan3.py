"""StyleGAN 3, configuration T, by the names of NVlabs' stylegan3, against StyleGAN 2's discriminator."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from gan import GanTwin, StyleGenerator
from stylegan2 import SQRT2, Discriminator, Linear, Mapping


def plan_signals(settings):
    """Channels, size in pixels, sampling rate and cutoff of the signal after each layer; the last is the image."""
    layers, resolution = settings["layers"], settings["resolution"]
    last_cutoff = resolution / 2
    last_stopband = last_cutoff * settings["lastStopbandRatio"]
    signals = []
    for i in range(layers + 1):
        share = min(i / (layers - settings["criticalLayers"]), 1)
        cutoff = settings["firstCutoff"] * (last_cutoff / settings["firstCutoff"]) ** share
        stopband = settings["firstStopband"] * (last_stopband / settings["firstStopband"]) ** share
        rate = 2 ** math.ceil(math.log2(min(2 * stopband, resolution)))
        channels = round(min(settings["channelBase"] / 2 / cutoff, settings["channelMax"]))
        signals.append(
            {
                "channels": settings["imageChannels"] if i == layers else channels,
                "size": resolution if i >= layers - 1 else rate + 2 * settings["margin"],
                "rate": rate,
                "cutoff": cutoff,
            }
        )
    return signals


class FilteredRectifier(nn.Module):
    """
    Zeros between pixels and a low-pass filter, leaky rectifier, another filter and every other pixel: filters are
    depthwise convolutions along one axis after the other. In float32 always, where these are fastest.
    """

    def __init__(self, settings, before, after, size):
        super().__init__()
        rate = max(before["rate"], after["rate"]) * settings["rectifierUpsampling"]
        self.up, self.down = rate // before["rate"], rate // after["rate"]
        self.up_taps, self.down_taps = (settings["filterSize"] * factor for factor in (self.up, self.down))
        # Of the enlarged image, what the second filter reads: the middle, to half a pixel.
        self.inner = (after["size"] - 1) * self.down + self.down_taps
        padding = self.inner - size * self.up + self.up_taps - 1
        self.start = self.up_taps - 1 - (padding + self.up) // 2
        self.clamp = settings["convClamp"]

    def forward(self, x, up_filter, down_filter):
        with torch.autocast("cpu", enabled=False):
            x, channels = x.float(), x.shape[1]
            along = lambda taps: (taps.view(1, 1, -1, 1).expand(channels, -1, -1, -1), taps.view(1, 1, 1, -1).expand(channels, -1, -1, -1))
            # The zeros lower the mean; the rectifier's gain is taken with it.
            rows, columns = along(up_filter * (self.up * SQRT2**0.5))
            x = F.conv_transpose2d(x, rows, stride=(self.up, 1), groups=channels)
            x = F.conv_transpose2d(x, columns, stride=(1, self.up), groups=channels)
            kept = slice(self.start, self.start + self.inner)
            x = F.leaky_relu(x[:, :, kept, kept], 0.2)
            if self.clamp is not None:
                x = x.clamp(-self.clamp, self.clamp)
            rows, columns = along(down_filter)
            x = F.conv2d(x, rows, stride=(self.down, 1), groups=channels)
            return F.conv2d(x, columns, stride=(1, self.down), groups=channels)


class Layer(nn.Module):
    """What all layers have: a style, a modulated kernel, a bias and the running magnitude of their input."""

    def __init__(self, settings, channels, out_channels, kernel):
        super().__init__()
        self.affine = Linear(settings["mapping"]["styleSize"], channels, bias=1.0)
        self.weight = nn.Parameter(torch.zeros(out_channels, channels, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(out_channels))
        self.register_buffer("magnitude_ema", torch.ones(()))
        self.decay, self.padding = settings["magnitudeDecay"], kernel - 1

    def input_gain(self, x, update_averages):
        if update_averages:
            magnitude = x.detach().float().square().mean()
            self.magnitude_ema.copy_(magnitude.lerp(self.magnitude_ema, self.decay))
        return self.magnitude_ema.rsqrt()


class SynthesisLayer(Layer):
    def __init__(self, settings, before, after):
        kernel = settings["kernelSize"]
        super().__init__(settings, before["channels"], after["channels"], kernel)
        self.rectifier = FilteredRectifier(settings, before, after, before["size"] + kernel - 1)
        self.register_buffer("up_filter", torch.zeros(self.rectifier.up_taps))
        self.register_buffer("down_filter", torch.zeros(self.rectifier.down_taps))

    def forward(self, x, w, update_averages):
        gain = self.input_gain(x, update_averages)
        style = self.affine(w).float()
        style = style * style.square().mean().rsqrt()
        weight = self.weight * self.weight.square().mean((1, 2, 3), keepdim=True).rsqrt()
        demodulation = (style.square() @ weight.square().sum((2, 3)).t() + 1e-8).rsqrt()
        x = F.conv2d(x * (style * gain)[:, :, None, None].to(x.dtype), weight, padding=self.padding)
        x = torch.addcmul(self.bias[:, None, None].to(x.dtype), x, demodulation[:, :, None, None].to(x.dtype))
        return self.rectifier(x, self.up_filter, self.down_filter)


class ToImage(Layer):
    def __init__(self, settings, channels):
        super().__init__(settings, channels, settings["imageChannels"], 1)
        self.scale, self.output_scale = 1 / math.sqrt(channels), settings["outputScale"]
        self.clamp = settings["convClamp"]

    def forward(self, x, w, update_averages):
        style = self.affine(w) * (self.scale * self.input_gain(x, update_averages))
        x = F.conv2d(x * style[:, :, None, None].to(x.dtype), self.weight, self.bias)
        return (x if self.clamp is None else x.clamp(-self.clamp, self.clamp)) * self.output_scale


class Input(nn.Module):
    """Waves over a plane that each style turns and shifts, in float32: their phases are large."""

    def __init__(self, settings, signal):
        super().__init__()
        self.channels, size = signal["channels"], signal["size"]
        self.affine = Linear(settings["mapping"]["styleSize"], 4)
        self.weight = nn.Parameter(torch.zeros(self.channels, self.channels))
        self.register_buffer("freqs", torch.zeros(self.channels, 2))
        self.register_buffer("phases", torch.zeros(self.channels))
        self.places = (torch.arange(size) + 0.5 - size / 2) / signal["rate"]

    def forward(self, w):
        with torch.autocast("cpu", enabled=False):
            turn = self.affine(w.float())
            cos, sin, x, y = (turn / turn[:, :2].norm(dim=1, keepdim=True)).split(1, 1)
            across, down = self.freqs.t()
            # A point is shifted, then turned; phases are in turns.
            phases = self.phases + across * (sin * y - cos * x) - down * (sin * x + cos * y)
            across, down = cos * across + sin * down, cos * down - sin * across
            angles = phases[:, None, None] + self.places[:, None, None] * down[:, None, None]
            angles = angles + self.places[:, None] * across[:, None, None]
            waves = (2 * math.pi * angles).sin()
            return F.linear(waves, self.weight / math.sqrt(self.channels)).permute(0, 3, 1, 2)


class Synthesis(nn.Module):
    def __init__(self, settings):
        super().__init__()
        signals = plan_signals(settings)
        self.input = Input(settings, signals[0])
        self.names = [f"L{i}_{signal['size']}_{signal['channels']}" for i, signal in enumerate(signals)]
        for i, name in enumerate(self.names[:-1]):
            setattr(self, name, SynthesisLayer(settings, signals[max(i - 1, 0)], signals[i]))
        setattr(self, self.names[-1], ToImage(settings, signals[-2]["channels"]))

    def forward(self, w, update_averages=False):
        x = self.input(w[:, 0])
        for i, name in enumerate(self.names):
            x = getattr(self, name)(x, w[:, i + 1], update_averages)
        return x


class Generator(StyleGenerator):
    def __init__(self, settings):
        super().__init__()
        self.latent_size = settings["mapping"]["latentSize"]
        self.styles = settings["layers"] + 2
        self.mapping = Mapping(settings["mapping"], self.styles)
        self.synthesis = Synthesis(settings)

    def forward(self, z, mixing=0.0, update_averages=False, **_):
        """There are no noise inputs."""
        return self.synthesis(self.mix(z, mixing, update_averages), update_averages)


class Stylegan3Twin(GanTwin):
    networks = (Generator, Discriminator)
