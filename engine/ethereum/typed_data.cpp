#include "engine/ethereum/typed_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/json.hpp"
#include "engine/crypto/hash.hpp"
#include "engine/ethereum/printable.hpp"
#include "engine/ethereum/typed_data_encoder.hpp"
#include "engine/ethereum/typed_data_types.hpp"
#include "engine/ethereum/typed_data_value.hpp"

namespace keydeck::ethereum {
namespace {

using eip712::AtomicKind;
using eip712::StructType;

// A value of two characters costs about a hundred bytes once it is read; this keeps a hostile file under half a gigabyte.
constexpr std::size_t kMaxText = 4U << 20U;

constexpr std::string_view kDomainType = "EIP712Domain";

struct DomainField {
    std::string_view name, type;
};

// In the EIP's order, which an inferred domain keeps.
constexpr std::array<DomainField, 5> kDomainFields = {{{"name", "string"},
                                                       {"version", "string"},
                                                       {"chainId", "uint256"},
                                                       {"verifyingContract", "address"},
                                                       {"salt", "bytes32"}}};

struct Parts {
    const json::Value* types = nullptr;
    const json::Value* primary_type = nullptr;
    const json::Value* domain = nullptr;
    const json::Value* message = nullptr;
};

Result<Parts> split_parts(const json::Value& root) {
    if (!root.is(json::Kind::kObject))
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("The typed data is {}; it must be an object with types, primaryType, domain and message.",
                                json::describe(root.kind)));
    Parts parts;
    const std::array<std::pair<std::string_view, const json::Value**>, 4> wanted = {{{"types", &parts.types},
                                                                                     {"primaryType", &parts.primary_type},
                                                                                     {"domain", &parts.domain},
                                                                                     {"message", &parts.message}}};
    for (const auto& [name, value] : root.members) {
        const auto part = std::ranges::find(wanted, name, [](const auto& pair) { return pair.first; });
        if (part == wanted.end())
            return fail(
                ErrorCode::kInvalidInput,
                fmt::format("The typed data has an unknown member {}; it has types, primaryType, domain and message only.",
                            in_quotes(name)));
        *part->second = &value;
    }
    for (const auto& [name, part] : wanted) {
        if (*part == nullptr)
            return fail(ErrorCode::kInvalidInput, fmt::format("The field {} is missing from the typed data.", name));
    }
    return parts;
}

Result<const StructType*> find_primary(const eip712::TypeTable& types, const json::Value& primary_type) {
    if (!primary_type.is(json::Kind::kString))
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("The field primaryType is {}; it must be a string.", json::describe(primary_type.kind)));
    // Implementations disagree on what such a digest is.
    if (primary_type.text == kDomainType)
        return fail(ErrorCode::kInvalidInput, "The field primaryType is EIP712Domain; it must be the message's own type.");
    const auto* found = types.find(primary_type.text);
    if (found == nullptr)
        return fail(ErrorCode::kInvalidInput, fmt::format("The field primaryType holds {}, which types does not define.",
                                                          in_quotes(primary_type.text)));
    return found;
}

// A null in the domain means that the field is not there, as in ethers.
json::Value without_nulls(const json::Value& domain) {
    json::Value kept = domain;
    std::erase_if(kept.members, [](const auto& member) {
        return member.second.is(json::Kind::kNull) &&
               std::ranges::find(kDomainFields, member.first, &DomainField::name) != kDomainFields.end();
    });
    return kept;
}

// The domain's type when `types` does not give it: those of the EIP's fields that are there.
StructType infer_domain_type(const json::Value& domain) {
    StructType type{std::string(kDomainType), {}};
    for (const auto& [name, field_type] : kDomainFields) {
        if (domain.find(name) == nullptr) continue;
        type.fields.push_back({std::string(name), *eip712::parse_field_type(field_type, name), 0});
    }
    return type;
}

// The word of an atomic domain field of that name and kind, where there is one; the domain was hashed, so the value is known
// to be right.
std::optional<Hash32> domain_word(const StructType& type, const json::Value& domain, std::string_view name,
                                  AtomicKind kind) {
    const auto field = std::ranges::find(type.fields, name, &eip712::Field::name);
    if (field == type.fields.end() || !field->type.dimensions.empty()) return std::nullopt;
    if (!field->type.atomic || field->type.atomic->kind != kind) return std::nullopt;
    const auto encoded = eip712::encode_atomic(*field->type.atomic, *domain.find(name), name);
    if (!encoded) return std::nullopt;
    return encoded->word;
}

Status hash_domain(const eip712::TypeTable& types, const json::Value& value, TypedData& out) {
    if (!value.is(json::Kind::kObject))
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("The field domain is {}; it must be an object.", json::describe(value.kind)));
    const auto domain = without_nulls(value);
    const auto* declared = types.find(kDomainType);
    const auto type = declared != nullptr ? *declared : infer_domain_type(domain);
    eip712::Encoder encoder(types, "domain");
    const auto hash = encoder.hash_struct(type, domain);
    if (!hash) return fail(hash);
    out.domain_hash = *hash;
    out.domain = encoder.take_lines();
    if (const auto word = domain_word(type, domain, "chainId", AtomicKind::kUint)) out.chain_id = from_be(*word);
    if (const auto word = domain_word(type, domain, "verifyingContract", AtomicKind::kAddress)) {
        out.verifying_contract.emplace();
        std::copy(word->begin() + 12, word->end(), out.verifying_contract->bytes.begin());
    }
    return {};
}

Hash32 typed_data_digest(const Hash32& domain_hash, const Hash32& message_hash) {
    crypto::Keccak256 hash;
    hash.update(FixedBytes<2>{0x19, 0x01});
    hash.update(domain_hash);
    hash.update(message_hash);
    return hash.finish();
}

}  // namespace

Result<TypedData> parse_typed_data(std::string_view text) {
    if (text.size() > kMaxText) return fail(ErrorCode::kInvalidInput, "The typed data is longer than 4 MiB.");
    const auto root = json::parse(text, "the typed data");
    if (!root) return fail(root);
    const auto parts = split_parts(*root);
    if (!parts) return fail(parts);
    const auto types = eip712::TypeTable::parse(*parts->types);
    if (!types) return fail(types);
    const auto primary = find_primary(*types, *parts->primary_type);
    if (!primary) return fail(primary);

    TypedData data;
    if (const auto hashed = hash_domain(*types, *parts->domain, data); !hashed) return fail(hashed);
    eip712::Encoder encoder(*types, "message");
    const auto message_hash = encoder.hash_struct(**primary, *parts->message);
    if (!message_hash) return fail(message_hash);
    data.message_hash = *message_hash;
    data.message = encoder.take_lines();
    data.primary_type = (*primary)->name;
    data.encoded_type = types->encode_type(**primary);
    data.digest = typed_data_digest(data.domain_hash, data.message_hash);
    return data;
}

}  // namespace keydeck::ethereum
