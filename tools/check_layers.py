#!/usr/bin/env python3
"""The law of includes. Reads the sources as text and prints every breach as file:line: message.

Usage: tools/check_layers.py [ROOT]    (ROOT: the repository, default the one of this script)
Exit codes: 0 good, 1 breaches, 2 usage.

The law:
 1. A folder includes only itself and the folders that ALLOWED names. Nobody includes tests or bench.
 2. The core (CORE, but for ADAPTERS) includes no adapter. An adapter is included by its own files,
    by the adapters that SHARED names, by tools, tests and bench.
 3. Project headers are included in quotes, by their path from the root; they exist; no cycles.
 4. Third-party headers stand in .cc files; a public header may use only IN_HEADERS.
    Boost.Spirit stands in one file, SPIRIT_FILE.
 5. The core is deterministic: no clock, random number, environment, thread, file or socket.

Tested by: tests/layers/layers_test.py (ctest `layers`).
"""

import pathlib
import re
import sys

ALL = {"base", "config", "ingest", "nfa", "rules", "alerts", "engine", "tools"}
ALLOWED = {
    "base": set(),
    "config": {"base"},
    "ingest": {"base"},
    "nfa": {"base"},
    "rules": {"base", "nfa"},
    "alerts": {"base", "nfa"},
    "engine": {"base", "nfa", "ingest", "alerts"},
    "tools": ALL,
    "bench": ALL | {"tests"},
    "tests": ALL | {"bench"},
}
CORE = {"base", "nfa", "rules", "ingest", "alerts", "engine"}
ADAPTERS = ("base/kafka/", "ingest/kafka/", "ingest/file/", "alerts/kafka/", "alerts/file/", "engine/lmdb/",
            "engine/embedded/")
# What several adapters need from one third-party library, and who they are.
SHARED = {"base/kafka/": ("ingest/kafka/", "alerts/kafka/")}

SPIRIT_FILE = "rules/parser.cc"
SPIRIT = "boost/spirit"
THIRD_PARTY = re.compile(
    r"(boost|simdjson|yaml-cpp|re2|CLI|openssl|nlohmann|fmt|librdkafka|rdkafka|benchmark|doctest"
    r"|date|prometheus|tl|microhttpd|curl|avro|spdlog|valijson)(/|\.h|$)|(zstd|xxhash|xxh3|lmdb)\w*\.h")
IN_HEADERS = ("boost/container/", "boost/unordered/", "tl/expected.hpp")

# Headers and words that the core may not use, and what each stands for.
CORE_HEADERS = {
    "random": "random numbers", "thread": "threads", "future": "threads", "stop_token": "threads",
    "condition_variable": "threads", "semaphore": "threads", "barrier": "threads", "latch": "threads",
    "pthread.h": "threads", "fstream": "files", "filesystem": "files", "iostream": "files",
    "fcntl.h": "files", "unistd.h": "files", "dirent.h": "files", "sys/stat.h": "files",
    "sys/mman.h": "files", "sys/file.h": "files", "sys/uio.h": "files", "sys/socket.h": "sockets",
    "netdb.h": "sockets", "poll.h": "sockets", "sys/epoll.h": "sockets", "sys/time.h": "clocks",
    "sys/random.h": "random numbers", "csignal": "signals", "signal.h": "signals",
}
# Not after `.`, `->` or another name's `::`: a member of that name is somebody else.
_CALL = r"(?<![\w.>:])(?:std\s*::\s*|::\s*)?"
_GLOBAL_CALL = r"(?<![\w>])::\s*"
CORE_WORDS = [
    (re.compile(r"\b(?:system_clock|steady_clock|high_resolution_clock|utc_clock|tai_clock|file_clock)\b"),
     "clocks"),
    (re.compile(_CALL + r"(?:clock_gettime|gettimeofday|timespec_get|localtime(?:_r)?|mktime|nanosleep|usleep|sleep)\s*\("),
     "clocks"),
    (re.compile(_CALL + r"time\s*\(\s*(?:nullptr|NULL|0|&\s*\w+)\s*\)"), "clocks"),
    (re.compile(_CALL + r"clock\s*\(\s*\)"), "clocks"),
    (re.compile(_CALL + r"(?:s?rand|rand_r|s?random|[dljm]rand48|arc4random\w*|getrandom|getentropy|RAND_bytes)\s*\("),
     "random numbers"),
    (re.compile(r"\bstd\s*::\s*(?:random_device|mt19937(?:_64)?)\b"), "random numbers"),
    (re.compile(r"\bstd\s*::\s*(?:thread|jthread|async|this_thread)\b"), "threads"),
    (re.compile(_CALL + r"(?:pthread_create|fork|vfork|execv\w*|execl\w*|system|popen)\s*\("), "processes"),
    (re.compile(_CALL + r"(?:secure_getenv|getenv|setenv|putenv|unsetenv)\s*\("), "the environment"),
    (re.compile(_CALL + r"(?:fopen|freopen|fdopen|tmpfile|mkstemp|opendir|mmap)\s*\("), "files"),
    (re.compile(r"\bstd\s*::\s*(?:[io]?fstream|filesystem|cin|cout)\b"), "files"),
    (re.compile(_GLOBAL_CALL + r"(?:open|openat|creat|read|pread|write|pwrite|close|unlink|rename|stat|fsync)\s*\("),
     "files"),
    (re.compile(_GLOBAL_CALL + r"(?:socket|connect|bind|listen|accept|send|recv|poll|select)\s*\("), "sockets"),
    (re.compile(_CALL + r"(?:getaddrinfo|gethostbyname)\s*\("), "sockets"),
]

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]*)"|<([^>\n]*)>)', re.MULTILINE)
# One alternative each: line comment, block comment, raw string, string, character literal.
_TEXT = re.compile(
    r'//[^\n]*|/\*.*?\*/'
    r'|(?<!\w)(?:u8|[uUL])?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",
    re.DOTALL)


def _blank(text):
    """The same length and line breaks, nothing else."""
    return re.sub(r"[^\n]", " ", text)


def strip_comments(source):
    """`source` with comments blanked; strings stay."""
    return _TEXT.sub(lambda m: _blank(m[0]) if m[0].startswith(("//", "/*")) else m[0], source)


def strip_strings(source):
    """`source` without comments, with strings and character literals blanked."""
    return _TEXT.sub(lambda m: _blank(m[0]), source)


def find_includes(source):
    """[(line, header, quoted)] of the includes outside comments and strings."""
    text = strip_comments(source)
    bare = strip_strings(source)
    found = []
    for match in _INCLUDE.finditer(text):
        sign = text.index("#", match.start())
        if bare[sign] != "#":
            continue  # Inside a raw string.
        line = text.count("\n", 0, sign) + 1
        found.append((line, match[1] if match[1] is not None else match[2], match[1] is not None))
    return found


def adapter_of(path):
    """The adapter's folder that `path` lies in, or None."""
    return next((adapter for adapter in ADAPTERS if path.startswith(adapter)), None)


def project_header_breach(path, header, files):
    """What is wrong with `path` including our own `header`, or None."""
    folder, target = path.split("/")[0], header.split("/")[0]
    if header not in files:
        return f'"{header}" is not a file of the repository; give the path from its root'
    if target != folder and target not in ALLOWED[folder]:
        allowed = ", ".join(sorted(ALLOWED[folder])) or "nothing"
        return f'{folder}/ may not include "{header}" (it may include: {allowed})'
    adapter = adapter_of(header)
    own = (adapter, *SHARED.get(adapter, ()))
    if adapter and folder in CORE | {"config"} and adapter_of(path) not in own:
        return f'"{header}" is an adapter; only {", ".join(own)} and tools/ may include it'
    return None


def foreign_header_breach(path, header):
    """What is wrong with `path` including the system or third-party `header`, or None."""
    folder = path.split("/")[0]
    if header.startswith(SPIRIT) and path != SPIRIT_FILE:
        return f"Boost.Spirit may stand in {SPIRIT_FILE} only"
    in_public_header = path.endswith(".h") and folder in ALL
    if in_public_header and THIRD_PARTY.match(header) and not header.startswith(IN_HEADERS):
        return f"third-party header <{header}> in a header; include it in the .cc file"
    if is_core(path) and header in CORE_HEADERS:
        return f"the core may not use {CORE_HEADERS[header]}: <{header}>"
    return None


def is_core(path):
    """Does law 5 hold for `path`?"""
    return path.split("/")[0] in CORE and adapter_of(path) is None


def word_breaches(path, source):
    """[(line, message)] for law 5."""
    if not is_core(path):
        return []
    text = strip_strings(source)
    breaches = []
    for pattern, what in CORE_WORDS:
        for match in pattern.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            word = " ".join(match[0].rstrip("( \t\n").split())
            breaches.append((line, f"the core may not use {what}: `{word}`"))
    return breaches


def find_cycles(graph):
    """Each include cycle once, as a list of paths that ends where it begins."""
    done, cycles = set(), []
    for start in sorted(graph):
        if start in done:
            continue
        path, on_path = [start], {start}
        stack = [iter(sorted(graph[start]))]
        while stack:
            step = next(stack[-1], None)
            if step is None:
                stack.pop()
                finished = path.pop()
                on_path.discard(finished)
                done.add(finished)
            elif step in on_path:
                cycles.append(path[path.index(step):] + [step])
            elif step not in done:
                path.append(step)
                on_path.add(step)
                stack.append(iter(sorted(graph.get(step, ()))))
    return cycles


def read_tree(root):
    """{path from the root: text} of all .h and .cc files of the folders that the law names."""
    files = {}
    for folder in ALLOWED:
        for path in (root / folder).rglob("*"):
            if path.suffix in (".h", ".cc") and path.is_file():
                files[path.relative_to(root).as_posix()] = path.read_text(encoding="utf-8", errors="replace")
    return files


def check(root):
    """All breaches of the tree at `root`, as sorted "file:line: message" lines."""
    files = read_tree(root)
    breaches, graph = [], {path: set() for path in files}
    for path, source in files.items():
        for line, header, quoted in find_includes(source):
            if quoted:
                message = project_header_breach(path, header, files)
                if header in files:
                    graph[path].add(header)
            else:
                message = foreign_header_breach(path, header)
            if message:
                breaches.append((path, line, message))
        breaches += [(path, line, message) for line, message in word_breaches(path, source)]
    for cycle in find_cycles(graph):
        line = next(n for n, header, _ in find_includes(files[cycle[0]]) if header == cycle[1])
        breaches.append((cycle[0], line, "include cycle: " + " -> ".join(cycle)))
    return [f"{path}:{line}: {message}" for path, line, message in sorted(set(breaches))]


def main(arguments):
    if len(arguments) > 1 or (arguments and arguments[0].startswith("-")):
        print(__doc__, file=sys.stderr)
        return 2
    root = pathlib.Path(arguments[0]) if arguments else pathlib.Path(__file__).resolve().parent.parent
    if not root.is_dir():
        print(f"{root} is not a folder", file=sys.stderr)
        return 2
    breaches = check(root)
    for breach in breaches:
        print(breach)
    if breaches:
        print(f"layers: {len(breaches)} breach(es) of the law in tools/check_layers.py")
        return 1
    print(f"layers: {len(read_tree(root))} files keep the law")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
