#pragma once
// Textures and surfaces are not modelled: a kernel that uses one is told so at its own line when it is
// compiled.
#define SIMT_NO_TEXTURE(name)                                                                               \
  template <class T = void, class... A>                                                                     \
  __attribute__((error("simt does not execute " #name ": textures and surfaces are not modelled"))) T name( \
      A...);
SIMT_NO_TEXTURE(tex1D)
SIMT_NO_TEXTURE(tex1Dfetch)
SIMT_NO_TEXTURE(tex2D)
SIMT_NO_TEXTURE(tex2DLod)
SIMT_NO_TEXTURE(tex2DLayered)
SIMT_NO_TEXTURE(tex3D)
SIMT_NO_TEXTURE(surf1Dread)
SIMT_NO_TEXTURE(surf1Dwrite)
SIMT_NO_TEXTURE(surf2Dread)
SIMT_NO_TEXTURE(surf2Dwrite)
#undef SIMT_NO_TEXTURE
