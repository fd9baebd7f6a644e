#include "bench/roofline.hpp"

#include <cmath>
#include <fstream>

#include "tests/catch.hpp"

using namespace bench;

TEST_CASE("datasheets are found by the names that CUDA gives devices") {
  const auto rate = [](const char* device, const char* name) {
    return datasheet_peaks(device).value().rates.at(name);
  };
  CHECK(rate("NVIDIA H200", "bandwidth") == 4.8e12);
  CHECK(rate("NVIDIA H100 80GB HBM3", "bandwidth") == 3.35e12);
  CHECK(rate("NVIDIA H100 PCIe", "fp32") == 51.2e12);
  CHECK(rate("NVIDIA A100-SXM4-80GB", "bandwidth") == 2.039e12);
  CHECK(rate("NVIDIA A100-PCIE-40GB", "bandwidth") == 1.555e12);
  CHECK(rate("NVIDIA A10", "fp32") == 31.2e12);
  CHECK(rate("Tesla V100-SXM2-16GB", "fp32") == 15.7e12);
  CHECK(rate("Tesla T4", "bandwidth") == 320e9);
  CHECK(rate("NVIDIA L4", "bandwidth") == 300e9);
  CHECK(rate("NVIDIA L40S", "bandwidth") == 864e9);
  CHECK(rate("NVIDIA GeForce RTX 4090", "bandwidth") == 1.008e12);
  CHECK_FALSE(datasheet_peaks("NVIDIA A100X"));
  CHECK_FALSE(datasheet_peaks("NVIDIA GeForce RTX 4090 Laptop GPU"));
  CHECK_FALSE(datasheet_peaks("Voodoo 2"));
}

TEST_CASE("the limit is the slower of arithmetic and memory") {
  const Peaks p{.rates = {{"bandwidth", 1e12}, {"fp32", 1e13}}};
  const Limit memory = limit({.flops = 1e9, .bytes = 1e9}, "fp32", p).value();
  CHECK(memory.limiter == "bandwidth");
  CHECK(memory.seconds == Approx(1e-3));
  const Limit compute = limit({.flops = 1e12, .bytes = 1e9}, "fp32", p).value();
  CHECK(compute.limiter == "fp32");
  CHECK(compute.seconds == Approx(0.1));
  CHECK(limit({.flops = 0, .bytes = 1e9}, "unknown", p));
  CHECK_FALSE(limit({.flops = 1, .bytes = 1e9}, "unknown", p));
  CHECK_FALSE(limit({}, "fp32", p));
}

TEST_CASE("the floor allows for a clock above the datasheet's") {
  const Peaks p{.rates = {{"bandwidth", 1e12}, {"fp32", 1e13}, {"fp16", 1e14}},
                .boost_mhz = 1000,
                .tensor_boost_mhz = 500};
  const Work w{.flops = 1e12, .bytes = 1};
  CHECK(floor_of(w, "fp32", p, 1250).value().seconds == Approx(0.08));
  CHECK(floor_of(w, "fp32", p, 900).value().seconds == Approx(0.1));
  CHECK(floor_of(w, "fp32", p, NAN).value().seconds == Approx(0.1));
  CHECK(floor_of(w, "fp16", p, 1000).value().seconds == Approx(0.005));
  CHECK(floor_of({.flops = 0, .bytes = 1e12}, "fp32", p, 1250).value().seconds == Approx(1));
}

TEST_CASE("a peaks file that is missing, broken or of another GPU") {
  const std::string path = "peaks-under-test.json";
  std::remove(path.c_str());
  CHECK_FALSE(measured_peaks(path, "X"));
  std::ofstream(path)
      << R"({"schema": 1, "kind": "peaks", "device": {"name": "X"},)"
         R"( "rows": [{"id": "fp32", "unit": "FLOP/s", "value": 5.0}, {"id": "launch", "unit": "s", "value": 2.0}]})";
  const Peaks p = measured_peaks(path, "X").value();
  CHECK(p.source == "measured");
  CHECK(p.rates == std::map<std::string, double>{{"fp32", 5.0}});
  CHECK_THROWS_AS(measured_peaks(path, "Y"), BadInput);
  for (const char* broken :
       {"", "{", "[]", R"({"kind": "bench", "schema": 1})", R"({"kind": "peaks", "schema": 2})"}) {
    std::ofstream(path) << broken;
    CHECK_THROWS_AS(measured_peaks(path, "X"), BadInput);
  }
  std::remove(path.c_str());
}

TEST_CASE("a device's folder") {
  CHECK(slug("NVIDIA H200") == "nvidia-h200");
  CHECK(slug("Intel(R) Xeon(R) CPU @ 2.20GHz") == "intel-r-xeon-r-cpu-2-20ghz");
  CHECK(slug("") == "unknown");
}
