// What the KMS has said of a key, brought into the store: never an older answer over a newer one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/clock.hpp"
#include "engine/custody/open_vault.hpp"
#include "engine/store/keys.hpp"

namespace keydeck::custody {

struct SeenKey {
    std::string state;
    std::optional<Timestamp> deletion_date;
    std::string alias;
    std::optional<store::KeyRotation> rotation;  ///< none: the KMS was not asked, or would not say
};

/// How many changes of keys the store had seen when the KMS was asked: what the KMS answered is older than any later one.
/// -1 where it cannot be read: then nothing is written.
[[nodiscard]] std::int64_t changes_so_far(OpenVault& vault);

/// What the store knows of a key id, ARN or alias.
[[nodiscard]] Result<std::optional<store::KeyRecord>> record_of(OpenVault& vault, std::string_view reference);

/// Brings the store's row up to date where it differs; false when another change has overtaken the KMS's answer, which was
/// then not written. A vault that cannot be written keeps its older view.
[[nodiscard]] bool note_seen(OpenVault& vault, const SeenKey& seen, const store::KeyRecord& record, std::int64_t asked_at);

/// The KMS does not have the key; if the store knew it, it was destroyed, and its wallets are lost. Error: denied where it
/// was not our KMS that said so.
[[nodiscard]] Status note_gone(OpenVault& vault, std::string_view reference, std::int64_t asked_at, const Error& not_found);

}  // namespace keydeck::custody
