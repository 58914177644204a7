"""The study's loss of segmentation networks, and what a training step has around it."""

import torch
from torch.nn import functional as F

from twin import Twin, from_images, gradients_of, read_inputs, to_images

CLASSES = 4
SMOOTH = 1e-5


def dice_and_entropy(logits, labels, *, background, squared, per_sample):
    """Cross entropy minus the mean soft Dice."""
    logits = logits.float()
    probabilities = logits.softmax(1)
    wanted = F.one_hot(labels, CLASSES).permute(0, 3, 1, 2).float()
    axes = (2, 3) if per_sample else (0, 2, 3)
    overlap = 2 * (probabilities * wanted).sum(axes) + SMOOTH
    weighed = probabilities.square() if squared else probabilities
    dice = overlap / (weighed.sum(axes) + wanted.sum(axes) + SMOOTH)
    return F.cross_entropy(logits, labels) - (dice if background else dice[..., 1:]).mean()


class SegmentationTwin(Twin):
    """`weights` are those of the levels of logits in the loss, `dice` says how their Dice is taken."""

    def loss(self, levels, labels):
        return sum(w * dice_and_entropy(x, labels, **self.dice) for w, x in zip(self.weights, levels))

    def check(self):
        inputs = read_inputs(self.folder)
        levels = self.network(inputs["images"])
        loss = self.loss(levels, inputs["labels"].long())
        outputs = {f"logits{i}": to_images(logits) for i, logits in enumerate(levels)}
        return {**outputs, **gradients_of(loss, self.network, "network")}

    def step(self):
        slices = self.draw_slices()
        labels = slices[..., 4].long() // 64  # noise of all four classes
        images = self.normalise(slices[..., :4].float())
        with self.autocast():
            levels = self.network(from_images(images))
        loss = self.loss(levels, labels)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.update()
        return loss.item()

    def normalise(self, images):
        """Grey values [N, H, W, 4] as the network reads them."""
        return images

    def update(self):
        self.optimizer.step()


def z_scores(images):
    """Each sequence of each slice minus the mean, over the deviation, of the pixels above its darkest value."""
    inside = images > images.amin((1, 2), keepdim=True)
    count = inside.sum((1, 2), keepdim=True)
    mean = (images * inside).sum((1, 2), keepdim=True) / count
    squares = ((images - mean) * inside).square().sum((1, 2), keepdim=True)
    return (images - mean) / (squares / (count - 1)).sqrt()
