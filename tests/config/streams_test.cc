#include "config/streams.h"

#include <doctest/doctest.h>

#include <string>

#include "config/codes.h"
#include "tests/config/config_fixture.h"

namespace shrike::config {
namespace {

std::string Stream(std::string_view settings) {
  return "streams:\n  s:\n    " + std::string(settings) + "\n";
}

TEST_CASE("mistakes in a stream") {
  struct Row {
    std::string text;
    std::string_view want;
  };
  const Row rows[] = {
      {Stream("tpoic: x"), "E0601 3:5 unknown key `tpoic` of stream `s` (did you mean `topic`?)\n"},
      {Stream("topic: [a, a]"), "E0606 3:16 `topic` of stream `s` names `a` twice\n"},
      {Stream("topic: \"\""), "E0604 3:12 `topic` of stream `s` must not be empty\n"},
      {Stream("format: xml"), "E0604 3:13 `format` of stream `s` must be `json`, not `xml`\n"},
      {Stream("format: avro"), "E0901 3:13 `format` of stream `s`: avro is not yet supported\n"},
      {Stream("derive: [a]"),
       "E0602 3:13 `derive` of stream `s` must be a mapping (derive: { big: amount > 1000 })\n"},
      {Stream("derive: { a: [b] }"),
       "E0602 3:18 the derived field `a` must be one value, but is a list\n"},
      {Stream("derive: { ts: b }"), "E0606 3:15 `ts` cannot be the name of a derived field\n"},
      {Stream("{ derive: { a.b: x }, fields: { a: int } }"),
       "E0606 3:17 the derived field `a.b` of stream `s` has the name of the declared field `a`\n"},
      {Stream("{ redact: [cart], fields: { card: int } }"),
       "E0608 3:16 `redact` of stream `s` names a field that is not declared: `cart` (did you mean "
       "`card`?)\n"},
      {Stream("registry: x"),
       "E0901 3:5 `registry` of stream `s` is not yet supported (remove it, or use a version that "
       "has it)\n"},
      {Stream("time: ts"), "E0602 3:11 `time` of stream `s` must be a mapping, but is a value\n"},
      {Stream("time: { field: a..b }"),
       "E0604 3:20 `field` of `time` of stream `s` is no field name: `a..b`\n"},
      {Stream("time: { unit: sec }"),
       "E0604 3:19 `unit` of `time` of stream `s` must be `ms`, `s`, `us`, `ns` or `rfc3339`, not "
       "`sec`\n"},
      {Stream("time: { out_of_order: 5 }"),
       "E0604 3:27 `out_of_order` of `time` of stream `s` must be a duration, not `5` (units are w "
       "d h m s ms, descending: 1h30m; none is 0ms)\n"},
      {Stream("time: { late: keep }"),
       "E0604 3:19 `late` of `time` of stream `s` must be `topic`, `drop` or `stop`, not `keep`\n"},
      {Stream("{ time: { field: t }, fields: { t: bool } }"),
       "E0607 3:22 the time field `t` of stream `s` is declared as bool, which does not fit its "
       "unit (declare it as timestamp, or leave it out of `fields`)\n"},
      {Stream("{ time: { field: t }, fields: { t: string } }"),
       "E0607 3:22 the time field `t` of stream `s` is declared as string, which does not fit its "
       "unit (declare it as timestamp, or leave it out of `fields`)\n"},
      {Stream("type: { field: k }"),
       "E0603 3:11 `type` of stream `s` has no `types` (type: { field: kind, types: [a, b] })\n"},
      {Stream("type: { types: [a] }"),
       "E0603 3:11 `type` of stream `s` has no `field` (type: { field: kind, types: [a, b] })\n"},
      {Stream("type: { field: k, types: [a, a] }"),
       "E0606 3:34 `types` of `type` of stream `s` names `a` twice\n"},
      {Stream("{ type: { field: k, types: [a] }, fields: { k: int } }"),
       "E0607 3:22 the type field `k` of stream `s` must be a string (declare it as string, or "
       "leave it out of `fields`)\n"},
      {Stream("partitioned_by: x"),
       "E0608 3:21 `partitioned_by` of stream `s` names a field that is not declared: `x`\n"},
      {Stream("{ partitioned_by: crad, fields: { card: string } }"),
       "E0608 3:23 `partitioned_by` of stream `s` names a field that is not declared: `crad` (did "
       "you mean `card`?)\n"},
      {Stream("fields: [a]"),
       "E0602 3:13 `fields` of stream `s` must be a mapping (fields: { amount: decimal, card: "
       "string })\n"},
      {Stream("fields: { a: strng }"),
       "E0604 3:18 the type of field `a` of stream `s` is no type: `strng` (did you mean "
       "`string`?)\n"},
      {Stream("fields: { a: decimal(10) }"),
       "E0604 3:18 the type of field `a` of stream `s` is no type: `decimal(10)` (decimal(s) has 9 "
       "places at most)\n"},
      {Stream("fields: { a: { b: int } }"),
       "E0602 3:18 the type of field `a` of stream `s` must be one value, but is a mapping (a "
       "nested field is declared by its path: \"a.name\": string)\n"},
      {Stream("fields: { a.: int }"),
       "E0606 3:15 the field name `a.` of stream `s` has an empty part\n"},
      {Stream("fields: { a: int, a.b.c: int }"),
       "E0606 3:23 field `a.b.c` of stream `s` lies inside field `a`, which is declared as one "
       "value (declare only one of the two)\n"},
      {"streams: { a: { topic: t }, b: { topic: t } }",
       "E0606 1:29 topic `t` of stream `b` belongs to stream `a` already (one stream may have "
       "several event types: `type:`)\n"},
      {"streams: { \"\": {} }", "E0606 1:12 a name in `streams` is empty\n"},
      {"streams: { a: 5 }", "E0602 1:15 stream `a` must be a mapping, but is a value\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const ReadText read = Read(row.text);
    CHECK_FALSE(read.config.has_value());
    CHECK(read.Errors() == row.want);
  }
}

TEST_CASE("what may look wrong and is right") {
  for (const std::string_view settings :
       {"", "fields: {}", "{ time: { field: t, unit: s }, fields: { t: float } }",
        "{ time: { field: t, unit: rfc3339 }, fields: { t: string } }",
        "{ time: { field: t }, fields: { t: timestamp } }", "time: { out_of_order: 0ms }",
        "{ type: { field: k.t, types: [event, \"a b\"] }, fields: { k.u: int } }",
        "{ partitioned_by: k, type: { field: k, types: [a] } }",
        "fields: { a.b: int, a.c: int, ab: int }",
        "fields: { a: \"decimal(2)\", b: list(decimal(2)) }"}) {
    CAPTURE(settings);
    CHECK(Read(Stream(settings)).Errors() == "");
  }
}

TEST_CASE("all mistakes of all streams in one run, in the order of the file") {
  const ReadText read = Read(
      "streams:\n  a:\n    tpoic: x\n    fields: { f: itn }\n  b:\n    fields: { g: flaot "
      "}\nthread: 1\n");
  CHECK(
      read.Errors() ==
      "E0601 3:5 unknown key `tpoic` of stream `a` (did you mean `topic`?)\n"
      "E0604 4:18 the type of field `f` of stream `a` is no type: `itn` (did you mean `int`?)\n"
      "E0604 6:18 the type of field `g` of stream `b` is no type: `flaot` (did you mean `float`?)\n"
      "E0601 7:1 unknown key `thread` (did you mean `threads`?)\n");
}

TEST_CASE("codes are explained, in order, once") {
  const auto codes = ConfigCodes();
  REQUIRE(codes.size() == 9);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    CHECK(codes[i].code == "E060" + std::to_string(i + 1));
    CHECK_FALSE(codes[i].title.empty());
    CHECK(codes[i].explanation.size() > 60);
  }
}

}  // namespace
TEST_CASE("derived and redacted fields") {
  const ReadText read = Read(Stream(
      "{ fields: { pan: string, amount: decimal }, derive: { big: amount > 1000, cents: amount * "
      "100 }, redact: [pan, big], derived: true }"));
  CHECK(read.Errors() == "");
  REQUIRE(read.config.has_value());
  const StreamSchema& stream = read.config->catalog.streams[0];
  REQUIRE(stream.derive.size() == 2);
  CHECK(stream.derive[0].name == "big");
  CHECK(stream.derive[0].expression == "amount > 1000");
  CHECK(stream.derive[1].name == "cents");
  CHECK(stream.redact == std::vector<std::string>{"pan", "big"});
  CHECK(stream.derived);
}

}  // namespace shrike::config
