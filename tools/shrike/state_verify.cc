// `shrike state verify`: first what the store can say (checksums, counts, LMDB's own structure: in a child process, for
// a damaged file may crash who reads it), then whether every entry is what the rules of its checkpoint make of it.
#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "alerts/suppression.h"
#include "engine/emitter.h"
#include "engine/lmdb/state_verify.h"
#include "engine/state_entry.h"
#include "nfa/key_state.h"
#include "tools/shrike/exit_code.h"
#include "tools/shrike/state_verbs.h"
#include "tools/shrike/terminal.h"

namespace shrike::tools {
namespace {

constexpr std::size_t kFaultsShown = 20;
constexpr int kLooksMax = 3;  // at a state whose rules are swapped meanwhile

// Decodes entries as a task does that goes on from them.
class EntryCheck {
 public:
  EntryCheck(std::shared_ptr<const nfa::Program> program, std::vector<std::string> topics)
      : program_(program), suppression_(program), emitter_(program, std::move(topics)) {}

  // What is wrong; empty: nothing.
  std::string Look(const engine::StateEntry& entry) {
    switch (entry.name.front()) {
      case engine::kKeyEntry:
      case engine::kLongKeyEntry:
        return LookAtKey(entry);
      case engine::kWindowEntry: {
        const auto dropped = suppression_.RestoreWindow(entry.value);
        if (!dropped) return dropped.error().message;
        return *dropped == 0 ? "" : "a suppression window of a rule that is not there";
      }
      case engine::kIntervalEntry: {
        const auto kept = emitter_.RestoreInterval(entry.value);
        if (!kept) return kept.error().message;
        return *kept ? "" : "an interval of a rule that is not there";
      }
      case engine::kTextEntry:
        return "";
      default:
        return fmt::format("an entry of an unknown kind, {:#04x}",
                           static_cast<unsigned char>(entry.name.front()));
    }
  }

 private:
  std::string LookAtKey(const engine::StateEntry& entry) const {
    engine::KeyEntry key;
    if (!engine::ReadKeyEntry(entry.name, entry.value, &key)) return "a key with a damaged name";
    const std::string name = "key " + SubjectOf(key.key);
    const int group = program_->FindGroup(key.group);
    if (group < 0) return name + ": no rule has its key group";
    std::size_t dropped = 0;
    const auto state = nfa::KeyState::FromBytes(*program_, group, key.state, &dropped);
    if (!state) return name + ": " + state.error().message;
    return dropped == 0 ? ""
                        : fmt::format("{}: {} runs of rules that are not there", name, dropped);
  }

  std::shared_ptr<const nfa::Program> program_;
  alerts::Suppression suppression_;
  engine::Emitter emitter_;
};

void Note(std::string fault, engine::StateReport* report) {
  ++report->fault_count;
  if (report->faults.size() < kFaultsShown) report->faults.push_back(std::move(fault));
}

// Decodes all that the task holds. True: the engine wrote a checkpoint meanwhile, and what was read may be of several.
// Errors: kIo; kCorrupt, kRule: nothing can be decoded.
Result<bool> DecodeOnce(const StateCall& call, const TaskFolder& place,
                        engine::StateReport* report) {
  SHRIKE_TRY(StoredTask task, OpenTask(place, call.config.application));
  if (!task.head) return false;
  SHRIKE_TRY(const auto rules, ReadRules(&task));
  std::vector<std::string> topics;
  for (const auto& partition : task.head->partitions) topics.push_back(partition.topic);
  EntryCheck check(rules->program, topics);
  SHRIKE_TRY_VOID(task.store->ForEach("", [&](const engine::StateEntry& entry) {
    if (std::string fault = check.Look(entry); !fault.empty()) Note(std::move(fault), report);
    return true;
  }));
  SHRIKE_TRY(const auto head, task.store->ReadHead());
  return head != engine::WriteCheckpointHead(*task.head);
}

// Adds what decoding says. Errors: as DecodeOnce.
Result<void> Decode(const StateCall& call, const TaskFolder& place, engine::StateReport* report) {
  engine::StateReport found;
  bool changed = true;
  for (int look = 0; look < kLooksMax && changed; ++look) {
    found = {};
    SHRIKE_TRY(changed, DecodeOnce(call, place, &found));
    if (found.good()) return {};
  }
  for (std::string& fault : found.faults) Note(std::move(fault), report);
  report->fault_count += found.fault_count - found.faults.size();
  return {};
}

Result<engine::StateReport> Verify(const StateCall& call, const TaskFolder& place) {
  if (!HasData(place)) return engine::StateReport{};
  SHRIKE_TRY(engine::StateReport report, engine::VerifyState(place.folder, kFaultsShown));
  if (!report.good()) return report;
  const Result<void> decoded = Decode(call, place, &report);
  if (decoded) return report;
  if (decoded.error().code == ErrorCode::kIo) return tl::unexpected(decoded.error());
  Note(decoded.error().message, &report);
  return report;
}

std::string TaskJson(int task, const engine::StateReport& report) {
  std::string faults;
  for (const std::string& fault : report.faults)
    faults += (faults.empty() ? "" : ",") + TextJson(fault);
  return fmt::format(R"({{"task":{},"entries":{},"fault_count":{},"faults":[{}]}})", task,
                     report.entry_count, report.fault_count, faults);
}

void PrintText(const StateCall& call, int task, const engine::StateReport& report) {
  std::ostream& out = call.session.out();
  out << fmt::format("task {}: {} entries, {}\n", task,
                     FormatCount(static_cast<std::int64_t>(report.entry_count)),
                     report.good() ? "good" : fmt::format("{} faults", report.fault_count));
  for (const std::string& fault : report.faults) out << "  " << EscapeTerminal(fault) << "\n";
}

}  // namespace

int VerifyTasks(const StateCall& call) {
  std::string tasks;
  int code = kExitGood;
  for (const TaskFolder& place : call.folders) {
    const auto report = Verify(call, place);
    if (!report) {
      const int failed = call.session.Report(report.error());
      if (code == kExitGood) code = failed;
      continue;
    }
    if (!report->good()) code = kExitCorrupt;
    if (call.json()) {
      tasks += (tasks.empty() ? "" : ",") + TaskJson(place.task, *report);
    } else {
      PrintText(call, place.task, *report);
    }
  }
  if (call.json()) call.session.out() << R"({"tasks":[)" << tasks << "]}\n";
  return code;
}

}  // namespace shrike::tools
