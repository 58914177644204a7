"""The tasks without a network in NumPy, SciPy and nibabel."""


import numpy as np
from safetensors.numpy import load_file


class Preprocessing:
    """A subject from its files to slices [N, 256, 256, 5]: as test/python/study_slices.py, in float32."""

    def __init__(self, folder):
        self.path = folder / "subject"

    def volume(self, suffix):
        import nibabel as nib

        image = nib.load(self.path / f"subject_{suffix}.nii.gz")
        ours = nib.orientations.axcodes2ornt("LPS")
        turned = nib.orientations.ornt_transform(nib.io_orientation(image.affine), ours)
        return nib.orientations.apply_orientation(np.asarray(image.dataobj), turned).astype(np.float32)

    def run(self):
        sequences = [self.volume(suffix) for suffix in ("t1", "t1ce", "t2", "flair")]
        labels = self.volume("seg")
        # The order of the operations is the study's: rounding depends on it.
        scaled = [sequence / sequence.max() * 255 for sequence in sequences]
        kept = np.flatnonzero((scaled[0] > 50).sum(axis=(0, 1)) / 65536 > 0.15)
        images = np.zeros((len(kept), 256, 256, 5), np.uint8)
        for channel, values in enumerate([*scaled, labels / 5 * 255]):
            rounded = np.clip(np.floor(values[:, :, kept] + 0.5), 0, 255).astype(np.uint8)
            images[:, 8:248, 8:248, channel] = rounded.transpose(2, 1, 0)
        return images

    def results(self):
        images = self.run()
        return {"slices": images[:: len(images) // 4].astype(np.float32), "count": np.float32([len(images)])}


class Correlation:
    """The highest Pearson correlation of each query with all references."""

    def __init__(self, folder):
        arrays = load_file(folder / "inputs.safetensors")
        self.queries, self.references = arrays["queries"], arrays["references"]

    @staticmethod
    def standardised(images):
        rows = images.astype(np.float32)
        rows -= rows.mean(axis=1, keepdims=True)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return rows

    def run(self):
        r = self.standardised(self.queries) @ self.standardised(self.references).T
        best = r.argmax(axis=1)
        return best, r[np.arange(len(best)), best]

    def results(self):
        return {"r": self.run()[1]}


class Hausdorff:
    """Hausdorff 95 of two masks, by distance transforms within their bounding box, as MONAI does."""

    def __init__(self, folder):
        arrays = load_file(folder / "inputs.safetensors")
        self.annotation, self.prediction = arrays["annotation"] > 0, arrays["prediction"] > 0

    def run(self):
        from scipy.ndimage import binary_erosion, distance_transform_edt

        filled = np.argwhere(self.annotation | self.prediction)
        box = tuple(slice(low, high + 1) for low, high in zip(filled.min(axis=0), filled.max(axis=0)))
        masks = [self.annotation[box], self.prediction[box]]
        surfaces = [mask ^ binary_erosion(mask) for mask in masks]
        directed = [
            np.percentile(distance_transform_edt(~there)[here], 95)
            for here, there in (surfaces, surfaces[::-1])
        ]
        return max(directed)

    def results(self):
        return {"hausdorff95": np.float32([self.run()])}


TASKS = {"preprocessing": Preprocessing, "correlation": Correlation, "hausdorff": Hausdorff}
