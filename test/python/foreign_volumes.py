"""Writes small volumes as other programs do: nibabel and SimpleITK, each variant that a reader may meet.

Usage: foreign_volumes.py FOLDER. Beside the files goes expected.json: for each file who wrote it, its shape,
its affine in RAS+ as the other program reads it back, and its values, x varying fastest.
"""

import gzip
import json
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import SimpleITK as sitk

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(8)
shape = (5, 4, 3)
expected = {}

BRATS = np.array([[-1, 0, 0, 0], [0, -1, 0, 239], [0, 0, 1, 0], [0, 0, 0, 1.0]])


def keep(name, writer):
    """Reads a file back with nibabel and notes what it holds."""
    image = nib.load(folder / name)
    data = np.asarray(image.dataobj, dtype=np.float64)
    expected[name] = {
        "writer": writer,
        "shape": [int(n) for n in data.shape[:3]],
        "affine": image.affine.ravel().tolist(),
        "values": np.float32(data).ravel(order="F").tolist(),
    }


def values(dtype):
    info = np.iinfo(dtype) if np.issubdtype(dtype, np.integer) else None
    if info is None:
        return rng.normal(scale=100, size=shape).astype(dtype)
    # Extremes of the type where float32 holds them, and everyday numbers.
    low, high = (max(info.min, -(2**24)), min(info.max, 2**24))
    data = rng.integers(max(low, -1000), min(high, 1000), size=shape)
    data.flat[0], data.flat[1] = low, high
    return data.astype(dtype)


# Types, versions, byte orders.
for kind, image_class in (("n1", nib.Nifti1Image), ("n2", nib.Nifti2Image)):
    for code in ("u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"):
        for order in ("<", ">"):
            header = image_class.header_class(endianness=order)
            header.set_data_dtype(np.dtype(order + code))
            image = image_class(values(np.dtype(code)), BRATS, header)
            name = f"{kind}-{code}-{'little' if order == '<' else 'big'}.nii.gz"
            nib.save(image, folder / name)
            keep(name, "nibabel")

# Scaled integers: doubles squeezed into int16 by slope and intercept.
for code in ("u1", "i2", "i4"):
    image = nib.Nifti1Image(rng.normal(loc=500, scale=100, size=shape), BRATS)
    image.set_data_dtype(code)
    nib.save(image, folder / f"scaled-{code}.nii.gz")
    keep(f"scaled-{code}.nii.gz", "nibabel")

# Pairs, plain files, several gzip members.
data = values(np.int16)
nib.save(nib.Nifti1Pair(data, BRATS), folder / "pair1.img")
keep("pair1.img", "nibabel")
expected["pair1.hdr"] = expected["pair1.img"]
nib.save(nib.Nifti2Pair(data, BRATS), folder / "pair2.hdr")
keep("pair2.hdr", "nibabel")
nib.save(nib.Nifti1Pair(data, BRATS), folder / "pairgz.img.gz")
keep("pairgz.hdr.gz", "nibabel")
nib.save(nib.Nifti1Image(data, BRATS), folder / "plain.nii")
keep("plain.nii", "nibabel")
raw = (folder / "plain.nii").read_bytes()
(folder / "members.nii.gz").write_bytes(b"".join(gzip.compress(raw[i : i + 100], mtime=0) for i in range(0, len(raw), 100)))
keep("members.nii.gz", "nibabel, gzip")

# Geometry: sform alone, qform alone, random orientation, a header extension, trailing axes of 1.
for i in range(6):
    rotation, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    affine = np.eye(4)
    affine[:3, :3] = rotation * rng.uniform(0.5, 3, size=3)
    affine[:3, 3] = rng.normal(scale=50, size=3)
    for form in ("sform", "qform"):
        image = nib.Nifti1Image(values(np.float32), affine)
        if form == "sform":
            image.header.set_qform(None, 0)
            image.header.set_sform(affine, 2)
        else:
            image.header.set_sform(None, 0)
            image.header.set_qform(affine, 1)
        nib.save(image, folder / f"{form}-{i}.nii.gz")
        keep(f"{form}-{i}.nii.gz", "nibabel")
image = nib.Nifti1Image(values(np.uint8), BRATS)
image.header.extensions.append(nib.nifti1.Nifti1Extension("comment", b"an extension of some length" * 40))
nib.save(image, folder / "extension.nii.gz")
keep("extension.nii.gz", "nibabel")
nib.save(nib.Nifti1Image(values(np.uint8).reshape(5, 4, 3, 1, 1), BRATS), folder / "trailing.nii.gz")
keep("trailing.nii.gz", "nibabel")

# ITK: types, a turned direction matrix, pairs.
for name, dtype in (("u1", np.uint8), ("i2", np.int16), ("u2", np.uint16), ("i4", np.int32), ("f4", np.float32), ("f8", np.float64)):
    image = sitk.GetImageFromArray(values(dtype).transpose(2, 1, 0))
    image.SetSpacing((0.9, 1.1, 2.5))
    image.SetOrigin((-3.5, 239, 12))
    image.SetDirection((0, 1, 0, 0, 0, -1, -1, 0, 0))
    sitk.WriteImage(image, str(folder / f"itk-{name}.nii.gz"))
    keep(f"itk-{name}.nii.gz", "SimpleITK")
sitk.WriteImage(image, str(folder / "itk-plain.nii"))
keep("itk-plain.nii", "SimpleITK")

(folder / "expected.json").write_text(json.dumps(expected))
