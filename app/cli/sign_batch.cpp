#include "app/cli/sign_batch.hpp"

#include <algorithm>
#include <vector>

#include "app/cli/counted.hpp"
#include "app/cli/safe_text.hpp"

namespace keydeck::cli {
namespace {

/// The lines without their `\n`; a last line without one counts, an end without a line after it does not.
std::vector<std::string_view> cut_lines(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    return lines;
}

/// A line that alone would be risky is so among others. Only 32 bytes can be (Engine::preview_message).
Status refuse_risky(Context& context, Engine& engine, const std::string& wallet,
                    const std::vector<std::string_view>& lines) {
    constexpr std::size_t kDigestSize = 32;
    if (context.options.yes) return {};
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (lines[i].size() != kDigestSize) continue;
        const auto preview = engine.preview_message(context.session(), wallet, as_bytes(lines[i]));
        if (!preview) return fail(preview);
        if (preview->risk != Risk::kRisky) continue;
        return fail(ErrorCode::kRejected,
                    fmt::format("Line {} is risky and nothing was signed: {}", i + 1,
                                preview->warnings.empty() ? preview->sentence : preview->warnings.front()),
                    "Look at it well; add --yes to sign it all the same.");
    }
    return {};
}

}  // namespace

void BatchReport::add_failure(const Error& error) {
    ++failures_;
    out_.line(out_.json() ? error_json(error) : fmt::format("error: {}", safe_text(error.message)));
}

void BatchReport::finish() {
    if (failures_ > 0 && !out_.json()) out_.note(fmt::format("{} of {} failed", failures_, items_));
}

Status approve_batch(Context& context, std::string_view what, const std::string& wallet) {
    if (context.options.yes || !context.out().interactive()) return {};
    auto engine = context.engine();
    if (!engine) return fail(engine);
    auto signer = (*engine)->wallet(context.session(), wallet);
    if (!signer) return fail(signer);
    auto said = ask(fmt::format("Sign all {} of the input with {} ({})? They are not shown one by one. [y/N] ", what,
                                checksum_address(signer->address), safe_text(signer->user)));
    if (!said) return fail(said);
    if (*said == "y" || *said == "Y" || *said == "yes") return {};
    return fail(ErrorCode::kCancelled, "Cancelled: nothing was signed.");
}

Outcome sign_lines(Context& context, const std::string& named, std::string_view text) {
    const auto lines = cut_lines(text);
    if (lines.empty()) return fail(ErrorCode::kInvalidInput, "There is no line in the input.");
    const auto returns = std::ranges::find_if(lines, [](std::string_view line) { return line.ends_with('\r'); });
    if (returns != lines.end()) {
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("Line {} ends with a carriage return, which would be signed with it. Nothing was signed.",
                                returns - lines.begin() + 1),
                    "Give the file the line ends of Unix, for instance with dos2unix.");
    }
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    const std::string wallet = address_named(context, **engine, named);
    if (Status graded = refuse_risky(context, **engine, wallet, lines); !graded) return fail(graded);
    Status agreed = approve_batch(context, counted(std::ssize(lines), "line"), wallet);
    if (!agreed) return fail(agreed);
    BatchReport report(context.out());
    Status signed_all = (*engine)->sign_messages(
        context.session(), wallet, lines, [&](std::size_t, const Result<MessageSignature>& result) { report.add(result); });
    if (!signed_all) return fail(signed_all);
    report.finish();
    return report.exit_status();
}

}  // namespace keydeck::cli
