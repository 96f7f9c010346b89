#!/usr/bin/env python3
"""Reads the #include lines and fails on an edge the design does not allow. Usage: layering_test.py SOURCE_DIR [--self-test]"""
import pathlib
import re
import sys

PUBLIC = {"engine/engine.hpp", "engine/types.hpp", "engine/secrets.hpp", "engine/migration.hpp", "engine/backup.hpp", "engine/contacts.hpp", "engine/overview.hpp", "engine/kms_calls.hpp", "engine/bulk.hpp", "engine/hidden_characters.hpp",
          "engine/error.hpp"}

# What the program knows of the front end: what it opens, and the values and words that both have.
PUBLIC_UI = {"ui/ui.hpp", "ui/welcome.hpp", "ui/row_writers.hpp", "ui/nearest.hpp", "ui/time_words.hpp"}

# Room -> the rooms it may include. error.hpp is below everything, types.hpp above base.
ALLOWED = {
    "engine/base": set(),
    "engine/crypto": {"engine/base"},
    "engine/sqlite": {"engine/base"},
    "engine/ethereum": {"engine/crypto", "engine/base"},
    "engine/kms": {"engine/crypto", "engine/sqlite", "engine/net", "engine/base"},
    "engine/net": {"engine/base"},
    "engine/store": {"engine/sqlite", "engine/base"},
    "engine/oversight": {"engine/store", "engine/kms", "engine/crypto", "engine/sqlite", "engine/base"},
    "engine/custody": {"engine/oversight", "engine/store", "engine/ethereum", "engine/kms", "engine/crypto", "engine/sqlite", "engine/base"},
    "engine": {"engine/base"},  # the public headers themselves
    "ui": set(),
    "app": {"ui"},
}

# Third-party header -> the only places that may name it. A file, or a room whose .cpp files may.
THIRD_PARTY = {
    r"sqlite3\.h": ["engine/sqlite/"],
    r"curl/.*": ["engine/net/"],
    r"openssl/.*": ["engine/crypto/", "engine/base/secret.cpp", "engine/base/bytes.cpp"],
    r"secp256k1.*\.h": ["engine/crypto/"],
    r"boost/(asio|beast)/.*": ["engine/kms/server/"],
    r"utf8proc\.h": ["engine/ethereum/normalize.cpp"],
    r"nlohmann/.*": ["engine/base/json.cpp", "app/"],
    r"(n?curses|ncursesw/.*|term)\.h": ["ui/terminal/curses_terminal.cpp"],
    r"qrencode\.h": ["ui/widgets/qr_code.cpp"],
    r"CLI/.*": ["app/"],
    r"toml\+\+/.*|toml\.hpp": ["app/"],
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def room_of(path):
    parts = path.split("/")
    if parts[0] == "engine":
        return "engine" if len(parts) == 2 else "/".join(parts[:2])
    return parts[0]


def shared_headers(sources):
    """The headers that some other room, or a test's author, sees."""
    return {match.group(2) for path, text in sources.items() for match in map(INCLUDE.match, text.splitlines())
            if match and match.group(1) == '"' and room_of(match.group(2)) != room_of(path)} | PUBLIC


def problems_of(path, text, shared):
    room = room_of(path)
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        bracket, name = match.groups()
        where = f"{path}:{number}"
        if bracket == '"':
            target = room_of(name)
            if name == "engine/error.hpp" or target == room:
                continue
            if name in PUBLIC:
                if room in ("ui", "app", "engine/custody", "engine"):
                    continue
                if name in ("engine/types.hpp", "engine/secrets.hpp", "engine/contacts.hpp") and room in ("engine/store", "engine/oversight"):
                    continue  # plain values that the records fill; they know nothing but base
                yield f"{where}: {room} may not include the public surface ({name}) above it"
            elif target not in ALLOWED.get(room, set()):
                yield f"{where}: {room} may not include {name}"
            elif room == "app" and target == "ui" and name not in PUBLIC_UI:
                yield f"{where}: app knows the terminal front end by the headers of PUBLIC_UI, not by {name}"
        else:
            for pattern, homes in THIRD_PARTY.items():
                if not re.fullmatch(pattern, name):
                    continue
                if not any(path.startswith(home) for home in homes):
                    yield f"{where}: <{name}> belongs in {' or '.join(homes)}"
                elif path in shared:
                    yield f"{where}: <{name}> must not stand in a header that another room includes"


def check(root):
    sources = {str(path.relative_to(root)): path.read_text() for top in ("engine", "ui", "app")
               for path in sorted((root / top).rglob("*")) if path.suffix in (".cpp", ".hpp")}
    shared = shared_headers(sources)
    return [problem for path, text in sources.items() for problem in problems_of(path, text, shared)], len(sources)


def self_test():
    """The rule must be able to fail: each of these lines is forbidden where it stands."""
    bad = [
        ("engine/ethereum/a.cpp", '#include "engine/kms/kms.hpp"'),
        ("engine/kms/a.cpp", '#include "engine/ethereum/address.hpp"'),
        ("engine/base/a.cpp", '#include "engine/crypto/hash.hpp"'),
        ("engine/store/a.hpp", '#include "engine/oversight/audit_log.hpp"'),
        ("engine/sqlite/a.hpp", "#include <sqlite3.h>"),
        ("engine/custody/a.cpp", "#include <openssl/evp.h>"),
        ("ui/views/a.cpp", '#include "engine/store/users.hpp"'),
        ("ui/views/a.cpp", "#include <curses.h>"),
        ("app/cli/a.cpp", '#include "ui/loop.hpp"'),
        ("engine/kms/a.cpp", '#include "engine/engine.hpp"'),
        ("engine/kms/a.cpp", '#include "engine/types.hpp"'),
        ("engine/store/a.cpp", '#include "engine/engine.hpp"'),
        ("engine/custody/a.cpp", "#include <boost/asio/post.hpp>"),
    ]
    return [f"self-test: not refused: {path}: {line}" for path, line in bad
            if not list(problems_of(path, line, {path}))]


def main():
    found, files = check(pathlib.Path(sys.argv[1]))
    found += self_test()
    if files == 0:
        found.append("no source file found")
    print("\n".join(found) or f"{files} files keep to their layers")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
