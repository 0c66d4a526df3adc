#include "tests/tools/cli_fixture.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "tools/shrike/cli.h"

namespace shrike::testing {

namespace fs = std::filesystem;

CliResult RunShrike(const std::vector<std::string>& arguments) {
  std::vector<const char*> argv = {"shrike"};
  for (const std::string& argument : arguments) {
    argv.push_back(argument.c_str());
  }
  std::ostringstream out;
  std::ostringstream err;
  tools::Streams streams;
  streams.out = &out;
  streams.err = &err;
  CliResult result;
  result.code = tools::Main(static_cast<int>(argv.size()), argv.data(), streams);
  result.out = out.str();
  result.err = err.str();
  return result;
}

TempFolder::TempFolder() {
  std::string pattern = (fs::temp_directory_path() / "shrike_test_XXXXXX").string();
  root_ = mkdtemp(pattern.data());
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  fs::remove_all(root_, ignored);
}

std::string TempFolder::path(const std::string& name) const {
  return name.empty() ? root_ : root_ + "/" + name;
}

std::string TempFolder::Write(const std::string& name, const std::string& text) const {
  const fs::path file = path(name);
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
  return file.string();
}

std::string TempFolder::Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

const char* const kConfig = R"(application: test
streams:
  txn:
    topic: txn
    time: { field: ts, unit: ms, out_of_order: 1s }
    fields: { card: string, amount: decimal, note: string, ip: ip }
rules: { paths: [rules] }
)";

const char* const kRules = R"(rules:
  - id: card-pair
    version: 1
    title: Two large payments
    severity: high
    pattern: |
      from txn by card
      a: txn[amount > 100]
      then b: txn[amount > 100]
      within 1h
    alert:
      message: "Card {card}: {a.amount}, then {b.amount}"
      fields: { total: a.amount + b.amount }
    tests:
      - name: two in an hour
        events:
          - { txn: { card: c1, amount: 100.01 } }
          - { txn: { card: c1, amount: 300 }, after: 10m }
        alerts: [ { key: c1, fields: { total: 400.01 } } ]
      - name: an hour is too long
        events:
          - { txn: { card: c1, amount: 200 } }
          - { txn: { card: c1, amount: 300 }, after: 1h }
        alerts: []
)";

std::string TxnLine(long ts, const std::string& card, const std::string& amount) {
  return R"({"ts":)" + std::to_string(ts) + R"(,"card":")" + card + R"(","amount":)" + amount +
         "}\n";
}

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace shrike::testing
