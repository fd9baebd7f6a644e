// Catch2 in either version: distributions carry v2 (one header) or v3. Tests include this file only.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif

#include <iostream>

// Ends a test case that this machine cannot run; CTest and ./ladder test count it as skipped.
#define SKIP_TEST(reason)                       \
  do {                                          \
    std::cout << "SKIPPED: " << reason << '\n'; \
    SUCCEED("skipped");                         \
    return;                                     \
  } while (false)
