#pragma once
#error "simt does not execute nvcuda::wmma: write the product with mma.sync or wgmma in asm"
