// The pipeline every signature goes through, in chunks.
#include <algorithm>
#include <utility>

#include "engine/base/hex.hpp"
#include "engine/custody/access.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/custody/parallel.hpp"
#include "engine/custody/signer.hpp"
#include "engine/custody/signing.hpp"
#include "engine/custody/signing_detail.hpp"
#include "engine/custody/wallet_secret.hpp"
#include "engine/kms/call_scope.hpp"
#include "engine/store/recipients.hpp"
#include "engine/store/signature_minutes.hpp"
#include "engine/store/wallets.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;

/// A chunk between preparing and delivery: outcomes that nobody has seen yet. One of each an item, in order.
struct Chunk {
    std::vector<Result<SigningItem>> items;
    std::vector<Result<crypto::RecoverableSignature>> outcomes;
    std::vector<AuditEvent> events;
    // Of the signatures that were made:
    std::vector<store::Recipient> recipients;
    std::vector<std::string> chains;
    std::vector<Hash32> message_kinds;
    std::int64_t signatures = 0;
};

struct Signer {
    OpenVault& vault;
    const Session& session;
    const SigningOrder& order;
    Wallet wallet;
    std::shared_ptr<const OpenedWallet> opened;
    kms::Kms* kms = nullptr;
    AuditEvent blank;  ///< what all events of this order have in common
};

Result<crypto::RecoverableSignature> sign_with_wallet(const Signer& signer, const Hash32& digest) {
    Result<crypto::RecoverableSignature> signature = sign_digest(*signer.kms, *signer.opened, digest);
    if (signature || signer.wallet.custody != Custody::kKmsKey) return signature;
    return explain_refusal(signer.vault, signer.wallet, std::move(signature.error()), "nothing was signed");
}

Chunk prepare_chunk(const Signer& signer, std::size_t begin, std::size_t end) {
    Chunk chunk;
    chunk.items.reserve(end - begin);
    chunk.events.reserve(end - begin);
    for (std::size_t i = begin; i < end; ++i) {
        AuditEvent event = signer.blank;
        chunk.items.push_back(signer.order.prepare(i, signer.wallet));
        if (Result<SigningItem>& item = chunk.items.back(); item) {
            event.digest = to_hex_0x(item->digest);
            event.detail = with_shown(std::move(item->detail), signer.order.shown);
        }
        chunk.events.push_back(std::move(event));
    }
    return chunk;
}

/// Where each signature is a call over a network, many are under way at a time.
void sign_chunk(const Signer& signer, Chunk& chunk) {
    const std::size_t count = chunk.items.size();
    chunk.outcomes.assign(count, fail(ErrorCode::kCancelled, "The batch was stopped; nothing was signed."));
    const auto sign = [&](std::size_t i) {
        const Result<SigningItem>& item = chunk.items[i];
        chunk.outcomes[i] = item ? sign_with_wallet(signer, item->digest) : fail(item);
        chunk.events[i].time = signer.vault.now();
    };
    const bool far = signer.wallet.custody == Custody::kKmsKey && signer.vault.has_remote_kms();
    for_each_in_parallel(count, far ? calls_at_once(signer.vault) : 1, kms::CallScope::current(), sign);
}

/// What the vault is to remember of the signatures, and of the failures.
void sum_up(Chunk& chunk) {
    for (std::size_t i = 0; i < chunk.outcomes.size(); ++i) {
        if (!chunk.outcomes[i]) {
            mark_failed(chunk.events[i], chunk.outcomes[i].error());
            continue;
        }
        SigningItem& item = *chunk.items[i];
        ++chunk.signatures;
        chunk.recipients.insert(chunk.recipients.end(), item.recipients.begin(), item.recipients.end());
        if (item.chain && std::ranges::find(chunk.chains, *item.chain) == chunk.chains.end())
            chunk.chains.push_back(std::move(*item.chain));
        if (item.message_kind && std::ranges::find(chunk.message_kinds, *item.message_kind) == chunk.message_kinds.end())
            chunk.message_kinds.push_back(*item.message_kind);
    }
}

void withdraw(Chunk& chunk, const Error& error) {
    for (std::size_t i = 0; i < chunk.outcomes.size(); ++i) {
        if (!chunk.outcomes[i]) continue;
        chunk.outcomes[i] = std::unexpected(error);
        mark_failed(chunk.events[i], error);
    }
    chunk.signatures = 0;
    chunk.recipients.clear();
    chunk.chains.clear();
    chunk.message_kinds.clear();
}

/// In the chunk's DbTransaction, so that a user locked or a key disabled since the wallet was opened, by any process, still
/// stops it.
Status still_ready(Database& database, const Wallet& wallet) {
    const Result<Wallet> now = store::wallet_by_id(database, wallet.id);
    if (!now) return fail(now);
    // A sealed wallet that was moved to another pool key is the same wallet, with the same key in it.
    const bool other_key = wallet.custody == Custody::kKmsKey && now->key_id != wallet.key_id;
    if (now->address != wallet.address || now->user_id != wallet.user_id || now->custody != wallet.custody || other_key) {
        return fail(ErrorCode::kRejected, "The wallet was changed meanwhile; nothing was signed.", "Try again.");
    }
    return require_ready(*now, "nothing was signed");
}

Status note_signed(Database& database, const Signer& signer, Chunk& chunk) {
    if (chunk.signatures == 0) return {};
    const Timestamp now = signer.vault.now();
    const std::int64_t user = signer.wallet.user_id;
    if (Status noted = store::note_signatures(database, signer.wallet.id, chunk.signatures, now); !noted) return noted;
    if (Status counted = store::count_signatures(database, chunk.signatures, now); !counted) return counted;
    if (!chunk.recipients.empty()) {
        // A batch often pays one address a thousand times: one row is enough.
        std::ranges::sort(chunk.recipients);
        const auto repeated = std::ranges::unique(chunk.recipients);
        chunk.recipients.erase(repeated.begin(), repeated.end());
        if (Status noted = store::note_recipients(database, user, chunk.recipients, now); !noted) return noted;
    }
    for (const std::string& chain : chunk.chains) {
        if (Status noted = store::note_chain(database, user, chain, now); !noted) return noted;
    }
    for (const Hash32& kind : chunk.message_kinds) {
        if (Status noted = store::note_message(database, user, kind, now); !noted) return noted;
    }
    return {};
}

/// Makes the chunk's audit rows durable. Where the wallet is not ready any more, the chunk's signatures are withdrawn and
/// that is recorded.
Status commit_chunk(const Signer& signer, Chunk& chunk) {
    return signer.vault.write(
        [&](Database& database) -> Status {
            if (chunk.signatures > 0) {
                if (Status ready = still_ready(database, signer.wallet); !ready) {
                    signer.vault.open_wallets().forget(signer.wallet.id);
                    withdraw(chunk, ready.error());
                }
            }
            return note_signed(database, signer, chunk);
        },
        chunk.events);
}

/// Finds, authorises and opens the wallet.
Result<Signer> prepare_signer(OpenVault& vault, const Session& session, std::string_view reference,
                              const SigningOrder& order, AuditEvent& event) {
    if (Status writable = vault.require_writable(); !writable) return fail(writable);
    Result<Wallet> wallet = ask_store(vault, [&](Database& database) { return find_wallet(database, session, reference); });
    if (!wallet) return fail(wallet);
    about(event, *wallet);
    Result<std::shared_ptr<const OpenedWallet>> opened = open_for_signing(vault, *wallet);
    if (!opened) return fail(opened);
    const Result<kms::Kms*> kms = vault.unlocked_kms();
    if (!kms) return fail(kms);
    return Signer{vault, session, order, std::move(*wallet), std::move(*opened), *kms, event};
}

}  // namespace

Status sign_in_order(OpenVault& vault, const Session& session, std::string_view wallet, const SigningOrder& order) {
    AuditEvent event = event_of(vault, session, order.action, wallet);
    const Result<Signer> signer =
        audited(vault, event, [&] { return prepare_signer(vault, session, wallet, order, event); });
    if (!signer) return fail(signer);
    for (std::size_t begin = 0; begin < order.count; begin += kSigningChunk) {
        const std::size_t end = std::min(order.count, begin + kSigningChunk);
        Chunk chunk = prepare_chunk(*signer, begin, end);
        sign_chunk(*signer, chunk);
        sum_up(chunk);
        if (Status committed = commit_chunk(*signer, chunk); !committed) return committed;
        for (std::size_t i = begin; i < end; ++i) order.deliver(i, chunk.outcomes[i - begin]);
    }
    return {};
}

}  // namespace keydeck::custody
