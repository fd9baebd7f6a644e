// The shape sets say what they claim to, and shapes that make no sense are refused.
#include <map>
#include <set>

#include "chapters/05-convolution/problem.hpp"
#include "tests/catch.hpp"

using bench::Shape;

TEST_CASE("the bench set is all distinct convolutions of ResNet-50, in both layouts, at N = 32 and 256") {
  // The network, built from its rule: a stem, then stages of bottlenecks 1 x 1, 3 x 3, 1 x 1, the first of a
  // stage with a projection beside it, and from the second stage on with stride 2 (in the 3 x 3, hence
  // "v1.5").
  std::set<std::vector<double>> network = {{3, 224, 64, 7, 2}};  // c, h, k, r, stride
  double channels = 64, side = 56;                               // after the stem and its pooling
  for (int stage = 0; stage < 4; ++stage)
    for (int block = 0; block < std::array{3, 4, 6, 3}[stage]; ++block) {
      const double width = 64 << stage, stride = block == 0 && stage > 0 ? 2 : 1;
      network.insert({channels, side, width, 1, 1});
      network.insert({width, side, width, 3, stride});
      network.insert({width, side / stride, 4 * width, 1, 1});
      if (block == 0) network.insert({channels, side, 4 * width, 1, stride});
      channels = 4 * width, side /= stride;
    }
  CHECK(side == 7);
  CHECK(channels == 2048);

  std::map<std::pair<double, double>, std::set<std::vector<double>>> set;
  const auto shapes = Forward<>::shapes(bench::ShapeSet::bench);
  for (const Shape& s : shapes) {
    set[{s.real("n"), s.real("nhwc")}].insert(
        {s.real("c"), s.real("h"), s.real("k"), s.real("r"), s.real("stride")});
    CHECK(s.real("w") == s.real("h"));
    CHECK(s.real("s") == s.real("r"));
    CHECK(s.real("pad") == (s.real("r") - 1) / 2);
    CHECK(s.real("groups") == 1);
    CHECK(s.real("dilation") == 1);
    CHECK_NOTHROW(Forward<>(s));
  }
  CHECK(shapes.size() == 4 * network.size());  // none stands twice
  CHECK(set.size() == 4);
  for (double n : {32, 256})
    for (double nhwc : {0, 1}) CHECK(set[{n, nhwc}] == network);
}

TEST_CASE("the edge set has every kind of edge, in both layouts") {
  const auto has = [](auto is) {
    int found[2] = {};
    for (const Shape& s : Forward<>::shapes(bench::ShapeSet::edge))
      if (is(s)) ++found[s["nhwc"]];
    return found[0] > 0 && found[0] == found[1];
  };
  CHECK(has([](const Shape& s) { return s["r"] == 1 && s["s"] == 1 && s["c"] > 1; }));
  CHECK(has([](const Shape& s) { return s["r"] > s["h"] && s["pad"] > 0; }));
  CHECK(has([](const Shape& s) { return s["stride"] > s["r"] && s["stride"] > s["s"] && s["r"] > 1; }));
  CHECK(has([](const Shape& s) { return s["dilation"] > 1; }));
  CHECK(has([](const Shape& s) { return s["dilation"] > 1 && s["stride"] > 1; }));
  CHECK(has([](const Shape& s) { return s["groups"] == s["c"] && s["c"] > 1; }));
  CHECK(has([](const Shape& s) { return s["groups"] > 1 && s["groups"] < s["c"]; }));
  CHECK(has([](const Shape& s) { return s["c"] % 2 == 1 && s["k"] % 2 == 1 && s["c"] > 1 && s["k"] > 1; }));
  CHECK(has([](const Shape& s) { return s["n"] == 0; }));
}

TEST_CASE("shapes that make no sense are refused, in one line") {
  const auto complaint = [](const char* text) -> std::string {
    try {
      Forward<>(Shape::parse(text, Forward<>::dims()));
    } catch (const bench::BadInput& e) {
      return e.what();
    }
    return "accepted";
  };
  for (const auto& [text, says] : std::initializer_list<std::pair<const char*, const char*>>{
           {"c=3,k=4,groups=2", "groups = 2 must divide both c = 3 and k = 4"},
           {"c=4,k=3,groups=2", "must divide both"},
           {"stride=0", "stride=0 must be a whole number from 1"},
           {"stride=1.5", "must be a whole number"},
           {"dilation=0", "dilation=0 must be"},
           {"groups=0", "groups=0 must be"},
           {"k=0", "k=0 must be"},
           {"r=0", "r=0 must be"},
           {"n=-1", "n=-1 must be"},
           {"nhwc=2", "nhwc=2 must be"},
           {"h=2,w=9", "spans 3 pixels along h, more than the padded image's 2"},
           {"h=9,w=2", "along w"},
           {"h=5,w=9,dilation=3", "spans 7 pixels"},
           {"n=1000000,c=1000", "x would have more than 2^31 - 1 elements"},
           {"n=0,c=65536,h=65536", "x would have more than 2^31 - 1 elements"},
           {"n=70000,c=1,k=70000,h=3,w=3", "y would have more"},
           {"c=60000,k=60000,h=1,w=1,r=1,s=1", "filter would have more"},
           {"pad=2000000000", "must fit into 32 bits"},
           {"c=3e9", "must be a whole number from 1 to 2147483647"}}) {
    CAPTURE(text);
    const std::string told = complaint(text);
    CHECK(told.find(says) != told.npos);
    CHECK(told.find("\n") == told.npos);
  }
  CHECK_THROWS_AS(Depthwise<>(Shape::parse("c=4,k=4,groups=2", Depthwise<>::dims())), bench::BadInput);
}
