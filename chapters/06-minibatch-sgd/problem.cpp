// The shapes that the problems are verified and measured at, their inputs and their truth.
#include "problem.hpp"

#include "bench/registry.hpp"
#include "hogwild.hpp"
#include "local_sgd.hpp"
#include "mlp.hpp"

std::vector<bench::Shape> Sgd::shapes(bench::ShapeSet set) {
  const auto shape = [](double n, double d, double k, double batch, double steps, double loss, double lr) {
    return bench::Shape{{"n", n},         {"d", d},       {"k", k},  {"batch", batch},
                        {"steps", steps}, {"loss", loss}, {"lr", lr}};
  };
  switch (set) {
    case bench::ShapeSet::edge:
      return {shape(1, 1, 1, 1, 3, 0, 0.5),      // the least there is
              shape(5, 3, 2, 5, 0, 1, 0.1),      // no step: the weights stay
              shape(7, 5, 1, 3, 1, 1, 0.1),      // one step, which leaves a sample over
              shape(64, 31, 1, 16, 24, 0, 0.1),  // linear regression over six epochs
              shape(97, 33, 3, 32, 21, 0, 0.1),  // and with tails everywhere
              shape(50, 7, 1, 50, 20, 1, 0.5),   // the whole set as one batch
              shape(129, 65, 5, 17, 22, 1, 0.2),   shape(61, 4, 2, 8, 20, 2, 0.2),
              shape(100, 13, 37, 33, 20, 2, 0.2),  // more outputs than a warp has lanes
              shape(40, 257, 10, 20, 20, 2, 0.02), shape(300, 20, 4, 1, 40, 2, 0.05),
              shape(30, 6, 3, 10, 20, 2, 0),       // a rate of zero
              shape(600, 3, 2, 520, 2, 2, 0.1),    // a batch of more samples than a block has threads
              shape(8, 3, 64, 8, 2, 2, 1000),      // outputs of several hundred, whose exponentials overflow
              shape(9, 1000, 13, 4, 2, 2, 0.02)};  // more than 48 KB of weights
    case bench::ShapeSet::count: return {shape(512, 64, 10, 64, 24, 2, 0.05)};
    case bench::ShapeSet::bench:
      // 2 and 30 features like tabular data, 784 like small pictures; an epoch each, or a thousand steps.
      return {shape(100000, 30, 1, 256, 390, 1, 0.1), shape(60000, 784, 10, 64, 937, 2, 0.01),
              shape(60000, 784, 10, 256, 234, 2, 0.01), shape(60000, 784, 10, 4096, 14, 2, 0.01),
              shape(1000, 64, 1, 32, 1000, 0, 0.02)};
  }
  return {};
}

void Sgd::adjust(bench::HostData& inputs) const {
  auto* x = reinterpret_cast<const float*>(inputs[0].data());
  auto* y = reinterpret_cast<float*>(inputs[1].data());
  auto* w = reinterpret_cast<float*>(inputs[2].data());
  const float spread = 1 / std::sqrt(static_cast<float>(p_.d + 1));
  for (std::int64_t i = 0; i < weights(); ++i) w[i] *= spread;
  const std::vector<float> hidden = sgd::hidden_model(p_.k, p_.d);
#pragma omp parallel for if (p_.n > 10000)
  for (std::int64_t i = 0; i < p_.n; ++i) {
    sgd::label(p_.loss, p_.d, p_.k, hidden.data(), x + i * p_.d, y + i * p_.k);
  }
}

void Sgd::prepare(const bench::HostData& inputs) {
  truth_ = oracle(inputs).train(sgd::Order(p_.n, p_.batch, p_.seed), p_.batch, p_.steps, p_.lr);
}

std::optional<bench::Truth> Sgd::truth(std::size_t operand, std::int64_t i) const {
  if (operand == 2) return bench::Truth{truth_.w[i], truth_.w_error};
  return bench::Truth{truth_.losses[i], truth_.loss_errors[i]};
}

std::string Sgd::where(std::size_t operand, std::int64_t i) const {
  if (operand == 3) return "the loss of step " + std::to_string(i);
  return "w[output " + std::to_string(i / (p_.d + 1)) + ", feature " + std::to_string(i % (p_.d + 1)) + "]";
}

std::vector<bench::Shape> LocalSgd::shapes(bench::ShapeSet set) {
  const auto shape = [](double n, double d, double k, double batch, double steps, double loss, double lr,
                        double workers, double period) {
    return bench::Shape{{"n", n},          {"d", d},       {"k", k},   {"batch", batch},
                        {"steps", steps},  {"loss", loss}, {"lr", lr}, {"workers", workers},
                        {"period", period}};
  };
  switch (set) {
    case bench::ShapeSet::edge:
      return {shape(1, 1, 1, 1, 1, 0, 0.5, 1, 1),  // one step
              shape(64, 5, 1, 8, 0, 1, 0.1, 4, 2),
              shape(64, 31, 1, 16, 20, 0, 0.05, 4, 1),  // meeting after every step
              shape(97, 13, 3, 7, 23, 1, 0.2, 3, 5),    // the last stretch is shorter
              shape(90, 9, 37, 10, 20, 2, 0.1, 5, 20),
              shape(9, 1000, 13, 4, 2, 2, 0.02, 2, 1)};  // more than 48 KB of weights
    case bench::ShapeSet::count: return {shape(512, 64, 10, 16, 24, 2, 0.05, 4, 4)};
    case bench::ShapeSet::bench:
      return {shape(100000, 30, 1, 64, 128, 1, 0.1, 128, 8), shape(60000, 784, 10, 16, 28, 2, 0.01, 128, 4)};
  }
  return {};
}

void LocalSgd::prepare(const bench::HostData& inputs) {
  const Sgd::Args& p = args_.sgd;
  const sgd::Order order = args_.order();
  std::vector<sgd::GlmOracle> workers(args_.workers, one_.oracle(inputs));
  std::vector<double> errors(args_.workers);
  std::vector<int> rows(p.batch);
  truth_ = {.w = workers[0].weights(), .losses = {}, .loss_errors = {}};
  for (int t = 0; t < p.steps; ++t) {
    double loss = 0, loss_error = 0;
    for (int m = 0; m < args_.workers; ++m) {
      for (int i = 0; i < p.batch; ++i) rows[i] = order.sample(t, m * p.batch + i);
      double own = 0;
      loss += workers[m].step(rows, p.lr, errors[m], own) / args_.workers;
      loss_error += own / args_.workers;
    }
    truth_.losses.push_back(loss);
    truth_.loss_errors.push_back(loss_error + sgd::gamma(args_.workers + 1) * loss);
    if ((t + 1) % args_.period != 0 && t + 1 < p.steps) continue;
    double error = 0, size = 0;
    std::fill(truth_.w.begin(), truth_.w.end(), 0.0);
    for (int m = 0; m < args_.workers; ++m) {
      error += errors[m] / args_.workers;
      size += sgd::norm(workers[m].weights()) / args_.workers;
      for (std::size_t i = 0; i < truth_.w.size(); ++i)
        truth_.w[i] += workers[m].weights()[i] / args_.workers;
    }
    truth_.w_error = error + sgd::gamma(args_.workers + 1) * size;
    for (auto& worker : workers) worker.set_weights(truth_.w);
    std::fill(errors.begin(), errors.end(), truth_.w_error);
  }
}

std::optional<bench::Truth> LocalSgd::truth(std::size_t operand, std::int64_t i) const {
  if (operand == 2) return bench::Truth{truth_.w[i], truth_.w_error};
  return bench::Truth{truth_.losses[i], truth_.loss_errors[i]};
}

std::vector<bench::Shape> Hogwild::shapes(bench::ShapeSet set) {
  const auto shape = [](double n, double d, double visits, double workers, double lr) {
    return bench::Shape{{"n", n}, {"d", d}, {"visits", visits}, {"workers", workers}, {"lr", lr}};
  };
  switch (set) {
    case bench::ShapeSet::edge:
      return {shape(40, 1, 400, 1, 0.02), shape(200, 5, 800, 7, 0.01), shape(600, 33, 2000, 8, 0.005)};
    case bench::ShapeSet::count: return {shape(1000, 16, 2000, 16, 0.005)};
    case bench::ShapeSet::bench:
      return {shape(100000, 30, 20000, 64, 0.0005), shape(100000, 30, 50000, 1024, 0.0002)};
  }
  return {};
}

std::optional<bench::Truth> Hogwild::truth(std::size_t operand, std::int64_t i) const {
  constexpr double kUnits = 0x1p24;  // a scale is in units of u
  if (operand == 2) return bench::Truth{best_[i], radius_[i] * kUnits};
  return bench::Truth{(target_ + lowest_) / 2, ((target_ - lowest_) / 2 + loss_error_) * kUnits};
}

std::vector<bench::Shape> MlpSgd::shapes(bench::ShapeSet set) {
  const auto shape = [](double n, double d, double h, double layers, double k, double batch, double steps,
                        double act, double loss, double lr) {
    return bench::Shape{{"n", n},         {"d", d},         {"h", h},     {"layers", layers}, {"k", k},
                        {"batch", batch}, {"steps", steps}, {"act", act}, {"loss", loss},     {"lr", lr}};
  };
  switch (set) {
    case bench::ShapeSet::edge:
      return {shape(1, 1, 1, 1, 1, 1, 3, 1, 0, 0.5),      // the least there is
              shape(5, 3, 4, 1, 2, 5, 0, 0, 1, 0.1),      // no step
              shape(64, 16, 8, 1, 3, 16, 24, 0, 2, 0.1),  // relu over six epochs
              shape(50, 7, 9, 1, 1, 23, 20, 1, 1, 0.1),   // sigmoid, tails everywhere
              shape(70, 13, 33, 2, 5, 33, 20, 2, 2, 0.05), shape(40, 10, 6, 2, 2, 8, 20, 3, 0, 0.02),
              shape(24, 6, 5, 3, 2, 6, 20, 2, 0, 0.02),    shape(30, 65, 5, 1, 37, 30, 20, 2, 2, 0.02),
              shape(24, 4, 3, 1, 2, 8, 6, 1, 2, 0.1),     // one unit wider than the outputs
              shape(600, 3, 4, 1, 2, 520, 2, 0, 2, 0.1),  // a batch of more samples than a block has threads
              shape(16, 200, 64, 1, 3, 8, 2, 0, 2, 0.02)};  // more than 48 KB of weights
    case bench::ShapeSet::count: return {shape(512, 32, 16, 1, 10, 32, 24, 0, 2, 0.05)};
    case bench::ShapeSet::bench:
      return {shape(100000, 30, 32, 1, 2, 256, 390, 0, 2, 0.01),
              shape(60000, 784, 32, 1, 10, 256, 100, 0, 2, 0.01),
              shape(60000, 64, 64, 2, 10, 1024, 58, 0, 2, 0.01)};
  }
  return {};
}

void MlpSgd::adjust(bench::HostData& inputs) const {
  auto* x = reinterpret_cast<const float*>(inputs[0].data());
  auto* y = reinterpret_cast<float*>(inputs[1].data());
  auto* w = reinterpret_cast<float*>(inputs[2].data());
  for (int l = 0; l <= p_.m.layers; ++l)
    for (std::int64_t i = p_.m.offset(l); i < p_.m.offset(l) + matrix_size(l); ++i)
      w[i] *= 1 / std::sqrt(static_cast<float>(p_.m.in(l) + 1));
  const std::vector<float> hidden = sgd::hidden_model(p_.m.k, p_.m.d);
#pragma omp parallel for if (p_.n > 10000)
  for (std::int64_t i = 0; i < p_.n; ++i)
    sgd::label(p_.m.loss, p_.m.d, p_.m.k, hidden.data(), x + i * p_.m.d, y + i * p_.m.k);
}

void MlpSgd::prepare(const bench::HostData& inputs) {
  truth_ = oracle(inputs).train(sgd::Order(p_.n, p_.batch, p_.seed), p_.batch, p_.steps, p_.lr);
}

std::optional<bench::Truth> MlpSgd::truth(std::size_t operand, std::int64_t i) const {
  if (operand == 3) return bench::Truth{truth_.losses[i], truth_.loss_errors[i]};
  const int l = layer_of(i);
  i -= p_.m.offset(l);
  return bench::Truth{truth_.w[l].v[i], truth_.w_errors[l][i / (p_.m.in(l) + 1)]};
}

std::string MlpSgd::where(std::size_t operand, std::int64_t i) const {
  if (operand == 3) return "the loss of step " + std::to_string(i);
  const int l = layer_of(i), width = p_.m.in(l) + 1;
  i -= p_.m.offset(l);
  return "w[layer " + std::to_string(l) + ", unit " + std::to_string(i / width) + ", input " +
         std::to_string(i % width) + "]";
}

void Hogwild::prepare(const bench::HostData& inputs) {
  const auto* x = reinterpret_cast<const float*>(inputs[0].data());
  const auto* y = reinterpret_cast<const float*>(inputs[1].data());
  const int size = p_.d + 1;
  // [H | X^T y / n | I], and Gauss-Jordan with pivoting turns it into [I | w* | H^-1].
  sgd::Matrix a(size, 2 * size + 1);
  for (int i = 0; i < p_.n; ++i)
    for (int r = 0; r < size; ++r) {
      const double v = (r < p_.d ? double(x[std::int64_t(i) * p_.d + r]) : 1) / p_.n;
      for (int c = 0; c < size; ++c) a(r, c) += v * (c < p_.d ? double(x[std::int64_t(i) * p_.d + c]) : 1);
      a(r, size) += v * y[i];
    }
  for (int r = 0; r < size; ++r) a(r, size + 1 + r) = 1;
  for (int c = 0; c < size; ++c) {
    int pivot = c;
    for (int r = c; r < size; ++r)
      if (std::abs(a(r, c)) > std::abs(a(pivot, c))) pivot = r;
    if (std::abs(a(pivot, c)) < 1e-8)
      throw bench::BadInput("n must be well above d: these samples do not determine the weights");
    for (int j = 0; j < a.cols; ++j) std::swap(a(c, j), a(pivot, j));
    const double scale = 1 / a(c, c);
    for (int j = 0; j < a.cols; ++j) a(c, j) *= scale;
    for (int r = 0; r < size; ++r) {
      const double factor = a(r, c);
      for (int j = 0; j < a.cols && r != c; ++j) a(r, j) -= factor * a(c, j);
    }
  }
  best_.resize(size);
  radius_.resize(size);
  for (int r = 0; r < size; ++r) best_[r] = a(r, size);

  std::vector<int> all(p_.n);
  for (int i = 0; i < p_.n; ++i) all[i] = i;
  sgd::GlmOracle oracle = one_.oracle(inputs);
  oracle.train(sgd::Order(p_.n, 1, p_.seed), 1, p_.visits / 2, p_.lr);
  target_ = oracle.loss(all);
  oracle = one_.oracle(inputs);
  oracle.train(sgd::Order(p_.n, 1, p_.seed), 1, p_.visits, p_.lr);
  const double end = oracle.loss(all);
  oracle.set_weights(best_);
  lowest_ = oracle.loss(all);
  if (!(end - lowest_ <= (target_ - lowest_) / 4))
    throw bench::BadInput(
        "sequential SGD gains too little in its second half for a target: use a smaller lr or fewer visits, "
        "or "
        "more visits where lr is very small");
  for (int r = 0; r < size; ++r) radius_[r] = std::sqrt(2 * (target_ - lowest_) * a(r, size + 1 + r));

  // FP32 computes a sample's z within gamma * (|x| |w|), its loss therefore within |r| times that
  // (Cauchy-Schwarz over the samples), and the mean within gamma times itself.
  double largest = 0;
  for (int i = 0; i < p_.n; ++i) {
    double sum = 0;
    for (int r = 0; r < size; ++r)
      sum +=
          std::abs(r < p_.d ? double(x[std::int64_t(i) * p_.d + r]) : 1) * (std::abs(best_[r]) + radius_[r]);
    largest = std::max(largest, sum);
  }
  loss_error_ =
      0x1p-24 * (sgd::gamma(p_.n + 4) * target_ + std::sqrt(2 * target_) * (sgd::gamma(p_.d + 2) * largest));
}

template struct bench::Rung<Sgd>;
template struct bench::Rung<LocalSgd>;
template struct bench::Rung<Hogwild>;
template struct bench::Rung<MlpSgd>;
