#include "ui/views/export_dialog.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "ui/format.hpp"
#include "ui/views/form_dialog.hpp"
#include "ui/widgets/text_dialogs.hpp"

namespace keydeck::ui {
namespace {

constexpr std::size_t kMostPathBytes = 4096;

// `~/` is the person's home, as a shell would have it.
std::string whole_path(const std::string& text) {
    const char* home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe): nothing here changes it
    if (!text.starts_with("~/") || home == nullptr) return text;
    return home + text.substr(1);
}

std::string judge_path(const std::string& text) {
    if (text.empty()) return "which file?";
    std::error_code error;
    const std::filesystem::path path = whole_path(text);
    if (!path.has_filename()) return "a directory; a file's name is wanted";
    return std::filesystem::exists(std::filesystem::symlink_status(path, error)) ? "is there already: nothing is overwritten"
                                                                                 : "";
}

class ExportDialog final : public FormDialog {
public:
    ExportDialog(ExportSource source, Timestamp now)
        : FormDialog("Export " + source.noun, "Export"),
          source_(std::move(source)),
          rows_(form_.add<ChoiceField>("Rows", std::vector<std::string>{"marked", "the list"},
                                       std::vector<std::string>{counted(source_.marks, "row", "rows"), source_.shown})),
          format_(form_.add<ChoiceField>("Format", std::vector<std::string>{"CSV", "JSON Lines"},
                                         std::vector<std::string>{"a table; text like a formula gets an ' before it",
                                                                  "a line each, as the command line's --json"})),
          file_(form_.add<TextField>("File", kMostPathBytes, judge_path)) {
        rows_.shown = [this] { return static_cast<bool>(source_.marked); };
        rows_.choose(source_.marked ? 0 : 1);
        form_.focus_first();
        file_.set(fmt::format("~/keydeck-{}-{}", source_.noun, date_of(now)));
    }

private:
    std::string path() const {
        std::string out = whole_path(file_.text());
        const bool has_ending = std::filesystem::path(out).has_extension();
        return has_ending ? out : out + (format_.chosen() == 0 ? ".csv" : ".jsonl");
    }

    Frame body(int cols, const Scene& scene) const override {
        const Frame form = FormDialog::body(cols, scene);
        const std::vector<TextLine> lines{{"Rows", source_.shown, {Role::kMuted}, false, false},
                                          {"Becomes", scene.safe(path()), {Role::kMuted}, true, false}};
        const Frame about = draw_text(lines, cols, scene.charset);
        Frame out({form.size().rows + about.size().rows, cols}, scene.charset);
        out.blit({0, 0, form.size().rows, cols}, form, 0);
        out.blit({form.size().rows, 0, about.size().rows, cols}, about, 0);
        if (form.cursor) out.cursor = form.cursor;
        return out;
    }

    void submit(const Scene& /*scene*/, Effects& effects) override {
        busy_ = true;
        const bool marked = source_.marked && rows_.chosen() == 0;
        const ExportFormat format = format_.chosen() == 0 ? ExportFormat::kCsv : ExportFormat::kJsonLines;
        effects.tasks.push_back(make_task(
            fmt::format("export {}", source_.noun), Lane::kJobs, false,
            [walk = marked ? source_.marked : source_.list, total = marked ? source_.marks : source_.listed, path = path(),
             format, writers = source_.writers](Engine& engine, const TaskContext& context) {
                std::int64_t rows = 0;
                return export_rows(path, format, *writers, [&](const std::function<Status(std::string_view)>& row) {
                    return walk(engine, context, [&](std::string_view json) {
                        context.progress(++rows, total);
                        return row(json);
                    });
                });
            },
            [this, path = path()](const Result<std::int64_t>& rows, const Scene& now, Effects& more) {
                busy_ = false;
                if (!rows) {
                    refusal_ = now.safe(rows.error().message);
                    return;
                }
                more.close = true;
                more.toasts.push_back(
                    fmt::format("{} written to {}", counted(*rows, "row was", "rows were"), now.safe(path)));
            }));
    }

    ExportSource source_;
    ChoiceField& rows_;
    ChoiceField& format_;
    TextField& file_;
};

}  // namespace

std::unique_ptr<Dialog> make_export_dialog(ExportSource source, Timestamp now) {
    return std::make_unique<ExportDialog>(std::move(source), now);
}

}  // namespace keydeck::ui
