#include "ui/views/sign_compose.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "ui/format.hpp"
#include "ui/key_words.hpp"

namespace keydeck::ui {
namespace {

constexpr std::size_t kMostTyped = std::size_t{128} * 1024;
constexpr std::size_t kMostInFile = std::size_t{1024} * 1024;
constexpr std::size_t kMostPath = 4096;
constexpr int kTextRows = 9;

std::string describe_text(const std::string& text) {
    const auto lines = std::ranges::count(text, '\n') + (text.empty() || text.ends_with('\n') ? 0 : 1);
    const std::size_t hidden = count_hidden(text, false);
    std::string out = fmt::format("{}, {}", counted(lines, "line", "lines"),
                                  counted(static_cast<std::int64_t>(text.size()), "byte", "bytes"));
    out += hidden == 0
               ? ", no hidden characters"
               : fmt::format(", ▲ {}", counted(static_cast<std::int64_t>(hidden), "hidden character", "hidden characters"));
    return out;
}

std::string judge_hex(const std::string& text) {
    const HexText read = read_hex(text);
    return read.problem;
}

std::string describe_hex(const std::string& text) {
    return counted(static_cast<std::int64_t>(read_hex(text).bytes.size()), "byte", "bytes");
}

std::string judge_json(const std::string& text) {
    const std::string_view json = without_margins(text);
    if (json.empty()) return "the JSON object, with the JSON-RPC field names";
    return json.starts_with('{') ? "" : "a JSON object begins with {";
}

}  // namespace

SignFields::SignFields(Form& form, SigningKind kind) : kind_(kind) {
    if (kind == SigningKind::kMessage) {
        add_message(form);
    } else {
        add_json(form);
    }
}

void SignFields::add_message(Form& form) {
    const auto judge = [this](const std::string& text) { return source_->chosen() == 1 ? judge_hex(text) : std::string(); };
    const auto describe = [this](const std::string& text) {
        return source_->chosen() == 1 ? describe_hex(text) : describe_text(text);
    };
    text_ = &form.add<TextField>("Message", kMostTyped, kTextRows, judge, describe);
    source_ = &form.add<ChoiceField>("Read as", std::vector<std::string>{"text", "hex bytes"});
}

void SignFields::add_json(Form& form) {
    source_ = &form.add<ChoiceField>("From", std::vector<std::string>{"typed or pasted here", "a file"});
    const auto describe = [](const std::string& text) {
        return counted(static_cast<std::int64_t>(text.size()), "byte", "bytes");
    };
    text_ = &form.add<TextField>("JSON", kMostTyped, kTextRows, judge_json, describe);
    text_->shown = [this] { return source_->chosen() == 0; };
    path_ = &form.add<TextField>("File", kMostPath,
                                 [](const std::string& path) { return path.empty() ? "the file's path" : ""; });
    path_->shown = [this] { return source_->chosen() == 1; };
}

SignInput SignFields::input(const Scene& scene) const {
    SignInput out;
    out.kind = kind_;
    if (kind_ != SigningKind::kMessage) {
        if (source_->chosen() == 1) {
            out.path = path_->text();
        } else {
            out.data = text_->text();
        }
        return out;
    }
    if (reads_hex()) {
        const HexText read = read_hex(text_->text());
        out.data.assign(as_text(read.bytes));
        out.described = fmt::format("hex bytes ({} reads the characters as text)", key_word(scene, "sign.text-or-hex"));
    } else {
        out.data = text_->text();
        out.described = fmt::format("text ({} reads it as hex bytes)", key_word(scene, "sign.text-or-hex"));
    }
    return out;
}

std::string SignFields::toggle_problem() const {
    if (kind_ != SigningKind::kMessage) return "only a message can be read in two ways";
    const std::string problem = reads_hex() ? "" : judge_hex(text_->text());
    return problem.empty() ? "" : "as hex: " + problem;
}

std::string expanded_path(const std::string& path) {
    const char* home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe): nothing here changes the environment
    if (!path.starts_with("~/") || home == nullptr) return path;
    return (std::filesystem::path(home) / path.substr(2)).string();
}

Result<std::string> read_small_file(const std::string& path) {
    namespace fs = std::filesystem;
    const fs::path file = expanded_path(path);
    std::error_code trouble;
    const fs::file_status status = fs::status(file, trouble);
    if (!fs::exists(status)) return fail(ErrorCode::kNotFound, fmt::format("There is no file {}.", path));
    if (!fs::is_regular_file(status)) return fail(ErrorCode::kInvalidInput, fmt::format("{} is not a plain file.", path));
    if (fs::file_size(file, trouble) > kMostInFile) {
        return fail(ErrorCode::kInvalidInput, fmt::format("{} is longer than {} bytes.", path, kMostInFile));
    }
    std::ifstream in(file, std::ios::binary);
    if (!in) return fail(ErrorCode::kDenied, fmt::format("{} could not be opened.", path));
    std::string out(kMostInFile, '\0');
    in.read(out.data(), static_cast<std::streamsize>(out.size()));
    if (in.bad()) return fail(ErrorCode::kUnavailable, fmt::format("{} could not be read.", path));
    out.resize(static_cast<std::size_t>(in.gcount()));
    return out;
}

}  // namespace keydeck::ui
