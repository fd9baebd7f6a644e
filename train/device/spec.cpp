#include "train/device/spec.hpp"

#include <algorithm>
#include <string>

#include "bench/shape.hpp"

namespace train {

using bench::BadInput;

// The value that `names` gives to the text in json[key].
template <class T>
static T named(const Json& json, const char* key, std::initializer_list<std::pair<const char*, T>> names) {
  const auto wanted = json.at(key).get<std::string>();
  std::string known;
  for (const auto& [name, value] : names) {
    if (wanted == name) return value;
    known += std::string(known.empty() ? "" : ", ") + name;
  }
  throw BadInput(std::string(key) + " '" + wanted + "' is not known: use one of " + known);
}

static sgd::Loss read_loss(const Json& model) {
  return named<sgd::Loss>(
      model, "loss",
      {{"squared", sgd::Loss::squared}, {"logistic", sgd::Loss::logistic}, {"softmax", sgd::Loss::softmax}});
}

static sgd::Activation read_activation(const Json& model) {
  return named<sgd::Activation>(model, "activation",
                                {{"relu", sgd::Activation::relu},
                                 {"sigmoid", sgd::Activation::sigmoid},
                                 {"tanh", sgd::Activation::tanh},
                                 {"gelu", sgd::Activation::gelu}});
}

static sgd::Optimizer read_optimizer(const Json& json) {
  using sgd::Rule;
  const sgd::Optimizer usual;
  return {.rule = named<Rule>(json, "rule",
                              {{"sgd", Rule::sgd},
                               {"momentum", Rule::momentum},
                               {"nesterov", Rule::nesterov},
                               {"adagrad", Rule::adagrad},
                               {"rmsprop", Rule::rmsprop},
                               {"adam", Rule::adam},
                               {"adamw", Rule::adamw}}),
          .beta1 = json.value("beta1", usual.beta1),
          .beta2 = json.value("beta2", usual.beta2),
          .epsilon = json.value("epsilon", usual.epsilon),
          .decay = json.value("decay", usual.decay)};
}

static sgd::Schedule read_schedule(const Json& json) {
  using Kind = sgd::Schedule::Kind;
  const sgd::Schedule usual;
  return {.kind = named<Kind>(json, "kind",
                              {{"constant", Kind::constant}, {"step", Kind::step}, {"cosine", Kind::cosine}}),
          .base = json.value("base", usual.base),
          .warmup = json.value("warmup", usual.warmup),
          .period = std::max(json.value("period", usual.period), 1),
          .factor = json.value("factor", usual.factor)};
}

Spec read_spec(const Json& json) {
  Spec spec;
  const Json& model = json.at("model");
  spec.kind = named<Kind>(model, "kind", {{"network", Kind::network}, {"kmeans", Kind::kmeans}});
  const auto widths = model.at("widths").get<std::vector<int>>();
  if (widths.size() < 2 || widths.size() > sgd::Mlp::kMostLayers + 2 || std::ranges::min(widths) < 1)
    throw BadInput("a network has inputs, outputs and at most " + std::to_string(sgd::Mlp::kMostLayers) +
                   " hidden layers, each at least 1 wide");
  spec.model = {.d = widths.front(),
                .h = {},
                .layers = static_cast<int>(widths.size()) - 2,
                .k = widths.back(),
                .activation = read_activation(model),
                .loss = read_loss(model)};
  std::copy(widths.begin() + 1, widths.end() - 1, spec.model.h);
  if (spec.weights() > 2147483647)
    throw BadInput("this model has " + std::to_string(spec.weights()) +
                   " weights: at most 2147483647 are possible");
  if (json.contains("engine"))
    spec.way =
        named<Way>(json, "engine", {{"auto", Way::automatic}, {"narrow", Way::narrow}, {"wide", Way::wide}});
  if (json.contains("optimizer")) spec.optimizer = read_optimizer(json["optimizer"]);
  if (json.contains("schedule")) spec.schedule = read_schedule(json["schedule"]);
  spec.clip = json.value("clip", 0.0);
  spec.batch = json.value("batch", 0);
  spec.accumulate = std::max(json.value("accumulate", 1), 1);
  spec.seed = json.value("seed", std::uint32_t(1));
  return spec;
}

}  // namespace train
