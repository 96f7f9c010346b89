#include <filesystem>

#include <fmt/format.h>

#include "app/cli/command.hpp"
#include "app/cli/commands.hpp"
#include "app/cli/input.hpp"
#include "app/cli/verbs.hpp"

namespace keydeck::cli {
namespace {

struct InitArgs {
    std::string kms = "local";
    std::string key_file;
    std::string region = "us-east-1";
    std::string account = "000000000000";
};

void declare(CLI::App& command, InitArgs& args) {
    command.add_option("--kms", args.kms, "Where the keys live (default: local, the embedded KMS)")->type_name("local");
    command.add_option("--key-file", args.key_file, "Seal the keys under this file: made (0600) if missing, used if there")
        ->type_name("FILE");
    command.add_option("--region", args.region, "The region its ARNs name (default: us-east-1)");
    command.add_option("--account", args.account, "The account its ARNs name (default: 000000000000)");
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
    VaultCreation creation;
    creation.directory = (*settings)->vault;
    creation.region = args.region;
    creation.account = args.account;
    if (!args.key_file.empty()) {
        if (!context.options.settings.passphrase_file.empty()) {
            return fail(ErrorCode::kInvalidInput, "A vault has a key file or a passphrase, not both.");
        }
        std::error_code problem;
        creation.key_file = std::filesystem::absolute(args.key_file, problem);
        if (problem) return fail(ErrorCode::kInvalidInput, fmt::format("{} is no usable path.", args.key_file));
        return creation;
    }
    auto passphrase = new_passphrase(context, **settings);
    if (!passphrase) return fail(passphrase);
    creation.passphrase = std::move(*passphrase);
    return creation;
}

Outcome init(Context& context, const InitArgs& args) {
    if (args.kms == "aws") return not_in_this_version("--kms aws");
    if (args.kms != "local") return fail(ErrorCode::kInvalidInput, fmt::format("There is no KMS \"{}\".", args.kms));
    if (context.options.read_only) return fail(ErrorCode::kDenied, "--read-only forbids to make a vault.");
    auto creation = read_creation(context, args);
    if (!creation) return fail(creation);
    Status created = Engine::create_vault(*creation);
    if (!created) return fail(created);
    auto engine = context.engine();
    if (!engine) return fail(engine);
    auto vault = (*engine)->vault();
    return answer(context, vault);
}

}  // namespace

void register_init(CLI::App& app, Context& context) { add_command(app, context, "init", "Make a vault", declare, init); }

}  // namespace keydeck::cli
