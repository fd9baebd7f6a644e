# Adds .cu files to a target, compiled by nvcc for every architecture in WARPLADDER_ARCHS.
# -std is spelled out: CMake before 3.25.2 does not know that nvcc speaks C++20.
function(warpladder_add_kernels target)
  target_sources(${target} PRIVATE ${ARGN})
  set(codes "")
  foreach(arch IN LISTS WARPLADDER_ARCHS)
    list(APPEND codes "SHELL:-gencode=arch=compute_${arch},code=sm_${arch}")
  endforeach()
  target_compile_options(${target} PRIVATE
    $<$<COMPILE_LANGUAGE:CUDA>:${codes}>
    "$<$<COMPILE_LANGUAGE:CUDA>:SHELL:-std=c++20 -Xcompiler=-Wall,-Wextra,-Wno-missing-field-initializers,-fopenmp -lineinfo --extended-lambda>"
    "$<$<AND:$<COMPILE_LANGUAGE:CUDA>,$<BOOL:${WARPLADDER_WERROR}>>:SHELL:-Werror=all-warnings>")
endfunction()
