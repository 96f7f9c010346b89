"""The demo's weather: what is refused, what is visible, and a signature that is throttled for good."""
from harness import main
from tui_pty import ENTER, ESC, TAB, DemoTest

ROOMY = (36, 120)


class Options(DemoTest):
    def test_are_taken_strictly(self):
        for option, bad in (("--latency", "300"), ("--latency", "2m"), ("--throttle", "5"), ("--throttle", "101%"), ("--fail", "nan"), ("--seed", "x")):
            ran = self.run_command([self.command()[0], "demo", "--headless", "--latency", "1ms", option, bad] if option != "--latency" else
                                   [self.command()[0], "demo", "--headless", option, bad])
            self.assertEqual(ran.status, 2, (option, bad, ran))
            self.assertIn(option, ran.err)
        for args in (("--clean", "--latency", "1s"), ("--kms", "aws", "--fail", "1%"), ("--seed", "3"), ("--throttle", "60%", "--fail", "60%"),
                     ("--tour", "--headless")):
            ran = self.run_command([self.command()[0], "demo", *args])
            self.assertEqual(ran.status, 2, (args, ran))
        self.assertEqual(len(self.ok("wallet", "list")), 3)  # nothing was cleaned

    def test_the_story_is_told_in_bad_weather_too(self):
        ran = self.run_command([self.command()[0], "demo", "--headless", "--json", "--fresh", "--throttle", "10%", "--fail", "5%", "--seed", "4"])
        self.assertEqual((ran.status, ran.err), (0, ""))
        self.assertEqual(ran.lines()[-1], {"kind": "result", "verified": True, "signatures": 6})
        told = self.ok("metrics")
        self.assertIn("Retried.ThrottlingException", str(told))
        self.assertTrue(self.one("audit", "verify")["valid"])


class Screens(DemoTest):
    def sign(self, tui):
        """alice's message, as far as the preview."""
        tui.press("2", "g", "s", "m", "hello", TAB, TAB, ENTER)
        self.assertShown(tui, "[ Cancel ]")

    def test_says_what_the_weather_is(self):
        tui = self.demo("--latency", "300ms", "--throttle", "5%", "--fail", "1%")
        tui.until("DEMO/local 300 ms, thr 5%, err 1%")
        self.quit(tui)

    def test_a_throttled_signature_says_what_did_not_happen_and_is_tried_again(self):
        tui = self.demo("--throttle", "100%", size=ROOMY)
        before = len(self.events("SignMessage"))
        self.sign(tui)
        tui.press("S")
        tui.until("Signing failed")
        text = tui.text()
        wallet = [wallet for wallet in self.ok("wallet", "list") if wallet["user"] == "alice"][0]
        order = ["Signing failed", "The KMS did not sign: too many requests (throttled).", "Nothing was signed and nothing was sent.", "What",
                 wallet["address"], "Key", wallet["key_id"], "Tried", "10 times in", "Cause", "ThrottlingException", "You can", "r  try again now",
                 "c  leave it"]
        at = 0
        for part in order:
            self.assertIn(part, text[at:], f"{part} is not there, or not in its place\n{tui}")
            at = text.index(part, at) + len(part)
        failed = self.events("SignMessage")[before:]
        self.assertEqual([event["result"] for event in failed], ["throttled"])
        tui.press(ENTER)  # leaves it, and signs nothing
        self.assertNotShown(tui, "Signing failed")
        tui.press(ESC, "!")
        self.assertShown(tui, "Signing failed", "too many requests", "ThrottlingException")
        tui.press(ESC)
        self.assertEqual(len(self.events("SignMessage")), before + 1)
        self.quit(tui)

    def test_r_tries_it_again(self):
        tui = self.demo("--throttle", "90%", "--seed", "25", size=ROOMY)
        before = len(self.events("SignMessage"))
        self.sign(tui)
        tui.press("S")
        tui.until("Signing failed")
        # The signature is drawn with a chance of one in a few; its second KMS call may be refused as well.
        for tries in range(1, 11):
            tui.press("r")
            tui.wait(lambda: "Working…" not in tui.text(), "it is not tried again")
            results = [event["result"] for event in self.events("SignMessage")[before:]]
            self.assertEqual(results[:tries], ["throttled"] * tries, f"one call for each r\n{tui}")
            self.assertEqual(len(results), tries + 1, f"one call for each r\n{tui}")
            if results[-1] == "ok":
                break
        self.assertEqual(results[-1], "ok", f"{tui}")
        self.assertShown(tui, "Signed by alice")
        tui.press(ESC, ESC)
        tui.press("7")
        self.assertRegex(tui.text(), r"Sign\b")
        self.quit(tui)

    def test_a_hung_call_is_cancelled(self):
        tui = self.demo("--latency", "60s", size=ROOMY)
        before = len(self.events())
        self.sign(tui)
        tui.send("S")
        tui.wait(lambda: "Working…" in tui.text(), "it says that it works")
        tui.press(ESC)
        tui.until("Cancelled: sign with")
        events = self.events()[before:]
        self.assertEqual([(event["action"], event["result"]) for event in events], [("SignMessage", "cancelled")])
        self.quit(tui)


class TheTour(DemoTest):
    def test_begins_where_it_was_asked_for(self):
        tui = self.demo("--tour")
        self.assertShown(tui, "Tour 1 of 6", "Esc leaves the tour")
        before = len(self.events())
        tui.press("2", "g", ENTER)
        self.assertShown(tui, "Tour 2 of 6")
        tui.press("s", "m", "hello", TAB, TAB, ENTER)
        tui.press("S").until("Signed by alice")
        tui.press(ESC).until("Tour 3 of 6")
        tui.press("K").until("Tour 4 of 6")
        tui.press("d", "y").until("The key is disabled")
        tui.press(ENTER).until("Tour 5 of 6")
        tui.press("5").until("Tour 6 of 6")
        tui.press("z", ENTER, "y").until("That was the tour")
        tui.press(ESC)
        self.assertNotShown(tui, "That was the tour")
        self.assertEqual([event["action"] for event in self.events()[before:]], ["SignMessage", "DisableKey", "EnableKey"])
        self.quit(tui)


if __name__ == "__main__":
    main()
