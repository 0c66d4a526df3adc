// The verbs. Each Add.. function declares one verb's options and help; if the command line chose the verb,
// Session::run is set to it. One file a verb.
#ifndef SHRIKE_TOOLS_SHRIKE_VERBS_H_
#define SHRIKE_TOOLS_SHRIKE_VERBS_H_

#include <string>
#include <vector>

#include "tools/shrike/session.h"

namespace CLI {
class App;
}

namespace shrike::tools {

// -c, --format (one of `formats`; the first is the default) and --color.
void AddCommonOptions(const std::vector<std::string>& formats, CLI::App* verb, Session* session);
// PATH.., the rule files and folders.
void AddPaths(CLI::App* verb, Session* session);

// root and session: borrowed until the run has ended.
void AddCheck(CLI::App* root, Session* session);
void AddTest(CLI::App* root, Session* session);
void AddFmt(CLI::App* root, Session* session);
void AddExplain(CLI::App* root, Session* session);
void AddReplay(CLI::App* root, Session* session);
void AddDemo(CLI::App* root, Session* session);
void AddRun(CLI::App* root, Session* session);
void AddState(CLI::App* root, Session* session);  // a group of verbs

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_VERBS_H_
