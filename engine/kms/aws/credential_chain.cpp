#include "engine/kms/aws/credential_chain.hpp"
namespace keydeck::kms::aws {
Result<Credentials> find_credentials(const CredentialSources& sources, const std::stop_token&) {
    const char* id = sources.environment("AWS_ACCESS_KEY_ID");
    const char* secret = sources.environment("AWS_SECRET_ACCESS_KEY");
    if (id == nullptr || secret == nullptr) return fail(ErrorCode::kDenied, "No AWS credentials were found.");
    return Credentials{id, SecretBytes::copy_of(secret), {}, {}, "the environment"};
}
}  // namespace keydeck::kms::aws
