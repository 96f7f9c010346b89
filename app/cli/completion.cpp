#include "app/cli/completion.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "app/cli/command.hpp"
#include "app/cli/commands.hpp"

namespace keydeck::cli {
namespace {

struct OptionEntry {
    std::string name;  ///< `vault`
    std::string help;
    std::string value;  ///< what follows: FILE, DIR, TEXT, or the words it is one of; empty: nothing does
};

struct CommandEntry {
    std::string path;                                           ///< `keydeck wallet create`
    std::vector<std::pair<std::string, std::string>> commands;  ///< name and help
    std::vector<OptionEntry> options;
};

std::string value_of(const CLI::Option& option) {
    if (option.get_items_expected_max() == 0) return {};
    std::string kind = option.get_type_name();
    if (kind == "FILE" || kind == "DIR") return kind;
    if (kind.find('|') == std::string::npos) return "TEXT";
    std::replace(kind.begin(), kind.end(), '|', ' ');
    return kind;
}

void collect(const CLI::App& app, const std::string& path, std::vector<CommandEntry>& entries) {
    CommandEntry entry{.path = path, .commands = {}, .options = {}};
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            entry.options.push_back({name, option->get_description(), value_of(*option)});
        }
    }
    const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
    for (const CLI::App* command : commands) entry.commands.emplace_back(command->get_name(), command->get_description());
    entries.push_back(std::move(entry));
    for (const CLI::App* command : commands) collect(*command, path + " " + command->get_name(), entries);
}

std::vector<CommandEntry> collect(const CLI::App& app) {
    std::vector<CommandEntry> entries;
    collect(app, "keydeck", entries);
    return entries;
}

std::string shell_quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'') {
            out += "'\\''";
        } else {
            out += c;
        }
    }
    return out + "'";
}

std::string command_words(const CommandEntry& entry) {
    std::string words;
    for (const auto& [name, help] : entry.commands) words += (words.empty() ? "" : " ") + name;
    return words;
}

std::string option_words(const CommandEntry& entry) {
    std::string words;
    for (const OptionEntry& option : entry.options) words += (words.empty() ? "--" : " --") + option.name;
    return words;
}

/// What follows each option that takes something. An option of the same name means the same in every command.
std::map<std::string, std::string> option_values(const std::vector<CommandEntry>& entries) {
    std::map<std::string, std::string> values;
    for (const CommandEntry& entry : entries) {
        for (const OptionEntry& option : entry.options) {
            if (!option.value.empty()) values.emplace("--" + option.name, option.value);
        }
    }
    return values;
}

constexpr std::string_view kBashCode = R"(
    local current=${COMP_WORDS[COMP_CWORD]} at=keydeck expected='' word
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        if [[ -n $expected ]]; then
            expected=''
        elif [[ $word == -* ]]; then
            expected=${values[$word]-}
        elif [[ -n ${options["$at $word"]-} ]]; then
            at="$at $word"
        fi
    done
    case $expected in
    FILE) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    DIR) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
    TEXT) COMPREPLY=() ;;
    '') mapfile -t COMPREPLY < <(compgen -W "${commands[$at]-} ${options[$at]} ${options[keydeck]}" -- "$current" | sort -u) ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$expected" -- "$current") ;;
    esac
}
complete -F _keydeck keydeck
)";

constexpr std::string_view kZshCode = R"(
    local at=keydeck expected='' word
    for word in "${(@)words[2,CURRENT-1]}"; do
        if [[ -n $expected ]]; then
            expected=''
        elif [[ $word == -* ]]; then
            expected=${values[$word]-}
        elif [[ -n ${options_of[$at $word]-} ]]; then
            at="$at $word"
        fi
    done
    case $expected in
    FILE) _files ;;
    DIR) _files -/ ;;
    TEXT) ;;
    '') compadd -- ${=commands_of[$at]} ${=options_of[$at]} ${=options_of[keydeck]} ;;
    *) compadd -- ${=expected} ;;
    esac
}
if [[ $funcstack[1] == _keydeck ]]; then _keydeck "$@"; else compdef _keydeck keydeck; fi
)";

std::string bash_script(const std::vector<CommandEntry>& entries) {
    std::string out =
        "# Completion for bash. Use it with: source <(keydeck completion bash)\n_keydeck() {\n    local -A commands=(\n";
    for (const CommandEntry& entry : entries) {
        if (!entry.commands.empty())
            out += fmt::format("        [{}]={}\n", shell_quoted(entry.path), shell_quoted(command_words(entry)));
    }
    out += "    )\n    local -A options=(\n";
    for (const CommandEntry& entry : entries)
        out += fmt::format("        [{}]={}\n", shell_quoted(entry.path), shell_quoted(option_words(entry)));
    out += "    )\n    local -A values=(\n";
    for (const auto& [name, value] : option_values(entries))
        out += fmt::format("        [{}]={}\n", shell_quoted(name), shell_quoted(value));
    return out + "    )" + std::string(kBashCode);
}

std::string zsh_script(const std::vector<CommandEntry>& entries) {
    std::string out =
        "#compdef keydeck\n# Completion for zsh. Use it with: source <(keydeck completion zsh)\n_keydeck() {\n"
        "    local -A commands_of options_of values\n    commands_of=(\n";
    for (const CommandEntry& entry : entries) {
        if (!entry.commands.empty())
            out += fmt::format("        {} {}\n", shell_quoted(entry.path), shell_quoted(command_words(entry)));
    }
    out += "    )\n    options_of=(\n";
    for (const CommandEntry& entry : entries)
        out += fmt::format("        {} {}\n", shell_quoted(entry.path), shell_quoted(option_words(entry)));
    out += "    )\n    values=(\n";
    for (const auto& [name, value] : option_values(entries))
        out += fmt::format("        {} {}\n", shell_quoted(name), shell_quoted(value));
    return out + "    )" + std::string(kZshCode);
}

constexpr std::string_view kFishCode = R"(    set -l at keydeck
    set -l is_value no
    for word in (commandline -opc)[2..-1]
        if test $is_value = yes
            set is_value no
        else if contains -- $word $with_value
            set is_value yes
        else if contains -- "$at $word" $paths
            set at "$at $word"
        end
    end
    test "$at" = "$argv"
end
complete -c keydeck -f
)";

std::string fish_option(const OptionEntry& option) {
    std::string out = fmt::format(" -l {} -d {}", option.name, shell_quoted(option.help));
    if (option.value == "FILE") return out + " -r -F";
    if (option.value == "DIR") return out + " -x -a '(__fish_complete_directories)'";
    if (option.value == "TEXT") return out + " -x";
    return option.value.empty() ? out : out + fmt::format(" -x -a {}", shell_quoted(option.value));
}

std::string fish_script(const std::vector<CommandEntry>& entries) {
    std::string out =
        "# Completion for fish. Use it with: keydeck completion fish | source\nfunction __keydeck_at\n    set -l paths";
    for (const CommandEntry& entry : entries) out += " " + shell_quoted(entry.path);
    out += "\n    set -l with_value";
    for (const auto& [name, value] : option_values(entries)) out += " " + name;
    out += "\n" + std::string(kFishCode);
    for (const CommandEntry& entry : entries) {
        const bool everywhere = &entry == &entries.front();
        const std::string here = fmt::format("complete -c keydeck -n {}", shell_quoted("__keydeck_at " + entry.path));
        for (const auto& [name, help] : entry.commands)
            out += fmt::format("{} -a {} -d {}\n", here, name, shell_quoted(help));
        for (const OptionEntry& option : entry.options) {
            if (option.name != "help" || everywhere)
                out += (everywhere ? "complete -c keydeck" : here) + fish_option(option) + "\n";
        }
    }
    return out;
}

struct CompletionArgs {
    const CLI::App* app = nullptr;
    std::string shell;
};

void declare(CLI::App& command, CompletionArgs& args) {
    args.app = command.get_parent();
    command.add_option("SHELL", args.shell, "bash, zsh or fish")->type_name("bash|zsh|fish")->required();
}

Outcome print_completion(Context& context, const CompletionArgs& args) {
    auto script = completion_script(*args.app, args.shell);
    if (!script) return fail(script);
    script->pop_back();  // line() ends it
    context.out().line(*script);
    return 0;
}

}  // namespace

Result<std::string> completion_script(const CLI::App& app, std::string_view shell) {
    if (shell == "bash") return bash_script(collect(app));
    if (shell == "zsh") return zsh_script(collect(app));
    if (shell == "fish") return fish_script(collect(app));
    return fail(ErrorCode::kInvalidInput, "Completion scripts exist for bash, zsh and fish.");
}

void register_completion(CLI::App& app, Context& context) {
    add_command(app, context, "completion", "A completion script for your shell", declare, print_completion);
}

}  // namespace keydeck::cli
