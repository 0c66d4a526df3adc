#include "rules/checker.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/suggest.h"
#include "rules/derived_fields.h"
#include "rules/emit_streams.h"
#include "rules/expression_checker.h"
#include "rules/list_file.h"
#include "rules/literals.h"
#include "rules/report.h"
#include "rules/rule_checker.h"
#include "rules/set_scope.h"

namespace shrike::rules {
namespace {

// small letters and digits, words joined by single `-`
bool IsKebabCase(std::string_view text) {
  bool word = false;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!letter && (c != '-' || !word)) return false;
    word = letter;
  }
  return word;
}

std::string KebabCase(std::string_view text) {
  std::string kebab;
  for (const char c : text) {
    const bool letter = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (letter) {
      kebab += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (!kebab.empty() && kebab.back() != '-') {
      kebab += '-';
    }
  }
  while (kebab.ends_with('-')) kebab.pop_back();
  return kebab;
}

// Which bytes of a file stand on lines where reading it found an error.
class ReadErrors {
 public:
  ReadErrors(const RuleFile& file, const std::vector<Diagnostic>& diagnostics) {
    std::vector<std::uint32_t> line_begins;  // only made if there is an error
    for (const Diagnostic& diagnostic : diagnostics) {
      const bool error = diagnostic.severity == DiagnosticSeverity::kError;
      if (!error || diagnostic.file != file.path || diagnostic.line < 1) continue;
      if (line_begins.empty()) line_begins = LineBegins(file.content);
      const auto line = static_cast<std::size_t>(diagnostic.line);
      if (line < line_begins.size()) lines_.push_back({line_begins[line - 1], line_begins[line]});
    }
    std::sort(lines_.begin(), lines_.end(),
              [](FileSpan a, FileSpan b) { return a.begin < b.begin; });
  }

  // Cost: O(log errors).
  bool In(FileSpan span) const {
    const auto after = std::upper_bound(
        lines_.begin(), lines_.end(), span.begin,
        [](std::uint32_t begin, const FileSpan& line) { return begin < line.end; });
    return after != lines_.end() && after->begin < span.end;
  }

 private:
  static std::vector<std::uint32_t> LineBegins(std::string_view content) {
    std::vector<std::uint32_t> begins{0};
    for (std::size_t i = 0; i < content.size(); ++i) {
      if (content[i] == '\n') begins.push_back(static_cast<std::uint32_t>(i + 1));
    }
    begins.push_back(static_cast<std::uint32_t>(content.size() + 1));
    return begins;
  }

  std::vector<FileSpan> lines_;  // ascending
};

class SetChecker {
 public:
  explicit SetChecker(const CheckInputs& inputs)
      : inputs_(inputs),
        files_(inputs.files),
        reporter_(inputs.files),
        set_({inputs.files, inputs.catalog, inputs.limits, &result_.spec, &reporter_}),
        derived_(inputs.config, &set_, &reporter_) {
    result_.spec.tables = inputs.tables;
    result_.spec.risk_half_life = inputs.risk_half_life;
  }

  CheckedRuleSet Run(std::vector<Diagnostic>* diagnostics) {
    for (const RuleFile* file : files_) {
      for (const RuleNode& rule : file->rules) CheckIdentity(*file, rule);
    }
    for (const RuleFile* file : files_) {
      for (const OverrideNode& node : file->overrides) CheckOverride(*file, node);
    }
    derived_.Declare();
    for (const RuleFile* file : files_) {
      CheckLists(*file, file->lists);
      for (const OverrideNode& node : file->overrides) CheckLists(*file, node.lists);
    }
    for (const RuleFile* file : files_) {
      CheckFeatures(*file);
      const ReadErrors read_errors(*file, *diagnostics);
      for (const RuleNode& rule : file->rules) AddRule(*file, rule, read_errors);
    }
    SortById();
    DropEmitCycles();
    KeepUsedWindows(&result_.spec);
    derived_.Fill(&result_.spec.derives);
    FillEmitFields(set_, &result_.spec);
    reporter_.Flush(diagnostics);
    return std::move(result_);
  }

 private:
  struct Override {
    const RuleFile* file;
    const OverrideNode* node;
  };

  void CheckIdentity(const RuleFile& file, const RuleNode& rule) {
    if (!rule.id) return;
    const std::string& id = rule.id->text;
    reporter_.set_rule(id);
    if (!IsKebabCase(id)) {
      const std::string kebab = KebabCase(id);
      reporter_.Report(
          "E0507", {&file, rule.id->span}, "the id " + Quoted(id) + " is not in kebab-case",
          kebab.empty() ? "small letters and digits, joined by `-`" : "write " + Quoted(kebab));
    }
    const auto [first, added] = rules_.emplace(id, Place{&file, rule.id->span});
    if (!added) {
      reporter_.Report(
          "E0512", {&file, rule.id->span},
          "two rules have the id " + Quoted(id) + ": the first is at " + PlaceText(first->second));
    }
    reporter_.set_rule("");
  }

  void AddRule(const RuleFile& file, const RuleNode& rule, const ReadErrors& read_errors) {
    if (!rule.id) return;  // The reader has reported what is missing.
    const int errors = reporter_.error_count();
    std::optional<nfa::RuleSpec> spec = CheckRule(Inputs(file, rule));
    const Place& first = rules_.at(rule.id->text);
    const bool own = first.file == &file && first.span.begin == rule.id->span.begin;
    if (!spec || !own || reporter_.error_count() != errors) return;
    if (!rule.version || !IsKebabCase(spec->id) || read_errors.In(rule.span)) return;
    result_.spec.rules.push_back(std::move(*spec));
    result_.origin.push_back({&file, &rule});
  }

  // Networks are read where they stand, files when they are named, whether a rule uses the list or not.
  void CheckLists(const RuleFile& file, const std::vector<ListNode>& lists) {
    for (const ListNode& list : lists) {
      if (list.form == ListNode::Form::kFile) LoadList(file, list);
      if (list.form != ListNode::Form::kCidr) continue;
      for (const TextNode& item : list.items) {
        if (NormalCidr(item.text)) continue;
        reporter_.Report("E0312", {&file, item.span}, "no network: " + Quoted(item.text),
                         "write address/length: 10.0.0.0/8");
      }
    }
  }

  void LoadList(const RuleFile& file, const ListNode& list) {
    const Place place{&file, list.file->span};
    Result<SourceFile> read = inputs_.read_list
                                  ? inputs_.read_list(file.path, list.file->text, kListBytesMax)
                                  : Fail(ErrorCode::kIo, "there are no files here");
    if (!read) {
      reporter_.Report("E0520", place, read.error().message,
                       "the path is relative to the file that names it");
      return;
    }
    auto loaded = std::make_unique<ListFile>();
    loaded->file = std::move(*read);
    if (loaded->file.content.size() > kListBytesMax) {
      reporter_.Report("E0520", place,
                       "the file " + Quoted(loaded->file.path) + " is larger than " +
                           std::to_string(kListBytesMax) + " bytes");
      return;
    }
    const TextNode* column = list.column ? &*list.column : nullptr;
    if (!ReadListFile(column, place, loaded.get(), &reporter_)) {
      half_read_.push_back(std::move(loaded));  // Mistakes have their place in it.
      return;
    }
    set_.AddListFile(list, std::move(loaded));
  }

  // Rules of a cycle are left out.
  void DropEmitCycles() {
    std::vector<bool> drop(result_.origin.size());
    for (const std::vector<int>& cycle : FindEmitCycles(result_.spec)) {
      std::string way;
      for (const int member : cycle) {
        const auto index = static_cast<std::size_t>(member);
        drop[index] = true;
        const nfa::RuleSpec& rule = result_.spec.rules[index];
        const auto stream = static_cast<std::size_t>(rule.emit->stream);
        way += Quoted(rule.id) + " -> " + Quoted(inputs_.catalog.streams[stream].name) + " -> ";
      }
      const auto first = static_cast<std::size_t>(cycle.front());
      const CheckedRuleSet::Origin& origin = result_.origin[first];
      reporter_.set_rule(result_.spec.rules[first].id);
      reporter_.Report("E0518", {origin.file, origin.rule->emit->stream.span},
                       "rules feed each other: " + way + Quoted(result_.spec.rules[first].id));
      reporter_.set_rule("");
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < drop.size(); ++i) {
      if (drop[i]) continue;
      if (kept != i) {
        result_.spec.rules[kept] = std::move(result_.spec.rules[i]);
        result_.origin[kept] = result_.origin[i];
      }
      ++kept;
    }
    result_.spec.rules.resize(kept);
    result_.origin.resize(kept);
  }

  void CheckFeatures(const RuleFile& file) {
    nfa::RuleSpec spec;
    const RuleScope scope(&set_, &spec, &reporter_);
    for (const FeatureNode& feature : file.features) {
      SharedName shared{.file = &file, .name = &feature.name};
      shared.feature = &feature;
      if (!set_.Find(feature.name.text)->cyclic) (void)ReadFeature(shared, scope, {});
    }
  }

  RuleInputs Inputs(const RuleFile& file, const RuleNode& rule) {
    RuleInputs inputs{file, rule, nullptr, nullptr, &set_, &reporter_};
    const auto found = overridden_.find(rule.id->text);
    if (found != overridden_.end()) {
      inputs.override_file = found->second.file;
      inputs.override_node = found->second.node;
    }
    return inputs;
  }

  void CheckOverride(const RuleFile& file, const OverrideNode& node) {
    const std::string& id = node.rule.text;
    const Place place{&file, node.rule.span};
    if (!rules_.contains(id)) {
      reporter_.Report("E0513", place, "there is no rule " + Quoted(id), DidYouMean(id, RuleIds()));
    }
    const auto [first, added] = overridden_.emplace(id, Override{&file, &node});
    if (!added) {
      const Place first_place{first->second.file, first->second.node->rule.span};
      reporter_.Report("E0514", place,
                       "a second override of the rule " + Quoted(id) + ": the first is at " +
                           PlaceText(first_place));
    }
    for (const ListNode& list : node.lists) CheckOverriddenList(file, list);
    if (node.severity) CheckSeverity(file, *node.severity, &reporter_);
    if (node.mode) CheckMode(file, *node.mode, &reporter_);
    if (node.score) CheckScore(file, *node.score, &reporter_);
  }

  void CheckOverriddenList(const RuleFile& file, const ListNode& list) {
    const SharedName* shared = set_.Find(list.name.text);
    if (shared && shared->list) return;
    std::vector<std::string_view> names;
    for (const SharedName* known : set_.shared_names()) {
      if (known->list) names.push_back(known->name->text);
    }
    reporter_.Report("E0220", {&file, list.name.span}, "there is no list " + Quoted(list.name.text),
                     DidYouMean(list.name.text, names));
  }

  // In the order of files and rules, for suggestions.
  std::vector<std::string_view> RuleIds() const {
    std::vector<std::string_view> ids;
    for (const RuleFile* file : files_) {
      for (const RuleNode& rule : file->rules) {
        if (rule.id) ids.push_back(rule.id->text);
      }
    }
    return ids;
  }

  void SortById() {
    std::vector<std::size_t> order(result_.origin.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return result_.spec.rules[a].id < result_.spec.rules[b].id;
    });
    std::vector<nfa::RuleSpec> rules;
    std::vector<CheckedRuleSet::Origin> origin;
    for (const std::size_t i : order) {
      rules.push_back(std::move(result_.spec.rules[i]));
      origin.push_back(result_.origin[i]);
    }
    result_.spec.rules = std::move(rules);
    result_.origin = std::move(origin);
  }

  const CheckInputs& inputs_;
  const std::vector<const RuleFile*>& files_;
  CheckedRuleSet result_;
  Reporter reporter_;
  SetScope set_;
  DerivedFields derived_;
  std::vector<std::unique_ptr<ListFile>> half_read_;
  std::unordered_map<std::string, Place> rules_;          // the first of each id
  std::unordered_map<std::string, Override> overridden_;  // the first of each rule
};

}  // namespace

CheckedRuleSet CheckRules(const CheckInputs& inputs, std::vector<Diagnostic>* diagnostics) {
  return SetChecker(inputs).Run(diagnostics);
}

CheckedRuleSet CheckRules(const std::vector<const RuleFile*>& files, const Catalog& catalog,
                          const Limits& limits, std::vector<Diagnostic>* diagnostics) {
  return CheckRules({.files = files, .catalog = catalog, .limits = limits}, diagnostics);
}

}  // namespace shrike::rules
