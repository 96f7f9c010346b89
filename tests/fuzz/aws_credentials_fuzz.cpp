// Credentials as others write them: STS's XML, the JSON of helpers and services, AWS's shared files. What is taken can stand
// in a header; an error never repeats a line.
#include <cstdlib>

#include "engine/kms/aws/credential_answers.hpp"
#include "engine/kms/aws/process.hpp"
#include "engine/kms/aws/profiles.hpp"

namespace {

using namespace keydeck;
using namespace keydeck::kms::aws;

void require(bool holds) {
    if (!holds) std::abort();
}

void usable(const Result<Credentials>& credentials) {
    if (!credentials) return;
    require(check_credentials(*credentials).has_value());
    require(credentials->access_key_id.find_first_of("\r\n ") == std::string::npos);
    require(credentials->session_token.text().find_first_of("\r\n") == std::string_view::npos);
    require(!credentials->secret_access_key.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    usable(parse_sts_credentials(SecretBytes::copy_of(input), "the fuzzer"));
    static_cast<void>(parse_sts_error(SecretBytes::copy_of(input)));
    usable(parse_credentials_json(SecretBytes::copy_of(input), CredentialsForm::kProcess, "It", "the fuzzer"));
    usable(parse_credentials_json(SecretBytes::copy_of(input), CredentialsForm::kService, "It", "the fuzzer"));
    const auto file = IniFile::parse(SecretBytes::copy_of(input), "the file");
    if (file) {
        for (const IniFile::Section& section : file->sections()) require(!section.name.empty());
    } else {
        require(file.error().message.size() < 200);
    }
    const auto words = split_command(as_text(input));
    if (words) require(!words->empty());
    return 0;
}
