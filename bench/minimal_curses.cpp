// The least a curses program with the same libraries can do: a screenful of rows, and a selection that j and k move. What
// the screens of Keydeck take is compared with it.
#include <curses.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <cstring>

namespace {

constexpr const char* kSyncOn = "\x1b[?2026h";
constexpr const char* kSyncOff = "\x1b[?2026l";

void send(const char* bytes) { [[maybe_unused]] const auto written = ::write(STDOUT_FILENO, bytes, std::strlen(bytes)); }

void draw(int selected) {
    for (int row = 0; row < LINES - 1; ++row) {
        ::attrset(row == selected ? A_REVERSE : A_NORMAL);
        ::mvprintw(row, 0, "%c u%07d              2  0x454aCb…4F7956   active     2026-09-2%d", row == selected ? '>' : ' ',
                   row, row % 10);
    }
    ::attrset(A_NORMAL);
    ::mvprintw(LINES - 1, 0, " Enter open  ? help");
    ::wnoutrefresh(stdscr);
    send(kSyncOn);
    ::doupdate();
    send(kSyncOff);
}

}  // namespace

int main() {
    std::setlocale(LC_ALL, "");  // NOLINT(concurrency-mt-unsafe): one thread
    ::initscr();
    ::raw();
    ::noecho();
    ::curs_set(0);
    int selected = 0;
    for (int frames = 1;; ++frames) {
        draw(selected);
        char title[64];
        std::snprintf(title, sizeof title, "\x1b]2;keydeck idle %d\x07", frames);
        send(title);
        char key = 0;
        if (::read(STDIN_FILENO, &key, 1) != 1 || key == 'q') break;
        selected += key == 'k' ? -1 : 1;
        selected = (selected + LINES - 1) % (LINES - 1);
    }
    ::endwin();
}
