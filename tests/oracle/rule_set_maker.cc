#include "tests/oracle/rule_set_maker.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "tests/oracle/derive_maker.h"
#include "tests/oracle/random_choice.h"
#include "tests/oracle/window_maker.h"

namespace shrike::oracle {
namespace {

using Kind = ElementText::Kind;
using Strings = std::vector<std::string>;

const Strings kLengths = {"5ms", "10ms", "20ms", "40ms", "60ms"};
const Strings kEmitted = {"made", "more"};  // the derived streams, in the order of a chain

class RuleSetMaker {
 public:
  explicit RuleSetMaker(std::uint64_t seed) : random_(seed) {}

  std::vector<PatternText> Make() {
    static const Strings kKeys = {"k", "k", "k", "(k, k2)", "u"};
    keys_ = random_.Pick(kKeys);
    // Each rule but the first takes what the one before it emits.
    const int emitting = random_.Chance(30) ? 0 : random_.Chance(35) ? 1 : 2;
    if (emitting == 2) used_.insert("emit chain");
    std::vector<PatternText> rules(1);
    if (random_.Chance(25)) {
      const Strings streams = emitting == 0 ? Strings{"s"} : Strings{"s", "made", "more"};
      rules[0].derives = derived_.Make(streams, false);
      windows_.SetDerived(derived_.numbers());
    }
    if (random_.Chance(45))
      MakeFeature(&rules[0], emitting == 0 ? "" : kEmitted[static_cast<std::size_t>(emitting - 1)]);
    const int count = std::max(emitting + 1, random_.Between(2, 3));
    rules.resize(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      const bool consumes = i > 0 && i <= emitting;
      MakeRule(&rules[static_cast<std::size_t>(i)],
               consumes ? kEmitted[static_cast<std::size_t>(i - 1)] : "", i < emitting);
    }
    for (int i = 0; i < emitting; ++i)
      MakeEmit(&rules[static_cast<std::size_t>(i)], kEmitted[static_cast<std::size_t>(i)]);
    for (PatternText& rule : rules) rule.constructs = used_;
    return rules;
  }

 private:
  // A feature that any rule may read. made: the derived stream that it may see too, or empty.
  void MakeFeature(PatternText* rule, const std::string& made) {
    used_.insert("feature");
    FeatureText feature{.name = "ft", .from = "s by " + keys_, .value = ""};
    if (made.empty() || random_.Chance(30)) {
      feature.value = windows_.Number({.two_streams = false, .typed = true});
    } else {
      static const Strings kValues = {
          "count(event over 40ms)", "count(event over 60ms excluding current)",
          "sum(event.v over 40ms excluding current)", "max(event.d over tumbling 20ms)",
          "distinct(event.v over last 3 events excluding current)"};
      feature.from = made + " by " + keys_ + ", " + feature.from;
      feature.value = random_.Pick(kValues);
      feature_of_ = made;
    }
    rule->features.push_back(std::move(feature));
    has_feature_ = true;
  }

  // consumed: the derived stream that the rule takes, or empty.
  void MakeSources(PatternText* rule, const std::string& consumed, bool emits) {
    rule->from = "s by " + keys_;
    reads_feature_ = has_feature_ && (feature_of_.empty() || !emits);  // no cycle
    both_ = !consumed.empty();
    only_.clear();
    if (consumed.empty()) return;
    const std::string made = consumed + " by " + keys_;
    if (keys_ == "k" && !emits && random_.Chance(55)) {
      // Events of s come to the key of the other rules by k and to this one's by u. The feature's key is this rule's if
      // their first common stream says so.
      used_.insert("two keys of a stream");
      rule->from = made + ", s by u";
      if (has_feature_ && feature_of_ == consumed) used_.insert("feature by another key");
      reads_feature_ = reads_feature_ && feature_of_ == consumed;
    } else if (random_.Chance(50)) {
      rule->from = made;
      only_ = consumed;
    } else {
      rule->from += ", " + made;
    }
  }

  void MakeRule(PatternText* made, const std::string& consumed, bool emits) {
    PatternText& rule = *made;
    MakeSources(&rule, consumed, emits);
    const int shape = random_.Below(6);
    rule.elements.push_back(Step("a", consumed));
    if (shape >= 2) rule.elements.push_back(Step("b", ""));
    if (shape >= 2) rule.within = random_.Pick(kLengths);
    if (shape == 4) Negate(&rule.elements[1]);
    if (shape == 5) rule.elements[1].quantifier = Twice();
    rule.timeout_alerts = random_.Chance(50);
    rule.skip = random_.Chance(60) ? "none" : "";
    rule.fields = {"v", random_.Chance(50) ? "u" : "d"};
    if (reads_feature_) rule.fields.emplace_back("ft");
    if (derived_.any()) rule.fields.push_back(random_.Pick(derived_.numbers()));
    if (random_.Chance(40)) {
      used_.insert("risk");
      rule.fields.emplace_back("round(risk(key), 3)");
    }
    MakeOutput(&rule, !consumed.empty(), emits);
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
    step.type = !type.empty() ? type : !only_.empty() ? only_ : random_.Pick(kTypes);
    if (random_.Chance(type.empty() ? 50 : 30)) step.condition = Condition();
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
    if (reads_feature_ && random_.Chance(40)) return random_.Chance(50) ? "ft > 2" : "ft < d";
    if (derived_.any() && random_.Chance(40)) return derived_.NumberCondition();
    if (random_.Chance(30)) return windows_.Condition({.two_streams = both_, .typed = false});
    static const Strings kTests = {"v > 2", "v < 7", "u == 1", "d > 3.25", "v in [1, 2, 3, 5, 8]"};
    return random_.Pick(kTests);
  }

  // What becomes of the rule's matches. Those of a rule that emits are mostly not withheld. Where the order of keys is
  // free, that of emitted events, no suppression window holds several.
  void MakeOutput(PatternText* rule, bool consumes, bool emits) {
    if (random_.Chance(50)) {
      used_.insert("suppress");
      static const Strings kBy = {"", ", by: [f0]", ", by: [f1]", ", by: [f0, f1]"};
      std::string by = random_.Pick(kBy);
      if (!by.empty()) used_.insert("suppress by field");
      if (!by.empty() && (consumes || random_.Chance(70)))
        by.insert(by.find('[') + 1, KeyNames() + ", ");
      rule->more += "    suppress: { for: " + random_.Pick(kLengths) + by + " }\n";
    }
    if (random_.Chance(emits ? 8 : 20)) {
      used_.insert("learn");
      rule->more += "    learn: " + random_.Pick(kLengths) + "\n";
    }
    if (random_.Chance(70)) {
      used_.insert("score");
      rule->more += "    score: " + std::to_string(random_.Between(1, 100)) + "\n";
    }
    if (random_.Chance(emits ? 5 : 15)) {
      used_.insert("shadow");
      rule->more += "    mode: shadow\n";
    }
  }

  std::string KeyNames() const { return keys_ == "(k, k2)" ? "k, k2" : keys_; }

  // Gives the rule the fields of the derived stream.
  void MakeEmit(PatternText* rule, const std::string& stream) {
    used_.insert("emit");
    std::string every;
    if (random_.Chance(40)) {
      used_.insert("emit every");
      every = ", every: " + random_.Pick(kLengths);
    }
    rule->more += "    emit: { stream: " + stream + every + " }\n";
    rule->named_fields = {{"k", "k"}, {"k2", "k2"}, {"u", "u"}, {"v", "v"}, {"d", "d"}};
  }

  Random random_;
  std::set<std::string> used_;
  WindowMaker windows_{&random_, &used_};
  DeriveMaker derived_{&random_, &used_};
  std::string keys_;
  bool has_feature_ = false;
  std::string feature_of_;      // the derived stream that it sees, or empty
  bool reads_feature_ = false;  // the rule may
  bool both_ = false;
  std::string only_;  // the one type of the rule's streams, or empty
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
  return {"risk",
          "score",
          "suppress",
          "suppress by field",
          "learn",
          "shadow",
          "emit",
          "emit every",
          "emit chain",
          "feature",
          "two keys of a stream",
          "feature by another key",
          "derive"};
}

}  // namespace shrike::oracle
