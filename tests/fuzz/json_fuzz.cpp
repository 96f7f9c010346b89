// Foreign JSON: what parses is UTF-8 and, written again, parses to the same; split() loses nothing but blanks.
#include <cstdlib>

#include "engine/base/bytes.hpp"
#include "engine/base/json.hpp"
#include "engine/base/text.hpp"

namespace {

using keydeck::json::Kind;
using keydeck::json::Value;

void require(bool holds) {
    if (!holds) std::abort();
}

void write(std::string& out, const Value& value) {
    switch (value.kind) {
        case Kind::kNull:
            out += "null";
            break;
        case Kind::kBool:
            out += value.boolean ? "true" : "false";
            break;
        case Kind::kNumber:
            out += value.text;
            break;
        case Kind::kString:
            keydeck::json::append_quoted(out, value.text);
            break;
        case Kind::kArray:
            out += '[';
            for (const Value& item : value.items) {
                if (out.back() != '[') out += ',';
                write(out, item);
            }
            out += ']';
            break;
        case Kind::kObject:
            out += '{';
            for (const auto& [name, member] : value.members) {
                if (&name != &value.members.front().first) out += ',';
                keydeck::json::append_quoted(out, name);
                out += ':';
                write(out, member);
            }
            out += '}';
            break;
    }
}

void check_split(std::string_view text) {
    const auto blank = [](std::string_view between) { return keydeck::trimmed(between).empty(); };
    std::size_t at = 0;
    for (const std::string_view piece : keydeck::json::split(text)) {
        const auto start = static_cast<std::size_t>(piece.data() - text.data());
        require(!piece.empty() && start >= at && blank(text.substr(at, start - at)));
        at = start + piece.size();
    }
    require(blank(text.substr(at)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = keydeck::as_text({data, size});
    check_split(text);
    const auto value = keydeck::json::parse(text, "input");
    if (!value) {
        require(keydeck::is_utf8(value.error().message));
        return 0;
    }
    require(keydeck::is_utf8(text));
    std::string once;
    write(once, *value);
    const auto again = keydeck::json::parse(once, "input");
    require(again.has_value());
    std::string twice;
    write(twice, *again);
    require(once == twice);
    // A single container is one piece.
    if (value->is(Kind::kArray) || value->is(Kind::kObject)) require(keydeck::json::split(once).size() == 1);
    return 0;
}
