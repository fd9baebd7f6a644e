// nvcc's own options, so that its command lines work as they are.
#pragma once

#include <string_view>

namespace simt::cc {

struct NvccOption {
  enum class Fate {
    dropped,  // of no meaning here
    renamed,  // the host compiler's, or simt-cc's, under the name in `host`
    refused,  // asks for what simt does not make
  };
  std::string_view name, alias;  // without dashes: nvcc takes one or two before either
  bool takes_value;              // behind =, or as the next argument
  Fate fate = Fate::dropped;
  std::string_view host = "";
};

/// The option that `argument`, up to a =, names; null where it is none of nvcc's own.
const NvccOption* nvcc_option(std::string_view argument);

}  // namespace simt::cc
