"""PyTorch's convolutions in channels_last, autotuned (torch.backends.cudnn.benchmark), beside a bench file's rungs.

python3 -m baselines.pytorch.conv build/results/nvidia-h200/05-convolution.bench.json
"""

import argparse
import sys
from functools import cache
from pathlib import Path
from typing import Any

from baselines.pytorch.common import Call, LadderError, Tensor, add_rows, torch

WINOGRAD = 768.0  # cuDNN may choose it: the growth of F(4 x 4, 3 x 3) in kernels/convolution/winograd.hpp


def call_for(shape: dict[str, Any], device: str) -> Call | None:
    """A problem of chapter 05 at a shape with nhwc = 1; None for any other."""
    problem = shape["problem"]
    if not problem.startswith("conv_") or not shape["nhwc"] or not shape["n"]:
        return None
    n, c, h, w, k, r, s = (int(shape[d]) for d in ("n", "c", "h", "w", "k", "r", "s"))
    stride, pad, dilation, groups = (int(shape[d]) for d in ("stride", "pad", "dilation", "groups"))
    p, q = ((size + 2 * pad - (taps - 1) * dilation - 1) // stride + 1 for size, taps in ((h, r), (w, s)))
    where = {"stride": stride, "padding": pad, "dilation": dilation, "groups": groups}
    extents = {"x": (n, c, h, w), "filter": (k, c // groups, r, s), "dy": (n, k, p, q), "bias": (k,)}

    def made(*names: str) -> Any:
        def one(generator: torch.Generator, extent: tuple[int, ...]) -> Tensor:
            t = torch.rand(extent, generator=generator, device=device) * 2 - 1
            return t.contiguous(memory_format=torch.channels_last) if t.dim() == 4 else t

        return lambda generator: [one(generator, extents[name]) for name in names]

    def forward(x: Tensor, f: Tensor, bias: Tensor | None = None) -> Tensor:
        return torch.nn.functional.conv2d(x, f, bias, **where)

    def backward(dy: Tensor, x: Tensor, f: Tensor, wanted: int) -> Tensor:
        mask = [wanted == 0, wanted == 1, False]
        return torch.ops.aten.convolution_backward(
            dy, x, f, None, [stride] * 2, [pad] * 2, [dilation] * 2, False, [0, 0], groups, mask
        )[wanted]

    @cache
    def blank(name: str, dtype: torch.dtype) -> Tensor:  # PyTorch asks for it, and looks at its extents only
        return torch.empty(extents[name], dtype=dtype, device=device, memory_format=torch.channels_last)

    terms = c // groups * r * s
    match problem:
        case "conv_forward" | "conv_depthwise":
            return Call(made("x", "filter"), forward, terms, WINOGRAD)
        case "conv_bias_relu":
            return Call(made("x", "filter", "bias"), lambda *a: forward(*a).relu_(), terms + 1, WINOGRAD)
        case "conv_backward_data":
            run = lambda dy, f: backward(dy, blank("x", dy.dtype), f, 0)  # noqa: E731
            return Call(made("dy", "filter"), run, k // groups * r * s, WINOGRAD)
        case "conv_backward_filter":
            run = lambda x, dy: backward(dy, x, blank("filter", dy.dtype), 1)  # noqa: E731
            return Call(made("x", "dy"), run, n * p * q, WINOGRAD)
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="what ./ladder bench 05-convolution wrote on this machine")
    parser.add_argument("--budget", type=float, default=1.0, metavar="SECONDS", help="of sampling, a case")
    arguments = parser.parse_args()
    try:
        return add_rows(arguments.file, "pytorch_conv", "PyTorch, channels_last", call_for, arguments.budget)
    except LadderError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
