#include "engine/custody/backup/keystores.hpp"

#include <algorithm>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "engine/base/file.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "engine/custody/access.hpp"
#include "engine/custody/parallel.hpp"
#include "engine/custody/vault_files.hpp"
#include "engine/custody/wallets.hpp"
#include "engine/ethereum/keystore.hpp"

namespace keydeck::custody::backup {
namespace fs = std::filesystem;
namespace {

using sqlite::Database;

// scrypt as keystores have it takes 256 MiB each.
constexpr unsigned kMostAtOnce = 4;
constexpr std::size_t kLargestKeystore = std::size_t{64} << 10;

/// Every wallet that is named, once, before any key is opened.
Result<std::vector<ExportedKeystore>> find_all(OpenVault& vault, const Session& session,
                                               std::span<const std::string> references) {
    return ask_store(vault, [&](Database& database) -> Result<std::vector<ExportedKeystore>> {
        std::vector<ExportedKeystore> all;
        for (const std::string& reference : references) {
            // Hidden ones too, by their address: they hold money as before.
            Result<Wallet> wallet = find_wallet_or_hidden(database, session, reference);
            if (!wallet) return fail(wallet);
            const auto same = [&](const ExportedKeystore& other) { return other.wallet.id == wallet->id; };
            if (std::ranges::none_of(all, same)) all.push_back({std::move(*wallet), {}, {}});
        }
        return all;
    });
}

/// Why a file is not what this export would write, as an earlier one that was stopped may have; empty: it is. The file is
/// opened to see, which takes as long as making it: a kit must open with the one passphrase that is kept for it.
std::string_view why_not_done(const fs::path& file, const AddressBytes& address, const SecretBytes& passphrase) {
    const Result<Bytes> json = read_file(file, kLargestKeystore);
    if (!json) return "is no keystore";
    const Result<SecretBytes> key = ethereum::open_keystore(as_text(*json), passphrase.view());
    if (!key) return key.error().code == ErrorCode::kDenied ? "has another passphrase" : "is no sound keystore";
    const auto public_key = crypto::public_key_of(key->view());
    if (!public_key || ethereum::address_of(*public_key).bytes != address) return "is of another wallet";
    return {};
}

void export_one(OpenVault& vault, const Session& session, const fs::path& directory, const SecretBytes& passphrase,
                ExportedKeystore& keystore) {
    const std::string address = checksum_address(keystore.wallet.address);
    if (keystore.wallet.custody == Custody::kKmsKey) {
        keystore.skipped = "Its key is in the KMS and never leaves it.";
        return;
    }
    const fs::path file = directory / (address + ".json");
    if (is_there(file)) {
        const std::string_view why = why_not_done(file, keystore.wallet.address, passphrase);
        if (why.empty()) keystore.file = file;
        if (!why.empty()) keystore.skipped.append(file.string()).append(" exists already, and ").append(why) += '.';
        return;
    }
    const Result<std::string> json = export_keystore(vault, session, address, passphrase);
    Status written = json ? create_private_file(file, as_bytes(*json + "\n")) : fail(json);
    if (!written) {
        keystore.skipped = written.error().message;
        return;
    }
    keystore.file = file;
}

}  // namespace

Result<std::vector<ExportedKeystore>> export_keystores(OpenVault& vault, const Session& session,
                                                       std::span<const std::string> wallets, const fs::path& given,
                                                       const SecretBytes& passphrase, const Progress& progress) {
    if (Status writable = vault.require_writable(); !writable) return fail(writable);
    if (passphrase.empty()) return fail(ErrorCode::kInvalidInput, "A keystore file needs a passphrase.");
    std::error_code error;
    const fs::path directory = fs::absolute(given, error).lexically_normal();
    if (error || !fs::is_directory(directory, error))
        return fail(ErrorCode::kInvalidInput, "There is no directory " + given.string() + ".",
                    "Make it first: mkdir -m 700");
    if (const Result<kms::Kms*> kms = vault.unlocked_kms(); !kms) return fail(kms);
    Result<std::vector<ExportedKeystore>> all = find_all(vault, session, wallets);
    if (!all) return all;
    const auto total = static_cast<std::int64_t>(all->size());
    std::mutex mutex;
    std::int64_t done = 0;
    if (progress.report) progress.report(done, total);
    const std::size_t threads = std::clamp(std::thread::hardware_concurrency(), 1U, kMostAtOnce);
    for_each_in_parallel(all->size(), threads, progress.stop, [&](std::size_t i) {
        export_one(vault, session, directory, passphrase, (*all)[i]);
        const std::scoped_lock lock(mutex);
        ++done;
        if (progress.report) progress.report(done, total);
    });
    if (done == total) return all;
    return fail(ErrorCode::kCancelled,
                "Cancelled: of " + std::to_string(total) + " wallets " + std::to_string(done) + " were seen to.",
                "The same command goes on with the others.");
}

}  // namespace keydeck::custody::backup
