#include "ui/views/sign_result.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ui/format.hpp"

namespace keydeck::ui {

namespace {

/// A look-alike is what somebody made to deceive; the others say what is unusual.
TextLine warning_line(const std::string& warning, const Scene& scene) {
    const bool is_loud = warning.starts_with("LOOK-ALIKE");
    return {"", "▲ " + scene.safe(warning), {is_loud ? Role::kDanger : Role::kWarn}, false, false};
}

TextLine hidden_line(std::size_t hidden) {
    return {"",
            fmt::format("▲ {}: each is shown as its code",
                        counted(static_cast<std::int64_t>(hidden), "hidden character", "hidden characters")),
            {Role::kWarn},
            false,
            false};
}

void add_digests(const SigningPreview& preview, std::vector<TextLine>& out) {
    if (preview.digests.empty()) return;
    out.push_back(rule_line());
    for (const PreviewLine& digest : preview.digests) {
        out.push_back({"", digest.name, {}, false, false});
        out.push_back({"", "  " + digest.value, {Role::kTitle}, true, false});
    }
    out.push_back({"", "Compare on a second device.", {Role::kMuted}, false, false});
}

}  // namespace

std::vector<TextLine> preview_lines(const SigningPreview& preview, const std::string& described, const Scene& scene) {
    const bool risky = preview.risk == Risk::kRisky;
    std::vector<TextLine> out{
        {"", (risky ? "▲ " : "") + scene.safe(preview.sentence), {risky ? Role::kWarn : Role::kTitle}, false, false},
        rule_line()};
    if (!described.empty()) out.push_back({"Read as", scene.safe(described), {}, false, false});
    std::size_t hidden = 0;
    for (const PreviewLine& line : preview.lines) {
        hidden += count_hidden(line.name, true) + count_hidden(line.value, false);
        const std::string name = line.name.empty() ? " " : scene.safe(line.name);  // a continuation stands under the values
        out.push_back({name, line.value, {line.warning ? Role::kWarn : Role::kText}, true, false});
    }
    if (hidden > 0 || !preview.warnings.empty()) out.push_back(rule_line());
    for (const std::string& warning : preview.warnings) out.push_back(warning_line(warning, scene));
    if (hidden > 0) out.push_back(hidden_line(hidden));
    add_digests(preview, out);
    return out;
}

std::vector<TextLine> bytes_lines(std::string_view bytes) {
    constexpr std::size_t kRow = 16;
    std::vector<TextLine> out{{"",
                               fmt::format("The {} that are signed, as they are",
                                           counted(static_cast<std::int64_t>(bytes.size()), "byte", "bytes")),
                               {Role::kTitle},
                               false,
                               false},
                              rule_line()};
    for (std::size_t at = 0; at < bytes.size(); at += kRow) {
        std::string digits;
        std::string letters;
        for (const char c : bytes.substr(at, kRow)) {
            digits += fmt::format("{:02x} ", static_cast<unsigned char>(c));
            letters += c >= ' ' && c <= '~' ? c : '.';
        }
        out.push_back({"", fmt::format("{:04x}  {:<48} {}", at, digits, letters), {}, true, false});
    }
    return out;
}

std::vector<TextLine> given_lines(const std::string& json, const Scene& scene) {
    std::vector<TextLine> out{{"", "As it was given; what it says is in the preview", {Role::kTitle}, false, false},
                              rule_line()};
    const auto add = [&](std::string_view line) { out.push_back({"", scene.safe(line), {}, true, false}); };
    if (json.find('\n') == std::string::npos) {
        for (const std::string& line : indented_json(json)) add(line);
        return out;
    }
    for (std::string_view rest = json; !rest.empty();) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        std::string_view line = rest.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        add(line);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return out;
}

namespace {

std::unique_ptr<Dialog> message_result(const MessageSignature& made, const Scene& scene, const Wallet& wallet) {
    const std::string signature = hex_of(made.signature);
    const std::string address = checksum_address(made.address);
    const std::string json = fmt::format(R"({{"address":{},"digest":{},"signature":{}}})", json_string(address),
                                         json_string(hex_of(made.digest)), json_string(signature));
    std::vector<TextLine> lines{{"", fmt::format("Signed by {}", scene.safe(wallet.user)), {Role::kOk}, false, false},
                                rule_line(),
                                {"Address", address, {}, true, false},
                                {"Digest", hex_of(made.digest), {}, true, false},
                                {"Signature", signature, {Role::kTitle}, true, false}};
    return std::make_unique<TextDialog>("Signature", std::move(lines),
                                        std::vector<Copy>{{"signature", signature}, {"JSON", json}});
}

std::unique_ptr<Dialog> transaction_result(const TransactionSignature& made, const Scene& scene, const Wallet& wallet) {
    const std::string raw = hex_of(made.raw);
    const std::string address = checksum_address(made.address);
    const std::string json = fmt::format(R"({{"address":{},"type":{},"raw":{},"hash":{}}})", json_string(address), made.type,
                                         json_string(raw), json_string(hex_of(made.hash)));
    std::vector<TextLine> lines{
        {"", fmt::format("Signed by {}; nothing was sent", scene.safe(wallet.user)), {Role::kOk}, false, false},
        rule_line(),
        {"Address", address, {}, true, false},
        {"Type", std::to_string(made.type), {}, false, false},
        {"Hash", hex_of(made.hash), {}, true, false},
        {"Raw", raw, {Role::kTitle}, true, false}};
    return std::make_unique<TextDialog>("Signed transaction", std::move(lines),
                                        std::vector<Copy>{{"raw transaction", raw}, {"JSON", json}});
}

}  // namespace

std::unique_ptr<Dialog> make_sign_result(const SignedThing& made, const SigningPreview& preview, const Scene& scene) {
    if (const auto* message = std::get_if<MessageSignature>(&made)) return message_result(*message, scene, preview.wallet);
    return transaction_result(std::get<TransactionSignature>(made), scene, preview.wallet);
}

ErrorReport signing_failure(std::string what, const Wallet& wallet, const Error& error) {
    // A KMS that does not answer may have signed: what it signed has not come here, and goes nowhere.
    const bool certain = error.code != ErrorCode::kUnavailable && error.code != ErrorCode::kInternal;
    std::string key = wallet.key_id;
    if (!wallet.key_alias.empty()) key = key_name(wallet.key_alias, wallet.key_id) + ", " + key;
    if (!wallet.region.empty()) key += ", " + wallet.region;
    return {.title = "Signing failed",
            .not_done = certain ? "Nothing was signed and nothing was sent." : "There is no signature and nothing was sent.",
            .what = std::move(what),
            .error = error,
            .subject = wallet.custody == Custody::kKmsKey ? "The KMS did not sign" : "The KMS did not open the wallet",
            .key = std::move(key)};
}

}  // namespace keydeck::ui
