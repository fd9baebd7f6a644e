// cuDNN's convolutions through its graph API: every engine that its heuristics propose and that keeps to true
// FP32 is timed once for a shape, and the fastest runs. Workspace: at most 1 GiB.
#include <map>

#include "baselines/cudnn.hpp"
#include "chapters/05-convolution/problem.hpp"

namespace {

constexpr std::int64_t kWorkspaceLimit = std::int64_t(1) << 30;

enum class Direction { forward, data, filter };

// Tensor `id` with cuDNN's axes (N C H W, or K C R S) in the layout of `strides`.
Descriptor tensor(std::int64_t id, std::initializer_list<std::int64_t> extent, const conv::Strides& s) {
  Descriptor t(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
  t.set(CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, {CUDNN_DATA_FLOAT})
      .set<std::int64_t>(CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, extent)
      .set<std::int64_t>(CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, {s.i, s.j, s.row, s.column})
      .set<std::int64_t>(CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, {id})
      .set<std::int64_t>(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, {16});
  if (!t.finalize()) throw bench::DeviceError("cuDNN: a tensor descriptor was refused");
  return t;
}

// The graph of one convolution. Ids: x 1, filter 2, y 3, or their gradients.
Descriptor graph(cudnnHandle_t handle, const conv::Sizes& z, Direction direction) {
  const Descriptor x = tensor(1, {z.n, z.c, z.h, z.w}, z.x_strides());
  const Descriptor w = tensor(2, {z.k, z.group_c(), z.r, z.s}, z.filter_strides());
  const Descriptor y = tensor(3, {z.n, z.k, z.p, z.q}, z.y_strides());
  Descriptor convolution(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
  const auto pair = [&](cudnnBackendAttributeName_t name, std::int64_t v) {
    convolution.set<std::int64_t>(name, CUDNN_TYPE_INT64, {v, v});
  };
  convolution.set<std::int64_t>(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, {2})
      .set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, {CUDNN_DATA_FLOAT})
      .set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, {CUDNN_CROSS_CORRELATION});
  pair(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, z.pad), pair(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, z.pad);
  pair(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, z.stride), pair(CUDNN_ATTR_CONVOLUTION_DILATIONS, z.dilation);
  if (!convolution.finalize()) throw bench::DeviceError("cuDNN: the convolution descriptor was refused");

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
  Descriptor operation(names.operation), graph(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
  operation.set(names.x, x).set(names.w, w).set(names.y, y).set(names.convolution, convolution);
  operation.set(names.alpha, CUDNN_TYPE_FLOAT, {1.0f}).set(names.beta, CUDNN_TYPE_FLOAT, {0.0f});
  if (!operation.finalize()) throw bench::DeviceError("cuDNN: the operation was refused");
  graph.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, {handle})
      .set(CUDNN_ATTR_OPERATIONGRAPH_OPS, operation);
  if (!graph.finalize()) throw bench::DeviceError("cuDNN: the graph was refused");
  return graph;
}

// What is known of a shape: its engines, and, once prepared, only the fastest.
std::vector<CudnnPlan>& plans_for(const conv::Sizes& z, Direction direction) {
  using Key = std::array<int, 13>;
  static std::map<Key, std::vector<CudnnPlan>> known;
  const Key key = {z.n,
                   z.c,
                   z.h,
                   z.w,
                   z.k,
                   z.r,
                   z.s,
                   z.stride,
                   z.pad,
                   z.dilation,
                   z.groups,
                   z.nhwc,
                   static_cast<int>(direction)};
  const auto found = known.find(key);
  if (found != known.end()) return found->second;
  const cudnnHandle_t handle = cudnn_on(nullptr);
  return known[key] = cudnn_plans(handle, graph(handle, z, direction), kWorkspaceLimit);
}

// A problem's arguments as x, filter and y; an input's const is cuDNN's to respect.
template <class P>
constexpr Direction kDirection = Direction::forward;
template <>
constexpr Direction kDirection<BackwardData<>> = Direction::data;
template <>
constexpr Direction kDirection<BackwardFilter<>> = Direction::filter;

std::array<void*, 3> pointers(const Forward<>::Args& a) {
  return {const_cast<float*>(a.x), const_cast<float*>(a.filter), a.y};
}
std::array<void*, 3> pointers(const BackwardData<>::Args& a) {
  return {a.dx, const_cast<float*>(a.filter), const_cast<float*>(a.dy)};
}
std::array<void*, 3> pointers(const BackwardFilter<>::Args& a) {
  return {const_cast<float*>(a.x), a.dfilter, const_cast<float*>(a.dy)};
}

template <class P>
bench::Spec<P> spec(const char* title, const char* name) {
  using Args = typename P::Args;
  return {
      .title = title,
      .idea = "NVIDIA's library, the fastest of its true FP32 engines",
      .run =
          [](const Args& a, const bench::Context& ctx) {
            const auto& plans = plans_for(a, kDirection<P>);
            const auto [x, w, y] = pointers(a);
            check_cudnn(run_plan(cudnn_on(ctx.stream), plans.at(0), {x, w, y}, ctx.workspace),
                        "cudnnBackendExecute");
          },
      .needs = [](const Args& a) -> std::string {
        if (a.n == 0) return "needs n of at least 1";
        return plans_for(a, kDirection<P>).empty() ? "needs an FP32 engine, and cuDNN has none for this shape"
                                                   : "";
      },
      .workspace =
          [](const Args& a) {
            std::int64_t most = 0;
            for (const CudnnPlan& plan : plans_for(a, kDirection<P>)) most = std::max(most, plan.workspace);
            return static_cast<std::size_t>(most);
          },
      .prepare =
          [](const Args& a, const bench::Context& ctx) {
            auto& plans = plans_for(a, kDirection<P>);
            const auto [x, w, y] = pointers(a);
            const CudnnPlan* best = nullptr;
            float least = FLT_MAX;
            for (const CudnnPlan& plan : plans)
              if (const float ms =
                      time_plan(cudnn_on(ctx.stream), plan, {x, w, y}, ctx.workspace, ctx.stream);
                  ms < least)
                best = &plan, least = ms;
            if (!best) throw bench::DeviceError("cuDNN: every engine failed");
            plans = {CudnnPlan(*best)};
          },
      .detail = [](const Args& a) -> std::string {
        const auto& plans = plans_for(a, kDirection<P>);
        if (plans.empty()) return "";
        return "engine " + std::to_string(plans[0].engine) + ", workspace " +
               std::to_string(plans[0].workspace) + " bytes";
      },
      .deterministic = false,
      .name = name,
  };
}

const bench::Rung<Forward<>> forward(spec<Forward<>>("cuDNN forward", "forward"));
const bench::Rung<Depthwise<>> depthwise(spec<Depthwise<>>("cuDNN depthwise", "depthwise"));
const bench::Rung<BackwardData<>> data(spec<BackwardData<>>("cuDNN backward data", "data"));
const bench::Rung<BackwardFilter<>> filter(spec<BackwardFilter<>>("cuDNN backward filter", "filter"));

}  // namespace
