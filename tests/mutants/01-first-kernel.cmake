# What goes wrong in SAXPY …
mutant(00_saxpy_reference.cpp nan "+ p.y[i];" "+ p.y[i] * (i == 7 ? NAN : 1);")
mutant(00_saxpy_reference.cpp changes_input "+ p.y[i];" "+ p.y[i], const_cast<float*>(p.x)[i] = 0;")
mutant(00_saxpy_reference.cpp varies "for (std::int64_t i = 0; i < p.n; ++i) p.y[i] ="
  "static int calls = 0;
  const float wobble = ++calls % 2 ? 1 : 1 + 0x1p-23f;  // within the bound, but not twice the same
  for (std::int64_t i = 0; i < p.n; ++i) p.y[i] = wobble *")
mutant(01_saxpy_openmp.cpp one_too_many "i < p.n" "i <= p.n")
mutant(02_saxpy_one_thread.cu first_left_out "i = 0" "i = 1")
mutant(03_saxpy_one_block.cu one_step_only "i += blockDim.x" "i += n")
mutant(04_saxpy_grid.cu no_guard "if (i < n)" "if (i < n + blockDim.x)")
mutant(04_saxpy_grid.cu tail_left_out "ceil_div(p.n, kThreads)" "p.n / kThreads")
mutant(04_saxpy_grid.cu second_run_does_nothing "if (p.n == 0) return;"
  "static std::int64_t last = 0;
  if (p.n == 0 || p.n == last) return;
  last = p.n;")
mutant(05_saxpy_grid_stride.cu elements_twice "i += step" "i += step / 2")
mutant(06_saxpy_float4.cu no_tail "i = 4 * vectors + first" "i = n")
mutant(06_saxpy_float4.cu tail_rounded_up "? p.n / 4" "? (p.n + 3) / 4")

# … in the copy, whose output is only written: what is left out stays poisoned …
mutant(07_copy_float4.cu no_tail "i = 4 * vectors + first" "i = n")

# … and in the transposes.
mutant(08_transpose_reference.cpp fills_padding "j < p.n; ++j)" "j < p.n; ++j) if ((p.b[j * p.ldb + p.ldb - 1] = 1) > 0)")
mutant(09_transpose_blocked.cpp whole_tiles_only "i0 < m;" "i0 < m - kTile + 1;")
mutant(10_transpose_naive.cu not_transposed "b[column * ldb + row + i]"
  "b[(row + i < n ? row + i : column) * ldb + (column < m ? column : row + i)]")
mutant(10_transpose_naive.cu leading_dimension_ignored "column * ldb" "column * m")
mutant(11_transpose_shared.cu guard_of_A_for_B "if (column0 + y < n && row0 + x < m)" "if (column0 + x < n && row0 + y < m)")
mutant(11_transpose_shared.cu no_barrier "__syncthreads();" "")
mutant(12_transpose_padded.cu no_barrier "__syncthreads();" "")
mutant(12_transpose_padded.cu tile_not_turned "= tile[x][y]" "= tile[y][x]")
mutant(13_transpose_swizzled.cu no_barrier "__syncthreads();" "")
mutant(13_transpose_swizzled.cu swizzled_once "tile[x][y ^ x]" "tile[x][y]")
