// PTX in asm statements, text to text.
#include "ptx.hpp"

#include "rewrite.hpp"
#include "tests/catch.hpp"

namespace {

using simt::rewriting::PtxOperand;
using simt::rewriting::translate_ptx;

// The statements between the operands' set-up and their write-back: up to the first simt::ptx call or control
// flow.
std::string body(const std::string& ptx, const std::vector<PtxOperand>& operands = {}) {
  const auto t = translate_ptx(ptx, operands, "7");
  if (!t.error.empty()) return "error: " + t.error;
  std::string out = t.code.substr(2, t.code.size() - 3);
  for (std::size_t i; (i = out.find("[[maybe_unused]] ::simt::ptx::b")) == 0 ||
                      out.find("[[maybe_unused]] bool") == 0 ||
                      out.find("[[maybe_unused]] ::simt::ptx::f") == 0 || out.find("::simt::ptx::Sink") == 0;)
    out.erase(0, out.find("; ") + 2);
  if (const auto i = out.find(" ::simt::ptx::write"); i != std::string::npos) out.resize(i);
  for (std::size_t i; (i = out.find("::simt::ptx::")) != std::string::npos;) out.erase(i, 13);
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

const std::vector<PtxOperand> five = {
    {"", "=r", "a"}, {"", "r", "b"}, {"", "l", "c"}, {"", "n", "N + 1"}, {"", "+f", "d"}};

}  // namespace

TEST_CASE("an instruction becomes a call by its name with flattened operands") {
  CHECK(body("cp.async.cg.shared.global [%1], [%2 + 16], 16, %3;", five) ==
        "cp_async_cg_shared_global(simt_1, simt_2 + 16, 16, (N + 1));");
  CHECK(body("cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%2, {%1, "
             "%1}], [%1];",
             five) ==
        "cp_async_bulk_tensor_2d_shared_global_mbarrier_complete_tx_bytes(simt_0, simt_2, simt_1, "
        "simt_1, simt_1);");
  CHECK(body("ld.global.nc.L1::no_allocate.L2::128B.v4.f32 {%4,%4,%4,%4}, [%2-4];", five) ==
        "ld_global_f32(simt_4, simt_4, simt_4, simt_4, simt_2 - 4);");
  CHECK(body("ld.acquire.gpu.global.u32 %0, [%2];", five) == "ld_strong_global_u32(simt_0, simt_2);");
  CHECK(body("ld.global.acquire.gpu.b32 %0, [%2];", five) == "ld_strong_global_b32(simt_0, simt_2);");
  CHECK(body("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%1], %3;", five) ==
        "mbarrier_arrive_expect_tx_shared_b64(simt_sink, simt_1, (N + 1));");
  CHECK(body("mov.u32 %0, %laneid; mov.u32 %0, %%tid.x;", five) ==
        "mov_u32(simt_0, sreg_laneid()); mov_u32(simt_0, sreg_tid_x());");
  CHECK(body("cp.async.wait_all;") == "cp_async_wait_all();");
  CHECK(body("fence.proxy.async.shared::cta") == "fence_proxy_async_shared();");
}

TEST_CASE("numbers are those of PTX") {
  CHECK(body("fma.rn.f32 %4, %4, 0f3F800000, -1.5e+3;", five) ==
        "fma_rn_f32(simt_4, simt_4, std::bit_cast<float>(0x3F800000u), -1.5e+3);");
  CHECK(body("mov.b32 %0, 0xffffffff;", five) == "mov_b32(simt_0, 0xffffffff);");
  CHECK(body("mov.b32 %0, -3;", five) == "mov_b32(simt_0, -3);");
}

TEST_CASE("registers, predicates, labels and branches") {
  CHECK(body("{\n.reg .pred P1;\nLAB_WAIT: // wait\nmbarrier.try_wait.parity.shared::cta.b64 P1, [%1], %0;\n"
             "@P1 bra.uni DONE;\nbra.uni LAB_WAIT;\nDONE:\n}",
             five) ==
        "[[maybe_unused]] simt_l_LAB_WAIT_7:; mbarrier_try_wait_parity_shared_b64(simt_v_P1, simt_1, "
        "simt_0); "
        "if (simt_v_P1) goto simt_l_DONE_7; goto simt_l_LAB_WAIT_7; [[maybe_unused]] simt_l_DONE_7:;");
  CHECK(body("{ .reg .b32 %%rx; .reg .pred %%px; elect.sync %%rx|%%px, %1; @!%%px mov.s32 %0, 1; }", five) ==
        "elect_sync(simt_v_rx, simt_v_px, simt_1); if (!simt_v_px) mov_s32(simt_0, 1);");
  CHECK(body(".reg .b32 t<2>; mov.b32 t1, %1;", five) == "mov_b32(simt_v_t1, simt_1);");
  CHECK(body(".reg .b32 t; add.f32 t, t, 1.0;", five) ==
        "add_f32(Real<f32>(simt_v_t), std::bit_cast<f32>(simt_v_t), 1.0);");
  CHECK(body(".pragma \"nounroll\"; mov.b32 %0, %1;", five) == "mov_b32(simt_0, simt_1);");
}

TEST_CASE("what cannot be translated is an error that names it") {
  CHECK(body("mov.u32 %9, 1;", five) == "error: the asm statement has no operand %9");
  CHECK(body("mov.u32 %0, tmp;", five) == "error: the PTX register 'tmp' is not declared");
  CHECK(body(".reg .texref t;") == "error: PTX register type .texref is not supported");
  CHECK(body(".shared .b32 x;") == "error: PTX directive .shared is not supported");
  CHECK(body("mov.u32 %0, ;", five).find("mov_u32(simt_0)") == 0);  // the call does not compile
}

TEST_CASE("an asm statement is read with its operands") {
  const auto r = simt::rewriting::rewrite(
      "# 1 \"x.cu\"\nvoid f() { if (a) asm volatile(\"mov.u32 %0, \"\n\"%[in];\" : \"=r\"(x[0, 1]) : [in] "
      "\"r\"(f<1, 2>(y)) : \"memory\"); else g(); }\n");
  CHECK(r.errors.empty());
  CHECK(r.text.find("simt_1 = ::simt::ptx::read<::simt::ptx::b32>(f<1, 2>(y)); ::simt::ptx::mov_u32(simt_0, "
                    "simt_1);") != std::string::npos);
  CHECK(r.text.find("::simt::ptx::write(x[0, 1], simt_0); }\n# 2 \"x.cu\"\n else g(); }") !=
        std::string::npos);
  for (std::string s : {"void f() { asm volatile(\"\" ::: \"memory\"); }", "int f() asm(\"g\");",
                        "# 1 \"sys.h\" 3\nvoid f() { asm(\"rdtsc\"); }", "void f() { asm(\"pause\"); }",
                        "void f() { asm volatile(\"rdtsc\" : \"=a\"(x), \"=d\"(y)); }"}) {
    CAPTURE(s);
    CHECK(simt::rewriting::rewrite(s).text == s);
  }
  const auto bad =
      simt::rewriting::rewrite("# 4 \"x.cu\"\nvoid f() {\nasm(\"mov.u32 %1, 2;\" : \"=r\"(x)); }\n");
  REQUIRE(bad.errors.size() == 1);
  CHECK(bad.errors[0].line == 5);
}

TEST_CASE("a release is a fence of its scope in front of an access, under the same guard") {
  CHECK(body("st.global.release.sys.v2.u32 [%2], {%1, %1};", five) ==
        "{ fence_acq_rel_gpu(); st_strong_global_u32(simt_2, simt_1, simt_1); }");
  CHECK(body("{ .reg .pred p; @p red.shared::cta.release.cta.add.u32 [%1], %1; }", five) ==
        "if (simt_v_p) { fence_acq_rel_cta(); red_shared_add_u32(simt_1, simt_1); }");
}

TEST_CASE("an atomic's scope and semantics, and the space that is the default, are left out of its name") {
  CHECK(body("atom.acquire.gpu.global.add.L2::cache_hint.u32 %0, [%2], %1, %2;", five) ==
        "atom_add_u32(simt_0, simt_2, simt_1);");
  CHECK(body("atom.global.acq_rel.gpu.add.u32 %0, [%2], %1;", five) ==
        "{ fence_acq_rel_gpu(); atom_add_u32(simt_0, simt_2, simt_1); }");
  CHECK(body("atom.shared::cta.cas.b32 %0, [%1], %1, %1;", five) ==
        "atom_shared_cas_b32(simt_0, simt_1, simt_1, simt_1);");
  CHECK(body("atom.add.relaxed.cta.shared::cta.u32 %0, [%1], %1;", five) ==
        "atom_shared_add_u32(simt_0, simt_1, simt_1);");
  CHECK(body("red.relaxed.sys.global.max.s32 [%2], %1;", five) == "red_max_s32(simt_2, simt_1);");
  CHECK(body("red.global.v2.f32.add [%2], {%4, %4};", five) == "red_add_f32(simt_2, simt_4, simt_4);");
}

TEST_CASE("cache hints and the flushing of subnormal numbers change no name, nor does what advice says") {
  CHECK(body("mul.rn.ftz.f32 %0, %1, %1;", five) == "mul_rn_f32(simt_0, simt_1, simt_1);");
  CHECK(body("ld.global.nc.L2::128B.u32 %0, [%2];", five) == "ld_global_u32(simt_0, simt_2);");
  CHECK(body("st.global.L2::cache_hint.u32 [%2], %1, %2;", five) == "st_global_u32(simt_2, simt_1);");
  CHECK(body("createpolicy.fractional.L2::evict_last.L2::evict_unchanged.b64 %2, %1;", five) ==
        "createpolicy(simt_2, simt_1);");
  CHECK(body("prefetch.global.L2::evict_last [%2];", five) == "prefetch(simt_2);");
}

TEST_CASE("a conversion keeps its words: types and roundings come in any combination") {
  CHECK(body("cvt.rni.sat.s8.f32 %0, %1;", five) == "cvt<\"rni.sat.s8.f32\">(simt_0, simt_1);");
  CHECK(body("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%4, %4}, {%4}, {%4}, {%4, %4};", five) ==
        "mma<\"m8n8k4.row.col.f64.f64.f64.f64\">()(simt_4, simt_4, simt_4, simt_4, simt_4, simt_4);");
  CHECK(body("vset4.u32.s32.lt.add %0, %1, %1, %1;", five) ==
        "video<\"vset4.u32.s32.lt.add\">(simt_0, simt_1, simt_1, simt_1);");
}
