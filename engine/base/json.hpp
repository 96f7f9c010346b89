// JSON as it arrives from outside: strict, with numbers kept as they were written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/error.hpp"

namespace keydeck::json {

enum class Kind : std::uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };

struct Member;

/// One JSON value. A number keeps its characters, so that 2^255 is not rounded to a double on its way to a signature.
/// An edge type: parsers turn it into domain types at once and nothing keeps one.
struct Value {
    Kind kind = Kind::kNull;
    bool boolean = false;
    std::string text;             ///< a string's characters (UTF-8), or a number as written
    std::vector<Value> items;     ///< an array's
    std::vector<Member> members;  ///< an object's, in the order written, no name twice

    [[nodiscard]] bool is(Kind k) const { return kind == k; }
    /// The member of that name, or nullptr.
    [[nodiscard]] const Value* find(std::string_view name) const;
};

/// A member of an object: its name and its value. (Not a std::pair, which clang cannot make of an incomplete type.)
struct Member {
    std::string first;
    Value second;
};

/// "a string", "an object", … for error sentences.
[[nodiscard]] std::string_view describe(Kind kind);

/// Reads exactly one value. `what` names the input in the error ("the typed data").
/// Error: invalid_input with the byte position for malformed JSON, invalid UTF-8, a name twice in one object, more than 64
/// levels, or something after the value.
[[nodiscard]] Result<Value> parse(std::string_view text, std::string_view what);

/// Cuts JSON values that stand one after another (JSON Lines, or pretty-printed ones) into one view each, by their
/// brackets and strings only; each piece is then parsed on its own, so that one bad value spoils only itself.
/// A piece that no bracket ends runs to the end of the text.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text);

/// Appends a text as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
void append_quoted(std::string& out, std::string_view text);

}  // namespace keydeck::json
