#include "app/cli/context.hpp"

#include <charconv>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "app/cli/input.hpp"
#include "app/cli/preview.hpp"
#include "app/cli/prices.hpp"

namespace keydeck::cli {

std::unexpected<Error> not_in_this_version(std::string_view what) {
    return fail(ErrorCode::kInvalidInput, fmt::format("{} is not in this version of Keydeck.", what));
}

namespace {

/// All of `text` as digits of this base.
std::optional<std::int64_t> all_digits(std::string_view text, int base) {
    std::int64_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (problem != std::errc() || end != text.data() + text.size() || text.starts_with('-')) return std::nullopt;
    return value;
}

}  // namespace

Result<std::int64_t> parse_number(std::string_view text, std::string_view what, std::int64_t least, std::int64_t most) {
    const auto value = all_digits(text, 10);
    if (value && *value >= least && *value <= most) return *value;
    return fail(ErrorCode::kInvalidInput, fmt::format("{} must be a whole number from {} to {}.", what, least, most));
}

Result<std::int64_t> parse_quantity(std::string_view text, std::string_view what, std::int64_t least, std::int64_t most) {
    if (!text.starts_with("0x") && !text.starts_with("0X")) return parse_number(text, what, least, most);
    const auto value = all_digits(text.substr(2), 16);
    if (value && *value >= least && *value <= most) return *value;
    return fail(ErrorCode::kInvalidInput,
                fmt::format("{} must be a whole number from {} to {}, in decimal or as 0x….", what, least, most));
}

Session Context::session() const {
    return options.as_user.empty() ? Session::of_operator("cli") : Session::of_user(options.as_user, "cli");
}

Result<const Settings*> Context::settings() {
    if (!settings_) {
        auto loaded = load_settings(options.settings);
        if (!loaded) return fail(loaded);
        settings_ = std::move(*loaded);
    }
    return &*settings_;
}

Result<Engine*> Context::open_engine(const std::string& directory, const std::optional<KmsWeather>& weather) {
    auto known = settings();
    if (!known) return fail(known);
    std::error_code unreadable;  // whatever hides it comes up again in opening
    const auto there = std::filesystem::status(directory, unreadable);
    if (std::filesystem::exists(there) && !std::filesystem::is_directory(there)) {
        return fail(ErrorCode::kInvalidInput, fmt::format("{} is a file, not a directory.", directory),
                    "A vault is a directory: name the one that holds keydeck.db.");
    }
    // Money hangs on signing, not on what it costs: whoever asks for prices is told what is wrong with them.
    const auto prices = load_prices();
    auto opened = Engine::open({.directory = directory,
                                .read_only = options.read_only || options.only_looks,
                                .pool_alias_prefix = (*known)->pool_alias_prefix,
                                .pool_size = (*known)->pool_size,
                                .backups_kept = (*known)->backups_kept,
                                .alerts = (*known)->alerts,
                                .prices = prices ? *prices : Prices{},
                                .secret_keys = (*known)->secret_keys,
                                .weather = weather});
    if (!opened) return fail(opened);
    engine_ = std::move(*opened);
    return engine_.get();
}

Result<Engine*> Context::engine() {
    if (engine_) return engine_.get();
    auto known = settings();
    if (!known) return fail(known);
    auto opened = open_engine((*known)->vault);
    if (!opened && opened.error().code == ErrorCode::kNotFound) {
        return fail(ErrorCode::kNotFound, opened.error().message,
                    "Make one: `keydeck init --key-file FILE`, or see `keydeck demo`. --vault names another.");
    }
    return opened;
}

Result<SecretBytes> Context::passphrase() {
    auto known = settings();
    if (!known) return fail(known);
    if (!(*known)->passphrase_file.empty()) return read_passphrase_file((*known)->passphrase_file);
    if (out_.interactive()) return prompt_secret("Passphrase of the vault: ");
    return fail(ErrorCode::kLocked, "The vault is locked by a passphrase.",
                "Give it with --passphrase-file FILE or KEYDECK_PASSPHRASE_FILE.");
}

Result<Engine*> Context::unlocked_engine() {
    auto opened = engine();
    if (!opened || !(*opened)->needs_unlock()) return opened;
    auto secret = passphrase();
    if (!secret) return fail(secret);
    Status unlocked = (*opened)->unlock(*secret);
    if (!unlocked) return fail(unlocked);
    return opened;
}

Result<Engine*> Context::writing_engine() {
    if (options.read_only) {
        return fail(ErrorCode::kDenied, "This would change the vault, and --read-only forbids that.",
                    "Leave out --read-only.");
    }
    return unlocked_engine();
}

Status Context::confirm(std::string_view sentence, std::string_view until) {
    if (options.yes) return {};
    if (!out_.interactive()) {
        return fail(ErrorCode::kRejected, fmt::format("{} This needs a confirmation.", sentence), "Add --yes to confirm.");
    }
    out_.note(out_.painted(sentence, Paint::kWarn, true));
    auto answer = ask(fmt::format("{} Type yes to go on: ", until));
    if (!answer) return fail(answer);
    if (*answer != "yes") return fail(ErrorCode::kCancelled, "Cancelled: nothing was changed.");
    return {};
}

Status Context::confirm_with(std::string_view word, std::string_view sentence) {
    if (options.yes) return {};
    if (!out_.interactive()) {
        return fail(ErrorCode::kRejected, fmt::format("{} This needs a confirmation.", sentence), "Add --yes to confirm.");
    }
    out_.note(out_.painted(sentence, Paint::kWarn, true));
    auto answer = ask(fmt::format("Type {} to go on: ", word));
    if (!answer) return fail(answer);
    if (*answer != word) return fail(ErrorCode::kCancelled, "Cancelled: nothing was changed.");
    return {};
}

Status Context::ask_first(std::string_view sentence, std::string_view question) {
    if (options.yes || !out_.interactive()) return {};
    out_.note(out_.painted(sentence, Paint::kWarn, true));
    auto answer = ask(fmt::format("{} [y/N] ", question));
    if (!answer) return fail(answer);
    if (*answer == "y" || *answer == "Y" || *answer == "yes") return {};
    return fail(ErrorCode::kCancelled, "Cancelled: nothing was changed.");
}

Status Context::approve(const std::function<Result<SigningPreview>(Engine&)>& preview) {
    if (options.yes) return {};
    auto signer = writing_engine();
    if (!signer) return fail(signer);
    auto shown = preview(**signer);
    if (!shown) return fail(shown);
    grade(*shown);
    if (out_.interactive()) return ask_to_sign(out_, *shown);
    if (shown->risk == Risk::kOrdinary) return {};
    const std::string& why = shown->warnings.empty() ? shown->sentence : shown->warnings.front();
    return fail(ErrorCode::kRejected,
                fmt::format("This signature is risky and nothing was signed: {}{}", why, why.ends_with('.') ? "" : "."),
                "Look at it well; add --yes to sign it all the same.");
}

}  // namespace keydeck::cli
