// `shrike state ls|show|verify|rebuild`: a look at the state of tasks on the disk, and a way to begin without it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "tools/shrike/exit_code.h"
#include "tools/shrike/files.h"
#include "tools/shrike/loader.h"
#include "tools/shrike/state_verbs.h"
#include "tools/shrike/verbs.h"

namespace shrike::tools {
namespace {

using StateVerb = int (*)(const StateCall&);

int CallVerb(const Session& session, const StateOptions& options, StateVerb verb) {
  auto loaded = LoadConfigOrReport(session);
  if (!loaded) return loaded.error();
  StateCall call{session, options, std::move(loaded->config), "", {}};
  call.state_path = RelativeTo(loaded->path, call.config.state.path);
  auto folders = FindTaskFolders(call.state_path);
  if (!folders) return session.Report(folders.error());
  call.folders = std::move(*folders);
  if (options.task >= 0) {
    std::erase_if(call.folders, [&](const TaskFolder& each) { return each.task != options.task; });
    if (call.folders.empty()) {
      return session.Report(
          {ErrorCode::kIo,
           "there is no state of task " + std::to_string(options.task) + " in " + call.state_path});
    }
  }
  return verb(call);
}

// One verb of the group, with the options that all of them take.
CLI::App* AddVerb(CLI::App* group, Session* session, const std::shared_ptr<StateOptions>& options,
                  const std::pair<std::string, std::string>& name_and_help) {
  CLI::App* verb = group->add_subcommand(name_and_help.first, name_and_help.second);
  verb->add_option("--task", options->task, "Only this task (default: all that the folder has)")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber.description(""));
  AddCommonOptions({"human", "json"}, verb, session);
  return verb;
}

void SetVerb(CLI::App* verb, Session* session, const std::shared_ptr<StateOptions>& options,
             StateVerb function) {
  verb->callback([session, options, function] {
    session->run = [session, options, function] { return CallVerb(*session, *options, function); };
  });
}

void AddLs(CLI::App* group, Session* session, const std::shared_ptr<StateOptions>& options) {
  CLI::App* verb = AddVerb(group, session, options,
                           {"ls",
                            "Each task: its last checkpoint, its partitions, how much it "
                            "holds"});
  verb->add_flag("--keys", options->keys, "Each key too, with its group and its bytes");
  verb->add_option("--limit", options->limit,
                   "With --keys: at most so many of a task (default 100; 0: all)")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber.description(""));
  SetVerb(verb, session, options, ListState);
}

void AddShow(CLI::App* group, Session* session, const std::shared_ptr<StateOptions>& options) {
  CLI::App* verb =
      AddVerb(group, session, options,
              {"show",
               "What a key waits for: its open runs, their bound events, and what its windows "
               "take"});
  verb->footer(
      "\nKEY is the subject of an alert (`c1`, or `c1|m7` where `\\` escapes `|` and `\\`), or its "
      "first\n"
      "part alone. Of windows their names and the bytes that they take together are shown, not "
      "what\n"
      "they hold. Exit codes: 0 shown, 1 no task has the key, 3 I/O, 4 the state is damaged.\n\n"
      "Example:\n"
      "  shrike state show -c shrike.yaml card-4711");
  verb->add_option("KEY", options->key, "The key")->type_name("")->required();
  SetVerb(verb, session, options, ShowKey);
}

void AddVerify(CLI::App* group, Session* session, const std::shared_ptr<StateOptions>& options) {
  CLI::App* verb = AddVerb(group, session, options,
                           {"verify",
                            "Reads everything: checksums, and each key under the rules "
                            "of its checkpoint"});
  verb->footer(
      "\nWorks while the engine runs, but the state's file grows meanwhile. Exit codes: 0 good, 3 "
      "I/O,\n"
      "4 faults were found (the first ones are shown).");
  SetVerb(verb, session, options, VerifyTasks);
}

void AddRebuild(CLI::App* group, Session* session, const std::shared_ptr<StateOptions>& options) {
  CLI::App* verb = AddVerb(group, session, options,
                           {"rebuild",
                            "Removes the local state, so that the next start makes it "
                            "anew"});
  verb->footer(
      "\nWith `state.changelog: on` the next start loads the state from the changelog, and nothing "
      "is\n"
      "lost: that there is one is looked up first. Without a changelog nothing can bring the state "
      "back:\n"
      "the command refuses, unless --forget asks to give it up. Stop the engine first: a folder in "
      "use\n"
      "is refused. Exit codes: 0 removed, 2 refused, 3 I/O or in use, 4 of another application.\n\n"
      "Examples:\n"
      "  shrike state rebuild -c shrike.yaml --task 3\n"
      "  shrike state rebuild -c shrike.yaml --forget --yes");
  verb->add_flag("--forget", options->forget,
                 "Give up open runs, windows and suppressed alerts: a new history begins once the "
                 "group's offsets (and the changelog) are deleted too, which it tells how to do");
  verb->add_flag("--yes", options->yes, "With --forget: yes, really");
  SetVerb(verb, session, options, RebuildTasks);
}

}  // namespace

void AddState(CLI::App* root, Session* session) {
  CLI::App* group = root->add_subcommand(
      "state", "The state of tasks on the disk: ls, show KEY, verify, rebuild");
  group->footer(
      "\nReads `state.path` of the configuration, while the engine runs or not.\n\n"
      "Examples:\n"
      "  shrike state ls -c shrike.yaml\n"
      "  shrike state show -c shrike.yaml card-4711\n"
      "  shrike state verify -c shrike.yaml");
  group->require_subcommand(1);
  auto options = std::make_shared<StateOptions>();
  AddLs(group, session, options);
  AddShow(group, session, options);
  AddVerify(group, session, options);
  AddRebuild(group, session, options);
}

}  // namespace shrike::tools
