#include "alerts/alert_id.h"

#include <doctest/doctest.h>

#include <functional>
#include <set>
#include <string>

#include "base/hash.h"
#include "tests/alerts/alert_fixture.h"

namespace shrike::alerts {
namespace {

using nfa::OutcomeKind;
using nfa::Outcomes;

struct Input {
  nfa::RuleSpec rule = testing::MakeRule();
  Outcomes outcomes;
  std::vector<std::string> topics = {"payments"};
  std::vector<std::string> streams = {"card_payments"};

  Input() {
    testing::AppendOutcome(OutcomeKind::kMatch, {{0, 1000, 5, {}}, {3, 2000, 6, {}}}, &outcomes);
  }
  std::string Id() const {
    std::string id;
    AlertIdHasher().Append({rule, outcomes, topics, streams}, outcomes.items.back(), &id);
    return id;
  }
};

std::string Part(const std::string& bytes) {
  return std::string({static_cast<char>(bytes.size()), 0, 0, 0}) + bytes;
}

std::string Number(std::int64_t number, int size) {
  std::string bytes;
  for (int index = 0; index < size; ++index) {
    bytes.push_back(static_cast<char>(number >> (8 * index)));
  }
  return Part(bytes);
}

TEST_CASE("the id is the first half of SHA-256 over the parts of the header") {
  const Input input;
  // Keys: nfa/key.h. A string's tag is 5, then its length; an int's is 2.
  std::string key;
  key += std::string("\x05\x02\x00\x00\x00\x00\x00\x00\x00", 9) + "c1";
  key += std::string("\x02\x07\x00\x00\x00\x00\x00\x00\x00", 9);
  std::string bytes =
      Part("card-testing") + Number(3, 8) + Part(key) + Number(0, 1) + Number(2000, 8);
  bytes += Number(0, 4) + Part("payments") + Number(0, 4) + Number(5, 8);
  bytes += Number(3, 4) + Part("payments") + Number(0, 4) + Number(6, 8);
  bytes += Number(0, 4);
  CHECK(input.Id() == HexPrefix(Sha256(bytes), 16));
}

TEST_CASE("every part changes the id, nothing else does") {
  const std::pair<const char*, std::function<void(Input*)>> kChanges[] = {
      {"rule id", [](Input* input) { input->rule.id = "other"; }},
      {"version", [](Input* input) { input->rule.version = 4; }},
      {"key", [](Input* input) { testing::SetKey({Value::String("c2")}, &input->outcomes); }},
      {"kind", [](Input* input) { input->outcomes.items[0].kind = OutcomeKind::kTimeout; }},
      {"time", [](Input* input) { input->outcomes.items[0].time = 1; }},
      {"step", [](Input* input) { input->outcomes.events[0].step = 1; }},
      {"topic", [](Input* input) { input->topics[0] = "p"; }},
      {"partition", [](Input* input) { input->outcomes.events[1].position.partition = 1; }},
      {"offset", [](Input* input) { input->outcomes.events[1].position.offset = 7; }},
      {"fewer events", [](Input* input) { input->outcomes.items[0].events_count = 1; }},
      {"ordinal", [](Input* input) { input->outcomes.items[0].ordinal = 1; }},
  };
  std::set<std::string> ids = {Input().Id()};
  for (const auto& [name, change] : kChanges) {
    CAPTURE(name);
    Input input;
    change(&input);
    CHECK(input.Id().size() == kAlertIdDigits);
    CHECK(ids.insert(input.Id()).second);
  }
  Input same;
  same.rule.alert.title = "other";
  same.outcomes.events[0].ts = 1;
  same.outcomes.items[0].by_deadline = true;
  CHECK(same.Id() == Input().Id());
}

}  // namespace
}  // namespace shrike::alerts
