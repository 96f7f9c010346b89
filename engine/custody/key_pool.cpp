#include "engine/custody/key_pool.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "engine/custody/access.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/custody/key_view.hpp"
#include "engine/custody/pool_making.hpp"
#include "engine/custody/vault_lock.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;

constexpr std::string_view kEnabled = "Enabled";

bool may_be_drawn(const store::KeyRecord& key) { return key.state == kEnabled && !key.retiring; }

Result<PoolStatus> status_of(OpenVault& vault) {
    const Result<std::vector<store::KeyRecord>> records = keys_of_pool(vault, {});
    if (!records) return fail(records);
    const Result<std::string> prefix = prefix_of_vault(vault);
    if (!prefix) return fail(prefix);
    PoolStatus status;
    status.alias_prefix = *prefix;
    for (const store::KeyRecord& record : *records) {
        Result<KeyInfo> info = view_key(vault, record.key_id);
        if (!info && info.error().code == ErrorCode::kNotFound) continue;  // destroyed, and noted as such
        if (!info) {
            info = to_key_info(record);
            info->state = "Unreadable";
        }
        status.wallets += info->wallets;
        status.keys.push_back(std::move(*info));
    }
    return status;
}

}  // namespace

Status require_enabled(Database& database, const std::vector<std::string>& key_ids) {
    for (const std::string& key_id : key_ids) {
        const Result<std::optional<store::KeyRecord>> record = store::key_by_id(database, key_id);
        if (!record) return fail(record);
        if (!*record || !may_be_drawn(**record)) {
            return fail(ErrorCode::kRejected,
                        "A pool key was disabled, retired or scheduled for deletion meanwhile; nothing was sealed under it.",
                        "Try again.");
        }
    }
    return {};
}

Result<KeyPool> KeyPool::usable(OpenVault& vault, const Session& session) {
    Result<std::vector<store::KeyRecord>> keys = pool_of_vault(vault);
    if (!keys) return fail(keys);
    const Result<std::string> prefix = prefix_of_vault(vault);
    if (!prefix) return fail(prefix);
    const auto interrupted = unfinished_of_pool(vault, *prefix);
    if (!interrupted) return fail(interrupted);
    if (keys->empty() || !interrupted->empty()) {
        if (Status sound = check_prefix(*prefix); !sound) return fail(sound);
        if (Status sound = check_pool_size(vault.options().pool_size); !sound) return fail(sound);
        // Rejected: another process has made a pool of another prefix since; that one is used.
        Status made = complete_pool(vault, session, *prefix, vault.options().pool_size);
        if (!made && made.error().code != ErrorCode::kRejected) return fail(made);
        keys = pool_of_vault(vault);
        if (!keys) return fail(keys);
    }
    std::vector<Key> enabled;
    for (const store::KeyRecord& key : *keys) {
        if (may_be_drawn(key)) enabled.push_back({key.key_id, key.rotation.version});
    }
    return KeyPool(vault, std::move(enabled));
}

Result<KeyPool::Key> KeyPool::draw() {
    const std::scoped_lock lock(mutex_);
    if (keys_.empty()) {
        return fail(ErrorCode::kRejected, "No key of the pool is enabled and not retiring.",
                    "Enable one, or add keys: keydeck pool add");
    }
    return keys_[vault_->random().below(keys_.size())];
}

void KeyPool::leave_out(std::string_view key_id) {
    const std::scoped_lock lock(mutex_);
    std::erase_if(keys_, [&](const Key& key) { return key.id == key_id; });
}

Result<KeyPool::Key> KeyPool::under_a_key(const std::function<Status(kms::Kms&, const std::string&)>& work) {
    Result<kms::Kms*> kms = vault_->unlocked_kms();
    if (!kms) return fail(kms);
    while (true) {
        Result<Key> key = draw();
        if (!key) return key;
        const Status done = work(**kms, key->id);
        if (done) return key;
        if (done.error().code != ErrorCode::kRejected && done.error().code != ErrorCode::kNotFound) return fail(done);
        const Result<std::string> state = refresh_key_state(*vault_, key->id);
        if (!state) return fail(state);
        if (*state == kEnabled) return fail(done);  // refused for another reason
        leave_out(key->id);
    }
}

Result<KeyPool::Sealed> KeyPool::seal(const EnvelopePlace& place, const WalletSecret& secret) {
    Sealed out;
    Result<Key> key = under_a_key([&](kms::Kms& kms, const std::string& key_id) -> Status {
        Result<SealedWallet> sealed = seal_wallet(kms, vault_->random(), key_id, place, secret);
        if (!sealed) return fail(sealed);
        out.wallet = std::move(*sealed);
        return {};
    });
    if (!key) return fail(key);
    out.key = std::move(*key);
    return out;
}

Result<KeyPool::Pair> KeyPool::make_pair(const EnvelopePlace& place) {
    Pair out;
    Result<Key> key = under_a_key([&](kms::Kms& kms, const std::string& key_id) -> Status {
        Result<MadeKeyPair> made = make_key_pair(kms, key_id, place);
        if (!made) return fail(made);
        out.pair = std::move(*made);
        return {};
    });
    if (!key) return fail(key);
    out.key = std::move(*key);
    return out;
}

Result<PoolStatus> init_pool(OpenVault& vault, const Session& session, int size, std::string_view alias_prefix) {
    AuditEvent event = event_of(vault, session, "InitPool", alias_prefix);
    return audited(vault, event, [&]() -> Result<PoolStatus> {
        if (Status allowed = require_operator(session, "make the key pool"); !allowed) return fail(allowed);
        if (Status writable = vault.require_writable(); !writable) return fail(writable);
        const int wanted = size == 0 ? vault.options().pool_size : size;
        if (Status sound = check_pool_size(wanted); !sound) return fail(sound);
        Result<std::string> prefix = std::string(alias_prefix);
        if (prefix->empty()) prefix = prefix_of_vault(vault);
        if (!prefix) return fail(prefix);
        if (Status sound = check_prefix(*prefix); !sound) return fail(sound);
        if (Status made = complete_pool(vault, session, *prefix, wanted); !made) return fail(made);
        return status_of(vault);
    });
}

Result<PoolStatus> add_pool_keys(OpenVault& vault, const Session& session, int count) {
    AuditEvent event = event_of(vault, session, "AddPoolKeys", {});
    return audited(vault, event, [&]() -> Result<PoolStatus> {
        if (Status allowed = require_operator(session, "add keys to the pool"); !allowed) return fail(allowed);
        if (Status writable = vault.require_writable(); !writable) return fail(writable);
        if (Status sound = check_pool_size(count); !sound) return fail(sound);
        const Result<std::string> prefix = prefix_of_vault(vault);
        if (!prefix) return fail(prefix);
        if (Status sound = check_prefix(*prefix); !sound) return fail(sound);
        const Result<VaultLock> lock = VaultLock::take(vault.options().directory, VaultLock::Kind::kExclusive);
        if (!lock) return fail(lock);
        if (Status finished = finish_interrupted_pool(vault, session, *prefix); !finished) return fail(finished);
        if (Status made = make_pool_keys(vault, session, *prefix, count); !made) return fail(made);
        return status_of(vault);
    });
}

Result<PoolStatus> pool_status(OpenVault& vault, const Session& session) {
    if (Status allowed = require_operator(session, "see the key pool"); !allowed) return fail(allowed);
    return status_of(vault);
}

}  // namespace keydeck::custody
