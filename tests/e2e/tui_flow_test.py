"""The screens, worked by keys alone: everything a person does there, and that nothing happens which nobody confirmed."""
import json
import random
import re
import shutil
import string

from harness import TRANSACTION, main
from tui_pty import BACKSPACE, CTRL_U, DOWN, ENTER, ESC, TAB, DemoTest, TuiTest

FILLED = (34, 100)  # most dialogs fit
TALL = (50, 100)  # the longest preview fits
FIRST_USE = {**TRANSACTION, "chainId": 11155111}  # the demo's chain; the recipient is new


class Making(DemoTest):
    def test_a_user(self):
        tui = self.demo()
        tui.press("u")
        self.assertShown(tui, "New user")
        tui.press("dave", TAB, ENTER).until("User dave was created")
        self.assertIn("dave", tui.selected())
        self.assertNotIn("New user", tui.text())
        self.assertEqual([user["name"] for user in self.ok("user", "list")], ["alice", "bob", "charlie", "dave"])
        tui.press("u", "dave", TAB, ENTER)  # there is one already
        self.assertShown(tui, "New user")
        tui.press(ESC)
        self.assertEqual(len(self.ok("user", "list")), 4)
        self.quit(tui)

    def make_wallet(self, tui, label, keys_for_custody):
        """From the user under the cursor; the wallet as the command line sees it."""
        tui.press("w", TAB, *keys_for_custody, label, TAB, ENTER)
        self.assertShown(tui, "One new wallet for bob", "[ Cancel ]")
        before = len(self.ok("wallet", "list"))
        tui.press("C").until(label)
        self.assertNotShown(tui, "┌─")
        wallets = self.ok("wallet", "list")
        self.assertEqual(len(wallets), before + 1)
        made = [wallet for wallet in wallets if wallet["label"] == label][0]
        self.assertIn(made["address"][:8], tui.selected())
        self.assertIn(made["address"], tui.text())  # in full, in the pane
        return made

    def test_wallets_of_both_kinds(self):
        tui = self.demo(size=FILLED)
        tui.press(DOWN)
        self.assertIn("bob", tui.selected())
        made = self.make_wallet(tui, "sealed", (TAB, TAB))
        self.assertEqual((made["user"], made["custody"], made["has_mnemonic"]), ("bob", "envelope", True))
        tui.press("2")
        self.assertIn("bob", tui.selected())
        made = self.make_wallet(tui, "inside", (" ", TAB))  # the words are not asked for
        self.assertEqual((made["user"], made["custody"], made["has_mnemonic"]), ("bob", "kms-key", False))
        tui.press("5")
        self.assertShown(tui, "CreateWallet")
        self.assertEqual(len(self.events("CreateWallet")), 5)
        self.quit(tui)


class Signing(DemoTest):
    def setUp(self):
        super().setUp()
        self.wallet = self.ok("wallet", "list")[1]  # bob's, with a key under the pool
        self.address = self.wallet["address"]
        self.tui = self.demo(size=TALL)
        self.tui.press("3", DOWN)
        self.assertIn("bob", self.tui.selected())

    def sign_message(self, text, *read_as):
        """Its digest in the preview; the signature's dialog stands then."""
        tui = self.tui.press("s", "m", text, TAB, *read_as, TAB, ENTER)
        self.assertShown(tui, self.address, "[ Cancel ]")
        shown = tui.field("EIP-191 digest")
        tui.press("S").until("Signature")
        self.assertEqual((tui.field("Digest"), tui.field("Address")), (shown, self.address))
        return shown

    def test_messages_as_text_and_as_hex(self):
        as_text = self.sign_message("deadbeef")
        signature = self.tui.field("Signature")
        self.one("verify", "message", "--signature", signature, "--address", self.address, "--", "deadbeef")
        self.tui.press(ESC)
        as_hex = self.sign_message("deadbeef", " ")
        self.one("verify", "message", "--signature", self.tui.field("Signature"), "--address", self.address, "--hex", "deadbeef")
        self.assertNotEqual(as_text, as_hex)
        signed = [event for event in self.events("SignMessage") if event["target"] == self.address][-2:]
        self.assertEqual([event["digest"] for event in signed], [as_text, as_hex])
        self.tui.press(ESC, "5")
        self.assertShown(self.tui, "SignMessage")
        self.quit(self.tui)

    def test_a_preview_that_is_all_in_sight_offers_to_sign(self):
        self.tui.press("s", "m", "hello", TAB, TAB, ENTER)
        self.assertShown(self.tui, "Sign (S)")
        self.assertNotShown(self.tui, "read to the end first")

    def test_a_transaction_with_its_challenge(self):
        before = self.events("SignTransaction")
        tui = self.tui.press("s", "t", TAB, json.dumps(FIRST_USE), TAB, ENTER)
        self.assertShown(tui, self.address, FIRST_USE["to"], "1 ETH", "First time", "11155111", "0x not counted")
        first, last = map(int, re.search(r"characters (\d+)-(\d+) of the To address", tui.text()).groups())
        challenge = FIRST_USE["to"][2:][first - 1:last]
        tui.press("S")  # untyped: nothing
        self.assertShown(tui, "[ Cancel ]")
        tui.press(TAB, challenge[::-1], ENTER, "S")  # wrong: nothing
        self.assertEqual(self.events("SignTransaction"), before)
        digest = tui.field("Signing hash")
        tui.press(TAB, CTRL_U, challenge, ENTER, "S").until("Signed transaction")
        raw = tui.field("Raw")
        decoded = self.one("decode", "transaction", raw)
        self.assertEqual((decoded["from"], decoded["hash"]), (self.address, tui.field("Hash")))
        event = self.events("SignTransaction")[-1]
        self.assertEqual((event["target"], event["result"], event["digest"]), (self.address, "ok", digest))
        self.quit(tui.press(ESC))

    def test_broken_input_is_refused_in_the_dialog(self):
        for bad in ("{", '{"type": 2}', "[]", '{"to": "0x12"}'):
            self.tui.press("s", "t", TAB, bad, TAB, ENTER)
            self.assertShown(self.tui, "Preview")
            self.assertNotShown(self.tui, "Sign (S)")
            self.tui.press(ESC)
        self.assertEqual(len(self.events("SignTransaction")), 3)


class Deleting(DemoTest):
    def setUp(self):
        super().setUp()
        self.wallet = self.ok("wallet", "list")[0]
        self.key = self.wallet["key_id"]
        self.tui = self.demo(size=FILLED)
        self.tui.press("3", "K")
        self.assertIn(self.key[:13], self.tui.selected())

    def state(self):
        return self.one("key", "show", self.key)["state"]

    def test_scheduling_and_cancelling(self):
        tui = self.tui.press("X")
        self.assertShown(tui, self.wallet["address"], "1 wallet of 1 user", "[ Cancel ]")
        tui.press(TAB)
        for days in ("6", "31", "0", "-7", "07.5", ""):
            tui.press(CTRL_U, *([days] if days else []))
            self.assertShown(tui, "a whole number from 7 to 30 days")
        tui.press("6", TAB, " ", TAB, self.key, TAB, "D")
        self.assertShown(tui, "[ Cancel ]", "off: window")
        tui.press(TAB, BACKSPACE, "31", TAB, TAB, TAB, "D")
        self.assertShown(tui, "off: window")
        self.assertEqual((self.state(), self.events("ScheduleKeyDeletion")[1:]), ("Enabled", []))
        tui.press(TAB, CTRL_U, "7", TAB, TAB, CTRL_U, self.key[:-1], TAB, "D")
        self.assertShown(tui, "name not typed")
        tui.press(TAB, TAB, TAB, self.key[-1], TAB, "D").until("Pending")
        self.assertIn("Pending", tui.selected())
        key = self.one("key", "show", self.key)
        self.assertEqual(key["state"], "PendingDeletion")
        tui.press("c")
        self.assertShown(tui, "Cancel the deletion")
        tui.press(ENTER)  # Cancel has the focus
        self.assertEqual(self.state(), "PendingDeletion")
        tui.press("c", "y").until("Disabled")
        self.assertIn("Disabled", tui.selected())
        self.assertEqual(self.state(), "Disabled")
        tui.press("5")
        self.assertShown(tui, "ScheduleKeyDeletion", "CancelKeyDeletion")
        self.assertEqual([event["action"] for event in self.events()[-2:]], ["ScheduleKeyDeletion", "CancelKeyDeletion"])
        self.quit(tui)

    def test_needs_the_tick(self):
        tui = self.tui.press("X", TAB, TAB, TAB, self.key, TAB, "D")
        self.assertShown(tui, "off: not ticked")
        self.assertEqual(self.state(), "Enabled")

    def test_the_name_is_not_pasted(self):
        self.tui.press("X", TAB, TAB, " ", TAB).paste(self.key)
        self.tui.press(TAB, "D")
        self.assertEqual(self.state(), "Enabled")


class Guards(DemoTest):
    """What nobody confirmed does not happen."""

    def everything(self):
        everything = [self.ok(*command) for command in (("audit", "list"), ("user", "list"), ("wallet", "list"), ("key", "list"), ("config", "show"), ("job", "list"))]
        for key in everything[3]:  # looking at keys asks the KMS about them
            del key["last_day"], key["month_so_far"]
        return everything

    def test_no_single_key_writes(self):
        tui = self.demo()
        before = self.everything()
        keys = [c for c in string.printable if c.isprintable() and c != "q"]
        keys += [chr(code) for code in range(1, 27) if chr(code) not in "\x03\x1a"]  # but not quit and suspend
        keys += ["\x7f", "\033[A", "\033[5~", "\033[3~", "\033OP", "\033[15~", "\033a", "\033y"]
        for number in "234567":
            for key in keys:
                tui.press(number, key)
                if "┌─" in tui.text() or key == "/":
                    tui.press(ESC)
            self.assertEqual(self.everything(), before, f"on screen {number}")
        self.quit(tui)

    def test_enter_at_once_or_the_same_key_ten_times(self):
        tui = self.demo(size=FILLED)
        before = self.everything()
        for number, opener in (("4", "X"), ("4", "d"), ("4", "R"), ("4", "m"), ("4", "t"), ("2", "L"), ("4", "c"), ("2", "w"), ("2", "u")):
            for burst in (opener + ENTER, opener * 10, opener + "y", opener + "D", opener + "S", opener + "C" + ENTER, opener + "M" + ENTER):
                tui.press(number, burst)
                for _ in range(3):
                    tui.press(ESC)
        for step in (ENTER, ENTER * 10, ENTER + "S", "S" * 10):
            tui.press("3", "s", "m", "hello", TAB, TAB)
            tui.press(step)
            tui.press(ENTER if step == "S" * 10 else ESC)
            for _ in range(3):
                tui.press(ESC)
        self.assertEqual(self.everything(), before)

    def test_a_key_pressed_ten_times_after_its_dialog_stands(self):
        tui = self.demo(size=FILLED)
        before = self.everything()
        for number, opener in (("4", "X"), ("4", "d"), ("4", "R"), ("4", "m"), ("4", "t"), ("2", "L")):
            tui.press(number, *[opener] * 10)
            tui.press(ESC, ESC)
        self.assertEqual(self.everything(), before)

    def test_a_paste_into_a_list(self):
        tui = self.demo()
        before = self.everything()
        for number in "234567":
            tui.press(number).paste("XdydyLyuw\rdave\r\rCSD")
            self.assertShown(tui, "The paste was dropped")
            self.assertNotShown(tui, "┌─")
        self.assertEqual(self.everything(), before)

    def test_letters_right_after_another_scope(self):
        self.one("user", "add", "dave")
        for letter in ("l", "s", "r", "K", ENTER):
            with self.subTest(letter):
                tui = self.demo()
                tui.press("3", "2", DOWN, DOWN, DOWN)
                self.assertIn("dave", tui.selected())
                tui.press(ENTER + letter)
                self.assertNotShown(tui, "┌─", "alice")  # no row of the list before
                self.assertShown(tui, "Users › dave › Wallets")


    def test_a_monkey_without_the_confirming_keys(self):
        """Keys in bursts, pastes and sizes at random: everything but what confirms (y C S D M) and the two forms that Enter alone sends."""
        keys = [c for c in string.printable if c.isprintable() and c not in "yCSDMurq"]
        keys += [ENTER, ESC, TAB, "\033[Z", "\177", DOWN, "\033[A", "\033[5~", "\033[6~", "\033OP", "\014", "\022", "\004"] * 4
        rng = random.Random(7)
        before = self.everything()
        tui = self.demo()
        for step in range(600):
            what = rng.random()
            if what < 0.05:
                tui.press_blindly("\033[200~" + "".join(rng.choices(string.printable, k=20)) + "\ry\rCSD\033[201~")
            elif what < 0.1:
                tui.resize(*rng.choice([size for size in ((16, 60), (24, 80), (36, 120), (8, 40)) if size != (tui.rows, tui.cols)]))
            else:
                tui.press_blindly("".join(rng.choices(keys, k=rng.choice((1, 1, 2, 5)))))
            if step % 100 == 99:
                self.assertEqual(self.everything(), before, f"step {step}\n{tui}")
        self.assertEqual(tui.errors(), "")


class Others(DemoTest):
    def test_their_changes_show_without_a_key(self):
        tui = self.demo()
        self.one("user", "add", "erin")
        tui.until("erin", "4 users")
        tui.press("4")
        key = self.ok("key", "list")[0]
        self.one("key", "disable", key["id"])
        tui.until("○ Disabled")
        tui.press("5")
        self.one("user", "lock", "erin")
        tui.until("LockUser")
        self.quit(tui)

    def test_the_cursor_stays_on_its_row(self):
        tui = self.demo()
        tui.press(DOWN)
        self.one("user", "add", "aaron")
        tui.until("aaron")
        self.assertIn("bob", tui.selected())

    def test_a_vault_that_was_put_back_from_a_copy(self):
        """What it would still write nobody would find: it says so and does nothing."""
        copy = self.home / "copy"
        shutil.copytree(self.vault, copy)
        tui = self.open("--vault", self.vault, size=FILLED)
        shutil.rmtree(self.vault)
        shutil.copytree(copy, self.vault)
        tui.until("replaced or removed")
        tui.press("w", *"alice", TAB, ENTER)
        if "Go on" in tui.text() or "Create" in tui.text():
            tui.press("C")
        self.assertNotShown(tui, "was created")
        tui.press(ESC, ESC)
        self.assertEqual(len(self.ok("wallet", "list")), 3)
        self.quit(tui)

    def test_a_user_sees_what_is_theirs(self):
        tui = self.open("--vault", self.vault, "--as", "alice", size=FILLED)
        self.assertShown(tui, "as alice")
        for keys in ("2", "3", ENTER, ESC, "4", "5", "6", "7"):
            tui.press(keys)
            self.assertNotShown(tui, "bob", "charlie")
        tui.press("5", ENTER)  # her newest event names whom she paid, as its preview did
        self.assertNotShown(tui, "charlie")
        tui.press(ESC)
        tui.press("2", "u")
        self.assertNotShown(tui, "New user")
        self.assertShown(tui, "only the operator may do this")
        self.quit(tui)

    def test_read_only(self):
        tui = self.open("--vault", self.vault, "--read-only")
        before = self.events()
        self.assertShown(tui, "  RO  ")
        for number, letters in (("2", "uwLs"), ("3", "snr"), ("4", "dX")):
            for letter in letters:
                tui.press(number, letter)
                self.assertNotShown(tui, "┌─")
                self.assertShown(tui, "read-only")
        self.assertEqual(self.events(), before)
        self.quit(tui)


class Passphrase(TuiTest):
    def setUp(self):
        super().setUp()
        file = self.write("passphrase", "hunter2 hunter2\n")
        for args in (("init",), ("user", "add", "alice"), ("wallet", "create", "alice", "--label", "one")):
            self.one("--passphrase-file", file, *args)

    def test_is_asked_for_when_it_is_needed(self):
        tui = self.open("--vault", self.vault, size=FILLED)
        self.assertShown(tui, "alice")
        tui.press("3", "s", "m", "hello", TAB, TAB, ENTER, "S").until("Passphrase of the vault")
        for wrong in ("hunter3", "\x15"):
            tui.press(wrong, ENTER)
            self.assertShown(tui, "Passphrase of the vault")
        tui.press("hunter2 hunter2")
        self.assertNotShown(tui, "hunter2")
        tui.press(ENTER).until("Signature")
        self.assertNotIn(b"hunter2", bytes(tui.raw))
        self.quit(tui.press(ESC))

    def test_leaving_it_signs_nothing(self):
        tui = self.open("--vault", self.vault, size=FILLED)
        tui.press("3", "s", "m", "hello", TAB, TAB, ENTER, "S").until("Passphrase of the vault")
        tui.press(ESC, ESC, ESC)
        self.assertEqual([wallet["signatures"] for wallet in self.ok("wallet", "list")], [0])
        self.quit(tui)


if __name__ == "__main__":
    main()
