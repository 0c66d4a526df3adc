#!/usr/bin/env python3
"""ctest `layers`: this tree keeps the law of tools/check_layers.py, and bad trees do not.

Each row is a tiny tree and the breaches that the checker must report in it, no more and no less.
"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CHECKER = ROOT / "tools" / "check_layers.py"

# name, {path: text}, [beginning of each breach line, sorted]
ROWS = [
    ("an empty tree is good", {}, []),
    ("arrows downward are good",
     {"base/value.h": "#include <vector>\n", "nfa/run.h": '#include "base/value.h"\n',
      "engine/task.cc": '#include "nfa/run.h"\n', "tools/shrike/main.cc": '#include "engine/task.h"\n',
      "engine/task.h": "", "tests/engine/task_test.cc": '#include "engine/task.h"\n'}, []),
    ("arrows upward are not",
     {"base/value.h": "// first\n#include \"nfa/run.h\"\n", "nfa/run.h": ""},
     ["base/value.h:2: base/ may not include \"nfa/run.h\""]),
    ("config is for tools only",
     {"config/config.h": "", "engine/task.h": '#include "config/config.h"\n'},
     ["engine/task.h:1: engine/ may not include"]),
    ("nobody includes tests",
     {"tests/skip.h": "", "rules/a.cc": '#include "tests/skip.h"\n', "tools/shrike/b.cc": '#include "tests/skip.h"\n'},
     ["rules/a.cc:1: rules/ may not include", "tools/shrike/b.cc:1: tools/ may not include"]),
    ("an adapter is not for the core",
     {"ingest/file/source.h": "", "ingest/file/source.cc": '#include "ingest/file/source.h"\n',
      "ingest/decoder.cc": '#include "ingest/file/source.h"\n', "tools/shrike/replay.cc": '#include "ingest/file/source.h"\n'},
     ["ingest/decoder.cc:1: \"ingest/file/source.h\" is an adapter"]),
    ("what two adapters share is for them only",
     {"base/kafka/client.h": "", "base/kafka/client.cc": '#include "base/kafka/client.h"\n#include <mutex>\n',
      "ingest/kafka/consumer.cc": '#include "base/kafka/client.h"\n',
      "alerts/kafka/producer.cc": '#include "base/kafka/client.h"\n',
      "ingest/file/source.cc": '#include "base/kafka/client.h"\n', "base/value.cc": '#include "base/kafka/client.h"\n',
      "engine/task.cc": '#include "base/kafka/client.h"\n', "tools/shrike/run.cc": '#include "base/kafka/client.h"\n'},
     ["base/value.cc:1: \"base/kafka/client.h\" is an adapter; only base/kafka/, ingest/kafka/, alerts/kafka/ and tools/",
      "engine/task.cc:1: \"base/kafka/client.h\" is an adapter",
      "ingest/file/source.cc:1: \"base/kafka/client.h\" is an adapter"]),
    ("paths start at the root",
     {"nfa/run.h": "", "nfa/run.cc": '#include "run.h"\n'},
     ["nfa/run.cc:1: \"run.h\" is not a file of the repository"]),
    ("Spirit in one file",
     {"rules/parser.cc": "#include <boost/spirit/home/x3.hpp>\n",
      "rules/lexer.cc": "#include <boost/spirit/home/x3.hpp>\n"},
     ["rules/lexer.cc:1: Boost.Spirit may stand in rules/parser.cc only"]),
    ("third parties in .cc files",
     {"ingest/json.cc": "#include <simdjson.h>\n", "ingest/json.h": "#include <simdjson.h>\n",
      "base/hash.h": "#include <xxhash.h>\n", "rules/file.h": "#include <yaml-cpp/yaml.h>\n",
      "tests/x.h": "#include <nlohmann/json.hpp>\n"},
     ["base/hash.h:1: third-party header <xxhash.h>", "ingest/json.h:1: third-party header <simdjson.h>",
      "rules/file.h:1: third-party header <yaml-cpp/yaml.h>"]),
    ("three may stand in headers",
     {"base/a.h": "#include <boost/container/small_vector.hpp>\n#include <boost/unordered/unordered_flat_map.hpp>\n"
                  "#include <tl/expected.hpp>\n"}, []),
    ("no clock",
     {"nfa/a.cc": "auto t = std::chrono::steady_clock::now();\nauto u = time(nullptr);\nauto v = ::clock();\n"},
     ["nfa/a.cc:1: the core may not use clocks: `steady_clock`", "nfa/a.cc:2: the core may not use clocks: `time(nullptr)`",
      "nfa/a.cc:3: the core may not use clocks: `::clock()`"]),
    ("no random number", {"base/a.cc": "#include <random>\nint x = std::rand();\n"},
     ["base/a.cc:1: the core may not use random numbers: <random>", "base/a.cc:2: the core may not use random numbers: `std::rand`"]),
    ("no thread, no environment",
     {"engine/a.cc": "std::thread t;\nauto e = getenv(\"HOME\");\n"},
     ["engine/a.cc:1: the core may not use threads", "engine/a.cc:2: the core may not use the environment"]),
    ("no file, no socket",
     {"rules/a.cc": "#include <fstream>\nauto f = fopen(n, m);\nint d = ::open(n, 0);\nauto p = std::filesystem::path();\n"
                    "int s = ::socket(1, 2, 3);\n"},
     ["rules/a.cc:1: the core may not use files: <fstream>", "rules/a.cc:2: the core may not use files: `fopen`",
      "rules/a.cc:3: the core may not use files: `::open`", "rules/a.cc:4: the core may not use files: `std::filesystem`",
      "rules/a.cc:5: the core may not use sockets: `::socket`"]),
    ("adapters, tools and config may",
     {"alerts/file/sink.cc": "#include <fstream>\n", "tools/shrike/a.cc": "#include <chrono>\nauto t = std::chrono::steady_clock::now();\n",
      "config/a.cc": "#include <fstream>\n"}, []),
    ("members and longer names are other things",
     {"engine/a.cc": "x.open(); y->time(0); file.close(); int operand(3); Store::read(1); grand(2); log.clock();\n"}, []),
    ("comments and strings do not count",
     {"nfa/a.cc": "// std::rand()\n/* getenv(\n fopen( */ auto s = \"std::rand()\"; auto n = 1'000'000;\n"
                  "auto r = R\"x(\n#include <random>\n)x\"; char c = '\"';\n"}, []),
    ("what follows a string or a digit separator counts",
     {"nfa/a.cc": "auto n = 1'000; auto s = \"\\\"\"; char c = '\\''; auto e = getenv(s);\n"},
     ["nfa/a.cc:1: the core may not use the environment"]),
    ("a cycle is shown once, with its way",
     {"nfa/a.h": '#include "nfa/b.h"\n', "nfa/b.h": '\n#include "nfa/c.h"\n', "nfa/c.h": '#include "nfa/a.h"\n',
      "nfa/d.cc": '#include "nfa/a.h"\n'},
     ["nfa/a.h:1: include cycle: nfa/a.h -> nfa/b.h -> nfa/c.h -> nfa/a.h"]),
]


def run_checker(root):
    """(exit code, breach lines) of the checker over the tree at `root`."""
    done = subprocess.run([sys.executable, str(CHECKER), str(root)], capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if not line.startswith("layers: ")]
    return done.returncode, lines + done.stderr.splitlines()


class LayersTest(unittest.TestCase):
    def test_rows(self):
        for name, tree, want in ROWS:
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                for path, text in tree.items():
                    file = pathlib.Path(folder, path)
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_text(text, encoding="utf-8")
                code, got = run_checker(folder)
                same = len(got) == len(want) and all(g.startswith(w) for g, w in zip(got, want))
                self.assertTrue(same, f"\n  want: {want}\n  got:  {got}")
                self.assertEqual(code, 1 if want else 0)

    def test_this_tree(self):
        code, breaches = run_checker(ROOT)
        self.assertEqual((code, breaches), (0, []), "\n" + "\n".join(breaches))

    def test_usage(self):
        self.assertEqual(run_checker("--what")[0], 2)
        self.assertEqual(run_checker("/no/such/folder")[0], 2)


if __name__ == "__main__":
    unittest.main()
