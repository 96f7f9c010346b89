#include "app/cli/preview.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

#include "app/cli/input.hpp"
#include "app/cli/safe_text.hpp"

namespace keydeck::cli {
namespace {

constexpr std::size_t kLeastRoom = 20;
constexpr std::size_t kDeeper = 4;  // than the names of the lines

std::size_t terminal_columns() {
    constexpr std::size_t kUsual = 80;
    winsize window{};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0 ? window.ws_col : kUsual;
}

/// One line of text, told on as many lines as it needs.
void note_indented(Output& out, std::string_view lead, std::string_view text, Paint paint) {
    const std::size_t indent = display_width(lead);
    const std::size_t columns = terminal_columns();
    const std::size_t room = columns > indent + kLeastRoom ? columns - indent : kLeastRoom;
    const std::string safe = safe_text(text);
    const std::size_t width = display_width(safe);
    // A digest is easier to compare in one piece: on a line of its own, where that alone is wide enough.
    if (width > room && width + kDeeper <= columns && !safe.contains(' ')) {
        out.note(lead);
        out.note(std::string(kDeeper, ' ') + out.painted(safe, paint, true));
        return;
    }
    std::string before(lead);
    for (const std::string& part : cut_to_width(safe, room)) {
        out.note(before + out.painted(part, paint, true));
        before.assign(indent, ' ');
    }
}

void show(Output& out, const SigningPreview& preview) {
    std::size_t width = 0;
    for (const auto* lines : {&preview.lines, &preview.digests}) {
        for (const PreviewLine& line : *lines) width = std::max(width, display_width(line.name));
    }
    const auto show_line = [&](const PreviewLine& line) {
        const std::string padding(width - display_width(line.name) + 2, ' ');
        note_indented(out, fmt::format("  {}{}", safe_text(line.name), padding), line.value,
                      line.warning ? Paint::kWarn : Paint::kPlain);
    };
    note_indented(out, "", preview.sentence, Paint::kTitle);
    for (const PreviewLine& line : preview.lines) show_line(line);
    for (const std::string& warning : preview.warnings) note_indented(out, "! ", warning, Paint::kBad);
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
