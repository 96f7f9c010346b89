#include "engine/ethereum/typed_data_types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <utility>

#include "engine/ethereum/printable.hpp"

namespace keydeck::ethereum::eip712 {
namespace {

// Far above what a contract can declare, far below what would let a hostile file keep us hashing type strings.
constexpr std::size_t kMaxStructs = 512;
constexpr std::size_t kMaxFields = 2'048;
constexpr std::size_t kMaxNameLength = 128;
constexpr std::size_t kMaxDimensions = 64;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Solidity's identifiers: nothing that could be read as encodeType's own punctuation.
bool is_identifier(std::string_view name) {
    if (name.empty() || name.size() > kMaxNameLength || !is_letter(name[0])) return false;
    return std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c); });
}

// A struct may also be named in parts, `Exchange:Withdraw`, as exchanges in use do; no contract compiler could, but the hash
// is as unambiguous.
bool is_struct_name(std::string_view name) {
    if (name.size() > kMaxNameLength) return false;
    for (;;) {
        const auto colon = name.find(':');
        if (!is_identifier(name.substr(0, colon))) return false;
        if (colon == std::string_view::npos) return true;
        name.remove_prefix(colon + 1);
    }
}

// Digits without leading zeros; empty when the text is anything else or too large.
std::optional<std::uint64_t> parse_plain_number(std::string_view text) {
    if (text.empty() || (text.size() > 1 && text[0] == '0') || !std::ranges::all_of(text, is_digit)) return std::nullopt;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<AtomicType> parse_integer_type(AtomicKind kind, std::string_view width_text) {
    if (width_text.empty()) return AtomicType{kind, 256};
    const auto width = parse_plain_number(width_text);
    if (!width || *width == 0 || *width > 256 || *width % 8 != 0) return std::nullopt;
    return AtomicType{kind, static_cast<unsigned>(*width)};
}

// `uint7`, `bytes33`: no type at all, and no struct may take such a name either.
bool is_reserved(std::string_view name) {
    for (const std::string_view prefix : {"uint", "int", "bytes", "bool", "address", "string"}) {
        if (name.starts_with(prefix) && std::ranges::all_of(name.substr(prefix.size()), is_digit)) return true;
    }
    return false;
}

std::string canonical_atomic(AtomicType type, std::string_view name) {
    if (name == "uint" || name == "int") return std::string(name) + std::to_string(type.width);
    return std::string(name);
}

std::unexpected<Error> malformed(std::string_view what, std::string_view text) {
    return fail(ErrorCode::kInvalidInput, fmt::format("The field {} holds {}, which is not a type.", what, in_quotes(text)),
                "A type is bool, address, string, bytes, bytes1 to bytes32, uint8 to uint256, int8 to int256 or a struct's "
                "name, with [] "
                "or [N] after it for an array.");
}

// `[]` or `[12]` from the front of `rest`.
bool take_dimension(std::string_view& rest, std::vector<std::optional<std::uint64_t>>& out) {
    const auto end = rest.find(']');
    if (rest[0] != '[' || end == std::string_view::npos) return false;
    const auto length_text = rest.substr(1, end - 1);
    const auto length = parse_plain_number(length_text);
    if (!length_text.empty() && !length) return false;
    out.push_back(length);
    rest.remove_prefix(end + 1);
    return true;
}

// One entry of a struct's list: exactly {name, type}, both texts.
Result<std::pair<std::string_view, std::string_view>> parse_entry(const json::Value& entry, const std::string& place) {
    if (!entry.is(json::Kind::kObject))
        return fail(ErrorCode::kInvalidInput, fmt::format("The field {} is {}; it must be an object with name and type.",
                                                          place, json::describe(entry.kind)));
    for (const auto& [key, value] : entry.members) {
        if (key != "name" && key != "type")
            return fail(
                ErrorCode::kInvalidInput,
                fmt::format("The field {} has an unknown member {}; it has name and type only.", place, in_quotes(key)));
        if (!value.is(json::Kind::kString))
            return fail(ErrorCode::kInvalidInput,
                        fmt::format("The field {}.{} is {}; it must be a string.", place, key, json::describe(value.kind)));
    }
    const auto* name = entry.find("name");
    const auto* type = entry.find("type");
    if (name == nullptr || type == nullptr)
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("The field {}.{} is missing.", place, name == nullptr ? "name" : "type"));
    return std::pair<std::string_view, std::string_view>(name->text, type->text);
}

}  // namespace

std::optional<AtomicType> parse_atomic(std::string_view name) {
    if (name == "bool") return AtomicType{AtomicKind::kBool};
    if (name == "address") return AtomicType{AtomicKind::kAddress};
    if (name == "string") return AtomicType{AtomicKind::kString};
    if (name == "bytes") return AtomicType{AtomicKind::kBytes};
    if (name.starts_with("uint")) return parse_integer_type(AtomicKind::kUint, name.substr(4));
    if (name.starts_with("int")) return parse_integer_type(AtomicKind::kInt, name.substr(3));
    if (!name.starts_with("bytes")) return std::nullopt;
    const auto width = parse_plain_number(name.substr(5));
    if (!width || *width == 0 || *width > 32) return std::nullopt;
    return AtomicType{AtomicKind::kFixedBytes, static_cast<unsigned>(*width)};
}

std::string_view FieldType::text_of(std::size_t dimension_count) const {
    std::size_t end = base.size();
    for (std::size_t i = 0; i < dimension_count; ++i) end = text.find(']', end) + 1;
    return std::string_view(text).substr(0, end);
}

Result<FieldType> parse_field_type(std::string_view text, std::string_view what) {
    const auto bracket = std::min(text.find('['), text.size());
    const auto name = text.substr(0, bracket);
    FieldType type;
    type.atomic = parse_atomic(name);
    if (!type.atomic && (!is_struct_name(name) || is_reserved(name))) return malformed(what, text);
    type.base = type.atomic ? canonical_atomic(*type.atomic, name) : std::string(name);
    auto rest = text.substr(bracket);
    type.text = type.base + std::string(rest);
    while (!rest.empty()) {
        if (!take_dimension(rest, type.dimensions)) return malformed(what, text);
        if (type.dimensions.size() > kMaxDimensions)
            return fail(ErrorCode::kInvalidInput,
                        fmt::format("The field {} has more than {} array dimensions.", what, kMaxDimensions));
    }
    return type;
}

Result<TypeTable> TypeTable::parse(const json::Value& types) {
    if (!types.is(json::Kind::kObject))
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("The field types is {}; it must be an object.", json::describe(types.kind)));
    if (types.members.size() > kMaxStructs)
        return fail(ErrorCode::kInvalidInput, fmt::format("The field types defines more than {} structs.", kMaxStructs));
    TypeTable table;
    for (const auto& [name, fields] : types.members) {
        if (!is_struct_name(name))
            return fail(ErrorCode::kInvalidInput,
                        fmt::format("The field types defines {}, which is not a name a struct can have.", in_quotes(name)));
        if (is_reserved(name))
            return fail(ErrorCode::kInvalidInput,
                        fmt::format("The field types defines {}, a name that is kept for a basic type.", in_quotes(name)));
        StructType type{name, {}};
        if (const auto added = table.add_fields(fields, type); !added) return fail(added);
        table.index_.emplace(name, table.structs_.size());
        table.structs_.push_back(std::move(type));
    }
    if (const auto linked = table.link(); !linked) return fail(linked);
    if (const auto acyclic = table.refuse_cycles(); !acyclic) return fail(acyclic);
    return table;
}

Status TypeTable::add_fields(const json::Value& fields, StructType& type) {
    if (!fields.is(json::Kind::kArray))
        return fail(ErrorCode::kInvalidInput, fmt::format("The field types.{} is {}; it must be an array of fields.",
                                                          type.name, json::describe(fields.kind)));
    field_count_ += fields.items.size();
    if (field_count_ > kMaxFields)
        return fail(ErrorCode::kInvalidInput, fmt::format("The field types declares more than {} fields.", kMaxFields));
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < fields.items.size(); ++i) {
        const std::string place = fmt::format("types.{}[{}]", type.name, i);
        const auto entry = parse_entry(fields.items[i], place);
        if (!entry) return fail(entry);
        const auto [name, type_text] = *entry;
        if (!is_identifier(name))
            return fail(
                ErrorCode::kInvalidInput,
                fmt::format("The field {}.name holds {}, which is not a name a field can have.", place, in_quotes(name)));
        if (!seen.insert(name).second)
            return fail(ErrorCode::kInvalidInput,
                        fmt::format("The field types.{} declares two fields named {}.", type.name, name));
        auto field_type = parse_field_type(type_text, place + ".type");
        if (!field_type) return fail(field_type);
        type.fields.push_back(Field{std::string(name), std::move(*field_type), 0});
    }
    return {};
}

Status TypeTable::link() {
    for (auto& type : structs_) {
        for (std::size_t i = 0; i < type.fields.size(); ++i) {
            auto& field = type.fields[i];
            if (field.type.atomic) continue;
            const auto target = index_.find(field.type.base);
            if (target == index_.end())
                return fail(ErrorCode::kInvalidInput,
                            fmt::format("The field types.{}[{}].type holds {}, which types does not define.", type.name, i,
                                        in_quotes(field.type.base)));
            field.struct_index = target->second;
        }
    }
    return {};
}

// Depth first without recursion: a chain of 512 structs is nothing the stack should have to bear.
Status TypeTable::refuse_cycles() const {
    enum class Mark : std::uint8_t { kNew, kOpen, kDone };
    struct Step {
        std::size_t type, next_field;
    };
    std::vector<Mark> marks(structs_.size(), Mark::kNew);
    for (std::size_t root = 0; root < structs_.size(); ++root) {
        if (marks[root] != Mark::kNew) continue;
        std::vector<Step> open = {{root, 0}};
        marks[root] = Mark::kOpen;
        while (!open.empty()) {
            auto& [type, next_field] = open.back();
            if (next_field == structs_[type].fields.size()) {
                marks[type] = Mark::kDone;
                open.pop_back();
                continue;
            }
            const auto& field = structs_[type].fields[next_field++];
            if (field.type.atomic || marks[field.struct_index] == Mark::kDone) continue;
            if (marks[field.struct_index] == Mark::kOpen)
                return fail(ErrorCode::kInvalidInput,
                            fmt::format("The field {} of types.{} makes the struct {} contain itself.", field.name,
                                        structs_[type].name, field.type.base));
            marks[field.struct_index] = Mark::kOpen;
            open.push_back({field.struct_index, 0});
        }
    }
    return {};
}

const StructType* TypeTable::find(std::string_view name) const {
    const auto found = index_.find(name);
    return found == index_.end() ? nullptr : &structs_[found->second];
}

std::string encode_own_type(const StructType& type) {
    std::string text = type.name + '(';
    for (const auto& field : type.fields) {
        if (text.back() != '(') text += ',';
        text += field.type.text + ' ' + field.name;
    }
    return text + ')';
}

std::string TypeTable::encode_type(const StructType& type) const {
    std::set<std::string_view> names;  // sorted, as encodeType wants them
    std::vector<const StructType*> pending = {&type};
    while (!pending.empty()) {
        const auto* current = pending.back();
        pending.pop_back();
        for (const auto& field : current->fields) {
            if (!field.type.atomic && names.insert(field.type.base).second) pending.push_back(&structs_[field.struct_index]);
        }
    }
    std::string text = encode_own_type(type);
    for (const auto name : names) text += encode_own_type(*find(name));
    return text;
}

}  // namespace keydeck::ethereum::eip712
