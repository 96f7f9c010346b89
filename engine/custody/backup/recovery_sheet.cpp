#include "engine/custody/backup/recovery_sheet.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/base/hex.hpp"
#include "engine/custody/access.hpp"
#include "engine/custody/backup/sheet_form.hpp"
#include "engine/custody/key_view.hpp"
#include "engine/custody/vault_files.hpp"
#include "engine/store/wallets.hpp"

namespace keydeck::custody::backup {
namespace {

using sqlite::Database;

std::string utc(Timestamp time) { return to_rfc3339(time).substr(0, 19) + "Z"; }

/// Every wallet of the user (empty: everybody's), hidden ones too: they hold money like the others.
Result<std::vector<Wallet>> wallets_of(Database& database, const std::string& user) {
    constexpr std::int64_t kPage = 5'000;
    WalletQuery query;
    query.user = user;
    query.include_removed = true;
    query.page.limit = kPage;
    std::vector<Wallet> all;
    for (;;) {
        Result<std::vector<Wallet>> page = store::list_wallets(database, query);
        if (!page) return fail(page);
        for (Wallet& wallet : *page) all.push_back(std::move(wallet));
        if (page->size() < static_cast<std::size_t>(kPage)) break;
        query.page.after = all.back().id;
    }
    std::ranges::stable_sort(all, {}, &Wallet::user);
    return all;
}

struct Sheet {
    std::vector<Wallet> wallets;
    std::vector<store::KeyRecord> keys;  ///< those the wallets stand under
    oversight::AuditHead head;
};

Result<Sheet> gather(OpenVault& vault, const Session& session, const std::string& user) {
    Sheet sheet;
    Status gathered = ask_store(vault, [&](Database& database) -> Status {
        if (!user.empty()) {
            if (const Result<User> found = find_user(database, session, user); !found) return fail(found);
        }
        Result<std::vector<Wallet>> wallets = wallets_of(database, user);
        if (!wallets) return fail(wallets);
        sheet.wallets = std::move(*wallets);
        const Result<oversight::AuditHead> head = oversight::audit_head(database);
        if (!head) return fail(head);
        sheet.head = *head;
        return {};
    });
    if (!gathered) return fail(gathered);
    Result<std::vector<store::KeyRecord>> keys = known_keys(vault);
    if (!keys) return fail(keys);
    std::set<std::string_view> used;
    for (const Wallet& wallet : sheet.wallets) used.insert(wallet.key_id);
    std::erase_if(*keys, [&](const store::KeyRecord& key) { return !used.contains(key.key_id); });
    sheet.keys = std::move(*keys);
    return sheet;
}

void write_vault(OpenVault& vault, const Sheet& sheet, SheetForm& form) {
    const store::VaultRecord& record = vault.record();
    const bool is_local = record.kms == kKmsLocal;
    form.heading("The vault");
    form.fact("Vault id", record.id);
    form.fact("Directory", vault.options().directory.string());
    form.fact("KMS", is_local ? "embedded (kms.db in the directory)" : "AWS KMS");
    form.fact("Region", record.region);
    form.fact("Account", record.account);
    form.fact("Profile", record.profile);
    form.fact("Endpoint", record.endpoint_url);
    if (is_local) form.fact("Opened by", record.key_file.empty() ? "a passphrase" : "the key file " + record.key_file);
    form.fact("Audit events", std::to_string(sheet.head.events));
    form.fact("Audit head", to_hex_0x(sheet.head.hash));
    form.fact("Made", utc(vault.now()));
}

/// What opens the vault's own KMS, in plain words.
std::string opener_words(const store::VaultRecord& record) {
    if (record.kms == kKmsAws) {
        return "credentials for the AWS account above that may call KMS with the keys listed below, in that region; the "
               "keys "
               "themselves never leave AWS, and nobody can restore one that was destroyed there";
    }
    if (record.key_file.empty()) return "kms.db and the vault's passphrase";
    return "kms.db and the key file (32 bytes; a backup holds it unless it was made with --without-key-file)";
}

void write_custody(Custody custody, const std::string& opener, SheetForm& form) {
    switch (custody) {
        case Custody::kEnvelope:
            form.paragraph(
                "envelope: the mnemonic (or the imported private key) lies in keydeck.db, encrypted under a data key, and "
                "that "
                "under a key of the pool. To use it again: keydeck.db, " +
                opener +
                ". Or, without Keydeck: the wallet's mnemonic or keystore, if it was exported, in any wallet program, with "
                "the derivation path below.");
            return;
        case Custody::kKmsKey:
            form.paragraph(
                "kms-key: the private key is a key of the KMS and exists nowhere else; it has no mnemonic and cannot "
                "be exported. To use it again: " +
                opener + ". keydeck.db only says which key belongs to which address.");
            return;
        case Custody::kKeyPair:
            form.paragraph(
                "key-pair: the KMS made the private key; it lies in keydeck.db, encrypted under a key of the pool, and "
                "has no mnemonic. To use it again: keydeck.db, " +
                opener + ". Or, without Keydeck: its keystore, if it was exported.");
            return;
    }
}

void write_help(OpenVault& vault, const Sheet& sheet, SheetForm& form) {
    form.heading("What gives access again");
    form.paragraph("No secret stands on this sheet: whoever finds it learns what belongs to whom, and can move nothing.");
    form.paragraph(
        "A backup (keydeck backup FILE) and its passphrase give all of the vault's files back: keydeck restore FILE. "
        "Then: keydeck doctor, and keydeck audit verify --head with the audit head above.");
    for (const Custody custody : {Custody::kEnvelope, Custody::kKmsKey, Custody::kKeyPair}) {
        const bool used = std::ranges::any_of(sheet.wallets, [&](const Wallet& w) { return w.custody == custody; });
        if (used) write_custody(custody, opener_words(vault.record()), form);
    }
}

std::string path_words(const Wallet& wallet) {
    if (!wallet.path.empty()) return wallet.path;
    return wallet.custody == Custody::kEnvelope ? "none: a bare private key" : std::string();
}

void write_wallets(const Sheet& sheet, SheetForm& form) {
    std::string_view user;
    for (const Wallet& wallet : sheet.wallets) {
        if (user.empty() || wallet.user != user) form.heading("Wallets of " + wallet.user);
        user = wallet.user;
        const bool hidden = wallet.state == WalletState::kRemoved;
        form.entry(checksum_address(wallet.address),
                   {{"Label", wallet.label},
                    {"Custody", std::string(to_string(wallet.custody)) + (wallet.imported ? ", imported" : "")},
                    {"Path", path_words(wallet)},
                    {"Mnemonic", wallet.has_mnemonic ? "can be exported" : ""},
                    {"Key", wallet.key_id + (wallet.key_alias.empty() ? "" : " (" + wallet.key_alias + ")")},
                    {"State", hidden || wallet.state != WalletState::kReady ? std::string(to_string(wallet.state)) : ""},
                    {"Made", utc(wallet.created_at)}});
    }
    if (sheet.wallets.empty()) form.paragraph("There are no wallets.");
}

void write_keys(const Sheet& sheet, SheetForm& form) {
    if (sheet.keys.empty()) return;
    form.heading("KMS keys");
    for (const store::KeyRecord& key : sheet.keys) {
        form.entry(key.key_id, {{"Alias", key.alias},
                                {"ARN", key.arn},
                                {"Spec", key.spec},
                                {"Region", key.region},
                                {"State", key.state},
                                {"Deleted on", key.deletion_date ? utc(*key.deletion_date) : ""},
                                {"Wallets", std::to_string(key.wallets)},
                                {"Secrets", key.secrets == 0 ? "" : std::to_string(key.secrets)}});
    }
}

}  // namespace

Result<std::string> recovery_sheet(OpenVault& vault, const Session& session, const RecoverySheetOptions& options) {
    if (Status allowed = require_operator(session, "make a recovery sheet"); !allowed) return fail(allowed);
    const Result<Sheet> sheet = gather(vault, session, options.user);
    if (!sheet) return fail(sheet);
    const std::unique_ptr<SheetForm> form = options.html ? make_html_form() : make_text_form();
    form->title("Keydeck recovery sheet");
    write_vault(vault, *sheet, *form);
    write_help(vault, *sheet, *form);
    write_wallets(*sheet, *form);
    write_keys(*sheet, *form);
    return form->finish();
}

}  // namespace keydeck::custody::backup
