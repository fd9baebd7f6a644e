// Textures and surfaces: of linear and pitched memory and of CUDA arrays, with filtering and every address
// mode.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>

#define REQUIRE(condition)                              \
  if (!(condition)) {                                   \
    std::printf("line %d: %s\n", __LINE__, #condition); \
    return 1;                                           \
  }

__global__ void twice(cudaTextureObject_t texture, float* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = 2 * tex1Dfetch<float>(texture, i);
}
// Texel (i, j) and its neighbour on the left.
__global__ void with_left(cudaTextureObject_t texture, float* out, int w, int h) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x, j = blockIdx.y;
  if (i < w && j < h)
    out[j * w + i] =
        tex2D<float>(texture, i + 0.5f, j + 0.5f) + 100 * tex2D<float>(texture, i - 0.5f, j + 0.5f);
}
__global__ void sample(cudaTextureObject_t texture, const float2* at, float* out, int n) {
  const int i = threadIdx.x;
  if (i < n) tex2D(out + i, texture, at[i].x, at[i].y);
}
__global__ void colours(cudaTextureObject_t whole, cudaTextureObject_t normal, uchar4* a, float4* b) {
  const int i = threadIdx.x;
  a[i] = tex2D<uchar4>(whole, i, 1);
  b[i] = tex2D<float4>(normal, i, 1);
}
__global__ void volume(cudaTextureObject_t cube, cudaTextureObject_t layers, float* out) {
  const int x = threadIdx.x, y = threadIdx.y, z = threadIdx.z, i = (z * 4 + y) * 4 + x;
  out[i] = tex3D<float>(cube, x + 0.5f, y + 0.5f, z + 1.0f) +
           1000 * tex2DLayered<float>(layers, x + 0.5f, y + 0.5f, z);
}
__global__ void ramp(cudaSurfaceObject_t surface) {
  const int x = threadIdx.x, y = blockIdx.x;
  int old;
  surf2Dread(&old, surface, x * sizeof(int), y);
  surf2Dwrite(old + 10 * y + x, surface, x * sizeof(int), y);
}

cudaResourceDesc over(cudaArray_t array) {
  cudaResourceDesc resource{};
  resource.resType = cudaResourceTypeArray;
  resource.res.array.array = array;
  return resource;
}
cudaTextureDesc mode(cudaTextureAddressMode address, cudaTextureFilterMode filter, bool normalised = false) {
  cudaTextureDesc description{};
  std::fill_n(description.addressMode, 3, address);
  description.filterMode = filter;
  description.normalizedCoords = normalised;
  return description;
}

int main() {
  const int w = 20, h = 6, n = w * h;
  std::vector<float> image(n);
  for (int i = 0; i < n; ++i) image[i] = i * 7 % 31;
  float *out, *memory;
  cudaTextureObject_t texture, other;
  REQUIRE(cudaMallocManaged(&out, n * sizeof(float)) == cudaSuccess);

  cudaResourceDesc linear{};
  REQUIRE(cudaMalloc(&memory, n * sizeof(float)) == cudaSuccess);
  REQUIRE(cudaMemcpy(memory, image.data(), n * sizeof(float), cudaMemcpyHostToDevice) == cudaSuccess);
  linear.resType = cudaResourceTypeLinear;
  linear.res.linear.devPtr = memory;
  linear.res.linear.desc = cudaCreateChannelDesc<float>();
  linear.res.linear.sizeInBytes = (n - 5) * sizeof(float);
  cudaTextureDesc plain{};
  REQUIRE(cudaCreateTextureObject(&texture, &linear, &plain, nullptr) == cudaSuccess);
  twice<<<(n + 63) / 64, 64>>>(texture, out, n);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess && cudaDestroyTextureObject(texture) == cudaSuccess);
  for (int i = 0; i < n; ++i) REQUIRE(out[i] == (i < n - 5 ? 2 * image[i] : 0));
  REQUIRE(cudaFree(memory) == cudaSuccess);

  size_t pitch;
  REQUIRE(cudaMallocPitch(&memory, &pitch, w * sizeof(float), h) == cudaSuccess);
  REQUIRE(cudaMemcpy2D(memory, pitch, image.data(), w * sizeof(float), w * sizeof(float), h,
                       cudaMemcpyHostToDevice) == cudaSuccess);
  cudaResourceDesc pitched{};
  pitched.resType = cudaResourceTypePitch2D;
  pitched.res.pitch2D = {memory, cudaCreateChannelDesc<float>(), w, h, pitch};
  for (auto address : {cudaAddressModeClamp, cudaAddressModeBorder}) {
    const cudaTextureDesc description = mode(address, cudaFilterModePoint);
    REQUIRE(cudaCreateTextureObject(&texture, &pitched, &description, nullptr) == cudaSuccess);
    with_left<<<dim3(1, h), 32>>>(texture, out, w, h);
    REQUIRE(cudaDeviceSynchronize() == cudaSuccess && cudaDestroyTextureObject(texture) == cudaSuccess);
    for (int i = 0; i < n; ++i) {
      const float left = i % w ? image[i - 1] : address == cudaAddressModeClamp ? image[i] : 0;
      REQUIRE(out[i] == image[i] + 100 * left);
    }
  }
  REQUIRE(cudaFree(memory) == cudaSuccess);

  // Between texels, and past the edges of a texture with normalised coordinates.
  cudaArray_t array;
  const cudaChannelFormatDesc real = cudaCreateChannelDesc(32, 0, 0, 0, cudaChannelFormatKindFloat);
  REQUIRE(cudaMallocArray(&array, &real, w, h) == cudaSuccess);
  REQUIRE(cudaMemcpy2DToArray(array, 0, 0, image.data(), w * sizeof(float), w * sizeof(float), h,
                              cudaMemcpyHostToDevice) == cudaSuccess);
  float2* at;
  const int points = 64;
  REQUIRE(cudaMallocManaged(&at, points * sizeof(float2)) == cudaSuccess);
  for (int i = 0; i < points; ++i) at[i] = {i * 0.0625f - 1.5f, i * 0.03125f - 0.5f};
  for (auto address : {cudaAddressModeWrap, cudaAddressModeMirror}) {
    const cudaResourceDesc resource = over(array);
    const cudaTextureDesc description = mode(address, cudaFilterModeLinear, true);
    REQUIRE(cudaCreateTextureObject(&texture, &resource, &description, nullptr) == cudaSuccess);
    sample<<<1, points>>>(texture, at, out, points);
    REQUIRE(cudaDeviceSynchronize() == cudaSuccess && cudaDestroyTextureObject(texture) == cudaSuccess);
    const auto index = [&](int i, int size) {
      const int period = address == cudaAddressModeWrap ? size : 2 * size, r = (i % period + period) % period;
      return r < size ? r : period - 1 - r;
    };
    for (int i = 0; i < points; ++i) {
      const float x = at[i].x * w - 0.5f, y = at[i].y * h - 0.5f;
      const int u = std::floor(x), v = std::floor(y);
      const float a = x - u, b = y - v;
      const auto texel = [&](int x, int y) { return image[index(y, h) * w + index(x, w)]; };
      const float expected = (1 - a) * (1 - b) * texel(u, v) + a * (1 - b) * texel(u + 1, v) +
                             (1 - a) * b * texel(u, v + 1) + a * b * texel(u + 1, v + 1);
      // Two weights, each rounded to a 256th: half of that off, times the largest difference, 30.
      REQUIRE(std::fabs(out[i] - expected) <= 2 * 30 / 512.f);
    }
  }
  cudaFree(at), cudaFreeArray(array);

  // Bytes, as they are and as numbers up to 1.
  uchar4 pixels[2][16], *a;
  float4* b;
  for (int i = 0; i < 32; ++i) pixels[i / 16][i % 16] = make_uchar4(i, 2 * i, 255 - i, 255);
  const cudaChannelFormatDesc bytes = cudaCreateChannelDesc<uchar4>();
  REQUIRE(cudaMallocArray(&array, &bytes, 16, 2) == cudaSuccess);
  REQUIRE(cudaMemcpy2DToArray(array, 0, 0, pixels, 64, 64, 2, cudaMemcpyHostToDevice) == cudaSuccess);
  cudaMallocManaged(&a, 16 * sizeof *a), cudaMallocManaged(&b, 16 * sizeof *b);
  const cudaResourceDesc resource = over(array);
  cudaTextureDesc reads{};
  REQUIRE(cudaCreateTextureObject(&texture, &resource, &reads, nullptr) == cudaSuccess);
  reads.readMode = cudaReadModeNormalizedFloat;
  REQUIRE(cudaCreateTextureObject(&other, &resource, &reads, nullptr) == cudaSuccess);
  colours<<<1, 16>>>(texture, other, a, b);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  for (int i = 0; i < 16; ++i) REQUIRE(a[i].y == 2 * (16 + i) && b[i].z == (239 - i) / 255.f && b[i].w == 1);
  cudaDestroyTextureObject(texture), cudaDestroyTextureObject(other);
  cudaFreeArray(array), cudaFree(a), cudaFree(b);

  // A cube, halfway between its slices, and the same numbers as layers.
  cudaArray_t cube, layers;
  REQUIRE(cudaMalloc3DArray(&cube, &real, make_cudaExtent(4, 4, 4)) == cudaSuccess);
  REQUIRE(cudaMalloc3DArray(&layers, &real, make_cudaExtent(4, 4, 4), cudaArrayLayered) == cudaSuccess);
  for (cudaArray_t to : {cube, layers}) {
    cudaMemcpy3DParms copy{};
    copy.srcPtr = make_cudaPitchedPtr(image.data(), 4 * sizeof(float), 4, 4);
    copy.dstArray = to, copy.extent = make_cudaExtent(4, 4, 4), copy.kind = cudaMemcpyHostToDevice;
    REQUIRE(cudaMemcpy3D(&copy) == cudaSuccess);
  }
  const cudaResourceDesc in_cube = over(cube), in_layers = over(layers);
  const cudaTextureDesc smooth = mode(cudaAddressModeClamp, cudaFilterModeLinear);
  REQUIRE(cudaCreateTextureObject(&texture, &in_cube, &smooth, nullptr) == cudaSuccess);
  REQUIRE(cudaCreateTextureObject(&other, &in_layers, &smooth, nullptr) == cudaSuccess);
  volume<<<1, dim3(4, 4, 4)>>>(texture, other, out);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  for (int i = 0; i < 64; ++i)
    REQUIRE(out[i] == (image[i] + image[std::min(i + 16, 48 + i % 16)]) / 2 + 1000 * image[i]);
  cudaDestroyTextureObject(texture), cudaDestroyTextureObject(other);
  cudaFreeArray(cube), cudaFreeArray(layers), cudaFree(out);

  int numbers[3][8], results[3][8];
  for (int i = 0; i < 24; ++i) numbers[i / 8][i % 8] = i * i;
  const cudaChannelFormatDesc integer = cudaCreateChannelDesc<int>();
  cudaSurfaceObject_t surface;
  REQUIRE(cudaMallocArray(&array, &integer, 8, 3, cudaArraySurfaceLoadStore) == cudaSuccess);
  REQUIRE(cudaMemcpy2DToArray(array, 0, 0, numbers, 32, 32, 3, cudaMemcpyHostToDevice) == cudaSuccess);
  const cudaResourceDesc board = over(array);
  REQUIRE(cudaCreateSurfaceObject(&surface, &board) == cudaSuccess);
  ramp<<<3, 8>>>(surface);
  REQUIRE(cudaMemcpy2DFromArray(results, 32, array, 0, 0, 32, 3, cudaMemcpyDeviceToHost) == cudaSuccess);
  for (int i = 0; i < 24; ++i) REQUIRE(results[i / 8][i % 8] == i * i + 10 * (i / 8) + i % 8);
  cudaDestroySurfaceObject(surface), cudaFreeArray(array);
  return 0;
}
