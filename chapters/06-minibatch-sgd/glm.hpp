// The call of an Sgd rung as the building blocks in kernels/sgd/step.cuh take it.
#pragma once

#include "kernels/sgd/step.cuh"
#include "problem.hpp"

inline std::size_t step_workspace(const Sgd::Args& p) { return sgd::scratch(p.k, p.batch); }

inline sgd::Step make_step(const Sgd::Args& p, const bench::Context& ctx) {
  auto* rows = static_cast<int*>(ctx.workspace);
  auto* r = reinterpret_cast<float*>(rows + p.batch);
  return {.loss = p.loss,
          .d = p.d,
          .k = p.k,
          .batch = p.batch,
          .rate = p.lr / static_cast<float>(p.batch),
          .order = sgd::Order(p.n, p.batch, p.seed),
          .x = p.x,
          .y = p.y,
          .w = p.w,
          .losses = p.losses,
          .rows = rows,
          .r = r,
          .sample_losses = r + std::int64_t(p.batch) * p.k};
}
