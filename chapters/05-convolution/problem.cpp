// What the problems check and know of a shape (oracle.hpp, whole.hpp), compiled once for all rungs.
#include "problem.hpp"

#include "bench/registry.hpp"
#include "oracle.hpp"
#include "whole.hpp"

template class Convolution<float>;
template class Forward<float>;
template class BiasRelu<float>;
template class Depthwise<float>;
template class BackwardData<float>;
template class BackwardFilter<float>;

template struct bench::Rung<Forward<>>;
template struct bench::Rung<BiasRelu<>>;
template struct bench::Rung<Depthwise<>>;
template struct bench::Rung<BackwardData<>>;
template struct bench::Rung<BackwardFilter<>>;
