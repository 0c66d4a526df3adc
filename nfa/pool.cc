// Tested by: tests/nfa/code_test.cc.
#include "nfa/pool.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "base/check.h"
#include "nfa/operators.h"

namespace shrike::nfa {
namespace {

std::size_t CodePointSize(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

// The RE2 text of a whole-value glob.
std::string GlobRegex(std::string_view glob) {
  std::string out = "(?is)\\A";
  for (std::size_t i = 0; i < glob.size(); ++i) {
    if (glob[i] == '*') {
      out += ".*";
    } else if (glob[i] == '?') {
      out += '.';
    } else {
      if (glob[i] == '\\' && i + 1 < glob.size()) ++i;
      out += re2::RE2::QuoteMeta(re2::StringPiece(glob.data() + i, 1));
    }
  }
  return out + "\\z";
}

}  // namespace

namespace {

// Takes one element of the pattern and what it stands for from the text, if they go together.
bool TakeOne(std::string_view pattern, std::size_t* p, std::string_view text, std::size_t* t) {
  if (*p >= pattern.size()) return false;
  if (pattern[*p] == '?') {
    ++*p;
    *t += CodePointSize(static_cast<unsigned char>(text[*t]));
    return true;
  }
  const std::size_t literal = pattern[*p] == '\\' && *p + 1 < pattern.size() ? *p + 1 : *p;
  if (pattern[literal] != text[*t]) return false;
  *p = literal + 1;
  ++*t;
  return true;
}

}  // namespace

bool LikeMatches(std::string_view pattern, std::string_view text) {
  // The classic two-pointer walk: on a mismatch go back to the last `*` and let it take one code point more.
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
      continue;
    }
    if (TakeOne(pattern, &p, text, &t)) continue;
    if (star == std::string_view::npos) return false;
    p = star + 1;
    star_text += CodePointSize(static_cast<unsigned char>(text[star_text]));
    t = star_text;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool CidrSet::Contains(const IpBytes& ip) const {
  return std::any_of(networks.begin(), networks.end(), [&](const Network& network) {
    const auto whole = static_cast<std::size_t>(network.bits / 8);
    if (!std::equal(ip.begin(), ip.begin() + static_cast<std::ptrdiff_t>(whole),
                    network.address.begin())) {
      return false;
    }
    const int rest = network.bits % 8;
    return rest == 0 || (ip[whole] >> (8 - rest)) == (network.address[whole] >> (8 - rest));
  });
}

std::optional<CidrSet::Network> ParseNetwork(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::optional<IpBytes> address = ParseIp(text.substr(0, slash));
  if (!address) return std::nullopt;
  const bool v4 = text.substr(0, slash).find(':') == std::string_view::npos;
  int bits = v4 ? 32 : 128;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    int given = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), given);
    if (error != std::errc() || end != digits.data() + digits.size() || given < 0 || given > bits) {
      return std::nullopt;
    }
    bits = given;
  }
  return CidrSet::Network{*address, v4 ? bits + 96 : bits};
}

struct TextPatterns::Impl {
  std::vector<std::string> globs;                  // kLike
  std::vector<std::unique_ptr<re2::RE2>> regexes;  // kILike, kMatches
  std::unique_ptr<re2::RE2::Set> all;              // of several regexes: one pass over the text
};

TextPatterns::TextPatterns(Op op, std::vector<std::string> patterns)
    : impl_(std::make_unique<Impl>()) {
  if (op == Op::kLike) {
    impl_->globs = std::move(patterns);
    return;
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  for (const std::string& pattern : patterns) {
    impl_->regexes.push_back(
        std::make_unique<re2::RE2>(op == Op::kILike ? GlobRegex(pattern) : pattern, options));
    SHRIKE_CHECK(impl_->regexes.back()->ok());  // the checker has tried it
  }
  if (impl_->regexes.size() < 2) return;
  auto all = std::make_unique<re2::RE2::Set>(options, re2::RE2::UNANCHORED);
  for (const auto& regex : impl_->regexes) SHRIKE_CHECK(all->Add(regex->pattern(), nullptr) >= 0);
  // A set that is too large for RE2 is asked one by one.
  if (all->Compile()) impl_->all = std::move(all);
}
TextPatterns::~TextPatterns() = default;
TextPatterns::TextPatterns(TextPatterns&&) noexcept = default;

std::vector<std::string> TextPatterns::regexes() const {
  std::vector<std::string> texts;
  for (const auto& regex : impl_->regexes) texts.push_back(regex->pattern());
  return texts;
}

bool TextPatterns::Matches(std::string_view text) const {
  const re2::StringPiece piece(text.data(), text.size());
  if (impl_->all != nullptr) {
    re2::RE2::Set::ErrorInfo error{};
    const bool matches = impl_->all->Match(piece, nullptr, &error);
    if (error.kind == re2::RE2::Set::kNoError) return matches;
    // Its automaton has outgrown its memory on this text: one by one.
  }
  return std::any_of(impl_->globs.begin(), impl_->globs.end(),
                     [&](const std::string& glob) { return LikeMatches(glob, text); }) ||
         std::any_of(impl_->regexes.begin(), impl_->regexes.end(),
                     [&](const auto& regex) { return re2::RE2::PartialMatch(piece, *regex); });
}

Value ScalarValue(const Constant& constant) {
  switch (constant.kind) {
    case Kind::kNull:
      return Value::Null();
    case Kind::kBool:
      return Value::Bool(constant.boolean);
    case Kind::kInt:
      return Value::Int(constant.integer);
    case Kind::kFloat:
      return Value::Float(constant.number);
    case Kind::kDecimal:
      return Value::Dec(constant.decimal);
    case Kind::kTimestamp:
      return Value::Timestamp(constant.integer);
    case Kind::kDuration:
      return Value::Duration(constant.integer);
    case Kind::kIp:
      return Value::Ip(constant.ip);
    case Kind::kString:
      return Value::String(constant.text);
    case Kind::kList:
      break;
  }
  SHRIKE_CHECK(false);
}

Value Pool::Own(const Constant& constant) {
  if (constant.kind != Kind::kList) return store_.Own(ScalarValue(constant));
  std::vector<Value> items;
  items.reserve(constant.items.size());
  for (const Constant& item : constant.items) items.push_back(ScalarValue(item));
  return store_.Own(Value::List(items.data(), items.size()));
}

int Pool::AddConstant(const Constant& constant) {
  constants_.push_back(Own(constant));
  return static_cast<int>(constants_.size()) - 1;
}

int Pool::AddSet(const Constant& list) {
  ValueSet set;
  for (const Constant& item : list.items) {
    if (item.kind == Kind::kNull) {
      set.has_null = true;
    } else {
      set.sorted.push_back(Own(item));
    }
  }
  std::sort(set.sorted.begin(), set.sorted.end(),
            [](const Value& a, const Value& b) { return Order(a, b).value_or(0) < 0; });
  sets_.push_back(std::move(set));
  return static_cast<int>(sets_.size()) - 1;
}

int Pool::AddCidrs(const std::vector<std::string>& networks) {
  CidrSet set;
  for (const std::string& text : networks) {
    const std::optional<CidrSet::Network> network = ParseNetwork(text);
    if (network) set.networks.push_back(*network);
  }
  cidrs_.push_back(std::move(set));
  return static_cast<int>(cidrs_.size()) - 1;
}

int Pool::AddPatterns(Op op, std::vector<std::string> patterns, int column) {
  patterns_.push_back({TextPatterns(op, std::move(patterns)), column, -1});
  return static_cast<int>(patterns_.size()) - 1;
}

void Pool::CompilePatternSets() {
  std::map<int, std::vector<int>> by_column;
  for (std::size_t i = 0; i < patterns_.size(); ++i) {
    if (patterns_[i].column >= 0) by_column[patterns_[i].column].push_back(static_cast<int>(i));
  }
  for (const auto& [column, members] : by_column) {
    PatternSet set;
    for (const int member : members) {
      for (const std::string& regex : patterns(member).regexes()) set.Add(regex, member);
    }
    if (set.size() < 2 || !set.Compile()) continue;
    for (const int member : members)
      patterns_[static_cast<std::size_t>(member)].set = static_cast<int>(pattern_sets_.size());
    pattern_sets_.push_back(std::move(set));
  }
}

}  // namespace shrike::nfa
