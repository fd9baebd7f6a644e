#include "bench/verify.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "bench/device.hpp"

namespace bench {
namespace {

constexpr std::uint64_t kHashStart = 0xCBF29CE484222325ull;

// FNV-1a over 8-byte words, a chunk at a time so that large outputs hash in parallel.
std::uint64_t hash(std::uint64_t start, std::span<const std::byte> bytes) {
  constexpr std::size_t kChunk = 1 << 20;
  const std::size_t chunks = (bytes.size() + kChunk - 1) / kChunk;
  std::vector<std::uint64_t> partial(chunks);
#pragma omp parallel for if (chunks > 1)
  for (std::size_t c = 0; c < chunks; ++c) {
    const auto chunk = bytes.subspan(c * kChunk, std::min(kChunk, bytes.size() - c * kChunk));
    std::uint64_t h = kHashStart;
    for (std::size_t i = 0; i < chunk.size(); i += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, &chunk[i], std::min<std::size_t>(8, chunk.size() - i));
      h = (h ^ word) * 0x100000001B3ull;
    }
    partial[c] = h;
  }
  for (const std::uint64_t h : partial) start = (start ^ h) * 0x100000001B3ull;
  return start;
}

std::uint64_t digest_of(const Problem& problem, const HostData& got) {
  std::uint64_t h = kHashStart;
  const auto operands = problem.operands();
  for (std::size_t i = 0; i < operands.size(); ++i)
    if (operands[i].access != Access::in) h = hash(h, got[i]);
  return h;
}

// Which input does not hold its bytes any more, in words; empty: all do.
std::string changed_input(const Reference& reference, const HostData& got) {
  const auto operands = reference.problem().operands();
  for (std::size_t i = 0; i < operands.size(); ++i) {
    const auto& input = reference.inputs()[i];
    if (operands[i].access == Access::in &&
        (got[i].size() != input.size() || std::memcmp(got[i].data(), input.data(), input.size()) != 0))
      return "input " + operands[i].name + " was changed";
  }
  return "";
}

// Rounding to a subnormal is off by up to half the least of them, whatever the relative error (Higham, 2.2).
double underflow(DType t) {
  switch (t) {
    case DType::f64: return 0;  // far below anything the oracle, in FP64 itself, can tell
    case DType::f32: return 0x1p-150;
    case DType::f16: return 0x1p-25;
    case DType::bf16: return 0x1p-134;
    case DType::i32:
    case DType::u8: return 0;
  }
  return 0;
}

HostData read_all(const Operands& operands) {
  HostData got;
  for (const auto& buffer : operands.buffers()) got.push_back(buffer.read());
  return got;
}

std::string number(double v) {
  if (std::isnan(v)) return "NaN";  // not "-nan"
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
  const double scale = a.normwise ? truth.norm : truth.scale;
  return g * scale + a.u_out * (std::abs(truth.value) + g * scale);
}

Verdict compare(const Entry& entry, const Reference& reference, const HostData& got) {
  const Problem& problem = reference.problem();
  const HostData& inputs = reference.inputs();
  const auto operands = problem.operands();
  Verdict verdict{.status = Status::pass, .digest = digest_of(problem, got)};
  const bool integers = reference.options().fill == Fill::integers && problem.integers_are_exact() &&
                        entry.numerics.exact_integers;
  const bool exact = problem.roundings() == 0 || integers;
  if (std::string changed = changed_input(reference, got); !changed.empty())
    return {.status = Status::fail, .message = std::move(changed)};
  for (std::size_t o = 0; o < operands.size(); ++o) {
    const Operand& operand = operands[o];
    if (operand.access == Access::in) continue;
    reference.keep(o);
    verdict.elements += operand.count;
    const auto bound = [&](const Truth& truth) {
      return exact ? 0 : error_bound(entry.numerics, problem.roundings(), truth) + underflow(operand.type);
    };
    Worst worst;
    std::int64_t compared = 0;
    const std::int64_t n = reference.compared(o);
#pragma omp parallel
    {
      Worst mine;
#pragma omp for reduction(+ : compared) schedule(static)
      for (std::int64_t k = 0; k < n; ++k) {
        const std::int64_t i = reference.element(o, k);
        const std::optional<Truth> truth = reference.truth(o, k);
        double share = 0;
        if (!truth) {
          const std::size_t size = size_of(operand.type);
          if (std::memcmp(&got[o][i * size], &inputs[o][i * size], size) != 0) share = INFINITY;
        } else {
          ++compared;
          const double b = bound(*truth),
                       error = std::abs(load(operand.type, got[o].data(), i) - truth->value);
          // Written so that NaN fails.
          share = error <= b ? (b > 0 ? error / b : 0) : (error / b > 1 ? error / b : INFINITY);
        }
        if (share > mine.share) mine = {share, k};
      }
#pragma omp critical
      if (mine.share > worst.share || (mine.share == worst.share && mine.index < worst.index)) worst = mine;
    }
    verdict.compared += compared;
    verdict.share_of_bound = std::max(verdict.share_of_bound, worst.share);
    if (worst.share > 1 && verdict.status == Status::pass) {
      const std::int64_t i = reference.element(o, worst.index);
      const auto truth = reference.truth(o, worst.index);
      const double value = load(operand.type, got[o].data(), i);
      verdict.status = Status::fail;
      verdict.message =
          truth ? problem.where(o, i) + " is " + number(value) + ", should be " + number(truth->value) +
                      (exact ? " exactly" : " within " + number(bound(*truth)))
                : problem.where(o, i) + " is padding, but was overwritten with " + number(value);
    }
    // What was not compared one by one is checked all at once, where the problem knows how.
    if (integers && reference.samples() && verdict.status == Status::pass)
      if (const auto wrong = problem.find_wrong(o, got[o], reference.options().seed); wrong && *wrong >= 0) {
        verdict.status = Status::fail;
        verdict.share_of_bound = INFINITY;
        verdict.message = "there is a wrong element near " + problem.where(o, *wrong);
      }
  }
  return verdict;
}

std::string refusal(const Entry& entry, const Problem& problem) {
  if (std::string needs = entry.needs(problem); !needs.empty()) return needs;
  if (entry.where == Where::gpu && entry.min_sm > compute_capability())
    return "needs sm_" + std::to_string(entry.min_sm);
  return "";
}

Verdict verify(const Entry& entry, const Reference& reference, const std::vector<std::string>& schedules) {
  const Problem& problem = reference.problem();
  if (std::string needs = refusal(entry, problem); !needs.empty())
    return {.status = Status::refused, .message = std::move(needs)};
  require_memory(problem, entry.where);
  const HostData& inputs = reference.inputs();
  try {
    Operands operands(problem, entry.where, inputs);
    GuardedBuffer workspace(entry.where, entry.workspace(problem));
    const Context context{nullptr, workspace.data()};
    entry.prepare(problem, operands.pointers(), context);
    const auto attempt = [&](auto judge) {
      operands.reset(inputs);
      workspace.poison();
      // Poison must lie before the run, also where the run uses streams that do not wait for this one.
      if (entry.where == Where::gpu) check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
      take_findings();  // what came before is not this run's
      run_once(entry, problem, operands, context);
      const auto findings = take_findings();
      Verdict verdict = judge(read_all(operands));
      const auto fail = [&](std::string why) {
        if (verdict.status == Status::pass) verdict.status = Status::fail, verdict.message = std::move(why);
      };
      // A defect that did no harm this time is one all the same.
      if (!findings.empty()) {
        const std::string more =
            findings.size() > 1 ? " (and " + std::to_string(findings.size() - 1) + " more)" : "";
        if (verdict.status == Status::fail) verdict.message += "; " + findings[0] + more;  // the likely cause
        fail(findings[0] + more);
      }
      const auto described = problem.operands();
      for (std::size_t i = 0; i < described.size(); ++i)
        if (!operands.buffers()[i].canaries_intact()) fail("wrote outside " + described[i].name);
      if (!workspace.canaries_intact()) fail("wrote outside its workspace");
      return verdict;
    };
    if (!schedules.empty()) use_schedule(schedules[0]);
    Verdict verdict = attempt([&](const HostData& got) { return compare(entry, reference, got); });
    // Again, on fresh poison: what was left behind by the first run must not help. Equal bits need no second
    // comparison.
    const auto judge_again = [&](const HostData& got) {
      if (std::string changed = changed_input(reference, got); !changed.empty())
        return Verdict{.status = Status::fail, .message = std::move(changed)};
      if (digest_of(problem, got) == verdict.digest) return Verdict{.status = Status::pass};
      if (!entry.deterministic) return compare(entry, reference, got);
      return Verdict{.status = Status::fail,
                     .message = "the result differs, yet it claims to be deterministic"};
    };
    for (std::size_t i = 1; i < std::max<std::size_t>(schedules.size(), 2); ++i) {
      if (verdict.status != Status::pass) break;
      if (i < schedules.size()) use_schedule(schedules[i]);
      const Verdict again = attempt(judge_again);
      if (again.status == Status::pass) continue;
      verdict.status = Status::fail;
      verdict.message =
          (i < schedules.size() ? "in schedule " + schedules[i] : "run a second time") + ": " + again.message;
    }
    return verdict;
  } catch (const DeviceError& e) {
    return {.status = Status::fail, .message = e.what()};
  }
}

}  // namespace bench
