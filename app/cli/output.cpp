#include "app/cli/output.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <fmt/format.h>

#include "app/cli/json_object.hpp"
#include "app/cli/safe_text.hpp"

namespace keydeck::cli {
namespace {

constexpr std::size_t kBlock = 64UL * 1024;
constexpr std::size_t kHeldRows = 1'000;

/// Writes all of `text`; 0, or the errno of the failure.
int write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t n = ::write(descriptor, text.data(), text.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno;
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    return 0;
}

std::string_view escape_of(Paint paint) {
    switch (paint) {
        case Paint::kTitle:
            return "\033[1m";
        case Paint::kGood:
            return "\033[32m";
        case Paint::kWarn:
            return "\033[33m";
        case Paint::kBad:
            return "\033[31m";
        case Paint::kMuted:
            return "\033[2m";
        case Paint::kPlain:
            break;
    }
    return {};
}

}  // namespace

int exit_status(ErrorCode code) {
    switch (code) {
        case ErrorCode::kInvalidInput:
            return 2;
        case ErrorCode::kNotFound:
            return 3;
        case ErrorCode::kDenied:
        case ErrorCode::kLocked:
            return 4;
        case ErrorCode::kUnavailable:
        case ErrorCode::kThrottled:
            return 5;
        case ErrorCode::kCorrupt:
            return 6;
        case ErrorCode::kAlreadyExists:
        case ErrorCode::kRejected:
        case ErrorCode::kCancelled:
        case ErrorCode::kInternal:
            break;
    }
    return 1;
}

std::string error_json(const Error& error) {
    std::string inner = JsonObject()
                            .text("code", to_string(error.code))
                            .text("message", error.message)
                            .text_or_null("hint", error.hint)
                            .text_or_null("kms_error", error.kms_error)
                            .finish();
    return JsonObject().raw("error", inner).finish();
}

std::string environment(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing here ever changes the environment
    return value == nullptr ? std::string() : std::string(value);
}

Output::Output() {
    const bool error_is_terminal = isatty(STDERR_FILENO) == 1;
    interactive_ = error_is_terminal && isatty(STDIN_FILENO) == 1;
    if (environment("NO_COLOR").empty() && environment("TERM") != "dumb") {
        color_out_ = isatty(STDOUT_FILENO) == 1;
        color_error_ = error_is_terminal;
    }
}

void Output::line(std::string_view text) {
    buffer_ += text;
    buffer_ += '\n';
    if (buffer_.size() >= kBlock) write_out();
}

void Output::write_out() {
    const int problem = failure_ ? write_all(STDOUT_FILENO, buffer_) : 0;
    buffer_.clear();
    if (problem == 0) return;
    failure_ = fail(ErrorCode::kUnavailable,
                    fmt::format("Standard output cannot be written: {}.", std::generic_category().message(problem)));
}

Status Output::flush() {
    write_out();
    Status result = std::move(failure_);
    failure_ = {};
    return result;
}

void Output::note(std::string_view text) {
    write_out();
    write_all(STDERR_FILENO, fmt::format("{}\n", text));  // nowhere left to report a failure of standard error
}

void Output::error(const Error& error) {
    if (json_) return note(error_json(error));
    note(fmt::format("{} {}", painted("error:", Paint::kBad, true), safe_text(error.message)));
    if (!error.kms_error.empty()) note(fmt::format("  KMS: {}", safe_text(error.kms_error)));
    if (!error.hint.empty()) note(fmt::format("  hint: {}", safe_text(error.hint)));
}

std::string Output::painted(std::string_view text, Paint paint, bool for_errors) const {
    const std::string_view escape = escape_of(paint);
    if (escape.empty() || !(for_errors ? color_error_ : color_out_)) return std::string(text);
    return fmt::format("{}{}\033[0m", escape, text);
}

Table::Table(Output& out, std::vector<Column> columns) : out_(out), columns_(std::move(columns)) {}

void Table::row(std::vector<std::string> cells) {
    for (std::string& cell : cells) cell = safe_text(cell);
    if (settled_) return write(cells, Paint::kPlain);
    held_.push_back(std::move(cells));
    if (held_.size() >= kHeldRows) settle();
}

void Table::finish(std::string_view nothing) {
    if (!settled_ && held_.empty()) return out_.line(nothing);
    if (!settled_) settle();
}

void Table::settle() {
    settled_ = true;
    for (const Column& column : columns_) widths_.push_back(display_width(column.title));
    for (const auto& cells : held_) {
        for (std::size_t i = 0; i < cells.size(); ++i) widths_[i] = std::max(widths_[i], display_width(cells[i]));
    }
    std::vector<std::string> titles;
    titles.reserve(columns_.size());
    for (const Column& column : columns_) titles.emplace_back(column.title);
    write(titles, Paint::kTitle);
    for (const auto& cells : held_) write(cells, Paint::kPlain);
    held_.clear();
}

void Table::write(const std::vector<std::string>& cells, Paint paint) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::size_t width = display_width(cells[i]);
        const std::string padding(widths_[i] > width ? widths_[i] - width : 0, ' ');
        if (i > 0) line += "  ";
        line += columns_[i].right ? padding + cells[i] : cells[i] + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out_.line(out_.painted(line, paint));
}

void write_details(Output& out, const std::vector<Detail>& details) {
    std::size_t width = 0;
    for (const Detail& detail : details) {
        if (!detail.value.empty()) width = std::max(width, display_width(detail.name));
    }
    for (const Detail& detail : details) {
        if (detail.value.empty()) continue;
        const std::string padding(width - display_width(detail.name) + 2, ' ');
        out.line(fmt::format("{}{}{}", out.painted(detail.name, Paint::kMuted), padding, safe_text(detail.value)));
    }
}

}  // namespace keydeck::cli
