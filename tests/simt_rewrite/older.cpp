// What C++17 allows and C++20 does not.
#include <string>

#include "tests/catch.hpp"
#include "text.hpp"

TEST_CASE("a class template names its constructors with arguments, as C++20 does not") {
  CHECK(rewritten("template <class T> class A : B<T> { A<T>(int n); ~A<T>() {} A<T> f(A<T>(*)(int)); };") ==
        "template <class T> class A : B<T> { A(int n); ~A() {} A<T> f(A<T>(*)(int)); };");
  CHECK(rewritten("struct A { A<T> (*f)(int); int g() { return A<T>(1); } };") ==
        "struct A { A<T> (*f)(int); int g() { return A<T>(1); } };");
  CHECK(rewritten("template <class T, int n> n::A<T, n>::~A<T, n>() {} int x = ~a<b>(c);") ==
        "template <class T, int n> n::A<T, n>::~A() {} int x = ~a<b>(c);");
}

TEST_CASE("C++20's words are names where they stand as such") {
  CHECK(rewritten(
            "struct concept { int requires; }; concept c; int i = c.requires + consteval(1), constinit;") ==
        "struct simt_name_concept { int simt_name_requires; }; simt_name_concept c; "
        "int i = c.simt_name_requires + simt_name_consteval(1), simt_name_constinit;");
  for (std::string s :
       {"template <class T> concept C = requires(T t) { t++; } && !requires { typename T::x; };",
        "template <class T> requires C<T> void f() requires(!A<T>) {}", "constinit ::A a; consteval int f();",
        "template <class T> requires ::a::C<T> struct S { consteval ~S() {} };"})
    CHECK(rewritten(s) == s);
  const std::string all = "int concept, requires;";
  CHECK(simt::rewriting::rewrite(all, true).text == all);
}

TEST_CASE("std::allocator has the members that C++20 took from it") {
  const std::string marker = "# 1 \"/usr/include/c++/12/bits/allocator.h\" 1 3\n";
  CHECK(rewritten("#\n" + marker + "class allocator : B<_Tp> { };").find("{public: typedef _Tp *pointer;") !=
        std::string::npos);
  CHECK(rewritten("#\n" + marker + "class allocator<void> { };").find("{public: typedef void _Tp;") !=
        std::string::npos);
  for (std::string s :
       {marker + "class allocator<const _Tp> { };", std::string("class allocator : B<_Tp> { };")})
    CHECK(rewritten("#\n" + s).find("pointer") == std::string::npos);
}

TEST_CASE("a class whose constructors are all defaulted is an aggregate, as in C++17") {
  CHECK(rewritten("struct A { constexpr A() = default; A(const A&) = default; int x; };") ==
        "struct A { int x; };");
  for (std::string s :
       {"struct A { A() = default; A(int n); int x; };", "struct A { explicit A() = default; };",
        "struct A { A(A&&) = default; A& operator=(A&&) = default; };",
        "struct A { A() = default; A(const A&) = default; ~A(); };"}) {
    CAPTURE(s);
    CHECK(rewritten(s) == s);
  }
}

TEST_CASE("a program's names go before those that C++20 brought to std") {
  const std::string
      header = "# 1 \"/usr/include/c++/12/concepts\" 1 3\nstruct identity {}; concept integral = 1;\n",
      program = "# 1 \"x.cu\" 2\nusing namespace std; void identity(); std::identity f; ";
  CHECK(rewritten("#\n" + header + program).find("struct simt_std_identity {}; concept integral = 1;") !=
        std::string::npos);
  CHECK(rewritten("#\n" + header + program).find("void identity(); std::simt_std_identity f;") !=
        std::string::npos);
  CHECK(
      rewritten("#\n" + header + "# 1 \"x.cu\" 2\nusing namespace std; std::identity f;").find("simt_std") ==
      std::string::npos);
  CHECK(simt::rewriting::rewrite(header + program, true).text == header + program);
}
