// Backups, and what is kept for the day they are needed.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "app/cli/command.hpp"
#include "app/cli/commands.hpp"
#include "app/cli/counted.hpp"
#include "app/cli/input.hpp"
#include "app/cli/interrupt.hpp"
#include "app/cli/prices.hpp"
#include "app/cli/safe_text.hpp"
#include "app/cli/verbs.hpp"
#include "engine/backup.hpp"

namespace keydeck::cli {
namespace {

struct BackupArgs {
    std::string file;
    std::string passphrase_file;
    bool without_key_file = false;
    bool verify = false;
};

struct RestoreArgs {
    std::string file;
    std::string passphrase_file;
    std::string key_file;
};

struct SheetArgs {
    std::string user;
    std::string output;
    bool html = false;
};

void declare_passphrase(CLI::App& command, std::string& file) {
    command.add_option("--backup-passphrase-file", file, "The backup's own passphrase: the first line of a file")
        ->type_name("FILE");
}

void declare_backup(CLI::App& command, BackupArgs& args) {
    command.add_option("FILE", args.file, "The new backup; with --verify, one that is there")->required();
    declare_passphrase(command, args.passphrase_file);
    command.add_flag(
        "--without-key-file", args.without_key_file,
        "Leave the embedded KMS's key file out: the backup alone then opens no wallet, not even for a thief who "
        "has its passphrase; but when the key file is lost, the backup is useless");
    command.add_flag("--verify", args.verify, "Read a backup from end to end instead, and say what is in it");
}

void declare_restore(CLI::App& command, RestoreArgs& args) {
    command.add_option("FILE", args.file, "The backup")->required();
    declare_passphrase(command, args.passphrase_file);
    command
        .add_option("--key-file", args.key_file,
                    "Where the vault's key file goes (or is, if the backup has none); without this: where it was")
        ->type_name("FILE");
}

void declare_sheet(CLI::App& command, SheetArgs& args) {
    command.add_option("--user", args.user, "Of this user's wallets (default: everybody's)");
    command.add_flag("--html", args.html, "As a page to print, instead of text");
    command.add_option("--output", args.output, "Into a new file")->type_name("FILE");
}

/// How far a backup is, on the terminal where a person watches; Ctrl-C ends it cleanly.
class Watch {
public:
    explicit Watch(Output& out) : out_(out) {}
    ~Watch() {
        if (shown_ >= 0) write("\n");
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    [[nodiscard]] Progress progress() {
        return {.report = [this](std::int64_t done, std::int64_t total) { show(done, total); }, .stop = interrupt_.token()};
    }

private:
    static void write(std::string_view text) {
        if (::write(STDERR_FILENO, text.data(), text.size()) < 0) return;  // a count that nobody sees
    }
    void show(std::int64_t done, std::int64_t total) {
        constexpr std::int64_t kMegabyte = 1'000'000;
        constexpr std::int64_t kWorthShowing = 20 * kMegabyte;
        if (!out_.interactive() || total < kWorthShowing || shown_ == done / kMegabyte) return;
        shown_ = done / kMegabyte;
        write(fmt::format("\r\033[K{} of {} MB", shown_, total / kMegabyte));
    }

    Output& out_;
    StopOnInterrupt interrupt_;
    std::int64_t shown_ = -1;
};

Result<SecretBytes> backup_passphrase(Context& context, const std::string& file, bool is_new) {
    if (!file.empty()) return read_passphrase_file(file);
    if (context.out().interactive())
        return is_new ? prompt_new_passphrase("the backup") : prompt_secret("Passphrase of the backup: ");
    return fail(ErrorCode::kInvalidInput, "The backup has a passphrase of its own, which is needed.",
                "Give it with --backup-passphrase-file FILE.");
}

std::string json_of(const std::vector<std::string>& texts) {
    std::string json = "[";
    for (const std::string& text : texts) {
        if (json.size() > 1) json += ',';
        append_json_string(json, text);
    }
    return json + ']';
}

std::string json_of(const std::vector<BackupFile>& files) {
    std::string json = "[";
    for (const BackupFile& file : files) {
        if (json.size() > 1) json += ',';
        json += JsonObject().text("name", file.name).number("size", file.size).bytes("sha256", file.sha256).finish();
    }
    return json + ']';
}

std::string json_of(const std::vector<RestoreLoss>& losses) {
    std::string json = "[";
    for (const RestoreLoss& loss : losses) {
        if (json.size() > 1) json += ',';
        std::vector<std::string> addresses;
        addresses.reserve(loss.first_wallets.size());
        for (const AddressBytes& address : loss.first_wallets) addresses.push_back(checksum_address(address));
        json += JsonObject()
                    .text("key_id", loss.key_id)
                    .text("key_state", loss.key_state)
                    .number("wallets", loss.wallets)
                    .number("secrets", loss.secrets)
                    .raw("first_wallets", json_of(addresses))
                    .finish();
    }
    return json + ']';
}

JsonObject& add_manifest(JsonObject& json, const BackupManifest& manifest) {
    json.text("vault_id", manifest.vault_id).text("kms", manifest.kms).time("made_at", manifest.made_at);
    json.text("keydeck_version", manifest.keydeck_version).number("users", manifest.users);
    json.number("wallets", manifest.wallets).number("secrets", manifest.secrets);
    json.number("audit_events", manifest.audit_events).bytes("audit_head", manifest.audit_head);
    json.boolean("has_key_file", manifest.has_key_file).raw("files", json_of(manifest.files));
    return json;
}

std::vector<Detail> details_of(const BackupManifest& manifest) {
    std::int64_t bytes = 0;
    std::string files;
    for (const BackupFile& file : manifest.files) {
        bytes += file.size;
        files += (files.empty() ? "" : ", ") + file.name;
    }
    const std::string key_file = manifest.has_key_file ? "in it" : "NOT in it: keep it elsewhere";
    return {{"Vault", manifest.vault_id},
            {"Made", shown_time(manifest.made_at)},
            {"By", "keydeck " + manifest.keydeck_version},
            {"Users", std::to_string(manifest.users)},
            {"Wallets", std::to_string(manifest.wallets)},
            {"Secrets", std::to_string(manifest.secrets)},
            {"Audit events", std::to_string(manifest.audit_events)},
            {"Audit head", hex_text(manifest.audit_head)},
            {"Files", fmt::format("{} ({})", files, counted(static_cast<std::int64_t>(bytes), "byte"))},
            {"Key file", manifest.key_file.empty() ? "" : key_file}};
}

void show(Output& out, const std::string& file, const BackupManifest& manifest, bool verified) {
    if (out.json()) {
        JsonObject json;
        json.text("file", file);
        if (verified) json.boolean("valid", true);
        return out.line(add_manifest(json, manifest).finish());
    }
    if (verified) out.line(out.painted("The backup is whole.", Paint::kGood));
    std::vector<Detail> details = details_of(manifest);
    details.insert(details.begin(), {"Backup", file});
    write_details(out, details);
}

/// The configuration that is in force, as far as it is in files.
std::vector<std::filesystem::path> settings_files() {
    std::vector<std::filesystem::path> files;
    for (const std::string& path : {config_file_path(), prices_file_path()}) {
        std::error_code ignored;
        if (!path.empty() && std::filesystem::is_regular_file(path, ignored)) files.emplace_back(path);
    }
    return files;
}

Outcome verify(Context& context, const BackupArgs& args) {
    if (args.without_key_file)
        return fail(ErrorCode::kInvalidInput, "--without-key-file is for a new backup, not for --verify.");
    auto passphrase = backup_passphrase(context, args.passphrase_file, false);
    if (!passphrase) return fail(passphrase);
    auto manifest = [&] {
        Watch watch(context.out());
        return Engine::verify_backup(args.file, *passphrase, watch.progress());
    }();
    if (!manifest) return fail(manifest);
    show(context.out(), args.file, *manifest, true);
    return 0;
}

Outcome back_up(Context& context, const BackupArgs& args) {
    if (args.verify) return verify(context, args);
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    auto passphrase = backup_passphrase(context, args.passphrase_file, true);
    if (!passphrase) return fail(passphrase);
    BackupOptions options;
    options.file = args.file;
    options.passphrase = std::move(*passphrase);
    options.without_key_file = args.without_key_file;
    options.settings = settings_files();
    auto manifest = [&] {
        Watch watch(context.out());
        return (*engine)->back_up(context.session(), options, watch.progress());
    }();
    if (!manifest) return fail(manifest);
    show(context.out(), args.file, *manifest, false);
    return 0;
}

bool is_final(const RestoreLoss& loss) { return loss.key_state == "Destroyed" || loss.key_state == "NoDataKey"; }

void show_loss(Output& out, const RestoreLoss& loss) {
    constexpr std::size_t kShown = 5;
    std::string addresses;
    for (std::size_t i = 0; i < std::min(kShown, loss.first_wallets.size()); ++i)
        addresses += (i == 0 ? "" : ", ") + checksum_address(loss.first_wallets[i]);
    if (loss.first_wallets.size() > kShown) addresses += ", …";
    out.line(fmt::format("{} key {} is {}: {}, {}{}{}",
                         out.painted(is_final(loss) ? "lost:" : "closed:", is_final(loss) ? Paint::kBad : Paint::kWarn),
                         safe_text(loss.key_id), safe_text(loss.key_state), counted(loss.wallets, "wallet"),
                         counted(loss.secrets, "secret"), addresses.empty() ? "" : ": ", addresses));
}

void show(Output& out, const RestoreReport& report) {
    if (out.json()) {
        JsonObject json;
        json.text("directory", report.directory.string()).text_or_null("key_file", report.key_file.string());
        add_manifest(json, report.manifest).raw("settings", json_of(report.settings));
        json.boolean("keys_were_checked", report.keys_were_checked).raw("losses", json_of(report.losses));
        return out.line(json.raw("notices", json_of(report.notices)).finish());
    }
    std::vector<Detail> details = details_of(report.manifest);
    details.back() = {"Key file", report.key_file.string()};
    details.insert(details.begin(), {"Restored to", report.directory.string()});
    write_details(out, details);
    if (!report.settings.empty()) {
        out.line(fmt::format("The configuration is in {}: copy what you want of it to {}.",
                             safe_text((report.directory / "restored-settings").string()),
                             safe_text(std::filesystem::path(config_file_path()).parent_path().string())));
    }
    for (const std::string& notice : report.notices)
        out.line(fmt::format("{} {}", out.painted("notice:", Paint::kWarn), safe_text(notice)));
    for (const RestoreLoss& loss : report.losses) show_loss(out, loss);
    if (report.keys_were_checked && report.losses.empty()) out.line("Every key that wallets and secrets need is there.");
}

Outcome restore(Context& context, const RestoreArgs& args) {
    if (context.options.read_only) return fail(ErrorCode::kDenied, "--read-only forbids to make a vault.");
    auto settings = context.settings();
    if (!settings) return fail(settings);
    RestoreOptions options;
    options.file = args.file;
    options.directory = (*settings)->vault;
    options.key_file = args.key_file;
    auto passphrase = backup_passphrase(context, args.passphrase_file, false);
    if (!passphrase) return fail(passphrase);
    options.passphrase = std::move(*passphrase);
    if (!(*settings)->passphrase_file.empty()) {
        auto of_vault = read_passphrase_file((*settings)->passphrase_file);
        if (!of_vault) return fail(of_vault);
        options.vault_passphrase = std::move(*of_vault);
    }
    auto report = [&] {
        Watch watch(context.out());
        return Engine::restore_backup(context.session(), options, watch.progress());
    }();
    if (!report) return fail(report);
    show(context.out(), *report);
    return std::ranges::any_of(report->losses, is_final) ? 1 : 0;
}

Outcome sheet(Context& context, const SheetArgs& args) {
    auto engine = context.engine();
    if (!engine) return fail(engine);
    auto text = (*engine)->recovery_sheet(context.session(), {.user = args.user, .html = args.html});
    if (!text) return fail(text);
    Output& out = context.out();
    if (args.output.empty()) {
        if (out.json()) {
            out.line(JsonObject().text("sheet", *text).finish());
        } else {
            out.line(text->substr(0, text->size() - 1));  // it ends its last line itself
        }
        return 0;
    }
    if (Status written = write_new_file(args.output, *text); !written) return fail(written);
    if (out.json()) {
        out.line(JsonObject().text("file", args.output).finish());
    } else {
        write_details(out, {{"Recovery sheet", args.output}});
    }
    return 0;
}

}  // namespace

void register_backup(CLI::App& app, Context& context) {
    add_command(app, context, "backup", "Copy the vault into one encrypted file, while it is used", declare_backup, back_up);
}

void register_restore(CLI::App& app, Context& context) {
    add_command(app, context, "restore", "Make a vault of a backup, where there is none", declare_restore, restore);
}

void register_recovery_sheet(CLI::App& app, Context& context) {
    add_command(app, context, "recovery-sheet", "What to print: addresses, custody, keys, and no secret", declare_sheet,
                sheet);
}

}  // namespace keydeck::cli
