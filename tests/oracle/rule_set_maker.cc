#include "tests/oracle/rule_set_maker.h"

#include <set>
#include <utility>

#include "tests/oracle/random_choice.h"
#include "tests/oracle/window_maker.h"

namespace shrike::oracle {
namespace {

using Kind = ElementText::Kind;
using Strings = std::vector<std::string>;

const Strings kLengths = {"5ms", "10ms", "20ms", "40ms", "60ms"};

class RuleSetMaker {
 public:
  explicit RuleSetMaker(std::uint64_t seed) : random_(seed) {}

  std::vector<PatternText> Make() {
    static const Strings kKeys = {"k", "k", "(k, k2)", "u"};
    keys_ = random_.Pick(kKeys);
    const bool emits = random_.Chance(55);
    std::vector<PatternText> rules;
    const int count = random_.Between(2, 3);
    for (int i = 0; i < count; ++i) rules.push_back(MakeRule(emits && i == 1));
    if (emits) MakeEmit(&rules[0]);
    for (PatternText& rule : rules) rule.constructs = used_;
    return rules;
  }

 private:
  PatternText MakeRule(bool consumes) {
    PatternText rule;
    rule.from = "s by " + keys_;
    if (consumes)
      rule.from = random_.Chance(50) ? "made by " + keys_ : rule.from + ", made by " + keys_;
    both_ = consumes;
    only_made_ = rule.from.starts_with("made");
    const int shape = random_.Below(6);
    rule.elements.push_back(Step("a", consumes ? "made" : ""));
    if (shape >= 2) rule.elements.push_back(Step("b", ""));
    if (shape >= 2) rule.within = random_.Pick(kLengths);
    if (shape == 4) Negate(&rule.elements[1]);
    if (shape == 5) rule.elements[1].quantifier = Twice();
    rule.timeout_alerts = random_.Chance(50);
    rule.skip = random_.Chance(60) ? "none" : "";
    rule.fields = {"v", random_.Chance(50) ? "u" : "d"};
    if (random_.Chance(40)) {
      used_.insert("risk");
      rule.fields.emplace_back("round(risk(key), 3)");
    }
    MakeOutput(&rule);
    return rule;
  }

  static QuantifierText Twice() {
    QuantifierText quantifier;
    quantifier.count = "{2}";
    return quantifier;
  }

  static void Negate(ElementText* element) {
    element->kind = Kind::kNot;
    element->steps[0].name.clear();
  }

  ElementText Step(const std::string& name, const std::string& type) {
    ElementText element;
    element.link = random_.Chance(75) ? "then" : "then every";
    StepText step;
    step.name = name;
    static const Strings kTypes = {"A", "A", "B", "event", "event"};
    step.type = !type.empty() ? type : only_made_ ? "made" : random_.Pick(kTypes);
    if (random_.Chance(50)) step.condition = Condition();
    element.steps.push_back(std::move(step));
    return element;
  }

  std::string Condition() {
    if (random_.Chance(35)) {
      used_.insert("risk");
      static const Strings kLimits = {"10.3", "40.3", "70.3", "130.3"};
      return std::string("risk(key)") + (random_.Chance(60) ? " > " : " < ") +
             random_.Pick(kLimits);
    }
    if (random_.Chance(30)) return windows_.Condition({.two_streams = both_, .typed = false});
    static const Strings kTests = {"v > 2", "v < 7", "u == 1", "d > 3.25", "v in [1, 2, 3, 5, 8]"};
    return random_.Pick(kTests);
  }

  // What becomes of the rule's matches.
  void MakeOutput(PatternText* rule) {
    if (random_.Chance(50)) {
      used_.insert("suppress");
      static const Strings kBy = {"", ", by: [f0]", ", by: [f1]", ", by: [f0, f1]"};
      std::string by = random_.Pick(kBy);
      if (!by.empty()) used_.insert("suppress by field");
      if (!by.empty() && random_.Chance(70)) by.insert(by.find('[') + 1, KeyNames() + ", ");
      rule->more += "    suppress: { for: " + random_.Pick(kLengths) + by + " }\n";
    }
    if (random_.Chance(20)) {
      used_.insert("learn");
      rule->more += "    learn: " + random_.Pick(kLengths) + "\n";
    }
    if (random_.Chance(70)) {
      used_.insert("score");
      rule->more += "    score: " + std::to_string(random_.Between(1, 100)) + "\n";
    }
    if (random_.Chance(10)) {
      used_.insert("shadow");
      rule->more += "    mode: shadow\n";
    }
  }

  std::string KeyNames() const { return keys_ == "(k, k2)" ? "k, k2" : keys_; }

  // Gives the rule the fields of the stream `made`.
  void MakeEmit(PatternText* rule) {
    used_.insert("emit");
    std::string every;
    if (random_.Chance(40)) {
      used_.insert("emit every");
      every = ", every: " + random_.Pick(kLengths);
    }
    rule->more += "    emit: { stream: made" + every + " }\n";
    rule->named_fields = {{"k", "k"}, {"k2", "k2"}, {"u", "u"}, {"v", "v"}, {"d", "d"}};
  }

  Random random_;
  std::set<std::string> used_;
  WindowMaker windows_{&random_, &used_};
  std::string keys_;
  bool both_ = false;
  bool only_made_ = false;
};

}  // namespace

Pair MakeRuleSet(std::uint64_t seed) {
  std::vector<PatternText> rules = RuleSetMaker(seed).Make();
  Random random(seed ^ 0x5bf0363546290fU);
  Pair pair;
  pair.pattern = std::move(rules[0]);
  pair.others.assign(rules.begin() + 1, rules.end());
  pair.events = MakeEvents(&random, false);
  pair.at_end = pair.events.back().ts + random.Pick(std::vector<int>{0, 25, 500, 500});
  return pair;
}

std::vector<std::string> AllRuleSetConstructs() {
  return {"risk",  "score",  "suppress", "suppress by field",
          "learn", "shadow", "emit",     "emit every"};
}

}  // namespace shrike::oracle
