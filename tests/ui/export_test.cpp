// Rows as JSON and as files.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "harness.hpp"
#include "tests/support/temporary_directory.hpp"
#include "ui/views/export_dialog.hpp"

namespace keydeck::ui {
namespace {

namespace fs = std::filesystem;

// That these are the command line's own is for tests/e2e/tui_lists_test.py to see.
std::shared_ptr<const RowWriters> writers() {
    RowWriters out;
    out.user = [](const User& row) { return row.name; };
    out.wallet = [](const Wallet& row) { return row.label; };
    out.key = [](const KeyInfo& row) { return row.alias; };
    out.event = [](const AuditEvent& row) { return row.action; };
    out.fields = [](std::string_view json) {
        return std::vector<RowField>{{"name", std::string(json), true}, {"note", "a,\"b\"", true}};
    };
    return std::make_shared<const RowWriters>(std::move(out));
}

std::string text_of(const fs::path& path) {
    std::ostringstream out;
    out << std::ifstream(path).rdbuf();
    return out.str();
}

auto walk_of(std::vector<std::string> rows, Status end = {}) {
    return [rows, end](const std::function<Status(std::string_view)>& row) -> Status {
        for (const std::string& each : rows) {
            if (Status done = row(each); !done) return done;
        }
        return end;
    };
}

TEST(Export, WritesANewFileForItsOwnerAlone) {
    const testing_support::TemporaryDirectory base;
    const std::string path = base.path() / "list.csv";
    const auto rows = export_rows(path, ExportFormat::kCsv, *writers(), walk_of({"alice", "bob"}));
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_EQ(*rows, 2);
    EXPECT_EQ(text_of(path), "name,note\r\nalice,\"a,\"\"b\"\"\"\r\nbob,\"a,\"\"b\"\"\"\r\n");
    struct stat about{};
    ASSERT_EQ(::stat(path.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0600U);
    EXPECT_EQ(std::distance(fs::directory_iterator(base.path()), fs::directory_iterator()), 1);
}

TEST(Export, OverwritesNothingAlsoWhereItAppearsMeanwhile) {
    const testing_support::TemporaryDirectory base;
    const std::string path = base.path() / "list.jsonl";
    std::ofstream(path) << "mine";
    const auto there = export_rows(path, ExportFormat::kJsonLines, *writers(), walk_of({"alice"}));
    ASSERT_FALSE(there);
    EXPECT_EQ(there.error().code, ErrorCode::kAlreadyExists);
    const std::string other = base.path() / "other.jsonl";
    const auto meanwhile =
        export_rows(other, ExportFormat::kJsonLines, *writers(), [&](const std::function<Status(std::string_view)>& row) {
            std::ofstream(other) << "theirs";
            return row("alice");
        });
    ASSERT_FALSE(meanwhile);
    EXPECT_EQ(meanwhile.error().code, ErrorCode::kAlreadyExists);
    EXPECT_EQ(text_of(path), "mine");
    EXPECT_EQ(text_of(other), "theirs");
    EXPECT_EQ(std::distance(fs::directory_iterator(base.path()), fs::directory_iterator()), 2) << "nothing is left over";
}

TEST(Export, AFailureLeavesNothingBehind) {
    const testing_support::TemporaryDirectory base;
    const std::string path = base.path() / "list.csv";
    const auto stopped =
        export_rows(path, ExportFormat::kCsv, *writers(), walk_of({"alice"}, fail(ErrorCode::kCancelled, "Stopped.")));
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
    EXPECT_TRUE(fs::is_empty(base.path()));
    EXPECT_FALSE(export_rows(base.path() / "no" / "list.csv", ExportFormat::kCsv, *writers(), walk_of({})));
}

TEST(Export, QuotesWhatCsvNeedsQuoted) {
    EXPECT_EQ(csv_field("plain text"), "plain text");
    EXPECT_EQ(csv_field(""), "");
    EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
    EXPECT_EQ(csv_field("a\nb"), "\"a\nb\"");
    EXPECT_EQ(csv_field("say \"x\""), "\"say \"\"x\"\"\"");
    EXPECT_EQ(csv_field(" x"), "\" x\"");
}

TEST(Export, TextThatASpreadsheetTakesForAFormulaStaysText) {
    for (const std::string text : {"=1+1", "+1", "-cold", "@SUM(A1)", "\uff1d1"}) EXPECT_EQ(csv_text(text), "'" + text);
    EXPECT_EQ(csv_text("=HYPERLINK(\"http://x\",\"y\")"), "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
    EXPECT_EQ(csv_text("\t=1"), "'\t=1");
    EXPECT_EQ(csv_text("\r=1"), "\"'\r=1\"");
    EXPECT_EQ(csv_text("\n=1"), "\"'\n=1\"");
    for (const std::string text : {"", "alice", "a=b", "1-2", "'=1", "0x7E5F", "2026-09-28T12:04:05Z", "{\"a\":-1}"})
        EXPECT_EQ(csv_text(text), csv_field(text));
}

TEST(Export, FiguresStayFigures) {
    RowWriters figures;
    figures.fields = [](std::string_view) {
        return std::vector<RowField>{{"name", "=1+1", true}, {"balance", "-5", false}};
    };
    const testing_support::TemporaryDirectory base;
    const std::string path = base.path() / "list.csv";
    ASSERT_TRUE(export_rows(path, ExportFormat::kCsv, figures, walk_of({"{}"})));
    EXPECT_EQ(text_of(path), "name,balance\r\n'=1+1,-5\r\n");
}

class Exporting : public Harness {
public:
    explicit Exporting(int users) : Harness(options()) {
        for (int i = 0; i < users; ++i)
            EXPECT_TRUE(engine_of_another_process().add_user(operator_session(), fmt::format("user-{:04}", i)));
        touch();
    }
    std::string to(const std::string& name) const { return "<C-u>" + (base.path() / name).string() + "<Enter><Enter>"; }
    testing_support::TemporaryDirectory base;

private:
    static HarnessOptions options() {
        HarnessOptions out;
        out.writers = writers();
        return out;
    }
};

TEST(DeskExport, CopiesTheRowAsJson) {
    Exporting world(2);
    world.press("jY");
    ASSERT_EQ(world.copied.size(), 1U);
    EXPECT_EQ(world.copied[0].value, "user-0001");
}

TEST(DeskExport, WritesTheListAsItIsShownAllOfIt) {
    Exporting world(1'150);
    ASSERT_TRUE(world.engine_of_another_process().add_user(world.operator_session(), "somebody else"));
    world.press("/user-<Enter>O");
    world.press("x");
    EXPECT_TRUE(world.shows("Export users")) << world.screen();
    EXPECT_TRUE(world.shows("filter \"user-\"")) << world.screen();
    const std::int64_t before = world.events();
    world.press("<Right><Enter>" + world.to("users.jsonl"));
    EXPECT_TRUE(world.shows("1,150 rows were written to")) << world.screen();
    const std::string text = text_of(world.base.path() / "users.jsonl");
    EXPECT_TRUE(text.starts_with("user-1149\nuser-1148\n")) << text.substr(0, 50);
    EXPECT_TRUE(text.ends_with("user-0001\nuser-0000\n"));
    EXPECT_EQ(std::ranges::count(text, '\n'), 1'150);
    EXPECT_EQ(world.events(), before) << "nothing in the vault changes";
}

TEST(DeskExport, WritesTheMarkedRows) {
    Exporting world(5);
    world.press("<Space>jj<Space>x");
    EXPECT_TRUE(world.shows("2 rows")) << world.screen();
    world.press("<Enter><Enter>" + world.to("marked"));
    const std::string text = text_of(world.base.path() / "marked.csv");
    EXPECT_TRUE(text.starts_with("name,note\r\nuser-0000,\"a,\"\"b\"\"\"\r\nuser-0002,")) << text;
    EXPECT_EQ(std::ranges::count(text, '\n'), 3);
}

TEST(DeskExport, SaysThatAFileIsThereWhileItsNameIsTyped) {
    Exporting world(1);
    std::ofstream(world.base.path() / "there.csv") << "x";
    world.press("x<Enter>" + world.to("there.csv"));
    EXPECT_TRUE(world.shows("is there already: nothing is overwritten")) << world.screen();
    EXPECT_EQ(text_of(world.base.path() / "there.csv"), "x");
}

TEST(DeskExport, CanBeStopped) {
    Exporting world(3);
    world.press("x<Enter>");
    world.hold = true;
    world.press(world.to("stopped.csv"));
    EXPECT_TRUE(world.shows("Working")) << world.screen();
    world.press("<Esc>");
    EXPECT_EQ(world.cancelled.size(), 1U);
    EXPECT_EQ(world.desk().top_dialog(), nullptr);
}

}  // namespace
}  // namespace keydeck::ui
