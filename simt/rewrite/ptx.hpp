// Translates the text of a PTX asm statement into C++ statements.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace simt::rewriting {

struct PtxOperand {
  std::string name;        // %[name]; mostly empty
  std::string constraint;  // "r", "=f", "+l", "n", …
  std::string expression;  // C++, in one line
  bool output() const { return !constraint.empty() && (constraint[0] == '=' || constraint[0] == '+'); }
};

struct PtxTranslation {
  std::string code;   // one C++ compound statement
  std::string error;  // empty where it worked
};

// `text`: the string's contents, escapes resolved. `unique`: makes labels different from those of other
// statements in the same function. Each instruction becomes a call of ::simt::ptx::NAME, its name's dots and
// colons as single underscores, with its operands in order, [] and {} flattened, `a|b` as two (ld and st lose
// their hints):
//   ld.shared.v2.f32 {%0, %1}, [%2 + 16];      ->  ::simt::ptx::ld_shared_f32(simt_0, simt_1, simt_2 + 16);
//   elect.sync _|p, 0xffffffff;                ->  ::simt::ptx::elect_sync(simt_sink, simt_v_p, 0xffffffff);
//   mov.u32 %0, %laneid;                       ->  ::simt::ptx::mov_u32(simt_0, ::simt::ptx::sreg_laneid());
// Registers are plain unsigned integers, float, double, and bool for predicates; see simt/ptx_operands.hpp.
PtxTranslation translate_ptx(std::string_view text, const std::vector<PtxOperand>& operands,
                             const std::string& unique);

}  // namespace simt::rewriting
