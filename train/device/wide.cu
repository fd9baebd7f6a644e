// Wide networks: every layer is a product, done by the GEMM summit. A column of ones beside the activations
// makes the bias one more weight, forward and backward.
//
//   forward    Z = (A 1) W^T                        A' = act(Z), slope
//   backward   G = D^T (A 1) / samples              D below = (D W) * slope, without the bias's column
#include <algorithm>

#include "kernels/gemm/sgemm.hpp"
#include "kernels/launch.cuh"
#include "kernels/sgd/warp.cuh"
#include "train/device/array.hpp"
#include "train/device/engine.hpp"

namespace train {

// a = (x, 1), rows x (d + 1): those of the batch that is due, or, to predict, x's own.
static __global__ void gather(Training t, int micro, bool due, const float* x, int rows, float* a) {
  const int d = t.spec.model.d;
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= rows * std::int64_t(d + 1)) return;
  const int b = static_cast<int>(i / (d + 1)), j = static_cast<int>(i % (d + 1));
  const std::int64_t row = due ? t.order().sample(t.progress->step, micro * t.spec.batch + b) : b;
  a[i] = j < d ? x[row * d + j] : 1.0f;
}

// a = (act(z), 1), rows x (width + 1), and act'(z).
static __global__ void activate_layer(sgd::Activation activation, int rows, int width, const float* z,
                                      float* a, float* slope) {
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= rows * std::int64_t(width + 1)) return;
  const std::int64_t b = i / (width + 1), c = i % (width + 1);
  a[i] = c < width ? sgd::activate(activation, z[b * width + c], slope[b * width + c]) : 1.0f;
}

// z becomes dl/dz of the batch that is due, or, to predict, the prediction: a residual against zero. A warp a
// sample.
static __global__ void residuals(Training t, int micro, bool due, const float* zeros, int rows, float* z) {
  const int b = static_cast<int>((blockIdx.x * blockDim.x + threadIdx.x) / 32), k = t.spec.model.k;
  if (b >= rows) return;
  const int position = micro * t.spec.batch + b;
  const float* y = due ? t.y + std::int64_t(t.order().sample(t.progress->step, position)) * k : zeros;
  const float loss = sgd::loss_and_residual(t.spec.model.loss, k, y, z + std::int64_t(b) * k, sgd::Warp());
  if (due && threadIdx.x % 32 == 0) t.sample_losses[position] = loss;
}

static __global__ void times_slope(std::int64_t count, const float* slope, float* delta) {
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i < count) delta[i] *= slope[i];
}

namespace {

unsigned blocks(std::int64_t threads) { return static_cast<unsigned>(ceil_div(threads, 256)); }

class Wide : public Engine {
 public:
  explicit Wide(const Training& t) : t_(t), zeros_(std::vector<float>(static_cast<std::size_t>(m().k))) {
    fit(t.n > 0 ? std::max(t.spec.batch, kFewRows) : kFewRows);
  }

  void step(cudaStream_t stream) override {
    for (int micro = 0; micro < t_.spec.accumulate; ++micro) {
      forward(t_.x, t_.spec.batch, true, micro, stream);
      backward(micro, stream);
    }
    finish_step(t_, stream);
  }

  void predict(const float* x, int rows, float* out, cudaStream_t stream) override {
    for (int at = 0; at < rows; at += rows_) {
      const int some = std::min(rows_, rows - at);
      forward(x + std::int64_t(at) * m().d, some, false, 0, stream);
      check(cudaMemcpyAsync(out + std::int64_t(at) * m().k, delta_.data(), sizeof(float) * some * m().k,
                            cudaMemcpyDeviceToDevice, stream),
            "cudaMemcpyAsync");
    }
  }

 private:
  static constexpr int kFewRows = 256;  // predicted at once, at least

  const sgd::Mlp& m() const { return t_.spec.model; }

  // Room for `rows` samples' activations.
  void fit(int rows) {
    rows_ = rows;
    std::int64_t inputs = 0;
    for (int l = 0; l <= m().layers; ++l) inputs += m().in(l) + 1;
    a_ = Array<float>(rows * inputs);
    slope_ = Array<float>(rows * std::int64_t(m().hidden(m().layers)));
    delta_ = Array<float>(rows * std::int64_t(m().widest()));
    below_ = Array<float>(rows * std::int64_t(m().widest()));
    if (t_.n == 0) return;
    for (int l = 0; l <= m().layers; ++l)  // steps may be recorded as a graph, where nothing can be allocated
      for (const gemm::Product& p : {product_forward(l, t_.spec.batch), product_gradient(l, 0),
                                     product_gradient(l, 1), product_below(l)})
        reserve(p, workspace_);
  }
  static void reserve(const gemm::Product& p, Array<char>& workspace) {
    const auto bytes = static_cast<std::int64_t>(gemm::sgemm_workspace(p));
    if (bytes > workspace.size()) workspace = Array<char>(bytes);
  }

  float* input(int l) const {
    std::int64_t before = 0;
    for (int i = 0; i < l; ++i) before += m().in(i) + 1;
    return a_.data() + rows_ * before;
  }
  float* slope(int l) const { return slope_.data() + std::int64_t(rows_) * m().hidden(l); }
  float* matrix(int l) const { return t_.w + m().offset(l); }

  gemm::Product product_forward(int l, int rows) const {
    const int in = m().in(l) + 1;
    return gemm::row_major(rows, m().out(l), in, false, true, 1, input(l), in, matrix(l), in, 0,
                           delta_.data(), m().out(l));
  }
  gemm::Product product_gradient(int l, int micro) const {
    const int in = m().in(l) + 1, out = m().out(l);
    return gemm::row_major(out, in, t_.spec.batch, true, false, 1.0f / static_cast<float>(t_.spec.samples()),
                           delta_.data(), out, input(l), in, micro == 0 ? 0.0f : 1.0f,
                           t_.gradient + m().offset(l), in);
  }
  gemm::Product product_below(int l) const {
    const int in = m().in(l), out = m().out(l);
    return gemm::row_major(t_.spec.batch, in, out, false, false, 1, delta_.data(), out, matrix(l), in + 1, 0,
                           below_.data(), in);
  }
  void multiply(const gemm::Product& p, bool due, cudaStream_t stream) {
    Array<char>& workspace = due ? workspace_ : predictions_workspace_;
    reserve(p, workspace);
    check(gemm::sgemm(p, workspace.data(), stream), "sgemm");
  }

  // Leaves dl/dz of the outputs, or the predictions, in delta_.
  void forward(const float* x, int rows, bool due, int micro, cudaStream_t stream) {
    gather<<<blocks(rows * std::int64_t(m().d + 1)), 256, 0, stream>>>(t_, micro, due, x, rows, input(0));
    for (int l = 0; l <= m().layers; ++l) {
      multiply(product_forward(l, rows), due, stream);
      if (l < m().layers)
        activate_layer<<<blocks(rows * std::int64_t(m().out(l) + 1)), 256, 0, stream>>>(
            m().activation, rows, m().out(l), delta_.data(), input(l + 1), slope(l));
    }
    residuals<<<blocks(32 * std::int64_t(rows)), 256, 0, stream>>>(t_, micro, due, zeros_.data(), rows,
                                                                   delta_.data());
  }

  void backward(int micro, cudaStream_t stream) {
    for (int l = m().layers; l >= 0; --l) {
      multiply(product_gradient(l, micro), true, stream);
      if (l == 0) break;
      multiply(product_below(l), true, stream);
      const std::int64_t count = std::int64_t(t_.spec.batch) * m().in(l);
      times_slope<<<blocks(count), 256, 0, stream>>>(count, slope(l - 1), below_.data());
      std::swap(delta_, below_);
    }
    // The next step finds them as this one did, however many layers there are: a graph keeps the pointers.
    if (m().layers % 2 == 1) std::swap(delta_, below_);
  }

  Training t_;
  int rows_ = 0;  // that there is room for
  Array<float> zeros_, a_, slope_, delta_, below_;
  // Fewer rows may take more workspace, in slices. Predictions have their own, which may grow: a graph of
  // steps keeps the pointer to the other.
  Array<char> workspace_, predictions_workspace_;
};

}  // namespace

std::unique_ptr<Engine> make_wide(const Training& t) { return std::make_unique<Wide>(t); }

}  // namespace train
