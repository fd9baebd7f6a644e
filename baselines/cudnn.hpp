// What the cuDNN baselines share: its backend API's descriptors as values, errors as exceptions, and the
// engines to choose from for a graph. cuDNN 9.
#pragma once

#include <cudnn.h>

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <numeric>
#include <span>
#include <vector>

#include "bench/buffers.hpp"

// Throws bench::DeviceError with the call and cuDNN's own words.
inline void check_cudnn(cudnnStatus_t status, const char* call) {
  if (status != CUDNN_STATUS_SUCCESS)
    throw bench::DeviceError(std::string(call) + ": " + cudnnGetErrorString(status));
}

// One handle for the process, set to the stream.
inline cudnnHandle_t cudnn_on(cudaStream_t stream) {
  static const cudnnHandle_t handle = [] {
    cudnnHandle_t h = nullptr;
    check_cudnn(cudnnCreate(&h), "cudnnCreate");
    return h;
  }();
  check_cudnn(cudnnSetStream(handle, stream), "cudnnSetStream");
  return handle;
}

// cuDNN has nothing for what was described to it.
struct CudnnRefusal : bench::DeviceError {
  using bench::DeviceError::DeviceError;
};

// A backend descriptor, freed with its last copy.
class Descriptor {
 public:
  explicit Descriptor(cudnnBackendDescriptorType_t type) {
    cudnnBackendDescriptor_t d = nullptr;
    check_cudnn(cudnnBackendCreateDescriptor(type, &d), "cudnnBackendCreateDescriptor");
    descriptor_ = {d, [](void* p) { cudnnBackendDestroyDescriptor(p); }};
  }
  cudnnBackendDescriptor_t get() const { return descriptor_.get(); }

  template <class T>
  Descriptor& set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                  std::span<const T> values) {
    check_cudnn(
        cudnnBackendSetAttribute(get(), name, type, static_cast<std::int64_t>(values.size()), values.data()),
        "cudnnBackendSetAttribute");
    return *this;
  }
  template <class T>
  Descriptor& set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                  std::initializer_list<T> values) {
    return set(name, type, std::span<const T>(values.begin(), values.size()));
  }
  Descriptor& set(cudnnBackendAttributeName_t name, const Descriptor& value) {
    return set<cudnnBackendDescriptor_t>(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, {value.get()});
  }
  Descriptor& set(cudnnBackendAttributeName_t name, const std::vector<Descriptor>& values) {
    std::vector<cudnnBackendDescriptor_t> raw;
    for (const Descriptor& d : values) raw.push_back(d.get());
    return set(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, std::span<const cudnnBackendDescriptor_t>(raw));
  }
  // False where cuDNN has nothing for what was described.
  bool finalize() { return cudnnBackendFinalize(get()) == CUDNN_STATUS_SUCCESS; }
  // Where it must have.
  const Descriptor& finalized(const char* what) {
    if (!finalize()) throw CudnnRefusal(std::string("cuDNN refused ") + what);
    return *this;
  }
  // Up to values.size() of an array; returns how many there are. Descriptors must exist beforehand.
  template <class T>
  std::int64_t read(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                    std::vector<T>& values) const {
    std::int64_t count = 0;
    check_cudnn(cudnnBackendGetAttribute(get(), name, type, static_cast<std::int64_t>(values.size()), &count,
                                         values.data()),
                "cudnnBackendGetAttribute");
    return count;
  }
  std::int64_t number(cudnnBackendAttributeName_t name) const {
    std::vector<std::int64_t> value(1);
    read(name, CUDNN_TYPE_INT64, value);
    return value[0];
  }

 private:
  std::shared_ptr<void> descriptor_;
};

// An engine ready to run.
struct CudnnPlan {
  Descriptor plan;
  std::int64_t engine, workspace;  // cuDNN's number for it; bytes
};

// Whether an engine computes in FP32 on the ordinary cores (no TF32, no rounding of inputs) and either adds
// up what the definition does or, `winograd`, transforms tiles of 4 x 4 or 6 x 6 pixels and holds in a norm
// only.
inline bool is_fp32(const Descriptor& engine, bool winograd) {
  std::vector<cudnnBackendNumericalNote_t> notes(CUDNN_NUMERICAL_NOTE_TYPE_COUNT);
  notes.resize(engine.read(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE, notes));
  const auto noted = [&](auto... any) {
    return std::ranges::any_of(notes, [&](auto note) { return ((note == any) || ...); });
  };
  if (noted(CUDNN_NUMERICAL_NOTE_TENSOR_CORE, CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS,
            CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION, CUDNN_NUMERICAL_NOTE_FFT,
            CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_13x13))
    return false;
  const bool small = noted(CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_4x4, CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_6x6);
  return winograd ? small : !small && !noted(CUDNN_NUMERICAL_NOTE_WINOGRAD);
}

// All such engines that cuDNN proposes for a graph and that keep to `limit` bytes of workspace.
inline std::vector<CudnnPlan> cudnn_plans(cudnnHandle_t handle, const Descriptor& graph, bool winograd,
                                          std::int64_t limit) {
  std::vector<CudnnPlan> plans;
  for (const cudnnBackendHeurMode_t mode : {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK}) {
    Descriptor heuristic(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
    heuristic.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph)
        .set(CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, {mode});
    if (!heuristic.finalize()) continue;
    std::vector<cudnnBackendDescriptor_t> none;
    const std::int64_t count =
        heuristic.read(CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR, none);
    std::vector<Descriptor> configs;
    std::vector<cudnnBackendDescriptor_t> raw;
    for (std::int64_t i = 0; i < count; ++i)
      raw.push_back(configs.emplace_back(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR).get());
    configs.resize(heuristic.read(CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR, raw),
                   Descriptor(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR));
    for (const Descriptor& config : configs) {
      Descriptor engine(CUDNN_BACKEND_ENGINE_DESCRIPTOR), plan(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
      std::vector<cudnnBackendDescriptor_t> into = {engine.get()};
      config.read(CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR, into);
      if (!is_fp32(engine, winograd)) continue;
      plan.set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, {handle})
          .set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, config);
      if (!plan.finalize()) continue;  // proposed, but not for this GPU or these sizes
      const std::int64_t workspace = plan.number(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE);
      if (workspace <= limit)
        plans.push_back({plan, engine.number(CUDNN_ATTR_ENGINE_GLOBAL_INDEX), workspace});
    }
  }
  return plans;
}

// Runs a plan; data[i] belongs to the tensor with unique id i + 1. Returns cuDNN's status.
inline cudnnStatus_t run_plan(cudnnHandle_t handle, const CudnnPlan& plan, const std::vector<void*>& data,
                              void* workspace) {
  std::vector<std::int64_t> ids(data.size());
  std::iota(ids.begin(), ids.end(), 1);
  Descriptor pack(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
  pack.set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, std::span<void* const>(data))
      .set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, std::span<const std::int64_t>(ids))
      .set<void*>(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, {workspace});
  if (!pack.finalize()) return CUDNN_STATUS_BAD_PARAM;
  return cudnnBackendExecute(handle, plan.plan.get(), pack.get());
}
