#include <filesystem>

#include <fmt/format.h>

#include "app/cli/command.hpp"
#include "app/cli/commands.hpp"
#include "app/cli/init_command.hpp"
#include "app/cli/input.hpp"
#include "app/cli/verbs.hpp"

namespace keydeck::cli {
namespace {

struct InitArgs {
    std::string kms = "local";
    std::string key_file;
    std::string region;
    std::string account;
    std::string profile;
    std::string endpoint_url;
};

void declare(CLI::App& command, InitArgs& args) {
    command.add_option("--kms", args.kms, "Where the keys live (default: local, the embedded KMS)")->type_name("local|aws");
    command.add_option("--key-file", args.key_file, "Seal the keys under this file: made (0600) if missing, used if there")
        ->type_name("FILE");
    command.add_option("--region", args.region,
                       "The KMS's region (default: us-east-1; with AWS the environment's or the profile's)");
    command.add_option("--account", args.account, "The account that the embedded KMS's ARNs name (default: 000000000000)");
    command.add_option("--profile", args.profile, "AWS: a profile of the shared configuration files");
    command.add_option("--endpoint-url", args.endpoint_url, "AWS: another address than its own")->type_name("URL");
}

/// The passphrase for a vault without a key file: from the file that was named, or asked for twice.
Result<SecretBytes> new_passphrase(Context& context, const Settings& settings) {
    if (!settings.passphrase_file.empty()) return read_passphrase_file(settings.passphrase_file);
    if (context.out().interactive()) return prompt_new_passphrase("the vault");
    return fail(ErrorCode::kInvalidInput, "A vault needs a key file or a passphrase.",
                "Add --key-file FILE or --passphrase-file FILE.");
}

Result<VaultCreation> read_creation(Context& context, const InitArgs& args) {
    auto settings = context.settings();
    if (!settings) return fail(settings);
    if (args.kms == "aws") {
        if (!args.key_file.empty() || !args.account.empty())
            return fail(ErrorCode::kInvalidInput, "--key-file and --account are for the embedded KMS.");
        return aws_creation(context, args.region, args.profile, args.endpoint_url);
    }
    if (!args.profile.empty() || !args.endpoint_url.empty()) {
        return fail(ErrorCode::kInvalidInput, "--profile and --endpoint-url are for --kms aws.");
    }
    if (!args.key_file.empty() && !context.options.settings.passphrase_file.empty())
        return fail(ErrorCode::kInvalidInput, "A vault has a key file or a passphrase, not both.");
    SecretBytes passphrase;
    if (args.key_file.empty()) {
        auto given = new_passphrase(context, **settings);
        if (!given) return fail(given);
        passphrase = std::move(*given);
    }
    auto creation = local_creation(context, args.key_file, std::move(passphrase));
    if (!creation) return fail(creation);
    if (!args.region.empty()) creation->region = args.region;
    if (!args.account.empty()) creation->account = args.account;
    return creation;
}

Outcome init(Context& context, const InitArgs& args) {
    if (args.kms != "local" && args.kms != "aws")
        return fail(ErrorCode::kInvalidInput, fmt::format("There is no KMS \"{}\".", args.kms));
    if (context.options.read_only) return fail(ErrorCode::kDenied, "--read-only forbids to make a vault.");
    auto creation = read_creation(context, args);
    if (!creation) return fail(creation);
    auto engine = make_vault(context, *creation);
    if (!engine) return fail(engine);
    auto vault = (*engine)->vault();
    return answer(context, vault);
}

}  // namespace

Result<VaultCreation> local_creation(Context& context, const std::string& key_file, SecretBytes passphrase) {
    auto settings = context.settings();
    if (!settings) return fail(settings);
    VaultCreation creation;
    creation.directory = (*settings)->vault;
    if (key_file.empty()) {
        creation.passphrase = std::move(passphrase);
        return creation;
    }
    std::error_code problem;
    creation.key_file = std::filesystem::absolute(key_file, problem);
    if (problem) return fail(ErrorCode::kInvalidInput, fmt::format("{} is no usable path.", key_file));
    return creation;
}

Result<VaultCreation> aws_creation(Context& context, const std::string& region, const std::string& profile,
                                   const std::string& endpoint_url) {
    auto settings = context.settings();
    if (!settings) return fail(settings);
    VaultCreation creation;
    creation.directory = (*settings)->vault;
    creation.kms = "aws";
    creation.region = region;
    creation.profile = profile;
    creation.endpoint_url = endpoint_url;
    return creation;
}

Result<Engine*> make_vault(Context& context, const VaultCreation& creation) {
    Status created = Engine::create_vault(creation);
    if (!created) return fail(created);
    return context.engine();
}

void register_init(CLI::App& app, Context& context) { add_command(app, context, "init", "Make a vault", declare, init); }

}  // namespace keydeck::cli
