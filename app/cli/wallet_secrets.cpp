// Wallets' secrets on their way in and out: never through an argument, never in a std::string.
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <limits>

#include <fmt/format.h>

#include "app/cli/command.hpp"
#include "app/cli/commands.hpp"
#include "app/cli/counted.hpp"
#include "app/cli/input.hpp"
#include "app/cli/job_progress.hpp"
#include "app/cli/safe_text.hpp"
#include "app/cli/verbs.hpp"
#include "engine/backup.hpp"

namespace keydeck::cli {
namespace {

struct ImportArgs {
    std::string user;
    bool mnemonic = false;
    bool private_key = false;
    std::string keystore;
    std::string passphrase_file;
    std::string path;
    std::string label;
};

struct ExportArgs {
    std::vector<std::string> wallets;
    std::string user;
    bool mnemonic = false;
    bool private_key = false;
    std::string keystore;
    std::string keystore_directory;
    std::string passphrase_file;
};

void declare_import(CLI::App& command, ImportArgs& args) {
    command.add_option("USER", args.user, "Whose wallet it is")->required();
    command.add_flag("--mnemonic-stdin", args.mnemonic, "Read a BIP-39 mnemonic from standard input");
    command.add_flag("--private-key-stdin", args.private_key, "Read a private key (64 hex digits) from standard input");
    command.add_option("--keystore", args.keystore, "Read a keystore V3 file")->type_name("FILE");
    command
        .add_option("--keystore-passphrase-file", args.passphrase_file,
                    "The keystore's passphrase: the first line of a file")
        ->type_name("FILE");
    command.add_option("--path", args.path, "Derivation path of a mnemonic (default: m/44'/60'/0'/0/0)");
    command.add_option("--label", args.label, "A name for it, unique in the vault");
}

void declare_export(CLI::App& command, ExportArgs& args) {
    command.add_option("WALLET", args.wallets,
                       "Address, label, or the name of a user with one wallet; several with --keystore-directory");
    command.add_option("--user", args.user, "With --keystore-directory: all of this user's wallets");
    command.add_flag("--mnemonic", args.mnemonic, "Print the mnemonic");
    command.add_flag("--private-key", args.private_key, "Print the private key");
    command.add_option("--keystore", args.keystore, "Write a keystore V3 file, which must not exist yet")->type_name("FILE");
    command
        .add_option("--keystore-directory", args.keystore_directory,
                    "Write each wallet's keystore V3 into this directory, as ADDRESS.json")
        ->type_name("DIR");
    command
        .add_option("--keystore-passphrase-file", args.passphrase_file,
                    "The keystore's passphrase: the first line of a file")
        ->type_name("FILE");
}

std::unexpected<Error> one_of(std::string_view options) {
    return fail(ErrorCode::kInvalidInput, fmt::format("Exactly one of {} is needed.", options));
}

/// A secret from standard input, or typed without echo where that is a terminal.
Result<SecretBytes> secret_from_stdin(std::string_view what) {
    auto secret = isatty(STDIN_FILENO) == 1 ? prompt_secret(fmt::format("{}: ", what)) : read_secret("-");
    if (!secret) return fail(secret);
    SecretBytes value = trimmed(*secret);
    if (value.empty()) return fail(ErrorCode::kInvalidInput, fmt::format("{}: nothing came on standard input.", what));
    return value;
}

Result<SecretBytes> keystore_passphrase(Context& context, const std::string& file, bool is_new) {
    if (!file.empty()) return read_passphrase_file(file);
    if (!context.out().interactive()) {
        return fail(ErrorCode::kInvalidInput, "The keystore needs a passphrase.",
                    "Give it with --keystore-passphrase-file FILE.");
    }
    return is_new ? prompt_new_passphrase("the keystore") : prompt_secret("Passphrase of the keystore: ");
}

Result<ImportWallet> read_import(Context& context, const ImportArgs& args) {
    if (args.mnemonic + args.private_key + !args.keystore.empty() != 1) {
        return one_of("--mnemonic-stdin, --private-key-stdin and --keystore");
    }
    if (!args.path.empty() && !args.mnemonic) {
        return fail(ErrorCode::kInvalidInput, "--path goes with --mnemonic-stdin: only a mnemonic has paths.");
    }
    ImportWallet request;
    request.user = args.user;
    request.label = args.label;
    request.path = args.path;
    if (!args.keystore.empty()) {
        auto text = read_text(args.keystore, kSecretLimit);
        if (!text) return fail(text);
        auto passphrase = keystore_passphrase(context, args.passphrase_file, false);
        if (!passphrase) return fail(passphrase);
        request.keystore_json = std::move(*text);
        request.keystore_passphrase = std::move(*passphrase);
        return request;
    }
    auto secret = secret_from_stdin(args.mnemonic ? "Mnemonic" : "Private key");
    if (!secret) return fail(secret);
    (args.mnemonic ? request.mnemonic : request.private_key) = std::move(*secret);
    return request;
}

Outcome import_wallet(Context& context, const ImportArgs& args) {
    // The vault first: a wrong one should be said before a secret is typed.
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    auto request = read_import(context, args);
    if (!request) return fail(request);
    return answer(context, (*engine)->import_wallet(context.session(), std::move(*request)));
}

/// One line with a secret, from locked memory to standard output without a copy in the output buffer. A mnemonic and a
/// private key are made of letters, digits and spaces: nothing needs escaping.
Status print_secret(Output& out, const Wallet& wallet, std::string_view name, const SecretBytes& secret) {
    Status flushed = out.flush();
    if (!flushed) return flushed;
    SecretBytes line;
    if (out.json()) {
        line.append(as_bytes(fmt::format("{{\"address\":\"{}\",\"{}\":\"", checksum_address(wallet.address), name)));
        line.append(secret.view());
        line.append(as_bytes(name == "mnemonic" ? fmt::format("\",\"path\":\"{}\"}}\n", wallet.path) : "\"}\n"));
    } else {
        line.append(secret.view());
        line.append(as_bytes("\n"));
    }
    for (ByteView left = line.view(); !left.empty();) {
        const ssize_t n = ::write(STDOUT_FILENO, left.data(), left.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail(ErrorCode::kUnavailable, "Standard output cannot be written.");
        left = left.subspan(static_cast<std::size_t>(n));
    }
    return {};
}

Outcome export_keystore(Context& context, Engine& engine, const ExportArgs& args, const AddressBytes& address) {
    auto passphrase = keystore_passphrase(context, args.passphrase_file, true);
    if (!passphrase) return fail(passphrase);
    auto keystore = engine.export_keystore(context.session(), checksum_address(address), *passphrase);
    if (!keystore) return fail(keystore);
    Status written = write_new_file(args.keystore, *keystore + "\n");
    if (!written) return fail(written);
    if (context.json()) {
        context.out().line(JsonObject().address("address", address).text("keystore", args.keystore).finish());
    } else {
        write_details(context.out(), {{"Address", checksum_address(address)}, {"Keystore", args.keystore}});
    }
    return 0;
}

/// The wallets of the line, and with --user all of that user's.
Result<std::vector<std::string>> wallets_to_export(Context& context, Engine& engine, const ExportArgs& args) {
    std::vector<std::string> wallets = args.wallets;
    if (args.user.empty()) return wallets;
    if (auto user = engine.user(context.session(), args.user); !user) return fail(user);
    Status walked = walk_pages(
        std::numeric_limits<std::int64_t>::max(), std::nullopt,
        [&](const PageQuery& page) {
            WalletQuery query;
            query.page = page;
            query.user = args.user;
            query.include_removed = true;  // a hidden one holds money as before
            return engine.list_wallets(context.session(), query);
        },
        [&](const Wallet& wallet) { wallets.push_back(checksum_address(wallet.address)); });
    if (!walked) return fail(walked);
    return wallets;
}

void show(Output& out, const ExportedKeystore& keystore) {
    const std::string address = checksum_address(keystore.wallet.address);
    const std::string file = keystore.file.string();
    if (out.json()) {
        out.line(JsonObject()
                     .text("address", address)
                     .text("label", keystore.wallet.label)
                     .text("user", keystore.wallet.user)
                     .text_or_null("keystore", file)
                     .text_or_null("skipped", keystore.skipped)
                     .finish());
        return;
    }
    out.line(file.empty()
                 ? fmt::format("{} {} {}", address, out.painted("skipped:", Paint::kWarn), safe_text(keystore.skipped))
                 : fmt::format("{} {}", address, safe_text(file)));
}

/// The emergency kit: many wallets, one passphrase. A key that is in the KMS cannot be in it, which is no failure.
Outcome export_many(Context& context, const ExportArgs& args) {
    if (args.wallets.empty() && args.user.empty())
        return fail(ErrorCode::kInvalidInput, "Which wallets? Name them, or --user U for all of a user's.");
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    auto wallets = wallets_to_export(context, **engine, args);
    if (!wallets) return fail(wallets);
    Status agreed = context.confirm(
        wallets->size() == 1
            ? "Whoever has the keystore of this wallet and its passphrase owns everything at its address."
            : fmt::format(
                  "Whoever has the keystores of these {} wallets and their passphrase owns everything at their addresses.",
                  wallets->size()));
    if (!agreed) return fail(agreed);
    auto passphrase = keystore_passphrase(context, args.passphrase_file, true);
    if (!passphrase) return fail(passphrase);
    JobProgress work(context, **engine, "export-keystores");
    auto exported =
        (*engine)->export_keystores(context.session(), *wallets, args.keystore_directory, *passphrase, work.progress());
    work.end_line();
    if (!exported) return fail(exported);
    bool failed = false;
    for (const ExportedKeystore& keystore : *exported) {
        show(context.out(), keystore);
        failed = failed || (keystore.file.empty() && keystore.wallet.custody != Custody::kKmsKey);
    }
    return failed ? 1 : 0;
}

Outcome export_wallet(Context& context, const ExportArgs& args) {
    if (args.mnemonic + args.private_key + !args.keystore.empty() + !args.keystore_directory.empty() != 1) {
        return one_of("--mnemonic, --private-key, --keystore FILE and --keystore-directory DIR");
    }
    if (!args.keystore_directory.empty()) return export_many(context, args);
    if (args.wallets.size() != 1 || !args.user.empty()) {
        return fail(ErrorCode::kInvalidInput, "Exactly one WALLET is needed.",
                    "For several, or for --user: --keystore-directory DIR");
    }
    const std::string& name = args.wallets.front();
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    auto wallet = (*engine)->wallet(context.session(), name);
    if (!wallet) return fail(wallet);
    Status agreed = context.confirm(fmt::format("Whoever sees the exported key of {} ({}) owns everything at that address.",
                                                checksum_address(wallet->address), safe_text(wallet->user)));
    if (!agreed) return fail(agreed);
    if (!args.keystore.empty()) return export_keystore(context, **engine, args, wallet->address);
    // By the address that was asked about: the label may name another wallet by now.
    const std::string asked = checksum_address(wallet->address);
    auto secret = args.mnemonic ? (*engine)->export_mnemonic(context.session(), asked)
                                : (*engine)->export_private_key(context.session(), asked);
    if (!secret) return fail(secret);
    Status printed = print_secret(context.out(), *wallet, args.mnemonic ? "mnemonic" : "private_key", *secret);
    if (!printed) return fail(printed);
    // Without it the words lead to another address.
    if (args.mnemonic && context.out().interactive()) context.out().note(fmt::format("Derivation path: {}", wallet->path));
    return 0;
}

}  // namespace

void register_wallet_secrets(CLI::App& wallet, Context& context) {
    add_command(wallet, context, "import", "Import a mnemonic, a private key or a keystore", declare_import, import_wallet);
    add_command(wallet, context, "export", "Give wallets' secrets out", declare_export, export_wallet);
}

}  // namespace keydeck::cli
