#include "engine/oversight/cloudtrail.hpp"

#include <fmt/format.h>

#include <utility>

#include <array>
#include <charconv>
#include <span>

#include "engine/base/hex.hpp"
#include "engine/base/json.hpp"
#include "engine/base/text.hpp"
#include "engine/oversight/detail.hpp"

namespace keydeck::oversight {
namespace {

// A UUID of version 8 (RFC 9562, section 5.8) out of the event's hash: the same event always has the same id.
std::string event_id(Hash32 hash) {
    hash[6] = static_cast<std::uint8_t>((hash[6] & 0x0FU) | 0x80U);
    hash[8] = static_cast<std::uint8_t>((hash[8] & 0x3FU) | 0x80U);
    std::string text = to_hex(ByteView(hash).first(16));
    for (const std::size_t at : {8U, 13U, 18U, 23U}) text.insert(at, 1, '-');
    return text;
}

std::string user_identity(const AuditEvent& event, const VaultInfo& vault) {
    Detail identity;
    identity.text("type", event.actor == "operator" ? "Operator" : "User");
    identity.text("principalId", event.actor).text("accountId", vault.account).text("userName", event.actor);
    return identity.done();
}

/// JSON as Detail writes it: no blanks, members in their order, numbers as they were.
void append_json(std::string& out, const json::Value& value) {
    switch (value.kind) {
        case json::Kind::kNull:
            out += "null";
            return;
        case json::Kind::kBool:
            out += value.boolean ? "true" : "false";
            return;
        case json::Kind::kNumber:
            out += value.text;
            return;
        case json::Kind::kString:
            json::append_quoted(out, value.text);
            return;
        case json::Kind::kArray:
            out += '[';
            for (const json::Value& item : value.items) {
                if (&item != &value.items.front()) out += ',';
                append_json(out, item);
            }
            out += ']';
            return;
        case json::Kind::kObject:
            out += '{';
            for (const json::Member& member : value.members) {
                if (&member != &value.members.front()) out += ',';
                json::append_quoted(out, member.first);
                out += ':';
                append_json(out, member.second);
            }
            out += '}';
            return;
    }
}

/// The detail that a record's member was made of.
std::string detail_text(const json::Value& detail) {
    if (detail.is(json::Kind::kString)) return detail.text;
    std::string out;
    append_json(out, detail);
    return out;
}

std::array<std::string AuditEvent::*, 9> texts_of_event() {
    return {&AuditEvent::actor,  &AuditEvent::surface, &AuditEvent::action, &AuditEvent::target, &AuditEvent::user,
            &AuditEvent::key_id, &AuditEvent::result,  &AuditEvent::digest, &AuditEvent::detail};
}

/// Whether the record says all that the event's hash is made of. What is no UTF-8 does not stay in JSON as it is, nor what
/// somebody else wrote into the detail, with other blanks than ours.
bool is_said_in_full(const AuditEvent& event, const std::optional<json::Value>& detail) {
    for (const auto text : texts_of_event()) {
        if (!is_utf8(event.*text)) return false;
    }
    if (event.result.empty() || !detail) return !event.result.empty();
    return !detail->is(json::Kind::kString) && detail_text(*detail) == event.detail;
}

/// All texts of the event, exactly, in hex.
std::string exact_texts(const AuditEvent& event) {
    std::string list = "[";
    for (const auto text : texts_of_event()) {
        if (list.size() > 1) list += ',';
        json::append_quoted(list, to_hex(as_bytes(event.*text)));
    }
    return list + ']';
}

/// The detail as JSON, where it is. Somebody with the file may have written anything there: what is no JSON, or has several
/// lines, goes out as text, and the export stays one line of JSON.
std::optional<json::Value> detail_value(const AuditEvent& event) {
    if (event.detail.empty() || event.detail.find_first_of("\r\n") != std::string::npos) return std::nullopt;
    auto value = json::parse(event.detail, "the detail");
    if (!value) return std::nullopt;
    return std::move(*value);
}

std::string request_parameters(const AuditEvent& event, bool detail_is_json) {
    Detail parameters;
    if (!event.target.empty()) parameters.text("target", event.target);
    if (!event.user.empty()) parameters.text("user", event.user);
    if (!event.key_id.empty()) parameters.text("keyId", event.key_id);
    if (event.detail.empty()) return parameters.done();
    if (detail_is_json) {
        parameters.raw("detail", event.detail);
    } else {
        parameters.text("detail", event.detail);
    }
    return parameters.done();
}

std::string resources(const AuditEvent& event, const VaultInfo& vault) {
    if (event.key_id.empty()) return "[]";
    Detail key;
    key.text("ARN", fmt::format("arn:aws:kms:{}:{}:key/{}", vault.region, vault.account, event.key_id));
    key.text("accountId", vault.account).text("type", "AWS::KMS::Key");
    return fmt::format("[{}]", key.done());
}

}  // namespace

std::string to_cloudtrail_json(const AuditEvent& event, const VaultInfo& vault) {
    const bool failed = event.result != "ok";
    Detail record;
    record.text("eventVersion", "1.08").raw("userIdentity", user_identity(event, vault));
    record.text("eventTime", to_rfc3339(event.time)).text("eventSource", "keydeck").text("eventName", event.action);
    record.text("awsRegion", vault.region)
        .text("sourceIPAddress", "localhost")
        .text("userAgent", "keydeck/" + event.surface);
    if (failed) record.text("errorCode", event.result);
    const std::optional<json::Value> detail = detail_value(event);
    record.raw("requestParameters", request_parameters(event, detail.has_value()));
    record.raw("responseElements", event.digest.empty() ? "null" : Detail().text("digest", event.digest).done());
    Detail chain;
    chain.text("vaultId", vault.id).number("sequence", event.id);
    chain.text("previousHash", to_hex_0x(event.previous)).text("hash", to_hex_0x(event.hash));
    if (!is_said_in_full(event, detail)) chain.raw("exact", exact_texts(event));
    record.raw("additionalEventData", chain.done());
    record.text("eventID", event_id(event.hash)).raw("resources", resources(event, vault));
    record.text("eventType", "KeydeckAction").boolean("managementEvent", true).text("eventCategory", "Management");
    record.text("recipientAccountId", vault.account);
    return record.done();
}

namespace {

/// Reads members of a record that must be there; remembers whether one was not.
class RecordReader {
public:
    explicit RecordReader(const json::Value& record) : record_(record) {}
    /// An empty text where the member is not there; a member of another kind is a problem.
    std::string text(const json::Value* of, std::string_view name) {
        const json::Value* value = of == nullptr ? nullptr : of->find(name);
        if (value == nullptr || value->is(json::Kind::kNull)) return {};
        if (!value->is(json::Kind::kString)) good_ = false;
        return value->text;
    }
    const json::Value* object(std::string_view name) {
        const json::Value* value = record_.find(name);
        return value != nullptr && value->is(json::Kind::kObject) ? value : nullptr;
    }
    Hash32 hash(const json::Value* of, std::string_view name) {
        Hash32 out{};
        const auto bytes = from_hex(text(of, name), name);
        if (!bytes || bytes->size() != out.size()) {
            good_ = false;
            return out;
        }
        std::ranges::copy(*bytes, out.begin());
        return out;
    }
    std::int64_t number(const json::Value* of, std::string_view name) {
        const json::Value* value = of == nullptr ? nullptr : of->find(name);
        std::int64_t out = 0;
        if (value == nullptr || !value->is(json::Kind::kNumber)) return bad();
        const auto [end, problem] = std::from_chars(value->text.data(), value->text.data() + value->text.size(), out);
        return problem == std::errc() && end == value->text.data() + value->text.size() ? out : bad();
    }
    std::int64_t bad() {
        good_ = false;
        return 0;
    }
    [[nodiscard]] bool good() const { return good_; }

private:
    const json::Value& record_;
    bool good_ = true;
};

void take_exact(const json::Value& list, AuditEvent& event, RecordReader& reader) {
    const auto texts = texts_of_event();
    if (!list.is(json::Kind::kArray) || list.items.size() != texts.size()) {
        reader.bad();
        return;
    }
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const auto bytes = from_hex(list.items[i].text, "exact");
        if (!bytes) reader.bad();
        event.*texts[i] = bytes ? std::string(as_text(*bytes)) : std::string();
    }
}

void take_fields(const json::Value& record, AuditEvent& event, RecordReader& reader) {
    constexpr std::string_view kAgent = "keydeck/";
    event.actor = reader.text(reader.object("userIdentity"), "userName");
    const std::string agent = reader.text(&record, "userAgent");
    if (!agent.starts_with(kAgent)) reader.bad();
    event.surface = agent.substr(std::min(agent.size(), kAgent.size()));
    event.action = reader.text(&record, "eventName");
    const json::Value* parameters = reader.object("requestParameters");
    event.target = reader.text(parameters, "target");
    event.user = reader.text(parameters, "user");
    event.key_id = reader.text(parameters, "keyId");
    event.result = record.find("errorCode") == nullptr ? "ok" : reader.text(&record, "errorCode");
    event.digest = reader.text(reader.object("responseElements"), "digest");
    const json::Value* detail = parameters == nullptr ? nullptr : parameters->find("detail");
    event.detail = detail == nullptr ? std::string() : detail_text(*detail);
}

}  // namespace

Result<ArchivedEvent> from_cloudtrail_json(std::string_view line) {
    const auto record = json::parse(line, "the record");
    if (!record) return fail(record);
    RecordReader reader(*record);
    ArchivedEvent out;
    const auto time = from_rfc3339(reader.text(&*record, "eventTime"));
    if (!time) reader.bad();
    out.event.time = time.value_or(Timestamp{});
    const json::Value* chain = reader.object("additionalEventData");
    out.vault_id = reader.text(chain, "vaultId");
    out.event.id = reader.number(chain, "sequence");
    out.event.previous = reader.hash(chain, "previousHash");
    out.event.hash = reader.hash(chain, "hash");
    take_fields(*record, out.event, reader);
    if (const json::Value* exact = chain == nullptr ? nullptr : chain->find("exact")) take_exact(*exact, out.event, reader);
    out.region = reader.text(&*record, "awsRegion");
    out.account = reader.text(&*record, "recipientAccountId");
    // Written anew it must be the same, so that nothing in it can be changed that the hash does not hold.
    VaultInfo vault;
    vault.id = out.vault_id;
    vault.region = out.region;
    vault.account = out.account;
    if (!reader.good() || to_cloudtrail_json(out.event, vault) != line)
        return fail(ErrorCode::kInvalidInput, "It is no record of Keydeck's audit log.");
    return out;
}

}  // namespace keydeck::oversight
