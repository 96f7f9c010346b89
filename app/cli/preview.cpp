#include "app/cli/preview.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "app/cli/input.hpp"
#include "app/cli/safe_text.hpp"

namespace keydeck::cli {
namespace {

void show(Output& out, const SigningPreview& preview) {
    std::size_t width = 0;
    for (const auto* lines : {&preview.lines, &preview.digests}) {
        for (const PreviewLine& line : *lines) width = std::max(width, display_width(line.name));
    }
    const auto show_line = [&](const PreviewLine& line) {
        const std::string padding(width - display_width(line.name) + 2, ' ');
        const Paint paint = line.warning ? Paint::kWarn : Paint::kPlain;
        out.note(fmt::format("  {}{}{}", safe_text(line.name), padding, out.painted(safe_text(line.value), paint, true)));
    };
    out.note(out.painted(safe_text(preview.sentence), Paint::kTitle, true));
    for (const PreviewLine& line : preview.lines) show_line(line);
    for (const std::string& warning : preview.warnings) {
        out.note(out.painted(fmt::format("! {}", safe_text(warning)), Paint::kBad, true));
    }
    // To compare on a second device.
    for (const PreviewLine& digest : preview.digests) show_line(digest);
}

}  // namespace

void grade(SigningPreview& preview) {
    if (preview.kind == SigningKind::kAuthorization) preview.risk = Risk::kRisky;
    if (preview.risk != Risk::kRisky || !preview.challenge.empty()) return;
    preview.challenge = "SIGN";
    if (preview.kind == SigningKind::kAuthorization) preview.challenge = "DELEGATE";
    preview.challenge_prompt = fmt::format("Type {} to sign", preview.challenge);
}

Status ask_to_sign(Output& out, const SigningPreview& preview) {
    show(out, preview);
    const bool risky = preview.risk == Risk::kRisky;
    const std::string prompt = risky ? fmt::format("{} ", safe_text(preview.challenge_prompt)) : "Sign this? [y/N] ";
    auto answer = ask(prompt);
    if (!answer) return fail(answer);
    const bool agreed = risky ? *answer == preview.challenge : *answer == "y" || *answer == "Y" || *answer == "yes";
    if (!agreed) return fail(ErrorCode::kCancelled, "Cancelled: nothing was signed.");
    return {};
}

}  // namespace keydeck::cli
