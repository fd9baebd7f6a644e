#include "bench/verify.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "bench/device.hpp"

namespace bench {
namespace {

std::uint64_t fnv1a(std::uint64_t h, std::span<const std::byte> bytes) {
  for (std::byte b : bytes) h = (h ^ static_cast<std::uint64_t>(b)) * 0x100000001B3ull;
  return h;
}

HostData read_all(const Operands& operands) {
  HostData got;
  for (const auto& buffer : operands.buffers()) got.push_back(buffer.read());
  return got;
}

std::string number(double v) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", v);
  return text;
}

void run_once(const Entry& entry, const Problem& problem, const Operands& operands, const Context& context) {
  entry.run(problem, operands.pointers(), context);
  if (entry.where == Where::gpu) {
    check(cudaGetLastError(), "launch");
    check(cudaDeviceSynchronize(), "kernel");
  }
}

// The worst element of a parallel scan. Share is infinite for a NaN and for any error where none is allowed.
struct Worst {
  double share = -1;
  std::int64_t index = -1;
};

}  // namespace

double error_bound(const Numerics& a, std::int64_t roundings, const Truth& truth) {
  if (roundings == 0) return 0;
  const double n = static_cast<double>(roundings);
  const double gamma = n * a.u_acc < 1 ? n * a.u_acc / (1 - n * a.u_acc) : INFINITY;
  const double g = std::min(gamma, 6 * std::sqrt(n) * a.u_acc) * a.growth + 2 * a.u_in;
  return g * truth.scale + a.u_out * (std::abs(truth.value) + g * truth.scale);
}

Verdict compare(const Entry& entry, const Problem& problem, const HostData& inputs, const HostData& got,
                const VerifyOptions& options) {
  Verdict verdict{.status = Status::pass, .digest = 0xCBF29CE484222325ull};
  const auto operands = problem.operands();
  const bool integers =
      options.fill == Fill::integers && problem.integers_are_exact() && entry.numerics.exact_integers;
  const bool exact = problem.roundings() == 0 || integers;
  for (std::size_t o = 0; o < operands.size(); ++o) {
    const Operand& operand = operands[o];
    if (operand.access == Access::in) {
      if (got[o] != inputs[o])
        return {.status = Status::fail, .message = "input " + operand.name + " was changed"};
      continue;
    }
    verdict.digest = fnv1a(verdict.digest, got[o]);
    verdict.elements += operand.count;
    // Each output costs about flops / count; every stride-th element keeps the oracle within its budget. An
    // odd stride meets every residue of the power-of-two tiles that kernels are made of.
    const double cost = std::max(1.0, problem.work().flops) / options.oracle_budget;
    const std::int64_t stride = cost <= 1 ? 1 : static_cast<std::int64_t>(cost) * 2 + 1;
    Worst worst;
    std::int64_t compared = 0;
#pragma omp parallel
    {
      Worst mine;
#pragma omp for reduction(+ : compared) schedule(static)
      for (std::int64_t i = 0; i < operand.count; i += stride) {
        const std::optional<Truth> truth = problem.truth(o, i);
        double share = 0;
        if (!truth) {
          const std::size_t size = size_of(operand.type);
          if (std::memcmp(&got[o][i * size], &inputs[o][i * size], size) != 0) share = INFINITY;
        } else {
          ++compared;
          const double bound = exact ? 0 : error_bound(entry.numerics, problem.roundings(), *truth);
          const double error = std::abs(load(operand.type, got[o].data(), i) - truth->value);
          // Written so that NaN fails.
          share = error <= bound ? (bound > 0 ? error / bound : 0)
                                 : (error / bound > 1 ? error / bound : INFINITY);
        }
        if (share > mine.share) mine = {share, i};
      }
#pragma omp critical
      if (mine.share > worst.share || (mine.share == worst.share && mine.index < worst.index)) worst = mine;
    }
    verdict.compared += compared;
    verdict.share_of_bound = std::max(verdict.share_of_bound, worst.share);
    if (worst.share > 1 && verdict.status == Status::pass) {
      const auto truth = problem.truth(o, worst.index);
      const double value = load(operand.type, got[o].data(), worst.index);
      verdict.status = Status::fail;
      verdict.message =
          truth ? problem.where(o, worst.index) + " is " + number(value) + ", should be " +
                      number(truth->value) +
                      (exact ? " exactly"
                             : " within " + number(error_bound(entry.numerics, problem.roundings(), *truth)))
                : problem.where(o, worst.index) + " is padding, but was overwritten with " + number(value);
    }
  }
  return verdict;
}

Verdict verify(const Entry& entry, const Shape& shape, const VerifyOptions& options) {
  const auto problem = entry.make(shape);
  if (const std::string needs = entry.needs(*problem); !needs.empty())
    return {.status = Status::refused, .message = needs};
  if (entry.where == Where::gpu && entry.min_sm > compute_capability())
    return {.status = Status::refused, .message = "needs sm_" + std::to_string(entry.min_sm)};
  require_memory(*problem, entry.where);

  const HostData inputs = make_inputs(*problem, options.fill, options.seed);
  problem->prepare(inputs);
  try {
    Operands operands(*problem, entry.where, inputs);
    GuardedBuffer workspace(entry.where, entry.workspace(*problem));
    const Context context{nullptr, workspace.data()};
    entry.prepare(*problem, operands.pointers(), context);
    operands.reset(inputs);
    run_once(entry, *problem, operands, context);
    Verdict verdict = compare(entry, *problem, inputs, read_all(operands), options);
    const auto buffers = problem->operands();
    for (std::size_t i = 0; i < buffers.size() && verdict.status == Status::pass; ++i)
      if (!operands.buffers()[i].canaries_intact()) {
        verdict.status = Status::fail;
        verdict.message = "wrote outside " + buffers[i].name;
      }
    if (verdict.status == Status::pass && !workspace.canaries_intact()) {
      verdict.status = Status::fail;
      verdict.message = "wrote outside its workspace";
    }
    if (verdict.status == Status::pass && entry.deterministic) {
      operands.reset(inputs);
      workspace.poison();
      run_once(entry, *problem, operands, context);
      const Verdict again = compare(entry, *problem, inputs, read_all(operands), options);
      if (again.digest != verdict.digest) {
        verdict.status = Status::fail;
        verdict.message = "two runs on the same inputs differ, yet it claims to be deterministic";
      }
    }
    return verdict;
  } catch (const DeviceError& e) {
    return {.status = Status::fail, .message = e.what()};
  }
}

}  // namespace bench
