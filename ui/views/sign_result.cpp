#include "ui/views/sign_result.hpp"

#include <fmt/format.h>

#include "ui/format.hpp"

namespace keydeck::ui {

std::vector<TextLine> preview_lines(const SigningPreview& preview, const std::string& described, const Scene& scene) {
    const bool risky = preview.risk == Risk::kRisky;
    std::vector<TextLine> out{
        {"", (risky ? "▲ " : "") + scene.safe(preview.sentence), {risky ? Role::kWarn : Role::kTitle}, false, false}};
    for (const std::string& warning : preview.warnings)
        out.push_back({"", "▲ " + scene.safe(warning), {Role::kWarn}, false, false});
    out.push_back(rule_line());
    if (!described.empty()) out.push_back({"Read as", scene.safe(described), {}, false, false});
    std::size_t hidden = 0;
    for (const PreviewLine& line : preview.lines) {
        hidden += count_hidden(line.name, true) + count_hidden(line.value, false);
        const std::string name = line.name.empty() ? " " : scene.safe(line.name);  // a continuation stands under the values
        out.push_back({name, line.value, {line.warning ? Role::kWarn : Role::kText}, true, false});
    }
    if (hidden > 0) {
        out.push_back({"",
                       fmt::format("▲ {}: each is shown as its code",
                                   counted(static_cast<std::int64_t>(hidden), "hidden character", "hidden characters")),
                       {Role::kWarn},
                       false,
                       false});
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
    std::string key = key_name(wallet.key_alias, wallet.key_id);
    if (!wallet.key_alias.empty()) key += ", " + wallet.key_id;
    if (!wallet.region.empty()) key += ", " + wallet.region;
    return {.title = "Signing failed",
            .not_done = certain ? "Nothing was signed and nothing was sent." : "There is no signature and nothing was sent.",
            .what = std::move(what),
            .error = error,
            .subject = wallet.custody == Custody::kKmsKey ? "The KMS did not sign" : "The KMS did not open the wallet",
            .key = std::move(key)};
}

}  // namespace keydeck::ui
