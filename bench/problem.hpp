// What is computed. A chapter's problem.hpp derives one class per problem; rungs and baselines implement it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/shape.hpp"
#include "bench/types.hpp"

namespace bench {

enum class Access {
  in,     // read only; verified to be unchanged
  out,    // written only: filled with NaN before every run
  inout,  // read and written: filled with data before every run
};

// One array of the call. `count` includes the padding that leading dimensions leave between rows.
struct Operand {
  std::string name;
  DType type = DType::f32;
  std::int64_t count = 0;
  Access access = Access::in;
  std::size_t bytes() const { return static_cast<std::size_t>(count) * size_of(type); }
};

// The least any implementation must do: useful operations, and bytes with each input read and output written
// once.
struct Work {
  double flops = 0;
  double bytes = 0;
};

// The FP64 result for one output element, and S: the sum of the absolute values of the terms it is made of.
struct Truth {
  double value = 0;
  double scale = 0;
  // S if every term were as large as the largest one could be. Needed where a rung is stable in that norm
  // only.
  double norm = 0;
};

// Host copies of a problem's operands before the run, one per operand, in its own type.
using HostData = std::vector<std::vector<std::byte>>;

enum class ShapeSet {
  edge,   // where kernels break: 0, 1, primes, tails, padding
  count,  // course-sized: what simt counts and the lessons show
  bench,  // what a GPU is timed on
};

// How inputs are filled. Integers are small enough that every partial sum is exact in the operand's type, so
// that the result must match to the last bit whatever the order of summation.
enum class Fill { uniform, integers };

// One problem at one shape. A derived class P also has:
//   static constexpr std::string_view kName;           "sgemm": unique, lower case
//   static std::vector<Dim> dims();                     the shape's numbers, in order
//   static std::vector<Shape> shapes(ShapeSet);         complete() is applied to each
//   struct Args;                                        the call as a rung sees it: sizes, factors and
//   pointers explicit P(const Shape&);                           complete shape; throws BadInput if it is
//   inconsistent Args bind(std::span<void* const> data) const;       data[i] belongs to operands()[i]
class Problem {
 public:
  virtual ~Problem() = default;
  virtual std::vector<Operand> operands() const = 0;
  virtual Work work() const = 0;
  // The peak rate that the FLOPs are held to, as gpus.json names it: "fp32", "tf32", "fp16", "bf16", "fp8", …
  virtual std::string rate() const { return "fp32"; }

  // n of the error bound's gamma_n: the roundings on the longest path to an output. 0: the output must be
  // exact.
  virtual std::int64_t roundings() const = 0;

  // Integers of |value| <= largest keep every partial sum exact (see Fill). GEMM: sqrt(2^24 / k).
  virtual double largest_integer() const { return 8; }
  // False where a factor such as alpha = 0.1 makes the result inexact even so; the bound then applies.
  virtual bool integers_are_exact() const { return true; }

  // Turns raw draws into inputs that make sense where any number would not do: labels, probabilities, scales.
  // Called on every set of inputs, in place; what it gives must depend on the draws alone.
  virtual void adjust(HostData&) const {}

  // Called once with the inputs before truth(), to convert or precompute; truth() is then called in parallel.
  virtual void prepare(const HostData& inputs) = 0;

  // Element `index` of output operand `operand`. nullopt: padding, whose bytes must not change.
  virtual std::optional<Truth> truth(std::size_t operand, std::int64_t index) const = 0;

  // Checks all of an output at once, where comparing each element would take too long: only asked for inputs
  // whose result is exact (Fill::integers). -1 when it is right, else an element near the wrong one; nullopt:
  // no such check.
  virtual std::optional<std::int64_t> find_wrong(std::size_t /*operand*/,
                                                 const std::vector<std::byte>& /*got*/,
                                                 std::uint64_t /*seed*/) const {
    return std::nullopt;
  }

  // Where an element lies, for a failure's message: "C[row 3, column 5]".
  virtual std::string where(std::size_t operand, std::int64_t index) const {
    return operands()[operand].name + "[" + std::to_string(index) + "]";
  }
};

}  // namespace bench
