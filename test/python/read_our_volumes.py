"""Reads volumes that SynthMR wrote with nibabel and SimpleITK, and holds them against what was meant.

Usage: read_our_volumes.py FOLDER, which holds expected.json: by file name its shape, affine (RAS+) and values.
"""

import json
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import SimpleITK as sitk

folder = Path(sys.argv[1])
LPS = np.diag([-1, -1, 1])
for name, wanted in json.loads((folder / "expected.json").read_text()).items():
    values = np.float32(wanted["values"]).reshape(wanted["shape"], order="F")
    affine = np.array(wanted["affine"]).reshape(4, 4)

    image = nib.load(folder / name)
    assert image.get_data_dtype() == wanted["dtype"], (name, image.get_data_dtype())
    assert np.array_equal(np.asarray(image.dataobj), values), name
    assert np.allclose(image.affine, affine, atol=1e-5), (name, image.affine)
    assert image.header.get_xyzt_units()[0] == "mm", name
    if wanted["rightAngled"]:
        assert np.allclose(image.get_qform(), affine, atol=1e-4), (name, image.get_qform())
        assert np.allclose(image.header.get_zooms(), np.linalg.norm(affine[:3, :3], axis=0)), name
        # ITK takes no sheared volume.
        itk = sitk.ReadImage(str(folder / name))
        assert np.array_equal(sitk.GetArrayFromImage(itk).transpose(2, 1, 0), values), name
        direction = np.array(itk.GetDirection()).reshape(3, 3) * itk.GetSpacing()
        assert np.allclose(LPS @ direction, affine[:3, :3], atol=1e-4), (name, direction)
        assert np.allclose(LPS @ np.array(itk.GetOrigin()), affine[:3, 3], atol=1e-4), name
    print("equal", name)
