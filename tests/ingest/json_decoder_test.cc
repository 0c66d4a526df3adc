#include "ingest/json_decoder.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "base/limits.h"
#include "tests/support/decoder_fixture.h"

namespace shrike::ingest {
namespace {

std::string Repeat(std::string_view text, std::size_t count) {
  std::string out;
  for (; count > 0; --count) out += text;
  return out;
}

TEST_CASE("what is an event, and what its row holds") {
  DecoderFixture fixture(MakeCatalog());
  struct Row {
    std::string_view bytes, want;
  };
  const Row rows[] = {
      {R"({"ts":1})", ""},
      {R"( { "ts" : 1 , "i" : 2 } )", "i=2"},
      {"\t{\r\n\"ts\":1}\n", ""},
      {R"({"i":1,"ts":5,"s":"x"})", R"(i=1 s="x")"},
      {R"({"ts":1,"b":true})", "b=true"},
      {R"({"ts":1,"b":false})", "b=false"},
      {R"({"ts":1,"b":null,"i":null,"s":null,"l":null,"a":null})", ""},
      // int
      {R"({"ts":1,"i":-0})", "i=0"},
      {R"({"ts":1,"i":3.0})", "i=3"},
      {R"({"ts":1,"i":3e2})", "i=300"},
      {R"({"ts":1,"i":1200e-2})", "i=12"},
      {R"({"ts":1,"i":9223372036854775807})", "i=9223372036854775807"},
      {R"({"ts":1,"i":-9223372036854775808})", "i=-9223372036854775808"},
      {R"({"ts":1,"i":9223372036854775807.000})", "i=9223372036854775807"},
      {R"({"ts":1,"i":0e99999999999999999999})", "i=0"},
      // float
      {R"({"ts":1,"f":3})", "f=3"},
      {R"({"ts":1,"f":0.1})", "f=0.1"},
      {R"({"ts":1,"f":-1.5e-3})", "f=-0.0015"},
      {R"({"ts":1,"f":18446744073709551615})", "f=18446744073709551616"},
      {R"({"ts":1,"f":1e-400})", "f=0"},
      {R"({"ts":1,"f":1.7976931348623157e308})", "f=1.7976931348623157e+308"},
      // decimal
      {R"({"ts":1,"d":57.16})", "d=57.16"},
      {R"({"ts":1,"d":146.00})", "d=146"},
      {R"({"ts":1,"d":1.500000000000000000000000000})", "d=1.5"},
      {R"({"ts":1,"d":-3})", "d=-3"},
      {R"({"ts":1,"d":125e-2})", "d=1.25"},
      {R"({"ts":1,"d":1234567890123456789012345678901234.56})",
       "d=1234567890123456789012345678901234.56"},
      // string
      {R"({"ts":1,"s":""})", R"(s="")"},
      {R"({"ts":1,"s":"a\"\\\/\b\f\n\r\t\u00fc\u20ac\ud83d\ude42"})",
       "s=\"a\\\"\\\\/\\u0008\\u000c\\n\\r\\t\xC3\xBC\xE2\x82\xAC\xF0\x9F\x99\x82\""},
      {R"({"ts":1,"s":"\u0000"})", R"(s="\u0000")"},
      {R"({"ts":1,"s":"{[,:]}"})", R"(s="{[,:]}")"},
      {R"({"ts":1,"s":"\\"})", R"(s="\\")"},
      // timestamp, duration, ip
      {R"({"ts":1,"t":1522540831000})", "t=1522540831000"},
      {R"({"ts":1,"t":-1.5})", "t=-2"},
      {R"({"ts":1,"u":600000})", "u=600000"},
      {R"({"ts":1,"u":-5.0})", "u=-5"},
      {R"({"ts":1,"ip":"10.0.0.1"})", R"(ip="10.0.0.1")"},
      {R"({"ts":1,"ip":"2001:DB8::1"})", R"(ip="2001:db8::1")"},
      {R"({"ts":1,"ip":"1\u0030.0.0.1"})", R"(ip="10.0.0.1")"},
      // lists
      {R"({"ts":1,"l":[]})", "l=[]"},
      {R"({"ts":1,"l":[ 1 , null , 3.0 ]})", "l=[1,null,3]"},
      {R"({"l":[1,2],"ts":1,"m":[0.5,2]})", "l=[1,2] m=[0.5,2]"},
      // nested, in any order, with others between
      {R"({"a":{"b":{"c":1}},"ts":1})", "a.b.c=1"},
      {R"({"a":{"x":{"b":{"c":9}},"s":"y","b":{"d":[],"c":2}},"ts":1})", R"(a.b.c=2 a.s="y")"},
      {R"({"a":{"b":{}},"ts":1})", ""},
      {R"({"a":{"x":1},"ts":1,"a":{"s":"z"}})", R"(a.s="z")"},
      {R"({"a":5,"ts":1})", ""},
      {R"({"a":[{"s":1}],"ts":1})", ""},
      {R"({"a":{"b":"text"},"ts":1})", ""},
      {R"({"a.s":1,"ts":1})", ""},
      // names with escapes
      {R"({"\u0074s":1,"\u0061":{"\u0073":"q"}})", R"(a.s="q")"},
      // not declared: anything that is JSON, twice too
      {R"({"ts":1,"x":{"y":[1,2,{"z":null}]},"x":[[],{}],"y":1e999,"":"","":0})", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.bytes);
    CHECK(fixture.Verdict(row.bytes) == "event");
    CHECK(fixture.Row() == row.want);
  }
}

TEST_CASE("what is a dead letter, and why") {
  DecoderFixture fixture(MakeCatalog());
  struct Row {
    std::string_view bytes, want;
  };
  const Row rows[] = {
      {"", "malformed"},
      {" ", "malformed"},
      {"null", "not_an_object"},
      {"12", "not_an_object"},
      {"\"x\"", "not_an_object"},
      {"[]", "not_an_object"},
      {R"([{"ts":1}])", "not_an_object"},
      {"[1,2", "malformed"},
      {"{", "malformed"},
      {"{}", "missing_time"},
      {"}", "malformed"},
      {R"({"a":"x":4})", "malformed"},
      {R"({"a":"x":4,"ts":5})", "malformed"},
      {R"({"ts":1}x)", "malformed"},
      {R"({"ts":1}{})", "malformed"},
      {R"({"ts":1},)", "malformed"},
      {R"({"ts":1)", "malformed"},
      {R"({"ts":1,})", "malformed"},
      {R"({,"ts":1})", "malformed"},
      {R"({"ts":1,,"i":1})", "malformed"},
      {R"({"ts":1 "i":1})", "malformed"},
      {R"({"ts" 1})", "malformed"},
      {R"({"ts":})", "malformed"},
      {R"({"ts"})", "malformed"},
      {R"({ts:1})", "malformed"},
      {R"({'ts':1})", "malformed"},
      {R"({1:1,"ts":1})", "malformed"},
      {R"({"ts":1,"x":[1,]})", "malformed"},
      {R"({"ts":1,"x":[,1]})", "malformed"},
      {R"({"ts":1,"x":[1 2]})", "malformed"},
      {R"({"ts":1,"x":[1}})", "malformed"},
      {R"({"ts":1,"x":{"y":1]})", "malformed"},
      {R"({"ts":1,"x":{"y"}})", "malformed"},
      {R"({"ts":1,"x":{"y":1,}})", "malformed"},
      {R"({"ts":1,"x":"unclosed})", "malformed"},
      {R"({"ts":1,"x":"a"b"})", "malformed"},
      {R"({"ts":1,"x":"\x"})", "malformed"},
      {R"({"ts":1,"x":"\u12g4"})", "malformed"},
      {R"({"ts":1,"x":"\u-123"})", "malformed"},
      {R"({"ts":1,"x":"\ud800"})", "malformed"},
      {R"({"ts":1,"x":"\ud800\u0041"})", "malformed"},
      {R"({"ts":1,"x":"\udc00"})", "malformed"},
      {R"({"ts":1,"\ud800":1})", "malformed"},
      {R"({"ts":1,"s":"\ud800"})", "malformed"},
      {"{\"ts\":1,\"x\":\"a\nb\"}", "malformed"},
      {"{\"ts\":1,\"x\":\"a\tb\"}", "malformed"},
      {"{\"ts\":1,\xC2\xA0\"x\":1}", "malformed"},  // no-break space
      {"\xEF\xBB\xBF{\"ts\":1}", "malformed"},
      {R"({"ts":1,"x":01})", "malformed"},
      {R"({"ts":1,"x":1.})", "malformed"},
      {R"({"ts":1,"x":.5})", "malformed"},
      {R"({"ts":1,"x":+1})", "malformed"},
      {R"({"ts":1,"x":-})", "malformed"},
      {R"({"ts":1,"x":1e})", "malformed"},
      {R"({"ts":1,"x":0x1})", "malformed"},
      {R"({"ts":1,"x":1a})", "malformed"},
      {R"({"ts":1,"x":1"a"})", "malformed"},
      {R"({"ts":1,"x":NaN})", "malformed"},
      {R"({"ts":1,"x":Infinity})", "malformed"},
      {R"({"ts":1,"x":tru})", "malformed"},
      {R"({"ts":1,"x":truex})", "malformed"},
      {R"({"ts":1,"x":nul})", "malformed"},
      {R"({"ts":1,"x":True})", "malformed"},
      {R"({"ts":1} /* c */)", "malformed"},
      {"{\"ts\":1,\"x\":\"\xFF\"}", "invalid_utf8"},
      {"{\"ts\":1,\"s\":\"\xC3\"}", "invalid_utf8"},
      {"{\"ts\":1,\"s\":\"\xED\xA0\x80\"}", "invalid_utf8"},
      {"{\"ts\":1}\xFF", "invalid_utf8"},
      {"{\"ts\":\xFF", "invalid_utf8"},
      // a broken record is malformed, whatever its fields are
      {R"({"ts":1,"i":"x","i":1,"x":[1,]})", "malformed"},
      {R"([{"ts":1},])", "malformed"},
      // the time
      {R"({"i":1})", "missing_time"},
      {R"({"ts":null})", "missing_time"},
      {R"({"ts":"1"})", "wrong_type"},
      {R"({"ts":true})", "wrong_type"},
      {R"({"ts":[1]})", "wrong_type"},
      {R"({"ts":{}})", "wrong_type"},
      {R"({"ts":1,"ts":1})", "duplicate_field"},
      {R"({"ts":1,"\u0074s":1})", "duplicate_field"},
      {R"({"ts":null,"ts":1})", "duplicate_field"},
      {R"({"ts":253402300800000})", "bad_timestamp"},
      {R"({"ts":-62135596800001})", "bad_timestamp"},
      {R"({"ts":1e300})", "bad_timestamp"},
      {R"({"ts":99999999999999999999})", "bad_timestamp"},
      // types
      {R"({"ts":1,"b":0})", "wrong_type b"},
      {R"({"ts":1,"b":"true"})", "wrong_type b"},
      {R"({"ts":1,"i":"3"})", "wrong_type i"},
      {R"({"ts":1,"i":true})", "wrong_type i"},
      {R"({"ts":1,"i":3.5})", "wrong_type i"},
      {R"({"ts":1,"i":1e-1})", "wrong_type i"},
      {R"({"ts":1,"i":{}})", "wrong_type i"},
      {R"({"ts":1,"i":[1]})", "wrong_type i"},
      {R"({"ts":1,"i":9223372036854775808})", "number_range i"},
      {R"({"ts":1,"i":-9223372036854775809})", "number_range i"},
      {R"({"ts":1,"i":1e19})", "number_range i"},
      {R"({"ts":1,"i":99999999999999999999})", "number_range i"},
      {R"({"ts":1,"f":"1"})", "wrong_type f"},
      {R"({"ts":1,"f":1e309})", "number_range f"},
      {R"({"ts":1,"d":"1"})", "wrong_type d"},
      {R"({"ts":1,"d":1.234})", "decimal_places d"},
      {R"({"ts":1,"d":1e-3})", "decimal_places d"},
      {R"({"ts":1,"d":1e37})", "number_range d"},
      {R"({"ts":1,"s":1})", "wrong_type s"},
      {R"({"ts":1,"s":false})", "wrong_type s"},
      {R"({"ts":1,"t":"2018-04-01T00:00:31Z"})", "wrong_type t"},
      {R"({"ts":1,"t":253402300800000})", "bad_timestamp t"},
      {R"({"ts":1,"u":"1h"})", "wrong_type u"},
      {R"({"ts":1,"u":1.5})", "wrong_type u"},
      {R"({"ts":1,"ip":1})", "wrong_type ip"},
      {R"({"ts":1,"ip":"1.2.3"})", "bad_ip ip"},
      {R"({"ts":1,"ip":""})", "bad_ip ip"},
      {R"({"ts":1,"l":1})", "wrong_type l"},
      {R"({"ts":1,"l":"x"})", "wrong_type l"},
      {R"({"ts":1,"l":true})", "wrong_type l"},
      {R"({"ts":1,"l":{}})", "wrong_type l"},
      {R"({"ts":1,"l":[1,"x"]})", "wrong_type l"},
      {R"({"ts":1,"l":[[1]]})", "wrong_type l"},
      {R"({"ts":1,"l":[{"a":1}]})", "wrong_type l"},
      {R"({"ts":1,"m":[0.55]})", "decimal_places m"},
      {R"({"ts":1,"a":{"b":{"c":"x"}}})", "wrong_type a.b.c"},
      // twice
      {R"({"ts":1,"i":1,"i":1})", "duplicate_field i"},
      {R"({"ts":1,"i":1,"\u0069":2})", "duplicate_field i"},
      {R"({"ts":1,"i":null,"i":null})", "duplicate_field i"},
      {R"({"ts":1,"l":[1],"l":[2]})", "duplicate_field l"},
      {R"({"ts":1,"a":{"s":"x"},"i":1,"a":{"s":"y"}})", "duplicate_field a.s"},
      {R"({"ts":1,"a":{"s":"x","s":"x"}})", "duplicate_field a.s"},
      // of several faults the first counts, and faults come before what is missing
      {R"({"i":"x","s":1})", "wrong_type i"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.bytes);
    CHECK(fixture.Verdict(row.bytes) == row.want);
    // The next event is unharmed.
    CHECK(fixture.Verdict(R"({"ts":7,"i":8})") == "event");
    CHECK(fixture.Row() == "i=8");
    CHECK(fixture.record().ts == 7);
  }
}

TEST_CASE("size and depth have limits") {
  DecoderFixture fixture(MakeCatalog());
  const std::string head = R"({"ts":1,"x":")";
  const std::string fits = head + std::string(kRecordBytesMax - head.size() - 2, 'x') + "\"}";
  CHECK(fits.size() == kRecordBytesMax);
  CHECK(fixture.Verdict(fits) == "event");
  CHECK(fixture.Verdict(fits + " ") == "too_large");
  CHECK(fixture.Verdict(std::string(kRecordBytesMax + 1, '[')) == "too_large");
  const auto nested = [](int depth) {  // the record is depth 1
    const auto inner = static_cast<std::size_t>(depth - 1);
    return R"({"ts":1,"x":)" + Repeat("[", inner) + Repeat("]", inner) + "}";
  };
  CHECK(fixture.Verdict(nested(kRecordDepthMax)) == "event");
  CHECK(fixture.Verdict(nested(kRecordDepthMax + 1)) == "too_deep");
  CHECK(fixture.Verdict(nested(100'000)) == "too_deep");
  CHECK(fixture.Verdict(Repeat("[", 100'000)) == "too_deep");
  CHECK(fixture.Verdict("\"open") == "malformed");  // nothing is left of the record before
  const auto objects = [](std::size_t inner) {
    return R"({"ts":1,"a":{"b":)" + Repeat(R"({"x":)", inner) + "1" + Repeat("}", inner) + "}}";
  };
  CHECK(fixture.Verdict(objects(kRecordDepthMax - 2)) == "event");
  CHECK(fixture.Verdict(objects(kRecordDepthMax - 1)) == "too_deep");
  // Which fault comes first in the record decides; invalid UTF-8 comes before both.
  CHECK(fixture.Verdict(R"({"ts":1,"y":[1,],"x":)" + nested(70) + "}") == "malformed");
  CHECK(fixture.Verdict(R"({"ts":1,"x":)" + nested(70) + R"(,"y":[1,]})") == "too_deep");
  CHECK(fixture.Verdict(R"({"ts":1,"x":)" + nested(70) + ",\"y\":\"\xFF\"}") == "invalid_utf8");
}

TEST_CASE("a declared path may be as deep as a record") {
  Catalog catalog = MakeCatalog();
  const std::size_t levels = kRecordDepthMax;
  std::string path = Repeat("p.", levels - 1) + "p";
  catalog.streams[0].fields = {{path, {Kind::kInt}},
                               {path.substr(2) + "q", {Kind::kList, 0, Kind::kInt}}};
  DecoderFixture fixture(catalog);
  CHECK(fixture.Verdict(R"({"ts":1,)" + Repeat(R"("p":{)", levels - 1) + R"("p":1)" +
                        Repeat("}", levels)) == "event");
  CHECK(fixture.Row() == path + "=1");
  CHECK(fixture.Verdict(R"({"ts":1,)" + Repeat(R"("p":{)", levels) + Repeat("}", levels + 1)) ==
        "too_deep");
  CHECK(fixture.Verdict(R"({"ts":1,)" + Repeat(R"("p":{)", levels - 2) + R"("pq":[1])" +
                        Repeat("}", levels - 1)) == "event");
}

TEST_CASE("time by unit") {
  struct Row {
    TimeUnit unit;
    std::string_view value, want;  // want: the time, or the reason
  };
  const Row rows[] = {
      {TimeUnit::kMs, "1522540831000", "1522540831000"},
      {TimeUnit::kMs, "1522540831000.999", "1522540831000"},
      {TimeUnit::kMs, "-0.5", "-1"},
      {TimeUnit::kMs, "1.522540831e12", "1522540831000"},
      {TimeUnit::kMs, "0.0000000000000000001", "bad_timestamp"},
      {TimeUnit::kSeconds, "1522540831", "1522540831000"},
      {TimeUnit::kSeconds, "1522540831.25", "1522540831250"},
      {TimeUnit::kSeconds, "-0.0001", "-1"},
      {TimeUnit::kSeconds, "253402300799.9999", "253402300799999"},
      {TimeUnit::kSeconds, "253402300800", "bad_timestamp"},
      {TimeUnit::kMicros, "1522540831000999", "1522540831000"},
      {TimeUnit::kMicros, "-1", "-1"},
      {TimeUnit::kNanos, "1522540831000999999", "1522540831000"},
      {TimeUnit::kNanos, "253402300799999999999", "253402300799999"},
      {TimeUnit::kNanos, "253402300800000000000", "bad_timestamp"},
      {TimeUnit::kNanos, "-62135596800000000000", "-62135596800000"},
      {TimeUnit::kNanos, "\"1\"", "wrong_type"},
      {TimeUnit::kRfc3339, "\"2018-04-01T00:00:31Z\"", "1522540831000"},
      {TimeUnit::kRfc3339, "\"2018\\u002d04-01T00:00:31Z\"", "1522540831000"},
      {TimeUnit::kRfc3339, "\"2018-04-01\"", "bad_timestamp"},
      {TimeUnit::kRfc3339, "1522540831000", "wrong_type"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.value);
    for (const bool declared : {false, true}) {
      Catalog catalog = MakeCatalog();
      catalog.streams[0].time_unit = row.unit;
      if (declared) catalog.streams[0].fields.push_back({"ts", {Kind::kTimestamp}});
      DecoderFixture fixture(catalog);
      std::string verdict = fixture.Verdict("{\"ts\":" + std::string(row.value) + "}");
      if (verdict == "event") {
        verdict = std::to_string(fixture.record().ts);
        if (declared) CHECK(fixture.Row() == "ts=" + verdict);
      } else {
        verdict = verdict.substr(0, verdict.find(' '));
      }
      CHECK(verdict == row.want);
    }
  }
}

TEST_CASE("the time field may be declared with the type it is written in") {
  struct Row {
    std::string_view type;
    TimeUnit unit;
    std::string_view value, want;
  };
  const Row rows[] = {
      {"int", TimeUnit::kSeconds, "5", "ts=5"},
      {"float", TimeUnit::kSeconds, "5.25", "ts=5.25"},
      {"decimal(1)", TimeUnit::kSeconds, "5.5", "ts=5.5"},
      {"string", TimeUnit::kRfc3339, "\"1970-01-01T00:00:05Z\"", "ts=\"1970-01-01T00:00:05Z\""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.type);
    Catalog catalog = MakeCatalog();
    catalog.streams[0].time_unit = row.unit;
    catalog.streams[0].fields = {{"ts", *ParseType(row.type)}};
    DecoderFixture fixture(catalog);
    CHECK(fixture.Verdict("{\"ts\":" + std::string(row.value) + "}") == "event");
    CHECK(fixture.Row() == row.want);
    CHECK(fixture.record().ts / 1000 == 5);
  }
}

TEST_CASE("the record's own timestamp") {
  Catalog catalog = MakeCatalog();
  SUBCASE("bounds the event's") {
    DecoderFixture fixture(catalog);
    CHECK(fixture.Verdict(R"({"ts":61000})", 1000) == "event");
    CHECK(fixture.Verdict(R"({"ts":61001})", 1000) == "future_time");
    CHECK(fixture.Verdict(R"({"ts":61001})") == "event");  // a file has none
    CHECK(fixture.Verdict(R"({"ts":-62135596800000})", kTimeMax) == "event");
  }
  SUBCASE("is the event's if the stream has no time field") {
    catalog.streams[0].time_field.clear();
    DecoderFixture fixture(catalog);
    CHECK(fixture.Verdict(R"({"ts":"anything"})", 42) == "event");
    CHECK(fixture.record().ts == 42);
    CHECK(fixture.Verdict("{}") == "missing_time");
    CHECK(fixture.Verdict("{}", kTimestampMsMax + 1) == "bad_timestamp");
  }
}

TEST_CASE("event types") {
  Catalog catalog = MakeCatalog();
  catalog.streams.insert(catalog.streams.begin(), StreamSchema{});
  catalog.streams[0].event_types = {"x", "y", "z"};  // so that numbers of types begin at 3
  StreamSchema& stream = catalog.streams[1];
  stream.type_field = "k.t";
  stream.fields.push_back({"k.t", {Kind::kString}});
  stream.event_types = {"txn", "payout"};
  JsonDecoder decoder(catalog, 1, {});
  RecordPool pool;
  const RecordPtr record = pool.Acquire();
  const auto verdict = [&](std::string_view bytes, std::optional<TimestampMs> timestamp = {}) {
    const Decoded decoded = decoder.Decode({{}, timestamp, bytes}, record.get());
    if (decoded.outcome == DecodeOutcome::kSkipped) return std::string("skipped");
    if (decoded.outcome == DecodeOutcome::kEvent) return std::to_string(record->event_type);
    return std::string(DeadLetterReasonName(decoded.reason));
  };
  CHECK(verdict(R"({"ts":1,"k":{"t":"txn"}})") == "3");
  CHECK(verdict(R"({"ts":1,"k":{"t":"payout"}})") == "4");
  CHECK(verdict(R"({"ts":1,"k":{"t":"\u0074xn"}})") == "3");
  CHECK(record->stream == 1);
  CHECK(verdict(R"({"ts":9,"k":{"t":"other"}})") == "skipped");
  CHECK(record->ts == 9);
  CHECK(verdict(R"({"ts":1,"k":{"t":""}})") == "skipped");
  CHECK(verdict(R"({"ts":1,"k":{"t":null}})") == "missing_type");
  CHECK(verdict(R"({"ts":1,"k":1})") == "missing_type");
  CHECK(verdict(R"({"ts":1})") == "missing_type");
  CHECK(verdict(R"({"ts":1,"k":{"t":1}})") == "wrong_type");
  CHECK(verdict(R"({"k":{"t":"other"}})") == "missing_time");
  CHECK(verdict(R"({"ts":1,"i":"x","k":{"t":"other"}})") == "wrong_type");
  CHECK(verdict(R"({"ts":99999999,"k":{"t":"other"}})", 1) == "future_time");
}

TEST_CASE("the verdict does not depend on the columns in use") {
  const Catalog catalog = MakeCatalog();
  const std::string_view records[] = {
      R"({"ts":1,"i":"x"})",
      R"({"ts":1,"d":1.234})",
      R"({"ts":1,"a":"x":4})",
      R"({"ts":1,"s":"\ud800"})",
      R"({"ts":1,"l":[1,2],"l":[]})",
      R"({"ts":1,"ip":"x"})",
      R"({"ts":1,"a":{"s":"x"},"i":3,"l":[1],"m":[0.5],"s":"\n"})",
  };
  const std::size_t field_count = catalog.streams[0].fields.size();
  DecoderFixture all(catalog);
  for (std::size_t mask = 0; mask < (std::size_t{1} << field_count); mask += 37) {
    RowLayout layout;
    for (std::size_t i = 0; i < field_count; ++i) {
      const FieldSchema& field = catalog.streams[0].fields[i];
      if ((mask >> i & 1) != 0) layout.Intern(field.name, field.type);
    }
    DecoderFixture some(catalog, layout);
    for (const std::string_view record : records) {
      CAPTURE(record);
      CAPTURE(mask);
      REQUIRE(some.Verdict(record) == all.Verdict(record));
    }
  }
}

TEST_CASE("a record is decoded again for another layout") {
  const Catalog catalog = MakeCatalog();
  DecoderFixture fixture(catalog);
  REQUIRE(fixture.Verdict(R"({"ts":5,"i":1,"s":"\u0078y","l":[1,2]})") == "event");
  RowLayout small;
  small.Intern("s", {Kind::kString});
  JsonDecoder other(catalog, 0, small);
  REQUIRE(other.DecodeAgain(fixture.mutable_record()).outcome == DecodeOutcome::kEvent);
  CHECK(fixture.record().row.size() == 1);
  CHECK(fixture.record().row[0].string() == "xy");
  CHECK(fixture.record().ts == 5);
  REQUIRE(fixture.decoder().DecodeAgain(fixture.mutable_record()).outcome == DecodeOutcome::kEvent);
  CHECK(fixture.Row() == R"(i=1 s="xy" l=[1,2])");
}

TEST_CASE("names in any order, with gaps, and more of them than are remembered") {
  DecoderFixture fixture(MakeCatalog());
  std::string names[] = {R"("ts":1)", R"("i":2)", R"("s":"x")", R"("z":{"i":9})", R"("d":0.5)"};
  std::sort(std::begin(names), std::end(names));
  do {
    std::string bytes = "{";
    for (const std::string& name : names) bytes += (bytes.size() > 1 ? "," : "") + name;
    CAPTURE(bytes);
    REQUIRE(fixture.Verdict(bytes + "}") == "event");
    REQUIRE(fixture.Row() == R"(i=2 d=0.5 s="x")");
  } while (std::next_permutation(std::begin(names), std::end(names)));
  for (int i = 0; i < 2'000; ++i) {
    const std::string bytes = R"({"n)" + std::to_string(i) + R"(":1,"i":3,"ts":1})";
    REQUIRE(fixture.Verdict(bytes) == "event");
    REQUIRE(fixture.Row() == "i=3");
  }
}

TEST_CASE("many escaped strings and lists keep their places") {
  DecoderFixture fixture(MakeCatalog());
  const std::string s(3'000, 'q');
  std::string list = "1";
  std::string escaped;
  for (int i = 0; i < 3'000; ++i) {
    list += "," + std::to_string(i);
    escaped += "\\u0071";
  }
  REQUIRE(fixture.Verdict(R"({"ts":1,"l":[)" + list + R"(],"s":")" + escaped +
                          R"(","m":[0.1,0.2],"a":{"s":"\u0061"}})") == "event");
  CHECK(fixture.Row() == "s=\"" + s + "\" l=[" + list + "] m=[0.1,0.2] a.s=\"a\"");
}

}  // namespace
}  // namespace shrike::ingest
