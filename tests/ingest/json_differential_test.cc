// The decoder against nlohmann::json in strict mode, on random records and on broken ones: they must agree on what is
// JSON and on the values, and the kernels of simdjson must agree with each other.
#include <doctest/doctest.h>
#include <simdjson.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "tests/support/decoder_fixture.h"
#include "tests/support/random.h"

namespace shrike::ingest {
namespace {

using testing::Random;

// Writes a random JSON text.
class Writer {
 public:
  explicit Writer(Random* random) : random_(*random) {}

  std::string Record() {
    out_.clear();
    Space();
    if (random_.OneIn(20)) {
      Any(3);
    } else {
      Object(4);
    }
    Space();
    return out_;
  }

 private:
  void Space() {
    if (random_.OneIn(6)) out_ += Pick({" ", "\t", "\n", "\r", "  "});
  }

  std::string_view Pick(const std::vector<std::string_view>& choices) {
    return choices[random_.Below(choices.size())];
  }

  void Object(int depth) {
    out_ += '{';
    Space();
    if (random_.OneIn(2)) {  // so that many are events
      out_ += "\"ts\":" + std::to_string(random_.Below(1'000'000)) + ",";
      out_ +=
          Pick({"\"i\":-12", "\"f\":0.1e-3", "\"d\":1.250", "\"s\":\"\\u00fcx\"", "\"l\":[1,2]"});
      Space();
      out_ += '}';
      return;
    }
    const std::size_t count = random_.Below(6);
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) Comma();
      String(/*name=*/true);
      Space();
      out_ += ':';
      Space();
      Any(depth - 1);
    }
    Space();
    out_ += '}';
  }

  void Array(int depth) {
    out_ += '[';
    const std::size_t count = random_.Below(4);
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) Comma();
      Any(depth - 1);
    }
    Space();
    out_ += ']';
  }

  void Comma() {
    Space();
    out_ += ',';
    Space();
  }

  void String(bool name) {
    if (name && !random_.OneIn(5)) {
      out_ += Pick({"\"ts\"", "\"b\"", "\"i\"", "\"f\"", "\"d\"", "\"s\"", "\"l\"", "\"a\"",
                    "\"c\"", "\"ip\"", "\"\\u0069\"", "\"other\"", "\"a.s\""});
      return;
    }
    out_ += '"';
    for (std::size_t n = random_.Below(5); n > 0; --n) {
      out_ += Pick({"a", "text", "\xC3\xBC", "\xF0\x9F\x99\x82", "\\n", "\\\"", "\\\\", "\\u0041",
                    "\\ud83d\\ude42", "{", "]", ",", ":", " ", "\\/"});
    }
    out_ += '"';
  }

  void Number() {
    if (random_.OneIn(3)) out_ += '-';
    out_ += random_.OneIn(3) ? "0" : std::to_string(random_.Magnitude());
    if (random_.OneIn(3)) out_ += "." + std::to_string(random_.Magnitude() >> 20);
    if (random_.OneIn(5)) {
      out_ += Pick({"e", "E", "e+", "E-"});
      out_ += std::to_string(random_.Below(40));
    }
  }

  void Any(int depth) {
    const std::size_t kind = random_.Below(depth > 0 ? 7 : 5);
    if (kind == 0) out_ += Pick({"true", "false", "null"});
    if (kind == 1 || kind == 2) Number();
    if (kind == 3 || kind == 4) String(/*name=*/false);
    if (kind == 5) Object(depth);
    if (kind == 6) Array(depth);
  }

  Random& random_;
  std::string out_;
};

std::string Mutate(std::string text, Random* random) {
  constexpr std::string_view kBytes =
      "{}[]:,\"\\ \t\n0123456789.eE+-truefalsn\x01\x7F\x80\xC3\xE2\xED\xFF";
  for (std::size_t n = 1 + random->Below(3); n > 0; --n) {
    const std::size_t at = random->Below(text.size() + 1);
    const char byte = kBytes[random->Below(kBytes.size())];
    switch (random->Below(5)) {
      case 0:
        text.insert(at, 1, byte);
        break;
      case 1:
        if (at < text.size()) text[at] = byte;
        break;
      case 2:
        if (at < text.size()) text.erase(at, 1);
        break;
      case 3:
        text.resize(at);
        break;
      default:
        text.insert(at, text.substr(random->Below(text.size() + 1), random->Below(6)));
        break;
    }
  }
  return text;
}

// Throws nothing; tells a number that does not fit double (well-formed all the same) from a broken text.
struct Acceptor : nlohmann::json_sax<nlohmann::json> {
  bool huge_number = false;
  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(number_integer_t /*value*/) override { return true; }
  bool number_unsigned(number_unsigned_t /*value*/) override { return true; }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return true; }
  bool string(string_t& /*value*/) override { return true; }
  bool binary(binary_t& /*value*/) override { return true; }
  bool start_object(std::size_t /*size*/) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t /*size*/) override { return true; }
  bool end_array() override { return true; }
  bool key(string_t& /*value*/) override { return true; }
  bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& error) override {
    constexpr int kNumberOverflow = 406;
    huge_number = error.id == kNumberOverflow;
    return false;
  }
};

// The values of a row must be those that nlohmann read.
void RequireSameValues(const DecoderFixture& fixture, const nlohmann::json& json,
                       const RowLayout& layout) {
  for (std::size_t i = 0; i < layout.columns.size(); ++i) {
    const Value& value = fixture.record().row[i];
    const std::string& name = layout.columns[i].name;
    const auto found = json.find(name);
    if (name.find('.') != std::string::npos) continue;
    CAPTURE(name);
    REQUIRE(value.is_null() == (found == json.end() || found->is_null()));
    if (value.kind() == Kind::kBool) REQUIRE(found->get<bool>() == value.boolean());
    if (value.kind() == Kind::kString) REQUIRE(found->get<std::string>() == value.string());
    if (value.kind() == Kind::kFloat) REQUIRE(found->get<double>() == value.float64());
    if (value.kind() == Kind::kDecimal) {
      REQUIRE(found->get<double>() == doctest::Approx(DecimalToDouble(value.decimal())));
    }
    if (value.kind() == Kind::kInt && found->is_number_integer()) {
      REQUIRE(found->get<std::int64_t>() == value.int64());
    }
    if (value.kind() == Kind::kList) REQUIRE(found->size() == value.list_size());
  }
}

TEST_CASE("nlohmann::json agrees on what is JSON, and on the values") {
  const Catalog catalog = MakeCatalog();
  const RowLayout layout = FullLayout(catalog);
  DecoderFixture fixture(catalog, layout);
  Random random(testing::SeedFor("json differential"));
  Writer writer(&random);
  int malformed_count = 0;
  int event_count = 0;
  for (int i = 0; i < 60'000; ++i) {
    std::string bytes = writer.Record();
    if (random.OneIn(2)) bytes = Mutate(std::move(bytes), &random);
    CAPTURE(bytes);
    Acceptor acceptor;
    const bool accepted = nlohmann::json::sax_parse(bytes, &acceptor);
    if (acceptor.huge_number) continue;
    const std::string verdict = fixture.Verdict(bytes);
    const bool malformed = verdict == "malformed" || verdict == "invalid_utf8";
    REQUIRE(malformed == !accepted);
    REQUIRE((verdict == "invalid_utf8") == !IsValidUtf8(bytes));
    malformed_count += malformed ? 1 : 0;
    if (verdict == "event") {
      ++event_count;
      RequireSameValues(fixture, nlohmann::json::parse(bytes), layout);
    }
  }
  CHECK(malformed_count > 5'000);
  CHECK(event_count > 500);
}

TEST_CASE("every kernel of simdjson gives the same verdict and row") {
  const simdjson::implementation* const before = simdjson::get_active_implementation();
  const Catalog catalog = MakeCatalog();
  std::vector<std::unique_ptr<DecoderFixture>> fixtures;
  for (const simdjson::implementation* kernel : simdjson::get_available_implementations()) {
    if (!kernel->supported_by_runtime_system()) continue;
    MESSAGE(kernel->name());
    simdjson::get_active_implementation() = kernel;
    fixtures.push_back(std::make_unique<DecoderFixture>(catalog));
  }
  simdjson::get_active_implementation() = before;
  REQUIRE(fixtures.size() >= 1);
  Random random(testing::SeedFor("json kernels"));
  Writer writer(&random);
  for (int i = 0; i < 20'000; ++i) {
    const std::string bytes = Mutate(writer.Record(), &random);
    CAPTURE(bytes);
    const std::string verdict = fixtures[0]->Verdict(bytes);
    for (const auto& fixture : fixtures) {
      REQUIRE(fixture->Verdict(bytes) == verdict);
      if (verdict == "event") REQUIRE(fixture->Row() == fixtures[0]->Row());
    }
  }
}

}  // namespace
}  // namespace shrike::ingest
