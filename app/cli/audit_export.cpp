#include "app/cli/audit_export.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <limits>
#include <memory>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "app/cli/command.hpp"
#include "app/cli/time_argument.hpp"
#include "app/cli/verbs.hpp"

namespace keydeck::cli {
namespace {

struct ExportArgs {
    std::string file;
    TimeArgs times;
};

/// A new file of mode 0600, written in blocks: a log may be larger than the memory. What is not finished goes again.
class ExportFile {
public:
    static Result<std::unique_ptr<ExportFile>> begin(const std::string& path) {
        const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (descriptor < 0) return failure(errno, path);
        return std::unique_ptr<ExportFile>(new ExportFile(path, descriptor));
    }
    ExportFile(const ExportFile&) = delete;
    ExportFile& operator=(const ExportFile&) = delete;
    ~ExportFile() {
        if (descriptor_ < 0) return;
        close(descriptor_);
        unlink(path_.c_str());
    }
    Status append(std::string_view text) {
        constexpr std::size_t kBlock = std::size_t{1} << 20;
        buffer_ += text;
        return buffer_.size() < kBlock ? Status{} : flush();
    }
    Status finish() {
        if (Status flushed = flush(); !flushed) return flushed;
        if (fsync(descriptor_) != 0) return failure(errno, path_);
        close(std::exchange(descriptor_, -1));
        return {};
    }

private:
    ExportFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
    static std::unexpected<Error> failure(int error, const std::string& path) {
        const ErrorCode code = error == EEXIST   ? ErrorCode::kAlreadyExists
                               : error == ENOENT ? ErrorCode::kNotFound
                               : error == EACCES ? ErrorCode::kDenied
                                                 : ErrorCode::kUnavailable;
        return fail(code, fmt::format("Cannot write {}: {}.", path, std::generic_category().message(error)));
    }
    Status flush() {
        std::string_view rest = buffer_;
        while (!rest.empty()) {
            const ssize_t put = write(descriptor_, rest.data(), rest.size());
            if (put < 0 && errno == EINTR) continue;
            if (put < 0) return failure(errno, path_);
            rest.remove_prefix(static_cast<std::size_t>(put));
        }
        buffer_.clear();
        return {};
    }

    std::string path_;
    std::string buffer_;
    int descriptor_;
};

void declare_export(CLI::App& command, ExportArgs& args) {
    command.add_option("--file", args.file, "Into a new file")->type_name("FILE");
    declare_times(command, args.times);
}

/// Hands each event's record to `each`, which may fail.
Status walk_records(Context& context, const TimeArgs& times, const std::function<Status(std::string)>& each) {
    auto engine = context.engine();
    if (!engine) return fail(engine);
    auto vault = (*engine)->vault();
    if (!vault) return fail(vault);
    AuditQuery query;
    if (Status taken = take_times(times, query); !taken) return taken;
    Status written;
    Status walked = walk_pages(
        std::numeric_limits<std::int64_t>::max(), std::nullopt,
        [&](const PageQuery& page) -> Result<std::vector<AuditEvent>> {
            if (!written) return fail(written);
            query.page = page;
            return (*engine)->list_audit(context.session(), query);
        },
        [&](const AuditEvent& event) {
            if (written) written = each(Engine::to_cloudtrail_json(event, *vault));
        });
    return walked ? written : walked;
}

Outcome export_log(Context& context, const ExportArgs& args) {
    if (args.file.empty()) {
        Status walked = walk_records(context, args.times, [&](const std::string& record) -> Status {
            context.out().line(record);
            return {};
        });
        if (!walked) return fail(walked);
        return 0;
    }
    auto file = ExportFile::begin(args.file);
    if (!file) return fail(file);
    std::int64_t records = 0;
    Status walked = walk_records(context, args.times, [&](std::string record) {
        ++records;
        return (*file)->append(record += '\n');
    });
    if (!walked) return fail(walked);
    if (Status finished = (*file)->finish(); !finished) return fail(finished);
    Output& out = context.out();
    if (out.json()) {
        out.line(JsonObject().text("file", args.file).number("events", records).finish());
    } else {
        write_details(out, {{"File", args.file}, {"Events", std::to_string(records)}});
    }
    return 0;
}

}  // namespace

void declare_times(CLI::App& command, TimeArgs& times) {
    command.add_option("--since", times.since, "From this time on: 2026-11-23, 2026-11-23T12:00:00Z, or 2h, 7d ago")
        ->type_name("TIME");
    command.add_option("--until", times.until, "Before this time")->type_name("TIME");
}

Status take_times(const TimeArgs& times, AuditQuery& query) {
    const Timestamp now = SystemClock().now();
    const auto take = [now](const std::string& text, std::string_view what, std::optional<Timestamp>& into) -> Status {
        if (text.empty()) return {};
        auto time = parse_time(text, what, now);
        if (!time) return fail(time);
        into = *time;
        return {};
    };
    if (Status taken = take(times.since, "--since", query.since); !taken) return taken;
    if (Status taken = take(times.until, "--until", query.until); !taken) return taken;
    if (!query.since || !query.until || *query.since < *query.until) return {};
    return fail(ErrorCode::kInvalidInput, "--until must be later than --since.");
}

void register_audit_export(CLI::App& group, Context& context) {
    add_command(group, context, "export", "Events as CloudTrail records, one JSON object a line", declare_export,
                export_log);
}

}  // namespace keydeck::cli
