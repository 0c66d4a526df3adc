// Application: `shrike run` with topics, rules and payments of its own, and what it must give: what `shrike replay`
// gives of the same records. Process: one running instance of it.
#ifndef SHRIKE_TESTS_E2E_APPLICATION_H_
#define SHRIKE_TESTS_E2E_APPLICATION_H_

#include <sys/types.h>

#include <map>
#include <string>
#include <string_view>

#include "tests/e2e/broker.h"
#include "tests/support/scratch_folder.h"

namespace shrike::testing {

// What a command printed, standard output and error, and its exit code.
struct CommandResult {
  int code = 0;
  std::string output;
};
CommandResult RunCommand(const std::string& command);

// A moment for other processes, between two looks at them.
void Wait();

class Application {
 public:
  struct Options {
    std::string state = {};       // more of `state:`
    std::string kafka = {};       // more of `kafka:`
    std::string state_path = {};  // in place of the folder's own; each instance has a folder in it
  };

  explicit Application(const Broker& broker) : Application(broker, Options()) {}
  Application(const Broker& broker, Options options);

  // Payments above it give an alert; 100 at first.
  void SetLimit(int limit);
  // Replaces a text (checked: it is there) of an instance's configuration.
  void Edit(const std::string& instance, std::string_view from, std::string_view to);

  // The next payments of every partition: numbered, 10 ms apart.
  void Pay(int count);
  // Time goes on for a second, so that nothing is held back.
  void Close();

  // What a reader of committed alerts sees now, line -> how often.
  std::map<std::string, int> Alerts() const;
  // What replay gives of all that was paid.
  std::map<std::string, int> Expected() const;
  // Waits until as many alerts are there as replay gives, then checks that they are the same. After Close.
  void CheckAlerts() const;

  std::string config(const std::string& instance = "one") const;
  std::string state_path(const std::string& instance = "one") const;
  std::string log(const std::string& instance = "one") const;
  // All that an instance has logged so far.
  std::string said(const std::string& instance = "one") const;
  const std::string& name() const { return name_; }
  const std::string& topic() const { return topic_; }
  const ScratchFolder& folder() const { return folder_; }

  static constexpr int kPartitions = 2;

 private:
  void Configure(const std::string& instance, const Options& options) const;

  const Broker& broker_;
  ScratchFolder folder_;
  std::string name_, topic_, alerts_, states_;
  int next_ = 1;  // number of the next payment
};

// One process of `shrike run`; its end kills it.
class Process {
 public:
  // application: borrowed. fail_point: see tools/shrike/fail_point.h.
  explicit Process(const Application& application, const std::string& instance = "one",
                   const std::string& fail_point = "");
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  bool Ended();
  // Waits; false: not within half a minute.
  bool AwaitEnd();
  // Waits until the process has said the text `count` times since it began; false: not within half a minute, or it ended.
  bool AwaitSaid(const std::string& text, int count = 1);
  void Signal(int number) const;
  // Asks it to stop, and checks that it does so well.
  void Stop();

  bool WasKilled() const;
  int exit_code() const;  // -1: it did not exit by itself
  std::string said() const { return application_.said(instance_).substr(begin_); }

 private:
  const Application& application_;
  std::string instance_;
  std::size_t begin_ = 0;  // of the log
  pid_t pid_ = -1;
  int status_ = 0;
  bool ended_ = false;
};

}  // namespace shrike::testing

#endif  // SHRIKE_TESTS_E2E_APPLICATION_H_
