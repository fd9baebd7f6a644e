// Neighbourhoods: a convolution with its mask in constant memory and a halo in shared memory, and a 7-point
// stencil in three dimensions that keeps planes in registers.
#include <cmath>
#include <cstdio>

#define R 2
#define BLOCK 16
__constant__ float mask[2 * R + 1][2 * R + 1];

__global__ void convolve(const float* in, float* out, int width, int height) {
  __shared__ float tile[BLOCK + 2 * R][BLOCK + 2 * R];
  const int x0 = blockIdx.x * BLOCK - R, y0 = blockIdx.y * BLOCK - R;
  for (int y = threadIdx.y; y < BLOCK + 2 * R; y += BLOCK)
    for (int x = threadIdx.x; x < BLOCK + 2 * R; x += BLOCK) {
      const bool inside = x0 + x >= 0 && x0 + x < width && y0 + y >= 0 && y0 + y < height;
      tile[y][x] = inside ? in[(y0 + y) * width + x0 + x] : 0.0f;
    }
  __syncthreads();
  const int x = x0 + R + threadIdx.x, y = y0 + R + threadIdx.y;
  if (x >= width || y >= height) return;
  float sum = 0;
#pragma unroll
  for (int i = 0; i <= 2 * R; ++i)
#pragma unroll
    for (int j = 0; j <= 2 * R; ++j) sum += mask[i][j] * tile[threadIdx.y + i][threadIdx.x + j];
  out[y * width + x] = sum;
}

struct Grid3 {
  float* p;
  int n;
  __host__ __device__ float& operator()(int z, int y, int x) const { return p[(z * n + y) * n + x]; }
};

__global__ void diffuse(Grid3 in, Grid3 out) {
  __shared__ float plane[8][8];
  const int n = in.n, x = blockIdx.x * 6 + threadIdx.x, y = blockIdx.y * 6 + threadIdx.y;
  const bool inside = x < n && y < n;
  float below = 0, here = inside ? in(0, y, x) : 0, above = inside ? in(1, y, x) : 0;
  for (int z = 1; z < n - 1; ++z) {
    below = here, here = above, above = inside ? in(z + 1, y, x) : 0;
    __syncthreads();
    plane[threadIdx.y][threadIdx.x] = here;
    __syncthreads();
    const int tx = threadIdx.x, ty = threadIdx.y;
    if (tx > 0 && tx < 7 && ty > 0 && ty < 7 && x < n - 1 && y < n - 1)
      out(z, y, x) = plane[ty][tx - 1] + plane[ty][tx + 1] + plane[ty - 1][tx] + plane[ty + 1][tx] + below +
                     above - 6 * here;
  }
}

int main() {
  const int w = 37, h = 29;
  float m[2 * R + 1][2 * R + 1], *in, *out;
  for (int i = 0; i < 25; ++i) m[i / 5][i % 5] = i;
  cudaMemcpyToSymbol(mask, m, sizeof m);
  cudaMallocManaged(&in, w * h * sizeof(float));
  cudaMallocManaged(&out, w * h * sizeof(float));
  for (int i = 0; i < w * h; ++i) in[i] = i * 37 % 11;
  convolve<<<dim3((w + BLOCK - 1) / BLOCK, (h + BLOCK - 1) / BLOCK), dim3(BLOCK, BLOCK)>>>(in, out, w, h);
  if (cudaDeviceSynchronize() != cudaSuccess) return 2;
  int wrong = 0;
  for (int y = 0; y < h; ++y)
    for (int x = 0; x < w; ++x) {
      float sum = 0;
      for (int i = -R; i <= R; ++i)
        for (int j = -R; j <= R; ++j)
          if (y + i >= 0 && y + i < h && x + j >= 0 && x + j < w)
            sum += m[i + R][j + R] * in[(y + i) * w + x + j];
      wrong += out[y * w + x] != sum;  // small integers: exact
    }
  cudaFree(in);
  cudaFree(out);

  Grid3 a{nullptr, 20}, b{nullptr, 20};
  cudaMallocManaged(&a.p, 8000 * sizeof(float));
  cudaMallocManaged(&b.p, 8000 * sizeof(float));
  for (int i = 0; i < 8000; ++i) a.p[i] = i * 53 % 17;
  diffuse<<<dim3(3, 3), dim3(8, 8)>>>(a, b);
  cudaDeviceSynchronize();
  for (int z = 1; z < 19; ++z)
    for (int y = 1; y < 19; ++y)
      for (int x = 1; x < 19; ++x)
        wrong += b(z, y, x) != a(z, y, x - 1) + a(z, y, x + 1) + a(z, y - 1, x) + a(z, y + 1, x) +
                                   a(z - 1, y, x) + a(z + 1, y, x) - 6 * a(z, y, x);
  cudaFree(a.p);
  cudaFree(b.p);
  std::printf("%d wrong\n", wrong);
  return wrong != 0;
}
