// What the parts of AwsKms share. Internal to this folder.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/base/json.hpp"
#include "engine/kms/aws/aws_kms.hpp"
#include "engine/kms/aws/client.hpp"
#include "engine/kms/aws/credential_chain.hpp"
#include "engine/kms/aws/endpoint.hpp"
#include "engine/kms/aws/recent_changes.hpp"
#include "engine/kms/aws/wire.hpp"

namespace keydeck::kms::aws {

/// What stays the same from the opening on.
struct AwsSettings {
    std::shared_ptr<const Profiles> profiles;
    Profile profile;
    std::string region;
    Endpoint endpoint;
};

struct AwsKms::Impl {
    Impl(AwsKmsOptions given, AwsSettings found, const Clock& clock, Random& random);

    /// The body of the answer to one call. `request` is passed on where it is an error.
    Result<SecretBytes> call(std::string_view operation, std::string_view key_id, const Result<SecretBytes>& request,
                             Repeat repeat = Repeat::kHarmless, bool* doubtful = nullptr);
    /// The same, as JSON: for answers without secrets.
    Result<json::Value> ask(std::string_view operation, std::string_view key_id, const Result<SecretBytes>& request,
                            Repeat repeat = Repeat::kHarmless, bool* doubtful = nullptr);
    /// The same for answers that say nothing.
    Status tell(std::string_view operation, std::string_view key_id, const Result<SecretBytes>& request,
                Repeat repeat = Repeat::kHarmless, bool* doubtful = nullptr);

    const AwsKmsOptions options;
    const AwsSettings settings;
    const std::shared_ptr<net::HttpTransport> transport;
    const std::shared_ptr<Timer> timer;
    const CredentialSources sources;
    CredentialsCache credentials;
    RecentChanges recent;
    Client client;
};

/// An answer's body as the JSON object it must be, and no error.
[[nodiscard]] Result<json::Value> parse_answer(const SecretBytes& body, std::string_view operation);

/// Refuses an ARN that is none, or is another key's than `requested` names by id or ARN.
void check_key_arn(AnswerReader& reader, std::string_view field, const std::string& arn, std::string_view requested);

/// `value`, or the reader's problem.
template <class T>
[[nodiscard]] Result<T> checked(const AnswerReader& reader, T value) {
    if (Status status = reader.status(); !status) return fail(status);
    return value;
}

/// A page whose items `read` makes of objects.
template <class T, class Read>
[[nodiscard]] Result<Page<T>> read_page(const json::Value& answer, std::string_view operation, std::string_view list,
                                        Read read) {
    AnswerReader reader(answer, operation);
    Page<T> page;
    for (const json::Value& item : reader.items(list)) {
        AnswerReader part(item, operation);
        page.items.push_back(read(part));
        reader.join(part);
    }
    if (reader.boolean_if("Truncated").value_or(false)) page.next_marker = reader.text("NextMarker");
    return checked(reader, std::move(page));
}

}  // namespace keydeck::kms::aws
