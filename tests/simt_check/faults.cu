// Divides by zero in a kernel; then ends as its argument says: of itself, after a kernel's call of nothing,
// or by a fault of the host's.
#include <cuda_runtime.h>

#include <cstdlib>
#include <cstring>

template <class T>
__global__ void divide(const T* a, const T* b, T* quotient, T* remainder) {
  quotient[threadIdx.x] = a[threadIdx.x] / b[threadIdx.x];
  remainder[threadIdx.x] = a[threadIdx.x] % b[threadIdx.x];
}

// The least integer by -1, 7 by 0, 7 by 2.
template <class T>
bool divides_as_a_gpu(T least, T minus_one, T least_quotient, T least_remainder) {
  T *a, *b, *quotient, *remainder;
  for (T** array : {&a, &b, &quotient, &remainder}) cudaMallocManaged(array, 3 * sizeof(T));
  a[0] = least, a[1] = a[2] = 7;
  b[0] = minus_one, b[1] = 0, b[2] = 2;
  divide<<<1, 3>>>(a, b, quotient, remainder);
  if (cudaDeviceSynchronize() != cudaSuccess) return false;
  const T ones = static_cast<T>(~T(0));
  const bool right = quotient[0] == least_quotient && remainder[0] == least_remainder &&
                     quotient[1] == ones && remainder[1] == ones && quotient[2] == 3 && remainder[2] == 1;
  for (T* array : {a, b, quotient, remainder}) cudaFree(array);
  return right;
}

__device__ float (*functions[2])(float);  // that nobody has set
__global__ void call(float* x) { *x = functions[1](*x) + 1; }

int on_the_stack(volatile int* beyond) {
  volatile int frame[64];
  frame[0] = *beyond;
  return *beyond < 0 ? 0 : on_the_stack(frame) + frame[0];
}

int main(int argc, char** argv) {
  const bool right = divides_as_a_gpu<int>(INT32_MIN, -1, INT32_MIN, 0) &&
                     divides_as_a_gpu<long long>(INT64_MIN, -1, INT64_MIN, 0) &&
                     divides_as_a_gpu<unsigned>(0x80000000u, ~0u, 0, 0x80000000u) &&
                     divides_as_a_gpu<unsigned long long>(1ull << 63, ~0ull, 0, 1ull << 63) &&
                     divides_as_a_gpu<unsigned short>(9, 10, 0, 9) &&
                     divides_as_a_gpu<unsigned char>(9, 10, 0, 9);
  if (!right) return 2;
  const char* end = argc > 1 ? argv[1] : "";
  volatile int zero = 0;
  if (!std::strcmp(end, "call")) {
    float* x;
    cudaMalloc(&x, sizeof *x);
    cudaMemset(x, 0, sizeof *x);
    call<<<1, 1>>>(x);
    const bool failed = cudaDeviceSynchronize() == cudaErrorIllegalAddress;
    cudaFree(x);
    return failed ? 0 : 2;
  }
  if (!std::strcmp(end, "null")) return *reinterpret_cast<volatile int*>(zero + 4);
  if (!std::strcmp(end, "stack")) return on_the_stack(&zero);
  if (!std::strcmp(end, "zero")) return 7 / zero;
  if (!std::strcmp(end, "abort")) std::abort();
}
