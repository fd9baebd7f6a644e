"""simt-cc's command line: nvcc's options, and what it says of input that it cannot take."""

import subprocess
import sys
from pathlib import Path

import pytest

from cli import cuda_file

HELLO = """\
#include <cooperative_groups.h>
#include <cstdio>
__global__ void hello(int* x) { *x = N; }
int main(int argc, char** argv) {
  int* x;
  cudaMallocManaged(&x, sizeof(int));
  hello<<<1, 1>>>(x);
  cudaDeviceSynchronize();
  std::printf("%d %s\\n", *x, argc > 1 ? argv[1] : "");
  cudaFree(x);
  return argc - 1;
}
"""

LOADED = """\
__global__ void k(int* x) { *x = 2; }  // as the program's own kernel is called
static int run(int* x) {
  k<<<1, 1>>>(x);
  int result = 0;
  cudaMemcpy(&result, x, sizeof result, cudaMemcpyDeviceToHost);
  return result;
}
extern "C" int on(int* x) { return run(x); }
extern "C" int alone() {
  int* x;
  cudaMalloc(&x, sizeof(int));
  const int result = run(x);
  cudaFree(x);
  return result;
}
"""
LOADS = """\
#include <dlfcn.h>
#include <cstdio>
__global__ void k(int* x) { *x = 1; }
static int run(int* x) {
  k<<<1, 1>>>(x);
  int result = 0;
  cudaMemcpy(&result, x, sizeof result, cudaMemcpyDeviceToHost);
  return result;
}
int main() {
  int* x;
  cudaMalloc(&x, sizeof(int));
  void* library = dlopen("./libloaded.so", RTLD_NOW);
  if (!library) return std::puts(dlerror());
  const int own = run(x), its = reinterpret_cast<int (*)(int*)>(dlsym(library, "on"))(x);
  std::printf("%d %d\\n", own, its);
  cudaFree(x);
}
"""
THREADS = """\
#include <thread>
__global__ void write(int* x, int value) { x[threadIdx.x] = value + threadIdx.x; }
int main() {
  int* x;
  cudaMalloc(&x, 32 * sizeof(int));
  std::thread([x] { write<<<1, 32>>>(x, 1); }).join();
  std::thread([x] { write<<<1, 32>>>(x, 2); }).join();
  cudaDeviceSynchronize();
  cudaFree(x);
}
"""

GENERATOR = """\
#include <cstdio>
__device__ int next(int& state) { return (state = state * 1103515245 + 12345) / 65536 % 32768; }
__global__ void ninth(int* x) {
  int state = 0;
  for (int i = 0; i < 9; ++i) *x = next(state);
}
int main() {
  int* x;
  cudaMallocManaged(&x, sizeof(int));
  ninth<<<1, 1>>>(x);
  cudaDeviceSynchronize();
  std::printf("%d\\n", *x);
  cudaFree(x);
}
"""

OLDER = """\
#include <cstdio>
#include <functional>
using namespace std;
__device__ int numbers[2] = {3, 4};
struct Point {
  Point() = default;
  int x, y;
};
template <class T>
class Owner {
 public:
  Owner<T>() { cudaMallocManaged(&p, sizeof(T)); }
  ~Owner<T>() { cudaFree(p); }
  T* p;
};
__global__ void identity(int* x) { *x = Point{numbers[1], 2}.x; }
int integral(int from, int to) { return to - from; }
int main() {
  const char* text = u8"%d %d\\n";
  Owner<int> x;
  identity<<<1, 1>>>(x.p);
  cudaDeviceSynchronize();
  printf(text, *x.p, integral(1, 3));
}
"""


@pytest.fixture
def cc(tmp_path: Path):
    (tmp_path / "hello.cu").write_text(HELLO)
    (tmp_path / "part.cu").write_text("__global__ void k() {}\nvoid part() { k<<<1, 1>>>(); }\n")
    (tmp_path / "main.cu").write_text("void part();\nint main() { part(); return cudaDeviceSynchronize(); }\n")
    (tmp_path / "notes.txt").write_text("no program\n")

    def run(words: str) -> subprocess.CompletedProcess:
        return subprocess.run([cuda_file.compiler(), *words.split()], cwd=tmp_path, capture_output=True, text=True)

    return run


def test_options_for_the_host_compiler_and_the_linker_come_in_lists(tmp_path):
    (tmp_path / "a.cu").write_text("int main() { return N - M; }\n")
    options = ["-Xcompiler", "-DN=7 -Wall,-DM=7", "-Xlinker", "-rpath,/nowhere", "-o", "a"]
    assert subprocess.run([cuda_file.compiler(), "a.cu", *options], cwd=tmp_path).returncode == 0
    assert subprocess.run([tmp_path / "a"]).returncode == 0


@pytest.mark.parametrize("way", ["--options-file ", "-optf=", "@"])
def test_options_come_from_files_too_as_makefiles_of_cmake_give_them(cc, tmp_path, way):
    (tmp_path / "some include").mkdir()
    (tmp_path / "some include" / "seven.h").write_text("#define N 7\n")
    (tmp_path / "options.rsp").write_text('-I"some include" -include\nseven.h  -o hello\n')
    done = cc(f"hello.cu {way}options.rsp -run")
    assert (done.returncode, done.stdout) == (0, "7 \n"), done.stderr


@pytest.mark.parametrize(
    "options",
    [
        "-DN=7",
        "--define-macro N=7 --optimize 2 --std c++17 --debug --device-debug",
        "-D N=7 -Werror all-warnings -use_fast_math -ftz=true -fmad=false -prec-div false -restrict -t 4 -t0 -lcudart",
        "-arch=sm_90 -gencode arch=compute_80,code=sm_80 -rdc true -Xptxas -v -maxrregcount=32 -Xcompiler -DN=7,-Wall",
        "-DN=7 -DA=1 -DB -DF=2 -DH=3 -DP=1 -DT=4",  # letters that headers use
    ],
)
def test_nvcc_options_are_translated_or_dropped(cc, options):
    done = cc(f"hello.cu --output-file hello -run {options}")
    assert (done.returncode, done.stdout) == (0, "7 \n"), done.stderr


def test_run_gives_the_programs_arguments_and_status(cc):
    done = cc("-DN=1 -run -run-args word hello.cu")
    assert (done.returncode, done.stdout) == (1, "1 word\n")


def test_integers_wrap_around(cc, tmp_path):
    (tmp_path / "generator.cu").write_text(GENERATOR)
    assert cc("generator.cu -run -o generator").stdout == "-20645\n"


def test_programs_are_older_than_cpp20(cc, tmp_path):
    (tmp_path / "older.cu").write_text(OLDER)
    done = cc("older.cu -std=c++17 -run -o older")
    assert (done.returncode, done.stdout) == (0, "4 2\n"), done.stderr
    done = cc(f"{Path(__file__).parent}/programs/older.cu -std=c++17 --check -run -o more")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (tmp_path / "newer.cu").write_text("#include <concepts>\nusing namespace std;\ntemplate <integral T> T f(T);\n")
    assert cc("-std=c++20 -c newer.cu").returncode == 0


def test_libraries_and_device_linking(cc):
    assert cc("-lib part.cu -o libpart.a").returncode == 0
    assert cc("-dc part.cu main.cu").returncode == 0
    assert cc("-dlink part.o main.o -o linked.o").returncode == 0
    assert cc("-run part.o main.o linked.o -o objects").returncode == 0
    assert cc("-run main.cu -L . -lpart -o library").returncode == 0


def test_a_library_brings_simt_along_or_finds_the_programs(cc, tmp_path):
    (tmp_path / "loaded.cu").write_text(LOADED)
    (tmp_path / "loads.cu").write_text(LOADS)
    for options in ("-Xcompiler -fPIC", "--check"):
        assert cc(f"-shared {options} loaded.cu -o libloaded.so").returncode == 0
        done = cc(f"{options.removeprefix('-Xcompiler -fPIC')} loads.cu -run -o loads -ldl")
        assert (done.returncode, done.stdout) == (0, "1 2\n"), done.stderr
        alone = "import ctypes; print(ctypes.CDLL('./libloaded.so').alone())"
        done = subprocess.run([sys.executable, "-c", alone], cwd=tmp_path, capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (0, "2\n"), done.stderr


def test_threads_have_default_streams_of_their_own_where_asked(cc, tmp_path):
    (tmp_path / "threads.cu").write_text(THREADS)
    races = {
        "": 0,
        "--default-stream legacy": 0,
        "--default-stream per-thread": 1,
        "-DCUDA_API_PER_THREAD_DEFAULT_STREAM": 1,
    }
    for options, status in races.items():
        done = cc(f"threads.cu --check {options} -run -o threads")
        assert done.returncode == status, done.stderr
        assert ("race" in done.stderr) == bool(status)
    assert cc("threads.cu --default-stream mine").returncode == 2


CMAKE = """\
cmake_minimum_required(VERSION 3.24)
project(hello LANGUAGES CXX CUDA)
find_package(CUDAToolkit REQUIRED)
add_library(part STATIC part.cu)
set_target_properties(part PROPERTIES CUDA_SEPARABLE_COMPILATION ON)
add_executable(app main.cu)
target_link_libraries(app PRIVATE part CUDA::cudart)
set_target_properties(app PROPERTIES CUDA_SEPARABLE_COMPILATION ON)
"""


def test_cmake_takes_it_for_nvcc(cc, tmp_path):
    (tmp_path / "CMakeLists.txt").write_text(CMAKE)
    toolkit = cuda_file.compiler().parents[1] / "toolkit"
    for command in (
        f"cmake -G Ninja -B build -DCMAKE_CUDA_COMPILER={toolkit}/bin/nvcc",
        "cmake --build build",
        "build/app",
    ):
        done = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_questions_are_answered(cc):
    assert "release 1" in cc("--version").stdout
    assert "-run" in cc("-h").stdout
    assert cc("-MM hello.cu").stdout.startswith("hello.o: hello.cu")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "no input file"),
        ("nowhere.cu", "there is no file nowhere.cu"),
        ("hello.cu nowhere.o", "there is no file nowhere.o"),
        (".", ". is a folder"),
        ("notes.txt", "notes.txt is neither a source"),
        ("hello.cu -o nowhere/x", "there is no folder nowhere"),
        ("hello.cu -o", "option -o needs a value"),
        ("-ptx hello.cu", "option -ptx"),
    ],
)
def test_bad_input_is_one_line_and_status_2(cc, words, said):
    done = cc(words)
    assert done.returncode == 2 and done.stderr.startswith("simt-cc: ") and said in done.stderr
    assert done.stderr.count("\n") == 1
