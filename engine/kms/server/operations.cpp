#include "engine/kms/server/operations.hpp"

#include <fmt/format.h>

#include <array>
#include <unordered_map>

#include "engine/kms/kms_error.hpp"
#include "engine/kms/limits.hpp"

namespace keydeck::kms::server {
namespace {

/// Grants, custom key stores, multi-Region keys, key agreement: AWS has them, this KMS has not.
constexpr std::array<std::string_view, 15> kUnsupported = {
    "ConnectCustomKeyStore",
    "CreateCustomKeyStore",
    "CreateGrant",
    "DeleteCustomKeyStore",
    "DeriveSharedSecret",
    "DescribeCustomKeyStores",
    "DisconnectCustomKeyStore",
    "ListGrants",
    "ListRetirableGrants",
    "ReplicateKey",
    "RetireGrant",
    "RevokeGrant",
    "UpdateCustomKeyStore",
    "UpdatePrimaryRegion",
    "GetKeyLastUsage",
};

Status unsupported(Call& /*call*/) {
    return kms_fail("UnsupportedOperationException", "This operation is not supported by this KMS.");
}

using Table = std::unordered_map<std::string_view, Operation>;

Table make_table() {
    Table table;
    for (const auto rows : {key_operations(), naming_operations(), rotation_operations(), encryption_operations(),
                            signing_operations(), import_operations()}) {
        for (const Operation& row : rows) table.emplace(row.name, row);
    }
    for (const std::string_view name : kUnsupported) table.emplace(name, Operation{.name = name, .run = unsupported});
    return table;
}

struct AlgorithmRow {
    KeySpec spec;
    std::string_view member;
    std::string_view algorithm;
};

constexpr std::array kAlgorithms = {
    AlgorithmRow{KeySpec::kSymmetricDefault, "EncryptionAlgorithms", "SYMMETRIC_DEFAULT"},
    AlgorithmRow{KeySpec::kEccSecgP256k1, "SigningAlgorithms", "ECDSA_SHA_256"},
    AlgorithmRow{KeySpec::kHmac224, "MacAlgorithms", "HMAC_SHA_224"},
    AlgorithmRow{KeySpec::kHmac256, "MacAlgorithms", "HMAC_SHA_256"},
    AlgorithmRow{KeySpec::kHmac384, "MacAlgorithms", "HMAC_SHA_384"},
    AlgorithmRow{KeySpec::kHmac512, "MacAlgorithms", "HMAC_SHA_512"},
};

}  // namespace

const Operation* find_operation(std::string_view name) {
    static const Table table = make_table();
    const auto found = table.find(name);
    return found == table.end() ? nullptr : &found->second;
}

Result<std::string_view> optional_key_id(Fields& in, std::string_view name) {
    const std::string_view key_id = in.text(name);
    if (!in.has(name)) return key_id;
    if (Status length = check_key_id(key_id); !length) return fail(length);
    return key_id;
}

std::string arn_of(const LocalKms& kms, std::string_view key_id) {
    if (key_id.starts_with("arn:")) return std::string(key_id);
    return fmt::format("arn:aws:kms:{}:{}:key/{}", kms.region(), kms.account(), key_id);
}

void write_algorithms(JsonWriter& out, KeySpec spec) {
    const AlgorithmRow& row = kAlgorithms.at(static_cast<std::size_t>(spec));
    out.begin_list(row.member).item(row.algorithm).end_list();
}

void write_metadata(JsonWriter& out, const LocalKms& kms, const KeyMetadata& key) {
    out.begin_object("KeyMetadata")
        .text("AWSAccountId", kms.account())
        .text("KeyId", key.key_id)
        .text("Arn", key.arn)
        .time("CreationDate", key.created_at)
        .boolean("Enabled", key.state == KeyState::kEnabled)
        .text("Description", key.description)
        .text("KeyUsage", to_string(key.usage))
        .text("KeyState", to_string(key.state))
        .text("Origin", to_string(key.origin))
        .text("KeyManager", "CUSTOMER")
        .text("CustomerMasterKeySpec", to_string(key.spec))
        .text("KeySpec", to_string(key.spec))
        .boolean("MultiRegion", false);
    if (key.deletion_date) out.time("DeletionDate", *key.deletion_date);
    if (key.origin == Origin::kExternal && key.state != KeyState::kPendingImport) {
        out.text("ExpirationModel", key.valid_to ? "KEY_MATERIAL_EXPIRES" : "KEY_MATERIAL_DOES_NOT_EXPIRE");
        if (key.valid_to) out.time("ValidTo", *key.valid_to);
    }
    write_algorithms(out, key.spec);
    out.end_object();
}

}  // namespace keydeck::kms::server
