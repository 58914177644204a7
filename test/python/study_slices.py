"""The slices of a subject by the study's rule, in NumPy alone: the second route that SynthMR is held against.

Written from the study's description (split_volumes_to_slices.m), not from SynthMR's code: each sequence divided by
the largest value of its volume and multiplied by 255, annotation divided by 5 and multiplied by 255, axial
slices padded by 8 zeros a side, kept if more than 15 % of the pixels exceed 50 on T1, written as MATLAB's uint8
does (nearest, halves up, clamped).

Usage: study_slices.py FOLDER [ID ...] [--repeat N] [--out FILE]. FILE gets the slices one subject after the
other, [N, 256, 256, 5] bytes, rows from front to back, columns from the patient's right to left. Prints JSON:
the 1-based positions by subject, and the seconds of processor time a subject took.
"""

import argparse
import json
import time
from pathlib import Path

import nibabel as nib
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("folder", type=Path)
parser.add_argument("--repeat", type=int, default=1)
parser.add_argument("--out", type=Path)
parser.add_argument("ids", nargs="*")
arguments = parser.parse_args()


def volume(subject, suffix):
    """A volume with x to the patient's left, y to the back, z upwards."""
    image = nib.load(arguments.folder / subject / f"{subject}_{suffix}.nii.gz")
    turned = nib.orientations.ornt_transform(nib.io_orientation(image.affine), nib.orientations.axcodes2ornt("LPS"))
    return nib.orientations.apply_orientation(np.asarray(image.dataobj), turned)


def slices(subject, dtype=np.float64):
    sequences = [volume(subject, suffix).astype(dtype) for suffix in ("t1", "t1ce", "t2", "flair")]
    labels = volume(subject, "seg").astype(dtype)
    scaled = [sequence / sequence.max() * 255 for sequence in sequences]
    bright = (scaled[0] > 50).sum(axis=(0, 1))
    kept = np.flatnonzero(bright / 65536 > 0.15)
    images = np.zeros((len(kept), 256, 256, 5), np.uint8)
    for channel, values in enumerate([*scaled, labels / 5 * 255]):
        rounded = np.clip(np.floor(values[:, :, kept] + 0.5), 0, 255).astype(np.uint8)
        images[:, 8:248, 8:248, channel] = rounded.transpose(2, 1, 0)
    return images, [int(k) + 1 for k in kept]


subjects = arguments.ids or sorted(path.name for path in arguments.folder.iterdir() if path.is_dir())
positions, seconds = {}, []
with open(arguments.out or "/dev/null", "wb") as out:
    for subject in subjects:
        for _ in range(arguments.repeat):
            start = time.process_time()
            images, positions[subject] = slices(subject)
            seconds.append(time.process_time() - start)
        out.write(images.tobytes())
print(json.dumps({"positions": positions, "seconds": seconds}))
