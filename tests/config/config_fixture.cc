#include "tests/config/config_fixture.h"

namespace shrike::config {

std::string ReadText::Errors() const {
  std::string text;
  for (const Diagnostic& d : diagnostics) {
    text +=
        d.code + " " + std::to_string(d.line) + ":" + std::to_string(d.column) + " " + d.message;
    if (!d.suggestion.empty()) text += " (" + d.suggestion + ")";
    text += "\n";
  }
  return text;
}

Resolver FakeResolver() {
  return {[](const std::string& name) -> std::optional<std::string> {
            if (name == "N") return "4";
            if (name == "EMPTY") return "";
            if (name == "PASSWORD") return "hunter2";
            return std::nullopt;
          },
          [](const std::string& path) -> Result<std::string> {
            if (path == "/secret") return std::string("from file\n");
            return Fail(ErrorCode::kIo, "no such file");
          }};
}

ReadText Read(std::string_view text) {
  ReadText read;
  read.config = ReadConfig("shrike.yaml", text, FakeResolver(), &read.diagnostics);
  return read;
}

}  // namespace shrike::config
