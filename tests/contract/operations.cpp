#include "tests/contract/operations.hpp"

#include <algorithm>
#include <array>

namespace keydeck::kms::contract {
namespace {

constexpr std::string_view kOk;
constexpr std::string_view kDisabled = "DisabledException";
constexpr std::string_view kState = "KMSInvalidStateException";
constexpr std::string_view kUsage = "InvalidKeyUsageException";
constexpr std::string_view kUnsupported = "UnsupportedOperationException";
constexpr std::string_view kIncorrect = "IncorrectKeyException";

// The rows of AWS's table of key states; an operation that does not fit the key's type still looks at the state first.
constexpr Expected kUsable{kOk, kDisabled, kState};
constexpr Expected kWrongUsage{kUsage, kDisabled, kState};
constexpr Expected kWrongKey{kIncorrect, kDisabled, kState};
constexpr Expected kNotSupported{kUnsupported, kDisabled, kState};
constexpr Expected kNeverSupported{kUnsupported, kUnsupported, kUnsupported};
constexpr Expected kNotPending{kOk, kOk, kState};
constexpr Expected kAlways{kOk, kOk, kOk};
constexpr Expected kOnlyPending{kState, kState, kOk};

const Bytes kMessage = to_bytes(as_bytes("message"));

template <class T>
Status status_of(const Result<T>& result) {
    if (!result) return fail(result);
    return {};
}

// The list may be long; the key is on it all the same.
Status find_in_list(Scene& scene) {
    PageRequest page{.limit = 1000, .marker = ""};
    for (;;) {
        const Result<Page<KeyListEntry>> keys = scene.kms.list_keys(page);
        if (!keys) return fail(keys);
        if (std::ranges::any_of(keys->items, [&](const KeyListEntry& key) { return key.key_id == scene.key_id; })) return {};
        if (keys->next_marker.empty()) return fail(ErrorCode::kInternal, "The key is not listed.");
        page.marker = keys->next_marker;
    }
}

Status find_alias_of_key(Scene& scene) {
    const Result<Page<Alias>> aliases = scene.kms.list_aliases(scene.key, {});
    if (!aliases) return fail(aliases);
    const bool found = std::ranges::any_of(aliases->items, [&](const Alias& alias) {
        return alias.name == scene.alias && alias.target_key_id == scene.key_id;
    });
    return found ? Status{} : fail(ErrorCode::kInternal, "The key's alias is not listed.");
}

Status re_encrypt(Scene& scene, const Bytes& ciphertext, const std::string& source, const std::string& destination) {
    return status_of(scene.kms.re_encrypt({.ciphertext = ciphertext,
                                           .source_context = {},
                                           .source_key_id = source,
                                           .destination_key_id = destination,
                                           .destination_context = {}}));
}

const std::array kOperations = {
    Operation{.name = "Encrypt",
              .run = [](Scene& s) { return status_of(s.kms.encrypt(s.key, kMessage, {})); },
              .symmetric = kUsable,
              .ecc = kWrongUsage,
              .takes_aliases = true},
    Operation{.name = "Decrypt",
              .run = [](Scene& s) { return status_of(s.kms.decrypt(s.key, s.ciphertext, {})); },
              .symmetric = kUsable,
              .ecc = kWrongKey,
              .takes_aliases = true},
    Operation{.name = "DecryptByBlob",
              .run = [](Scene& s) { return status_of(s.kms.decrypt("", s.ciphertext, {})); },
              .symmetric = kUsable,
              .ecc = kAlways,  // no ciphertext names such a key: the blob is the other key's
              .names_key = false},
    Operation{.name = "ReEncryptFrom",
              .run = [](Scene& s) { return re_encrypt(s, s.ciphertext, s.key, s.symmetric_id); },
              .symmetric = kUsable,
              .ecc = kWrongKey,
              .takes_aliases = true},
    Operation{.name = "ReEncryptTo",
              .run = [](Scene& s) { return re_encrypt(s, s.symmetric_ciphertext, "", s.key); },
              .symmetric = kUsable,
              .ecc = kWrongUsage,
              .takes_aliases = true},
    Operation{.name = "GenerateDataKey",
              .run = [](Scene& s) { return status_of(s.kms.generate_data_key(s.key, 32, {})); },
              .symmetric = kUsable,
              .ecc = kWrongUsage,
              .takes_aliases = true},
    Operation{.name = "GenerateDataKeyWithoutPlaintext",
              .run = [](Scene& s) { return status_of(s.kms.generate_data_key_without_plaintext(s.key, 32, {})); },
              .symmetric = kUsable,
              .ecc = kWrongUsage,
              .takes_aliases = true},
    Operation{.name = "GenerateDataKeyPair",
              .run = [](Scene& s) { return status_of(s.kms.generate_data_key_pair(s.key, {})); },
              .symmetric = kUsable,
              .ecc = kWrongUsage,
              .takes_aliases = true},
    Operation{.name = "GenerateDataKeyPairWithoutPlaintext",
              .run = [](Scene& s) { return status_of(s.kms.generate_data_key_pair_without_plaintext(s.key, {})); },
              .symmetric = kUsable,
              .ecc = kWrongUsage,
              .takes_aliases = true},
    Operation{.name = "Sign",
              .run = [](Scene& s) { return status_of(s.kms.sign(s.key, kMessage, MessageType::kRaw)); },
              .symmetric = kWrongUsage,
              .ecc = kUsable,
              .takes_aliases = true},
    Operation{.name = "Verify",
              .run = [](Scene& s) { return s.kms.verify(s.key, kMessage, MessageType::kRaw, s.signature); },
              .symmetric = kWrongUsage,
              .ecc = kUsable,
              .takes_aliases = true},
    Operation{.name = "GetPublicKey",
              .run = [](Scene& s) { return status_of(s.kms.get_public_key(s.key)); },
              .symmetric = kNotSupported,
              .ecc = kUsable,
              .takes_aliases = true},
    Operation{.name = "DescribeKey",
              .run = [](Scene& s) { return status_of(s.kms.describe_key(s.key)); },
              .symmetric = kAlways,
              .ecc = kAlways,
              .takes_aliases = true},
    Operation{.name = "ListKeys", .run = find_in_list, .symmetric = kAlways, .ecc = kAlways, .names_key = false},
    Operation{.name = "UpdateKeyDescription",
              .run = [](Scene& s) { return s.kms.update_key_description(s.key, "new"); },
              .symmetric = kNotPending,
              .ecc = kNotPending},
    Operation{.name = "EnableKey",
              .run = [](Scene& s) { return s.kms.enable_key(s.key); },
              .symmetric = kNotPending,
              .ecc = kNotPending,
              .leads_to = KeyState::kEnabled},
    Operation{.name = "DisableKey",
              .run = [](Scene& s) { return s.kms.disable_key(s.key); },
              .symmetric = kNotPending,
              .ecc = kNotPending,
              .leads_to = KeyState::kDisabled},
    Operation{.name = "ScheduleKeyDeletion",
              .run = [](Scene& s) { return status_of(s.kms.schedule_key_deletion(s.key, 7)); },
              .symmetric = kNotPending,
              .ecc = kNotPending,
              .leads_to = KeyState::kPendingDeletion},
    Operation{.name = "CancelKeyDeletion",
              .run = [](Scene& s) { return s.kms.cancel_key_deletion(s.key); },
              .symmetric = kOnlyPending,
              .ecc = kOnlyPending,
              .leads_to = KeyState::kDisabled},
    Operation{.name = "CreateAlias",
              .run = [](Scene& s) { return s.kms.create_alias("alias/another", s.key); },
              .symmetric = kNotPending,
              .ecc = kNotPending},
    Operation{.name = "UpdateAlias",
              .run = [](Scene& s) { return s.kms.update_alias(s.helper_alias, s.key); },
              .symmetric = kNotPending,
              .ecc = kNotPending},
    Operation{.name = "UpdateAliasAwayFromKey",
              .run = [](Scene& s) { return s.kms.update_alias(s.alias, s.helper_id); },
              .symmetric = kAlways,
              .ecc = kAlways,
              .names_key = false},
    Operation{.name = "DeleteAlias",
              .run = [](Scene& s) { return s.kms.delete_alias(s.alias); },
              .symmetric = kAlways,
              .ecc = kAlways,
              .names_key = false},
    Operation{.name = "ListAliases", .run = find_alias_of_key, .symmetric = kAlways, .ecc = kAlways},
    Operation{.name = "TagResource",
              .run = [](Scene& s) { return s.kms.tag_resource(s.key, {{"name", "value"}}); },
              .symmetric = kNotPending,
              .ecc = kNotPending},
    Operation{.name = "UntagResource",
              .run = [](Scene& s) { return s.kms.untag_resource(s.key, {"made"}); },
              .symmetric = kNotPending,
              .ecc = kNotPending},
    Operation{.name = "ListResourceTags",
              .run = [](Scene& s) { return status_of(s.kms.list_resource_tags(s.key, {})); },
              .symmetric = kAlways,
              .ecc = kAlways},
    Operation{.name = "EnableKeyRotation",
              .run = [](Scene& s) { return s.kms.enable_key_rotation(s.key, 365); },
              .symmetric = kUsable,
              .ecc = kNotSupported},
    Operation{.name = "DisableKeyRotation",
              .run = [](Scene& s) { return s.kms.disable_key_rotation(s.key); },
              .symmetric = kUsable,
              .ecc = kNotSupported},
    Operation{.name = "RotateKeyOnDemand",
              .run = [](Scene& s) { return s.kms.rotate_key_on_demand(s.key); },
              .symmetric = kUsable,
              .ecc = kNotSupported},
    Operation{.name = "GetKeyRotationStatus",
              .run = [](Scene& s) { return status_of(s.kms.get_key_rotation_status(s.key)); },
              .symmetric = kAlways,
              .ecc = kNeverSupported},
    Operation{.name = "ListKeyRotations",
              .run = [](Scene& s) { return status_of(s.kms.list_key_rotations(s.key, {})); },
              .symmetric = kAlways,
              .ecc = kNeverSupported},
};

}  // namespace

std::string_view Expected::in(KeyState state) const {
    switch (state) {
        case KeyState::kEnabled:
            return enabled;
        case KeyState::kDisabled:
            return disabled;
        case KeyState::kPendingImport:  // no cell of the suite's: what has such keys is tested by itself
        case KeyState::kPendingDeletion:
            return pending_deletion;
    }
    return {};
}

std::span<const Operation> operations() { return kOperations; }

}  // namespace keydeck::kms::contract
