"""Runs from their start to each of their ends: results, progress, exceptions, Ctrl-C; and how the program is found."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest

from common import ROOT, SLOWER, Case, flowspan, noise, np, recording
from test_graphs import endless

GRAPH = """flowspan: 1
name: small
parameters:
  recording: {default: r.sigmf-meta, help: What is read.}
  factor: {default: 2, help: A factor.}
blocks:
  source: {type: file_source, path: $recording}
  gain: {type: multiply_const, constant: $factor}
  sink: {type: file_sink, path: out.cf32}
connections: [source -> gain -> sink]
ranks: {0: source, 1: "gain, sink"}
"""
WRONG = """flowspan: 1
blocks:
  source: {type: signal_source, sample_rate: 1 MHz, length: 10000, foo: 1}
  gain: {type: multiply_cons, constant: 2}
  head: {type: head, length: -3}
  sink: {type: null_sink}
connections: [source -> gain -> head -> sink]
"""


class Running(Case):
    def setUp(self):
        super().setUp()
        self.want = noise(1000)
        recording("r", self.want, 1000)
        pathlib.Path("small.yaml").write_text(GRAPH)

    def test_a_file_with_parameters_and_ranks(self):
        lines, steps = [], []
        made = flowspan.run("small.yaml", set={"factor": 0.5 - 1j, "recording": pathlib.Path("r.sigmf-meta")}, ranks=2, out="out", progress=steps.append,
                            on_log=lines.append, report="r.json")
        self.assertEqual((made.state, made.code, made.report["rank_count"], made.summary["samples"]), ("done", 0, 2, 1000))
        self.assertEqual([os.path.relpath(p.path) for p in made.products], ["out/out.cf32"])
        np.testing.assert_allclose(made["out.cf32"].data, self.want * (0.5 - 1j), rtol=1e-6, atol=1e-7)
        self.assertEqual((steps[-1].state, steps[-1].fraction, steps[-1]["samples"]), ("done", 1.0, 1000))
        self.assertEqual(lines, made.log)
        self.assertEqual(lines[-1], "done")
        self.assertTrue(os.path.exists("r.json"))
        self.assertRaises(KeyError, lambda: made["none"])

    def test_progress_is_how_far_it_is(self):
        steps, run = [], None
        g = endless()

        def every(progress):
            steps.append(progress)
            if len(steps) == 3:
                run.stop()

        run = g.start(ranks=2, until_stopped=True, progress=every, progress_every_s=0.01)
        run.wait()
        self.assertEqual([s.state for s in steps[:2]], ["running", "running"])
        self.assertIsNone(steps[0].fraction)
        self.assertEqual({b["block"] for b in steps[1].blocks}, {"source", "pace", "gain", "level", "sink"})
        self.assertEqual(steps[-1].state, "stopped")
        self.assertRaises(AttributeError, lambda: steps[0].nothing)

    def test_products_that_exist_are_refused_until_overwrite(self):
        flowspan.run("small.yaml", out="out")
        with self.assertRaises(flowspan.Refused) as failed:
            flowspan.run("small.yaml", out="out")
        self.assertEqual((failed.exception.expected, failed.exception.code), ("products that do not exist yet", 2))
        self.assertIn("--overwrite", failed.exception.hint)
        flowspan.run("small.yaml", out="out", overwrite=True)

    def test_options_of_the_program_by_their_names(self):
        made = flowspan.run("small.yaml", out="out", begin=100, duration="0.2 s", hash=True, isa="x86-64-v2", patience=20, quiet=True)
        self.same(made["out.cf32"].data, 2 * self.want[100:300])
        self.assertEqual((made.report["numeric_level"], len(made.report["products"][0]["xxh3_128"]), made.log), ("x86-64-v2", 32, []))

    def test_warnings_are_listed(self):
        made = flowspan.run("small.yaml", set=["factor=1"], out="out", duration="5 s")
        self.assertEqual(len(made.warnings), 1)
        self.assertIn("5 s", made.warnings[0])
        self.assertIn(made.warnings[0], "\n".join(made.log))

    def test_check_says_what_a_run_would_make(self):
        said = flowspan.check("small.yaml", set={"factor": 3}, ranks=2, out="out")
        self.assertEqual((said.products, said.warnings), (["out/out.cf32"], []))
        self.assertIn("rank 1: gain, sink", str(said))
        self.assertIn("gain: {type: multiply_const, constant: 3}", said.resolved())
        self.assertFalse(os.path.exists("out"))

    def test_check_has_facts_and_what_exists(self):
        said = flowspan.check("small.yaml", ranks=2, out="out")
        self.assertEqual([rank["blocks"] for rank in said.facts["ranks"]], [["source"], ["gain", "sink"]])
        self.assertTrue(all(rank["memory_bytes"] > 0 for rank in said.facts["ranks"]))
        self.assertEqual([(s["from"], s["to"], s["type"]) for s in said.facts["streams"]],
                         [("source.out", "gain.in", "cf32"), ("gain.out", "sink.in", "cf32")])
        self.assertEqual((said.existing, said.facts["products"][0]["exists"]), ([], False))
        flowspan.run("small.yaml", out="out")
        self.assertEqual(flowspan.check("small.yaml", out="out").existing, ["out/out.cf32"])


class Failing(Case):
    def test_every_mistake_of_a_graph_is_a_diagnostic(self):
        pathlib.Path("wrong.yaml").write_text(WRONG)
        for call in (flowspan.check, flowspan.run):
            with self.assertRaises(flowspan.Refused) as failed:
                call("wrong.yaml")
            error = failed.exception
            self.assertEqual((error.code, error.file, error.line, error.column, error.key, error.expected, error.got),
                             (2, "wrong.yaml", 3, 68, "blocks.source", "a parameter of signal_source", "foo"))
            self.assertTrue(error.hint.startswith("it has: kind, datatype"))
            self.assertEqual([(d.line, d.key, d.got, d.hint) for d in error.diagnostics[1:]],
                             [(4, "blocks.gain.type", "multiply_cons", "did you mean `multiply_const`?"), (5, "blocks.head.length", "-3 samples", "")])
            self.assertIn("    4 |   gain: {type: multiply_cons, constant: 2}\n      |                ^\n", str(error))

    def test_a_built_graph_is_named_by_its_line(self):
        g = flowspan.Graph("built")
        g.add("source", "null_source", sample_rate=1, length=10)
        g.add("sink", "nul_sink")
        g.connect("source", "sink")
        with self.assertRaises(flowspan.Refused) as failed:
            g.run(ranks=2)
        self.assertEqual((failed.exception.key, failed.exception.hint), ("blocks.sink.type", "did you mean `null_sink`?"))
        self.assertEqual(g.to_yaml().splitlines()[failed.exception.line - 1], "  sink: {type: nul_sink}")

    def test_texts_of_diagnostics(self):
        for text, want in {
                "a:b.yaml:3:4: blocks.x: expected a number, got 3: 4, got 5\n    3 | x\n      | ^\n   $x is 3 (--set x=3)\n   hint: y":
                    ("a:b.yaml", 3, 4, "blocks.x", "a number", "3: 4, got 5", "y", ["$x is 3 (--set x=3)"]),
                "a.yaml:3: expected `,`": ("a.yaml", 3, None, "", "`,`", "", "", []),
                "--chunks: expected a number, got x": ("", None, None, "--chunks", "a number", "x", "", []),
                "expected a graph file, got none": ("", None, None, "", "a graph file", "none", "", []),
                "a.yaml:1:1: expected x, got two\nlines\n   hint: h": ("a.yaml", 1, 1, "", "x", "two\nlines", "h", [])}.items():
            d, = flowspan.read_diagnostics(text + "\n")
            self.assertEqual((d.file, d.line, d.column, d.key, d.expected, d.got, d.hint, d.context), want)
            self.assertEqual(str(d), text)
        self.assertEqual([d.got for d in flowspan.read_diagnostics("expected a, got b\nexpected c, got d\n2 mistakes")], ["b", "d"])

    def test_wrong_words_of_the_command_line(self):
        pathlib.Path("small.yaml").write_text(GRAPH)
        with self.assertRaisesRegex(flowspan.Refused, "--nonsense"):
            flowspan.run("small.yaml", nonsense=3)
        with self.assertRaisesRegex(flowspan.Refused, "expected a graph file, got cannot read none.yaml"):
            flowspan.run("none.yaml")

    def test_a_recording_that_is_not_there(self):
        pathlib.Path("small.yaml").write_text(GRAPH)
        for call in (flowspan.check, flowspan.run):
            with self.assertRaises(flowspan.FileRefused) as failed:
                call("small.yaml")
            self.assertEqual((failed.exception.code, failed.exception.key, failed.exception.expected),
                             (3, "blocks.source.path", "a recording that can be read"))
        with self.assertRaises(flowspan.FileError):
            flowspan.info("none.cf32")

    def test_a_block_that_fails_is_named(self):
        g = flowspan.Graph()
        g.add("source", "null_source", sample_rate=1000, length=10**6)
        g.add("outside", "pipe", command=["false"])
        g.add("sink", "null_sink")
        g.connect("source", "outside", "sink")
        with self.assertRaises(flowspan.BlockError) as failed:
            g.run()
        error = failed.exception
        self.assertEqual((error.code, error.block, error.report["state"], str(error)), (4, "outside", "failed", error.report["cause"]))

    def test_an_output_that_fails(self):
        g = flowspan.Graph()
        g.add("source", "null_source", sample_rate=1000, length=10**6)
        g.add("sink", "file_sink", path="/dev/full")
        g.connect("source", "sink")
        with self.assertRaisesRegex(flowspan.FileError, "No space left on device") as failed:
            g.run()
        self.assertEqual(failed.exception.code, 3)
        self.assertNotIsInstance(failed.exception, flowspan.Refused)

    def test_a_rank_that_is_lost(self):
        run = endless().start(ranks=2, until_stopped=True)
        ranks = {}
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                said = dict(word.partition("=")[::2] for word in (entry / "environ").read_text(errors="replace").split("\0"))
                line = (entry / "cmdline").read_text(errors="replace")
            except OSError:
                continue
            if "OMPI_COMM_WORLD_RANK" in said and run._scratch.name in line:
                ranks[said["OMPI_COMM_WORLD_RANK"]] = int(entry.name)
        self.assertEqual(sorted(ranks), ["0", "1"])
        os.kill(ranks["1"], signal.SIGKILL)
        with self.assertRaisesRegex(flowspan.CommunicationError, "rank 1 .*is lost") as failed:
            run.wait()
        self.assertEqual(failed.exception.code, 5)

    def test_a_stop_by_somebody_else_and_one_of_ours(self):
        g = endless()
        g.set("source.length", 10**9)
        run = g.start()
        os.kill(run.pid, signal.SIGTERM)
        with self.assertRaises(flowspan.Stopped) as failed:
            run.wait()
        self.assertEqual((failed.exception.code, failed.exception.report["state"]), (75, "stopped"))
        run = g.start()
        with self.assertRaises(TimeoutError):
            run.wait(0.1)
        run.stop()
        self.assertEqual(run.wait().state, "stopped")
        self.assertIs(run.wait(), run.result)

    def test_a_process_that_is_killed(self):
        run = endless().start(until_stopped=True)
        os.kill(run.pid, signal.SIGKILL)
        with self.assertRaisesRegex(flowspan.Killed, "flowspan ended by SIGKILL"):
            run.wait()
        run = endless().start(until_stopped=True)
        run.kill()
        with self.assertRaisesRegex(flowspan.Killed, "flowspan ended by SIGQUIT") as failed:
            run.wait()
        self.assertEqual(failed.exception.code, 131)

    def test_the_class_of_every_code(self):
        for code, kind in {2: flowspan.Refused, 3: flowspan.FileError, 4: flowspan.BlockError, 5: flowspan.CommunicationError,
                           70: flowspan.ProgramBug, 75: flowspan.Stopped, 1: flowspan.Killed, 137: flowspan.Killed}.items():
            error = flowspan._failure(code, ["14:03:07.120 warning [0 n gain] odd", "flowspan: gain: it broke"], None)
            self.assertIs(type(error), kind)
            self.assertEqual((error.code, error.stderr[-1]), (code, "flowspan: gain: it broke"))
            self.assertIn("gain: it broke", str(error))
            self.assertIsInstance(error, flowspan.FlowspanError)
        self.assertEqual(flowspan._failure(4, ["flowspan: gain: it broke"], None).block, "gain")

    def test_callbacks_and_bodies_that_raise_stop_the_run(self):
        def no(_):
            raise ZeroDivisionError("in a callback")

        run = endless().start(until_stopped=True, progress=no)
        with self.assertRaises(ZeroDivisionError):
            run.wait()
        self.assertTrue(run.ended)
        with self.assertRaises(ZeroDivisionError):
            with endless().start(until_stopped=True) as run:
                raise ZeroDivisionError("in the body")
        self.assertTrue(run.ended)

    def program(self, body, *words, **environment):
        return subprocess.Popen([sys.executable, "-c", "import sys; sys.path[:0] = sys.argv[1:3]; import flowspan; from test_graphs import endless\n" + body,
                                 str(ROOT / "scripts"), str(ROOT / "tests/python"), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                start_new_session=True, env={**os.environ, **environment})

    def test_ctrl_c_stops_the_run_once_and_is_raised(self):
        begin = ("def log(line):\n    if 'reach this run' in line: print('up', flush=True)\n"
                 "g = endless(); g.add('file', 'file_sink', path='a.rf32'); g.connect('level', 'file')\n"
                 "options = dict(until_stopped=True, ranks=2, out=sys.argv[3])\ntry:\n    ")
        for k, how in enumerate(("g.start(on_log=log, **options).wait()", "with g.start(on_log=log, **options) as run:\n        pass",
                                 "with g.start(**options) as run:\n        print('up', flush=True); import time; time.sleep(3600)")):
            started = self.program(begin + how + "\nexcept KeyboardInterrupt:\n    print('interrupted', flush=True)\n", f"out{k}")
            self.assertEqual(started.stdout.readline(), "up\n")
            os.killpg(started.pid, signal.SIGINT)  # as a terminal does
            said, wrong = started.communicate(timeout=120 * SLOWER)
            self.assertEqual((said, started.returncode, wrong), ("interrupted\n", 0, ""))
            self.assertEqual(left_in(os.getcwd()), [])
            self.assertEqual([(n, p.partial) for n, p in flowspan.products(f"out{k}").items()], [("a.partial.rf32", True)])

    def test_another_ctrl_c_ends_it_at_once(self):
        # A run that is stopped by SIGSTOP cannot answer the first one.
        started = self.program("import os, signal\nrun = endless().start(until_stopped=True)\nos.kill(run.pid, signal.SIGSTOP)\n"
                               "try:\n    print(run.pid, flush=True)\n    run.wait()\nexcept KeyboardInterrupt:\n    print('interrupted', flush=True)\n")
        process = int(started.stdout.readline())
        started.send_signal(signal.SIGINT)
        time.sleep(0.5)
        self.assertIsNone(started.poll())
        started.send_signal(signal.SIGINT)
        said, _ = started.communicate(timeout=120 * SLOWER)
        self.assertEqual(said, "interrupted\n")
        self.assertFalse(has_not_ended(process))

    def test_the_end_of_the_program_is_the_end_of_its_runs(self):
        os.mkdir("tmp")
        started = self.program("run = endless().start(until_stopped=True); print(run.pid, flush=True)\n", TMPDIR=os.path.abspath("tmp"))
        said, _ = started.communicate(timeout=120 * SLOWER)
        self.assertRaises(ProcessLookupError, os.kill, int(said), 0)
        self.assertEqual([n for n in os.listdir("tmp") if n.startswith("flowspan-")], [])
        for number in (signal.SIGTERM, signal.SIGKILL):
            started = self.program("run = endless().start(until_stopped=True); print(run.pid, flush=True); run.wait()\n")
            process = int(started.stdout.readline())
            started.send_signal(number)
            started.communicate(timeout=120 * SLOWER)
            while has_not_ended(process):
                time.sleep(0.05)


def has_not_ended(process):
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def left_in(folder):
    """Processes of flowspan and mpirun that were started there and go on."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_text(errors="replace").split("\0")
            if os.readlink(entry / "cwd") == folder and re.search("flowspan$|mpirun$|orted$", words[0]):
                found.append(words)
        except OSError:
            continue
    return found


class Finding(Case):
    """How the program, numpy and h5py are found, or are not."""
    def script(self, body, *flags, **environment):
        kept = {k: v for k, v in os.environ.items() if k not in ("FLOWSPAN", "PYTHONPATH")}
        return subprocess.run([sys.executable, *flags, "-c", body], env={**kept, **environment}, capture_output=True, text=True)

    def test_the_program_by_variable_by_place_and_by_path(self):
        said = "import sys; sys.path.insert(0, {!r}); import flowspan; print(flowspan.program())"
        here = str(ROOT / "scripts")
        got = self.script(said.format(here), FLOWSPAN=os.environ["FLOWSPAN"])
        self.assertEqual(got.stdout.strip(), os.environ["FLOWSPAN"])
        got = self.script(said.format(here), FLOWSPAN="/none/flowspan")
        self.assertIn("ProgramNotFound: FLOWSPAN is /none/flowspan, which is no program that can be run", got.stderr)
        for folder, module in (("p/bin", "p/share/flowspan/python"), ("q/build", "q/scripts")):
            os.makedirs(folder)
            os.makedirs(module)
            os.symlink(os.environ["FLOWSPAN"], folder + "/flowspan")
            shutil.copy(ROOT / "scripts/flowspan.py", module)
        pathlib.Path("q/CMakeLists.txt").touch()
        for module, program in (("p/share/flowspan/python", "p/bin/flowspan"), ("q/scripts", "q/build/flowspan")):
            got = self.script(said.format(os.path.abspath(module)))
            self.assertEqual(got.stdout.strip(), os.path.realpath(".") + "/" + program, got.stderr)
        os.mkdir("alone")
        shutil.copy(ROOT / "scripts/flowspan.py", "alone")
        got = self.script(said.format("alone"), PATH=os.path.abspath("p/bin"))
        self.assertEqual(got.stdout.strip(), os.path.abspath("p/bin/flowspan"))
        got = self.script(said.format("alone"), PATH="/none")
        self.assertIn("ProgramNotFound: no program `flowspan`: set FLOWSPAN to its path, or put its folder on PATH", got.stderr)

    def test_without_numpy_and_without_h5py(self):
        os.mkdir("none")
        pathlib.Path("none/numpy.py").write_text("raise ImportError('none')")
        got = self.script("import sys; sys.path[:0] = ['none', {!r}]; import flowspan".format(str(ROOT / "scripts")))
        self.assertIn(f"ImportError: flowspan needs numpy, which {sys.executable} does not have", got.stderr)
        os.remove("none/numpy.py")
        pathlib.Path("none/h5py.py").write_text("raise ImportError('none')")
        pathlib.Path("a.h5").touch()
        got = self.script("import sys; sys.path[:0] = ['none', {!r}]; import flowspan; flowspan.open_product('a.h5').data".format(str(ROOT / "scripts")))
        self.assertIn("flowspan.Unreadable: a.h5: reading HDF5 needs h5py", got.stderr)

    def test_pip_installs_it_from_its_folder_without_a_network(self):
        shutil.copytree(ROOT / "scripts", "scripts", ignore=lambda d, names: [n for n in names if os.path.isdir(os.path.join(d, n))])
        before = sorted(os.listdir("scripts"))
        os.chmod("scripts", 0o555)  # as in /usr/share
        self.addCleanup(os.chmod, "scripts", 0o755)
        try:
            subprocess.run([sys.executable, "-m", "pip", "--version"], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            self.skipTest("this Python has no pip")
        done = subprocess.run([sys.executable, "-m", "pip", "install", "--no-index", "--no-deps", "--target", "there", "./scripts"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sorted(n for n in os.listdir("there") if n != "__pycache__"), [f"flowspan-{flowspan.__version__}.dist-info", "flowspan.py"])
        self.assertEqual(sorted(n for n in os.listdir("scripts") if n != "__pycache__"), before)
        got = self.script("import sys; sys.path.insert(0, 'there'); import flowspan; print(flowspan.__file__, len(flowspan.blocks()) > 50)",
                          FLOWSPAN=os.environ["FLOWSPAN"])
        self.assertEqual(got.stdout.split(), [os.path.abspath("there/flowspan.py"), "True"], got.stderr)

    def test_the_version_is_that_of_the_project(self):
        said = subprocess.run([flowspan.program(), "--version"], capture_output=True, text=True).stdout
        self.assertIn(flowspan.__version__, said.split("\n")[0])


if __name__ == "__main__":
    unittest.main()
