#!/bin/sh
# For a machine that has a GPU and CUDA's toolkit, and where nothing can be installed. Here, where there is a network,
# this puts into .gpu/ the packages that the build wants and, where nvcc is, the programs for one architecture:
#
#   tests/gpu/prepare.sh [ARCHITECTURE]     90a when not said
#
# There, in a copy of the working tree with .gpu/ in it: tests/gpu/measure.sh.
set -eu
cd -- "$(dirname -- "$0")/../.."
architecture=${1:-90a}

rm -rf .gpu
mkdir -p .gpu/packages .gpu/bin
(cd .gpu/packages && apt-get -q download libbenchmark-dev libbenchmark1debian nlohmann-json3-dev libcli11-dev)
for package in .gpu/packages/*.deb; do dpkg -x "$package" .gpu; done
rm -r .gpu/packages .gpu/usr/share/doc
git rev-parse HEAD >.gpu/commit
echo "$architecture" >.gpu/architecture

if command -v nvcc >/dev/null; then
  cmake --preset gpu -B build/gpu-carried -DCMAKE_PREFIX_PATH="$PWD/.gpu/usr" -DWARPLADDER_ARCHS="$architecture" \
    -DBUILD_TESTING=OFF -DCMAKE_DISABLE_FIND_PACKAGE_OpenBLAS=ON
  cmake --build build/gpu-carried -t warpladder warpladder-train tune_sgemm
  cp build/gpu-carried/bench/warpladder build/gpu-carried/train/warpladder-train build/gpu-carried/kernels/tune_sgemm .gpu/bin
fi
du -sh .gpu
