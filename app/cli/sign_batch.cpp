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
