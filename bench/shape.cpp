#include "bench/shape.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace bench {
namespace {

std::string format(double v) {
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof text, v).ptr);
}

double number(std::string_view text, std::string_view whole_shape) {
  double v = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(v))
    throw BadInput("--shape " + std::string(whole_shape) + ": '" + std::string(text) +
                   "' is not a number: write m=33,n=17 or 33x17");
  return v;
}

std::string names(const std::vector<Dim>& dims) {
  std::string all;
  for (const Dim& d : dims) all += (all.empty() ? "" : ", ") + d.name;
  return all;
}

}  // namespace

Shape Shape::parse(std::string_view text, const std::vector<Dim>& dims) {
  Shape shape;
  if (text.empty()) throw BadInput("--shape is empty: write m=33,n=17 or 33x17");
  const bool named = text.find('=') != std::string_view::npos;
  std::size_t position = 0;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(named ? ',' : 'x', begin), text.size());
    const std::string_view part = text.substr(begin, end - begin);
    begin = end + 1;
    if (named) {
      const std::size_t equals = part.find('=');
      if (equals == std::string_view::npos)
        throw BadInput("--shape " + std::string(text) + ": write name=number, as in m=33,n=17");
      const std::string name(part.substr(0, equals));
      if (std::ranges::count(shape.values_, name, &std::pair<std::string, double>::first) > 0)
        throw BadInput("--shape " + std::string(text) + " gives " + name + " twice");
      shape.values_.emplace_back(name, number(part.substr(equals + 1), text));
    } else {
      if (position >= dims.size())
        throw BadInput("--shape " + std::string(text) +
                       " has more numbers than this problem: " + names(dims));
      shape.values_.emplace_back(dims[position++].name, number(part, text));
    }
  }
  return shape.complete(dims);
}

Shape Shape::complete(const std::vector<Dim>& dims) const {
  for (const auto& [name, value] : values_)
    if (std::ranges::find(dims, name, &Dim::name) == dims.end())
      throw BadInput("shape has no '" + name + "'; it has " + names(dims));
  Shape full;
  for (const Dim& d : dims) {
    const auto given = std::ranges::find(values_, d.name, &std::pair<std::string, double>::first);
    const double v = given == values_.end() ? d.fallback : given->second;
    if (d.whole && (v != std::floor(v) || v < d.min || v > d.max))
      throw BadInput("shape: " + d.name + "=" + format(v) + " must be a whole number from " + format(d.min) +
                     " to " + format(d.max));
    if (!std::isfinite(v)) throw BadInput("shape: " + d.name + " must be finite");
    full.values_.emplace_back(d.name, v);
  }
  return full;
}

double Shape::real(std::string_view name) const {
  for (const auto& [key, value] : values_)
    if (key == name) return value;
  throw std::out_of_range("shape has no '" + std::string(name) + "'");
}

std::string Shape::text() const {
  std::string all;
  for (const auto& [name, value] : values_) all += (all.empty() ? "" : ",") + name + "=" + format(value);
  return all;
}

}  // namespace bench
