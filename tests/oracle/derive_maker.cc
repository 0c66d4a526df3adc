#include "tests/oracle/derive_maker.h"

namespace shrike::oracle {
namespace {

using Strings = std::vector<std::string>;

}  // namespace

std::vector<DeriveText> DeriveMaker::Make(const Strings& streams, bool key) {
  // Of fields that all streams have.
  static const Strings kKeys = {"v % 3", "v % 2", "u ?? 1", "if(v > 4, 1, u)"};
  static const Strings kInts = {"v % 3",    "v + u",  "v ?? 7",     "lookup(caps, v).cap",
                                "floor(d)", "-v * u", "abs(v - 5)", "if(d > 5, v, 2)"};
  static const Strings kNumbers = {"d + w", "(d ?? 1.25) * w", "if(w > 2, d, 0.5)",
                                   "w / 2", "w - v",           "greatest(w, d)"};
  static const Strings kTexts = {"concat(n, k2)", "upper(n)", "if(f, n, k2)",
                                 "lookup(caps, w).tag ?? n"};
  Strings names = {"w"};
  Strings values = {random_->Pick(key ? kKeys : kInts)};
  used_->insert("derive");
  numbers_ = names;
  if (random_->Chance(60)) {
    used_->insert("derive of a derived field");
    names.emplace_back("w2");
    values.push_back(random_->Pick(kNumbers));
    numbers_.emplace_back("w2");
  }
  has_text_ = streams.size() == 1 && random_->Chance(60);
  if (has_text_) {
    names.emplace_back("w3");
    values.push_back(random_->Pick(kTexts));
  }
  std::vector<DeriveText> derives;
  for (const std::string& stream : streams) {
    for (std::size_t i = 0; i < names.size(); ++i)
      derives.push_back({.stream = stream, .name = names[i], .expression = values[i]});
  }
  return derives;
}

std::string DeriveMaker::Condition() {
  used_->insert("condition of a derived field");
  static const Strings kTexts = {"w3 == \"p\"", "w3 != n", "w3 like \"*P*\"", "length(w3) > 1",
                                 "w3 in [\"pp\", \"q\", \"X\"]"};
  return has_text_ && random_->Chance(30) ? random_->Pick(kTexts) : NumberCondition();
}

std::string DeriveMaker::NumberCondition() {
  static const Strings kComparisons = {" < ", " <= ", " > ", " >= ", " != ", " == "};
  static const Strings kOthers = {"0", "1", "2", "3", "4", "v", "d", "u"};
  return random_->Pick(numbers_) + random_->Pick(kComparisons) + random_->Pick(kOthers);
}

std::vector<std::string> AllDeriveConstructs() {
  return {"derive", "derive of a derived field", "condition of a derived field",
          "window of a derived field", "derived key"};
}

}  // namespace shrike::oracle
