"""Progressive GAN, by the names of GenForce's port, at full size: WGAN-GP in every step."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from gan import GanTwin
from growing import FIRST_SIZE, SQRT2, Conv, DownConv, GrowingDiscriminator, UpConv, channels_at, rectify, sizes_of

PENALTY_WEIGHT = 10.0
DRIFT = 0.001


def pixel_norm(x):
    return x * (x.square().mean(1, keepdim=True) + 1e-8).rsqrt()


class FirstLayer(nn.Module):
    """z to feature maps of 4 x 4 pixels. The reference keeps it as a padded convolution of one pixel: turned round."""

    def __init__(self, latent_size, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(channels, latent_size, FIRST_SIZE, FIRST_SIZE))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.scale = SQRT2 / 4 / math.sqrt(latent_size)

    def forward(self, z):
        channels, latent_size = self.weight.shape[:2]
        matrix = (self.weight * self.scale).flip(2, 3).permute(1, 2, 3, 0).reshape(latent_size, -1)
        maps = (z @ matrix).view(-1, FIRST_SIZE, FIRST_SIZE, channels).permute(0, 3, 1, 2)
        return maps + self.bias[:, None, None].to(maps.dtype)


class Generator(nn.Module):
    def __init__(self, settings):
        super().__init__()
        self.latent_size = settings["latentSize"]
        self.sizes = sizes_of(settings)
        stored = "turned" if settings["fusedScale"] else "plain"
        for i, size in enumerate(self.sizes):
            width = channels_at(settings, size)
            if size == FIRST_SIZE:
                self.layer0 = FirstLayer(self.latent_size, width)
            else:
                setattr(self, f"layer{2 * i}", UpConv(channels_at(settings, size // 2), width, stored))
            setattr(self, f"layer{2 * i + 1}", Conv(width, width, 3))
            setattr(self, f"output{i}", Conv(width, settings["imageChannels"], 1, gain=1.0))

    def forward(self, z, **_):
        """Nothing but z changes the image."""
        x = pixel_norm(z)
        for i in range(2 * len(self.sizes)):
            x = pixel_norm(rectify(getattr(self, f"layer{i}")(x)))
        return getattr(self, f"output{len(self.sizes) - 1}")(x)


class RectifiedDownConv(DownConv):
    """Averages within the convolution, before the rectifier."""

    def forward(self, x):
        return rectify(super().forward(x))


class AveragedConv(Conv):
    """Averages after the rectifier."""

    def __init__(self, channels, out_channels):
        super().__init__(channels, out_channels, 3)

    def forward(self, x):
        return F.avg_pool2d(rectify(super().forward(x)), 2)


class Discriminator(GrowingDiscriminator):
    def __init__(self, settings):
        self.fused = settings["fusedScale"]
        super().__init__(settings)

    def halving(self, channels, out_channels):
        return (RectifiedDownConv if self.fused else AveragedConv)(channels, out_channels)


class ProgressiveGanTwin(GanTwin):
    networks = (Generator, Discriminator)
    r1_every = None

    def discriminator_loss(self, real, fake):
        return (fake - real + DRIFT * real.square()).mean()

    def generator_loss(self, fake):
        return -fake.mean()

    def whole_discriminator_loss(self, reals, fakes, factors):
        """With the pull of the gradient's norm to 1, at images between real and made ones."""
        loss = self.discriminator_loss(self.discriminator(reals), self.discriminator(fakes))
        mixed = torch.lerp(reals, fakes, factors).detach().requires_grad_()
        (gradients,) = torch.autograd.grad(self.discriminator(mixed).sum(), mixed, create_graph=True)
        norms = gradients.float().square().sum((1, 2, 3)).sqrt()
        return loss + PENALTY_WEIGHT * (norms - 1).square().mean()
