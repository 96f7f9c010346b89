#include "engine/kms/aws/credential_answers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "engine/base/json.hpp"
#include "engine/kms/aws/xml.hpp"
#include "engine/kms/wire_secret.hpp"

namespace keydeck::kms::aws {
namespace {

std::unexpected<Error> no_credentials(std::string_view what, std::string_view why) {
    return fail(ErrorCode::kCorrupt, fmt::format("{} gives no credentials: {}.", what, why));
}

/// RFC 3339 in UTC, which some write as +00:00.
std::optional<Timestamp> parse_expiry(std::string_view text) {
    std::string written(text);
    if (written.ends_with("+00:00")) written.replace(written.size() - 6, 6, "Z");
    const Result<Timestamp> time = from_rfc3339(written);
    if (!time) return std::nullopt;
    return *time;
}

bool is_visible(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

Status check_credentials(const Credentials& credentials) {
    const auto refuse = [&](std::string_view why) {
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("The AWS credentials from {} cannot be used: {}.", credentials.source, why));
    };
    const std::string& id = credentials.access_key_id;
    if (id.empty() || id.size() > 128 || !is_visible(id) || id.find_first_of("/,=") != std::string::npos)
        return refuse("their access key id has strange characters or a strange length");
    if (credentials.secret_access_key.empty()) return refuse("they have no secret access key");
    if (!is_visible(credentials.session_token.text())) return refuse("their session token has strange characters");
    return {};
}

Result<Credentials> parse_credentials_json(SecretBytes body, CredentialsForm form, std::string_view what,
                                           std::string source) {
    const bool of_process = form == CredentialsForm::kProcess;
    Credentials out;
    out.source = std::move(source);
    Result<SecretBytes> secret = take_text_field(body, "SecretAccessKey");
    if (!secret) return no_credentials(what, "it is not JSON");
    Result<SecretBytes> token = take_text_field(body, of_process ? "SessionToken" : "Token");
    if (!token) return no_credentials(what, "it is not JSON");
    out.secret_access_key = std::move(*secret);
    out.session_token = std::move(*token);
    const Result<json::Value> rest = json::parse(body.text(), "it");
    if (!rest || !rest->is(json::Kind::kObject)) return no_credentials(what, "it is not JSON");
    const json::Value* version = rest->find("Version");
    if (of_process && (version == nullptr || !version->is(json::Kind::kNumber) || version->text != "1"))
        return no_credentials(what, "its Version is not 1");
    const json::Value* id = rest->find("AccessKeyId");
    if (id == nullptr || !id->is(json::Kind::kString)) return no_credentials(what, "AccessKeyId is missing");
    out.access_key_id = id->text;
    const json::Value* expiry = rest->find("Expiration");
    if (expiry != nullptr && expiry->is(json::Kind::kString)) {
        out.expires_at = parse_expiry(expiry->text);
        if (!out.expires_at) return no_credentials(what, "its Expiration is no time");
    } else if (!of_process || (expiry != nullptr && !expiry->is(json::Kind::kNull))) {
        return no_credentials(what, "its Expiration is missing or no text");
    }
    if (out.secret_access_key.empty()) return no_credentials(what, "SecretAccessKey is missing");
    if (!of_process && out.session_token.empty()) return no_credentials(what, "Token is missing");
    if (Status usable = check_credentials(out); !usable) return fail(usable);
    return out;
}

Result<Credentials> parse_sts_credentials(const SecretBytes& xml, std::string source) {
    constexpr std::string_view kWhat = "AWS STS";
    Credentials out;
    out.source = std::move(source);
    SecretBytes id;
    SecretBytes expiry;
    const Status read = read_xml(xml.text(), [&](std::string_view path, SecretBytes text) {
        // AssumeRoleResponse/AssumeRoleResult/Credentials/…, and the same for a web identity.
        const std::size_t at = path.find("Result/Credentials/");
        if (at == std::string_view::npos || !path.starts_with("AssumeRole")) return;
        const std::string_view name = path.substr(at + 19);
        const std::array<std::pair<std::string_view, SecretBytes*>, 4> wanted = {
            {{"AccessKeyId", &id},
             {"SecretAccessKey", &out.secret_access_key},
             {"SessionToken", &out.session_token},
             {"Expiration", &expiry}}};
        const auto* found = std::ranges::find(wanted, name, &std::pair<std::string_view, SecretBytes*>::first);
        if (found != wanted.end()) *found->second = std::move(text);
    });
    if (!read) return no_credentials(kWhat, "its answer is not XML");
    if (id.empty() || out.secret_access_key.empty() || out.session_token.empty())
        return no_credentials(kWhat, "its answer has no Credentials");
    out.access_key_id = id.text();
    out.expires_at = parse_expiry(expiry.text());
    if (!out.expires_at) return no_credentials(kWhat, "their Expiration is no time");
    if (Status usable = check_credentials(out); !usable) return fail(usable);
    return out;
}

StsRefusal parse_sts_error(const SecretBytes& xml) {
    StsRefusal out;
    const Status read = read_xml(xml.text(), [&](std::string_view path, const SecretBytes& text) {
        if (path == "ErrorResponse/Error/Code") out.code = text.text();
        if (path == "ErrorResponse/Error/Message") out.message = text.text();
    });
    return read ? out : StsRefusal{};
}

}  // namespace keydeck::kms::aws
