#include "tests/rules/check_fixture.h"

#include <map>
#include <utility>

namespace shrike::testing {
namespace {

Type TypeOf(std::string_view text) { return ParseType(text).value_or(Type{}); }

std::vector<FieldSchema> Fields(
    const std::vector<std::pair<std::string_view, std::string_view>>& rows) {
  std::vector<FieldSchema> fields;
  fields.reserve(rows.size());
  for (const auto& [name, type] : rows) fields.push_back({std::string(name), TypeOf(type)});
  return fields;
}

Catalog MakeCatalog() {
  StreamSchema payments;
  payments.name = "payments";
  payments.type_field = "type";
  payments.event_types = {"txn", "payout"};
  payments.fields = Fields({{"card", "string"},
                            {"account", "string"},
                            {"amount", "decimal"},
                            {"fee", "decimal(2)"},
                            {"status", "string"},
                            {"currency", "string"},
                            {"mcc", "int"},
                            {"weight", "float"},
                            {"tags", "list(string)"},
                            {"codes", "list(int)"},
                            {"ip", "ip"},
                            {"opened", "timestamp"},
                            {"wait", "duration"},
                            {"ok", "bool"},
                            {"device.os", "string"},
                            {"device.id", "int"}});
  StreamSchema logins;
  logins.name = "logins";
  logins.event_types = {"login"};
  logins.type_field = "";
  logins.fields = Fields({{"card", "string"},
                          {"user", "string"},
                          {"amount", "int"},
                          {"lat", "float"},
                          {"lon", "float"},
                          {"ip", "ip"},
                          {"number", "int"}});
  StreamSchema orders;
  orders.name = "orders";
  orders.type_field = "type";
  orders.event_types = {"txn", "refund"};
  orders.partitioned_by = {"card"};
  orders.fields = Fields({{"card", "string"}, {"shop", "string"}, {"amount", "decimal"}});
  StreamSchema clicks;
  clicks.name = "clicks";
  clicks.event_types = {"clicks"};
  clicks.fields = Fields({{"user", "string"}, {"url", "string"}, {"shown", "int"}});
  clicks.derive = {{"host", "split(url, \"/\")"},
                   {"long", "length(url) > 20"},
                   {"weighty", "lookup(users, user).weight > 5 and long"},
                   {"vip", "long and lookup(users, user).vip"}};
  clicks.redact = {"url"};
  StreamSchema scores;
  scores.name = "scores";
  scores.event_types = {"score"};
  scores.fields = Fields({{"user", "string"}, {"level", "int"}, {"total", "decimal"}});
  scores.derive = {{"high", "total > 100"}};
  scores.derived = true;
  StreamSchema kinds;
  kinds.name = "kinds";
  kinds.type_field = "type";
  kinds.event_types = {"kind_a", "kind_b"};
  kinds.fields = Fields({{"user", "string"}});
  kinds.derived = true;
  return {{payments, logins, orders, clicks, scores, kinds}};
}

std::vector<std::shared_ptr<const Table>> TestTables() {
  TableSchema users{"users", {"user", TypeOf("string")}, {}};
  users.fields = Fields({{"vip", "bool"}, {"weight", "int"}, {"address.city", "string"}});
  TableSchema limits{"limits", {"amount", TypeOf("decimal(2)")}, Fields({{"name", "string"}})};
  TableSchema accounts{
      "accounts", {"account", TypeOf("string")}, Fields({{"credit_limit", "decimal"}})};
  return {std::make_shared<Table>(users), std::make_shared<Table>(limits),
          std::make_shared<Table>(accounts)};
}

Result<rules::SourceFile> TestListFile(const std::string& rule_file, const std::string& path,
                                       std::size_t /*bytes_max*/) {
  const std::map<std::string, std::string> files{
      {"words.txt", "# comment\n\n  card one \r\nb*\nb*\n"},
      {"numbers.txt", "1\n2.5\nthree\n"},
      {"ips.txt", "10.0.0.0/8\n192.168.1.1\n"},
      {"regexes.txt", "^a\n(\n"},
      {"cards.csv", "name,card\nx,c1\n\"y, z\",c2\n,\n"},
      {"short.csv", "name,card\nx\n"},
      {"open.csv", "name,card\nx,\"c1\n"},
      {"latin.txt", "\xE4\n"},
  };
  const auto found = files.find(path);
  if (found == files.end()) return Fail(ErrorCode::kIo, "cannot read " + path + ": not there");
  return rules::SourceFile{rule_file + "/" + path, found->second};
}

}  // namespace

const Catalog& TestCatalog() {
  static const Catalog kCatalog = MakeCatalog();
  return kCatalog;
}

CheckedText CheckTexts(const std::vector<std::string>& texts, const Catalog& catalog,
                       const Limits& limits) {
  CheckedText result;
  std::vector<const rules::RuleFile*> files;
  for (const std::string& text : texts) {
    const std::string path = "rules" + std::to_string(files.size()) + ".yaml";
    result.files.push_back(
        std::make_unique<rules::RuleFile>(rules::ReadRuleFile(path, text, &result.diagnostics)));
    files.push_back(result.files.back().get());
  }
  rules::CheckInputs inputs{.files = files, .catalog = catalog, .limits = limits};
  inputs.tables = TestTables();
  inputs.read_list = TestListFile;
  result.set = rules::CheckRules(inputs, &result.diagnostics);
  return result;
}

CheckedText CheckText(const std::string& text) { return CheckTexts({text}, TestCatalog()); }

std::string RuleText(std::string_view pattern, std::string_view more) {
  std::string text = "rules:\n  - id: a-rule\n    version: 1\n    pattern: |\n";
  while (!pattern.empty()) {
    const std::size_t end = pattern.find('\n');
    text += "      " + std::string(pattern.substr(0, end)) + "\n";
    pattern = end == std::string_view::npos ? "" : pattern.substr(end + 1);
  }
  return text + std::string(more);
}

std::string ConditionText(std::string_view condition) {
  return RuleText("from payments by card\ntxn[" + std::string(condition) + "]");
}

std::string Lines(const std::vector<Diagnostic>& diagnostics) {
  std::string lines;
  for (const Diagnostic& diagnostic : diagnostics) {
    lines += diagnostic.code + " " + std::to_string(diagnostic.line) + ":" +
             std::to_string(diagnostic.column) + "-" + std::to_string(diagnostic.end_line) + ":" +
             std::to_string(diagnostic.end_column) + " " + diagnostic.message;
    if (!diagnostic.suggestion.empty()) lines += " (" + diagnostic.suggestion + ")";
    lines += "\n";
  }
  return lines;
}

std::string Codes(const std::vector<Diagnostic>& diagnostics) {
  std::string codes;
  for (const Diagnostic& diagnostic : diagnostics) {
    codes += (codes.empty() ? "" : " ") + diagnostic.code;
  }
  return codes;
}

}  // namespace shrike::testing
