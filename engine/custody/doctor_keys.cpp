#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "engine/custody/doctor_checks.hpp"
#include "engine/custody/key_tags.hpp"
#include "engine/custody/key_view.hpp"
#include "engine/custody/parallel.hpp"
#include "engine/oversight/alerts.hpp"
#include "engine/store/sealed_rows.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;

std::string counted(std::int64_t count, std::string_view noun) {
    return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

/// What the KMS says of a key that the store knows.
struct Answer {
    std::optional<Error> error;
    std::string state;
    std::optional<kms::Tags> tags;  ///< none where they were not told
};

Answer ask_about(OpenVault& vault, const store::KeyRecord& key) {
    Answer answer;
    const Result<std::string> state = refresh_key_state(vault, key.key_id);
    if (!state) {
        answer.error = state.error();
        return answer;
    }
    answer.state = *state;
    if (*state == store::kKeyDestroyed) return answer;
    // Rotations too, for a key that rotates by itself.
    if (key.rotation.period_days > 0) (void)view_key(vault, key.key_id).has_value();
    if (Result<kms::Tags> tags = all_tags(vault.kms(), key.key_id); tags) answer.tags = std::move(*tags);
    return answer;
}

std::vector<Answer> ask_about_all(OpenVault& vault, const std::vector<store::KeyRecord>& keys) {
    std::vector<Answer> answers(keys.size());
    for_each_in_parallel(keys.size(), vault.has_remote_kms() ? calls_at_once(vault) : 1, {},
                         [&](std::size_t i) { answers[i] = ask_about(vault, keys[i]); });
    return answers;
}

/// What undoes a change that somebody made elsewhere, for who did not want it.
std::string way_back(std::string_view state) {
    if (state == "Disabled") return "keydeck key enable ";
    if (state == store::kKeyPendingDeletion) return "keydeck key cancel-deletion ";
    return state == "Enabled" ? "keydeck key disable " : "keydeck key show ";
}

void tell_state(const store::KeyRecord& key, const Answer& answer, Findings& findings) {
    if (answer.state == store::kKeyDestroyed) {
        if (key.wallets + key.secrets == 0) return;
        findings.push_back(problem("lost-key",
                                   "The key " + key.key_id + " is destroyed: " + counted(key.wallets, "wallet") + " and " +
                                       counted(key.secrets, "secret") + " are lost.",
                                   "keydeck wallet list --key " + key.key_id, key.key_id));
        return;
    }
    if (answer.state == key.state) return;
    findings.push_back(notice("stale-state",
                              "The vault took the key " + key.key_id + " for " + key.state + ", and it is " + answer.state +
                                  ": somebody changed it elsewhere. The vault knows it now.",
                              way_back(answer.state) + key.key_id, key.key_id));
}

void tell_owner(const OpenVault& vault, const store::KeyRecord& key, const Answer& answer, Findings& findings) {
    if (!answer.tags) return;
    const std::string_view owner = tag_value(*answer.tags, kVaultTag);
    const bool retired = key.wallets + key.secrets == 0 && answer.state != "Enabled";
    if (owner == vault.record().id || retired) return;
    if (owner.empty()) {
        findings.push_back(
            problem("untagged-key",
                    "The key " + key.key_id +
                        " has lost the tag that says it is this vault's: policies that go by it refuse the key.",
                    "keydeck doctor --adopt " + key.key_id, key.key_id));
        return;
    }
    const bool in_pool = key.pool_index > 0;
    findings.push_back(problem("foreign-key",
                               "The key " + key.key_id + " bears the tag of another vault (" + std::string(owner) +
                                   "), which may disable or delete it.",
                               (in_pool ? "keydeck pool retire " : "keydeck wallet list --key ") + key.key_id, key.key_id));
}

/// What the store itself knows by now.
void tell_age(OpenVault& vault, const store::KeyRecord& key, Findings& findings) {
    if (const auto due = oversight::rotation_due(vault.options().alerts, key); due && *due < vault.now()) {
        findings.push_back(
            notice("rotation", "The key " + key.key_id + " was due to be rotated on " + to_rfc3339(*due).substr(0, 10) + ".",
                   "keydeck key rotate " + key.key_id, key.key_id));
    }
    if (key.retiring && key.state == "Enabled") {
        findings.push_back(notice("retiring-key",
                                  "The key " + key.key_id + " is being retired: " + counted(key.wallets, "wallet") +
                                      " and " + counted(key.secrets, "secret") +
                                      " are still under it, and it is still enabled.",
                                  "keydeck pool retire " + key.key_id, key.key_id));
    }
}

Status find_old_versions(OpenVault& vault, Findings& findings) {
    store::SealedRowQuery query;
    query.old_only = true;
    const Result<std::int64_t> count =
        ask_store(vault, [&](Database& database) { return store::count_sealed_rows(database, query); });
    if (!count) return fail(count);
    if (*count == 0) return {};
    findings.push_back(notice("old-versions",
                              counted(*count, "wallet") + (*count == 1 ? " is" : " are") +
                                  " sealed under an old version of the key, from before its rotation.",
                              "keydeck pool rewrap"));
    return {};
}

}  // namespace

std::string pool_alias_of(const store::KeyRecord& key) {
    if (key.pool_index <= 0) return {};
    return "alias/" + key.pool_prefix + "-" + std::to_string(key.pool_index);
}

Status find_wrong_keys(OpenVault& vault, Findings& findings) {
    Result<std::vector<store::KeyRecord>> keys = known_keys(vault);
    if (!keys) return fail(keys);
    const std::vector<Answer> answers = ask_about_all(vault, *keys);
    for (std::size_t i = 0; i < keys->size(); ++i) {
        const store::KeyRecord& key = (*keys)[i];
        const Answer& answer = answers[i];
        if (answer.error) {
            // Asked in another account nothing of what the doctor finds, and mends, would be true.
            const Error& error = *answer.error;
            if (error.code == ErrorCode::kDenied && error.kms_error == "NotFoundException") return std::unexpected(error);
            findings.push_back(notice("unreadable-key",
                                      "The KMS does not say how key " + key.key_id + " is: " + error.message,
                                      way_to_be_told(error), key.key_id));
            continue;
        }
        tell_state(key, answer, findings);
        tell_owner(vault, key, answer, findings);
    }
    keys = known_keys(vault);  // as they are known by now
    if (!keys) return fail(keys);
    for (const store::KeyRecord& key : *keys) tell_age(vault, key, findings);
    return find_old_versions(vault, findings);
}

Status find_wrong_aliases(OpenVault& vault, Findings& findings) {
    const Result<std::vector<store::KeyRecord>> keys = known_keys(vault);
    if (!keys) return fail(keys);
    const Result<std::vector<kms::Alias>> aliases = all_aliases(vault.kms(), {});
    if (!aliases) {
        findings.push_back(notice("unreadable-aliases", "The KMS does not list its aliases: " + aliases.error().message,
                                  way_to_be_told(aliases.error())));
        return {};
    }
    std::unordered_map<std::string_view, std::string_view> targets;
    for (const kms::Alias& alias : *aliases) targets[alias.name] = alias.target_key_id;
    for (const store::KeyRecord& key : *keys) {
        const std::string alias = pool_alias_of(key);
        if (alias.empty() || key.state == store::kKeyDestroyed || key.state == store::kKeyPendingDeletion) continue;
        const auto target = targets.find(alias);
        if (target != targets.end() && target->second == key.key_id) continue;
        const std::string where =
            target == targets.end() || target->second.empty() ? "is gone" : "points to " + std::string(target->second);
        std::string sentence = "The alias " + alias + " of the pool key " + key.key_id;
        sentence.append(" ").append(where).append("; wallets open all the same, for the vault goes by key ids.");
        findings.push_back(problem("alias", std::move(sentence), "keydeck doctor --adopt " + key.key_id, key.key_id));
    }
    return {};
}

}  // namespace keydeck::custody
