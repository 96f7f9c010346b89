#include "engine/ethereum/typed_data_encoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/crypto/hash.hpp"
#include "engine/ethereum/printable.hpp"
#include "engine/ethereum/typed_data_value.hpp"

namespace keydeck::ethereum::eip712 {
namespace {

// Restores the path when a step into a field or an item is over.
class PathStep {
public:
    PathStep(std::string& path, std::string_view step) : path_(path), size_(path.size()) { path_ += step; }
    ~PathStep() { path_.resize(size_); }
    PathStep(const PathStep&) = delete;
    PathStep& operator=(const PathStep&) = delete;

private:
    std::string& path_;
    std::size_t size_;
};

// Most files name the fields in the type's order: look there first.
const json::Value* find_member(const json::Value& object, std::size_t hint, std::string_view name) {
    if (hint < object.members.size() && object.members[hint].first == name) return &object.members[hint].second;
    return object.find(name);
}

}  // namespace

Result<Hash32> Encoder::hash_struct(const StructType& type, const json::Value& value) {
    if (!value.is(json::Kind::kObject))
        return fail(ErrorCode::kInvalidInput, fmt::format("The field {} is {}; it must be an object with the fields of {}.",
                                                          path_, json::describe(value.kind), type.name));
    Bytes encoded = to_bytes(type_hash(type));
    encoded.reserve(32 * (type.fields.size() + 1));
    ++depth_;
    for (std::size_t i = 0; i < type.fields.size(); ++i) {
        const auto& field = type.fields[i];
        const PathStep step(path_, "." + field.name);
        const auto* member = find_member(value, i, field.name);
        if (member == nullptr)
            return fail(ErrorCode::kInvalidInput,
                        fmt::format("The field {} is missing; {} declares it as {}.", path_, type.name, field.type.text));
        const auto& dimensions = field.type.dimensions;
        add_line(field.name, field.type.text);
        const auto word = encode(field, dimensions.size(), *member);
        if (!word) return fail(word);
        append(encoded, *word);
    }
    --depth_;
    if (value.members.size() != type.fields.size()) {
        if (const auto known = refuse_unknown(type, value); !known) return fail(known);
    }
    return crypto::keccak256(encoded);
}

Status Encoder::refuse_unknown(const StructType& type, const json::Value& value) const {
    for (const auto& [name, member] : value.members) {
        if (std::ranges::find(type.fields, name, &Field::name) != type.fields.end()) continue;
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("The field {} has a member {} that {} does not declare.", path_, in_quotes(name), type.name),
                    "It would not be signed. Remove it, or declare it in types.");
    }
    return {};
}

Result<Hash32> Encoder::encode(const Field& field, std::size_t dimension_count, const json::Value& value) {
    if (dimension_count > 0) return encode_array(field, dimension_count, value);
    if (!field.type.atomic) return hash_struct(types_.at(field.struct_index), value);
    auto encoded = encode_atomic(*field.type.atomic, value, path_);
    if (!encoded) return fail(encoded);
    lines_.back().value = std::move(encoded->text);
    return encoded->word;
}

Result<Hash32> Encoder::encode_array(const Field& field, std::size_t dimension_count, const json::Value& value) {
    const auto array_type = field.type.text_of(dimension_count);
    if (!value.is(json::Kind::kArray))
        return fail(ErrorCode::kInvalidInput, fmt::format("The field {} is {}; it must be an array, being declared as {}.",
                                                          path_, json::describe(value.kind), array_type));
    const auto length = field.type.dimensions[dimension_count - 1];
    if (length && *length != value.items.size())
        return fail(ErrorCode::kInvalidInput, fmt::format("The field {} has {} items; {} has exactly {}.", path_,
                                                          value.items.size(), array_type, *length));
    const auto item_type = field.type.text_of(dimension_count - 1);
    Bytes encoded;
    encoded.reserve(32 * value.items.size());
    ++depth_;
    for (std::size_t i = 0; i < value.items.size(); ++i) {
        const std::string name = fmt::format("[{}]", i);
        const PathStep step(path_, name);
        add_line(name, item_type);
        const auto word = encode(field, dimension_count - 1, value.items[i]);
        if (!word) return fail(word);
        append(encoded, *word);
    }
    --depth_;
    return crypto::keccak256(encoded);
}

const Hash32& Encoder::type_hash(const StructType& type) {
    const auto [entry, is_new] = type_hashes_.try_emplace(&type);
    if (is_new) entry->second = crypto::keccak256(as_bytes(types_.encode_type(type)));
    return entry->second;
}

void Encoder::add_line(std::string_view name, std::string_view type) {
    lines_.push_back(TypedDataLine{depth_ - 1, std::string(name), std::string(type), {}});
}

}  // namespace keydeck::ethereum::eip712
