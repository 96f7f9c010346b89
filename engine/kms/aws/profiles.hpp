// AWS's shared configuration and credentials files.
// https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/secret.hpp"
#include "engine/error.hpp"
#include "engine/kms/aws/environment.hpp"

namespace keydeck::kms::aws {

/// The text of one file, which stays in locked memory: values are views into it.
class IniFile {
public:
    struct Section {
        std::string name;                                ///< as in the brackets: "default", "profile dev", "services local"
        std::map<std::string, std::string_view> values;  ///< names in lower case; one indented under `kms =` is "kms.name"
    };
    IniFile() = default;
    /// `what` names the file in errors. Error: invalid_input with the line's number, never its text.
    [[nodiscard]] static Result<IniFile> parse(SecretBytes text, std::string_view what);
    [[nodiscard]] const std::vector<Section>& sections() const { return sections_; }

private:
    SecretBytes text_;
    std::vector<Section> sections_;
};

/// Both files as one: a profile has what either says of it, the credentials file first.
class Profiles {
public:
    /// AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE, or those in ~/.aws; a missing file is an empty one.
    /// Errors: invalid_input (malformed), denied, unavailable.
    [[nodiscard]] static Result<Profiles> load(const Environment& environment);

    [[nodiscard]] bool has(std::string_view profile) const;
    /// A view into locked memory, good while this object lives; empty for what is not set.
    [[nodiscard]] std::string_view get(std::string_view profile, std::string_view name) const;
    /// The setting of one service in the `services` section that the profile names.
    [[nodiscard]] std::string_view get_of_service(std::string_view profile, std::string_view service,
                                                  std::string_view name) const;
    /// "~/.aws/credentials or ~/.aws/config", for sentences.
    [[nodiscard]] std::string places() const;
    [[nodiscard]] const std::string& credentials_path() const { return credentials_path_; }
    [[nodiscard]] const std::string& config_path() const { return config_path_; }

private:
    [[nodiscard]] std::vector<const IniFile::Section*> sections_of(std::string_view profile) const;
    std::string credentials_path_;
    std::string config_path_;
    IniFile credentials_;
    IniFile config_;
};

}  // namespace keydeck::kms::aws
