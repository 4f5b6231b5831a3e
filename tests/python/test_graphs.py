"""Graphs that are built in Python, and runs that are talked to."""

import os
import pathlib
import tempfile
import threading
import unittest
from fractions import Fraction

from common import SLOWER, Case, flowspan, noise, np, recording

ENDLESS = {"datatype": "rf32", "sample_rate": "100 kHz"}  # amplitude 1, frequency 0: ones; `throttle` keeps the file small


def endless(factor=2):
    """Ones without an end, at most 100,000 a second, on two ranks."""
    g = flowspan.Graph("endless")
    g.add("source", "signal_source", **ENDLESS)
    g.add("pace", "throttle")
    g.add("gain", "multiply_const", constant=factor)
    g.add("level", "probe", every=1000)
    g.add("sink", "vector_sink")
    g.connect("source", "pace", "gain", "level", "sink")
    g.assign(0, "source", "pace")
    g.assign(1, "gain", "level", "sink")
    return g


class Writing(Case):
    def test_texts_are_quoted_so_that_they_come_back(self):
        texts = ["a: b", "x # y", "- a", "yes", "null", "Null", "true", "~", "'", '"', "\\", "\\n", "a\tb", "ä°µ", "😀", "[1]", "{a}", "*a", "&b", "!c",
                 "%d", "@e", "`f", "1e3", "010", " lead", "trail ", "a, b", "?", "|", ">", "a\u2028b", "a\u0085b", "-", "=", "--- ", "a:", ":a", "#c",
                 "two\nlines", "plain words", "3 kHz", "a->b", "<<", "0x10", ".inf", "2026-01-31", "a" * 5000]
        g = flowspan.Graph("quoting: [a, b] # {c}")
        g.add("source", "file_source", path=recording("r", noise(4)))
        for k, text in enumerate(texts):
            g.add(f"s{k}", "file_sink", path=f"{k}.sigmf-meta", description=text)
            g.connect("source", f"s{k}")
        g.add("dollars", "file_sink", path="dollars.sigmf-meta", description="cost: $$5")
        g.connect("source", "dollars")
        made = g.run(out="out")
        for k, text in enumerate(texts):  # what the program has read stands in the header that it wrote
            self.assertEqual(made[f"{k}.sigmf-meta"].metadata["core:description"], text)
        self.assertEqual(made["dollars.sigmf-meta"].metadata["core:description"], "cost: $5")
        self.assertEqual(made.report["graph"], g.name)

    def test_each_kind_of_value(self):
        values = {True: "true", np.bool_(False): "false", 3: "3", np.int16(-4): "-4", 2.5: "2.5", np.float32(0.5): "0.5", 1 + 2j: "1.0+2.0j",
                  np.complex64(-1j): "-0.0-1.0j" if str(complex(np.complex64(-1j))) == "(-0-1j)" else "0.0-1.0j", "200 kHz": "200 kHz",
                  pathlib.Path("a b/c.wav"): "a b/c.wav", Fraction(1, 3): "1/3"}
        for value, text in values.items():
            self.assertEqual(flowspan._value(value), text)
        self.assertEqual(flowspan._value([1, "a, b", {"k": [True]}]), '[1, "a, b", {k: [true]}]')
        self.assertEqual(flowspan._value(np.array([[1, 2], [3, 4]])), "[[1, 2], [3, 4]]")
        for wrong in (float("nan"), np.inf, None, b"x", object()):
            with self.assertRaises((ValueError, TypeError)):
                flowspan._value(wrong)

    def test_mistakes_in_calls_are_said_at_once(self):
        g = flowspan.Graph()
        g.add("a", "copy")
        for call in (lambda: g.add("a", "copy"), lambda: g.add("b c", "copy"), lambda: g.add("b"), lambda: g.connect("a"),
                     lambda: g.add("b", "copy", group="x"), lambda: g.at(3, "a.b")):
            self.assertRaises(ValueError, call)
        for call in (lambda: g["b"], lambda: g.get("a.x"), lambda: g.set("x", 3), lambda: g.get("b.x")):
            self.assertRaises(KeyError, call)
        self.assertRaises(TypeError, lambda: g.add("b", "copy", x=object()))
        self.assertNotIn("b", g)

    def test_copies_groups_parameters_messages_schedule(self):
        pathlib.Path("groups.yaml").write_text(
            "flowspan: 1\ngroups:\n  louder:\n    parameters: {by: 2}\n    blocks: {g: {type: multiply_const, constant: $by}}\n"
            "    connections: [in -> g -> out]\n")
        g = flowspan.Graph("parts")
        g.include("groups.yaml")
        g.parameter("factor", 3, help="A factor.")
        g.add("tone", "vector_source", copies=3, data=[1.0, -2.0], datatype="rf32", repeat=50, sample_rate=10)
        g.add("louder", group="louder", copies=3, by=[1, "$factor", 5])
        level = g.add("level", "probe", copies=3, every=10)
        sinks = g.add("sink", "vector_sink", copies=3)
        log = g.add("log", "message_log", path="log.jsonl")
        g.connect("tone[*]", "louder[*]", buffer=8192)
        g.connect("louder[*]", "level[*]", "sink[*]")
        g.connect_messages("level[*].measurements", log["in"])
        g.assign("0-1", "tone[*]", "louder[*]")
        g.assign(2, "level[*]", "sink[*]", "log")
        g.at(20, "louder[1].g.constant", -1)
        self.assertEqual((g.get("factor"), str(sinks), str(level["in"])), (3, "sink", "level.in"))
        g.set("factor", 4)
        self.assertIn('  - {from: "tone[*]", to: "louder[*]", buffer: 8192}\n', g.to_yaml())
        made = g.run(ranks=3, out="out")
        base = np.tile(np.array([1, -2], "f4"), 50)
        self.same(made.fetch("sink[0]"), base)
        self.same(made.fetch("sink[1]"), np.where(np.arange(100) < 20, 4, -1).astype("f4") * base)
        self.same(made.fetch("sink[2]"), 5 * base)
        self.assertEqual(len(made["log.jsonl"]), 30)
        with self.assertRaisesRegex(KeyError, r"sink has copies: ask for sink\[0\]"):
            made.fetch("sink")
        with self.assertRaisesRegex(KeyError, "level is no vector_sink of this graph; it has sink"):
            made.fetch("level")

    def test_options_of_messages_and_outputs_that_nobody_reads(self):
        g = flowspan.Graph()
        g.add("a", "probe"), g.add("b", "message_log")
        g.connect_messages("a.measurements", "b", feedback_delay=64)
        g.connect_messages("a.measurements", "b", order_of_arrival=True)
        g.unused("a.out", g["a"]["in"])
        self.assertEqual(g.to_yaml().partition("messages:\n")[2], "  - {from: a.measurements, to: b, feedback: {delay: 64 samples}}\n"
                         "  - {from: a.measurements, to: b, order: arrival}\nunused: [a.out, a.in]\n")

    def test_a_graph_that_is_saved_runs_as_a_file(self):
        g = flowspan.Graph("saved")
        g.add("source", "vector_source", data=[1, 2j], sample_rate=5)
        g.add("sink", "file_sink", path="a b, c.cf32")
        g.connect("source", "sink")
        g.save("saved.yaml")
        made = flowspan.run("saved.yaml", out="out")
        self.same(made["a b, c.cf32"].data, np.array([1, 2j], "c8"))

    def test_large_arrays_and_odd_folders(self):
        os.mkdir("{odd} $folder")
        os.chdir("{odd} $folder")
        want = noise(5000)  # beside the graph, as a .npy file
        g = flowspan.Graph("large")
        g.add("source", "vector_source", data=want, sample_rate=1)
        g.add("sink", "vector_sink")
        g.add("file", "file_sink", path=flowspan.literal(os.path.abspath("{x}${y}.cf32")))
        g.connect("source", "sink")
        g.connect("source", "file")
        prepared, _ = g._prepared(pathlib.Path("."))
        self.assertLess(len(prepared), 1000)
        made = g.run(out="out")
        self.same(made.fetch("sink"), want)
        self.same(flowspan.open_product("{x}${y}.cf32").data, want)

    def test_relative_paths_begin_in_the_working_folder(self):
        want = noise(50)
        os.mkdir("in")
        recording("in/r", want)
        g = flowspan.Graph()
        g.add("source", "file_source", path="in/r.sigmf-meta")
        g.add("sink", "vector_sink")
        g.connect("source", "sink")
        self.same(g.run().fetch("sink"), want)
        self.assertEqual(os.listdir("."), ["in"])  # nothing is left
        elsewhere = self.folder / "in"
        g.set("source.path", "r.sigmf-meta")
        self.same(g.run(cwd=elsewhere).fetch("sink"), want)

    def test_a_vector_sink_has_axes_and_a_limit(self):
        g = flowspan.Graph()
        g.add("source", "file_source", path=recording("r", noise(6400), 1000, 1e6))
        g.add("spectra", "fft", size=64)
        g.add("sink", "vector_sink", limit="48 KiB")
        g.connect("source", "spectra", "sink")
        with self.assertRaisesRegex(flowspan.BlockError, "sink: the stream has more than the limit of 49152 bytes") as failed:
            g.run()
        self.assertEqual((failed.exception.block, failed.exception.code), ("sink", 4))
        g.set("sink.limit", "50 KiB")  # 100 spectra of 64 numbers of 8 bytes
        made = g.run(ranks=1)
        product, = made.sink("sink")
        self.assertEqual((made.fetch("sink").shape, product.axes[1].name, product.axes[0].step), ((100, 64), "frequency", Fraction(64, 1000)))


class Talking(Case):
    def test_set_get_call_watch_status_stop(self):
        with endless().start(ranks=2, until_stopped=True) as run:
            self.assertNotEqual(os.getsid(run.pid), os.getsid(0))  # a terminal's Ctrl-C reaches it once: from here
            watch = run.watch("gain.constant")
            self.assertEqual(run.get("gain.constant").value, 2)
            reply = run.set("gain.constant", 3)
            self.assertEqual((reply.block, reply.value, [r.block for r in reply.all]), ("gain", 3, ["gain"]))
            self.assertEqual(run.get("gain.constant").value, 3)
            event = watch.take(60 * SLOWER)
            self.assertEqual((event.block, event.name, event.index, event.value, event.time), ("gain", "constant", reply.index, 3, reply.index / 1e5))
            later = run.set("gain.constant", np.float64(4), at=reply.index + 50_000)
            self.assertEqual(later.index, reply.index + 50_000)
            self.assertEqual(watch.take(60 * SLOWER).value, 4)
            watch.close()
            self.assertIsNone(watch.take(0))
            self.assertEqual(list(watch), [])
            status = run.status()
            self.assertEqual((status.state, status["changes"], {b["block"]: b["rank"] for b in status.blocks}["gain"]), ("running", 2, 1))
            run.stop()
        self.assertEqual((run.result.state, run.result.code), ("stopped", 75))
        samples = run.result.fetch("sink")
        factors = np.full(len(samples), 2, "f4")
        factors[reply.index:] = 3
        factors[later.index:] = 4
        self.same(samples, factors)
        self.assertTrue(run.result.sink("sink")[0].partial)
        self.assertEqual([(c["at"], c["to"]) for c in run.result.report["schedule"]], [(reply.index, 3), (later.index, 4)])
        for call in (run.status, lambda: run.set("gain.constant", 1), lambda: run.watch("gain.constant")):
            with self.assertRaisesRegex(flowspan.ControlError, "the run has ended"):
                call()

    def test_what_is_refused_says_why(self):
        with endless().start(until_stopped=True) as run:
            with self.assertRaises(flowspan.Refused) as failed:
                run.get("gain.constnt")
            error = failed.exception
            self.assertEqual((error.key, error.got, error.hint), ("name", "gain.constnt", "did you mean `gain.constant`?"))
            while run.get("gain.constant").index == 0:
                pass
            with self.assertRaisesRegex(flowspan.Refused, "gain: expected a sample from [0-9]+ on, got 0"):
                run.set("gain.constant", 1, at=0)
            with self.assertRaisesRegex(flowspan.Refused, "expected"):
                run.set("gain.constant", [1, 2])
            self.assertEqual(run.get("gain.constant").value, 2)
            with self.assertRaisesRegex(TimeoutError, "no answer to `set`"):
                run.set("gain.constant", 1, at="100000 s", timeout=0.1)
            run.stop()

    def test_events_are_given_to_callbacks_and_end_with_the_run(self):
        seen, ended = [], []
        run = endless().start(until_stopped=True)

        def every(event):
            seen.append(event)
            if len(seen) == 3:
                run.stop()

        run.watch("level.rms", every)
        listener = run.watch("level.peak")
        thread = threading.Thread(target=lambda: ended.append(len(list(listener))))
        thread.start()
        run.wait(600)
        thread.join(60)
        self.assertGreaterEqual(len(seen), 3)
        self.assertEqual({e.value for e in seen}, {2.0})
        self.assertEqual(len(ended), 1)
        self.assertGreaterEqual(ended[0], 1)

    def test_a_folder_for_temporaries_with_a_long_path(self):
        long = self.folder / ("x" * 100)
        long.mkdir()
        self.addCleanup(setattr, tempfile, "tempdir", tempfile.tempdir)
        tempfile.tempdir = str(long)
        with endless().start(until_stopped=True) as run:
            self.assertEqual(run.get("gain.constant").value, 2)
            run.stop()

    def test_copies_answer_each(self):
        g = flowspan.Graph()
        g.add("source", "signal_source", copies=2, **ENDLESS)
        g.add("pace", "throttle", copies=2)
        g.add("gain", "multiply_const", copies=2, constant=1)
        g.add("sink", "null_sink", copies=2)
        g.connect("source[*]", "pace[*]", "gain[*]", "sink[*]")
        with g.start(until_stopped=True) as run:
            reply = run.set("gain[*].constant", 5)
            self.assertEqual([r.block for r in reply.all], ["gain[0]", "gain[1]"])
            self.assertEqual([r.value for r in run.get("gain[*].constant").all], [5, 5])
            run.stop()

    def test_a_run_that_is_over_before_anybody_asks(self):
        g = flowspan.Graph()
        g.add("source", "vector_source", data=[1, 2], datatype="rf32")
        g.add("sink", "vector_sink")
        g.connect("source", "sink")
        for _ in range(5):
            with g.start() as run:
                try:
                    run.status()
                except flowspan.ControlError:
                    pass
            self.same(run.result.fetch("sink"), np.array([1, 2], "f4"))

    def test_a_program_that_speaks_otherwise(self):
        import socket
        for said, why in ((b"", "the connection was closed"), (b"no JSON\n", "nobody serves"),
                          (b'{"jsonrpc":"2.0","method":"hello","params":{"protocol":2}}\n', "speaks version 2 of the protocol"),
                          (b'{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"at most 32 clients"}}\n', "at most 32 clients")):
            server = socket.socket(socket.AF_UNIX)
            self.addCleanup(server.close)
            if os.path.exists("s"):
                os.remove("s")
            server.bind("s")
            server.listen()
            thread = threading.Thread(target=lambda: (lambda c: (c.sendall(said), c.close()))(server.accept()[0]))
            thread.start()
            with self.assertRaisesRegex(flowspan.ControlError, why):
                flowspan.Control("s")
            thread.join()


if __name__ == "__main__":
    unittest.main()
