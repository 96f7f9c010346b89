#include "engine/custody/backup/sheet_form.hpp"

#include <utility>

#include "engine/ethereum/printable.hpp"

namespace keydeck::custody::backup {
namespace {

using ethereum::printable;
using Facts = std::vector<std::pair<std::string_view, std::string>>;

constexpr std::size_t kNameWidth = 16;
constexpr std::size_t kLineWidth = 78;

class TextForm final : public SheetForm {
public:
    void title(std::string_view text) override { line(text, '='); }
    void heading(std::string_view text) override {
        out_ += '\n';
        line(text, '-');
    }
    void paragraph(std::string_view text) override {
        std::size_t column = 0;
        while (!text.empty()) {
            const std::size_t end = std::min(text.find(' '), text.size());
            if (column > 0) {
                const bool breaks = column + 1 + end > kLineWidth;
                out_ += breaks ? '\n' : ' ';
                column = breaks ? 0 : column + 1;
            }
            out_ += printable(text.substr(0, end));
            column += end;
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        out_ += '\n';
    }
    void fact(std::string_view name, std::string_view value) override { write_fact("", name, value); }
    void entry(std::string_view name, const Facts& facts) override {
        out_ += printable(name) + '\n';
        for (const auto& [what, value] : facts) write_fact("    ", what, value);
    }
    std::string finish() override { return std::move(out_); }

private:
    void line(std::string_view text, char rule) {
        const std::string safe = printable(text);
        out_ += safe + '\n' + std::string(safe.size(), rule) + '\n';
    }
    void write_fact(std::string_view indent, std::string_view name, std::string_view value) {
        if (value.empty()) return;
        out_.append(indent).append(name);
        out_.append(name.size() < kNameWidth ? kNameWidth - name.size() : 1, ' ');
        out_ += printable(value) + '\n';
    }
    std::string out_;
};

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : printable(text)) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

// Nothing is loaded from anywhere, and no script runs, whatever stands in a label.
constexpr std::string_view kHead =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    "<title>Keydeck recovery sheet</title>\n<style>\n"
    "body { font: 10pt/1.4 sans-serif; max-width: 48em; margin: 2em auto; padding: 0 1em }\n"
    "dl { display: grid; grid-template-columns: 10em 1fr; margin: 0 }\n"
    "dt { color: #444 } dd { margin: 0; font-family: monospace; overflow-wrap: anywhere }\n"
    "section { break-inside: avoid; border-top: 1px solid #bbb; padding: .5em 0 }\n"
    "h3 { font: bold 10pt monospace; margin: 0; overflow-wrap: anywhere }\n"
    "</style>\n</head>\n<body>\n";

class HtmlForm final : public SheetForm {
public:
    void title(std::string_view text) override { element("h1", text); }
    void heading(std::string_view text) override { element("h2", text); }
    void paragraph(std::string_view text) override { element("p", text); }
    void fact(std::string_view name, std::string_view value) override {
        if (!value.empty()) write_facts({{name, std::string(value)}});
    }
    void entry(std::string_view name, const Facts& facts) override {
        out_ += "<section>\n";
        element("h3", name);
        write_facts(facts);
        out_ += "</section>\n";
    }
    std::string finish() override { return std::move(out_) + "</body>\n</html>\n"; }

private:
    void element(std::string_view tag, std::string_view text) {
        out_.append("<").append(tag).append(">").append(escaped(text)).append("</").append(tag).append(">\n");
    }
    void write_facts(const Facts& facts) {
        out_ += "<dl>\n";
        for (const auto& [name, value] : facts) {
            if (!value.empty()) out_ += "<dt>" + escaped(name) + "</dt><dd>" + escaped(value) + "</dd>\n";
        }
        out_ += "</dl>\n";
    }
    std::string out_ = std::string(kHead);
};

}  // namespace

std::unique_ptr<SheetForm> make_text_form() { return std::make_unique<TextForm>(); }
std::unique_ptr<SheetForm> make_html_form() { return std::make_unique<HtmlForm>(); }

}  // namespace keydeck::custody::backup
