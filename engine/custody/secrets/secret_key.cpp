#include "engine/custody/secrets/secret_key.hpp"

#include <string>

#include "engine/custody/key_noting.hpp"
#include "engine/custody/key_view.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;

constexpr std::string_view kNothingKept = "nothing was sealed under it";
constexpr std::string_view kEnabled = "Enabled";

}  // namespace

Result<store::KeyRecord> key_for_secrets(OpenVault& vault, std::string_view reference) {
    const Result<KeyInfo> info = view_key(vault, reference);
    if (!info) return fail(info);
    const std::string shown = info->alias.empty() ? info->id : info->alias;
    if (info->spec != "SYMMETRIC_DEFAULT" || info->usage != "ENCRYPT_DECRYPT") {
        return fail(ErrorCode::kRejected,
                    "The key " + shown + " is " + info->spec + " for " + info->usage +
                        "; a secret needs a symmetric key for " + "encryption, " + std::string(kNothingKept) + ".",
                    "keydeck key list shows them.", "InvalidKeyUsageException");
    }
    if (info->state != kEnabled) {
        return fail(ErrorCode::kRejected, "The key " + shown + " is " + info->state + "; " + std::string(kNothingKept) + ".",
                    "keydeck key show " + info->id);
    }
    if (const auto known = record_of(vault, info->id); known && *known) return **known;
    const Result<kms::KeyMetadata> metadata = vault.kms().describe_key(info->id);
    if (!metadata) return fail(metadata);
    store::KeyRecord record = to_key_record(*metadata, vault.record().region);
    record.alias = info->alias;
    Status recorded = vault.write([&](Database& database) { return store::record_key(database, record); });
    if (!recorded) return fail(recorded);
    record.rotation.version = info->versions;
    return record;
}

}  // namespace keydeck::custody
