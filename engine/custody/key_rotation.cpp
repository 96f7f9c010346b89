#include "engine/custody/key_rotation.hpp"

#include <algorithm>

#include "engine/custody/key_change.hpp"
#include "engine/kms/limits.hpp"
#include "engine/oversight/detail.hpp"

namespace keydeck::custody {
namespace {

constexpr std::string_view kUnsupported = "UnsupportedOperationException";

bool has_rotation(const kms::KeyMetadata& metadata) {
    return metadata.spec == kms::KeySpec::kSymmetricDefault && metadata.origin == kms::Origin::kAwsKms;
}

/// Versions and the newest one's beginning.
Status read_versions(kms::Kms& kms, std::string_view key_id, store::KeyRotation& rotation) {
    constexpr int kMostPages = 100;
    kms::PageRequest page{1000, {}};
    for (int pages = 0; pages < kMostPages; ++pages) {
        const Result<kms::Page<kms::Rotation>> rotations = kms.list_key_rotations(key_id, page);
        if (!rotations) return fail(rotations);
        rotation.version += static_cast<std::int64_t>(rotations->items.size());
        for (const kms::Rotation& one : rotations->items) {
            rotation.rotated_at = rotation.rotated_at ? std::max(*rotation.rotated_at, one.at) : one.at;
        }
        page.marker = rotations->next_marker;
        if (page.marker.empty()) return {};
    }
    return fail(ErrorCode::kCorrupt, "The KMS lists a key's rotations without end.");
}

}  // namespace

Result<std::optional<store::KeyRotation>> read_rotation(kms::Kms& kms, const kms::KeyMetadata& metadata) {
    if (!has_rotation(metadata)) return std::optional<store::KeyRotation>();
    const Result<kms::RotationStatus> status = kms.get_key_rotation_status(metadata.key_id);
    if (!status) return fail(status);
    store::KeyRotation rotation;
    if (Status read = read_versions(kms, metadata.key_id, rotation); !read) return fail(read);
    rotation.period_days = status->enabled ? status->period_days : 0;
    if (status->enabled) rotation.next_rotation = status->next_rotation;
    return std::optional(rotation);
}

std::optional<store::KeyRotation> ask_rotation(kms::Kms& kms, const kms::KeyMetadata& metadata) {
    const Result<std::optional<store::KeyRotation>> rotation = read_rotation(kms, metadata);
    return rotation ? *rotation : std::nullopt;
}

std::string rotation_words(const kms::KeyMetadata& metadata, const std::optional<store::KeyRotation>& rotation) {
    if (kms::is_hmac(metadata.spec)) return "n/a (HMAC)";
    if (metadata.spec != kms::KeySpec::kSymmetricDefault) return "n/a (ECC)";
    if (metadata.origin == kms::Origin::kExternal) return "n/a (imported)";
    if (metadata.state == kms::KeyState::kPendingDeletion) return "n/a (pending deletion)";
    const bool disabled = metadata.state == kms::KeyState::kDisabled;
    if (!rotation) return disabled ? "n/a (disabled)" : "";
    if (rotation->period_days == 0) return disabled ? "n/a (disabled)" : "off";
    std::string words = std::to_string(rotation->period_days) + "d";
    if (disabled) return words + ", not while disabled";
    if (rotation->next_rotation) words += " next " + to_rfc3339(*rotation->next_rotation).substr(0, 10);
    return words;
}

Status require_rotatable(const kms::KeyMetadata& metadata) {
    const std::string key = "The key " + metadata.key_id;
    if (kms::is_hmac(metadata.spec)) {
        return fail(ErrorCode::kRejected, key + " is an HMAC key: only symmetric encryption keys rotate.", {},
                    std::string(kUnsupported));
    }
    if (metadata.spec != kms::KeySpec::kSymmetricDefault) {
        return fail(ErrorCode::kRejected, key + " is a signing key and cannot rotate: a new key is a new address.",
                    "Make a new wallet and move the funds to it.", std::string(kUnsupported));
    }
    if (metadata.origin == kms::Origin::kExternal) {
        return fail(ErrorCode::kRejected, key + " has imported material: the KMS does not rotate what it did not make.",
                    "Make another key, and move what is sealed to it: keydeck pool rewrap.", std::string(kUnsupported));
    }
    if (metadata.state == kms::KeyState::kDisabled) {
        return fail(ErrorCode::kRejected, key + " is disabled: it does not rotate.",
                    "Enable it: keydeck key enable " + metadata.key_id, "DisabledException");
    }
    if (metadata.state == kms::KeyState::kPendingDeletion) {
        return fail(ErrorCode::kRejected, key + " is pending deletion: it does not rotate.",
                    "Cancel the deletion: keydeck key cancel-deletion " + metadata.key_id, "KMSInvalidStateException");
    }
    return {};
}

Result<KeyInfo> rotate_key(OpenVault& vault, const Session& session, std::string_view key) {
    return change_key(vault, session, "RotateKeyOnDemand", key,
                      [](kms::Kms& kms, const kms::KeyMetadata& metadata, AuditEvent&) -> Status {
                          if (Status able = require_rotatable(metadata); !able) return able;
                          return kms.rotate_key_on_demand(metadata.key_id);
                      });
}

Result<KeyInfo> set_key_rotation(OpenVault& vault, const Session& session, std::string_view key, int period_days) {
    const bool on = period_days != 0;
    return change_key(vault, session, on ? "EnableKeyRotation" : "DisableKeyRotation", key,
                      [&](kms::Kms& kms, const kms::KeyMetadata& metadata, AuditEvent& event) -> Status {
                          if (on) event.detail = oversight::Detail().number("period_days", period_days).done();
                          if (on) {
                              if (Status sound = kms::check_rotation_period(period_days); !sound) return sound;
                          }
                          if (Status able = require_rotatable(metadata); !able) return able;
                          return on ? kms.enable_key_rotation(metadata.key_id, period_days)
                                    : kms.disable_key_rotation(metadata.key_id);
                      });
}

}  // namespace keydeck::custody
