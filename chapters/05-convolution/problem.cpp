// What the problems check and know of a shape (oracle.hpp, whole.hpp), compiled once for all rungs.
#include "problem.hpp"

#include "oracle.hpp"
#include "whole.hpp"

template class Convolution<float>;
template class Forward<float>;
template class BiasRelu<float>;
template class Depthwise<float>;
template class BackwardData<float>;
template class BackwardFilter<float>;
