// Rule files: what is read, and every mistake with its place.
#include "rules/rule_file.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace shrike::rules {
namespace {

struct Read {
  RuleFile file;
  std::vector<Diagnostic> diagnostics;
};

Read ReadText(std::string_view content) {
  Read read;
  read.file = ReadRuleFile("f.yaml", std::string(content), &read.diagnostics);
  return read;
}

std::string_view At(const RuleFile& file, FileSpan span) {
  return std::string_view(file.content).substr(span.begin, span.end - span.begin);
}

constexpr std::string_view kExample = R"yaml(lists:
  risky_mcc: [6051, 7995, 4829]
  sanctioned: { file: lists/sanctioned.txt }        # one value a line
  table: { file: t.csv, column: name }
  corp_nets: { cidr: [10.0.0.0/8, 192.168.0.0/16] }
  test_cards: []
macros:
  declined: status == "declined"
  small(limit): amount < limit
  far(a, b): 'a - b > 3'
features:
  spend_24h: { from: payments by card, value: 'sum(txn.amount over 24h)' }

rules:
  - id: card-testing
    version: 3
    title: Small declined charges, then a large approved one
    description: >
      Some text.
    author: [a, b]
    references: [one, two]
    false_positives: none known
    runbook: text
    severity: high
    score: 70
    tags: [fraud.card_testing, attack.t1110]
    mode: live
    learn: 30d
    unbounded: accept
    repartition: auto
    emit: { stream: probes, every: 1m }
    pattern: |
      from payments by card
      probe: txn[declined and small(2.00)]{3,}
      then hit: txn[status == "approved" and amount > 100 * avg(probe.amount)]
      within 10m
    alert:
      message: "Card {card}: {{{count(probe)}}} small, then \"{hit.amount}\""
      fields: { total_probed: sum(probe.amount), hit_amount: hit.amount }
      redact: [pan]
    suppress: { for: 1h, by: [card] }
    on_timeout: alert
    exceptions:
      - name: test cards
        when: card in test_cards
    tests:
      - name: three probes and a hit
        events:
          - { txn: { card: c1, status: declined, amount: 1.00 } }
          - { txn: { card: c1, device: { os: null } }, after: -10s }
          - { txn: {}, at: 2024-01-01T00:00:10Z }
          - { payments.txn: { tags: [a, "1"] }, at: 1704067210000 }
          - { advance: 15m }
        alerts: [ { key: c1, fields: { hit_amount: 900 } } ]
      - name: too slow
        events: []
        alerts:
          - { key: [a, 1], kind: timeout, message: "x" }
          - {}
  - id: second
    version: 1
    pattern: >-
      from s
      A
overrides:
  - rule: card-testing
    severity: low
    score: 1
    mode: shadow
    exceptions: [ { name: x, when: a == 1 } ]
    lists: { test_cards: [c9] }
)yaml";

TEST_CASE("a file with every key is read") {
  const Read read = ReadText(kExample);
  for (const Diagnostic& diagnostic : read.diagnostics) {
    FAIL_CHECK(diagnostic.line << ":" << diagnostic.column << " " << diagnostic.message);
  }
  const RuleFile& file = read.file;
  CHECK(file.path == "f.yaml");
  REQUIRE(file.lists.size() == 5);
  CHECK(file.lists[0].items.size() == 3);
  CHECK(file.lists[0].items[0].text == "6051");
  CHECK(file.lists[0].items[0].plain);
  CHECK(file.lists[1].form == ListNode::Form::kFile);
  CHECK(file.lists[1].file->text == "lists/sanctioned.txt");
  CHECK(file.lists[2].column->text == "name");
  CHECK(file.lists[3].form == ListNode::Form::kCidr);
  CHECK(file.lists[3].items.size() == 2);
  CHECK(file.lists[4].items.empty());
  REQUIRE(file.macros.size() == 3);
  CHECK(file.macros[1].macro == "small");
  CHECK(file.macros[1].name.text == "small(limit)");
  CHECK(file.macros[1].parameters == std::vector<std::string>{"limit"});
  CHECK(file.macros[2].parameters == std::vector<std::string>{"a", "b"});
  CHECK(file.macros[2].body.expr != nullptr);
  REQUIRE(file.features.size() == 1);
  CHECK(file.features[0].from.at(0).stream.text == "payments");
  CHECK(file.features[0].value.expr->kind == ExprKind::kCall);
  REQUIRE(file.overrides.size() == 1);
  CHECK(file.overrides[0].rule.text == "card-testing");
  CHECK(file.overrides[0].score->value == 1);
  CHECK(file.overrides[0].exceptions.size() == 1);
  CHECK(file.overrides[0].lists.at(0).items.size() == 1);
}

TEST_CASE("a rule with every key is read") {
  const Read read = ReadText(kExample);
  REQUIRE(read.file.rules.size() == 2);
  const RuleNode& rule = read.file.rules[0];
  CHECK(rule.id->text == "card-testing");
  CHECK(At(read.file, rule.id->span) == "card-testing");
  CHECK(rule.version->value == 3);
  CHECK(rule.severity->text == "high");
  CHECK(rule.score->value == 70);
  CHECK(rule.tags.size() == 2);
  CHECK(rule.mode->text == "live");
  CHECK(rule.learn->value == 30LL * 86'400'000);
  CHECK(rule.unbounded);
  CHECK(rule.timeout_alerts);
  CHECK(rule.repartition->text == "auto");
  CHECK(rule.emit->stream.text == "probes");
  CHECK(rule.emit->every->value == 60'000);
  CHECK(rule.suppress->length.value == 3'600'000);
  CHECK(rule.suppress->by.at(0).text == "card");
  CHECK(rule.redact.at(0).text == "pan");
  CHECK(rule.exceptions.at(0).name.text == "test cards");
  REQUIRE(rule.alert_fields.size() == 2);
  CHECK(rule.alert_fields[1].name.text == "hit_amount");
  REQUIRE(rule.pattern.has_value());
  REQUIRE(rule.pattern->pattern != nullptr);
  const Step& step = rule.pattern->pattern->sequence.elements.at(1).steps.at(0);
  const SourceText& source = rule.pattern->source;
  CHECK(At(read.file, source.FileSpanOf(step.name->span.begin, step.name->span.end)) == "hit");
  CHECK(read.file.rules[1].pattern->pattern != nullptr);
  CHECK(!read.file.rules[1].timeout_alerts);
}

TEST_CASE("messages are cut into texts and expressions") {
  const Read read = ReadText(kExample);
  const TemplateNode& message = *read.file.rules.at(0).message;
  std::string shape;
  for (const TemplateNode::Part& part : message.parts) {
    if (part.expr == nullptr) {
      shape += part.text;
      continue;
    }
    const FileSpan span = message.source.FileSpanOf(part.expr->span.begin, part.expr->span.end);
    shape += "<" + std::string(At(read.file, span)) + ">";
  }
  CHECK(shape == "Card <card>: {<count(probe)>} small, then \"<hit.amount>\"");
}

TEST_CASE("tests of rules are read") {
  const Read read = ReadText(kExample);
  const auto& tests = read.file.rules.at(0).tests;
  REQUIRE(tests.size() == 2);
  const auto& events = tests[0].events;
  REQUIRE(events.size() == 5);
  CHECK(events[0].type->text == "txn");
  CHECK(events[0].fields.entries.at(2).name.text == "amount");
  CHECK(events[0].fields.entries.at(2).value.scalar.text == "1.00");
  CHECK(events[1].after == -10'000);
  const TestValue& device = events[1].fields.entries.at(1).value;
  CHECK(device.form == TestValue::Form::kMap);
  CHECK(device.entries.at(0).value.scalar.text == "null");
  CHECK(device.entries.at(0).value.scalar.plain);
  CHECK(events[2].at == 1'704'067'210'000);
  CHECK(events[2].fields.entries.empty());
  CHECK(events[3].at == 1'704'067'210'000);
  CHECK(events[3].type->text == "payments.txn");
  CHECK(events[3].fields.entries.at(0).value.items.at(1).scalar.plain == false);
  CHECK(events[4].advance == 900'000);
  CHECK(!events[4].type.has_value());
  REQUIRE(tests[0].alerts.size() == 1);
  CHECK(tests[0].alerts[0].key->scalar.text == "c1");
  CHECK(tests[0].alerts[0].fields.at(0).value.scalar.text == "900");
  REQUIRE(tests[1].alerts.size() == 2);
  CHECK(tests[1].alerts[0].key->items.size() == 2);
  CHECK(tests[1].alerts[0].kind->text == "timeout");
  CHECK(tests[1].alerts[0].message->text == "x");
  CHECK(!tests[1].alerts[1].key.has_value());
}

struct Row {
  std::string_view content;  // the error's span in ⟨...⟩
  std::string_view code;
  std::string_view message;     // a part of it
  std::string_view suggestion;  // a part of it
};

// Puts a rule's missing keys around a line of it.
std::string InRule(std::string_view lines) {
  return "rules:\n  - id: r\n    version: 1\n    pattern: |\n      from s\n      A\n" +
         std::string(lines);
}

// The first diagnostic must be this one, and there must be no other.
void CheckRow(const Row& row, bool in_rule) {
  CAPTURE(row.content);
  std::string content = in_rule ? InRule(row.content) : std::string(row.content);
  const std::size_t begin = content.find("⟨");
  REQUIRE(begin != std::string::npos);
  content.erase(begin, 3);
  const std::size_t end = content.find("⟩");
  REQUIRE(end != std::string::npos);
  content.erase(end, 3);
  const Read read = ReadText(content);
  REQUIRE(!read.diagnostics.empty());
  const Diagnostic& first = read.diagnostics.front();
  CAPTURE(first.message);
  CAPTURE(first.suggestion);
  Diagnostic want;
  SetPlace(content, {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)}, &want);
  CHECK(first.code == row.code);
  CHECK(first.line == want.line);
  CHECK(first.column == want.column);
  CHECK(first.end_line == want.end_line);
  CHECK(first.end_column == want.end_column);
  CHECK(first.message.find(row.message) != std::string::npos);
  CHECK(first.suggestion.find(row.suggestion) != std::string::npos);
  CHECK(first.rule == (in_rule ? "r" : ""));
  for (std::size_t i = 1; i < read.diagnostics.size(); ++i) {
    FAIL_CHECK("another one: " << read.diagnostics[i].message);
  }
}

TEST_CASE("mistakes outside of rules") {
  const Row rows[] = {
      {"⟨⟩", "E0010", "empty", "`rules:`"},
      {"⟨⟩# nothing\n", "E0010", "empty", "`rules:`"},
      {"⟨{}⟩\n", "E0010", "empty", ""},
      {"⟨text⟩\n", "E0012", "a rule file must be a mapping, not a text", ""},
      {"⟨-⟩ a\n", "E0012", "a rule file must be a mapping, not a list", ""},
      {"⟨rulse⟩: []\n", "E0011", "unknown key `rulse`", "did you mean `rules`?"},
      {"⟨zzz⟩: []\n", "E0011", "unknown key `zzz`", "lists, macros, features, rules, overrides"},
      {"rules: ⟨{⟩a: 1}\n", "E0012", "`rules` must be a list, not a mapping", ""},
      {"rules⟨:⟩\n", "E0012", "`rules` must be a list, not nothing", ""},
      {"rules: [⟨x⟩]\n", "E0012", "a rule must be a mapping, not a text", ""},
      {"lists: {a: ⟨3⟩}\n", "E0012", "the list `a`", ""},
      {"lists:\n  a: {⟨fil⟩: x}\n", "E0011", "unknown key `fil`", "`file`"},
      {"lists:\n  a: ⟨{file: x, cidr: [y]}⟩\n", "E0012", "either `file` or `cidr`", ""},
      {"lists: {a: [[⟨[⟩1]]]}\n", "E0012", "", ""},
      {"macros:\n  ⟨a(b⟩: x\n", "E0017", "`a(b`", "name(parameter, parameter)"},
      {"macros:\n  ⟨a()⟩: x\n", "E0017", "`a()`", ""},
      {"macros:\n  ⟨a(b,)⟩: x\n", "E0017", "`a(b,)`", ""},
      {"macros:\n  ⟨a(b, b)⟩: x\n", "E0017", "`b` is named twice", ""},
      {"macros:\n  ⟨and⟩: x\n", "E0017", "`and`", ""},
      {"macros:\n  ⟨a b⟩: x\n", "E0017", "`a b`", ""},
      {"macros:\n  a: b ⟨=⟩ 3\n", "E0102", "`=`", "`==`"},
      {"macros:\n  a: [⟨b⟩]\n", "E0012", "", ""},
      {"macros: {a: ⟨f(b⟩, c)}\n", "E0015", "not balanced", "{ a: 'f(b, c)' }"},
      {"features:\n  f: {⟨form⟩: s, value: x}\n", "E0011", "`form`", "`from`"},
      {"features:\n  f: {⟨from⟩: s}\n", "E0013", "the feature `f` has no `value`", ""},
      {"features:\n  f: {from: s by⟨⟩, value: x}\n", "E0101", "expected a field", ""},
      {"features:\n  f: {from: s, value: ⟨sum(x over 1h⟩, y)}\n", "E0015", "not balanced",
       "'sum(x over 1h, y)'"},
      {"overrides:\n  - ⟨score⟩: 3\n", "E0013", "an override has no `rule`", ""},
      {"overrides:\n  - rule: a\n    ⟨scroe⟩: 3\n", "E0011", "`scroe`", "`score`"},
      {"a: ⟨&x⟩ 1\n", "E0005", "", ""},
      {"rules:\n  - id: a\n    title: ⟨'⟩x\n    version: 1\n", "E0004", "does not end", "`'`"},
  };
  for (const Row& row : rows) {
    if (row.message.empty()) {
      // More than one mistake, or none of ours: only that there is one.
      std::string content(row.content);
      for (const std::string_view mark : {"⟨", "⟩"}) content.erase(content.find(mark), 3);
      CAPTURE(content);
      CHECK(!ReadText(content).diagnostics.empty());
      continue;
    }
    CheckRow(row, false);
  }
}

TEST_CASE("mistakes in rules") {
  const Row rows[] = {
      {"    ⟨severty⟩: high\n", "E0011", "unknown key `severty` in a rule", "`severity`"},
      {"    severity: ⟨[⟩high]\n", "E0012", "`severity` must be a text, not a list", ""},
      {"    score: ⟨many⟩\n", "E0016", "`score` must be an integer, not `many`", ""},
      {"    score: ⟨\"7\"⟩\n", "E0016", "`score` must be an integer", "without quotes"},
      {"    score: ⟨7.5⟩\n", "E0016", "not `7.5`", ""},
      {"    score: ⟨99999999999999999999⟩\n", "E0016", "must be an integer", ""},
      {"    score: ⟨{⟩a: 1}\n", "E0012", "`score` must be an integer, not a mapping", ""},
      {"    tags: ⟨a⟩\n", "E0012", "`tags` must be a list, not a text", ""},
      {"    tags: [a, ⟨[⟩b]]\n", "E0012", "an item of `tags` must be a text, not a list", ""},
      {"    learn: ⟨3 days⟩\n", "E0016", "`learn` must be a duration, not `3 days`", "1h30m"},
      {"    learn: ⟨[⟩]\n", "E0012", "`learn` must be a duration, not a list", ""},
      {"    on_timeout: ⟨yes⟩\n", "E0021", "unknown word `yes`", "`alert`"},
      {"    unbounded: ⟨true⟩\n", "E0021", "unknown word `true`", "`accept`"},
      {"    repartition: ⟨none⟩\n", "E0021", "unknown word `none`", "`auto`"},
      {"    emit: ⟨s⟩\n", "E0012", "`emit` must be a mapping, not a text", ""},
      {"    emit: {⟨sream⟩: s}\n", "E0011", "unknown key `sream`", "`stream`"},
      {"    suppress: {⟨by⟩: [a]}\n", "E0013", "`suppress` has no `for`", ""},
      {"    suppress: {for: 1h, by: ⟨a⟩}\n", "E0012", "`by` must be a list", ""},
      {"    alert: {⟨mesage⟩: x}\n", "E0011", "`mesage`", "`message`"},
      {"    alert: ⟨x⟩\n", "E0012", "`alert` must be a mapping", ""},
      {"    alert:\n      message: a {b ⟨c⟩} d\n", "E0101", "found `c`", ""},
      {"    alert:\n      message: a ⟨}⟩ d\n", "E0018", "`}` without", "`}}`"},
      {"    alert:\n      message: \"a ⟨{⟩b\"\n", "E0018", "has no `}`", "`{{`"},
      {"    alert:\n      message: \"a \\u00e4 {⟨⟩} d\"\n", "E0110", "no expression in `{}`", ""},
      {"    alert:\n      fields: { risk: ⟨if(a⟩, 40, 0), b: x }\n", "E0015", "not balanced",
       "{ risk: 'if(a, 40, 0)' }"},
      {"    alert:\n      fields: { ⟨risk⟩: , b: x }\n", "E0015", "`risk` has no expression",
       "quotes"},
      {"    alert:\n      fields: { ⟨a b⟩, c: x }\n", "E0015", "`a b` has no expression", ""},
      {"    alert:\n      fields: ⟨[⟩a]\n", "E0012", "`fields` must be a mapping", ""},
      {"    exceptions: [ { ⟨name⟩: x } ]\n", "E0013", "an exception has no `when`", ""},
      {"    exceptions: [ { name: x, when: a ⟨b⟩ } ]\n", "E0101", "found `b`", ""},
      {"    tests: [ { name: x, events: [], ⟨alets⟩: [] } ]\n", "E0011", "`alets`", "`alerts`"},
      {"    tests: [ { ⟨name⟩: x, events: [] } ]\n", "E0013", "a test has no `alerts`", ""},
      {"    tests: [ { name: x, events: [ { t: {}, after: ⟨10x⟩ } ], alerts: [] } ]\n", "E0016",
       "`after` must be a duration", ""},
      {"    tests: [ { name: x, events: [ { t: {}, at: ⟨noon⟩ } ], alerts: [] } ]\n", "E0016",
       "`at` must be a time", "2024-01-01"},
      {"    tests: [ { name: x, events: [ { t: {}, ⟨afer⟩: 10s } ], alerts: [] } ]\n", "E0019",
       "`t` and `afer`", "`after`"},
      {"    tests: [ { name: x, events: [ ⟨{ t: {}, after: 1s, at: 0 }⟩ ], alerts: [] } ]\n",
       "E0019", "neither an event", ""},
      {"    tests: [ { name: x, events: [ ⟨{ t: {}, advance: 1s }⟩ ], alerts: [] } ]\n", "E0019",
       "neither an event", ""},
      {"    tests: [ { name: x, events: [ ⟨{}⟩ ], alerts: [] } ]\n", "E0019", "neither an event",
       ""},
      {"    tests: [ { name: x, events: [ { t: ⟨3⟩ } ], alerts: [] } ]\n", "E0012",
       "the event `t` must be a mapping of its fields", ""},
      {"    tests: [ { name: x, events: [], alerts: [ { ⟨keys⟩: 1 } ] } ]\n", "E0011", "`keys`",
       "`key`"},
  };
  for (const Row& row : rows) CheckRow(row, true);
}

TEST_CASE("mistakes of patterns stand at their place in the file") {
  const auto in_r = [&](std::string_view header, std::string_view lines, std::string_view code) {
    std::string content = "rules:\n  - version: 1\n    id: r\n    pattern: " + std::string(header) +
                          "\n" + std::string(lines);
    const std::size_t begin = content.find("⟨");
    content.erase(begin, 3);
    const std::size_t end = content.find("⟩");
    content.erase(end, 3);
    const Read read = ReadText(content);
    CAPTURE(content);
    REQUIRE(read.diagnostics.size() == 1);
    Diagnostic want;
    SetPlace(content, {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)}, &want);
    CHECK(read.diagnostics[0].code == code);
    CHECK(read.diagnostics[0].line == want.line);
    CHECK(read.diagnostics[0].column == want.column);
    CHECK(read.diagnostics[0].end_column == want.end_column);
    CHECK(read.diagnostics[0].rule == "r");
    REQUIRE(read.file.rules.size() == 1);
    CHECK(read.file.rules[0].pattern->pattern == nullptr);
  };
  in_r("|", "      from s\n      a: A[x ⟨=⟩ \"\u00E4\"]\n", "E0102");
  in_r("|", "      from s\n      a: A[y == \"\u00E4\u6F22\" and x ⟨=⟩ 3]\n", "E0102");
  in_r("|", "\n      from s\n\n      # c\n      a: A ⟨b⟩\n", "E0101");
  in_r("|-", "      from s\n      a: A[x == 1⟨⟩\n", "E0101");
  in_r("|", "      from s\n      a: A[x == 1⟨⟩  # c\n\n", "E0101");
  in_r("|+", "      from s\n        a: A ⟨b⟩\n\n", "E0101");
  in_r("|2", "        from s\n      a: A ⟨b⟩\n", "E0101");
  in_r(">", "      from s\n      a: A\n\n\n      then ⟨=⟩\n", "E0102");
  in_r(">-", "      from s\n        a: A[x\n       ⟨=⟩ 3]\n", "E0102");
  in_r("| # comment", "      from s\n      a: A ⟨b⟩\n", "E0101");
  in_r("|\r", "      from s\r\n      a: A ⟨b⟩\r\n", "E0101");
}

TEST_CASE("a pattern must be a block scalar") {
  for (const std::string_view pattern :
       {"from s A", "'from s A'", "\"from s A\"", "[from]", "{from: s}", ""}) {
    CAPTURE(pattern);
    const Read read =
        ReadText("rules:\n  - id: r\n    version: 1\n    pattern: " + std::string(pattern) + "\n");
    REQUIRE(read.diagnostics.size() == 1);
    CHECK(read.diagnostics[0].code == "E0014");
    CHECK(read.diagnostics[0].line == 4);
    CHECK(read.diagnostics[0].suggestion.find("`pattern: |`") != std::string::npos);
    CHECK(!read.file.rules.at(0).pattern.has_value());
  }
}

TEST_CASE("every mistake of a file comes in one run, in order of place") {
  const Read read = ReadText(R"yaml(list: {}
macros:
  a: b &&
rules:
  - id: one
    versoin: 1
    pattern: |
      from s A[
    severity: [x]
  - version: x
    pattern: from
    alert: { fields: { a: f(b, c) } }
    suppress: { for: soon }
)yaml");
  std::string codes;
  int last_line = 0;
  for (const Diagnostic& diagnostic : read.diagnostics) {
    codes += diagnostic.code + " ";
    CHECK(diagnostic.line >= last_line);
    last_line = diagnostic.line;
  }
  CHECK(codes == "E0011 E0102 E0011 E0101 E0012 E0013 E0016 E0014 E0015 E0016 ");
  CHECK(read.file.rules.size() == 2);
}

TEST_CASE("a file with too many mistakes says so") {
  std::string content = "macros:\n";
  for (int i = 0; i < 1500; ++i) content += "  m" + std::to_string(i) + ": a b\n";
  const Read read = ReadText(content);
  REQUIRE(read.diagnostics.size() == kDiagnosticsPerFileMax + 1);
  CHECK(read.diagnostics[0].code == "E0022");
  CHECK(read.diagnostics[0].line == 0);
  CHECK(read.diagnostics[1].line == 2);
}

TEST_CASE("one-edit typos of keys are put right in nine of ten cases") {
  const std::string_view keys[] = {
      "version",    "title",    "description", "author",    "references",  "false_positives",
      "runbook",    "severity", "score",       "tags",      "mode",        "learn",
      "alert",      "suppress", "on_timeout",  "unbounded", "repartition", "emit",
      "exceptions", "tests"};
  int right = 0;
  int all = 0;
  const auto count = [&](std::string_view key, const std::string& typo) {
    if (std::find(std::begin(keys), std::end(keys), typo) != std::end(keys)) return;
    const Read read = ReadText(InRule("    " + typo + ": 1\n"));
    ++all;
    for (const Diagnostic& diagnostic : read.diagnostics) {
      right += diagnostic.suggestion == "did you mean `" + std::string(key) + "`?" ? 1 : 0;
    }
  };
  for (const std::string_view key : keys) {
    for (std::size_t i = 0; i < key.size(); ++i) {
      std::string typo(key);
      typo.erase(i, 1);
      count(key, typo);
      typo = key;
      typo[i] = 'x';
      count(key, typo);
      typo = key;
      typo.insert(i, 1, 'q');
      count(key, typo);
      typo = key;
      if (i > 0) std::swap(typo[i - 1], typo[i]);
      if (typo != key) count(key, typo);
    }
  }
  CHECK(all > 400);
  CHECK(right * 10 >= all * 9);
}

}  // namespace
}  // namespace shrike::rules
