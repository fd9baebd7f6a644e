// The rewriter, text to text: what it rewrites, and what it must leave alone.
#include "rewrite.hpp"

#include <string>

#include "sides.hpp"
#include "tests/catch.hpp"
#include "text.hpp"

namespace {

using simt::rewriting::rewrite;

// The kernel's address, by its name.
std::string address(const std::string& kernel) {
  std::string body;
  for (const std::string& way : {"named_kernel<" + kernel + ", simt_A...>()",
                                 "named_kernel<static_cast<void (*)(simt_A...)>(" + kernel + ")>()",
                                 "kernel_at<simt_A...>(" + kernel + ")"})
    body += "if constexpr (requires { ::simt::" + way + "; }) return ::simt::" + way + "; else ";
  return "[&]<class... simt_A>() { " + body + "return nullptr; }, ";
}

std::string launch(const std::string& kernel, const std::string& config, const std::string& lambda,
                   const std::string& arguments, bool named = true) {
  std::string quoted;
  for (char c : kernel) quoted += (c == '"' ? "\\" : "") + std::string(1, c);
  return std::string("::simt::launch") + (named ? "_named" : "") + "(::simt::LaunchSite{\"" + quoted +
         "\", \"x.cu\", 1}, ::simt::Config(" + config + "), " + (named ? address(kernel) : "") + lambda +
         (arguments.empty() ? "" : ", " + arguments) + ");";
}

// A name of one word that is not known for a kernel's is a variable's, which the launch reads.
std::string evaluated(const std::string& kernel) {
  return "[=, simt_k = " + kernel + "](auto&... simt_a) { simt_k(simt_a...); }";
}
std::string named(const std::string& kernel) {
  return kernel.find_first_of("<:") == kernel.npos ? evaluated(kernel)
                                                   : "[=](auto&... simt_a) { " + kernel + "(simt_a...); }";
}

}  // namespace

TEST_CASE("a launch becomes a call with the kernel in a lambda") {
  CHECK(rewritten("k<<<g, b>>>(x, n);") == launch("k", "g, b", named("k"), "x, n"));
  CHECK(rewritten("k <<<g, b, 48 * 1024, s>>> (x);") == launch("k", "g, b, 48 * 1024, s", named("k"), "x"));
  CHECK(rewritten("k<<<1, 1>>>();") == launch("k", "1, 1", "[=, simt_k = k]() { simt_k(); }", ""));
  CHECK(rewritten("k<<<1, 1>>>(xs...);") == launch("k", "1, 1", named("k"), "xs..."));
  CHECK(rewritten("k<<<{1, 2}, {3}>>>(x);") == launch("k", "{1, 2}, {3}", named("k"), "x"));
}

TEST_CASE("where a pack is expanded, which the name may hold, no address is given") {
  const auto unnamed = [](const std::string& kernel) {
    return "::simt::launch(::simt::LaunchSite{\"" + kernel + "\", \"x.cu\", 1}, ::simt::Config(g, b), " +
           named(kernel) + ", x)";
  };
  CHECK(rewritten("((k<n><<<g, b>>>(x), 0) || ...);") == "(( " + unnamed("k<n>") + ", 0) || ...);");
  CHECK(rewritten("(... && [&] { k<n><<<g, b>>>(x); return f(); }());") ==
        "(... && [&] { " + unnamed("k<n>") + "; return f(); }());");
  CHECK(rewritten("{ k<n><<<g, b>>>(x); f(a...); }") ==
        "{ " + launch("k<n>", "g, b", named("k<n>"), "x") + " f(a...); }");
}

TEST_CASE("the kernel may be a template, qualified, or a value that is evaluated once") {
  for (std::string k : {"a::b::k", "::k", "k<T, (N > 2), 4>", "k<A<B<int>>>", "A<B<int>>::k<3>", "k<N < 3>",
                        "k<(1 << 4)>", "T::template k<3>", "k<sizeof(T) * 2, f(1, 2)>", "k<'>', \"<\">"}) {
    CAPTURE(k);
    CHECK(rewritten(k + "<<<g, b>>>(x);") == launch(k, "g, b", named(k), "x"));
  }
  for (std::string k : {"o.k", "p->k", "table[i]", "(*k)", "pick(3)", "pick<4>(3)", "a.b[c(1)].k"}) {
    CAPTURE(k);
    CHECK(rewritten(k + "<<<g, b>>>(x);") == launch(k, "g, b", evaluated(k), "x", false));
  }
}

TEST_CASE("what stands before a launch is not part of the kernel") {
  const std::string k = launch("k", "g, b", named("k"), "x");
  for (std::string before : {"if (a < b) ", "if (a > b) ", "else ", "do ", "for (auto& s : v) ", "{ ", "a, ",
                             "case 1: ", "f(); ", "a < b ? ", "x = y > z; "}) {
    CAPTURE(before);
    CHECK(rewritten(before + "k<<<g, b>>>(x);") == before + k);
  }
  CHECK(rewritten("a < b ? k<1><<<1, 1>>>(x) : k<2><<<1, 1>>>(x);") ==
        "a < b ? " +
            launch("k<1>", "1, 1", named("k<1>"), "x")
                .substr(0, launch("k<1>", "1, 1", named("k<1>"), "x").size() - 1) +
            " : " + launch("k<2>", "1, 1", named("k<2>"), "x"));
}

TEST_CASE("the configuration may hold templates, shifts, comparisons and conditionals") {
  for (std::string config :
       {"n >> 5, 256", "1 << 4, 32", "(n + 31) >> 5, 32", "f<A<B<int>>>(x), 32", "A<B<4>>::v, 32",
        "n < 4 ? 1 : 2, 256", "n > 4 ? 1 : 2, 256", "dim3(1, 2), dim3(3)", "x.y<3>(), 1", "g, A<3>::v",
        "g, A<B<3>>::v", "g, [&] { return a < b; }()"}) {
    CAPTURE(config);
    CHECK(rewritten("k<<<" + config + ">>>(x);") == launch("k", config, named("k"), "x"));
  }
  CHECK(rewritten("k<<<g, v<A<3>>>>>(x);") == launch("k", "g, v<A<3>>", named("k"), "x"));
}

TEST_CASE("null pointers and braced arguments convert as literals") {
  CHECK(rewritten("k<<<1, 1>>>(0, x, {1, 2});") ==
        launch("k", "1, 1", "[=, simt_k = k](auto& simt_a1) { simt_k(0, simt_a1, {1, 2}); }", "x"));
  CHECK(rewritten("k<<<1, 1>>>(x, nullptr, y);") ==
        launch("k", "1, 1",
               "[=, simt_k = k](auto& simt_a0, auto& simt_a2) { simt_k(simt_a0, nullptr, simt_a2); }",
               "x, y"));
  CHECK(rewritten("k<<<1, 1>>>(0);") == launch("k", "1, 1", "[=, simt_k = k]() { simt_k(0); }", ""));
  CHECK(rewritten("k<<<1, 1>>>(f<0, 0>(x), 10);") == launch("k", "1, 1", named("k"), "f<0, 0>(x), 10"));
}

TEST_CASE("launches nest in lambdas among the arguments") {
  const std::string k =
      launch("k", "1, 1", named("k"), "[=] { " + launch("j", "2, 2", named("j"), "y") + " }");
  CHECK(rewritten("run(k<<<1, 1>>>([=] { j<<<2, 2>>>(y); }));") ==
        "run( " + k.substr(0, k.size() - 1) + ");");
}

TEST_CASE("what is no launch is left alone, byte for byte") {
  for (std::string s : {"\"k<<<1, 1>>>(x)\"", "R\"d(k<<<1,1>>>(x) )\" )d\"", "// k<<<1, 1>>>(x)",
                        "/* k<<<1, 1>>>(x) */ y", "std::operator<<<char>(os, c);", "A<B<C<int>>>(3);",
                        "a << b << c;", "x = a<b<c; y >>= 3;", "'\\'' << '<';", "k<<<1, 1>>>;", "k<<<1, 1;",
                        "<<<1, 1>>>(x)", "return <<<1>>>(x);", "1'000 <<< 2", "#define L k<<<1, 1>>>(x)",
                        "k<<<>>>(x)", "u8R\"(asm(\"x\"))\"", "auto f = [=](int i) { return i; };"}) {
    CAPTURE(s);
    const std::string text = "# 1 \"x.cu\"\n" + s + "\n";
    CHECK(rewrite(text).text == text);
  }
}

TEST_CASE("lines stay where they were") {
  const auto r = rewrite("# 7 \"x.cu\"\nk\n<<<g,\nb>>>(\nx);\nint y;\n");
  CHECK(r.text.find("\"x.cu\", 8}") != std::string::npos);  // where the <<< is
  CHECK(r.text.find("\n# 8 \"x.cu\"\ng,\nb), [&]") != std::string::npos);
  CHECK(r.text.find("\nx);\nint y;\n") != std::string::npos);
}

namespace {
std::string shared(const std::string& name, const std::string& type, const std::string& align = "") {
  return "struct " + align + "simt_place_" + name + " { char c; }; static ::simt::SharedSite simt_site_" +
         name + "{\"" + name + "\", \"x.cu\", 1}; [[maybe_unused]] auto& " + name + " = ::simt::shared<" +
         type + ", simt_place_" + name + ">(simt_site_" + name + ");";
}
std::string in_function(const std::string& s) { return rewritten("void f() { " + s + " }"); }
std::string function_of(const std::string& s) { return "void f() { " + s + " }"; }
}  // namespace

TEST_CASE("__shared__ variables become references, in any order of specifiers") {
  CHECK(in_function("__shared__ float x[N][M + 1], y;") ==
        function_of(shared("x", "float [N][M + 1]") + " " + shared("y", "float ")));
  CHECK(in_function("__shared__ float x[N > 1 ? N - 1 : 1][8];") ==
        function_of(shared("x", "float [(N > 1 ? N - 1 : 1)][8]")));
  CHECK(in_function("static __shared__ T x;") == function_of(shared("x", "T ")));
  CHECK(in_function("volatile __shared__ unsigned long long x[2];") ==
        function_of(shared("x", "volatile unsigned long long [2]")));
  CHECK(in_function("__shared__ typename B<T, (N > 2)>::Temp x;") ==
        function_of(shared("x", "typename B<T, (N > 2)>::Temp ")));
  CHECK(in_function("A::B<C<int>> __shared__ x[4];") == function_of(shared("x", "A::B<C<int>> [4]")));
  CHECK(in_function("__shared__ float *x, (*y)[4];") ==
        function_of(shared("x", "float *") + " " + shared("y", "float (*)[4]")));
  CHECK(in_function("__shared__ alignas(16) float x[4];") ==
        function_of(shared("x", "float [4]", "alignas(16) ")));
  CHECK(in_function("alignas(16) __shared__ float x[4];") ==
        function_of(shared("x", "float [4]", "alignas(16) ")));
  CHECK(in_function("__shared__ struct P { int a; } x;") ==
        function_of("struct P { int a; }; " + shared("x", "P ")));
  CHECK(in_function("__shared__ union { int a; float b; } x;").find("union simt_type_") != std::string::npos);
  CHECK(
      in_function("__shared__ int x = 3;").find("error: line 1: a __shared__ variable cannot have an init") ==
      0);
}

TEST_CASE("dynamic shared memory becomes an array of no known length") {
  CHECK(in_function("extern __shared__ float x[];") ==
        function_of("[[maybe_unused]] auto& x = *::simt::dynamic_shared<float []>();"));
  CHECK(in_function("extern __shared__ __align__(16) unsigned char x[];") ==
        function_of("[[maybe_unused]] auto& x = *::simt::dynamic_shared<unsigned char []>();"));
  CHECK(in_function("extern __shared__ float x[][33];") ==
        function_of("[[maybe_unused]] auto& x = *::simt::dynamic_shared<float [][33]>();"));
  const std::string global = "[[maybe_unused]] static constexpr ::simt::DynamicShared<float > x{};";
  CHECK(rewritten("extern __shared__ float x[];") == global);
  CHECK(
      rewritten("__shared__ float x[2][3];") ==
      "struct simt_place_x { char c; }; static ::simt::SharedSite simt_site_x{\"x\", \"x.cu\", 1}; "
      "[[maybe_unused]] static constexpr ::simt::StaticShared<float [2][3], simt_site_x, simt_place_x> x{};");
  CHECK(rewritten("namespace a { extern \"C\" { extern __shared__ float x[]; } }") ==
        "namespace a { extern \"C\" { " + global + " } }");
  CHECK(rewritten("extern __shared__ float x[]; extern __shared__ float x[];") == global);
}

TEST_CASE("a lambda that copies its captures still refers to shared variables") {
  const std::string r = in_function("__shared__ float x[4], y; auto l = [=](int i) { return x[i]; };");
  CHECK(r.find("[=, &x](int i)") != std::string::npos);
  CHECK(in_function("extern __shared__ char x[]; auto l = [=] { return x[0]; };").find("[=, &x] {") !=
        std::string::npos);
  CHECK(rewritten("void f() { { __shared__ int x; } auto l = [=] { return x; }; }").find("[=] {") !=
        std::string::npos);
}

TEST_CASE("a kernel cast to void* keeps its type, and nothing else does") {
  const std::string k = "__global__ void k(int n) {} ";
  CHECK(rewritten(k + "void* p = (void*)k;") == "void k(int n) {} void* p = (::simt::KernelPointer)k;");
  CHECK(rewritten(k + "f((const void *)a::k<int>);") ==
        "void k(int n) {} f((::simt::KernelPointer)a::k<int>);");
  CHECK(rewritten(k + "f(reinterpret_cast<void*>(&k));") == "void k(int n) {} f(::simt::KernelPointer(&k));");
  CHECK(rewritten(k + "f((void*)data, (void**)&k);") == "void k(int n) {} f((void*)data, (void**)&k);");
  CHECK(rewritten("template <int N> __global__ void __attribute__((x(1))) k(int n) {} p = (void*)k<3>;") ==
        "template <int N> void __attribute__((x(1))) k(int n) {} p = (::simt::KernelPointer)k<3>;");
  CHECK(rewritten("__global__ void __launch_bounds__(64, 2) k(int n); p = (void*)k;") ==
        "void k(int n); p = (::simt::KernelPointer)k;");
}

TEST_CASE("what a kernel takes by reference is not copied") {
  CHECK(rewritten("template <int n> __global__ std::enable_if_t<f(n), void> k(int* x); k<<<1, 1>>>(x);") ==
        "template <int n> std::enable_if_t<f(n), void> k(int* x); " +
            launch("k", "1, 1", "[=](auto&... simt_a) { k(simt_a...); }", "x"));
  CHECK(rewritten("__global__ void k(A& a, int n, const B<C&>& b); k<<<1, 1>>>(x, n, y.z);") ==
        "void k(A& a, int n, const B<C&>& b); " +
            launch("k", "1, 1", "[=](auto&... simt_a) { k(::simt::parameter(simt_a)...); }",
                   "::simt::by_reference(x), n, ::simt::by_reference(y.z)"));
}

TEST_CASE("volatile objects are noticed, __noinline__ becomes an attribute") {
  CHECK(rewrite("# 1 \"x.cu\"\nvolatile int x;\n").has_volatile);
  CHECK_FALSE(rewrite("# 1 \"x.cu\"\nvoid f() { asm volatile(\"membar.gl;\"); }\n").has_volatile);
  CHECK_FALSE(rewrite("# 1 \"x.h\" 1 3\nvolatile int x;\n").has_volatile);
  CHECK(rewritten("__noinline__ int f();") == "__attribute__((noinline)) int f();");
  CHECK(rewritten("__attribute__((__noinline__)) int f();") == "__attribute__((__noinline__)) int f();");
}

TEST_CASE("a variable of the device's is followed by an object that knows where it is") {
  const std::string device = "__attribute__((device)) ", constant = "__attribute__((constant)) ";
  const auto known = [](const std::string& name, int offset, const std::string& space) {
    return " static const ::simt::DeviceVariable simt_" + name + "_" + std::to_string(offset) + "(&" + name +
           ", sizeof " + name + ", \"" + space + "\", {\"" + name + "\", \"x.cu\", 1});";
  };
  CHECK(rewritten(device + "int x;") == device + "int x;" + known("x", 39, "device"));
  CHECK(rewritten(constant + "float w[3] = {1, 2, 3};") ==
        constant + "float w[3] = {1, 2, 3};" + known("w", 43, "constant"));
  CHECK(rewritten("static " + device + "A<int> x{1};") ==
        "static " + device + "A<int> x{1};" + known("x", 49, "device"));
  CHECK(rewritten(device + "A<int> x(1);") == device + "A<int> x(1);" + known("x", 42, "device"));
  const std::string managed = device + "__attribute__((managed)) ";
  CHECK(rewritten(managed + "int x = 0;") == managed + "int x = 0;" + known("x", 64, "managed"));
  CHECK(rewritten(device + "int x, *y;") ==
        device + "int x, *y;" + known("x", 39, "device") + known("y", 43, "device"));
  for (const std::string& s :
       {device + "int f(int x) { return x; }", device + "int f();", "extern " + device + "int x;",
        "template <class T> " + device + "T x = 1;", device + "struct A { int x; } a;",
        device + "int (*f)(int) = g;", "void f() { " + device + "int x; }", device + "int A::x = 3;", device,
        device + "int x", device + "int x = {"})
    CHECK(rewritten(s) == squeezed(s));
}

TEST_CASE("a statement that drops the status of a call takes note of it") {
  const auto in_function = [](const std::string& s) { return rewritten("void f() { " + s + " }"); };
  CHECK(in_function("cudaFree(p);") == "void f() { cudaFree(p), ::simt::dropped(\"cudaFree\"); }");
  CHECK(in_function("if (a) cudaFree(p); else cudaFree(g(q));") ==
        "void f() { if (a) cudaFree(p), ::simt::dropped(\"cudaFree\"); else cudaFree(g(q)), "
        "::simt::dropped(\"cudaFree\"); }");
  CHECK(in_function("switch (a) { case 1: cudaFree(p); default: cudaFree(q); } again: cudaFree(r);") ==
        "void f() { switch (a) { case 1: cudaFree(p), ::simt::dropped(\"cudaFree\"); default: cudaFree(q), "
        "::simt::dropped(\"cudaFree\"); } again: cudaFree(r), ::simt::dropped(\"cudaFree\"); }");
  for (const std::string s :
       {"(void)cudaFree(p);", "e = cudaFree(p);", "e = a ? b : cudaFree(p);", "return cudaFree(p);",
        "check(cudaFree(p));", "cudaGetLastError();", "cudaError_t e;", "a.cudaFree(p);", "cudafree(p);",
        "int cudaX(int);", "cudaFree(p) + 1;"})
    CHECK(in_function(s) == "void f() { " + s + " }");
  CHECK(rewritten("cudaFoo(3);") == "cudaFoo(3);");  // at namespace scope it is something else
}

TEST_CASE("members of a __shared__ object outside functions are asked of the object itself") {
  const auto uses = [](const std::string& s) {
    const std::string r =
        rewritten("namespace a { __shared__ S x; } __shared__ T* y; __shared__ T z[2]; " + s);
    return r.substr(r.find("void"));
  };
  CHECK(uses("void f() { a::x.n = y->n; return ::a::x.g(), z.n, s.x.n, s->y->n, x; }") ==
        "void f() { (*&a::x).n = (*&y)->n; return (*&::a::x).g(), z.n, s.x.n, s->y->n, x; }");
}

TEST_CASE("launch bounds move into the body of a kernel that has one") {
  const std::string note = " ::simt::launch_bounds<struct simt_place, int(f(1, 2) * N)>();";
  CHECK(rewritten("__global__ void __launch_bounds__(f(1, 2) * N, 2) k(int n) { g(); }") ==
        "void k(int n) {" + note + " g(); }");
  CHECK(rewritten("__launch_bounds__(f(1, 2) * N) __global__ void k(int n) { g(); }") ==
        "void k(int n) {" + note + " g(); }");
  CHECK(rewritten("__global__ void __launch_bounds__(64) k(int n); void f() {}") ==
        "void k(int n); void f() {}");
}

TEST_CASE("clusters are refused by name and line") {
  CHECK(rewritten("__global__ void __cluster_dims__(2, 1, 1) k(float* x) {}") ==
        "error: line 1: simt does not execute thread block clusters");
}

namespace {

std::string joined(const std::string& device, const std::string& host) {
  const std::string marker = "# 1 \"x.cu\"\n";
  return squeezed(simt::rewriting::join_sides(marker + device + "\n", marker + host + "\n"));
}

}  // namespace

TEST_CASE("a body that is not the same on both sides asks where it is") {
  const std::string both = "__attribute__((host)) __attribute__((device)) ";
  CHECK(joined("int f(int n) { return 9; }", both + "int f(int n) { return 1; }") ==
        "int f(int n) { if (::simt::on_device()) { return 9; } else { return 1; }}");
  CHECK(joined("struct S { S() : a{1}, b(2) { x(); } void g() const {} };",
               "struct S { S() : a{1}, b(2) { } void g() const { y(); } };") ==
        "struct S { S() : a{1}, b(2) { if (::simt::on_device()) { x(); } else { }} "
        "void g() const { if (::simt::on_device()) {} else { y(); }} };");
  CHECK(joined("namespace a { extern \"C\" { template <class T = A<(1 > 0)>> T f() { x; } } }",
               "namespace a { extern \"C\" { template <class T = A<(1 > 0)>> T f() { y; } } }") ==
        "namespace a { extern \"C\" { template <class T = A<(1 > 0)>> T f() "
        "{ if (::simt::on_device()) { x; } else { y; }} } }");
  CHECK(joined("bool operator==(A a, A b) { x; }", "bool operator==(A a, A b) { y; }") ==
        "bool operator==(A a, A b) { if (::simt::on_device()) { x; } else { y; }}");
}

TEST_CASE("what is the device's alone stays as it is") {
  const std::string body = " f() { return 900; }", other = " f() { return __CUDA_ARCH__; }";
  CHECK(joined("int" + body, "__attribute__((device)) int" + other) == "int" + body);
  CHECK(joined("__global__ void" + body, "__global__ void" + other) == "__global__ void" + body);
  CHECK(joined("int a[] = {1, 2}; auto l = [](int) { x; };", "int a[] = {1}; auto l = [](int) { y; };") ==
        "int a[] = {1, 2}; auto l = [](int) { x; };");
  CHECK(joined("struct alignas(16) S { int a; };", "struct alignas(16) S { int b; };") ==
        "struct alignas(16) S { int a; };");
  const std::string lambda = "void f() { g([] __attribute__((device)) (int) { ";
  CHECK(joined(lambda + "x; }); }", lambda + "y; }); }") == lambda + "x; }); }");
  CHECK(joined("void f() { x; }", "\nvoid f() { y; }") == "void f() { x; }");  // not the same function
}

TEST_CASE("lines stay the file's when sides are joined") {
  const std::string text = simt::rewriting::join_sides("# 1 \"x.cu\"\nint f() {\n\nreturn 9;\n}\nint n;\n",
                                                       "# 1 \"x.cu\"\nint f() {\nreturn 1;\n\n}\nint n;\n");
  CHECK(text ==
        "# 1 \"x.cu\"\nint f() { if (::simt::on_device()) {\n\nreturn 9;\n} else {\n# 1 \"x.cu\"\n\nreturn "
        "1;\n\n\n"
        "# 4 \"x.cu\"\n}}\nint n;\n");
}
