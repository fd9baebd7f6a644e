#include "bench/shape.hpp"

#include "tests/catch.hpp"

using bench::BadInput;
using bench::Dim;
using bench::Shape;

static const std::vector<Dim> kDims = {{.name = "m", .fallback = 4},
                                       {.name = "n", .fallback = 5},
                                       {.name = "a", .fallback = 0.5, .whole = false}};

TEST_CASE("a shape reads names and positions, and completes itself") {
  CHECK(Shape::parse("m=33,n=17", kDims).text() == "m=33,n=17,a=0.5");
  CHECK(Shape::parse("33x17", kDims) == Shape::parse("n=17,m=33", kDims));
  CHECK(Shape::parse("a=-1.25", kDims).real("a") == -1.25);
  CHECK(Shape::parse("m=33", kDims)["n"] == 5);
}

TEST_CASE("a shape that makes no sense is refused") {
  for (const char* text : {"m=1,m=1", "m=-1", "m=1.5", "m=1e30", "m=x", "q=3", "m", "a=inf", "a=nan",
                           "1x2x3x4", "m=", "m=1e999", "", "33x", "x33", "m=3,"})
    CHECK_THROWS_AS(Shape::parse(text, kDims), BadInput);
}
