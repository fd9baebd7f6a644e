// A shape: the named numbers that make one case of a problem, such as m=33,n=17,k=25,alpha=1.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

// What the user asked for makes no sense; what() is one line that says what to do. Exit status 2.
struct BadInput : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// One named number of a shape. A size is a whole number in [min, max]; a factor (alpha, beta) is any finite
// one.
struct Dim {
  std::string name;
  double fallback = 1;  // the value when the shape does not name it
  double min = 0;
  double max = 2147483647;  // sizes reach kernels as int
  bool whole = true;
};

class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<std::pair<std::string, double>> values) : values_(values) {}

  // Reads "m=33,n=17" or, by position in dims, "33x17x25". Throws BadInput.
  static Shape parse(std::string_view text, const std::vector<Dim>& dims);

  // The same shape with every dim present, in dims' order, each checked against its range. Throws BadInput.
  Shape complete(const std::vector<Dim>& dims) const;

  double real(std::string_view name) const;  // throws std::out_of_range for an unknown name
  std::int64_t operator[](std::string_view name) const { return static_cast<std::int64_t>(real(name)); }
  const std::vector<std::pair<std::string, double>>& values() const { return values_; }
  std::string text() const;  // "m=33,n=17,k=25"
  bool operator==(const Shape&) const = default;

 private:
  std::vector<std::pair<std::string, double>> values_;
};

}  // namespace bench
