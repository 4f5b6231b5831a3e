"""Runs flowspan from Python, and reads what it made.

    import flowspan
    result = flowspan.run("fm.yaml", set={"recording": "my.sigmf-meta"}, ranks=2, progress=print)
    for product in result.products:
        print(product.path, product.shape, product.sample_rate)

`run`, `check` and `batch` start the program, `Graph` builds a graph, `start` gives a `Run` that is watched and changed while
it goes on, `products` opens what a folder holds. docs/python.md is the manual. This file needs numpy; HDF5 and Digital RF
need h5py, too. Python 3.8 or later, on the systems that flowspan runs on.

The program is $FLOWSPAN, else the one of the installation or the build that this file belongs to, else the one on PATH.
What the program refuses and what fails becomes an exception (`FlowspanError` and its classes); nothing is guessed: what
cannot be read raises `Unreadable`, and says why.
"""

import atexit
import bisect
import collections
import datetime
import json
import math
import os
import pathlib
import queue
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import urllib.parse
import weakref
import zlib
from fractions import Fraction

try:
    import numpy
except ImportError as missing:
    raise ImportError(f"flowspan needs numpy, which {sys.executable} does not have: "
                      f"{sys.executable} -m pip install numpy h5py") from missing

__version__ = "0.1.0"
__all__ = ["Annotation", "Axis", "Batch", "BlockError", "BlockProxy", "Capture", "Checked", "CommunicationError", "ControlError",
           "Diagnostic", "Event", "FileError", "FileRefused", "FlowspanError", "Graph", "Killed", "Message", "Product",
           "ProgramBug", "ProgramNotFound", "Progress", "Refused", "Reply", "Result", "Run", "Stopped", "Unit", "Unreadable",
           "Watch", "batch", "blocks", "check", "info", "literal", "open_product", "products", "program", "run", "start"]


# ---- errors ---------------------------------------------------------------------------------------------------------------

class FlowspanError(Exception):
    """What the program did not do.

    code: its exit code, None where it did not run. stderr: the lines that it wrote. report: that of the run (a dict), None
    where there is none.
    """
    def __init__(self, text, code=None, stderr=(), report=None):
        super().__init__(text)
        self.code, self.stderr, self.report = code, list(stderr), report


class ProgramNotFound(FlowspanError):
    """There is no executable `flowspan` where one is looked for."""


class Refused(FlowspanError):
    """Wrong input (exit code 2): nothing has run. `diagnostics` has all mistakes, in the order of the file; file, line, column,
    key, expected, got and hint are those of the first. A call through the control socket is refused by the same class."""
    def __init__(self, text, code=None, stderr=(), report=None):
        super().__init__(text, code, stderr, report)
        self.take(read_diagnostics(text) or [Diagnostic(text)])

    def take(self, diagnostics):
        self.diagnostics = diagnostics
        first = diagnostics[0]
        self.file, self.line, self.column, self.key = first.file, first.line, first.column, first.key
        self.expected, self.got, self.hint = first.expected, first.got, first.hint


class FileError(FlowspanError):
    """Input or output failed (exit code 3)."""


class FileRefused(Refused, FileError):
    """A recording cannot be read: refused before the run, with diagnostics (exit code 3)."""


class BlockError(FlowspanError):
    """A block failed while it ran (exit code 4). block: its name, None where the program does not say it."""
    block = None


class CommunicationError(FlowspanError):
    """Ranks could not talk to each other, or one was lost (exit code 5)."""


class Stopped(FlowspanError):
    """Somebody else stopped the run (exit code 75); products are kept as NAME.partial.EXT."""


class ProgramBug(FlowspanError):
    """A bug in flowspan (exit code 70)."""


class Killed(FlowspanError):
    """The program ended by a signal, or by a code that flowspan does not have."""


class ControlError(FlowspanError):
    """Nobody serves the control socket any more: the run has ended, or the connection was lost."""


class Unreadable(FlowspanError, ValueError):
    """A product, or what is asked of it, cannot be read; the text says which and why."""


CLASSES = {2: Refused, 3: FileError, 4: BlockError, 5: CommunicationError, 70: ProgramBug, 75: Stopped}
"""The class of each exit code; what is not here is Killed."""


class Diagnostic:
    """One mistake, as docs/graph-file.md shows it: `file:line:column: key: expected X, got Y`, the line, a hint.

    file, key, expected, got, hint: texts, "" where there is none. line, column: from 1, None where there is none. context: the
    lines between, as "$deviation is 3 s (--set deviation=3 s)". text: all of it. Of a text that is no diagnostic `expected` is
    "" and `text` holds all.
    """
    def __init__(self, text):
        self.text = text.rstrip("\n")
        self.file = self.key = self.expected = self.got = self.hint = ""
        self.line = self.column = None
        self.context = []
        head, *rest = self.text.split("\n")
        while rest and not rest[0].startswith(" "):  # what was got may have several lines
            head += "\n" + rest.pop(0)
        found = (re.match(r"(?s)(?:(?P<file>.*?):)?(?P<line>\d+)(?::(?P<column>\d+))?: (?:(?P<key>.*?): )?expected (?P<rest>.*)", head)
                 or re.match(r"(?s)(?:(?P<key>.*?): )?expected (?P<rest>.*)", head))
        if not found:
            return
        parts = found.groupdict()
        self.file, self.key = parts.get("file") or "", parts["key"] or ""
        self.line, self.column = (int(parts[k]) if parts.get(k) else None for k in ("line", "column"))
        self.expected, _, self.got = parts["rest"].partition(", got ")
        for line in rest:
            if line.startswith("   hint: "):
                self.hint = line[len("   hint: "):]
            elif self.hint:
                self.hint += "\n" + line.strip()  # (a list within a hint)
            elif not re.match(r" *\d+ \| |      \| ", line):
                self.context.append(line.strip())

    def __str__(self):
        return self.text

    def __repr__(self):
        return f"<Diagnostic {self.text.splitlines()[0] if self.text else ''}>"


def read_diagnostics(text):
    """The mistakes in what the program wrote: a list of Diagnostic."""
    found = []
    for line in text.splitlines():
        if re.fullmatch(r"\d+ mistakes", line):
            continue
        head = not line.startswith(" ") and re.match(r"(.*?: )?expected ", line)
        if head:
            found.append([line])
        elif found:
            found[-1].append(line)
    return [Diagnostic("\n".join(lines)) for lines in found]


# ---- the program ----------------------------------------------------------------------------------------------------------

def program():
    """The path of the program: $FLOWSPAN, else that of the installation or the build that this file belongs to (PREFIX/bin of
    PREFIX/share/flowspan/python, ../build of a checkout, bin of a virtual environment), else the one on PATH. Raises
    ProgramNotFound."""
    asked = os.environ.get("FLOWSPAN")
    if asked:
        if not os.access(asked, os.X_OK) or os.path.isdir(asked):
            raise ProgramNotFound(f"FLOWSPAN is {asked}, which is no program that can be run")
        return os.path.abspath(asked)
    here = pathlib.Path(__file__).resolve().parent
    tried = [here.parents[2] / "bin" / "flowspan"] if len(here.parents) > 2 and here.name == "python" else []
    if (here.parent / "CMakeLists.txt").exists():
        tried.append(here.parent / "build" / "flowspan")
    tried.append(pathlib.Path(sys.prefix) / "bin" / "flowspan")
    for path in tried:
        if os.access(path, os.X_OK) and path.is_file():
            return str(path)
    found = shutil.which("flowspan")
    if found:
        return found
    raise ProgramNotFound("no program `flowspan`: set FLOWSPAN to its path, or put its folder on PATH (tried "
                          + ", ".join(map(str, tried)) + ")")


def _diagnostic(facts):
    """One mistake as `check --json` has it."""
    one = Diagnostic(facts["text"])
    for key in ("file", "key", "expected", "got", "hint"):
        setattr(one, key, facts.get(key, ""))
    one.line, one.column, one.context = facts.get("line"), facts.get("column"), facts.get("context", [])
    return one


def _ask(words, graph=None, cwd=None):
    """A command that ends by itself: its stdout. Raises what its exit code says."""
    done = subprocess.run([program(), *words], input=graph, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd,
                          stdin=subprocess.DEVNULL if graph is None else None, encoding="utf-8", errors="replace")
    if done.returncode != 0:
        failure = _failure(done.returncode, done.stderr.splitlines(), None)
        if "--json" in words and isinstance(failure, Refused) and done.stdout.startswith("{"):
            failure.take([_diagnostic(one) for one in json.loads(done.stdout)["mistakes"]])
        raise failure
    return done.stdout


def blocks(plugins=()):
    """The block types, as `flowspan blocks --json` lists them: a dict by type of dicts (kind, parameters, inputs, …)."""
    return {one["type"]: one for one in json.loads(_ask(["blocks", "--json", *_each("--plugin", plugins)]))}


def info(*recordings, plugins=(), **told):
    """What recordings hold, from their headers: a list with a dict each, as `flowspan info --json` prints it. told: what a file does
    not say itself, as datatype="cf32", sample_rate="1 MHz"."""
    words = [word for name, value in told.items() for word in ("--" + name.replace("_", "-"), str(value))]
    return json.loads(_ask(["info", "--json", *_each("--plugin", plugins), *words, *map(os.fspath, recordings)]))


def _each(option, values):
    values = [values] if isinstance(values, (str, os.PathLike)) else values or ()
    return [word for value in values for word in (option, os.fspath(value))]


# `14:03:07.120 warning [2 node7 demod[5]] text`
LOG_LINE = re.compile(r"(?P<time>\d\d:\d\d:\d\d\.\d{3}) (?P<level>trace|debug|info|warning|error) \[(?P<where>.*?)\] (?P<text>.*)")


def _failure(code, lines, report):
    """The exception for an exit code. lines: stderr."""
    lines = [line for line in lines if line.strip()]
    text = "\n".join(lines)
    found = read_diagnostics("\n".join(line for line in lines if not LOG_LINE.match(line)))
    if code in (2, 3) and found:
        return (Refused if code == 2 else FileRefused)("\n".join(map(str, found)), code, lines, report)
    cause = (report or {}).get("cause") or ""
    if not cause:
        last = [line for line in lines if line.startswith("flowspan: ")] or lines[-1:]
        cause = last[-1] if last else ""
        cause = cause[len("flowspan: "):] if cause.startswith("flowspan: ") else cause
    if code == 2:
        cause = text or cause  # of the command line: all that it says
    if code not in CLASSES:
        number = -code if code < 0 else code - 128 if code > 128 else None
        try:
            how = f"by {signal.Signals(number).name}" if number else f"with the code {code}"
        except ValueError:
            how = f"with the code {code}"
        cause = f"flowspan ended {how}" + (f": {cause}" if cause else "")
    failed = CLASSES.get(code, Killed)(cause or f"flowspan ended with the code {code}", code, lines, report)
    if code == 4:
        names = {b["block"] for rank in (report or {}).get("ranks", []) for b in rank.get("blocks", [])}
        head = cause.partition(": ")[0]
        failed.block = head if head in names or re.fullmatch(r"[\w.\-\[\]]+", head) else None
    return failed


# ---- graphs ---------------------------------------------------------------------------------------------------------------

def literal(text):
    """A text that means itself in a graph: `$` is doubled, which there begins a name, and so are braces, which in paths begin
    a placeholder. Give it for paths of files with such names; other texts have no placeholders, so double their `$` alone."""
    return os.fspath(text).replace("$", "$$").replace("{", "{{").replace("}", "}}")


def _number(value):
    if math.isnan(value) or math.isinf(value):
        raise ValueError(f"a graph holds finite numbers, not {value}")
    return repr(value)


def _value(value):
    """A value as a graph file writes it, in flow style. Texts are quoted as JSON quotes them, which YAML reads alike."""
    if isinstance(value, (bool, numpy.bool_)):
        return "true" if value else "false"
    if isinstance(value, (int, numpy.integer)):
        return str(int(value))
    if isinstance(value, (float, numpy.floating)):
        return _number(float(value))
    if isinstance(value, (complex, numpy.complexfloating)):
        value = complex(value)
        return _number(value.real) + ("" if math.copysign(1, value.imag) < 0 else "+") + _number(value.imag) + "j"
    if isinstance(value, Fraction):
        return _value(str(value))
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if isinstance(value, str):
        plain = re.fullmatch(r"[A-Za-z0-9_](?:[A-Za-z0-9_.+/ -]*[A-Za-z0-9_.])?", value)
        if plain and value.lower() not in ("null", "true", "false"):
            return value
        text = json.dumps(value, ensure_ascii=False)
        # What YAML takes for no printable character, or for the end of a line.
        return re.sub("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]", lambda m: f"\\u{ord(m.group()):04x}", text)
    if isinstance(value, numpy.ndarray):
        value = value.tolist()
        return _value(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_value(str(k))}: {_value(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple, range)):
        return "[" + ", ".join(map(_value, value)) + "]"
    raise TypeError(f"a graph holds numbers, booleans, texts, lists and maps, not {type(value).__name__}: {value!r}")


def _set_words(values):
    """`--set` for each of a mapping, or of texts "name=value"."""
    if not values:
        return []
    if isinstance(values, str):
        values = [values]
    texts = [f"{k}={v if isinstance(v, str) else os.fspath(v) if isinstance(v, os.PathLike) else _value(v)}" for k, v in values.items()] \
        if hasattr(values, "items") else list(values)
    return _each("--set", texts)


class BlockProxy:
    """A block of a Graph, or all copies of one, by name: `proxy["out[3]"]` is a port, `proxy[...]` of nothing else."""
    def __init__(self, graph, name, port=None):
        self.graph, self.name, self.port = graph, name, port

    def __getitem__(self, port):
        return BlockProxy(self.graph, self.name, str(port))

    def __str__(self):
        return self.name if self.port is None else f"{self.name}.{self.port}"

    def __repr__(self):
        return f"<block {self}>"

    def set(self, **parameters):
        """Changes parameters of the block in the graph."""
        for key, value in parameters.items():
            self.graph.set(f"{self.name}.{key}", value)
        return self

    def get(self, parameter):
        """The value that the graph has for a parameter. Raises KeyError where it was not given."""
        return self.graph.get(f"{self.name}.{parameter}")


class Graph:
    """A graph that is built call by call, and is written as a graph file (docs/graph-file.md).

        g = flowspan.Graph("gain")
        g.add("source", "vector_source", data=[1, 2, 3], datatype="rf32")
        g.add("gain", "multiply_const", constant=2)
        g.add("sink", "vector_sink")
        g.connect("source", "gain", "sink")
        samples = g.run().fetch("sink")

    Values are numbers, booleans, texts (with units, expressions and `$names`, as in a graph file), lists, arrays and paths.
    Relative paths begin in the working folder when the graph runs. A name that is no identifier, and the parameters `name`,
    `type`, `copies` and `group`, which are arguments of `add`, are given by `parameters={…}`.
    """
    def __init__(self, name=""):
        self.name = name
        self._blocks, self._connections, self._messages = {}, [], []
        self._parameters, self._unused, self._ranks, self._schedule, self._include = {}, [], [], [], []

    def add(self, name, type=None, copies=None, *, group=None, parameters=None, **more):
        """Adds a block, `copies` of it, or the use of a group of an included file (group=…). Returns its BlockProxy."""
        if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
            raise ValueError(f"names of blocks have letters, digits, _ and -, not {name!r}")
        if name in self._blocks:
            raise ValueError(f"the graph has a block {name} already")
        if (type is None) == (group is None):
            raise ValueError(f"{name}: give a type or a group")
        block = {"group": group} if type is None else {"type": type}
        if copies is not None:
            block["copies"] = copies
        for key, value in {**(parameters or {}), **more}.items():
            if value is not None:
                block[key] = self._as_given(block.get("type"), key, value)
        for value in block.values():
            _value(value)  # what a graph cannot hold is said at once
        self._blocks[name] = block
        return BlockProxy(self, name)

    @staticmethod
    def _as_given(type, key, value):
        if type == "vector_source" and key == "data":
            array = numpy.asarray(value)
            if numpy.iscomplexobj(array):  # which the block takes as I, Q, I, Q, …
                array = numpy.stack([array.real, array.imag], axis=-1)
            return array.reshape(-1)
        return value

    def __getitem__(self, name):
        """The BlockProxy of "gain", "gain[3]" or "gain[*]"."""
        if re.sub(r"\[[^]]*\]$", "", name) not in self._blocks:
            raise KeyError(f"the graph has no block {name}")
        return BlockProxy(self, name)

    def __contains__(self, name):
        return name in self._blocks

    def parameter(self, name, default=None, **more):
        """Declares a parameter of the graph (default, unit, range, choices, help); "$name" is then its value."""
        self._parameters[name] = {**({} if default is None else {"default": default}), **more}

    def include(self, *paths):
        """Brings groups and parameters of other files. Relative paths begin in the working folder."""
        self._include += [os.fspath(p) for p in paths]

    def connect(self, *chain, buffer=None):
        """Connects each to the next one: blocks or their ports, as names ("split.out[*]") or BlockProxy. buffer: items that the
        rings hold."""
        self._link(self._connections, chain, {"buffer": buffer})

    def connect_messages(self, *chain, feedback_delay=None, order_of_arrival=False):
        """Connects message ports. feedback_delay: samples; order_of_arrival: as they come, which is not reproducible."""
        self._link(self._messages, chain, {"feedback": None if feedback_delay is None else {"delay": f"{feedback_delay} samples"},
                                           "order": "arrival" if order_of_arrival else None})

    @staticmethod
    def _link(links, chain, options):
        if len(chain) < 2:
            raise ValueError("two blocks and more are connected")
        options = {k: v for k, v in options.items() if v is not None}
        names = [str(one) for one in chain]
        links += [(names, {})] if not options else [([a, b], options) for a, b in zip(names, names[1:])]

    def unused(self, *ports):
        """Outputs that nobody reads, on purpose."""
        self._unused += [str(port) for port in ports]

    def assign(self, ranks, *blocks):
        """Where blocks run: a rank, or a text such as "1-4"; copies are dealt out."""
        self._ranks.append((str(ranks), [str(b) for b in blocks]))

    def at(self, place, name, *value, call=False):
        """Schedules a change: at a sample, a time ("1.5 s") or UTC, the parameter `name` ("gain.constant") becomes the value;
        with call=True the command `name` is called with the values."""
        if not call and len(value) != 1:
            raise ValueError("one value is set")
        self._schedule.append({"at": place, **({"call": name, "with": list(value)} if call else {"set": name, "to": value[0]})})

    def set(self, name, value):
        """Changes "block.parameter" in the graph, or the default of a parameter of the graph."""
        block, key = self._find(name)
        if block is None:
            self._parameters[key]["default"] = value
        else:
            _value(value)
            block[key] = self._as_given(block.get("type"), key, value)

    def get(self, name):
        """What the graph has for "block.parameter", or for a parameter of the graph. Raises KeyError where it was not given."""
        block, key = self._find(name)
        found = self._parameters[key] if block is None else block
        name_in = "default" if block is None else key
        if name_in not in found:
            raise KeyError(f"{name} was not given; `flowspan blocks {(block or {}).get('type', 'TYPE')}` says what is then taken")
        return found[name_in]

    def _find(self, name):
        block, dot, key = name.partition(".")
        if not dot and block in self._parameters:
            return None, block
        if not dot or block not in self._blocks:
            raise KeyError(f"the graph has no block {block}" if dot else f"the graph has no parameter {name}")
        return self._blocks[block], key

    def to_yaml(self):
        """The graph as the text of a graph file."""
        return self._text({})

    def save(self, path):
        """Writes the graph file; relative paths then begin where it lies."""
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.to_yaml())

    def _text(self, instead):
        """instead: blocks by name that are written in place of the graph's own."""
        lines = ["flowspan: 1"]
        if self.name:
            lines.append(f"name: {_value(self.name)}")
        if self._include:
            lines.append(f"include: {_value(self._include)}")
        if self._parameters:
            lines.append("parameters:")
            lines += [f"  {_value(name)}: {_value(declared)}" for name, declared in self._parameters.items()]
        lines.append("blocks:" if self._blocks else "blocks: {}")
        lines += [f"  {_value(name)}: {_value(instead.get(name, block))}" for name, block in self._blocks.items()]
        for section, links in (("connections", self._connections), ("messages", self._messages)):
            if links:
                lines.append(f"{section}:")
            lines += [f"  - {_value(' -> '.join(names) if not options else {'from': names[0], 'to': names[1], **options})}"
                      for names, options in links]
        if self._unused:
            lines.append(f"unused: {_value(self._unused)}")
        if self._ranks:
            merged = {}
            for ranks, named in self._ranks:
                merged.setdefault(ranks, []).extend(named)
            lines.append("ranks:")
            lines += [f"  {_value(ranks)}: {_value(named)}" for ranks, named in merged.items()]
        if self._schedule:
            lines.append("schedule:")
            lines += [f"  - {_value(change)}" for change in self._schedule]
        return "\n".join(lines) + "\n"

    def _prepared(self, scratch):
        """The text to run, and the folders of what `fetch` reads, by block. vector_sink keeps samples in the memory of a rank,
        which is gone with the program: they are written below `scratch` instead, with type, shape, axes, rate and time."""
        instead, folders = {}, {}
        for name, block in self._blocks.items():
            if block.get("type") == "vector_sink":
                folders[name] = (scratch / "fetch" / name, "copies" in block, block.get("limit"))
                below = literal(folders[name][0]) + ("/{index}" if "copies" in block else "")
                kept = {k: v for k, v in block.items() if k not in ("type", "limit")}
                instead[name] = {"type": "hdf5_sink", **kept, "path": below + "/data.h5", "retune": "continue"}
                continue
            large = {k: v for k, v in block.items() if isinstance(v, numpy.ndarray) and v.ndim == 1 and v.size > 1000}
            for key, array in large.items():
                path = scratch / f"{name}.{key}.npy"
                numpy.save(path, array.astype(complex if numpy.iscomplexobj(array) else float))
                large[key] = literal(path)
            if large:
                instead[name] = {**block, **large}
        return self._text(instead), folders

    def check(self, **options):
        """`flowspan.check` of this graph."""
        return check(self, **options)

    def run(self, **options):
        """`flowspan.run` of this graph."""
        return run(self, **options)

    def start(self, **options):
        """`flowspan.start` of this graph."""
        return start(self, **options)


def _input_of(graph, scratch):
    """(the word for the command line, what goes to its stdin or None, the folders of `fetch`). A graph that is built goes
    through a pipe, so that its relative paths begin where the program is."""
    if isinstance(graph, Graph):
        text, folders = graph._prepared(scratch) if scratch else (graph.to_yaml(), {})
        return "/dev/stdin", text, folders
    path = os.fspath(graph)
    return "./" + path if path.startswith("-") else path, None, {}


class Checked:
    """What `flowspan check --json` says of a graph that it does not refuse. facts: all of it, as docs/check.schema.json lists it
    (ranks with their memory, streams, messages, products, …). warnings: what is odd, a list of texts. products: paths of what a run
    would make. existing: those that are there already. text: the same for people. resolved(): the flat graph, as the text of a
    graph file."""
    def __init__(self, facts, again):
        self.facts, self._again, self._text = facts, again, None
        self.warnings = [f"{one.get('block') or one.get('recording')}: {one['text']}" for one in facts["warnings"]]
        self.products = [one.get("path") or one["pattern"] for one in facts["products"]]
        self.existing = facts["existing"]

    @property
    def text(self):
        if self._text is None:
            self._text = self._again()
        return self._text

    def resolved(self):
        return self._again("--resolved")

    def __str__(self):
        return self.text


def _graph_words(values, assignment, out, begin, duration, plugins, options):
    words = [*_set_words(values), *_each("--plugin", plugins)]
    for option, value in (("--ranks", assignment), ("--out", out), ("--from", begin), ("--duration", duration), *options.items()):
        if value is None or value is False:
            continue
        option = option if option.startswith("-") else "--" + option.replace("_", "-")
        words += [option] if value is True else [option, os.fspath(value) if isinstance(value, os.PathLike) else str(value)]
    return words


def check(graph, set=None, ranks=None, *, assignment=None, out=None, begin=None, duration=None, plugins=(), cwd=None, **options):
    """Validates a graph: a path, or a Graph. Returns Checked; raises Refused (FileRefused for recordings) with every mistake.
    Arguments as of `run`."""
    word, text, _ = _input_of(graph, None)
    words = ["check", word, *_graph_words(set, assignment, out, begin, duration, plugins, options)]
    if ranks is not None:
        words += ["-n", str(ranks)]
    facts = json.loads(_ask([*words, "--json"], text, cwd))
    return Checked(facts, lambda *more: _ask([*words, *more], text, cwd))


# ---- runs -----------------------------------------------------------------------------------------------------------------

class Progress(dict):
    """How far a run is: `state` ("running", "stopping", at the end "done", "stopped" or "failed"), `seconds`, `fraction` (0 to 1),
    `eta_s`, `samples`, `samples_per_s`, `times_real_time` (None where it cannot be known), `blocks` (a list of dicts); keys and
    attributes, as docs/control.md lists them."""
    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __str__(self):
        done = "" if self.get("fraction") is None else f"{100 * self['fraction']:3.0f} %  "
        return f"{done}{self.get('samples_per_s') or 0:.3g} samples/s  {self.get('state')}"


class Reply:
    """What a block answered. block: its name. index: the sample of its stream from which on it holds. value: of `get` and
    `call`. all: the replies of all blocks that were asked, where the name is one of several copies."""
    def __init__(self, block, index, value, all=None):
        self.block, self.index, self.value, self.all = block, index, value, all or [self]

    def __repr__(self):
        return f"Reply(block={self.block!r}, index={self.index}, value={self.value!r})"


Event = collections.namedtuple("Event", "block name index time value dropped")
Event.__doc__ = """A value that came while it was watched. index: the sample; time: seconds of the recording, None where there is
no rate; dropped: how many before it found no room."""


class Watch:
    """The events of one watch: iterate over it, until the run ends or `close` is called."""
    most = 65536  # events that wait to be taken; the oldest go, and are counted in `dropped` of the next

    def __init__(self, control, number):
        self._control, self.number, self._open = control, number, True
        self._events, self._ready, self._lost = collections.deque(), threading.Condition(), 0

    def _put(self, params):
        event = Event(params.get("block"), params.get("name"), params.get("index"), params.get("time"), params.get("value"),
                      params.get("dropped", 0))
        with self._ready:
            if len(self._events) >= self.most:
                self._lost += 1 + self._events.popleft().dropped
            self._events.append(event)
            self._ready.notify_all()

    def _end(self):
        with self._ready:
            self._open = False
            self._ready.notify_all()

    def take(self, timeout=0):
        """The next event; None when none came within so many seconds (None: any time) or none can come any more."""
        with self._ready:
            self._ready.wait_for(lambda: self._events or not self._open, timeout)
            if not self._events:
                return None
            event = self._events.popleft()
            lost, self._lost = self._lost, 0
            return event._replace(dropped=event.dropped + lost)

    def __iter__(self):
        return self

    def __next__(self):
        event = self.take(None)
        if event is None:
            raise StopIteration
        return event

    def close(self):
        """Ends the watch; what has come can still be taken."""
        if self._open:
            try:
                self._control.ask("unwatch", {"watch": self.number})
            except FlowspanError:
                pass
            self._control.forget(self)
            self._end()


class Control:
    """A connection to the socket of a run or a batch: docs/control.md's protocol. One thread reads; any may ask."""
    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.settimeout(30)
            self._socket.connect(os.fspath(path))
            self._file = self._socket.makefile("r", encoding="utf-8", newline="\n")
            said = json.loads(self._file.readline() or "null") or {}
            self.hello = said.get("params", {})
            if said.get("method") != "hello":
                raise ControlError((said.get("error") or {}).get("message", "the connection was closed"))
            if self.hello.get("protocol") != 1:
                raise ControlError(f"it speaks version {self.hello.get('protocol')} of the protocol, and this file version 1")
        except (OSError, ValueError, ControlError) as error:
            self._socket.close()
            if hasattr(self, "_file"):
                self._file.close()
            raise ControlError(f"nobody serves {path}: {error}") from error
        self._socket.settimeout(None)
        self.ended = None  # the state that `end` said, "" where the connection was lost
        self._waiting, self._watches = {}, {}
        self._next, self._lock = 1, threading.Lock()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        state = ""
        try:
            for line in self._file:
                message = json.loads(line)
                if message.get("method") == "event":
                    self._seen(message["params"])
                elif message.get("method") == "end":
                    state = message["params"].get("state", "")
                elif "id" in message and message["id"] is not None:
                    with self._lock:
                        answer = self._waiting.pop(message["id"], None)
                    if answer:
                        if "watch" in (message.get("result") or {}):
                            self._begin(message["result"]["watch"])
                        answer.put(message)
        except (OSError, ValueError):
            pass
        with self._lock:
            self.ended = state
            waiting, self._waiting = self._waiting, {}
            watches = list(self._watches.values())
        for answer in waiting.values():
            answer.put(None)
        for watch in watches:
            watch._end()
        self._file.close()
        self._socket.close()

    def _begin(self, number):
        with self._lock:
            self._watches.setdefault(number, Watch(self, number))

    def _seen(self, params):
        with self._lock:
            watch = self._watches.get(params.get("watch"))
        if watch:
            watch._put(params)

    def forget(self, watch):
        with self._lock:
            self._watches.pop(watch.number, None)

    def watch_of(self, number):
        with self._lock:
            return self._watches[number]

    def ask(self, method, params=None, timeout=None):
        """The result of a request. Raises Refused, ControlError, or TimeoutError after so many seconds."""
        answer = queue.Queue()
        with self._lock:
            if self.ended is not None:
                raise ControlError("the run has ended" if self.ended else "the connection to the run was lost")
            number = self._next
            self._next += 1
            self._waiting[number] = answer
        line = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, **({"params": params} if params else {})},
                          allow_nan=False)
        try:
            self._socket.sendall(line.encode() + b"\n")
        except OSError:
            pass  # the reader hears of it
        try:
            message = answer.get(timeout=timeout)
        except queue.Empty:
            with self._lock:
                self._waiting.pop(number, None)
            raise TimeoutError(f"no answer to `{method}` within {timeout} s") from None
        if message is None:
            raise ControlError("the run has ended" if self.ended else "the connection to the run was lost")
        if "error" in message:
            code, text = message["error"].get("code"), message["error"].get("message", "")
            raise ControlError(text) if code == -32001 else Refused(text)
        return message["result"]

    def finish(self):
        """Whoever serves it has ended: what it has said last is read."""
        self._reader.join(10)
        self.close()

    def close(self):
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._reader.join(10)


def _plain(value):
    """What JSON has no words for, as the control socket takes it."""
    if isinstance(value, (complex, numpy.complexfloating)):
        return _value(complex(value))
    if isinstance(value, (numpy.generic, numpy.ndarray)):
        return _plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    return value


_alive = weakref.WeakSet()  # processes that the end of this program must not leave behind


@atexit.register
def _end_all():
    for started in list(_alive):
        started.stop_and_wait(60)


class _Started:
    """A process of the program, in a session of its own: what a terminal sends to this program reaches it once, from here."""
    def __init__(self, words, stdin, cwd, env):
        self.lines, self._guarding = [], threading.Lock()
        self.process = subprocess.Popen([program(), *words], stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                                        stderr=subprocess.PIPE, cwd=cwd, env=env, start_new_session=True)
        _alive.add(self)
        # However this program ends, the pipe to the guard ends with it, and then what was started is stopped.
        self._guard = subprocess.Popen(["/bin/sh", "-c", 'read -r _ || kill -TERM "$0"', str(self.process.pid)], stdin=subprocess.PIPE,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        self._threads = [threading.Thread(target=self._read, daemon=True)]
        if stdin is not None:
            self._threads.append(threading.Thread(target=self._write, args=(stdin.encode("utf-8"),), daemon=True))
        for thread in self._threads:
            thread.start()

    def _read(self):
        for line in self.process.stderr:
            self.lines.append(line.decode("utf-8", "replace").rstrip("\n").rpartition("\r")[2])
        try:
            os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOWAIT)
        except OSError:
            pass  # somebody has waited for it already
        self._dismiss_guard()

    def _dismiss_guard(self):
        """The process id is, or will soon be, another one's."""
        with self._guarding:
            self._guard.kill()
            self._guard.wait()
            self._guard.stdin.close()

    def _write(self, text):
        try:
            with self.process.stdin as pipe:
                pipe.write(text)
        except OSError:
            pass  # it ended before it read all: its exit code says why

    def send(self, number):
        if self.process.poll() is None:
            try:
                self.process.send_signal(number)
            except OSError:
                pass

    def ended(self):
        return self.process.poll() is not None

    def join(self):
        """All that it wrote has come."""
        code = self.process.wait()
        self._dismiss_guard()
        for thread in self._threads:
            thread.join(10)  # (a grandchild may hold the pipe)
        if not self._threads[0].is_alive():
            self.process.stderr.close()
        _alive.discard(self)
        return code

    def stop_and_wait(self, patience_s=None):
        """Asks for a stop and waits for it; Ctrl-C meanwhile, or patience that is over, ends it at once."""
        try:
            self.send(signal.SIGINT)
            self.process.wait(patience_s)
        except BaseException as error:
            self.kill()
            if not isinstance(error, subprocess.TimeoutExpired):
                self.join()
                raise
        self.join()

    def kill(self):
        """Nothing is published; what does not end within ten seconds is killed."""
        self.send(signal.SIGQUIT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except OSError:
                pass
            self.process.wait()


class _Scratch:
    """A folder for a run's own files, which goes with this object; its path leaves room for that of a socket (107 bytes)."""
    def __init__(self):
        self.name = tempfile.mkdtemp(prefix="flowspan-", dir="/tmp" if len(os.fsencode(tempfile.gettempdir())) > 70 else None)
        weakref.finalize(self, shutil.rmtree, self.name, True)


class _StillRunning(TimeoutError):
    pass


class Result:
    """A run that has ended well, or was stopped on request.

    state: "done" or "stopped". code: 0 or 75. report: docs/report.md's, a dict. products: a list of Product, those of
    `vector_sink` left out. warnings: a list of texts. log: the lines of stderr. summary: the report's `summary`.
    """
    def __init__(self, run, code, report):
        self.code, self.state = code, "done" if code == 0 else "stopped"
        self.report, self.log = report, run._started.lines
        self.summary = report.get("summary", {})
        self.warnings = [m["text"] for m in map(LOG_LINE.match, self.log) if m and m["level"] == "warning"]
        self._folders, self._scratch, self._cwd = run._folders, run._scratch, run._cwd
        self.products = self._products()

    def _products(self):
        own = os.path.join(self._scratch.name, "")
        paths = [os.path.join(self._cwd, p["path"]) for p in self.report.get("products", [])]
        return _open_all([p for p in paths if not p.startswith(own)])

    def __getitem__(self, path):
        """The product whose path ends in this one."""
        found = [p for p in self.products if p.path == path or p.path.endswith(os.sep + path)]
        if len(found) != 1:
            raise KeyError(f"{len(found)} products end in {path}: " + ", ".join(p.path for p in self.products))
        return found[0]

    def sink(self, name):
        """The stretches that a `vector_sink` of a Graph got: a list of Product, one where nothing was missing; axes, rate and
        time as of `hdf5_sink`. "sink[3]" is a copy. They lie in a folder that goes with this object."""
        block, _, index = name.partition("[")
        if block not in self._folders:
            raise KeyError(f"{name} is no vector_sink of this graph; it has " + (", ".join(self._folders) or "none"))
        folder, copies, limit = self._folders[block]
        if copies:
            if not index:
                raise KeyError(f"{name} has copies: ask for {name}[0], …")
            folder = folder / index.rstrip("]")
        found = sorted(folder.glob("*.h5"), key=lambda p: [int(n) for n in re.findall(r"\.(\d+)\.", p.name)] or [1])
        return [open_product(path) for path in found]

    def fetch(self, name):
        """The items that a `vector_sink` of a Graph got, one stretch after the other: an array of shape (items, axes of an
        item …) and of the stream's type; complex integers have the fields r and i."""
        parts = [product.data for product in self.sink(name)]
        if not parts:
            raise Unreadable(f"{name} got nothing")
        return parts[0] if len(parts) == 1 else numpy.concatenate(parts)

    def __repr__(self):
        return f"<Result {self.state}: {len(self.products)} products>"


def _bytes_of(size):
    """Of "64 MiB", or of a number of bytes; None where it is an expression."""
    units = {"": 1, "B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
    found = re.fullmatch(r"\s*([\d.e+]+)\s*(\w*)\s*", str(size))
    return int(float(found[1]) * units[found[2]]) if found and found[2] in units else None


class Run:
    """A run that was started. `with` waits for its end; where its body raises, the run is stopped.

        with flowspan.start("fm.yaml", ranks=2) as run:
            print(run.set("gain.constant", 3).index)
        print(run.result.products)

    Calls through the control socket (`status`, `get`, `set`, `call`, `watch`, `stop`) raise Refused, or ControlError once the run
    has ended. They may be made by any thread.
    """
    def __init__(self, graph, words, cwd, env, control, progress, progress_every_s, on_log, report):
        self._scratch = _Scratch()
        scratch = pathlib.Path(self._scratch.name)
        self._cwd = os.path.abspath(cwd or os.getcwd())
        word, text, self._folders = _input_of(graph, scratch)
        self._report = scratch / "report.json" if report is None else pathlib.Path(self._cwd, report)
        self.result, self._asked_to_stop, self._control = None, False, None
        self._progress, self._every, self._on_log, self._said = progress, progress_every_s, on_log, 0
        self._callbacks = []
        self._socket = scratch / "run.sock"
        words = ["run", word, "--progress", "off", "--report", str(self._report), *words]
        if control or progress:
            words += ["--control", str(self._socket)]
        self._until_stopped = "--until-stopped" in words
        self._started = _Started(words, text, cwd, env)
        self._began = time.monotonic()
        if control:
            self._guarded(self._meet)

    @property
    def pid(self):
        return self._started.process.pid

    @property
    def ended(self):
        """Whether the program has ended; `wait` then says how."""
        return self._started.ended()

    def _meet(self):
        """Until the run serves its socket, or has ended. What is refused is raised."""
        while not self._connect():
            if self._started.ended():
                self.wait()
                return
            time.sleep(0.01)

    def _connect(self):
        if self._control is None and self._socket.exists():
            try:
                self._control = Control(self._socket)
            except ControlError:
                pass  # not yet, or not any more
        return self._control is not None

    def _ask(self, method, params=None, timeout=None):
        if self._control is None and not self._connect():
            raise ControlError("the run has ended" if self.ended else "the run serves no control socket: start it by `start`")
        return self._control.ask(method, params, timeout)

    def status(self):
        """How far it is: Progress."""
        return Progress(self._ask("status"))

    def get(self, name):
        """The value of "block.parameter" for the next sample: Reply."""
        return self._replies(self._ask("get", {"name": name})["values"])

    def set(self, name, value, at=None, timeout=None):
        """Changes "block.parameter"; returns when it is so: a Reply with the index of the first sample that it holds for.

        value: of the parameter's type, or a text with a unit ("75 kHz"). at: a sample of the block's input, a time in the
        recording ("1.5 s") or UTC; without it the next one that can be. Where one of several copies refuses, Refused names it,
        and the others hold all the same. timeout: seconds to wait for the answer, which comes when the change is made.
        """
        return self._replies(self._ask("set", {"name": name, "value": _plain(value), **({} if at is None else {"at": at})}, timeout)["changes"],
                             value)

    def call(self, name, *arguments, at=None, timeout=None):
        """Calls the command "block.command"; a Reply with what it returns."""
        params = {"name": name, "arguments": _plain(arguments), **({} if at is None else {"at": at})}
        return self._replies(self._ask("call", params, timeout)["results"])

    @staticmethod
    def _replies(entries, value=None):
        refused = [e for e in entries if "refused" in e]
        if refused:
            raise Refused("\n".join(f"{e['block']}: {e['refused']}" for e in refused))
        all = [Reply(e["block"], e.get("index"), e.get("value", value)) for e in entries]
        all[0].all = all
        return all[0]

    def watch(self, name, callback=None):
        """Each new value of a parameter, a reading or a message port, as "probe.rms": a Watch to iterate over. With a callback,
        `wait` calls it with each Event."""
        watch = self._control_or_raise().watch_of(self._ask("watch", {"name": name})["watch"])
        if callback:
            self._callbacks.append((watch, callback))
        return watch

    def _control_or_raise(self):
        self._ask("status")
        return self._control

    def stop(self):
        """Ends every source where it is; products are kept as NAME.partial.EXT. Returns at once: `wait` gives the Result."""
        self._asked_to_stop = True
        try:
            self._ask("stop")
        except ControlError:
            self._started.send(signal.SIGTERM)

    def kill(self):
        """Ends it as a failure does: nothing is published."""
        self._started.kill()

    def wait(self, timeout=None):
        """Waits for the end; calls callbacks meanwhile. Returns the Result, or raises what became of the run. Ctrl-C stops the
        run, waits for its end, and is raised then; another one ends it at once. A callback that raises stops it likewise.
        timeout: seconds, then TimeoutError; the run goes on."""
        return self.result or self._guarded(lambda: self._wait(timeout))

    def _guarded(self, body):
        try:
            return body()
        except _StillRunning:
            raise
        except BaseException:
            self._started.stop_and_wait()
            raise

    def _wait(self, timeout):
        deadline = None if timeout is None else time.monotonic() + timeout
        next_progress = time.monotonic()
        while not self._started.ended():
            now = time.monotonic()
            if deadline is not None and now >= deadline:
                raise _StillRunning(f"the run goes on after {timeout} s")
            if self._progress and now >= next_progress and self._connect():
                next_progress = now + self._every
                try:
                    status = Progress(self._control.ask("status", timeout=30))
                except (ControlError, TimeoutError):
                    status = None  # it is ending
                if status is not None:
                    self._progress(status)
            self._call_back()
            try:
                self._started.process.wait(0.02)
            except subprocess.TimeoutExpired:
                pass
        code = self._started.join()
        if self._control is not None:
            self._control.finish()
        self._call_back()
        return self._end(code)

    def _call_back(self):
        for watch, callback in self._callbacks:
            while (event := watch.take(0)) is not None:
                callback(event)
        while self._on_log and self._said < len(self._started.lines):
            self._said += 1
            self._on_log(self._started.lines[self._said - 1])

    def _end(self, code):
        try:
            report = json.loads(self._report.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            report = None
        if code == 0 and report is None:
            raise Killed("flowspan ended with the code 0 and wrote no report", 0, self._started.lines)
        if self._progress:
            state = "done" if code == 0 else "stopped" if code == 75 else "failed"
            summary = (report or {}).get("summary", {})
            self._progress(Progress(state=state, fraction=1.0 if code == 0 else None, eta_s=0.0 if code == 0 else None, blocks=[],
                                    seconds=(report or {}).get("seconds", time.monotonic() - self._began),
                                    samples=summary.get("samples"), samples_per_s=summary.get("samples_per_s"),
                                    times_real_time=summary.get("times_real_time")))
        if code != 0 and not (code == 75 and report is not None and (self._asked_to_stop or self._until_stopped)):
            raise _failure(code, self._started.lines, report)
        self.result = Result(self, code, report)
        for name, (folder, _, limit) in self._folders.items():
            most = _bytes_of(2**28 if limit is None else limit)
            held = sum(p["bytes"] for p in report["products"] if p["path"].startswith(os.path.join(str(folder), "")))
            if most is not None and held > most and self._held(name) > most:
                failed = BlockError(f"{name}: the stream has more than the limit of {most} bytes", 4, self._started.lines, report)
                failed.block = name
                self.result = None
                raise failed
        return self.result

    def _held(self, name):
        folder, copies, _ = self._folders[name]
        names = [f"{name}[{p.name}]" for p in folder.iterdir()] if copies else [name]
        return max(sum(product.nbytes for product in self.result.sink(one)) for one in names)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            self.wait()
        elif self.result is None:
            self._started.stop_and_wait()
        if self._control is not None:
            self._control.close()


def start(graph, set=None, ranks=None, *, assignment=None, out=None, begin=None, duration=None, plugins=(), overwrite=False,
          until_stopped=False, progress=None, progress_every_s=0.5, on_log=None, report=None, cwd=None, env=None, _control=True,
          **options):
    """Starts a run and returns when it can be reached: a Run. Arguments as of `run`. Raises what refuses it."""
    words = _graph_words(set, assignment, out, begin, duration, plugins,
                         {"overwrite": overwrite, "until_stopped": until_stopped, **options})
    if ranks is not None:
        words += ["-n", str(ranks)]
    return Run(graph, words, cwd, env, _control, progress, progress_every_s, on_log, report)


def run(graph, set=None, ranks=None, **more):
    """Runs a graph to its end: a Result.

    graph: the path of a graph file, or a Graph. set: parameters, {"recording": "my.sigmf-meta", "gain.constant": 2}. ranks: how
    many, started by mpirun (None: one, or those that this program was started on). assignment: "auto", "fold" or a file, as
    `--ranks`. out: the folder for products. begin, duration: samples, or texts ("2.5 s"), as `--from` and `--duration`. plugins:
    paths. overwrite: replace products. until_stopped: allow sources without an end. progress: called with a Progress every
    progress_every_s seconds, and once at the end. on_log: called with each line of stderr. report: a file for the report, which
    Result.report holds in any case. cwd, env: of the program. What else is
    named is an option of `flowspan run`: patience=3, isa="avx2", hash=True, memory="8 GiB", quiet=True.

    Raises Refused (2), FileError (3), BlockError (4), CommunicationError (5), Stopped (75), ProgramBug (70) or Killed, all of
    them FlowspanError; ProgramNotFound. Ctrl-C stops the run, as it would stop `flowspan run`, and is raised at its end.
    """
    return start(graph, set, ranks, _control=False, **more).wait()


# ---- products -------------------------------------------------------------------------------------------------------------

READERS = {"file_sink": {"raw": "raw", "npy": "npy", "sigmf": "sigmf"}, "wav_sink": "wav", "hdf5_sink": "hdf5",
           "digital_rf_sink": "digital_rf", "burst_sink": "sigmf", "sigmf_annotations": "annotations", "message_log": "messages",
           "waterfall_png": "picture", "psd_png": "picture", "vector_sink": "hdf5", "null_sink": None}
"""The kind of Product by the sink that makes it; None where it makes none. vector_sink: of a Graph, see Result.fetch."""

RAW_TYPES = {
    "cf32": "cf32 fc32 cfile complex", "cf64": "cf64 fc64", "ci32": "cs32 sc32 ci32 c32", "ci16": "cs16 sc16 ci16 c16 complex32s",
    "ci8": "cs8 sc8 ci8 c8 hackrf complex16s", "cu32": "cu32", "cu16": "cu16 complex32u", "cu8": "cu8 uc8 complex16u",
    "rf32": "rf32 f32", "rf64": "rf64 f64", "ri32": "ri32 s32", "ri16": "ri16 s16", "ri8": "ri8 s8", "ru32": "ru32 u32",
    "ru16": "ru16 u16", "ru8": "ru8 u8"}
"""What endings of raw files say, as flowspan reads them (docs/recordings.md)."""
_TYPE_OF_ENDING = {ending: kind for kind, endings in RAW_TYPES.items() for ending in endings.split()}


def sample_dtype(datatype):
    """numpy's type for one of flowspan or SigMF: "cf32", "ci16_le". Complex integers have the fields r and i. Raises ValueError."""
    found = re.fullmatch(r"([cr])([fiu])(8|16|32|64)(?:_(le|be))?", datatype)
    if not found or (found[2] == "f") != (found[3] in ("32", "64")) and found[2] == "f" or found[2] != "f" and found[3] == "64":
        raise ValueError(f"expected a sample type such as cf32 or ci16_le, got {datatype}")
    order = ">" if found[4] == "be" else "<" if found[4] else "="
    size = int(found[3]) // 8
    if found[1] == "r":
        return numpy.dtype(f"{order}{found[2]}{size}")
    if found[2] == "f":
        return numpy.dtype(f"{order}c{2 * size}")
    return numpy.dtype([("r", f"{order}{found[2]}{size}"), ("i", f"{order}{found[2]}{size}")])


def exact_time(utc):
    """Seconds since 1970 of a time in RFC 3339, exactly: a Fraction. Raises ValueError."""
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([Zz])|([+-])(\d\d):(\d\d))?", utc)
    if not found:
        raise ValueError(f"expected a time such as 2026-01-31T12:00:00Z, got {utc}")
    whole = (datetime.datetime(*map(int, found.group(1, 2, 3, 4, 5)), min(int(found[6]), 59)) - datetime.datetime(1970, 1, 1))
    seconds = Fraction(whole.days * 86400 + whole.seconds + max(0, int(found[6]) - 59))
    if found[7]:
        seconds += Fraction(int(found[7]), 10 ** len(found[7]))
    if found[9]:
        seconds -= (1 if found[9] == "+" else -1) * (int(found[10]) * 3600 + int(found[11]) * 60)
    return seconds


def _utc_text(seconds):
    """RFC 3339 of seconds since 1970, with as many decimals as are exact, at most 12."""
    picos = math.floor(seconds * 10**12 + Fraction(1, 2))
    whole, rest = divmod(picos, 10**12)
    text = (datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=whole)).strftime("%Y-%m-%dT%H:%M:%S")
    decimals = f"{rest:012}".rstrip("0")
    return text + (f".{decimals}" if decimals else "") + "Z"


class Axis:
    """An axis of an array. name: "time", "frequency", "channel", …. unit: "s", "Hz", …; "" where there is none. size. first,
    step: position k is at first + k · step; None where positions are not equally far apart. values: all of them (64-bit floats)."""
    def __init__(self, name, unit, size, first=0, step=1, values=None):
        self.name, self.unit, self.size, self.first, self.step, self._values = name, unit, size, first, step, values
        if values is not None:
            self.first = self.step = None

    @property
    def values(self):
        return float(self.first) + numpy.arange(self.size) * float(self.step) if self._values is None else self._values()

    def __repr__(self):
        where = "" if self.first is None else f", first={float(self.first):g}, step={float(self.step):g}"
        return f"Axis({self.name!r}, {self.unit!r}, size={self.size}{where})"


Capture = collections.namedtuple("Capture", "start missing utc center_frequency fields")
Capture.__doc__ = """Where samples begin that follow on each other. start: the item. missing: how many samples the recording lacks
before it, since the capture before (a Fraction where times say it). utc: its text, None where it is not known. center_frequency:
Hz or None. fields: a dict of all that the header says."""

Annotation = collections.namedtuple("Annotation", "start count label freq_lower_edge freq_upper_edge comment fields")
Annotation.__doc__ = """A part of a recording. start: the item of the array; count: items, None where it is not said. Edges in Hz,
label and comment are None where they are not said. fields: a dict of all that the header says, `flowspan:…` included."""

Message = collections.namedtuple("Message", "port stamp value")
Message.__doc__ = """port: the input that it came to. stamp: seconds since sample 0, a Fraction. value: what the block said, as JSON."""


class Product:
    """A file, or a folder, that flowspan made. What costs time is read when it is asked for.

    path, files (all of its paths), kind (raw, npy, sigmf, wav, hdf5, digital_rf, annotations, messages, picture, report, other),
    partial (kept by a stop: NAME.partial.EXT).

    shape, dtype; data: the array, axis 0 the items; memory-mapped and read-only but for HDF5, Digital RF, 24-bit WAV files,
    pictures and messages, which are read at once. product[a:b] reads these items alone. `complex()` and `scaled()` convert.

    axes: an Axis for each axis of the array. sample_rate: items a second, a float; rate: the same exactly, a Fraction.
    center_frequency: Hz. unit, full_scale: of the values. utc: of the first item, a text in RFC 3339; time: the same as
    numpy.datetime64, to a nanosecond. captures, annotations: lists. metadata: what else the header says, a dict. What the file
    does not say is None, or an empty list.

    Every attribute that needs the file raises Unreadable where it cannot be read.
    """
    kind = "other"

    def __init__(self, path, files=None):
        self.path = os.fspath(path)
        self.files = [self.path] if files is None else files
        self.partial = bool(re.search(r"\.partial(\.\d+)?(\.[^.]*)?$", self.path))
        self._facts_read = None

    # What a kind says: a dict of the attributes above, and `array`, a function of a selection of items.
    def _facts(self):
        raise Unreadable(f"{self.path}: " + ("flowspan.py has no reader for this kind of file" if os.path.isfile(self.path)
                                             else "it is a folder, a pipe or a device, no file"))

    def _fact(self, name, otherwise=None):
        if self._facts_read is None:
            try:
                self._facts_read = self._facts()
            except Unreadable:
                raise
            except (OSError, ValueError, KeyError, IndexError, TypeError, EOFError, struct.error, zlib.error, tarfile.TarError) as error:
                raise Unreadable(f"{self.path}: {error}") from error
        return self._facts_read.get(name, otherwise)

    def _array(self):
        array = self._fact("array")
        if array is None:
            raise Unreadable(f"{self.path}: {self._fact('why', 'it holds no array')}")
        return array

    @property
    def shape(self):
        return tuple(self._array().shape)

    @property
    def dtype(self):
        return self._array().dtype

    @property
    def nbytes(self):
        return math.prod(self.shape) * self.dtype.itemsize

    def __len__(self):
        return self.shape[0]

    @property
    def data(self):
        return self._array()[:] if not isinstance(self._array(), numpy.ndarray) else self._array()

    def __getitem__(self, selection):
        return self._array()[selection]

    def __array__(self, dtype=None, copy=None):
        return numpy.array(self.data, dtype) if copy else numpy.asarray(self.data, dtype)

    @property
    def rate(self):
        return self._fact("rate")

    @property
    def sample_rate(self):
        return None if self.rate is None else float(self.rate)

    @property
    def center_frequency(self):
        return self._fact("center_frequency")

    @property
    def unit(self):
        return self._fact("unit")

    @property
    def full_scale(self):
        return self._fact("full_scale")

    @property
    def utc(self):
        return self._fact("utc")

    @property
    def time(self):
        return None if self.utc is None else numpy.datetime64(math.floor(exact_time(self.utc) * 10**9 + Fraction(1, 2)), "ns")

    @property
    def captures(self):
        return self._fact("captures", [])

    @property
    def annotations(self):
        return self._fact("annotations", [])

    @property
    def metadata(self):
        return self._fact("metadata", {})

    @property
    def axes(self):
        shape = self.shape
        axes = list(self._fact("axes", []))
        if not axes or axes[0] is None:
            rate = self.rate
            late = [c for c in self.captures[1:] if c.missing]
            if rate is None:
                axes[:1] = [Axis("index", "", shape[0], self._fact("first_index", 0))]
            elif late:
                axes[:1] = [Axis("time", "s", shape[0], values=self._times)]
            else:
                axes[:1] = [Axis("time", "s", shape[0], 0, 1 / rate)]
        return axes + [Axis("channel" if self._fact("channels") else f"axis_{k}", "", n) for k, n in enumerate(shape) if k >= len(axes)]

    def _times(self):
        items = numpy.arange(len(self), dtype=float)
        missing = Fraction(0)
        for capture in self.captures[1:]:
            missing += capture.missing
            if capture.missing:
                items[capture.start:] = numpy.arange(capture.start, len(self)) + float(missing)
        return items / float(self.rate)

    def times(self):
        """Seconds of each item since the first one, missing samples counted: an array of 64-bit floats. Raises Unreadable where
        the rate is not known."""
        if self.rate is None:
            raise Unreadable(f"{self.path}: its sample rate is not known")
        return self._times()

    def scaled(self, selection=slice(None)):
        """Items as floats, of which full scale is 1: (x - z) / s, with the full scale s of the product (else that of the type:
        2^(bits-1) of integers, 1 of floats) and the middle z of unsigned integers. complex64 or float32; of 64-bit floats
        complex128 or float64."""
        items = numpy.asarray(self[selection])
        if items.dtype.kind == "O":
            raise Unreadable(f"{self.path}: {self.kind} are no samples")
        part = items.dtype["r"] if items.dtype.names else items.dtype
        integer = part.kind in "iu"
        scale = self.full_scale or (2.0 ** (8 * part.itemsize - 1) if integer else 1.0)
        middle = 2.0 ** (8 * part.itemsize - 1) - 0.5 if part.kind == "u" else 0.0
        wide = not integer and part.itemsize == (16 if part.kind == "c" else 8)
        if items.dtype.names:
            made = numpy.empty(items.shape, "c16")
            made.real, made.imag = items["r"], items["i"]
            return ((made - complex(middle, middle)) / scale).astype("c8")
        kind = ("c" if part.kind == "c" else "f") + str((16 if part.kind == "c" else 8) if wide else (8 if part.kind == "c" else 4))
        return ((items.astype("c16" if part.kind == "c" else "f8") - middle) / scale).astype(kind)

    def complex(self, selection=slice(None)):
        """Items as complex numbers of full scale 1. Of real ones the two numbers on the last axis are I and Q, as in WAV files
        and NumPy arrays, which do not say it themselves: shape (items, 2 n) becomes (items, n), (items, 2) becomes (items,)."""
        made = self.scaled(selection)
        if made.dtype.kind == "c":
            return made
        if made.ndim < 2 or made.shape[-1] % 2:
            raise Unreadable(f"{self.path}: {made.shape} are no pairs of I and Q")
        pairs = made[..., 0::2] + 1j * made[..., 1::2]
        return pairs[..., 0] if pairs.shape[-1] == 1 else pairs

    def __repr__(self):
        return f"<Product {self.kind} {self.path}>"


def _mapped(path, dtype, count, offset=0):
    """So many values of a file, memory-mapped."""
    if count == 0:
        return numpy.empty(0, dtype)
    return numpy.memmap(path, dtype, "r", offset, (count,))


class _Raw(Product):
    kind = "raw"

    def _facts(self):
        datatype = _TYPE_OF_ENDING.get(pathlib.Path(self.path).suffix[1:].lower())
        if datatype is None:
            raise Unreadable(f"{self.path}: its name does not say the type of its samples; read(\"cf32\") reads it as such")
        return {"array": self.read(datatype), "metadata": {"datatype": datatype}}

    def read(self, datatype, shape=()):
        """The items, read as this sample type ("cf32", "ci16", …); shape: that of an item of several samples. Raw files hold
        samples alone; bytes behind the last whole item raise Unreadable."""
        dtype = sample_dtype(datatype)
        shape = (shape,) if isinstance(shape, int) else tuple(shape)
        item = dtype.itemsize * math.prod(shape)
        size = os.path.getsize(self.path)
        if size % item:
            raise Unreadable(f"{self.path}: {size} bytes are no whole items of {item}")
        return _mapped(self.path, dtype, size // dtype.itemsize).reshape((size // item, *shape))


class _Npy(Product):
    kind = "npy"

    def _facts(self):
        if os.path.getsize(self.path) == 0:
            raise Unreadable(f"{self.path}: it is empty")
        array = numpy.load(self.path, allow_pickle=False, mmap_mode=None if 0 in _npy_shape(self.path) else "r")
        return {"array": array}


def _npy_shape(path):
    with open(path, "rb") as file:
        version = numpy.lib.format.read_magic(file)
        read = numpy.lib.format.read_array_header_1_0 if version == (1, 0) else numpy.lib.format.read_array_header_2_0
        return read(file)[0]


class _Packed24:
    """Frames of 24-bit integers, which numpy lacks: 32-bit ones where they are read."""
    dtype = numpy.dtype("int32")

    def __init__(self, octets):
        self._octets, self.shape = octets, octets.shape[:-1]

    def __getitem__(self, selection):
        first, rest = (selection[0], selection[1:]) if isinstance(selection, tuple) and selection else (selection, ())
        octets = self._octets[first if first != () else slice(None)]
        wide = numpy.zeros(octets.shape[:-1] + (4,), "u1")
        wide[..., 1:] = octets
        made = wide.view("<i4")[..., 0] >> 8
        axis = isinstance(first, (int, numpy.integer))
        return made[rest if axis else (slice(None), *rest)] if rest else made


class _Wav(Product):
    kind = "wav"

    def _facts(self):
        size = os.path.getsize(self.path)
        with open(self.path, "rb") as file:
            head = file.read(12)
            if head[:4] not in (b"RIFF", b"RF64", b"BW64") or head[8:] != b"WAVE":
                raise Unreadable(f"{self.path}: it is no RIFF, RF64 or BW64 file")
            large = shape = None
            while True:
                chunk = file.read(8)
                if len(chunk) < 8:
                    raise Unreadable(f"{self.path}: it has no chunk `data`")
                name, length = struct.unpack("<4sI", chunk)
                if name == b"ds64":
                    large = struct.unpack("<QQ", file.read(16))[1]
                    file.seek(length - 16 + length % 2, 1)
                elif name == b"fmt ":
                    shape = struct.unpack("<HHIIHH", file.read(16))
                    if shape[0] == 0xFFFE:  # extensible: the type stands behind
                        shape = (struct.unpack("<H", file.read(24)[8:10])[0], *shape[1:])
                        length -= 24
                    file.seek(length - 16 + length % 2, 1)
                elif name == b"data":
                    break
                else:
                    file.seek(length + length % 2, 1)
            offset = file.tell()
        if shape is None:
            raise Unreadable(f"{self.path}: it has no chunk `fmt `")
        code, channels, rate, _, frame, bits = shape
        length = large if large is not None and length == 0xFFFFFFFF else length
        types = {(1, 8): "u1", (1, 16): "<i2", (1, 24): "u1", (1, 32): "<i4", (3, 32): "<f4", (3, 64): "<f8"}
        if (code, bits) not in types or channels == 0 or frame != channels * bits // 8:
            raise Unreadable(f"{self.path}: format {code} with {bits} bits in {channels} channels is not read")
        if offset + length > size or length % frame:
            raise Unreadable(f"{self.path}: its header says {length} bytes of samples, {size - offset} are there")
        dtype, frames = numpy.dtype(types[code, bits]), length // frame
        array = _mapped(self.path, dtype, length // dtype.itemsize, offset)
        if bits == 24:
            array = _Packed24(array.reshape((frames, channels, 3) if channels > 1 else (frames, 3)))
        elif channels > 1:
            array = array.reshape((frames, channels))
        return {"array": array, "rate": Fraction(rate), "channels": channels, "full_scale": 1.0 if code == 3 else 2.0 ** (bits - 1),
                "metadata": {"bits": bits, "channels": channels}}


class _Joined:
    """Arrays one after the other, of which only those are read that a selection of items needs."""
    def __init__(self, parts, dtype, tail=()):
        """parts: (items, function that gives these items)."""
        self._parts, self.dtype = parts, dtype
        self._ends = numpy.cumsum([n for n, _ in parts], dtype=numpy.int64).tolist()
        self.shape = (self._ends[-1] if parts else 0, *tail)

    def __getitem__(self, selection):
        first, rest = (selection[0], selection[1:]) if isinstance(selection, tuple) and selection else (selection, ())
        if isinstance(first, (int, numpy.integer)):
            k = int(first) + (self.shape[0] if first < 0 else 0)
            if not 0 <= k < self.shape[0]:
                raise IndexError(f"item {first} of {self.shape[0]}")
            return self._read(k, k + 1)[0][rest]
        if not isinstance(first, slice):
            return self._read(0, self.shape[0])[selection]
        begin, end, step = first.indices(self.shape[0])
        if step < 0:
            return self._read(0, self.shape[0])[selection]
        made = self._read(begin, max(begin, end))[::step]
        return made[(slice(None), *rest)] if rest else made

    def _read(self, begin, end):
        made = numpy.empty((end - begin, *self.shape[1:]), self.dtype)
        at = begin
        for k in range(bisect.bisect_right(self._ends, begin), len(self._parts)):
            if at >= end:
                break
            count, read = self._parts[k]
            start = self._ends[k] - count
            stop = min(end, self._ends[k])
            made[at - begin:stop - begin] = read(at - start, stop - start)
            at = stop
        return made


def _exact_rate(number, text=None):
    """The rate that a header says: an integer, or the shortest decimal that reads back as this float."""
    if number is None:
        return None
    rate = Fraction(number) if isinstance(number, int) else Fraction(text or repr(float(number)))
    if rate <= 0:
        raise ValueError(f"a sample rate of {number}")
    return rate


class _Sigmf(Product):
    """A pair, or a recording of an archive; with `annotations`: a header alone, or one about samples that lie elsewhere."""
    kind = "sigmf"

    def __init__(self, path, files=None, member=None):
        super().__init__(path, files)
        self._member = member
        if member:
            self.path = f"{path}#{member}" if files else self.path

    def _header(self):
        if self._member is None:
            with open(self.path, encoding="utf-8") as file:
                return json.load(file), None, 0
        name = self.files[0]
        with tarfile.open(name, "r:") as archive:
            found = {m.name: m for m in archive.getmembers() if m.isfile()}
            meta = found[self._member + ".sigmf-meta"]
            data = found.get(self._member + ".sigmf-data")
            if meta.issparse() or data is not None and data.issparse():
                raise Unreadable(f"{self.path}: a member is sparse")
            header = json.loads(archive.extractfile(meta).read().decode("utf-8"))
            return header, data, name

    def _where(self, said, data, archive):
        """(file, offset, bytes) of the samples, or why there are none."""
        if self._member is not None:
            return (archive, data.offset_data, data.size) if data is not None else "the archive has no data of it"
        folder = os.path.dirname(self.path)
        if said.get("flowspan:dataset"):
            path = os.path.join(folder, said["flowspan:dataset"])
        elif said.get("core:dataset"):
            path = os.path.join(folder, said["core:dataset"])
        elif said.get("core:metadata_only"):
            return "it is a header alone (core:metadata_only)"
        else:
            path = re.sub(r"\.sigmf-meta$", ".sigmf-data", self.path)
        return (path, 0, os.path.getsize(path)) if os.path.isfile(path) else f"its samples, {path}, are not there"

    def _facts(self):
        header, data, archive = self._header()
        said = header["global"]
        rate = _exact_rate(said.get("core:sample_rate"))
        offset = said.get("core:offset", 0)
        starts = header.get("captures") or []
        captures = self._captures(starts, offset, rate)
        facts = {"rate": rate, "captures": captures, "metadata": said, "unit": said.get("flowspan:unit"),
                 "annotations": [self._annotation(a, offset) for a in header.get("annotations") or []],
                 "center_frequency": captures[0].center_frequency if captures else None,
                 "utc": captures[0].utc if captures and captures[0].start == 0 else None}
        where = self._where(said, data, archive)
        if isinstance(where, str):
            return {**facts, "why": where}
        dtype, channels = sample_dtype(said["core:datatype"]), said.get("core:num_channels", 1)
        tail = (channels,) if channels > 1 else ()
        heads = [c.get("core:header_bytes", 0) for c in starts]
        item = dtype.itemsize * channels
        size = where[2] - sum(heads) - said.get("core:trailing_bytes", 0)
        if size < 0 or size % item:
            raise Unreadable(f"{self.path}: {size} bytes of samples are no whole items of {item}")
        count = size // item

        def part(begin, n, bytes_before):
            return _mapped(where[0], dtype, n * channels, where[1] + bytes_before + begin * item).reshape((n, *tail))

        if not any(heads[1:]):
            facts["array"] = part(0, count, heads[0] if heads else 0)
        else:
            bounds = [c.start for c in captures] + [count]
            if bounds[0] != 0 or bounds != sorted(bounds):
                raise Unreadable(f"{self.path}: captures with core:header_bytes are out of order")
            pieces = [part(b, e - b, sum(heads[:k + 1])) for k, (b, e) in enumerate(zip(bounds, bounds[1:]))]
            facts["array"] = _Joined([(len(p), (lambda b, e, p=p: p[b:e])) for p in pieces], dtype, tail)
        facts["channels"] = channels if tail else None
        return facts

    @staticmethod
    def _captures(starts, offset, rate):
        """Missing samples follow from core:global_index where it stands, else from core:datetime, beyond half a unit of its last
        digit and one sample."""
        made, counted = [], Fraction(0)
        first_time = first_index = None
        for capture in starts:
            start, utc, index = capture["core:sample_start"] - offset, capture.get("core:datetime"), capture.get("core:global_index")
            missing = Fraction(0)
            if made and index is not None and first_index is not None:
                missing = index - first_index - start - counted
            elif made and index is None and utc is not None and first_time is not None and rate:
                decimals = len((re.search(r"\.(\d+)", utc) or ["", ""])[1])
                late = (exact_time(utc) - first_time) * rate - start - counted
                if late > max(1, rate / 2 / 10**decimals):
                    missing = late
            counted += missing
            if not made:
                first_time, first_index = None if utc is None else exact_time(utc) - (Fraction(start) / rate if rate else 0), None
                first_index = None if index is None else index - start
            if missing < 0:
                raise ValueError(f"the capture at {start} begins before the one before it has ended")
            made.append(Capture(start, int(missing) if missing.denominator == 1 else missing, utc, capture.get("core:frequency"), capture))
        return made

    @staticmethod
    def _annotation(a, offset):
        return Annotation(a["core:sample_start"] - offset, a.get("core:sample_count"), a.get("core:label"), a.get("core:freq_lower_edge"),
                          a.get("core:freq_upper_edge"), a.get("core:comment"), a)


class _Annotations(_Sigmf):
    kind = "annotations"


def _h5py(path):
    try:
        import h5py
    except ImportError as missing:
        raise Unreadable(f"{path}: reading HDF5 needs h5py, which {sys.executable} does not have: "
                         f"{sys.executable} -m pip install h5py") from missing
    return h5py


def _text_of(value):
    return value.decode("utf-8") if isinstance(value, bytes) else str(value) if isinstance(value, str) else value


class _Dataset:
    """A dataset of a file that is opened for each reading."""
    def __init__(self, path, name, shape, dtype):
        self._path, self._name, self.shape, self.dtype = path, name, shape, dtype

    def __getitem__(self, selection):
        with _h5py(self._path).File(self._path, "r") as file:
            return file[self._name][selection]


class _Hdf5(Product):
    kind = "hdf5"

    def _facts(self):
        with _h5py(self.path).File(self.path, "r") as file:
            if "data" not in file or not hasattr(file["data"], "shape"):
                raise Unreadable(f"{self.path}: it has no dataset `data`, as hdf5_sink writes it")
            data = file["data"]
            said = {key: _text_of(value if isinstance(value, (bytes, str)) else numpy.asarray(value).item()) for key, value in data.attrs.items()
                    if key not in ("DIMENSION_LIST", "CLASS", "NAME", "REFERENCE_LIST", "DIMENSION_LABELS")}
            shape, dtype = data.shape, data.dtype
        rate = Fraction(int(said["sample_rate_numerator"]), int(said["sample_rate_denominator"])) if "sample_rate_numerator" in said else None
        axes = [None]
        for k in range(1, len(shape)):
            if f"axis_{k}_first" in said:
                axes.append(Axis(said[f"axis_{k}_name"] or f"axis_{k}", said[f"axis_{k}_unit"], shape[k], said[f"axis_{k}_first"],
                                 said[f"axis_{k}_step"]))
            else:
                axes.append(Axis(f"axis_{k}", "", shape[k]))
        return {"array": _Dataset(self.path, "data", shape, dtype), "rate": rate, "axes": axes, "utc": said.get("utc"),
                "center_frequency": said.get("center_frequency"), "unit": said.get("unit"), "full_scale": said.get("full_scale"),
                "first_index": said.get("first_index", 0), "metadata": said}


class _DigitalRf(Product):
    """captures: where samples do not follow on each other, and where the centre frequency changes; `fields["sample"]` is their
    number since 1970. Channels that are continuous hold fill, which tells nothing apart: those are not read."""
    kind = "digital_rf"

    def _facts(self):
        h5py = _h5py(self.path)
        with h5py.File(os.path.join(self.path, "drf_properties.h5"), "r") as file:
            said = {key: _text_of(value if isinstance(value, (bytes, str)) else numpy.asarray(value).item()) for key, value in file.attrs.items()}
        if said["is_continuous"]:
            raise Unreadable(f"{self.path}: a continuous channel; flowspan reads it (`flowspan convert {self.path} OUT`)")
        rate = Fraction(int(said["sample_rate_numerator"]), int(said["sample_rate_denominator"]))
        tail = (said["num_subchannels"],) if said["num_subchannels"] > 1 else ()
        parts, runs, dtype = [], [], None
        for name in self._rf_files():
            with h5py.File(name, "r") as file:
                data, index = file["rf_data"], file["rf_data_index"][:]
                dtype = dtype or data.dtype
                rows = data.shape[0]
                if data.ndim != 2 or data.shape[1] != said["num_subchannels"] or data.dtype != dtype:
                    raise Unreadable(f"{name}: its samples are others than the channel's")
                if len(index) == 0 or index[0][1] != 0:
                    raise Unreadable(f"{name}: its index does not begin with its first row")
            ends = [int(row) for _, row in index[1:]] + [rows]
            for (sample, row), end in zip(index.tolist(), ends):
                runs.append((sample, end - row))
            whole = _Dataset(name, "rf_data", (rows, *tail), dtype)
            parts.append((rows, lambda b, e, whole=whole: whole[b:e] if tail else whole[b:e, 0]))
        if dtype is None:
            return {"rate": rate, "metadata": said, "why": "it has no samples"}
        captures = self._captures(runs, self._tunings(h5py), rate)
        return {"array": _Joined(parts, dtype, tail), "rate": rate, "metadata": said, "captures": captures,
                "channels": tail and tail[0], "utc": captures[0].utc, "center_frequency": captures[0].center_frequency}

    def _rf_files(self):
        found = []
        for folder in os.scandir(self.path):
            if folder.is_dir() and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d", folder.name):
                found += [os.path.join(folder.path, n) for n in os.listdir(folder.path) if re.fullmatch(r"rf@\d+\.\d{3}\.h5", n)]
        return sorted(found, key=lambda p: Fraction(os.path.basename(p)[3:-3]))

    def _tunings(self, h5py):
        found = []
        for folder, _, names in os.walk(os.path.join(self.path, "metadata")):
            for name in names:
                if re.fullmatch(r"metadata@\d+\.h5", name):
                    with h5py.File(os.path.join(folder, name), "r") as file:
                        for sample, group in file.items():
                            if "center_frequencies" in group:
                                found.append((int(sample), float(numpy.ravel(group["center_frequencies"][()])[0])))
        return sorted(found)

    def _captures(self, runs, tunings, rate):
        cuts, at, expected = [], 0, None
        for sample, count in runs:
            if expected is not None and sample < expected:
                raise Unreadable(f"{self.path}: sample {sample} stands there twice")
            if sample != expected:
                cuts.append((at, sample, 0 if expected is None else sample - expected))
            for first, _ in tunings:
                if sample < first < sample + count:
                    cuts.append((at + first - sample, first, 0))
                elif first == sample == expected:
                    cuts.append((at, sample, 0))
            at, expected = at + count, sample + count
        numbers = [first for first, _ in tunings]
        made = []
        for start, sample, missing in cuts:
            k = bisect.bisect_right(numbers, sample)
            made.append(Capture(start, missing, _utc_text(Fraction(sample) / rate), tunings[k - 1][1] if k else None, {"sample": sample}))
        return made


class _Messages(Product):
    """data: an array of Message; axis 0 is the time of the stamps."""
    kind = "messages"

    def _facts(self):
        made = []
        with open(self.path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                try:
                    said = json.loads(line)
                    whole, _, rest = str(said["stamp"]).partition("+")
                    made.append(Message(said["port"], Fraction(whole) + Fraction(rest or 0), said["value"]))
                except (ValueError, KeyError, TypeError) as error:
                    raise Unreadable(f"{self.path}:{number}: expected a message, as message_log writes it, got {line.strip()[:80]}") from error
        array = numpy.empty(len(made), object)
        for k, message in enumerate(made):
            array[k] = message
        return {"array": array, "axes": [Axis("time", "s", len(made), values=lambda: numpy.array([float(m.stamp) for m in made]))]}

    def column(self, key):
        """What each message says of a key of its value ("start", "peak_db", …): an array of 64-bit integers or floats where all
        are numbers (NaN where it is not said), else of objects (None). "stamp" is seconds, "port" the input."""
        if key in ("stamp", "port"):
            return numpy.array([float(m.stamp) if key == "stamp" else m.port for m in self.data])
        found = [m.value.get(key) if isinstance(m.value, dict) else None for m in self.data]
        if found and all(type(v) is int for v in found):
            return numpy.array(found)
        if found and all(v is None or type(v) in (int, float) for v in found) and any(v is not None for v in found):
            return numpy.array([math.nan if v is None else v for v in found], float)
        array = numpy.empty(len(found), object)
        array[:] = found
        return array


class _Picture(Product):
    """data: an array of (rows, columns, 3) octets: red, green, blue. Axes, units and levels are drawn in the picture; the values
    are not in it (hdf5_sink keeps those)."""
    kind = "picture"

    def _facts(self):
        with open(self.path, "rb") as file:
            octets = file.read()
        if octets[:8] != b"\x89PNG\r\n\x1a\n":
            raise Unreadable(f"{self.path}: it is no PNG picture")
        at, packed, palette = 8, b"", None
        while at < len(octets):
            length, name = struct.unpack(">I4s", octets[at:at + 8])
            content = octets[at + 8:at + 8 + length]
            if zlib.crc32(name + content) != struct.unpack(">I", octets[at + 8 + length:at + 12 + length])[0]:
                raise Unreadable(f"{self.path}: its chunk {name.decode('latin-1')} is damaged")
            at += 12 + length
            if name == b"IHDR":
                columns, rows, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", content)
            elif name == b"PLTE":
                palette = numpy.frombuffer(content, "u1").reshape(-1, 3)
            elif name == b"IDAT":
                packed += content
        if depth != 8 or interlaced or colour not in (0, 2, 3, 6):
            raise Unreadable(f"{self.path}: {depth} bits of colour type {colour} are not read")
        size = {0: 1, 2: 3, 3: 1, 6: 4}[colour]
        lines = numpy.frombuffer(zlib.decompress(packed), "u1").reshape(rows, 1 + columns * size)
        picture = _unfiltered(lines[:, 0], lines[:, 1:], size).reshape(rows, columns, size)
        picture = palette[picture[..., 0]] if colour == 3 else picture[..., :3] if size >= 3 else picture.repeat(3, 2)
        picture = numpy.ascontiguousarray(picture)
        picture.flags.writeable = False
        return {"array": picture, "axes": [Axis("row", "", rows), Axis("column", "", columns), Axis("colour", "", 3)]}


def _unfiltered(filters, lines, size):
    """PNG's filters undone (Portable Network Graphics Specification, section 9)."""
    made = numpy.zeros(lines.shape, "u1")
    above = numpy.zeros(lines.shape[1], "u1")
    for row, kind in enumerate(filters.tolist()):
        line = lines[row]
        if kind == 1:
            line = numpy.cumsum(line.reshape(-1, size), axis=0, dtype="u1").reshape(-1)
        elif kind == 2:
            line = line + above
        elif kind in (3, 4):
            line = _by_neighbours(kind, line.tolist(), above.tolist(), size)
        elif kind != 0:
            raise ValueError(f"a line with the filter {kind}")
        made[row] = above = numpy.asarray(line, "u1")
    return made


def _by_neighbours(kind, line, above, size):
    left, corner = [0] * size, [0] * size
    made = []
    for k, value in enumerate(line):
        c = k % size
        a, b, d = left[c], above[k], corner[c]
        if kind == 3:
            guess = (a + b) >> 1
        else:
            p = a + b - d
            pa, pb, pd = abs(p - a), abs(p - b), abs(p - d)
            guess = a if pa <= pb and pa <= pd else b if pb <= pd else d
        left[c], corner[c] = (value + guess) & 255, b
        made.append(left[c])
    return made


class _Report(Product):
    """A report of a run or a batch: metadata is all of it, a dict."""
    kind = "report"

    def _facts(self):
        with open(self.path, encoding="utf-8") as file:
            said = json.load(file)
        if not isinstance(said, dict) or "flowspan" not in said:
            raise Unreadable(f"{self.path}: it is no report of flowspan")
        return {"metadata": said, "why": "a report holds no array; its fields are in metadata"}


def open_product(path):
    """The Product of one path: by its name; where that says nothing, by the first bytes of a WAV, NumPy, HDF5 or PNG file, else raw
    samples of a type that is to be said. A SigMF archive of several recordings is named as "night.sigmf#one". Raises FileNotFoundError; what is wrong within is raised when it is read."""
    path = os.fspath(path)
    archive, mark, member = path.rpartition("#")
    if mark and archive.endswith(".sigmf") and os.path.isfile(archive):
        made = [p for p in _open_all([archive]) if p.path == path or p._member == member]
    else:
        if not os.path.exists(path):
            raise FileNotFoundError(f"{path} is not there")
        made = _open_all([path])
    if len(made) != 1:
        raise Unreadable(f"{path}: {len(made)} recordings; open one of " + ", ".join(p.path for p in made) if made else f"{path}: no product")
    return made[0]


def _open_all(paths):
    """Products of paths; a pair of SigMF is one."""
    made, seen = [], set()
    for path in paths:
        if path.endswith(".sigmf-data"):
            path = path[:-len("data")] + "meta" if os.path.exists(path[:-len("data")] + "meta") else path
        if path in seen:
            continue
        seen.add(path)
        name = os.path.basename(path)
        ending = pathlib.Path(name).suffix[1:].lower()
        if os.path.isdir(path):
            made.append(_DigitalRf(path) if os.path.exists(os.path.join(path, "drf_properties.h5")) else Product(path))
        elif name.endswith(".sigmf-meta"):
            data = path[:-len("meta")] + "data"
            made.append(_Sigmf(path, [data, path]) if os.path.exists(data) else _Annotations(path))
        elif ending == "sigmf":
            made += _archive(path)
        else:
            kind = {"npy": _Npy, "wav": _Wav, "h5": _Hdf5, "hdf5": _Hdf5, "jsonl": _Messages, "png": _Picture, "json": _Report}.get(ending)
            if not kind and ending in ("html", "svg", "log", "yaml", "txt", "csv"):
                kind = Product
            made.append((kind or _by_content(path, ending))(path))
    return made


def _by_content(path, ending):
    """Sinks write to any name. (`rf64` is a type of raw samples, and how some programs name WAV files.)"""
    if os.path.exists(path) and not os.path.isfile(path):
        return Product  # a pipe or a device: what went there is gone
    try:
        with open(path, "rb") as file:
            head = file.read(12)
    except OSError:
        return _Raw  # whose reading says it
    if head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:] == b"WAVE":
        return _Wav
    if ending in _TYPE_OF_ENDING:
        return _Raw
    return {b"\x93NUMPY": _Npy, b"\x89HDF\r\n": _Hdf5, b"\x89PNG\r\n": _Picture}.get(head[:6], _Raw)


def _archive(path):
    try:
        with tarfile.open(path, "r:") as archive:
            members = [m.name[:-len(".sigmf-meta")] for m in archive.getmembers() if m.isfile() and m.name.endswith(".sigmf-meta")]
    except (OSError, tarfile.TarError) as error:
        raise Unreadable(f"{path}: {error}") from error
    if len(members) == 1:
        made = _Sigmf(path, [path], members[0])
        made.path = path
        return [made]
    return [_Sigmf(path, [path], member) for member in members]


def products(folder, recursive=True):
    """Everything in a folder (and below), as Product objects by path, a dict in alphabetical order: keys are paths below the
    folder. A SigMF pair and a Digital RF channel are one each. Hidden files, and what a batch keeps for itself (`.flowspan`,
    `index.jsonl` beside it), are left out."""
    folder = os.fspath(folder)
    if not os.path.isdir(folder):
        raise FileNotFoundError(f"{folder} is no folder")
    paths = []
    for here, folders, names in os.walk(folder):
        own = {"index.jsonl"} if ".flowspan" in folders else set()
        channels = [f for f in folders if os.path.exists(os.path.join(here, f, "drf_properties.h5"))]
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in channels) if recursive else []
        paths += [os.path.join(here, n) for n in names + channels if not n.startswith(".") and n not in own]
    return {os.path.relpath(p.path, folder): p for p in _open_all(sorted(paths))}


# ---- batches --------------------------------------------------------------------------------------------------------------

class Unit:
    """A unit of a batch that is over. name: its folder below the batch's. folder: its path. state: "done", "failed" or
    "cancelled". cause: why it failed, else None. parameters: what was given to it alone, a dict of texts; None where the folder's
    name was too long to hold it. products: as `flowspan.products` of its folder."""
    def __init__(self, out, name, state, cause=None):
        self.name, self.state, self.cause = name, state, cause
        self.folder = os.path.join(out, name)
        last = name.rpartition("/")[2]
        if "%=" in last:
            self.parameters = None
        elif "=" in last:
            pairs = [pair.partition("=") for pair in last.split(",")]
            self.parameters = {urllib.parse.unquote(k): urllib.parse.unquote(v) for k, _, v in pairs}
        else:
            self.parameters = {}

    @property
    def products(self):
        return products(self.folder, recursive=False) if os.path.isdir(self.folder) else {}

    def __repr__(self):
        return f"<Unit {self.name}: {self.state}{': ' + self.cause if self.cause else ''}>"


class Batch:
    """A batch that runs. Iterating gives each Unit once, as it is over; `add` brings more, until the last one has been given and
    nothing is left. `with` ends it: what is being computed then ends within its grace.

        with flowspan.batch("fm.yaml", "recordings", out="out", ranks=4) as batch:
            for unit in batch:
                print(unit.name, unit.state, list(unit.products))
    """
    poll_s = 0.2

    def __init__(self, graph, recordings, out, words, cwd, env, progress, on_log):
        if isinstance(graph, Graph):
            raise TypeError("a batch goes on later with the same graph file: save the Graph, and give the path")
        self._scratch = _Scratch()
        self._socket = os.path.join(self._scratch.name, "batch.sock")
        self._out, self._cwd, self._progress, self._on_log, self._said = os.fspath(out), cwd, progress, on_log, 0
        self._control, self._given, self._known, self._left_out, self.code = None, set(), set(), False, None
        words = ["batch", os.fspath(graph), *map(os.fspath, recordings), "--out", self._out, "--progress", "off", "--control",
                 self._socket, "--serve", *words]
        self._started = _Started(words, None, cwd, env)
        try:
            self._meet()
        except BaseException:
            self._started.stop_and_wait()
            raise

    def _meet(self):
        while self._control is None:
            if os.path.exists(self._socket):
                try:
                    self._control = Control(self._socket)
                    return
                except ControlError:
                    pass
            if self._started.ended():
                raise _failure(self._started.join(), self._started.lines, None)
            time.sleep(0.01)

    def status(self):
        """How far it is: Progress, with `units`, `done`, `failed`, … as docs/control.md says."""
        return Progress(self._control.ask("status"))

    def add(self, *recordings, sweeps=(), graph=None, begin=None, duration=None, plugins=(), units=None):
        """Adds units, as `flowspan ctl SOCKET units add`: recordings, folders, patterns; sweeps: {"gain": [1, 2]} or texts. Returns a
        dict: `added`, `before` (of these, done before), `known` (the batch has them already), `notes`. Raises Refused."""
        there = lambda path: os.path.join(self._cwd or os.getcwd(), os.fspath(path))
        params = {"recordings": [there(r) for r in recordings], "sweeps": _sweeps(sweeps), "list": units and there(units),
                  "graph": graph and there(graph), "from": begin and str(begin), "duration": duration and str(duration),
                  "plugins": [there(p) for p in ([plugins] if isinstance(plugins, (str, os.PathLike)) else plugins)]}
        return self._control.ask("units.add", {k: v for k, v in params.items() if v})

    def cancel(self, *units):
        """Cancels units by name, or without one all that are not over. Returns how many."""
        names = [getattr(u, "name", u) for u in units]
        return self._control.ask("units.cancel", {"units": names} if names else {"all": True})["cancelled"]

    def stop(self):
        """No more units are begun; what is being computed may end within `grace`. The iteration goes on with what ends."""
        try:
            self._control.ask("stop")
        except ControlError:
            self._started.send(signal.SIGTERM)

    def __iter__(self):
        over = None
        while True:
            try:
                status = self.status()
                now = [status.get(k) or 0 for k in ("done", "before", "unchanged", "failed", "given_up", "cancelled")]
                if now != over:
                    over = now
                    if self._progress:
                        self._progress(status)
                    yield from self._listed()
                    continue  # what was added meanwhile is seen before the end
                if sum(now) >= status["units"] and status["state"] != "stopping":
                    break
            except ControlError:
                break  # somebody else has ended it
            self._call_back()
            time.sleep(self.poll_s)
        yield from self._rest()

    def _listed(self):
        answer = self._control.ask("units.list")
        self._left_out |= bool(answer.get("left_out"))
        self._known.update(u["unit"] for u in answer["units"])
        fresh = [u for u in answer["units"] if u["state"] in ("done", "failed", "cancelled") and u["unit"] not in self._given]
        causes = self._causes() if any(u["state"] == "failed" for u in fresh) else {}
        return [self._unit(u["unit"], u["state"], causes.get(u["unit"])) for u in fresh]

    def _causes(self):
        for _ in range(20):  # (lines wait for half a second before they are in the journal)
            said = json.loads(_ask(["batch", "status", self._out, "--failed", "--json"], cwd=self._cwd))
            if said["failed"] == len(said["failed_units"]) and said["failed"]:
                break
            time.sleep(0.1)
        return {u["unit"]: u.get("cause") for u in said["failed_units"]}

    def _unit(self, name, state, cause=None):
        self._given.add(name)
        return Unit(os.path.join(self._cwd or "", self._out), name, state, cause)

    def _rest(self):
        """The end; and what no answer had room for, or was over behind the last one."""
        self._finish()
        if not self._left_out and self._known <= self._given:
            return
        causes, path = None, os.path.join(self._cwd or "", self._out, "index.jsonl")
        if not os.path.exists(path):
            return
        with open(path, encoding="utf-8") as index:
            for line in index:
                said = json.loads(line)
                name = said["folder"]
                if name in self._given or said["state"] not in ("done", "failed") or not self._left_out and name not in self._known:
                    continue
                if said["state"] == "failed" and causes is None:
                    causes = self._causes()
                yield self._unit(name, said["state"], (causes or {}).get(name))

    def _finish(self):
        if self.code is not None:
            return
        try:
            self._stopped = self.status().get("state") == "stopping"
            self.counts = dict(self.status())
            self._control.ask("stop")
        except ControlError:
            self._stopped = True
        try:
            while not self._started.ended():
                self._call_back()
                time.sleep(0.02)
        except BaseException:
            self._started.stop_and_wait()
            raise
        self.code = self._started.join()
        self._control.finish()
        self._call_back()
        if self.code not in (0, 4, 75):
            raise _failure(self.code, self._started.lines, None)

    def _call_back(self):
        while self._on_log and self._said < len(self._started.lines):
            self._said += 1
            self._on_log(self._started.lines[self._said - 1])

    @property
    def log(self):
        """The lines of stderr."""
        return self._started.lines

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            self._finish()
        elif self.code is None:
            self._started.stop_and_wait()
            self.code = self._started.join()
            self._control.close()


def _sweeps(values):
    if hasattr(values, "items"):
        return [f"{k}=" + ",".join(v if isinstance(v, str) else _value(v) for v in all) for k, all in values.items()]
    return [values] if isinstance(values, str) else list(values)


def batch(graph, recordings=(), *, out, ranks=None, set=None, sweeps=(), units=None, assignment=None, begin=None, duration=None,
          plugins=(), progress=None, on_log=None, cwd=None, env=None, **options):
    """Runs a graph over many recordings: a Batch, to iterate over. graph: a path. recordings: paths of files, folders, patterns,
    or one. out: the folder of the batch; the same call goes on where the last one was left. sweeps: {"gain": [1, 2]}. units: a
    list of units (CSV or JSON lines). progress: called with the Batch's status whenever units are over. What else is named is an
    option of `flowspan batch`: team=2, attempts=1, timeout=60, grace=5, root="recordings". Units that fail are units with the
    state "failed"; what refuses or ends the batch is raised, as by `run`."""
    recordings = [recordings] if isinstance(recordings, (str, os.PathLike)) else list(recordings)
    words = _graph_words(set, assignment, None, begin, duration, plugins, {"units": units, **options}) + _each("--sweep", _sweeps(sweeps))
    if ranks is not None:
        words += ["-n", str(ranks)]
    return Batch(graph, recordings, out, words, cwd, env, progress, on_log)
