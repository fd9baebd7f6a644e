// Kernels whose memory traffic is known from first principles; each launches once on its own data.
#pragma once

void transpose_naive(int n);        // n: a multiple of 32
void transpose_tile(int n);         // through __shared__ float [32][32]
void transpose_padded_tile(int n);  // through __shared__ float [32][33]
void copy_float4(int n);            // n: a multiple of 4
void strided_read(int n, int stride);
void divergent(int n);
void atomic_sum(int n, int addresses);
void read_in_turns(int n, int turns);  // by a block of n threads
void copy_in_part();  // 32 lanes, 16 bytes each by cp.async; of the upper half nothing is to be read
