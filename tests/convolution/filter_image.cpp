// filter_image [RUNG]: draws an image, applies filters to it with one of the forward rungs, and prints both
// as JSON, for plots/filters.py. The result is held to the rung's error bound first; exit status 1 when it is
// not within.
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

#include "bench/device.hpp"
#include "bench/verify.hpp"
#include "chapters/05-convolution/problem.hpp"

namespace {

constexpr int kSide = 96, kTaps = 7;

// Hills under a sun, and bars that become finer to the right. 0 is black, 1 white.
std::vector<float> draw() {
  std::vector<float> image(kSide * kSide);
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x) {
      int grey = 150 + y;  // the sky
      if ((x - 68) * (x - 68) + (y - 22) * (y - 22) < 14 * 14) grey = 255;
      if (y > 30 + std::abs(x - 30)) grey = 110 - x;
      if (2 * y > 90 + std::abs(x - 80)) grey = 60 + x / 2;
      if (y >= 74) {
        const int period = x < 32 ? 16 : x < 64 ? 8 : 4;
        grey = x % period < period / 2 ? 20 : 235;
      }
      image[y * kSide + x] = static_cast<float>(std::min(grey, 255)) / 255;
    }
  return image;
}

struct Filter {
  const char* name;
  float (*tap)(int dy, int dx);  // offsets from the centre, -3 to 3
};
float gauss(int d) { return static_cast<float>(std::exp(-d * d / 4.5)); }
bool near(int dy, int dx) { return std::abs(dy) <= 1 && std::abs(dx) <= 1; }
const Filter kFilters[] = {
    {"blur: a Gaussian of 7 x 7",
     [](int dy, int dx) {
       float sum = 0;
       for (int d = -3; d <= 3; ++d) sum += gauss(d);
       return gauss(dy) * gauss(dx) / (sum * sum);
     }},
    {"sharpen: the pixel, and what sets it off",
     [](int dy, int dx) { return near(dy, dx) ? dy == 0 && dx == 0 ? 9.f : -1.f : 0.f; }},
    {"upright edges: right minus left (Sobel)",
     [](int dy, int dx) { return near(dy, dx) ? static_cast<float>(dx * (2 - std::abs(dy))) : 0.f; }},
    {"level edges: below minus above (Sobel)",
     [](int dy, int dx) { return near(dy, dx) ? static_cast<float>(dy * (2 - std::abs(dx))) : 0.f; }},
    {"any edge: a pixel against its neighbours",
     [](int dy, int dx) { return near(dy, dx) ? dy == 0 && dx == 0 ? 8.f : -1.f : 0.f; }},
};
constexpr int kCount = std::size(kFilters);

const bench::Entry& rung(const std::string& name) {
  for (const bench::Entry& e : bench::Registry::instance().entries())
    if (e.name == name && e.problem == Forward<>::kName) return e;
  throw bench::BadInput("no forward rung is called '" + name + "': ./ladder list 05-convolution shows them");
}

template <class T>
std::vector<std::byte> bytes(const std::vector<T>& values) {
  const auto* data = reinterpret_cast<const std::byte*>(values.data());
  return {data, data + values.size() * sizeof(T)};
}

int run(const std::string& name) {
  const bench::Entry& entry = rung(name);
  if (entry.where == bench::Where::gpu) bench::require_device();
  Forward<> problem(bench::Shape{
      {"c", 1}, {"h", kSide}, {"w", kSide}, {"k", kCount}, {"r", kTaps}, {"s", kTaps}, {"pad", kTaps / 2}}
                        .complete(Forward<>::dims()));
  if (const std::string needs = bench::refusal(entry, problem); !needs.empty())
    throw bench::BadInput(name + " " + needs);
  const std::vector<float> image = draw();
  std::vector<float> taps;
  for (const Filter& f : kFilters)
    for (int t = 0; t < kTaps * kTaps; ++t)
      taps.push_back(f.tap(t / kTaps - kTaps / 2, t % kTaps - kTaps / 2));
  const bench::HostData inputs = {bytes(image), bytes(taps),
                                  std::vector<std::byte>(kCount * image.size() * sizeof(float))};

  bench::Operands operands(problem, entry.where, inputs);
  bench::GuardedBuffer workspace(entry.where, entry.workspace(problem));
  operands.reset(inputs);
  entry.run(problem, operands.pointers(), {nullptr, workspace.data()});
  if (entry.where == bench::Where::gpu) bench::check(cudaDeviceSynchronize(), name.c_str());
  const std::vector<std::byte> y = operands.buffers().back().read();

  problem.prepare(inputs);
  std::vector<float> out;
  for (std::int64_t i = 0; i < problem.operands()[2].count; ++i) {
    out.push_back(static_cast<float>(bench::load(bench::DType::f32, y.data(), i)));
    const auto truth = problem.truth(2, i);
    if (!(std::abs(out.back() - truth->value) <=
          bench::error_bound(entry.numerics, problem.roundings(), *truth))) {
      std::cerr << problem.where(2, i) << " of " << name << " is wrong\n";
      return 1;
    }
  }
  nlohmann::ordered_json json = {
      {"rung", name}, {"device", bench::device_kind()}, {"side", kSide}, {"taps", kTaps}, {"image", image}};
  for (int k = 0; k < kCount; ++k) {
    const auto part = [&](const std::vector<float>& all, std::size_t size) {
      return std::vector<float>(all.begin() + k * size, all.begin() + (k + 1) * size);
    };
    json["filters"].push_back(
        {{"name", kFilters[k].name}, {"taps", part(taps, kTaps * kTaps)}, {"out", part(out, image.size())}});
  }
  std::cout << json.dump() << '\n';
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc > 1 ? argv[1] : "04_forward_halo");
  } catch (const bench::BadInput& e) {
    std::cerr << "filter_image: " << e.what() << '\n';
    return 2;
  }
}
