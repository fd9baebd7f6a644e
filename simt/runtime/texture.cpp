// Texture and surface objects.
#include "simt/texture.hpp"

#include <cuda_fp16.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "array.hpp"
#include "simt/observer.hpp"
#include "simt/sync.hpp"
#include "state.hpp"
#include "stream.hpp"

namespace simt {
namespace {

constexpr std::uint64_t mark = 0x73696D7474657874;  // begins every object that is alive

/// What an object's handle points to.
struct Object {
  std::uint64_t alive = mark;
  cudaResourceDesc resource{};
  cudaTextureDesc texture{};
  cudaChannelFormatDesc format{};
  const char* data = nullptr;
  std::size_t width = 0, height = 1, depth = 1;  // elements; depth: layers too
  std::size_t pitch = 0, element = 0;            // bytes
};

/// False where the resource is none that is modelled.
bool describe(const cudaResourceDesc& resource, Object& object) {
  object.resource = resource;
  switch (resource.resType) {
    case cudaResourceTypeArray: {
      const cudaArray* array = resource.res.array.array;
      if (!array) return false;
      object.format = array->format;
      object.data = array->data;
      object.width = array->extent.width;
      object.height = array->rows();
      object.depth = array->slices();
      object.pitch = array->pitch();
      break;
    }
    case cudaResourceTypeLinear:
      object.format = resource.res.linear.desc;
      object.data = static_cast<const char*>(resource.res.linear.devPtr);
      object.width = resource.res.linear.sizeInBytes;  // in elements below
      break;
    case cudaResourceTypePitch2D:
      object.format = resource.res.pitch2D.desc;
      object.data = static_cast<const char*>(resource.res.pitch2D.devPtr);
      object.width = resource.res.pitch2D.width;
      object.height = resource.res.pitch2D.height;
      object.pitch = resource.res.pitch2D.pitchInBytes;
      break;
    default: return false;
  }
  const cudaChannelFormatDesc& f = object.format;
  object.element = std::size_t(f.x + f.y + f.z + f.w) / 8;
  if (object.element && resource.resType == cudaResourceTypeLinear) object.width /= object.element;
  return object.data && object.element;
}

template <class Handle>
const Object& object_of(Handle handle, Site site) {
  const auto* object = reinterpret_cast<const Object*>(handle);
  if (!object || object->alive != mark)
    fail(cudaErrorIllegalAddress, "the texture or surface object does not exist", site);
  return *object;
}

/// The element at integer coordinates that are in range.
Texel element_at(const Object& o, std::size_t x, std::size_t y, std::size_t z, Site site) {
  const char* p = o.data + (z * o.height + y) * o.pitch + x * o.element;
  if (observer) observer->runtime_reads(p, o.element, site);
  const int bits[] = {o.format.x, o.format.y, o.format.z, o.format.w};
  const bool normalised = o.texture.readMode == cudaReadModeNormalizedFloat;
  Texel texel{};
  for (int i = 0; i < 4 && bits[i]; p += bits[i++] / 8) {
    const int unused = 32 - bits[i];
    std::uint32_t raw = 0;
    std::memcpy(&raw, p, std::size_t(bits[i]) / 8);
    if (o.format.f == cudaChannelFormatKindFloat) {
      if (bits[i] == 32)
        std::memcpy(&texel.real[i], p, 4);
      else
        texel.real[i] = __half2float(__half(__half_raw{static_cast<unsigned short>(raw)}));
    } else if (o.format.f == cudaChannelFormatKindSigned) {
      texel.whole[i] = int(raw << unused) >> unused;
      if (normalised)
        texel.real[i] = std::max(-1.0f, float(texel.whole[i]) / float((1u << (bits[i] - 1)) - 1));
    } else {
      texel.whole[i] = int(raw);
      if (normalised) texel.real[i] = float(raw) / float(~0u >> unused);
    }
  }
  return texel;
}

/// The index that the address mode makes of one; -1: the border.
long address(long i, long size, cudaTextureAddressMode mode, bool normalised) {
  if (i >= 0 && i < size) return i;
  if (mode == cudaAddressModeBorder) return -1;
  if (normalised && mode == cudaAddressModeWrap) return (i % size + size) % size;
  if (normalised && mode == cudaAddressModeMirror) {
    const long m = (i % (2 * size) + 2 * size) % (2 * size);
    return m < size ? m : 2 * size - 1 - m;
  }
  return i < 0 ? 0 : size - 1;
}

}  // namespace

Texel fetch_linear(cudaTextureObject_t handle, int x, Site site) {
  const Object& o = object_of(handle, site);
  if (x < 0 || std::size_t(x) >= o.width) return {};
  return element_at(o, std::size_t(x), 0, 0, site);
}

// Linear filtering weighs with 8 bits of fraction, as the Programming Guide has it.
Texel fetch(cudaTextureObject_t handle, int dimensions, float x, float y, float z, int layer, Site site) {
  const Object& o = object_of(handle, site);
  const bool linear = o.texture.filterMode == cudaFilterModeLinear,
             normalised = o.texture.normalizedCoords != 0;
  const std::size_t size[3] = {o.width, o.height, o.depth};
  const float coordinate[3] = {x, y, z};
  long first[3] = {0, 0, 0};
  float weight[3] = {0, 0, 0};  // of the second
  for (int d = 0; d < dimensions; ++d) {
    float at = normalised ? coordinate[d] * float(size[d]) : coordinate[d];
    if (!(std::fabs(at) < 1e9f)) at = at > 0 ? 1e9f : at < 0 ? -1e9f : 0;
    if (linear) at -= 0.5f;
    first[d] = long(std::floor(at));
    if (linear) weight[d] = std::nearbyint((at - std::floor(at)) * 256) / 256;
  }
  const long fixed_layer = std::min(std::max(layer, 0), int(o.depth) - 1);
  Texel sum{};
  for (int corner = 0; corner < (linear ? 1 << dimensions : 1); ++corner) {
    float share = 1;
    long index[3] = {0, 0, 0};
    bool border = false;
    for (int d = 0; d < dimensions; ++d) {
      const bool second = corner >> d & 1;
      share *= second ? weight[d] : 1 - weight[d];
      index[d] = address(first[d] + second, long(size[d]), o.texture.addressMode[d], normalised);
      border = border || index[d] < 0;
    }
    if (share == 0) continue;
    const long slice = dimensions == 3 ? index[2] : fixed_layer;
    Texel texel{};
    if (border)
      std::memcpy(texel.real, o.texture.borderColor, sizeof texel.real);
    else
      texel = element_at(o, std::size_t(index[0]), std::size_t(index[1]), std::size_t(slice), site);
    if (!linear) return texel;
    for (int i = 0; i < 4; ++i) sum.real[i] += share * texel.real[i];
  }
  return sum;
}

void* surface_at(cudaSurfaceObject_t handle, int x, int y, int z, unsigned size, bool write,
                 cudaSurfaceBoundaryMode mode, Site site) {
  const Object& o = object_of(handle, site);
  const int last_x = int(o.width * o.element - size), last_y = int(o.height) - 1, last_z = int(o.depth) - 1;
  if (x < 0 || x > last_x || y < 0 || y > last_y || z < 0 || z > last_z) {
    if (mode == cudaBoundaryModeTrap)
      fail(cudaErrorIllegalAddress, "an access outside the surface (x counts bytes)", site);
    if (mode == cudaBoundaryModeZero || write) return nullptr;
    x = std::min(std::max(x, 0), last_x), y = std::min(std::max(y, 0), last_y),
    z = std::min(std::max(z, 0), last_z);
  }
  char* p =
      const_cast<char*>(o.data) + (std::size_t(z) * o.height + std::size_t(y)) * o.pitch + std::size_t(x);
  if (observer && write) observer->runtime_writes(p, size, site);
  if (observer && !write) observer->runtime_reads(p, size, site);
  return p;
}

void detail::copy_unseen(void* to, const void* from, std::size_t bytes) { std::memcpy(to, from, bytes); }

namespace {
template <class Handle>
cudaError_t create(Handle* handle, const cudaResourceDesc* resource, const cudaTextureDesc* texture) {
  if (!handle || !resource) return set_error(cudaErrorInvalidValue);
  Object object;
  if (!describe(*resource, object)) return set_error(cudaErrorInvalidValue);
  if (texture) object.texture = *texture;
  const bool integers =
      object.format.f == cudaChannelFormatKindSigned || object.format.f == cudaChannelFormatKindUnsigned;
  if (texture && texture->filterMode == cudaFilterModeLinear && integers &&
      texture->readMode == cudaReadModeElementType)
    return set_error(cudaErrorInvalidFilterSetting);
  *handle = reinterpret_cast<Handle>(new Object(object));
  return cudaSuccess;
}
template <class Handle>
cudaError_t destroy(Handle handle) {
  auto* object = reinterpret_cast<Object*>(handle);
  if (!object) return cudaSuccess;
  const cudaError_t error = simt::wait_for_all();
  object->alive = 0;
  delete object;
  return error;
}
}  // namespace
}  // namespace simt

cudaError_t cudaCreateTextureObject(cudaTextureObject_t* texture, const cudaResourceDesc* resource,
                                    const cudaTextureDesc* description, const cudaResourceViewDesc* view) {
  if (!description || view) return simt::set_error(view ? cudaErrorNotSupported : cudaErrorInvalidValue);
  return simt::create(texture, resource, description);
}
cudaError_t cudaDestroyTextureObject(cudaTextureObject_t texture) { return simt::destroy(texture); }
cudaError_t cudaCreateSurfaceObject(cudaSurfaceObject_t* surface, const cudaResourceDesc* resource) {
  if (!resource || resource->resType != cudaResourceTypeArray) return simt::set_error(cudaErrorInvalidValue);
  return simt::create(surface, resource, nullptr);
}
cudaError_t cudaDestroySurfaceObject(cudaSurfaceObject_t surface) { return simt::destroy(surface); }
cudaError_t cudaGetTextureObjectResourceDesc(cudaResourceDesc* resource, cudaTextureObject_t texture) {
  if (!resource || !texture) return simt::set_error(cudaErrorInvalidValue);
  *resource = reinterpret_cast<const simt::Object*>(texture)->resource;
  return cudaSuccess;
}
cudaError_t cudaGetTextureObjectTextureDesc(cudaTextureDesc* description, cudaTextureObject_t texture) {
  if (!description || !texture) return simt::set_error(cudaErrorInvalidValue);
  *description = reinterpret_cast<const simt::Object*>(texture)->texture;
  return cudaSuccess;
}
