// What a rewrap is to move, and where to: resolved once, kept in its job.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/custody/open_vault.hpp"
#include "engine/store/sealed_rows.hpp"

namespace keydeck::custody {

/// A Rewrap in ids. Its text is the job's request: enough to resume, and free of secrets.
struct RewrapPlan {
    std::string from;                   ///< key id; empty: see Rewrap
    std::string to;                     ///< key id; empty: see stays_under_its_key()
    std::vector<std::int64_t> wallets;  ///< in order; empty: all that fit
    bool fresh_data_keys = false;
    /// Only data keys from before; set wherever fresh ones leave a row where it is, or might. A row that was done does not
    /// fit any more, whoever did it, and one that was done before a newer leak does.
    std::optional<Timestamp> older_than;

    /// Neither a key nor wallets are named.
    [[nodiscard]] bool is_everywhere() const { return from.empty() && wallets.empty(); }
    /// Whether each row stays under the key that it has.
    [[nodiscard]] bool stays_under_its_key() const { return to.empty() && is_everywhere(); }
    /// Whether a row that was moved does not fit any more, so that the walk can go on until nothing fits. Of the others, one
    /// walk over all is all.
    [[nodiscard]] bool empties_its_rows() const { return old_only() || empties_a_key() || older_than; }
    [[nodiscard]] bool empties_a_key() const { return !from.empty() && from != to; }
    [[nodiscard]] bool old_only() const { return is_everywhere() && !fresh_data_keys; }
    [[nodiscard]] store::SealedRowQuery query() const { return {from, wallets, old_only(), older_than}; }
    /// Whether this one does all that the other was to do: the same, of data keys that were made later as well.
    [[nodiscard]] bool covers(const RewrapPlan& other) const;

    /// A JSON object: `{"from":…,"to":…,"wallets":[…],"fresh_data_keys":…}`, with `older_than` in microseconds where it is
    /// set.
    [[nodiscard]] std::string text() const;
    /// Error: corrupt for what is no such text.
    [[nodiscard]] static Result<RewrapPlan> parse(std::string_view text);
    /// For people: "rewrap alias/pool-2 → alias/pool-5, fresh data keys".
    [[nodiscard]] std::string title(sqlite::Database& database) const;
};

/// Finds keys and wallets, and asks the KMS about the pool's keys: states and versions are then as it says. Errors:
/// not_found; rejected for a key that is in no pool, or not enabled, and for a wallet that has a KMS key of its own.
[[nodiscard]] Result<RewrapPlan> plan_rewrap(OpenVault& vault, const Session& session, const Rewrap& request);

/// Asks the KMS about every key of the pool, and every other that secrets are under, so that the store knows their states
/// and versions. A key that the KMS does not tell of stays as it was.
[[nodiscard]] Status refresh_pool(OpenVault& vault);

}  // namespace keydeck::custody
