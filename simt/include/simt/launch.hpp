#pragma once
#include <driver_types.h>

#include <cstddef>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "simt/thread.hpp"

namespace simt {

struct LaunchSite {
  const char* kernel;
  const char* file;
  int line;
  const void* address = nullptr;  // the kernel function, where the caller can name it
};

/// What stands between <<< and >>>, and what cudaLaunchKernelEx adds.
struct Config {
  dim3 grid, block;
  std::size_t shared = 0;  // dynamic, bytes
  cudaStream_t stream = nullptr;
  bool cooperative = false;
  dim3 cluster{1, 1, 1};

  Config(dim3 grid, dim3 block, std::size_t shared = 0, cudaStream_t stream = nullptr)
      : grid(grid), block(block), shared(shared), stream(stream) {}
};

/// A kernel with its arguments bound. run() executes on a fiber: it starts threads until none is left
/// for this fiber to start.
struct Kernel {
  virtual ~Kernel() = default;
  virtual void run() const = 0;
  virtual std::size_t size() const = 0;  // of the object, arguments included
  virtual std::vector<void*> arguments() const = 0;
  /// The same with arguments of the types that the kernel declares, and the kernel known by its address from
  /// then on. Null where these are not known.
  virtual std::shared_ptr<const Kernel> declared(const void* address) const {
    static_cast<void>(address);
    return nullptr;
  }
};

/// Makes a kernel known by its address, so that it can be launched through a void*.
using BindArguments = std::shared_ptr<const Kernel> (*)(const void* function, void** arguments);
void register_kernel(const void* function, BindArguments bind);

namespace detail {

/// Walks through the threads a fiber starts. A thread that never blocks costs a handful of instructions:
/// it runs as a plain call on the fiber of the thread before it.
class Starter {
 public:
  SIMT_UNCHECKED Starter() { begin(first()); }
  SIMT_UNCHECKED explicit operator bool() const { return thread_ != nullptr; }
  SIMT_UNCHECKED void next() { begin(advance(thread_)); }
  /// Goes on to the next thread of the block, if that may start with no further checks.
  SIMT_UNCHECKED bool next_in_order() {
    if (reinterpret_cast<std::uint64_t>(thread_) >= block_->last_in_order) [[unlikely]]
      return false;
    current = ++thread_;
    if (++x_ == blockDim.x) [[unlikely]] {
      threadIdx = thread_->index;
      x_ = 0;
    } else {
      threadIdx.x = x_;
    }
    return true;
  }

 private:
  static Thread* first();
  static Thread* advance(Thread* finished);
  SIMT_UNCHECKED void begin(Thread* thread) {
    thread_ = thread;
    if (!thread) return;
    block_ = thread->block;
    x_ = thread->index.x;
  }
  Thread* thread_ = nullptr;
  Block* block_ = nullptr;
  unsigned x_ = 0;  // threadIdx.x, here so that a thread need not wait for the store of the one before
};

template <class F, class... Args>
struct BoundKernel : Kernel {
  F function;
  std::tuple<Args...> args;
  template <class G, class... A>
  explicit BoundKernel(G&& g, A&&... a) : function(std::forward<G>(g)), args(std::forward<A>(a)...) {}
  std::size_t size() const override { return sizeof *this; }
  std::vector<void*> arguments() const override {
    return std::apply(
        [](const Args&... a) {
          return std::vector<void*>{const_cast<void*>(static_cast<const void*>(std::addressof(a)))...};
        },
        args);
  }
  void run() const override {
    std::apply([this](const Args&... a) { run_threads(a...); }, args);
  }

 private:
  // Scalars by value: they lie in registers, and the checker is not asked about each thread's read of them.
  template <class T>
  using Passed = std::conditional_t<std::is_scalar_v<T>, const T, const T&>;
  void run_threads(Passed<Args>... a) const {
    for (Starter starter; starter; starter.next()) {
      do  // no call in here but the kernel's own, so that what all threads read is read once
        function(a...);
      while (starter.next_in_order());
    }
  }
};

template <class... P>
std::shared_ptr<const Kernel> bind_arguments(const void* function, void** arguments) {
  return [&]<std::size_t... i>(std::index_sequence<i...>)->std::shared_ptr<const Kernel> {
    auto kernel = reinterpret_cast<void (*)(P...)>(const_cast<void*>(function));
    auto call = [kernel](const auto&... values) { kernel(values...); };
    using Bound = BoundKernel<decltype(call), std::remove_cv_t<P>...>;
    return std::make_shared<Bound>(call, *static_cast<std::remove_cv_t<P>*>(arguments[i])...);
  }
  (std::index_sequence_for<P...>());
}

/// A bound kernel that a launch names, as the function's type is known.
template <class Function, class F, class... Args>
struct NamedKernelBound final : BoundKernel<F, Args...> {
  using BoundKernel<F, Args...>::BoundKernel;
};
template <class... P, class F, class... Args>
requires(sizeof...(P) == sizeof...(Args)) struct NamedKernelBound<void (*)(P...), F, Args...> final
    : BoundKernel<F, Args...> {
  using BoundKernel<F, Args...>::BoundKernel;
  std::shared_ptr<const Kernel> declared(const void* address) const override {
    if constexpr (((std::is_object_v<P> && std::is_copy_constructible_v<P> &&
                    std::is_constructible_v<std::remove_cv_t<P>, const Args&>)&&...)) {
      register_kernel(address, &bind_arguments<P...>);
      std::tuple<std::remove_cv_t<P>...> values(this->args);
      return std::apply(
          [address](auto&... value) {
            void* pointers[] = {&value..., nullptr};
            return bind_arguments<P...>(address, pointers);
          },
          values);
    }
    return nullptr;
  }
};

void submit(const LaunchSite& site, const Config& config, std::shared_ptr<const Kernel> kernel);

/// What a kernel is given for an argument. An object that manages memory and converts to a pointer becomes
/// the pointer now, on the host, for the kernel's parameter can only be that; everything else is copied.
template <class A>
auto kernel_argument(A&& argument) {
  using T = std::decay_t<A>;
  if constexpr (std::is_class_v<T> && !std::is_trivially_copyable_v<T> && requires { *+argument; }) {
    return +argument;
  } else {
    return T(std::forward<A>(argument));
  }
}

}  // namespace detail

/// An argument for a kernel's reference parameter: an object in managed memory, which is not copied.
template <class T>
struct Reference {
  T* object;
};
template <class T>
Reference<T> by_reference(T& object) {
  return {&object};
}
template <class T>
T by_reference(const T&& temporary) {
  return temporary;
}
template <class T>
T& parameter(const Reference<T>& argument) {
  return *argument.object;
}
template <class T>
const T& parameter(const T& argument) {
  return argument;
}

/// k<<<config>>>(args...): copies the arguments once; every simulated thread gets its own copies of those.
/// An invalid configuration sets the CUDA error, as on a GPU, and runs nothing.
template <class F, class... Args>
void launch(const LaunchSite& site, const Config& config, F&& function, Args&&... args) {
  using Bound =
      detail::BoundKernel<std::decay_t<F>, decltype(detail::kernel_argument(std::forward<Args>(args)))...>;
  detail::submit(site, config,
                 std::make_shared<Bound>(std::forward<F>(function),
                                         detail::kernel_argument(std::forward<Args>(args))...));
}
/// The same for a kernel that the launch names: `named` gives it for arguments of given types, or nullptr.
template <class Named, class F, class... Args>
void launch_named(LaunchSite site, const Config& config, const Named& named, F&& function, Args&&... args) {
  auto kernel = named.template operator()<decltype(detail::kernel_argument(std::forward<Args>(args)))...>();
  if constexpr (!std::is_null_pointer_v<decltype(kernel)>)
    site.address = reinterpret_cast<const void*>(kernel);
  using Bound = detail::NamedKernelBound<decltype(kernel), std::decay_t<F>,
                                         decltype(detail::kernel_argument(std::forward<Args>(args)))...>;
  detail::submit(site, config,
                 std::make_shared<Bound>(std::forward<F>(function),
                                         detail::kernel_argument(std::forward<Args>(args))...));
}

}  // namespace simt
