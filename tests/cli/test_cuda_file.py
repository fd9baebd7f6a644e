"""Any CUDA file: what check and count say of it, and what they say when it is wrong in some other way."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cli import cuda_counts, cuda_file
from cli.errors import LadderError
from cli.paths import ROOT

SHIFT = """\
#include <cstdio>
#include <cstdlib>
__global__ void shift(const float* in, float* out) {
  __shared__ float tile[128];
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  tile[threadIdx.x] = in[i];
  BARRIER;
  out[2 * i] = tile[(threadIdx.x + 1) % 128];
}
int main(int argc, char** argv) {
  const int blocks = argc > 1 ? atoi(argv[1]) : 1;
  float *in, *out;
  cudaMalloc(&in, blocks * 128 * sizeof(float));
  cudaMalloc(&out, 2 * blocks * 128 * sizeof(float));
  cudaMemset(in, 0, blocks * 128 * sizeof(float));
  shift<<<blocks, 128>>>(in, out);
  cudaDeviceSynchronize();
  printf("%d blocks\\n", blocks);
  cudaFree(in);
  cudaFree(out);
  return argc > 2 ? 3 : 0;
}
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "shift.cu").write_text(SHIFT)
    return str(tmp_path / "shift.cu")


def command(*arguments: str) -> subprocess.CompletedProcess:
    """As a process of its own: what the compiler and the program print is seen too."""
    return subprocess.run([sys.executable, "-m", "cli", *arguments], cwd=ROOT, capture_output=True, text=True)


def test_check_finds_a_race_by_its_lines(ladder, file):
    answer = ladder("check", file, "-D", "BARRIER=", "--json")
    assert answer.status == 1
    report = json.loads(answer.out)
    races = [f for f in report["findings"] if f["kind"] == "race"]
    assert {f["place"]["line"] for f in races} <= {6, 8} and races
    assert all(f["kernel"] == "shift" and "__shared__ tile" in f["owner"] for f in races)


def test_a_file_with_openmp_or_a_library_names_them(tmp_path):
    (tmp_path / "teams.cu").write_text("""\
#include <omp.h>
#include <cstdio>
__global__ void add(int* sum) { atomicAdd(sum, 1); }
int main() {
  int *sum, total = 0;
  cudaMalloc(&sum, sizeof(int));
  cudaMemset(sum, 0, sizeof(int));
#pragma omp parallel num_threads(3)
  add<<<omp_get_num_threads(), 1>>>(sum);
  cudaMemcpy(&total, sum, sizeof(int), cudaMemcpyDeviceToHost);
  printf("%d\\n", total);
  cudaFree(sum);
}
""")
    for verb in ("check", "count"):
        done = command(verb, str(tmp_path / "teams.cu"), "-fopenmp", "-lm")
        assert done.returncode == 0 and done.stdout.startswith("9\n"), done.stdout + done.stderr
        done = command(verb, str(tmp_path / "teams.cu"), "-fopenmp", "-lnosuchlibrary")
        assert done.returncode == 2 and "-lnosuchlibrary" in done.stderr


def test_a_reduction_over_a_block_is_told_what_to_ask_instead(tmp_path):
    (tmp_path / "sum.cu").write_text("""\
#include <cooperative_groups/reduce.h>
namespace cg = cooperative_groups;
__global__ void sum(int* x) { *x = cg::reduce(cg::this_thread_block(), 1, cg::plus<int>()); }
int main() { sum<<<1, 1>>>(nullptr); }
""")
    done = command("check", str(tmp_path / "sum.cu"))
    assert done.returncode == 2 and "not a block" in done.stderr and "sum.cu:3" in done.stderr


def test_a_right_program_draws_no_word_and_its_arguments_reach_it(file):
    done = command("check", file, "-D", "BARRIER=__syncthreads()", "--", "5")
    assert done.returncode == 0
    assert "5 blocks" in done.stdout
    assert "simt:" not in done.stderr


def test_accesses_are_instrumented_only_where_threads_may_wait_through_memory(file):
    def compiled() -> bytes:
        assembled = Path(file).with_suffix(".o")
        subprocess.run([cuda_file.compiler(), "-D", "BARRIER=", "-c", file, "-o", assembled], check=True)
        return assembled.read_bytes()

    assert b"__tsan" not in compiled()
    Path(file).write_text(Path(file).read_text().replace("const float* in", "const volatile float* in"))
    assert b"__tsan" in compiled()


HOST = """\
#include <cuda_runtime.h>
extern "C" int half_of(int n);
int launch(int n);
float lerp(float a, float b, float t) { return a + t * (b - a); }
int main() {
  cudaDeviceProp p;
  if (cudaGetDeviceProperties(&p, 0) != cudaSuccess || p.clockRate <= 0) return 1;
  return launch(half_of(42)) == 21 && lerp(1.0f, 3.0f, 0.5f) == 2.0f ? 0 : 2;
}
"""
DEVICE = """\
__managed__ int result;
__global__ void keep(int n) { result = n; }
int launch(int n) {
  keep<<<1, 1>>>(n);
  cudaDeviceSynchronize();
  return result;
}
"""


@pytest.mark.parametrize("at_once", [True, False])
def test_sources_for_the_host_are_compiled_beside_the_kernels(tmp_path, at_once):
    sources = {"main.cpp": HOST, "part.c": "int half_of(int n) { int class = n; return class / 2; }\n", "k.cu": DEVICE}
    for name, text in sources.items():
        (tmp_path / name).write_text(text)
    driver = [cuda_file.compiler()]
    if at_once:
        subprocess.run([*driver, *sources, "-o", "program"], cwd=tmp_path, check=True)
    else:  # as a Makefile does
        for name in sources:
            subprocess.run([*driver, "-c", name, "-o", f"{name}.o"], cwd=tmp_path, check=True)
        subprocess.run([*driver, *(f"{name}.o" for name in sources), "-o", "program"], cwd=tmp_path, check=True)
    subprocess.run([tmp_path / "program"], check=True)


def test_what_files_define_for_the_device_stays_within_each(tmp_path):
    sources = {
        "twice.cuh": "__constant__ int factor[1] = {FACTOR};\n__device__ int scaled(int n) { return factor[0] * n; }\n",
        "a.cu": '#define FACTOR 2\n#include "twice.cuh"\n'
        "__global__ void a(int* x) { x[0] = scaled(5); }\nvoid run_a(int* x) { a<<<1, 1>>>(x); }\n",
        "b.cu": '#define FACTOR 3\n#include "twice.cuh"\n'
        "__global__ void b(int* x) { x[1] = scaled(5); }\nvoid run_b(int* x) { b<<<1, 1>>>(x); }\n",
        "main.cpp": "#include <cuda_runtime.h>\nvoid run_a(int*);\nvoid run_b(int*);\ndouble factor = 0.5;\n"
        "int main() {\n  int* x;\n  cudaMallocManaged((void**)&x, 2 * sizeof(int));\n  run_a(x), run_b(x);\n"
        "  cudaDeviceSynchronize();\n  return x[0] == 10 && x[1] == 15 && factor == 0.5 ? 0 : 1;\n}\n",
    }
    for name, text in sources.items():
        (tmp_path / name).write_text(text)
    given = [name for name in sources if not name.endswith("h")]
    subprocess.run([cuda_file.compiler(), *given, "-o", "program"], cwd=tmp_path, check=True)
    subprocess.run([tmp_path / "program"], check=True)


def test_cc_leaves_every_option_to_the_compiler(tmp_path, file):
    done = command("cc", "-arch", "sm_80", "-D", "BARRIER", file, "-o", str(tmp_path / "shift"))  # -arch: -h is in it
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "shift").exists()
    assert "Usage" in command("cc", "-h").stdout


def test_whose_time_it_is_between_events_is_said_once(tmp_path):
    (tmp_path / "events.cu").write_text(
        "int main() {\n  cudaEvent_t a, b;\n  float ms;\n  cudaEventCreate(&a), cudaEventCreate(&b);\n"
        "  cudaEventRecord(a), cudaEventRecord(b);\n  cudaEventSynchronize(b);\n"
        "  for (int i = 0; i < 2; ++i) cudaEventElapsedTime(&ms, a, b);\n  return ms >= 0 ? 0 : 1;\n}\n"
    )
    subprocess.run([cuda_file.compiler(), "events.cu", "-o", "events"], cwd=tmp_path, check=True)
    done = subprocess.run([tmp_path / "events"], capture_output=True, text=True, check=True)
    assert done.stderr.count("this CPU's") == 1 and done.stdout == ""


def test_copies_past_the_end_are_refused(tmp_path):
    (tmp_path / "past.cu").write_text(
        "__device__ int table[4];\nint main() {\n  int host[8] = {}, *device;\n  cudaMalloc(&device, 16);\n"
        "  const auto to = cudaMemcpyHostToDevice;\n  int done = cudaMemcpy(device, host, 16, to) == cudaSuccess;\n"
        "  done += cudaMemcpy(device, host, 20, to) == cudaErrorInvalidValue;\n"
        "  done += cudaMemset(device + 1, 0, 16) == cudaErrorInvalidValue;\n"
        "  done += cudaMemcpyToSymbol(table, host, 16, 4) == cudaErrorInvalidValue;\n  return done != 4;\n}\n"
    )
    subprocess.run([cuda_file.compiler(), "-run", "past.cu"], cwd=tmp_path, check=True)


def test_a_kernels_fault_is_told_by_the_next_call_that_waits(tmp_path):
    (tmp_path / "fault.cu").write_text(
        "__global__ void fault(int* p) { *p = 1; }\nint main() {\n  fault<<<1, 1>>>(nullptr);\n"
        "  if (cudaGetLastError() != cudaSuccess) return 1;\n"  # the launch itself was right
        "  if (cudaDeviceSynchronize() != cudaErrorIllegalAddress) return 2;\n"
        "  cudaStream_t stream;\n  cudaEvent_t event;\n  size_t free, total;\n"
        "  if (cudaStreamCreate(&stream) != cudaErrorIllegalAddress) return 3;\n"
        "  if (cudaEventCreate(&event) != cudaErrorIllegalAddress) return 4;\n"
        "  if (cudaMemGetInfo(&free, &total) != cudaErrorIllegalAddress) return 5;\n"
        "  if (cudaGetLastError() != cudaGetLastError()) return 6;\n"
        "  return cudaDeviceReset() != cudaSuccess || cudaGetLastError() != cudaSuccess;\n}\n"
    )
    subprocess.run([cuda_file.compiler(), "-run", "fault.cu"], cwd=tmp_path, check=True)


def test_a_program_that_fails_by_itself_is_said(ladder, file):
    answer = ladder("check", file, "-D", "BARRIER=__syncthreads()", "--", "5", "fail")
    assert answer.status == 1
    assert "ended with status 3" in answer.err


def test_count_is_by_kernel_and_line(ladder, file):
    answer = ladder("count", file, "-D", "BARRIER=__syncthreads()", "--gpu", "h100 sxm", "--json", "--", "3")
    assert answer.status == 0
    (kernel,) = json.loads(answer.out)["kernels"]
    assert (kernel["kernel"], kernel["launches"], kernel["blocks"]) == ("shift", 1, 3)
    load, store = kernel["lines"]
    assert (load["line"], store["line"]) == (6, 8)
    assert load["counts"]["global_load_requests"] == 12 and load["counts"]["global_load_sectors"] == 48
    assert store["counts"]["global_store_sectors"] == 96 and store["counts"]["global_store_ideal_sectors"] == 48
    assert kernel["total"]["barriers"] == 3
    # Three blocks, and the most of them.
    assert load["counts"]["bytes_in_flight"] == kernel["total"]["bytes_in_flight"] == 128 * 4
    band = kernel["prediction"]
    assert band["gpu"] == "H100 SXM" and 0 < band["least"] < band["most"]


def test_a_file_that_does_not_compile_shows_the_compilers_words(tmp_path):
    (tmp_path / "bad.cu").write_text("__global__ void k() {}\nint main() { k<<<1, 1>>>(nothing); }\n")
    done = command("check", str(tmp_path / "bad.cu"))
    assert done.returncode == 2
    assert "bad.cu:2" in done.stderr and "does not build" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "no-such.cu"], "there is no file no-such.cu"),
        (["count", "no-such.cu"], "there is no file no-such.cu"),
    ],
)
def test_what_is_not_there(ladder, arguments, words):
    answer = ladder(*arguments)
    assert answer.status == 2 and words in answer.err


def test_host_code_alone_is_not_watched(ladder, tmp_path):
    (tmp_path / "host.cpp").write_text("int main() {}\n")
    answer = ladder("check", str(tmp_path / "host.cpp"))
    assert answer.status == 2 and "name the .cu files" in answer.err


def test_predictions_name_their_limiter():
    zero = dict.fromkeys(("global_load_sectors", "global_store_sectors", "shared_load_wavefronts",
                          "shared_store_wavefronts", "bulk_bytes", "distinct_bytes",
                          "atomics_at_one_address"), 0)  # fmt: skip
    gpu = {"name": "x", "sms": 10, "boost_mhz": 1000, "peaks": {"bandwidth": 1e12}}

    def predict(blocks, **counts):
        return cuda_counts.predict({"launches": 1, "blocks": blocks, "total": zero | counts}, gpu)

    streaming = predict(100, global_load_sectors=4_000_000, distinct_bytes=128_000_000)
    assert streaming["limiter"] == "memory bandwidth" and streaming["least"] == pytest.approx(128e-6)
    conflicts = predict(100, shared_load_wavefronts=10_000_000)
    assert conflicts["limiter"] == "shared memory" and conflicts["least"] == pytest.approx(1e-3)
    counter = predict(100, atomics_at_one_address=32_000_000)
    assert counter["limiter"] == "atomics at one address" and counter["least"] == pytest.approx(1e-3)
    assert counter["most"] == pytest.approx(32e-3)
    assert predict(1, shared_load_wavefronts=10_000_000)["least"] == pytest.approx(1e-2)  # nine SMs have nothing to do
    with pytest.raises(LadderError, match=r"bench/gpus\.json has"):
        cuda_file.sheet("h100x")
