#include "engine/kms/server/service.hpp"

#include <chrono>

#include "engine/base/json.hpp"
#include "engine/kms/kms_error.hpp"
#include "engine/kms/server/fields.hpp"
#include "engine/kms/server/json_writer.hpp"
#include "engine/kms/server/operations.hpp"
#include "engine/kms/wire_secret.hpp"

namespace keydeck::kms::server {
namespace {

constexpr std::string_view kTargetPrefix = "TrentService.";

/// The operation that a target names; nullptr for what AWS has not either.
const Operation* operation_of(const HttpRequest& request) {
    const std::string_view target = request.header("x-amz-target").value_or("");
    return target.starts_with(kTargetPrefix) ? find_operation(target.substr(kTargetPrefix.size())) : nullptr;
}

std::unexpected<Error> not_json(const Error& error) { return kms_fail("SerializationException", error.message); }

/// The value of the first `KeyId` in an answer of ours: the ARN of the key that was used. Empty where there is none.
std::string_view key_in(std::string_view answer) {
    constexpr std::string_view kName = "\"KeyId\":\"";
    const std::size_t at = answer.find(kName);
    if (at == std::string_view::npos) return {};
    answer.remove_prefix(at + kName.size());
    return answer.substr(0, answer.find('"'));
}

/// The key of a call: as the request names it, or, where that is an alias or nothing, as the answer does.
std::string_view key_of(const json::Value& request, const Operation& operation, const Result<WipingText>& answer) {
    std::string_view key;
    for (const std::string_view name : {"KeyId", "DestinationKeyId", "TargetKeyId", "AliasName"}) {
        const json::Value* value = request.find(name);
        if (value == nullptr || !value->is(json::Kind::kString)) continue;
        key = value->text;
        break;
    }
    const bool is_alias = key.starts_with("alias/") || key.find(":alias/") != std::string_view::npos;
    const bool is_list = operation.name.starts_with("List");  // its keys were not used
    if (!answer || is_list || (!key.empty() && !is_alias)) return key;
    const std::string_view used = key_in(as_text(*answer));
    return used.empty() ? key : used;
}

/// Runs an operation, and asks the guard about one that changes something.
Status run_guarded(Call& call, const Operation& operation, const ChangeGuard& guard, std::string_view access_key_id) {
    if (!operation.changes()) return operation.run(call);
    std::string_view key_id = call.in.text("KeyId");
    if (key_id.empty()) key_id = call.in.text("TargetKeyId");
    const ServedChange change{operation.name, key_id, access_key_id};
    if (guard.before) {
        if (Status allowed = guard.before(change); !allowed) return allowed;
    }
    Status done = operation.run(call);
    if (!guard.after) return done;
    if (Status noted = guard.after(change, done); !noted) return noted;
    return done;
}

struct Hooks {
    const ChangeGuard& guard;
    const CallNote& note_call;
};

Result<WipingText> run(LocalKms& kms, const Operation& operation, ByteView body, const Hooks& hooks,
                       std::string_view access_key_id) {
    SecretBytes held;
    SecretBytes plaintext;
    std::string_view text = as_text(body);
    if (operation.has_plaintext) {
        held = SecretBytes::copy_of(body);
        Result<SecretBytes> taken = take_base64_field(held, "Plaintext");
        if (!taken) return not_json(taken.error());
        plaintext = std::move(*taken);
        text = held.text();
    }
    const Result<json::Value> parsed = json::parse(text.empty() ? std::string_view("{}") : text, "the request");
    if (!parsed) return not_json(parsed.error());
    if (!parsed->is(json::Kind::kObject)) return kms_fail("SerializationException", "Start of structure expected.");
    Fields in(*parsed);
    JsonWriter out;
    Call call{kms, in, out, std::move(plaintext)};
    const auto answered = [&]() -> Result<WipingText> {
        if (Status done = run_guarded(call, operation, hooks.guard, access_key_id); !done) return fail(done);
        if (operation.takes_dry_run && in.flag("DryRun")) {
            return kms_fail("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.");
        }
        return out.finish();
    };
    if (!hooks.note_call) return answered();
    const auto begun = std::chrono::steady_clock::now();
    Result<WipingText> answer = answered();
    const auto latency = std::chrono::steady_clock::now() - begun;
    hooks.note_call({operation.name, key_of(*parsed, operation, answer), answer ? nullptr : &answer.error(), latency});
    return answer;
}

std::unexpected<Error> unknown_operation() { return kms_fail("UnknownOperationException", ""); }

}  // namespace

Result<WipingText> run_operation(LocalKms& kms, std::string_view operation, ByteView body) {
    const Operation* found = find_operation(operation);
    if (found == nullptr) return unknown_operation();
    return server::run(kms, *found, body, {{}, {}}, {});
}

Answer make_error(unsigned status, std::string_view type, std::string_view message) {
    JsonWriter out;
    out.text("__type", type).text("message", message);
    return {status, out.finish()};
}

bool Service::is_slow(const HttpRequest& request) {
    const Operation* operation = operation_of(request);
    return operation != nullptr && operation->slow;
}

Result<WipingText> Service::run(const HttpRequest& request) {
    const Operation* operation = operation_of(request);
    if (operation == nullptr) return unknown_operation();
    if (Status known = authenticator_.check(request); !known) {
        if (note_call_) note_call_({operation->name, {}, &known.error(), {}});
        return fail(known);
    }
    const Result<aws::ParsedAuthorization> authorization =
        aws::parse_authorization(request.header("authorization").value_or(""));
    if (!authorization) return fail(authorization);
    return server::run(kms_, *operation, request.body, {guard_, note_call_}, authorization->access_key_id);
}

Answer Service::error_answer(const Error& error) const {
    if (!error.kms_error.empty()) return make_error(400, error.kms_error, error.message);
    // Ours alone: a damaged or busy file, a locked vault. The caller can only try again.
    if (note_fault_) note_fault_(error.message);
    return make_error(500, "KMSInternalException", "The request was rejected because an internal exception occurred.");
}

Answer Service::answer(const HttpRequest& request) {
    const bool root = request.target.substr(0, request.target.find('?')) == "/";
    if (request.method != "POST" || !root) return make_error(404, "UnknownOperationException", "");
    Result<WipingText> body = run(request);
    if (!body) return error_answer(body.error());
    return {200, std::move(*body)};
}

}  // namespace keydeck::kms::server
