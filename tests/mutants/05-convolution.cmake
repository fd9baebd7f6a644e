# What goes wrong at a window's border …
mutant(00_forward_reference.cpp pad_off_by_one "- a.pad + r" "- a.pad + 1 + r")
mutant(00_forward_reference.cpp last_channel_left_out "c < channels" "c < channels - 1")
mutant(01_forward_openmp.cpp tail_left_out "(a.w - 1 - shift) / a.stride + 1" "(a.w - 1 - shift) / a.stride")
mutant(02_forward_direct.cu row_below_the_image "h >= a.h" "h > a.h")
mutant(02_forward_direct.cu groups_ignored "first = k / a.group_k() * channels" "first = 0")
mutant(07_forward_implicit.cu height_for_width "t / a.s % a.r" "t / a.r % a.r")

# … in a tile …
mutant(04_forward_halo.cu no_barrier "__syncthreads();" "")
mutant(04_forward_halo.cu halo_not_dilated "(a.r - 1) * a.dilation + 1" "a.r")
mutant(21_depthwise_tile.cu no_barrier "__syncthreads();" "")

# … and in the gradients.
mutant(31_data_direct.cu stride_ignored "above % a.stride ||" "")
mutant(32_data_implicit.cu filter_not_transposed "implicit_gemm<true>" "implicit_gemm<false>")
mutant(34_data_classes.cu off_the_diagonal "(a, row, column)" "(a, row, row)")
mutant(41_filter_direct.cu half_the_threads "half = kThreads / 2" "half = kThreads / 4")
mutant(43_filter_split.cu not_zeroed "cudaMemsetAsync(a.dfilter, 0, a.filter_count() * sizeof(float), ctx.stream);" "")
mutant(44_filter_deterministic.cu last_slice_left_out "slice < slices" "slice < slices - 1")
