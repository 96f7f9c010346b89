// Keys: made, described, listed, enabled and disabled, deleted.
#include <fmt/format.h>

#include <utility>

#include "engine/kms/aws/impl.hpp"
#include "engine/kms/aws/key_metadata.hpp"
#include "engine/kms/call_scope.hpp"

namespace keydeck::kms::aws {
namespace {

/// How often a description that contradicts our own last change is asked for again, and how long to wait before.
constexpr int kMostLooks = 5;
constexpr std::chrono::milliseconds kFirstLook{100};

Result<SecretBytes> key_request(std::string_view key_id) { return RequestWriter().text("KeyId", key_id).finish(); }

/// AWS has more states than matter here: what can be used soon counts as enabled, what cannot as disabled.
KeyState state_of(std::string_view text) {
    if (const Result<KeyState> state = parse_key_state(text)) return *state;
    if (text == "Creating" || text == "Updating") return KeyState::kEnabled;
    return text == "PendingReplicaDeletion" ? KeyState::kPendingDeletion : KeyState::kDisabled;
}

/// A key was perhaps made, and nobody knows which: that is for the journal to find out.
std::unexpected<Error> perhaps_made(Error error) {
    error.code = ErrorCode::kUnavailable;
    error.hint = "A key may have been made all the same; it is not tried again. `keydeck doctor` finds it by its tag.";
    return std::unexpected(std::move(error));
}

bool is_pending(const Error& error) {
    return error.kms_error == "KMSInvalidStateException" && error.message.ends_with("is pending deletion.");
}

}  // namespace

Result<KeyMetadata> read_key_metadata(const json::Value& answer, std::string_view operation, std::string_view requested) {
    AnswerReader outer(answer, operation);
    AnswerReader reader(outer.object("KeyMetadata"), operation);
    if (Status there = outer.status(); !there) return fail(there);
    KeyMetadata out;
    out.key_id = reader.text("KeyId");
    out.arn = reader.text("Arn");
    out.description = reader.text_or_empty("Description");
    out.created_at = reader.time("CreationDate");
    out.deletion_date = reader.time_if("DeletionDate");
    out.valid_to = reader.time_if("ValidTo");
    const std::string spec = reader.text("KeySpec");
    const std::string usage = reader.text("KeyUsage");
    out.state = state_of(reader.text("KeyState"));
    if (reader.text_or_empty("Origin") == to_string(Origin::kExternal)) out.origin = Origin::kExternal;
    check_key_arn(reader, "Arn", out.arn, requested);
    check_key_arn(reader, "Arn", out.arn, out.key_id);
    if (Status read = reader.status(); !read) return fail(read);
    const Result<KeySpec> known_spec = parse_key_spec(spec);
    const Result<KeyUsage> known_usage = parse_key_usage(usage);
    if (!known_spec || !known_usage) {
        return fail(ErrorCode::kRejected,
                    fmt::format("Keydeck does not use keys like {} (spec {}, usage {}).", out.key_id, spec, usage));
    }
    out.spec = *known_spec;
    out.usage = *known_usage;
    return out;
}

Result<KeyMetadata> AwsKms::create_key(const CreateKeyRequest& request) {
    RequestWriter body;
    body.text("KeySpec", to_string(request.spec)).text("KeyUsage", to_string(request.usage));
    body.text_if("Description", request.description).tags("Tags", request.tags).text_if("Policy", request.policy);
    if (request.origin != Origin::kAwsKms) body.text("Origin", to_string(request.origin));
    const Result<SecretBytes> answered = impl_->call("CreateKey", "", body.finish(), Repeat::kHarmful);
    if (!answered) return fail(answered);
    const Result<json::Value> answer = parse_answer(*answered, "CreateKey");
    if (!answer) return perhaps_made(answer.error());
    Result<KeyMetadata> made = read_key_metadata(*answer, "CreateKey", "");
    if (!made) return perhaps_made(made.error());
    if (made->spec != request.spec || made->usage != request.usage)
        return perhaps_made(malformed_answer("CreateKey", "the key is of another kind than was asked for").error());
    impl_->recent.made(made->arn);
    return made;
}

Result<KeyMetadata> AwsKms::describe_key(std::string_view key_id) {
    for (int look = 1;; ++look) {
        const Result<json::Value> answer = impl_->ask("DescribeKey", key_id, key_request(key_id));
        if (!answer) return fail(answer);
        Result<KeyMetadata> metadata = read_key_metadata(*answer, "DescribeKey", key_id);
        if (!metadata) return metadata;
        const std::optional<KeyState> due = impl_->recent.state_of(metadata->key_id);
        if (!due || *due == metadata->state || look == kMostLooks) return metadata;
        if (!impl_->timer->sleep(kFirstLook * (1 << (look - 1)), CallScope::current())) return metadata;
    }
}

Result<Page<KeyListEntry>> AwsKms::list_keys(const PageRequest& page) {
    const Result<json::Value> answer = impl_->ask("ListKeys", "", RequestWriter().page(page).finish());
    if (!answer) return fail(answer);
    return read_page<KeyListEntry>(*answer, "ListKeys", "Keys", [](AnswerReader& item) {
        KeyListEntry entry{item.text("KeyId"), item.text("KeyArn")};
        check_key_arn(item, "KeyArn", entry.arn, entry.key_id);
        return entry;
    });
}

Status AwsKms::update_key_description(std::string_view key_id, std::string_view description) {
    return impl_->tell("UpdateKeyDescription", key_id,
                       RequestWriter().text("KeyId", key_id).text("Description", description).finish());
}

Status AwsKms::enable_key(std::string_view key_id) {
    Status enabled = impl_->tell("EnableKey", key_id, key_request(key_id));
    if (enabled) impl_->recent.brought_to(key_id, KeyState::kEnabled);
    return enabled;
}

Status AwsKms::disable_key(std::string_view key_id) {
    Status disabled = impl_->tell("DisableKey", key_id, key_request(key_id));
    if (disabled) impl_->recent.brought_to(key_id, KeyState::kDisabled);
    return disabled;
}

Result<KeyMetadata> AwsKms::schedule_key_deletion(std::string_view key_id, int pending_window_days) {
    bool doubtful = false;
    const Result<json::Value> answer =
        impl_->ask("ScheduleKeyDeletion", key_id,
                   RequestWriter().text("KeyId", key_id).number("PendingWindowInDays", pending_window_days).finish(),
                   Repeat::kNoticeable, &doubtful);
    if (!answer && doubtful && is_pending(answer.error())) return describe_key(key_id);  // by the try before
    if (!answer) return fail(answer);
    AnswerReader reader(*answer, "ScheduleKeyDeletion");
    KeyMetadata scheduled;
    scheduled.arn = reader.text("KeyId");
    scheduled.key_id = short_name(scheduled.arn);
    scheduled.state = KeyState::kPendingDeletion;
    scheduled.deletion_date = reader.time("DeletionDate");
    check_key_arn(reader, "KeyId", scheduled.arn, key_id);
    if (Status read = reader.status(); !read) return fail(read);
    impl_->recent.brought_to(key_id, KeyState::kPendingDeletion);
    // The answer does not say what kind of key it is. Who may schedule a deletion may not be allowed to look.
    Result<KeyMetadata> whole = describe_key(key_id);
    if (!whole) return scheduled;
    whole->state = scheduled.state;
    whole->deletion_date = scheduled.deletion_date;
    return whole;
}

Status AwsKms::cancel_key_deletion(std::string_view key_id) {
    bool doubtful = false;
    Status cancelled = impl_->tell("CancelKeyDeletion", key_id, key_request(key_id), Repeat::kNoticeable, &doubtful);
    if (!cancelled && doubtful && cancelled.error().kms_error == "KMSInvalidStateException") {
        const Result<KeyMetadata> now = describe_key(key_id);
        if (now && now->state == KeyState::kDisabled) cancelled = {};
    }
    if (cancelled) impl_->recent.brought_to(key_id, KeyState::kDisabled);
    return cancelled;
}

}  // namespace keydeck::kms::aws
