// cuDNN's convolutions through its graph API: every engine that its heuristics propose and that keeps to true
// FP32 is timed for a shape as rungs are, and the fastest runs. Workspace: at most 1 GiB. Winograd's engines
// are a row of their own, because they are held to a weaker bound. Built without cuDNN, the rows say so.
#include <map>

#ifndef WARPLADDER_WITHOUT_CUDNN
#include "baselines/cudnn.hpp"
#endif
#include "chapters/05-convolution/problem.hpp"
#include "kernels/convolution/winograd.hpp"

namespace {

#ifdef WARPLADDER_WITHOUT_CUDNN

// The rows say what they lack.
template <class P, bool kWinograd, bool kSum>
void use(bench::Spec<P>& spec) {
  spec.needs = [](const typename P::Args&) -> std::string {
    return "needs cuDNN 9, which was not found when this program was built";
  };
}

#else

constexpr std::int64_t kWorkspaceLimit = std::int64_t(1) << 30;

// layer: y = max(0, forward + bias), fused. layer_sum: y = max(0, forward + 0 * y + bias), the same with the
// sum that cuDNN's own fused engines also take; others are compiled for a graph, and may know tensor cores
// only.
enum class Direction { forward, data, filter, layer, layer_sum };

// Tensor `id` with cuDNN's axes (N C H W, or K C R S) in the layout of `strides`. A virtual one exists
// between two operations of a graph only, never in memory.
Descriptor tensor(std::int64_t id, std::initializer_list<std::int64_t> extent, const conv::Strides& s,
                  bool is_virtual = false) {
  Descriptor t(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
  t.set(CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, {CUDNN_DATA_FLOAT})
      .set<std::int64_t>(CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, extent)
      .set<std::int64_t>(CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, {s.i, s.j, s.row, s.column})
      .set<std::int64_t>(CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, {id})
      .set<std::int64_t>(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, {16})
      .set(CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, {is_virtual});
  return t.finalized("a tensor");
}

// The three tensors of a convolution, or their gradients.
struct Tensors {
  Descriptor x, w, y;
};

// One convolution, in FP32 throughout.
Descriptor convolution(const conv::Sizes& z, Direction direction, const Tensors& t) {
  Descriptor convolution(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
  const auto pair = [&](cudnnBackendAttributeName_t name, std::int64_t v) {
    convolution.set<std::int64_t>(name, CUDNN_TYPE_INT64, {v, v});
  };
  convolution.set<std::int64_t>(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, {2})
      .set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, {CUDNN_DATA_FLOAT})
      .set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, {CUDNN_CROSS_CORRELATION});
  pair(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, z.pad), pair(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, z.pad);
  pair(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, z.stride), pair(CUDNN_ATTR_CONVOLUTION_DILATIONS, z.dilation);

  struct Names {
    cudnnBackendDescriptorType_t operation;
    cudnnBackendAttributeName_t x, w, y, convolution, alpha, beta;
  };
  static constexpr Names kNames[] = {
      {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
       CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y,
       CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
       CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA},
      {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
       CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
       CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
       CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA},
      {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
       CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
       CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
       CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA}};
  const Names& names = kNames[static_cast<int>(direction)];
  Descriptor operation(names.operation);
  return operation.set(names.x, t.x)
      .set(names.w, t.w)
      .set(names.y, t.y)
      .set(names.convolution, convolution.finalized("a convolution"))
      .set(names.alpha, CUDNN_TYPE_FLOAT, {1.0f})
      .set(names.beta, CUDNN_TYPE_FLOAT, {0.0f})
      .finalized("a convolution's operation");
}

// y = mode(x) or mode(x, factor * b), element by element; b is broadcast along its axes of 1.
Descriptor pointwise(cudnnPointwiseMode_t mode, const Descriptor& x, const Descriptor* b, const Descriptor& y,
                     float factor = 1) {
  Descriptor what(CUDNN_BACKEND_POINTWISE_DESCRIPTOR),
      operation(CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
  what.set(CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, {mode})
      .set(CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, {CUDNN_DATA_FLOAT});
  operation.set(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, what.finalized("a pointwise function"))
      .set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, x)
      .set(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, y);
  if (b)
    operation.set(CUDNN_ATTR_OPERATION_POINTWISE_BDESC, *b)
        .set(CUDNN_ATTR_OPERATION_POINTWISE_ALPHA1, CUDNN_TYPE_FLOAT, {1.0f})
        .set(CUDNN_ATTR_OPERATION_POINTWISE_ALPHA2, CUDNN_TYPE_FLOAT, {factor});
  return operation.finalized("a pointwise operation");
}

// The graph of one convolution. Ids: x 1, filter 2, y 3, or their gradients; a whole layer also has bias 4,
// and with the sum 0 * y the y before as 5. From 6 on: virtual ones.
Descriptor graph(cudnnHandle_t handle, const conv::Sizes& z, Direction direction) {
  const auto y = [&](std::int64_t id, bool is_virtual) {
    return tensor(id, {z.n, z.k, z.p, z.q}, z.y_strides(), is_virtual);
  };
  const bool layer = direction == Direction::layer || direction == Direction::layer_sum;
  const Tensors t = {tensor(1, {z.n, z.c, z.h, z.w}, z.x_strides()),
                     tensor(2, {z.k, z.group_c(), z.r, z.s}, z.filter_strides()),
                     layer ? y(6, true) : y(3, false)};
  std::vector<Descriptor> operations = {convolution(z, layer ? Direction::forward : direction, t)};
  if (layer) {
    const Descriptor bias = tensor(4, {1, z.k, 1, 1}, {z.k, 1, z.k, z.k}), biased = y(7, true);
    Descriptor sum = t.y;
    if (direction == Direction::layer_sum) {
      const Descriptor before = y(5, false);
      sum = y(8, true);
      operations.push_back(pointwise(CUDNN_POINTWISE_ADD, t.y, &before, sum, 0));
    }
    operations.push_back(pointwise(CUDNN_POINTWISE_ADD, sum, &bias, biased));
    operations.push_back(pointwise(CUDNN_POINTWISE_RELU_FWD, biased, nullptr, y(3, false)));
  }
  Descriptor graph(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
  return graph.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, {handle})
      .set(CUDNN_ATTR_OPERATIONGRAPH_OPS, operations)
      .finalized("a graph");
}

// What is known of a shape: its engines, and which one runs. None: cuDNN does not take it.
struct Plans {
  std::vector<CudnnPlan> all;
  std::size_t chosen = 0;
  bool prepared = false;
};

Plans& plans_for(const conv::Sizes& z, Direction direction, bool winograd) {
  static std::map<std::array<int, 14>, Plans> known;
  const auto [at, is_new] = known.try_emplace({z.n, z.c, z.h, z.w, z.k, z.r, z.s, z.stride, z.pad, z.dilation,
                                               z.groups, z.nhwc, static_cast<int>(direction), winograd});
  if (!is_new || z.n == 0) return at->second;
  const cudnnHandle_t handle = cudnn_on(nullptr);
  try {
    at->second.all = cudnn_plans(handle, graph(handle, z, direction), winograd, kWorkspaceLimit);
  } catch (const CudnnRefusal&) {  // not even the description
  }
  return at->second;
}

// Which operation a problem is, and its arguments in the order of the ids; an input's const is cuDNN's to
// respect.
template <class P>
constexpr Direction kDirection = Direction::forward;
template <>
constexpr Direction kDirection<BackwardData<>> = Direction::data;
template <>
constexpr Direction kDirection<BackwardFilter<>> = Direction::filter;
template <>
constexpr Direction kDirection<BiasRelu<>> = Direction::layer;

float* in(const float* p) { return const_cast<float*>(p); }
std::vector<void*> pointers(const Forward<>::Args& a) { return {in(a.x), in(a.filter), a.y}; }
std::vector<void*> pointers(const BiasRelu<>::Args& a) { return {in(a.x), in(a.filter), a.y, in(a.bias)}; }
std::vector<void*> pointers(const BackwardData<>::Args& a) { return {a.dx, in(a.filter), in(a.dy)}; }
std::vector<void*> pointers(const BackwardFilter<>::Args& a) { return {in(a.x), a.dfilter, in(a.dy)}; }

template <class P, bool kWinograd, bool kSum>
void use(bench::Spec<P>& spec) {
  using Args = typename P::Args;
  static constexpr auto plans = [](const Args& a) -> auto& {
    return plans_for(a, kSum ? Direction::layer_sum : kDirection<P>, kWinograd);
  };
  static constexpr auto data = [](const Args& a) {
    std::vector<void*> all = pointers(a);
    if constexpr (kSum) all.push_back(a.y);
    return all;
  };
  spec.run = [](const Args& a, const bench::Context& ctx) {
    const Plans& of = plans(a);
    check_cudnn(run_plan(cudnn_on(ctx.stream), of.all.at(of.chosen), data(a), ctx.workspace),
                "cudnnBackendExecute");
  };
  spec.needs = [](const Args& a) -> std::string {
    try {
      return plans(a).all.empty() ? "needs an engine of this kind, and cuDNN has none for this shape" : "";
    } catch (const bench::DeviceError& e) {  // the library is here, and does not work
      return std::string("needs a cuDNN that works with this GPU: ") + e.what();
    }
  };
  spec.workspace = [](const Args& a) {
    std::int64_t most = 0;
    for (const CudnnPlan& plan : plans(a).all) most = std::max(most, plan.workspace);
    return static_cast<std::size_t>(most);
  };
  spec.prepare = [](const Args& a, const bench::Context& ctx) {
    Plans& of = plans(a);
    if (of.prepared) return;
    while (run_plan(cudnn_on(ctx.stream), of.all.at(of.chosen), data(a), ctx.workspace) !=
           CUDNN_STATUS_SUCCESS)  // the first that runs
      if (++of.chosen == of.all.size()) throw bench::DeviceError("cuDNN: no engine runs this shape");
    of.prepared = true;
  };
  spec.ways = [](const Args& a) { return static_cast<int>(plans(a).all.size()); };
  spec.choose = [](const Args& a, int way) { plans(a).chosen = static_cast<std::size_t>(way); };
  spec.detail = [](const Args& a) -> std::string {
    const Plans& of = plans(a);
    if (of.all.empty()) return "";
    const std::size_t version = cudnnGetVersion();  // of the library that was loaded
    return "cuDNN " + std::to_string(version / 10000) + "." + std::to_string(version / 100 % 100) + "." +
           std::to_string(version % 100) + ", engine " + std::to_string(of.all[of.chosen].engine) +
           ", workspace " + std::to_string(of.all[of.chosen].workspace) + " bytes";
  };
}

#endif

template <class P, bool kWinograd = false, bool kSum = false>
bench::Spec<P> spec(const char* title, const char* name) {
  bench::Spec<P> spec{
      .title = title,
      .idea = "NVIDIA's library, the fastest of its FP32 engines that add up as the definition does",
      .deterministic = false,
      .name = name};
  if constexpr (kWinograd) {
    spec.idea = "NVIDIA's library, the fastest of its FP32 engines with Winograd's transforms";
    spec.numerics = {.growth = conv::winograd_growth<4>(), .normwise = true, .exact_integers = false};
    spec.reduction = 4;
  }
  use<P, kWinograd, kSum>(spec);
  return spec;
}

const bench::Rung<Forward<>> forward(spec<Forward<>>("cuDNN forward", "forward"));
const bench::Rung<Forward<>> winograd(spec<Forward<>, true>("cuDNN forward, Winograd", "winograd"));
const bench::Rung<BiasRelu<>> layer(spec<BiasRelu<>>("cuDNN convolution, bias and ReLU in one graph",
                                                     "layer"));
const bench::Rung<BiasRelu<>> layer_sum(spec<BiasRelu<>, false, true>(
    "cuDNN convolution, sum with 0 y, bias and ReLU in one graph", "layer-sum"));
const bench::Rung<Depthwise<>> depthwise(spec<Depthwise<>>("cuDNN depthwise", "depthwise"));
const bench::Rung<BackwardData<>> data(spec<BackwardData<>>("cuDNN backward data", "data"));
const bench::Rung<BackwardFilter<>> filter(spec<BackwardFilter<>>("cuDNN backward filter", "filter"));

}  // namespace
