// The shapes this chapter's problems are verified, counted and timed at.
#pragma once

#include "bench/problem.hpp"

// One line of a table below; what it leaves out is usual.
struct ConvShape {
  double n = 1, c = 1, h = 1, w = 1, k = 1, r = 1, s = 1, stride = 1, pad = 0, dilation = 1, groups = 1,
         nhwc = 0;
  operator bench::Shape() const {
    return {{"n", n},           {"c", c},      {"h", h},           {"w", w},     {"k", k},
            {"r", r},           {"s", s},      {"stride", stride}, {"pad", pad}, {"dilation", dilation},
            {"groups", groups}, {"nhwc", nhwc}};
  }
};

// All distinct convolutions of ResNet-50 for 224 x 224 images (He et al. 2016, with the stride in the 3 x 3
// layers as torchvision has it), in the order of the network. Square images, square filters, pad = r / 2.
struct ResNetLayer {
  double c, h, k, r, stride;
};
inline constexpr ResNetLayer kResNet50[] = {
    {3, 224, 64, 7, 2},     {64, 56, 64, 1, 1},    {64, 56, 64, 3, 1},    {64, 56, 256, 1, 1},
    {256, 56, 64, 1, 1},    {256, 56, 128, 1, 1},  {128, 56, 128, 3, 2},  {128, 28, 512, 1, 1},
    {256, 56, 512, 1, 2},   {512, 28, 128, 1, 1},  {128, 28, 128, 3, 1},  {512, 28, 256, 1, 1},
    {256, 28, 256, 3, 2},   {256, 14, 1024, 1, 1}, {512, 28, 1024, 1, 2}, {1024, 14, 256, 1, 1},
    {256, 14, 256, 3, 1},   {1024, 14, 512, 1, 1}, {512, 14, 512, 3, 2},  {512, 7, 2048, 1, 1},
    {1024, 14, 2048, 1, 2}, {2048, 7, 512, 1, 1},  {512, 7, 512, 3, 1},
};

inline std::vector<bench::Shape> conv_shapes(bench::ShapeSet set) {
  std::vector<bench::Shape> all;
  switch (set) {
    case bench::ShapeSet::edge:
      for (const ConvShape& s : std::initializer_list<ConvShape>{
               {},                                                          // one product
               {.n = 2, .c = 5, .h = 4, .w = 3, .k = 7},                    // 1 x 1: a matrix product
               {.c = 4, .h = 9, .w = 5, .k = 4, .stride = 2},               // 1 x 1, skipping pixels
               {.c = 2, .h = 3, .w = 4, .k = 2, .r = 5, .s = 3, .pad = 2},  // taller than the image
               {.n = 2, .c = 3, .h = 11, .w = 8, .k = 5, .r = 2, .s = 2, .stride = 3},  // stride > filter
               {.c = 4, .h = 21, .w = 19, .k = 3, .r = 3, .s = 2, .pad = 2, .dilation = 3},  // dilated, more
                                                                                             // than a tile
               {.c = 3, .h = 11, .w = 10, .k = 4, .r = 3, .s = 3, .stride = 2, .pad = 1, .dilation = 2},
               {.n = 2, .c = 6, .h = 7, .w = 5, .k = 6, .r = 3, .s = 3, .pad = 1, .groups = 6},  // depthwise
               {.c = 3, .h = 6, .w = 6, .k = 9, .r = 3, .s = 3, .pad = 1, .groups = 3},  // three filters a
                                                                                         // channel
               {.c = 8, .h = 6, .w = 7, .k = 4, .r = 3, .s = 1, .pad = 1, .groups = 2},
               {.n = 0, .c = 4, .h = 8, .w = 8, .k = 4, .r = 3, .s = 3, .pad = 1},    // an empty batch
               {.n = 3, .c = 7, .h = 13, .w = 11, .k = 5, .r = 3, .s = 3, .pad = 1},  // primes
               {.n = 1, .c = 3, .h = 23, .w = 19, .k = 17, .r = 7, .s = 7, .stride = 2, .pad = 3},  // a stem
               {.n = 2, .c = 16, .h = 10, .w = 18, .k = 36, .r = 3, .s = 3, .pad = 1},  // tiles and tails
               {.n = 1, .c = 64, .h = 3, .w = 5, .k = 130, .r = 1, .s = 1},  // many filters, few pixels
               {.n = 1, .c = 1, .h = 33, .w = 35, .k = 1, .r = 3, .s = 3, .pad = 5},  // a border of padding
               // each of them in one way only not what an algorithm for a special case takes
               {.c = 8, .h = 6, .w = 7, .k = 4, .r = 3, .s = 1, .pad = 1},
               {.c = 8, .h = 6, .w = 7, .k = 4, .r = 1, .s = 3, .pad = 1},
               {.c = 4, .h = 3, .w = 3, .k = 2, .r = 2, .s = 1},
               {.c = 4, .h = 3, .w = 3, .k = 2, .r = 1, .s = 2},
               {.c = 4, .h = 5, .w = 6, .k = 8, .pad = 1},
               {.c = 4, .h = 5, .w = 6, .k = 8, .groups = 2},
               {.c = 4, .h = 9, .w = 8, .k = 5, .r = 3, .s = 3, .pad = 2, .dilation = 2},
               {.c = 1, .h = 257, .w = 1, .k = 1},  // one output more than a block has threads
               {.c = 257, .h = 3, .w = 3, .k = 1},  // one weight more
               {.c = 3, .h = 17, .w = 17, .k = 5},  // one pixel more than a tile, either way
               {.c = 512, .h = 3, .w = 3, .k = 2, .r = 3, .s = 3, .pad = 1},             // deep
               {.c = 2, .h = 1, .w = 1, .k = 2, .r = 3, .s = 3, .stride = 2, .pad = 1},  // one pixel
               {.c = 2, .h = 2, .w = 2, .k = 3, .stride = 3},                  // smaller than the stride
               {.c = 8, .h = 9, .w = 9, .k = 8, .r = 3, .s = 3, .stride = 2},  // most taps meet the first
                                                                               // pixels
           })
        for (double nhwc : {0, 1}) {
          ConvShape shape = s;
          shape.nhwc = nhwc;
          all.push_back(shape);
        }
      break;
    case bench::ShapeSet::count:
      for (double nhwc : {0, 1})
        all.push_back(
            ConvShape{.n = 1, .c = 32, .h = 32, .w = 32, .k = 64, .r = 3, .s = 3, .pad = 1, .nhwc = nhwc});
      break;
    case bench::ShapeSet::bench:
      for (double n : {32, 256})
        for (double nhwc : {0, 1})
          for (const ResNetLayer& l : kResNet50)
            all.push_back(ConvShape{.n = n,
                                    .c = l.c,
                                    .h = l.h,
                                    .w = l.h,
                                    .k = l.k,
                                    .r = l.r,
                                    .s = l.r,
                                    .stride = l.stride,
                                    .pad = (l.r - 1) / 2,
                                    .nhwc = nhwc});
  }
  return all;
}

// Depthwise layers as MobileNet has them (Howard et al. 2017): 3 x 3, groups = c = k.
inline std::vector<bench::Shape> depthwise_shapes(bench::ShapeSet set) {
  std::vector<bench::Shape> all;
  const auto add = [&](ConvShape s) {
    s.k = s.groups = s.c;
    for (double nhwc : {0, 1}) {
      s.nhwc = nhwc;
      all.push_back(s);
    }
  };
  switch (set) {
    case bench::ShapeSet::edge:
      add({});
      add({.n = 2, .c = 5, .h = 13, .w = 7, .r = 3, .s = 3, .pad = 1});
      add({.n = 2, .c = 8, .h = 9, .w = 12, .r = 3, .s = 3, .stride = 2, .pad = 1});
      add({.n = 1, .c = 3, .h = 37, .w = 66, .r = 3, .s = 3, .pad = 1});
      add({.n = 1, .c = 4, .h = 12, .w = 14, .r = 5, .s = 3, .pad = 4, .dilation = 2});
      add({.n = 1, .c = 7, .h = 9, .w = 10, .r = 2, .s = 2, .stride = 3});
      add({.n = 0, .c = 4, .h = 8, .w = 8, .r = 3, .s = 3, .pad = 1});
      add({.n = 1, .c = 36, .h = 3, .w = 4, .r = 7, .s = 7, .pad = 3});
      add({.n = 1, .c = 4, .h = 7, .w = 6, .r = 2, .s = 3, .pad = 1});  // in one way only not 3 x 3, dense
      add({.n = 1, .c = 4, .h = 7, .w = 6, .r = 3, .s = 2, .pad = 1});
      add({.n = 1, .c = 4, .h = 9, .w = 8, .r = 3, .s = 3, .pad = 2, .dilation = 2});
      add({.n = 1, .c = 4, .h = 9, .w = 8, .r = 3, .s = 3, .stride = 3, .pad = 1});
      add({.n = 1, .c = 8, .h = 11, .w = 6, .r = 3, .s = 3, .pad = 1});  // channels by four, and one by one
      add({.n = 1, .c = 5, .h = 9, .w = 7, .r = 3, .s = 3, .stride = 2, .pad = 1});
      add({.n = 1, .c = 1, .h = 257, .w = 1});  // one output more than a block has threads
      break;
    case bench::ShapeSet::count: add({.n = 2, .c = 32, .h = 32, .w = 32, .r = 3, .s = 3, .pad = 1}); break;
    case bench::ShapeSet::bench:
      for (double n : {32, 256})
        for (const auto& [c, h, stride] : std::initializer_list<std::array<double, 3>>{{32, 112, 1},
                                                                                       {64, 112, 2},
                                                                                       {128, 56, 1},
                                                                                       {128, 56, 2},
                                                                                       {256, 28, 1},
                                                                                       {256, 28, 2},
                                                                                       {512, 14, 1},
                                                                                       {512, 14, 2},
                                                                                       {1024, 7, 1}})
          add({.n = n, .c = c, .h = h, .w = h, .r = 3, .s = 3, .stride = stride, .pad = 1});
  }
  return all;
}
