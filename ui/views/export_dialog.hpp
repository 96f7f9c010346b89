// Writing a list to a file: a form, then a task that reads page by page. What is there is never overwritten.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ui/row_writers.hpp"
#include "ui/task.hpp"
#include "ui/widgets/dialog.hpp"

namespace keydeck::ui {

/// Hands each row's JSON to `row`; stops at its first failure. Errors: those of reading; cancelled.
using ExportWalk = std::function<Status(Engine& engine, const TaskContext& context,
                                        const std::function<Status(std::string_view json)>& row)>;

struct ExportSource {
    std::string noun;         ///< "users"
    std::string shown;        ///< what narrows and sorts it, for people: `all users · by name ▲`
    ExportWalk list;          ///< the list as it is shown
    ExportWalk marked;        ///< null: nothing is marked
    std::int64_t listed = 0;  ///< 0: not known beforehand
    std::int64_t marks = 0;
    std::shared_ptr<const RowWriters> writers;
};

[[nodiscard]] std::unique_ptr<Dialog> make_export_dialog(ExportSource source, Timestamp now);

enum class ExportFormat : std::uint8_t { kCsv, kJsonLines };

/// Writes the rows to a new file, 0600: first beside it, then it is given its name. Answers how many. Nothing is left behind
/// by a failure. Errors: already_exists; unavailable (the directory, a full disk); those of `walk`.
[[nodiscard]] Result<std::int64_t> export_rows(
    const std::string& path, ExportFormat format, const RowWriters& writers,
    const std::function<Status(const std::function<Status(std::string_view)>&)>& walk);

/// A field of a CSV file (RFC 4180): in quotes where it has to be.
[[nodiscard]] std::string csv_field(std::string_view text);
/// The same for text that people chose: a spreadsheet takes what begins with = + - @, a tab or a line's end for a formula,
/// which may read and send other cells (OWASP, "CSV Injection"). An apostrophe before it keeps it text. Names are not
/// refused for that where they are made: "-cold" is a good label, and JSON Lines gives every text as it is. Figures stay
/// figures.
[[nodiscard]] std::string csv_text(std::string_view text);

}  // namespace keydeck::ui
