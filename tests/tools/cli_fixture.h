// Calls the command line as a user would, in a folder of its own.
#ifndef SHRIKE_TESTS_TOOLS_CLI_FIXTURE_H_
#define SHRIKE_TESTS_TOOLS_CLI_FIXTURE_H_

#include <string>
#include <vector>

namespace shrike::testing {

struct CliResult {
  int code = -1;
  std::string out, err;
};

// `shrike ARGUMENTS..`; neither stream is a terminal.
CliResult RunShrike(const std::vector<std::string>& arguments);

// A new empty folder, removed at the end. The current folder stays as it is.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  std::string path(const std::string& name = "") const;
  // Writes a file, with folders on the way, and returns its path.
  std::string Write(const std::string& name, const std::string& text) const;
  static std::string Read(const std::string& path);

 private:
  std::string root_;
};

// One stream `txn` (card, amount, note, ip; 1 s out of order), no event types.
extern const char* const kConfig;
// `card-pair`: two txn above 100 of one card within 1 h; one test that passes.
extern const char* const kRules;
// A line of JSON of the stream.
std::string TxnLine(long ts, const std::string& card, const std::string& amount);

bool Contains(const std::string& text, const std::string& part);

}  // namespace shrike::testing

#endif  // SHRIKE_TESTS_TOOLS_CLI_FIXTURE_H_
