#pragma once
// Texture and surface objects: of linear and pitched memory and of CUDA arrays, one-, two- and
// three-dimensional and layered, with point and linear filtering and all address modes. Mipmaps, cubemaps and
// gathers are not modelled.
#include <cuda_runtime.h>

#include <cstring>
#include <type_traits>

#include "simt/site.hpp"

namespace simt {

/// Up to four channels of one texture fetch.
struct Texel {
  float real[4];  // of float channels, and of integers read as normalised floats
  int whole[4];   // of integer channels
};
/// The texel at integer coordinates of linear memory; zeros outside.
Texel fetch_linear(cudaTextureObject_t texture, int x, Site site);
/// Sampled at coordinates as the texture's description wants them, in `dimensions`; from a layer.
Texel fetch(cudaTextureObject_t texture, int dimensions, float x, float y, float z, int layer, Site site);
/// `size` bytes of a surface, x counted in bytes; null where the boundary mode says that nothing happens.
void* surface_at(cudaSurfaceObject_t surface, int x, int y, int z, unsigned size, bool write,
                 cudaSurfaceBoundaryMode mode, Site site);

namespace detail {

template <class T>
struct Channels {
  using type = T;
};
template <class T>
requires std::is_class_v<T>
struct Channels<T> {
  using type = decltype(T::x);
};

template <class T>
T from_texel(const Texel& texel) {
  using Channel = typename Channels<T>::type;
  constexpr unsigned count = sizeof(T) / sizeof(Channel);
  static_assert(count <= 4, "a texture has at most four channels");
  Channel channels[count];
  for (unsigned i = 0; i < count; ++i)
    if constexpr (std::is_floating_point_v<Channel>)
      channels[i] = Channel(texel.real[i]);
    else
      channels[i] = Channel(texel.whole[i]);
  T result;
  std::memcpy(static_cast<void*>(&result), channels, sizeof result);
  return result;
}

}  // namespace detail
}  // namespace simt

#define SIMT_SITE simt::Site site = simt::Site::here()
// name<T>(texture, …) and name(&result, texture, …)
#define SIMT_TEXTURE(name, parameters, arguments, fetch)                                 \
  template <class T>                                                                     \
  T name(cudaTextureObject_t texture, SIMT_UNPACK parameters, SIMT_SITE) {               \
    return simt::detail::from_texel<T>(fetch);                                           \
  }                                                                                      \
  template <class T>                                                                     \
  void name(T* result, cudaTextureObject_t texture, SIMT_UNPACK parameters, SIMT_SITE) { \
    *result = name<T>(texture, SIMT_UNPACK arguments, site);                             \
  }
#define SIMT_UNPACK(...) __VA_ARGS__
SIMT_TEXTURE(tex1Dfetch, (int x), (x), simt::fetch_linear(texture, x, site))
SIMT_TEXTURE(tex1D, (float x), (x), simt::fetch(texture, 1, x, 0, 0, 0, site))
SIMT_TEXTURE(tex2D, (float x, float y), (x, y), simt::fetch(texture, 2, x, y, 0, 0, site))
SIMT_TEXTURE(tex3D, (float x, float y, float z), (x, y, z), simt::fetch(texture, 3, x, y, z, 0, site))
SIMT_TEXTURE(tex1DLayered, (float x, int layer), (x, layer), simt::fetch(texture, 1, x, 0, 0, layer, site))
SIMT_TEXTURE(tex2DLayered, (float x, float y, int layer), (x, y, layer),
             simt::fetch(texture, 2, x, y, 0, layer, site))
// There is one level of detail.
SIMT_TEXTURE(tex1DLod, (float x, float), (x, 0), simt::fetch(texture, 1, x, 0, 0, 0, site))
SIMT_TEXTURE(tex2DLod, (float x, float y, float), (x, y, 0), simt::fetch(texture, 2, x, y, 0, 0, site))
SIMT_TEXTURE(tex3DLod, (float x, float y, float z, float), (x, y, z, 0),
             simt::fetch(texture, 3, x, y, z, 0, site))
#undef SIMT_TEXTURE

#define SIMT_MODE cudaSurfaceBoundaryMode mode = cudaBoundaryModeTrap
#define SIMT_SURFACE(shape, parameters, arguments, y, z)                                                 \
  template <class T>                                                                                     \
  T surf##shape##read(cudaSurfaceObject_t surface, int x, SIMT_UNPACK parameters SIMT_MODE, SIMT_SITE) { \
    T value{};                                                                                           \
    if (void* p = simt::surface_at(surface, x, y, z, sizeof(T), false, mode, site))                      \
      simt::detail::copy_unseen(&value, p, sizeof value);                                                \
    return value;                                                                                        \
  }                                                                                                      \
  template <class T>                                                                                     \
  void surf##shape##read(T* value, cudaSurfaceObject_t surface, int x, SIMT_UNPACK parameters SIMT_MODE, \
                         SIMT_SITE) {                                                                    \
    *value = surf##shape##read<T>(surface, x, SIMT_UNPACK arguments mode, site);                         \
  }                                                                                                      \
  template <class T>                                                                                     \
  void surf##shape##write(T value, cudaSurfaceObject_t surface, int x, SIMT_UNPACK parameters SIMT_MODE, \
                          SIMT_SITE) {                                                                   \
    if (void* p = simt::surface_at(surface, x, y, z, sizeof(T), true, mode, site))                       \
      simt::detail::copy_unseen(p, &value, sizeof value);                                                \
  }
namespace simt::detail {
/// memcpy by the runtime: the access has been told already.
void copy_unseen(void* to, const void* from, std::size_t bytes);
}  // namespace simt::detail
SIMT_SURFACE(1D, (), (), 0, 0)
SIMT_SURFACE(2D, (int y, ), (y, ), y, 0)
SIMT_SURFACE(3D, (int y, int z, ), (y, z, ), y, z)
SIMT_SURFACE(1DLayered, (int layer, ), (layer, ), 0, layer)
SIMT_SURFACE(2DLayered, (int y, int layer, ), (y, layer, ), y, layer)
#undef SIMT_SURFACE
#undef SIMT_MODE
#undef SIMT_UNPACK
#undef SIMT_SITE

#define SIMT_NO_TEXTURE(name)                                                                      \
  template <class T = void, class... A>                                                            \
  __attribute__((                                                                                  \
      error("simt does not execute " #name ": mipmaps, cubemaps and gathers are not modelled"))) T \
  name(A...);
SIMT_NO_TEXTURE(texCubemap)
SIMT_NO_TEXTURE(texCubemapLayered)
SIMT_NO_TEXTURE(tex2Dgather)
SIMT_NO_TEXTURE(tex1DGrad)
SIMT_NO_TEXTURE(tex2DGrad)
SIMT_NO_TEXTURE(tex3DGrad)
SIMT_NO_TEXTURE(surfCubemapread)
SIMT_NO_TEXTURE(surfCubemapwrite)
#undef SIMT_NO_TEXTURE
