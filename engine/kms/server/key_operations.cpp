// Keys: made, described, listed; their states and policies.
#include <array>

#include "engine/kms/kms_error.hpp"
#include "engine/kms/server/operations.hpp"

namespace keydeck::kms::server {
namespace {

// The words of AWS's API model; this KMS has some of them.
constexpr std::array<std::string_view, 17> kKeySpecs = {
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_SECG_P256K1",
    "SYMMETRIC_DEFAULT",
    "HMAC_224",
    "HMAC_256",
    "HMAC_384",
    "HMAC_512",
    "SM2",
    "ML_DSA_44",
    "ML_DSA_65",
    "ML_DSA_87",
    "ECC_NIST_EDWARDS25519",
};
constexpr std::array<std::string_view, 4> kKeyUsages = {"SIGN_VERIFY", "ENCRYPT_DECRYPT", "GENERATE_VERIFY_MAC",
                                                        "KEY_AGREEMENT"};
constexpr std::array<std::string_view, 4> kOrigins = {"AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"};
constexpr int kDefaultPendingWindow = 30;

std::unexpected<Error> not_offered(std::string_view what) {
    return kms_fail("UnsupportedOperationException", std::string(what) + " is not supported by this KMS.");
}

Status create_key(Call& call) {
    CreateKeyRequest request;
    const std::string_view old_spec = call.in.word("CustomerMasterKeySpec", kKeySpecs, "");
    const std::string_view new_spec = call.in.word("KeySpec", kKeySpecs, "");
    const std::string_view usage = call.in.word("KeyUsage", kKeyUsages, "");
    const std::string_view origin = call.in.word("Origin", kOrigins, "AWS_KMS");
    const bool multi_region = call.in.flag("MultiRegion");
    request.description = call.in.text("Description");
    request.policy = call.in.text("Policy");
    request.tags = call.in.tags("Tags");
    call.in.flag("BypassPolicyLockoutSafetyCheck");
    const bool elsewhere = !call.in.text("CustomKeyStoreId").empty() || !call.in.text("XksKeyId").empty();
    if (Status read = call.in.check(); !read) return read;
    if (!old_spec.empty() && !new_spec.empty()) {
        return validation_error(
            "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is "
            "deprecated.");
    }
    if (multi_region) return not_offered("A multi-Region key");
    if (elsewhere) return not_offered("A custom key store");
    const std::string_view spec_name = !new_spec.empty() ? new_spec : old_spec;
    const Result<KeySpec> spec = parse_key_spec(spec_name.empty() ? "SYMMETRIC_DEFAULT" : spec_name);
    if (!spec) return not_offered("KeySpec " + std::string(spec_name));
    request.spec = *spec;
    if (usage.empty() && request.spec != KeySpec::kSymmetricDefault) {
        return validation_error("You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.");
    }
    const Result<KeyUsage> parsed_usage = usage.empty() ? Result<KeyUsage>(usage_of(*spec)) : parse_key_usage(usage);
    if (!parsed_usage) {
        return validation_error("KeyUsage " + std::string(usage) + " is not compatible with KeySpec " +
                                std::string(to_string(*spec)));
    }
    request.usage = *parsed_usage;
    const Result<Origin> parsed_origin = parse_origin(origin);
    if (!parsed_origin) return not_offered("Origin " + std::string(origin));
    request.origin = *parsed_origin;
    const Result<KeyMetadata> key = call.kms.create_key(request);
    if (!key) return fail(key);
    write_metadata(call.out, call.kms, *key);
    return {};
}

Status describe_key(Call& call) {
    const std::string_view key_id = call.in.required_text("KeyId");
    call.in.texts("GrantTokens");
    if (Status read = call.in.check(); !read) return read;
    const Result<KeyMetadata> key = call.kms.describe_key(key_id);
    if (!key) return fail(key);
    write_metadata(call.out, call.kms, *key);
    return {};
}

Status list_keys(Call& call) {
    const PageRequest page = call.in.page();
    if (Status read = call.in.check(); !read) return read;
    const Result<Page<KeyListEntry>> keys = call.kms.list_keys(page);
    if (!keys) return fail(keys);
    call.out.begin_list("Keys");
    for (const KeyListEntry& key : keys->items) {
        call.out.begin_item().text("KeyId", key.key_id).text("KeyArn", key.arn).end_item();
    }
    call.out.end_list();
    write_page_end(call.out, *keys);
    return {};
}

Status update_key_description(Call& call) {
    const std::string_view key_id = call.in.required_text("KeyId");
    const std::string_view description = call.in.required_text("Description");
    if (Status read = call.in.check(); !read) return read;
    return call.kms.update_key_description(key_id, description);
}

Status enable_key(Call& call) {
    const std::string_view key_id = call.in.required_text("KeyId");
    if (Status read = call.in.check(); !read) return read;
    return call.kms.enable_key(key_id);
}

Status disable_key(Call& call) {
    const std::string_view key_id = call.in.required_text("KeyId");
    if (Status read = call.in.check(); !read) return read;
    return call.kms.disable_key(key_id);
}

Status schedule_key_deletion(Call& call) {
    const std::string_view key_id = call.in.required_text("KeyId");
    const int days = call.in.integer("PendingWindowInDays").value_or(kDefaultPendingWindow);
    if (Status read = call.in.check(); !read) return read;
    const Result<KeyMetadata> key = call.kms.schedule_key_deletion(key_id, days);
    if (!key) return fail(key);
    call.out.text("KeyId", key->arn);
    if (key->deletion_date) call.out.time("DeletionDate", *key->deletion_date);
    call.out.text("KeyState", to_string(key->state)).number("PendingWindowInDays", days);
    return {};
}

Status cancel_key_deletion(Call& call) {
    const std::string_view key_id = call.in.required_text("KeyId");
    if (Status read = call.in.check(); !read) return read;
    if (Status cancelled = call.kms.cancel_key_deletion(key_id); !cancelled) return cancelled;
    call.out.text("KeyId", arn_of(call.kms, key_id));
    return {};
}

Status get_key_policy(Call& call) {
    const std::string_view key_id = call.in.required_text("KeyId");
    const std::string_view name = call.in.text("PolicyName");
    if (Status read = call.in.check(); !read) return read;
    const Result<std::string> policy = call.kms.get_key_policy(key_id, name);
    if (!policy) return fail(policy);
    call.out.text("Policy", *policy).text("PolicyName", "default");
    return {};
}

Status put_key_policy(Call& call) {
    const std::string_view key_id = call.in.required_text("KeyId");
    const std::string_view name = call.in.text("PolicyName");
    const std::string_view policy = call.in.required_text("Policy");
    call.in.flag("BypassPolicyLockoutSafetyCheck");
    if (Status read = call.in.check(); !read) return read;
    return call.kms.put_key_policy(key_id, name, policy);
}

Status list_key_policies(Call& call) {
    const std::string_view key_id = call.in.required_text("KeyId");
    const PageRequest page = call.in.page();
    if (Status read = call.in.check(); !read) return read;
    const Result<Page<std::string>> names = call.kms.list_key_policies(key_id, page);
    if (!names) return fail(names);
    call.out.begin_list("PolicyNames");
    for (const std::string& name : names->items) call.out.item(name);
    call.out.end_list();
    write_page_end(call.out, *names);
    return {};
}

constexpr std::array kOperations = {
    Operation{.name = "CreateKey", .run = create_key, .slow = true},
    Operation{.name = "DescribeKey", .run = describe_key},
    Operation{.name = "ListKeys", .run = list_keys},
    Operation{.name = "UpdateKeyDescription", .run = update_key_description, .slow = true},
    Operation{.name = "EnableKey", .run = enable_key, .slow = true},
    Operation{.name = "DisableKey", .run = disable_key, .slow = true},
    Operation{.name = "ScheduleKeyDeletion", .run = schedule_key_deletion, .slow = true},
    Operation{.name = "CancelKeyDeletion", .run = cancel_key_deletion, .slow = true},
    Operation{.name = "GetKeyPolicy", .run = get_key_policy},
    Operation{.name = "PutKeyPolicy", .run = put_key_policy, .slow = true},
    Operation{.name = "ListKeyPolicies", .run = list_key_policies},
};

}  // namespace

std::span<const Operation> key_operations() { return kOperations; }

}  // namespace keydeck::kms::server
