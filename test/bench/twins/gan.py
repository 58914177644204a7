"""The training step of two networks against each other, whatever is inside them."""

import torch
from torch.nn import functional as F

from twin import RATE, Average, Twin, gradients_of, load_weights, read_inputs, to_images

STYLE_MIXING = 0.9


class GanTwin(Twin):
    """
    Subclasses name the classes of their networks, and say what their training has. A generator is called as
    generator(z, constant_noise=..., mixing=..., update_averages=...).
    """

    networks = ()  # generator and discriminator, each made of its settings
    gamma = 8.0
    r1_every = 16  # 1: part of every step's loss; None: no R1
    path_every = None  # None: no path length regularisation
    mixing = 0.0

    def __init__(self, folder):
        super().__init__(folder)
        generator, discriminator = self.networks
        load = lambda make, role: load_weights(make(self.settings[role]), self.folder / f"{role}.safetensors")
        self.generator = load(generator, "generator")
        if self.case["work"] == "sample":
            self.kinds = [(1, self.sample)]
            return
        self.discriminator = load(discriminator, "discriminator")
        adam = lambda module: torch.optim.Adam(module.parameters(), lr=RATE, betas=(0.0, 0.99), fused=True)
        self.generator_adam, self.discriminator_adam = adam(self.generator), adam(self.discriminator)
        self.average = Average(self.generator)
        self.path_mean = torch.zeros(())
        self.kinds = self.step_kinds()

    def step_kinds(self):
        """Steps with the same regularisers are of one kind."""
        lazy_r1 = self.r1_every if (self.r1_every or 1) > 1 else None
        cycle = max(lazy_r1 or 1, self.path_every or 1)
        due = [(bool(lazy_r1) and i % lazy_r1 == 0, bool(self.path_every) and i % self.path_every == 0) for i in range(cycle)]
        kinds = []
        for kind in dict.fromkeys(due):
            kinds.append((due.count(kind) / cycle, lambda kind=kind: self.train(*kind)))
        return kinds

    # Losses; logits are [N, 1].

    def discriminator_loss(self, real, fake):
        return F.softplus(fake).mean() + F.softplus(-real).mean()

    def generator_loss(self, fake):
        return F.softplus(-fake).mean()

    def whole_discriminator_loss(self, reals, fakes, factors):
        """With the penalty that every step has, where there is one."""
        if self.r1_every == 1:
            real, penalty = self.r1(reals)
            return self.discriminator_loss(real, self.discriminator(fakes)) + penalty * (self.gamma / 2)
        return self.discriminator_loss(self.discriminator(reals), self.discriminator(fakes))

    def r1(self, reals):
        """Logits, and the mean squared norm of their gradients."""
        reals = reals.detach().requires_grad_()
        logits = self.discriminator(reals)
        (gradients,) = torch.autograd.grad(logits.sum(), reals, create_graph=True)
        return logits, gradients.float().square().sum((1, 2, 3)).mean()

    def path_penalty(self, w, y, **noise):
        """How unevenly a step in w changes the image. y: noise images over their side."""
        images = self.generator.synthesis(w, **noise)
        (gradients,) = torch.autograd.grad((images * y).sum(), w, create_graph=True)
        lengths = gradients.float().square().sum(2).mean(1).sqrt()
        mean = self.path_mean + 0.01 * (lengths.mean() - self.path_mean)
        return (lengths - mean).square().mean() * 2 * self.path_every, mean

    # What is compared.

    def check(self):
        inputs = read_inputs(self.folder)
        images = self.generator(inputs["z"], constant_noise=True)
        if self.case["work"] == "sample":
            return {"images": to_images(images)}
        found = {"images": to_images(images), "logits": self.discriminator(inputs["reals"])}
        loss = self.whole_discriminator_loss(inputs["reals"], images.detach(), inputs["factors"])
        found.update(gradients_of(loss, self.discriminator, "discriminator"))
        if (self.r1_every or 1) > 1:
            penalty = self.r1(inputs["reals"])[1] * (self.gamma / 2) * self.r1_every
            found.update(gradients_of(penalty, self.discriminator, "r1"))
        loss = self.generator_loss(self.discriminator(images))
        found.update(gradients_of(loss, self.generator, "generator"))
        if self.path_every:
            w = self.generator.mapping(inputs["z"])
            penalty, _ = self.path_penalty(w, inputs["y"] / self.size, constant_noise=True)
            found.update(gradients_of(penalty, self.generator, "pathLength"))
        return found

    # What is timed.

    def train(self, with_r1, with_path_length):
        reals = self.draw_images()
        loss = self.update_discriminator(reals)
        if with_r1:
            self.update_by_r1(reals)
        self.update_generator()
        if with_path_length:
            self.update_by_path_length()
        self.average.update()
        return loss

    def latents(self, samples=None):
        return torch.randn(samples or self.batch, self.generator.latent_size)

    def apply(self, optimizer, module, loss):
        for parameter, gradient in zip(
            module.parameters(), torch.autograd.grad(loss, list(module.parameters()), allow_unused=True)
        ):
            parameter.grad = gradient
        optimizer.step()
        return loss.item()

    def update_discriminator(self, reals):
        with self.autocast():
            with torch.no_grad():
                fakes = self.generator(self.latents(), mixing=self.mixing, update_averages=True)
            loss = self.whole_discriminator_loss(reals, fakes.float(), torch.rand(self.batch, 1, 1, 1))
        return self.apply(self.discriminator_adam, self.discriminator, loss)

    def update_by_r1(self, reals):
        with self.autocast():
            loss = self.r1(reals)[1] * (self.gamma / 2) * self.r1_every
        self.apply(self.discriminator_adam, self.discriminator, loss)

    def update_generator(self):
        with self.autocast():
            loss = self.generator_loss(self.discriminator(self.generator(self.latents(), mixing=self.mixing)))
        self.apply(self.generator_adam, self.generator, loss)

    def update_by_path_length(self):
        samples = self.batch // 2
        with self.autocast():
            w = self.generator.mix(self.latents(samples), self.mixing)
            y = torch.randn(samples, 5, self.size, self.size) / self.size
            loss, mean = self.path_penalty(w, y.to(memory_format=torch.channels_last))
        self.path_mean = mean.detach()
        self.apply(self.generator_adam, self.generator, loss)

    @torch.inference_mode()
    def sample(self):
        with self.autocast():
            images = self.generator(self.latents(), constant_noise=True).float()
        return ((images + 1) * 127.5).clamp(0, 255).to(torch.uint8)


class StyleGenerator(torch.nn.Module):
    """A mapping and a synthesis network; `styles` is the number of styles of an image."""

    def mix(self, z, mixing=0.0, update_averages=False):
        """The styles of every layer, [N, L, W]; from a random layer on those of a second draw."""
        w = self.mapping(z, update_averages=update_averages)
        if not mixing:
            return w
        cut = int(torch.randint(1, self.styles, ())) if torch.rand(()) < mixing else self.styles
        other = self.mapping(torch.randn_like(z))
        return torch.cat([w[:, :cut], other[:, cut:]], 1)

    def forward(self, z, constant_noise=False, mixing=0.0, update_averages=False):
        return self.synthesis(self.mix(z, mixing, update_averages), constant_noise=constant_noise)


def minibatch_stddev(x, group):
    """Adds a channel with the mean deviation over a group of samples; sample n is of group n mod (N / group)."""
    n, _, h, w = x.shape
    size = min(group, n)
    y = x.float().reshape(size, n // size, -1)
    deviation = (y - y.mean(0)).square().mean(0).add(1e-8).sqrt().mean(1)
    return torch.cat([x, deviation.repeat(size)[:, None, None, None].expand(n, 1, h, w).to(x.dtype)], 1)
