#define TOML_EXCEPTIONS 0  // NOLINT(cppcoreguidelines-macro-usage): the library's own switch
#include <toml++/toml.h>

#include "app/cli/screen_files.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/cli/input.hpp"

namespace keydeck::cli {
namespace {

constexpr std::size_t kFileLimit = 256UL * 1024;
constexpr std::size_t kMostThemes = 64;
constexpr std::string_view kEnding = ".toml";

class Reader {
public:
    explicit Reader(std::string directory) : directory_(std::move(directory)) {}

    ScreenFiles run() {
        read_keymap(directory_ + "/keymap.toml");
        for (const std::string& path : theme_paths()) read_theme(path);
        return std::move(out_);
    }

private:
    void complain(const std::string& path, unsigned line, std::string_view sentence) {
        const std::string where = line > 0 ? fmt::format("{}, line {}: ", path, line) : path + ": ";
        out_.problems.push_back({line, where + std::string(sentence)});
    }
    void complain(const std::string& path, const std::vector<ui::UiProblem>& problems) {
        for (const ui::UiProblem& problem : problems) complain(path, problem.line, problem.sentence);
    }

    std::optional<toml::table> parse(const std::string& path) {
        auto text = read_text(path, kFileLimit);
        if (!text) {
            if (text.error().code != ErrorCode::kNotFound) complain(path, 0, text.error().message);
            return std::nullopt;
        }
        toml::parse_result parsed = toml::parse(*text, path);
        if (parsed) return std::move(parsed).table();
        complain(path, parsed.error().source().begin.line,
                 fmt::format("this is not TOML: {}.", parsed.error().description()));
        return std::nullopt;
    }

    void read_keymap(const std::string& path) {
        const auto table = parse(path);
        if (!table) return;
        const std::size_t before = out_.problems.size();
        add_bindings(path, *table, "");
        std::ranges::stable_sort(out_.keymap, {}, &ui::KeyBinding::line);
        complain(path, ui::check_keymap(out_.keymap));
        if (out_.problems.size() > before) out_.keymap.clear();
    }
    // `move.down = …` and `"move.down" = …` mean the same; TOML makes a table of the first.
    void add_bindings(const std::string& path, const toml::table& table, const std::string& prefix) {
        for (const auto& [key, node] : table) {
            const std::string name = prefix + std::string(key.str());
            if (const auto* inner = node.as_table()) {
                add_bindings(path, *inner, name + ".");
                continue;
            }
            ui::KeyBinding binding{name, {}, node.source().begin.line};
            bool good = true;
            if (const auto* text = node.as_string()) {
                binding.keys.push_back(text->get());
            } else if (const auto* list = node.as_array()) {
                for (const toml::node& each : *list) {
                    good = good && each.is_string();
                    if (const auto* one = each.as_string()) binding.keys.push_back(one->get());
                }
            } else {
                good = false;
            }
            if (!good) {
                complain(path, binding.line, fmt::format("{} must be a key in quotes, or a list of keys.", name));
            } else {
                out_.keymap.push_back(std::move(binding));
            }
        }
    }

    std::vector<std::string> theme_paths() {
        namespace fs = std::filesystem;
        std::vector<std::string> out;
        const std::string directory = directory_ + "/themes";
        std::error_code trouble;
        for (fs::directory_iterator each(directory, trouble), end; !trouble && each != end; each.increment(trouble)) {
            if (each->path().extension() == kEnding) out.push_back(each->path().string());
        }
        if (trouble && trouble != std::errc::no_such_file_or_directory) complain(directory, 0, "it cannot be read.");
        std::ranges::sort(out);
        if (out.size() > kMostThemes) complain(directory, 0, fmt::format("only {} themes are read.", kMostThemes));
        out.resize(std::min(out.size(), kMostThemes));
        return out;
    }

    void read_theme(const std::string& path) {
        const auto table = parse(path);
        if (!table) return;
        const std::size_t before = out_.problems.size();
        ui::ThemeFile file{std::filesystem::path(path).stem().string(), {}};
        if (Status fits = check_setting("theme", file.name); !fits) complain(path, 0, fits.error().message);
        for (const auto& [key, node] : *table) {
            const unsigned line = node.source().begin.line;
            if (const auto* text = node.as_string()) {
                file.lines.push_back({std::string(key.str()), text->get(), line});
            } else {
                complain(path, line, fmt::format("{} must be a text, like \"red bold\".", key.str()));
            }
        }
        complain(path, ui::check_theme(file));
        if (out_.problems.size() == before) out_.themes.push_back(std::move(file));
    }

    std::string directory_;
    ScreenFiles out_;
};

}  // namespace

std::string screen_files_directory() {
    const std::string config = config_file_path();
    return config.substr(0, config.rfind('/') == std::string::npos ? 0 : config.rfind('/'));
}

ScreenFiles read_screen_files() {
    const std::string directory = screen_files_directory();
    return directory.empty() ? ScreenFiles{} : Reader(directory).run();
}

std::string problem_with_theme(const std::string& name, const ScreenFiles& files) {
    std::vector<std::string> names = ui::theme_names();
    for (const ui::ThemeFile& file : files.themes) names.push_back(file.name);
    if (std::ranges::find(names, name) != names.end()) return "";
    return fmt::format("There is no theme \"{}\"; there are {}.", name, fmt::join(names, ", "));
}

}  // namespace keydeck::cli
