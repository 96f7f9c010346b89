// How a recovery sheet looks: as text, or as a page of HTML. Internal to the recovery sheet.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace keydeck::custody::backup {

/// Takes a sheet's parts in order. Whatever is given may come from anywhere: it is made safe here.
class SheetForm {
public:
    SheetForm() = default;
    SheetForm(const SheetForm&) = delete;
    SheetForm& operator=(const SheetForm&) = delete;
    virtual ~SheetForm() = default;
    virtual void title(std::string_view text) = 0;
    virtual void heading(std::string_view text) = 0;
    virtual void paragraph(std::string_view text) = 0;
    /// A name and its value; not written where the value is empty.
    virtual void fact(std::string_view name, std::string_view value) = 0;
    /// One thing with what belongs to it, which stays together on paper. Empty values are left out.
    virtual void entry(std::string_view name, const std::vector<std::pair<std::string_view, std::string>>& facts) = 0;
    [[nodiscard]] virtual std::string finish() = 0;
};

[[nodiscard]] std::unique_ptr<SheetForm> make_text_form();
[[nodiscard]] std::unique_ptr<SheetForm> make_html_form();

}  // namespace keydeck::custody::backup
