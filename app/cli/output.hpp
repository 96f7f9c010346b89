// What a command says: results on standard output, everything else on standard error.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/error.hpp"

namespace keydeck::cli {

/// 0 done; 1 failed; 2 wrong input; 3 not found; 4 denied or locked; 5 worth a retry; 6 corrupt.
[[nodiscard]] int exit_status(ErrorCode code);

/// `{"error":{"code","message","hint","kms_error"}}`
[[nodiscard]] std::string error_json(const Error& error);

enum class Paint : unsigned char { kPlain, kTitle, kGood, kWarn, kBad, kMuted };

/// Buffered writer of standard output. Results are written in blocks: a batch of 100,000 lines makes some hundreds of
/// writes. Not thread-safe.
class Output {
public:
    Output();
    ~Output() = default;
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    void use_json(bool json) { json_ = json; }
    [[nodiscard]] bool json() const { return json_; }
    /// Whether a person can be asked: standard input and standard error are a terminal.
    [[nodiscard]] bool interactive() const { return interactive_; }

    /// Writes one line of results.
    void line(std::string_view text);
    /// One line on standard error, after what was written so far.
    void note(std::string_view text);
    /// An error on standard error, as a sentence and a hint, or as JSON.
    void error(const Error& error);
    /// The text in a colour where standard output (or, with `for_errors`, standard error) is a terminal and NO_COLOR is not
    /// set.
    [[nodiscard]] std::string painted(std::string_view text, Paint paint, bool for_errors = false) const;
    /// Hands everything to the system. Error: unavailable (a full disk, a closed descriptor), once.
    Status flush();

private:
    void write_out();
    std::string buffer_;
    Status failure_;
    bool json_ = false;
    bool interactive_ = false;
    bool color_out_ = false;
    bool color_error_ = false;
};

/// The value of an environment variable; empty when it is not set.
[[nodiscard]] std::string environment(const char* name);

struct Column {
    std::string_view title;
    bool right = false;
};

/// A table for people. Widths come from the first rows (up to 1,000 are held back for that); later rows stream. Cells may
/// hold any text: it is made safe here.
class Table {
public:
    Table(Output& out, std::vector<Column> columns);
    void row(std::vector<std::string> cells);
    /// Writes what is held back; a table without rows writes `nothing` instead of a header.
    void finish(std::string_view nothing);

private:
    void settle();
    void write(const std::vector<std::string>& cells, Paint paint);
    Output& out_;
    std::vector<Column> columns_;
    std::vector<std::size_t> widths_;
    std::vector<std::vector<std::string>> held_;
    bool settled_ = false;
};

/// `Name   value` lines, aligned; rows with an empty value are left out. Values are made safe here.
struct Detail {
    std::string_view name;
    std::string value;
};
void write_details(Output& out, const std::vector<Detail>& details);

}  // namespace keydeck::cli
