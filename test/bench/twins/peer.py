"""The other side of the benchmark: answers lines of JSON, each with one. Usage: peer.py THREADS"""

import importlib
import json
import resource
import sys
import time
import traceback
from pathlib import Path

TWINS = {
    "diffusion-unet": ("diffusion_unet", "DiffusionTwin"),
    "unet": ("study_unet", "StudyUNetTwin"),
    "upernet-swin": ("upernet_swin", "UPerNetSwinTwin"),
    "efficientnet-lite0": ("efficientnet_lite", "EfficientNetTwin"),
    "progressive-gan": ("progressive_gan", "ProgressiveGanTwin"),
    "stylegan1": ("stylegan1", "Stylegan1Twin"),
    "stylegan2": ("stylegan2", "Stylegan2Twin"),
    "stylegan3": ("stylegan3", "Stylegan3Twin"),
}


class Arrays:
    """A task without a network; see array_tasks."""

    modes = ("float32",)

    def __init__(self, task, folder):
        from array_tasks import TASKS

        self.task = TASKS[task](Path(folder))
        self.kinds = [(1, self.task.run)]

    def check(self):
        return self.task.results()


def open_twin(request, threads):
    if isinstance(request["work"], str):
        return Arrays(request["work"], request["folder"])
    import torch

    torch.set_num_threads(threads)
    module, name = TWINS[request["work"]["network"]]
    return getattr(importlib.import_module(module), name)(request["folder"])


def save(tensors, path):
    """NumPy arrays or tensors of PyTorch."""
    from safetensors.numpy import save_file

    arrays = {name: tensor if hasattr(tensor, "tobytes") else tensor.detach().numpy() for name, tensor in tensors.items()}
    save_file({name: array.copy(order="C") for name, array in arrays.items()}, path)


def mean_times(action, seconds):
    """Of a step, ms: what a clock says, and what all threads of this process computed."""
    start, processor, steps = time.perf_counter(), time.process_time(), 0
    while True:
        action()
        steps += 1
        elapsed = time.perf_counter() - start
        if elapsed >= seconds:
            return 1000 * elapsed / steps, 1000 * (time.process_time() - processor) / steps


def reset_peak_memory():
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass  # elsewhere the peak is that of the whole process


def peak_memory():
    """The most that the whole process has held since the last reset, as this project's side measures it."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return 1024 * int(line.split()[1])
    except OSError:
        pass
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class Peer:
    def __init__(self, threads):
        self.threads = threads

    def open(self, request):
        self.folder = Path(request["folder"])
        self.twin = open_twin(request, self.threads)
        # Which formats are worth their time is decided on the other side, for both.
        return {"modes": [mode for mode in self.twin.modes if mode in request["formats"]]}

    def check(self, _):
        save(self.twin.check(), self.folder / "theirs.safetensors")
        return {}

    def time(self, request):
        self.twin.mode = request["mode"]
        reset_peak_memory()
        means = [(share, mean_times(run, share * request["seconds"])) for share, run in self.twin.kinds]
        step, processor = (sum(share * times[i] for share, times in means) for i in range(2))
        return {"stepMs": step, "processorMs": processor, "peakMemoryBytes": peak_memory()}

    def peak(self, request):
        """Operations a second of a large matrix product, by format; null for what is not to be timed."""
        import torch

        torch.set_num_threads(self.threads)

        def speed(name):
            if name not in request["formats"]:
                return None
            dtype = getattr(torch, name)
            a = torch.ones(2048, 2048, dtype=dtype)
            times = []
            for _ in range(5):
                start = time.perf_counter()
                a @ a
                times.append(time.perf_counter() - start)
            return 2 * 2048**3 / min(times)

        return {name: speed(name) for name in ("float32", "bfloat16")}


def main():
    peer = Peer(int(sys.argv[1]))
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = getattr(peer, request["do"])(request)
        except Exception:
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), flush=True)


main()
