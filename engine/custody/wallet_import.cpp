// Wallets brought from elsewhere.
#include <span>
#include <string>
#include <utility>

#include "engine/base/hex.hpp"
#include "engine/base/text.hpp"
#include "engine/custody/access.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/custody/envelope_making.hpp"
#include "engine/custody/wallets.hpp"
#include "engine/ethereum/hd_key.hpp"
#include "engine/ethereum/keystore.hpp"
#include "engine/ethereum/mnemonic.hpp"
#include "engine/oversight/detail.hpp"
#include "engine/store/names.hpp"
#include "engine/store/wallets.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;

Result<WalletSecret> from_mnemonic(const SecretBytes& text, std::string_view path) {
    Result<SecretBytes> entropy = ethereum::entropy_from_mnemonic(text.text());
    if (!entropy) return fail(entropy);
    const Result<std::vector<std::uint32_t>> steps = ethereum::parse_path(path.empty() ? ethereum::kDefaultPath : path);
    if (!steps) return fail(steps);
    const Result<SecretBytes> normalised = ethereum::mnemonic_from_entropy(entropy->view());
    if (!normalised) return fail(normalised);
    const SecretBytes seed = ethereum::seed_from_mnemonic(normalised->text());
    const Result<ethereum::HdKey> master = ethereum::HdKey::from_seed(seed.view());
    if (!master) return fail(master);
    const Result<ethereum::HdKey> key = master->derive(*steps);
    if (!key) return fail(key);
    return WalletSecret{key->private_key().clone(), std::move(*entropy), ethereum::to_path(*steps)};
}

Result<WalletSecret> from_private_key(const SecretBytes& text) {
    SecretBytes key(crypto::kPrivateKeySize);
    if (Status read = from_hex_into(trimmed(text.text()), key.span(), "private key"); !read) return fail(read);
    if (!crypto::is_private_key(key.view())) {
        return fail(ErrorCode::kInvalidInput, "The private key is not on the curve: it must be 1 to n - 1.");
    }
    return WalletSecret{std::move(key), {}, {}};
}

Result<WalletSecret> from_keystore(const ImportWallet& request) {
    Result<SecretBytes> key = ethereum::open_keystore(request.keystore_json, request.keystore_passphrase.view());
    if (!key) return fail(key);
    return WalletSecret{std::move(*key), {}, {}};
}

Status check_request(const ImportWallet& request) {
    const int sources =
        int(!request.mnemonic.empty()) + int(!request.private_key.empty()) + int(!request.keystore_json.empty());
    if (sources != 1)
        return fail(ErrorCode::kInvalidInput,
                    "An import brings exactly one of a mnemonic, a private key and a keystore file.");
    if (!request.path.empty() && request.mnemonic.empty()) {
        return fail(ErrorCode::kInvalidInput, "Only a mnemonic has a derivation path.", "Leave out --path.");
    }
    return store::check_label(request.label);
}

std::string_view source_of(const ImportWallet& request) {
    if (!request.mnemonic.empty()) return "mnemonic";
    return request.private_key.empty() ? "keystore" : "private-key";
}

Result<WalletSecret> read_secret(const ImportWallet& request) {
    if (!request.mnemonic.empty()) return from_mnemonic(request.mnemonic, request.path);
    return request.private_key.empty() ? from_keystore(request) : from_private_key(request.private_key);
}

/// Before anything is sealed: the address must be new here.
Status check_address_new(OpenVault& vault, const WalletSecret& secret) {
    const Result<crypto::PublicKey> key = crypto::public_key_of(secret.private_key.view());
    if (!key) return fail(key);
    const ethereum::Address address = ethereum::address_of(*key);
    const Result<Wallet> there =
        ask_store(vault, [&](Database& database) { return store::wallet_by_address(database, address.bytes); });
    if (!there && there.error().code == ErrorCode::kNotFound) return {};
    if (!there) return fail(there);
    const std::string hidden = there->state == WalletState::kRemoved ? " (removed from the lists, its key kept)" : "";
    return fail(
        ErrorCode::kAlreadyExists,
        "The wallet " + ethereum::to_checksum(address) + " is in this vault already" + hidden + ".",
        hidden.empty()
            ? ""
            : "To bring it back, destroy the removed one first: keydeck wallet remove ADDRESS --destroy --acknowledge 1");
}

Result<Wallet> store_import(OpenVault& vault, const Session& session, const User& user, const ImportWallet& request,
                            const WalletSecret& secret, AuditEvent& event) {
    const Status free =
        ask_store(vault, [&](Database& database) { return require_free_label(database, session, request.label); });
    if (!free) return fail(free);
    if (Status fresh = check_address_new(vault, secret); !fresh) return fail(fresh);
    Result<KeyPool> pool = KeyPool::usable(vault, session);
    if (!pool) return fail(pool);
    Result<std::int64_t> id = 0;
    Status reserved = vault.write([&](Database& database) -> Status {
        id = store::reserve_wallet_ids(database, 1);
        return id ? Status{} : fail(id);
    });
    if (!reserved) return fail(reserved);
    Result<store::NewWallet> row = seal_into_row(vault, *pool, user.id, *id, secret);
    if (!row) return fail(row);
    row->label = request.label;
    row->imported = true;
    event.target = checksum_address(row->address);
    event.key_id = row->key_id;
    Result<Wallet> wallet;
    Status written = vault.write(
        [&](Database& database) -> Status {
            if (Status enabled = require_enabled(database, {row->key_id}); !enabled) return enabled;
            if (Status inserted = store::insert_wallet(database, *row); !inserted) return inserted;
            wallet = store::wallet_by_id(database, row->id);
            return wallet ? Status{} : fail(wallet);
        },
        std::span(&event, 1));
    if (!written) return fail(written);
    return wallet;
}

}  // namespace

Result<Wallet> import_wallet(OpenVault& vault, const Session& session, ImportWallet request) {
    AuditEvent event = event_of(vault, session, "ImportWallet", request.user);
    event.detail = oversight::Detail()
                       .text("source", source_of(request))
                       .text("label", request.label)
                       .text("path", request.path)
                       .done();
    return audited(vault, event, [&]() -> Result<Wallet> {
        if (Status writable = vault.require_writable(); !writable) return fail(writable);
        if (Status sound = check_request(request); !sound) return fail(sound);
        const Result<User> user =
            ask_store(vault, [&](Database& database) { return find_user(database, session, request.user); });
        if (!user) return fail(user);
        event.user = user->name;
        if (!session.is_operator()) {
            if (Status unlocked = require_unlocked_user(*user, "nothing was imported"); !unlocked) return fail(unlocked);
        }
        if (const Result<kms::Kms*> kms = vault.unlocked_kms(); !kms) return fail(kms);
        const Result<WalletSecret> secret = read_secret(request);
        if (!secret) return fail(secret);
        return store_import(vault, session, *user, request, *secret, event);
    });
}

}  // namespace keydeck::custody
