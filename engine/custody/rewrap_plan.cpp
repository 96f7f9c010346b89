#include "engine/custody/rewrap_plan.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "engine/base/json.hpp"
#include "engine/custody/access.hpp"
#include "engine/custody/key_rotation.hpp"
#include "engine/custody/key_tags.hpp"
#include "engine/custody/key_view.hpp"
#include "engine/custody/parallel.hpp"
#include "engine/custody/secrets/secret_key.hpp"
#include "engine/oversight/detail.hpp"
#include "engine/store/keys.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;

constexpr std::string_view kEnabled = "Enabled";

std::string name_of(const store::KeyRecord& key) { return key.alias.empty() ? key.key_id : key.alias; }

/// A key of the pool, or one that secrets were put under by name.
struct FoundKey {
    std::string id;
    bool is_of_pool = false;
};

/// As the KMS has it now. Errors: not_found; rejected where nothing of this vault can be under it, or it is not enabled.
Result<FoundKey> enabled_key(OpenVault& vault, const std::string& reference) {
    const Result<KeyInfo> seen = view_key(vault, reference);
    if (!seen) return fail(seen);
    const auto record = ask_store(vault, [&](Database& database) { return store::key_by_id(database, seen->id); });
    if (!record) return fail(record);
    const bool is_of_pool = *record && (*record)->purpose == kPurposePool;
    if (!is_of_pool && (!*record || (*record)->secrets == 0)) {
        return fail(ErrorCode::kRejected,
                    "The key " + reference + " is not of this vault's pool, and no secret is under it; nothing was moved.",
                    "keydeck pool status shows the pool.");
    }
    if ((*record)->state == kEnabled) return FoundKey{seen->id, is_of_pool};
    return fail(ErrorCode::kRejected,
                "The key " + name_of(**record) + " is " + (*record)->state + ", not Enabled; nothing was moved.",
                "Enable it: keydeck key enable " + seen->id);
}

/// A key of the pool to move to. Errors: as above; rejected where it is in no pool, or retiring.
Result<std::string> pool_target(OpenVault& vault, const std::string& reference) {
    const Result<FoundKey> key = enabled_key(vault, reference);
    if (!key) return fail(key);
    if (!key->is_of_pool) {
        return fail(ErrorCode::kRejected, "The key " + reference + " is not of this vault's pool; nothing was moved.",
                    "keydeck pool status shows them.");
    }
    const auto record = ask_store(vault, [&](Database& database) { return store::key_by_id(database, key->id); });
    if (!record) return fail(record);
    if (*record && (*record)->retiring) {
        return fail(ErrorCode::kRejected,
                    "The key " + name_of(**record) + " is being retired: nothing new is sealed under it.",
                    "Keep it after all: keydeck key enable " + key->id);
    }
    return key->id;
}

/// Finds the keys of a request. Secrets that were put under a key by name go only where somebody names another.
Status find_keys(OpenVault& vault, const Rewrap& request, RewrapPlan& plan) {
    FoundKey from{{}, true};
    if (!request.from.empty()) {
        Result<FoundKey> found = enabled_key(vault, request.from);
        if (!found) return fail(found);
        from = std::move(*found);
        plan.from = from.id;
    }
    if (request.to.empty() && from.is_of_pool) return {};
    if (request.to.empty()) {
        return fail(
            ErrorCode::kRejected,
            "The key " + request.from + " is in no pool: its secrets go to no other by themselves; nothing was moved.",
            "Name one: --to KEY");
    }
    if (from.is_of_pool) {
        Result<std::string> to = pool_target(vault, request.to);
        if (!to) return fail(to);
        plan.to = std::move(*to);
        return {};
    }
    Result<store::KeyRecord> to = key_for_secrets(vault, request.to);
    if (!to) return fail(to);
    plan.to = std::move(to->key_id);
    return {};
}

Result<std::vector<std::int64_t>> sealed_wallets(OpenVault& vault, const Session& session,
                                                 const std::vector<std::string>& references) {
    std::vector<std::int64_t> ids;
    Status found = ask_store(vault, [&](Database& database) -> Status {
        for (const std::string& reference : references) {
            const Result<Wallet> wallet = find_wallet_or_hidden(database, session, reference);
            if (!wallet) return fail(wallet);
            if (wallet->custody == Custody::kKmsKey) {
                return fail(ErrorCode::kRejected,
                            "The wallet " + checksum_address(wallet->address) +
                                " has a KMS key of its own, which never leaves the KMS; nothing was moved.",
                            "Leave it out: there is nothing sealed to move.");
            }
            ids.push_back(wallet->id);
        }
        return {};
    });
    if (!found) return fail(found);
    std::ranges::sort(ids);
    const auto repeated = std::ranges::unique(ids);
    ids.erase(repeated.begin(), repeated.end());
    return ids;
}

std::string numbers(const std::vector<std::int64_t>& ids) {
    std::string text = "[";
    for (const std::int64_t id : ids) {
        if (text.size() > 1) text += ',';
        text += std::to_string(id);
    }
    return text + ']';
}

Result<std::int64_t> number_of(const json::Value& value) {
    std::int64_t number = 0;
    const char* const end = value.text.data() + value.text.size();
    const auto [at, error] = std::from_chars(value.text.data(), end, number);
    if (value.is(json::Kind::kNumber) && error == std::errc() && at == end) return number;
    return fail(ErrorCode::kCorrupt, "A job's request is damaged.");
}

/// The pool's, and those that secrets were put under by name; destroyed ones left out.
Result<std::vector<store::KeyRecord>> keys_that_seal(OpenVault& vault) {
    Result<std::vector<store::KeyRecord>> keys = known_keys(vault);
    if (!keys) return keys;
    std::erase_if(*keys, [](const store::KeyRecord& key) {
        return key.state == store::kKeyDestroyed || (key.purpose != kPurposePool && key.secrets == 0);
    });
    return keys;
}

/// Error: the KMS's, where it does not tell which versions an enabled pool key has: what is old cannot be known then.
Status require_rotations(OpenVault& vault) {
    const Result<std::vector<store::KeyRecord>> keys = keys_that_seal(vault);
    if (!keys) return fail(keys);
    for (const store::KeyRecord& key : *keys) {
        if (key.state != kEnabled) continue;
        const Result<kms::KeyMetadata> metadata = vault.kms().describe_key(key.key_id);
        if (!metadata) return fail(metadata);
        if (const auto rotation = read_rotation(vault.kms(), *metadata); !rotation) return fail(rotation);
    }
    return {};
}

/// The moment that a request of fresh data keys names, or now: later than any data key there is, even where the clock was
/// ahead when it was made. Empty where what is done leaves its key, and needs no other mark.
Result<std::optional<Timestamp>> moment_of(OpenVault& vault, const Rewrap& request, const RewrapPlan& plan) {
    const Timestamp now = vault.now();
    if (request.older_than && !request.fresh_data_keys) {
        return fail(ErrorCode::kInvalidInput, "The age of data keys matters only where they are to be new ones.",
                    "Add --fresh-data-keys.");
    }
    if (request.older_than > now) {
        return fail(ErrorCode::kInvalidInput, "The moment that data keys are to be older than is yet to come.");
    }
    if (request.older_than || !plan.fresh_data_keys || plan.empties_a_key()) return request.older_than;
    const Result<Timestamp> newest = ask_store(vault, [](Database& database) { return store::newest_seal(database); });
    if (!newest) return fail(newest);
    return std::max(now, *newest + std::chrono::microseconds(1));
}

std::string key_name(Database& database, const std::string& key_id) {
    const Result<std::optional<store::KeyRecord>> key = store::key_by_id(database, key_id);
    return key && *key ? name_of(**key) : key_id;
}

}  // namespace

std::string RewrapPlan::text() const {
    oversight::Detail detail;
    detail.text("from", from).text("to", to).raw("wallets", numbers(wallets));
    detail.boolean("fresh_data_keys", fresh_data_keys);
    if (older_than) detail.number("older_than", to_micros(*older_than));
    return detail.done();
}

bool RewrapPlan::covers(const RewrapPlan& other) const {
    if (from != other.from || to != other.to || wallets != other.wallets) return false;
    if (fresh_data_keys != other.fresh_data_keys) return false;
    // None means whatever is under the key: more than what is older than any moment.
    return older_than == other.older_than || (older_than && other.older_than && *older_than > *other.older_than);
}

Result<RewrapPlan> RewrapPlan::parse(std::string_view text) {
    const Result<json::Value> value = json::parse(text, "a job's request");
    if (!value || !value->is(json::Kind::kObject)) return fail(ErrorCode::kCorrupt, "A job's request is damaged.");
    RewrapPlan plan;
    if (const json::Value* from = value->find("from")) plan.from = from->text;
    if (const json::Value* to = value->find("to")) plan.to = to->text;
    if (const json::Value* fresh = value->find("fresh_data_keys")) plan.fresh_data_keys = fresh->boolean;
    if (const json::Value* older = value->find("older_than")) {
        const Result<std::int64_t> micros = number_of(*older);
        if (!micros) return fail(micros);
        plan.older_than = from_micros(*micros);
    }
    if (const json::Value* wallets = value->find("wallets")) {
        for (const json::Value& item : wallets->items) {
            const Result<std::int64_t> id = number_of(item);
            if (!id) return fail(id);
            plan.wallets.push_back(*id);
        }
    }
    return plan;
}

std::string RewrapPlan::title(Database& database) const {
    std::string out = fresh_data_keys && is_everywhere() ? "rewrap everything" : "rewrap";
    if (old_only()) out += " what is under old key versions";
    if (!wallets.empty()) out += wallets.size() == 1 ? " 1 wallet" : " " + std::to_string(wallets.size()) + " wallets";
    if (!from.empty()) out += (wallets.empty() ? " " : " of ") + key_name(database, from);
    if (!to.empty()) out += " → " + key_name(database, to);
    if (fresh_data_keys) out += ", fresh data keys";
    return out;
}

Result<RewrapPlan> plan_rewrap(OpenVault& vault, const Session& session, const Rewrap& request) {
    RewrapPlan plan;
    plan.fresh_data_keys = request.fresh_data_keys;
    if (Status seen = refresh_pool(vault); !seen) return fail(seen);
    if (Status found = find_keys(vault, request, plan); !found) return fail(found);
    Result<std::vector<std::int64_t>> wallets = sealed_wallets(vault, session, request.wallets);
    if (!wallets) return fail(wallets);
    plan.wallets = std::move(*wallets);
    const Result<std::optional<Timestamp>> moment = moment_of(vault, request, plan);
    if (!moment) return fail(moment);
    plan.older_than = *moment;
    if (plan.old_only()) {
        if (Status known = require_rotations(vault); !known) return fail(known);
    }
    return plan;
}

Status refresh_pool(OpenVault& vault) {
    const Result<std::vector<store::KeyRecord>> keys = keys_that_seal(vault);
    if (!keys) return fail(keys);
    for_each_in_parallel(keys->size(), calls_at_once(vault), {}, [&](std::size_t i) {
        const Result<KeyInfo> seen = view_key(vault, (*keys)[i].key_id);
        (void)seen;  // what cannot be read for the moment stays as it was last seen
    });
    return {};
}

}  // namespace keydeck::custody
