"""Runs a notebook in nbclient, checks it against nbformat's schema, and writes its outputs as JSON."""

import json
import sys

import nbformat
from nbclient import NotebookClient

source, folder = sys.argv[1:]
notebook = nbformat.read(source, as_version=4)
NotebookClient(notebook, timeout=120, kernel_name="synthmr", resources={"metadata": {"path": folder}}).execute()
nbformat.validate(notebook)
print(json.dumps([cell.outputs for cell in notebook.cells if cell.cell_type == "code"]))
