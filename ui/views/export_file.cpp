// A file that appears as a whole or not at all, and never in the place of another.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

#include "ui/views/export_dialog.hpp"

namespace keydeck::ui {
namespace {

constexpr std::size_t kBlock = std::size_t{256} * 1024;

std::unexpected<Error> failed(const std::string& path) {
    if (errno == EEXIST)
        return fail(ErrorCode::kAlreadyExists, path + " is there already: nothing is overwritten.", "Choose another name.");
    return fail(ErrorCode::kUnavailable,
                fmt::format("{} could not be written: {}.", path, std::system_category().message(errno)),
                "Look at the directory and the room on the disk.");
}

// Gone at the end, unless it was given its name.
class NewFile {
public:
    explicit NewFile(std::string path) : path_(std::move(path)), fresh_(path_ + ".part-XXXXXX") {}
    ~NewFile() {
        if (descriptor_ < 0) return;
        ::close(descriptor_);
        if (!named_) ::unlink(fresh_.c_str());
    }
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    Status open() {
        struct stat about{};
        if (::lstat(path_.c_str(), &about) == 0) {
            errno = EEXIST;
            return failed(path_);
        }
        descriptor_ = ::mkostemp(fresh_.data(), O_CLOEXEC);  // 0600
        if (descriptor_ < 0) return failed(path_);
        return {};
    }
    Status write(std::string_view text) {
        buffer_ += text;
        return buffer_.size() < kBlock ? Status() : flush();
    }
    Status finish() {
        if (Status done = flush(); !done) return done;
        if (::fsync(descriptor_) != 0) return failed(path_);
        // Some file systems cannot rename so; there a second name does the same.
        if (::renameat2(AT_FDCWD, fresh_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE) == 0) {
            named_ = true;
        } else if (errno != EINVAL || ::link(fresh_.c_str(), path_.c_str()) != 0) {
            return failed(path_);
        }
        return {};
    }

private:
    Status flush() {
        std::string_view left = buffer_;
        while (!left.empty()) {
            const ssize_t written = ::write(descriptor_, left.data(), left.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) return failed(path_);
            left.remove_prefix(static_cast<std::size_t>(written));
        }
        buffer_.clear();
        return {};
    }

    std::string path_;
    std::string fresh_;
    std::string buffer_;
    int descriptor_ = -1;
    bool named_ = false;
};

std::string csv_line(const std::vector<RowField>& fields, bool names) {
    std::string out;
    for (const RowField& field : fields) {
        if (&field != &fields.front()) out += ',';
        out += names ? csv_field(field.name) : field.is_text ? csv_text(field.value) : csv_field(field.value);
    }
    return out + "\r\n";
}

}  // namespace

std::string csv_field(std::string_view text) {
    const bool plain =
        text.find_first_of(",\"\r\n") == std::string_view::npos && !text.starts_with(' ') && !text.ends_with(' ');
    if (plain) return std::string(text);
    std::string out = "\"";
    for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + "\"";
}

std::string csv_text(std::string_view text) {
    constexpr std::array<std::string_view, 11> kFormulas{"=",  "+",      "-",      "@",      "\t",    "\r",
                                                         "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"};  // full-width ones
    const bool is_formula = std::ranges::any_of(kFormulas, [&](std::string_view begin) { return text.starts_with(begin); });
    return csv_field(is_formula ? "'" + std::string(text) : std::string(text));
}

Result<std::int64_t> export_rows(const std::string& path, ExportFormat format, const RowWriters& writers,
                                 const std::function<Status(const std::function<Status(std::string_view)>&)>& walk) {
    NewFile file(path);
    if (Status opened = file.open(); !opened) return fail(opened);
    std::int64_t rows = 0;
    const Status walked = walk([&](std::string_view json) -> Status {
        const bool first = rows++ == 0;
        if (format == ExportFormat::kJsonLines) return file.write(std::string(json) + "\n");
        const auto fields = writers.fields(json);
        if (first) {
            if (Status done = file.write(csv_line(fields, true)); !done) return done;
        }
        return file.write(csv_line(fields, false));
    });
    if (!walked) return fail(walked);
    if (Status done = file.finish(); !done) return fail(done);
    return rows;
}

}  // namespace keydeck::ui
