// What kernels/convolution decides on the host.
#include "kernels/convolution/backward_filter.cuh"
#include "kernels/convolution/winograd.cuh"
#include "tests/catch.hpp"

namespace {

// A correlation of 1-D tiles by the transforms of F(m, 3), in double.
template <int kM>
std::array<double, kM> winograd(const std::array<double, kM + 2>& d, const std::array<double, 3>& g) {
  using W = conv::Winograd<kM>;
  std::array<double, kM> y{};
  for (int e = 0; e < kM + 2; ++e) {
    double filter = 0, in = 0;
    for (int t = 0; t < 3; ++t) filter += double(W::g(e, t)) * g[t];
    for (int t = 0; t < kM + 2; ++t) in += double(W::b(e, t)) * d[t];
    for (int i = 0; i < kM; ++i) y[i] += double(W::a(i, e)) * filter * in;
  }
  return y;
}

template <int kM>
void check_winograd() {
  // Bilinear, so it is right if it is for every pair of unit vectors.
  for (int s = 0; s < kM + 2; ++s)
    for (int t = 0; t < 3; ++t) {
      std::array<double, kM + 2> d{};
      std::array<double, 3> g{};
      d[s] = g[t] = 1;
      const auto y = winograd<kM>(d, g);
      for (int i = 0; i < kM; ++i)  // 1/6, 1/12 and 1/24 are rounded to FP32
        CHECK(y[i] == Approx(i + t == s ? 1 : 0).margin(kM == 2 ? 0 : 1e-6));
    }
}

}  // namespace

TEST_CASE("Winograd's transforms compute a correlation") {
  check_winograd<2>();
  check_winograd<4>();
}

TEST_CASE("Winograd's growth is what the lesson says") {
  CHECK(conv::winograd_growth<2>() == Approx(64.0 / 3));
  CHECK(conv::winograd_growth<4>() == Approx(768).epsilon(0.01));
}

TEST_CASE("slices cover every pixel once, and give about the blocks that were asked for") {
  for (int n : {0, 1, 3, 256})
    for (int side : {1, 7, 56})
      for (int k : {1, 64, 512})
        for (int blocks : {1, 512}) {
          const conv::Sizes z{.n = n,
                              .c = 64,
                              .h = side,
                              .w = side,
                              .k = k,
                              .r = 3,
                              .s = 3,
                              .p = side,
                              .q = side,
                              .stride = 1,
                              .pad = 1,
                              .dilation = 1,
                              .groups = 1,
                              .nhwc = false};
          const conv::Slices s = conv::slices_for(z, blocks);
          CAPTURE(n, side, k, blocks, s.length, s.count);
          CHECK(s.pixels == std::int64_t(n) * side * side);
          CHECK(s.length % conv::FilterTile::kK == 0);
          CHECK(s.count >= 1);
          CHECK(s.length * s.count >= s.pixels);
          CHECK(s.length * (s.count - 1) < std::max<std::int64_t>(s.pixels, 1));
          const std::int64_t tiles = ceil_div(k, 64) * ceil_div(64 * 9, 64);
          CHECK(s.count <= std::max<std::int64_t>(blocks / tiles, 1));
        }
}

TEST_CASE("a position is the inverse of the strides") {
  for (const bool nhwc : {false, true}) {
    const conv::Sizes z{.n = 2,
                        .c = 3,
                        .h = 5,
                        .w = 7,
                        .k = 1,
                        .r = 1,
                        .s = 1,
                        .p = 5,
                        .q = 7,
                        .stride = 1,
                        .pad = 0,
                        .dilation = 1,
                        .groups = 1,
                        .nhwc = nhwc};
    for (int i = 0; i < z.x_count(); ++i) {
      const auto [n, channel, row, column] = conv::position(i, z.c, z.h, z.w, nhwc);
      CHECK(z.x_strides().at(n, channel, row, column) == i);
    }
  }
}
