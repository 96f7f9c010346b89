// A screen: state, keys to effects, state to frame. It never sees the engine.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "ui/effects.hpp"
#include "ui/keymap.hpp"
#include "ui/linear/spoken.hpp"
#include "ui/scene.hpp"

namespace keydeck::ui {

/// How a list is sorted; no name: it cannot be.
struct ListOrder {
    std::string_view name;
    bool down = false;
    bool operator==(const ListOrder&) const = default;
};

class View {
public:
    View() = default;
    View(const View&) = delete;
    View& operator=(const View&) = delete;
    virtual ~View() = default;

    /// Comes to the front, narrowed as the place says.
    virtual void enter(const Place& place, const Scene& scene, Effects& effects) = 0;
    /// Where one would come back to.
    [[nodiscard]] virtual Place place() const = 0;
    [[nodiscard]] virtual ListOrder order() const { return {}; }
    /// Before it comes to the front. False: the list has no such order.
    virtual bool set_order(std::string_view /*name*/, bool /*down*/) { return false; }
    /// The vault has changed: read again what is shown.
    virtual void refresh(const Scene& scene, Effects& effects) = 0;
    /// The same, where somebody else changed it: a screen whose reading is dear may let some time pass.
    virtual void follow(const Scene& scene, Effects& effects) { refresh(scene, effects); }
    /// The clock's minute has changed, and the alerts were looked for.
    virtual void on_minute(const Scene& /*scene*/, Effects& /*effects*/) {}
    /// After each event, before a frame: asks for what is missing (the next page, details of the selected row).
    virtual void settle(const Scene& scene, Effects& effects) = 0;

    /// What is particular to this screen; then what moves about in it, which is the same on all.
    [[nodiscard]] virtual const Actions& actions() const = 0;
    [[nodiscard]] virtual const Actions& moves() const = 0;
    /// While a filter is being typed: takes every key. False: no text is being typed.
    virtual bool type(const Key& key, const Scene& scene, Effects& effects) = 0;
    virtual bool on_paste(const SecretBytes& pasted, const Scene& scene, Effects& effects) = 0;
    [[nodiscard]] virtual bool typing() const = 0;
    /// Esc: clears the filter. False: there was none.
    virtual bool clear_filter(const Scene& scene, Effects& effects) = 0;

    /// Tells how much room there is; before draw() and whenever it changes.
    virtual void layout(Area area, const Scene& scene) = 0;
    virtual void draw(Frame& frame, Area area, const Scene& scene) const = 0;
    [[nodiscard]] virtual std::string breadcrumb(const Scene& scene) const = 0;
    /// How many rows are marked; it stands before the status.
    [[nodiscard]] virtual std::size_t marked() const { return 0; }
    /// The same in words, for a terminal that does not draw. What it draws, unless a screen knows better.
    [[nodiscard]] virtual SpokenView spoken(const Scene& scene) const;
    /// For the message line when there is nothing more important.
    [[nodiscard]] virtual std::string status(const Scene& scene) const = 0;
};

}  // namespace keydeck::ui
