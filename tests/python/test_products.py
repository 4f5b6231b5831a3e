"""Every format that flowspan writes: what goes in comes out of flowspan.products, with axes, rate, time and annotations."""

import json
import math
import os
import pathlib
import re
import struct
import unittest
import wave
import zlib
from fractions import Fraction

import h5py
from common import ROOT, Case, copied, flowspan, noise, np, recording

UTC = "2026-01-31T12:00:00.25Z"


class Sigmf(Case):
    def test_a_pair_is_the_recording_again(self):
        want = noise(1000)
        note = {"core:sample_start": 100, "core:sample_count": 50, "core:label": "a", "core:freq_lower_edge": 99_999_900.0,
                "core:freq_upper_edge": 100_000_100.0, "x:y": [1]}
        made = copied(recording("in", want, 1000, 100e6, UTC, annotations=[note]), ("file_sink", {"path": "a.sigmf-meta"}))
        product, = made.products
        self.same(product.data, want)
        self.assertIsInstance(product.data, np.memmap)
        self.assertEqual((product.kind, product.rate, product.sample_rate, product.center_frequency), ("sigmf", Fraction(1000), 1000.0, 100e6))
        self.assertEqual((product.utc, product.time), (UTC, np.datetime64("2026-01-31T12:00:00.25", "ns")))
        self.assertEqual([(a.start, a.count, a.label, a.freq_lower_edge, a.freq_upper_edge, a.fields["x:y"]) for a in product.annotations],
                         [(100, 50, "a", 99_999_900.0, 100_000_100.0, [1])])
        axis, = product.axes
        self.assertEqual((axis.name, axis.unit, axis.size, axis.first, axis.step), ("time", "s", 1000, 0, Fraction(1, 1000)))
        np.testing.assert_allclose(product.times(), np.arange(1000) / 1000)
        self.same(product[10:20], want[10:20])
        self.assertEqual([os.path.basename(f) for f in product.files], ["a.sigmf-data", "a.sigmf-meta"])

    def test_an_archive_is_read_where_its_samples_lie(self):
        want = noise(777)
        made = copied(recording("in", want, 48000, 1e6, UTC), ("file_sink", {"path": "a.sigmf"}))
        product, = made.products
        self.same(product.data, want)
        self.assertIsInstance(product.data, np.memmap)
        self.assertEqual((product.sample_rate, product.center_frequency, product.utc), (48000, 1e6, UTC))
        self.same(flowspan.open_product("out/a.sigmf#a").data, want)

    def test_a_gap_is_a_capture_and_time_goes_on_over_it(self):
        want = noise(300)
        captures = [{"core:sample_start": 0, "core:datetime": UTC, "core:frequency": 1e6},
                    {"core:sample_start": 100, "core:global_index": 150, "core:frequency": 2e6},
                    {"core:sample_start": 200, "core:global_index": 250, "core:frequency": 3e6}]
        captures[0]["core:global_index"] = 0
        made = copied({"path": recording("in", want, 1000, captures=captures), "gaps": "restart", "retune": "restart"},
                      ("file_sink", {"path": "a.sigmf-meta"}))
        product, = made.products
        self.same(product.data, want)
        self.assertEqual([(c.start, c.missing, c.center_frequency) for c in product.captures], [(0, 0, 1e6), (100, 50, 2e6), (200, 0, 3e6)])
        times = np.concatenate([np.arange(100), np.arange(150, 350)]) / 1000
        np.testing.assert_allclose(product.times(), times)
        np.testing.assert_allclose(product.axes[0].values, times)
        self.assertIsNone(product.axes[0].step)

    def test_gaps_that_times_alone_say(self):
        want = noise(20)
        captures = [{"core:sample_start": 0, "core:datetime": "2026-01-01T00:00:00.000Z"},
                    {"core:sample_start": 10, "core:datetime": "2026-01-01T00:00:00.030Z"}]
        product = flowspan.open_product(recording("in", want, 1000, captures=captures))
        self.assertEqual([c.missing for c in product.captures], [0, 20])
        for utc, missing in (("2026-01-01T00:00:00Z", 0), ("2026-01-01T00:00:01Z", 0), ("2026-01-01T00:00:02Z", 10)):
            captures = [{"core:sample_start": 0, "core:datetime": "2026-01-01T00:00:00Z"}, {"core:sample_start": 10 if missing else 7, "core:datetime": utc}]
            self.assertEqual([c.missing for c in flowspan.open_product(recording("in", want, 10, captures=captures)).captures], [0, missing], utc)

    def test_channels_are_an_axis(self):
        want = noise(600).reshape(200, 3)
        made = copied(recording("in", want), ("file_sink", {"path": "a.sigmf-meta"}))
        product, = made.products
        self.same(product.data, want)
        self.assertEqual([a.name for a in product.axes], ["time", "channel"])
        self.same(product[5:7, 1], want[5:7, 1])

    def test_complex_integers_have_the_fields_r_and_i(self):
        numbers = np.arange(-200, 200, dtype="<i2").reshape(200, 2)
        made = copied(recording("in", numbers), ("file_sink", {"path": "a.sigmf-meta"}))
        product, = made.products
        self.same(product.data["r"], numbers[:, 0])
        self.same(product.data["i"], numbers[:, 1])
        self.same(product.scaled(), ((numbers[:, 0] + 1j * numbers[:, 1]) / 32768).astype("c8"))
        self.same(product.complex(slice(3, 5)), product.scaled()[3:5])

    def test_a_header_that_leads_to_a_wav_file(self):
        want = noise(500)
        recording("in", want, 1000)
        copied("in.sigmf-meta", ("wav_sink", {"path": "a.wav"}))
        g = flowspan.Graph("notes")
        g.add("source", "file_source", path="out/a.wav", center_frequency="1 MHz")
        g.add("bursts", "burst_detector", frame=8)
        g.add("notes", "sigmf_annotations", path="b.sigmf-meta", recording="out/a.wav")
        g.connect("source", "bursts")
        g.connect_messages("bursts.detections", "notes")
        product, = g.run(out="out").products
        self.assertEqual(product.kind, "annotations")
        self.same(product.scaled(), (np.clip(np.rint(want.view("f4") * 32768), -32768, 32767) / 32768).astype("f4").view("c8"))
        self.assertEqual((product.sample_rate, product.center_frequency), (1000, 1e6))
        g.set("notes.path", "elsewhere/c.sigmf-meta")  # there `flowspan:dataset` is the way
        product, = g.run(out="out").products
        self.assertEqual(len(product), 500)

    def test_bursts_are_recordings_with_their_places(self):
        quiet = np.zeros(8000, "c8") + 0.001 * noise(8000, 2)
        quiet[3000:3400] = 0.5
        g = flowspan.Graph("bursts")
        g.add("source", "file_source", path=recording("in", quiet.astype("c8"), 8000, 1e6, UTC))
        g.add("bursts", "burst_detector", frame=32)
        g.add("log", "message_log", path="b.jsonl")
        g.add("files", "burst_sink", path="b.sigmf-meta", before="2 ms", after="2 ms", longest="0.2 s")
        g.add("notes", "sigmf_annotations", path="notes/n.sigmf-meta", label="burst")
        g.connect("source", "bursts")
        g.connect("source", "files")
        g.connect_messages("bursts.detections", "log")
        g.connect_messages("bursts.detections", "notes")
        g.connect_messages("bursts.detections", "files.bursts")
        made = g.run(out="out")
        message, = made["b.jsonl"].data
        burst = made["b_000.sigmf-meta"]
        note, = burst.annotations
        begin = int(message.value["start"])
        self.assertEqual((note.fields["flowspan:start"], note.start, note.count), (begin, 16, message.value["length"]))
        self.same(burst.data, quiet[begin - 16:begin - 16 + len(burst)].astype("c8"))
        self.assertEqual(burst.captures[0].fields["core:global_index"], begin - 16)
        alone = made["notes/n.sigmf-meta"]
        self.assertEqual([(a.start, a.count, a.label) for a in alone.annotations], [(begin, message.value["length"], "burst")])
        self.assertEqual(alone.sample_rate, 8000)
        with self.assertRaisesRegex(flowspan.Unreadable, "n.sigmf-meta: it is a header alone"):
            alone.data

    def test_parts_are_products_of_their_own(self):
        want = noise(1000)
        made = copied(recording("in", want, 1000, 1e6, UTC), ("file_sink", {"path": "a.sigmf-meta", "split": "0.5 s"}))
        self.assertEqual([os.path.basename(p.path) for p in made.products], ["a_000.sigmf-meta", "a_001.sigmf-meta", "a_002.sigmf-meta"])
        self.same(np.concatenate([p.data for p in made.products]), want)
        self.assertEqual([p.utc for p in made.products], [UTC, "2026-01-31T12:00:00.5Z", "2026-01-31T12:00:01Z"])

    def test_the_other_byte_order(self):
        path = recording("in", np.arange(20, dtype="<i2").reshape(10, 2))
        np.arange(20, dtype=">i2").tofile("in.sigmf-data")
        header = json.loads(pathlib.Path(path).read_text())
        header["global"]["core:datatype"] = "ci16_be"
        pathlib.Path(path).write_text(json.dumps(header))
        self.assertEqual(flowspan.open_product(path).data["i"].tolist(), list(range(1, 20, 2)))

    def test_data_behind_headers_within_the_file(self):
        want = noise(30)
        captures = [{"core:sample_start": 0, "core:header_bytes": 5}, {"core:sample_start": 10, "core:header_bytes": 3},
                    {"core:sample_start": 20}]
        path = recording("in", want, captures=captures, **{"core:trailing_bytes": 2})
        octets = want.tobytes()
        pathlib.Path("in.sigmf-data").write_bytes(b"12345" + octets[:80] + b"abc" + octets[80:] + b"zz")
        product = flowspan.open_product(path)
        self.same(product.data, want)
        self.same(product[9:11], want[9:11])
        self.assertEqual(product[25], want[25])


class Raw(Case):
    def test_every_type_of_samples(self):
        values = (np.arange(-127, 128) / 128).astype("f4")
        recording("c", (values + 1j * values[::-1]).astype("c8"))
        recording("r", values)
        kinds = {c: [c + k for k in ("f32", "f64", "i8", "i16", "i32", "u8", "u16", "u32")] for c in "cr"}
        self.assertEqual(sorted(kinds["c"] + kinds["r"]), sorted(flowspan.RAW_TYPES))
        g = flowspan.Graph("types")
        for c in "cr":
            g.add(f"{c}-source", "file_source", path=f"{c}.sigmf-meta")
            for kind in kinds[c]:
                g.add(f"{kind}-to", "convert", to=kind)
                g.add(kind, "file_sink", path=f"x.{kind}")
                g.connect(f"{c}-source", f"{kind}-to", kind)
        made = g.run(out="out")
        for kind in kinds["c"] + kinds["r"]:
            product = made[f"x.{kind}"]
            self.assertIsInstance(product.data, np.memmap)
            self.assertEqual(product.data.dtype, flowspan.sample_dtype(kind))
            wide = kind[1:] == "f64"
            want = (values + 1j * values[::-1]).astype("c16" if wide else "c8") if kind[0] == "c" else values.astype("f8" if wide else "f4")
            if kind[1] == "u":  # values lie half-way between two numbers
                self.assertEqual(product.scaled().dtype, want.dtype)
                np.testing.assert_allclose(product.scaled(), want, atol=0.5001 / 2.0 ** (int(kind[2:]) - 1) * math.sqrt(2), rtol=0)
            else:
                self.same(product.scaled(), want)
            self.assertIsNone(product.sample_rate)
            self.assertEqual(product.axes[0].name, "index")

    def test_a_name_that_says_nothing_is_not_guessed(self):
        want = noise(120)
        made = copied(recording("in", want), ("file_sink", {"path": "a.bin"}))
        product, = made.products
        with self.assertRaisesRegex(flowspan.Unreadable, "a.bin: its name does not say the type of its samples"):
            product.data
        self.same(product.read("cf32"), want)
        self.same(product.read("cf32", (4,)), want.reshape(30, 4))
        with self.assertRaisesRegex(flowspan.Unreadable, "960 bytes are no whole items of 56"):
            product.read("cf32", 7)
        with self.assertRaisesRegex(ValueError, "expected a sample type"):
            product.read("cf16")

    def test_other_formats_by_any_name(self):
        want = noise(100)
        made = copied(recording("in", want), ("file_sink", {"path": "a.dat", "format": "npy"}), ("wav_sink", {"path": "b.rf64", "format": "float"}),
                      ("hdf5_sink", {"path": "c"}))
        self.assertEqual([p.kind for p in made.products], ["npy", "wav", "hdf5"])
        for product in made.products:
            self.same(product.complex(), want)

    def test_an_empty_file_is_an_empty_array(self):
        pathlib.Path("a.cf32").touch()
        self.same(flowspan.open_product("a.cf32").data, np.empty(0, "c8"))


class Npy(Case):
    def test_arrays_of_samples_and_of_items(self):
        want, numbers = noise(100), np.arange(60, dtype="<i2").reshape(30, 2)
        made = copied(recording("in", want), ("file_sink", {"path": "a.npy"}))
        self.same(made["a.npy"].data, want)
        self.assertIsInstance(made["a.npy"].data, np.memmap)
        several = copied(recording("in", want.reshape(25, 4)), ("file_sink", {"path": "b.npy"}))
        self.same(several["b.npy"].data, want.reshape(25, 4))
        integers = copied(recording("in", numbers), ("file_sink", {"path": "c.npy"}))
        self.same(integers["c.npy"].data, numbers)
        self.same(integers["c.npy"].complex(), ((numbers[:, 0] + 1j * numbers[:, 1]) / 32768).astype("c8"))

    def test_what_is_no_array_says_so(self):
        for content in (b"", b"no array at all", np.lib.format.magic(1, 0) + b"\x10\x00broken"):
            pathlib.Path("a.npy").write_bytes(content)
            with self.assertRaisesRegex(flowspan.Unreadable, "a.npy: "):
                flowspan.open_product("a.npy").data


class Wav(Case):
    def test_each_encoding_and_count_of_channels(self):
        values = (np.arange(-1000, 1000) / 1024).astype("f4")
        sinks = [("wav_sink", {"path": f"{f}.wav", "format": f}) for f in ("pcm16", "pcm24", "float")]
        for name, samples, columns in (("mono", values, values), ("iq", noise(500), noise(500).view("f4").reshape(500, 2)),
                                       ("four", values.reshape(500, 4), values.reshape(500, 4))):
            made = copied(recording(name, samples, 8000), *sinks, overwrite=True)
            for encoding, bits in (("pcm16", 16), ("pcm24", 24), ("float", 0)):
                product = made[f"{encoding}.wav"]
                want = columns if not bits else np.clip(np.rint(columns.astype("f8") * 2 ** (bits - 1)), -2.0 ** (bits - 1), 2.0 ** (bits - 1) - 1)
                self.same(product.data, want.astype("<f4" if not bits else "<i2" if bits == 16 else "int32"))
                self.same(product.scaled(), (want / 2.0 ** (bits - 1) if bits else want).astype("f4"))
                self.assertEqual(isinstance(product.data, np.memmap), bits != 24)
                self.assertEqual((product.sample_rate, len(product.axes)), (8000, 1 if name == "mono" else 2))
                self.same(product[7:9], product.data[7:9])
                self.same(product[-1], product.data[-1])
                if name != "mono":
                    self.same(product[:, 1], product.data[:, 1])
                if name == "iq":
                    self.same(product.complex(), (np.asarray(product.scaled())[:, 0] + 1j * product.scaled()[:, 1]).astype("c8"))
                if bits == 16:
                    with wave.open(product.path) as other:  # Python's own reader
                        self.assertEqual(product.data.tobytes(), other.readframes(10000))

    def test_a_file_that_is_cut_off_says_so(self):
        copied(recording("in", noise(500), 8000), ("wav_sink", {"path": "a.wav"}))
        whole = pathlib.Path("out/a.wav").read_bytes()
        for n, why in ((4, "it is no RIFF"), (30, "it has no chunk `data`"), (60, ""), (len(whole) - 100, "its header says 2000 bytes of samples, 1900 are there")):
            pathlib.Path("cut.wav").write_bytes(whole[:n])
            with self.assertRaisesRegex(flowspan.Unreadable, "cut.wav: " + why):
                flowspan.open_product("cut.wav").data

    def test_files_beyond_4_GiB(self):
        size = 5 << 30
        with open("large.wav", "wb") as file:  # sparse
            file.write(b"RF64\xff\xff\xff\xffWAVEds64" + struct.pack("<IQQQI", 28, size + 72, size, size // 4, 0))
            file.write(b"fmt " + struct.pack("<IHHIIHH", 16, 1, 2, 48000, 192000, 4, 16) + b"data\xff\xff\xff\xff")
            head = file.tell()
            file.seek(head + size - 4)
            file.write(struct.pack("<hh", 3, -4))
        product = flowspan.open_product("large.wav")
        self.assertEqual(product.shape, (size // 4, 2))
        self.same(product[-1], np.array([3, -4], "<i2"))


class Hdf5(Case):
    def test_items_with_axes_rate_time_and_unit(self):
        want = noise(4096)
        g = flowspan.Graph("spectra")
        g.add("source", "file_source", path=recording("in", want, 1000, 5e6, UTC))
        g.add("spectra", "spectrogram", size=64, overlap=32, scale="power")
        g.add("sink", "hdf5_sink", path="a.h5")
        g.connect("source", "spectra", "sink")
        product, = g.run(out="out").products
        with h5py.File(product.path) as file:
            self.same(product.data, file["data"][:])
            self.same(product[3:5, ::7], file["data"][3:5, ::7])
            rate = Fraction(int(file["data"].attrs["sample_rate_numerator"]), int(file["data"].attrs["sample_rate_denominator"]))
            scale = file["data"].dims[1][0][:]
            utc = file["data"].attrs["utc"]
        time, frequency = product.axes
        self.assertEqual((product.rate, time.name, time.unit, time.step), (rate, "time", "s", 1 / rate))
        self.assertEqual(rate, Fraction(1000, 32))
        self.assertEqual((frequency.name, frequency.unit, frequency.size), ("frequency", "Hz", 64))
        self.same(frequency.values, scale)
        self.assertEqual((product.utc, product.center_frequency), (utc if isinstance(utc, str) else utc.decode(), 5e6))
        self.assertEqual(product.unit, product.metadata.get("unit"))

    def test_each_stretch_is_a_file_with_its_own_time(self):
        want = noise(300)
        captures = [{"core:sample_start": 0, "core:datetime": UTC, "core:global_index": 0}, {"core:sample_start": 100, "core:global_index": 150}]
        made = copied({"path": recording("in", want, 1000, captures=captures), "gaps": "restart"}, ("hdf5_sink", {"path": "a.h5"}),
                      ("vector_sink", {}), ("wav_sink", {"path": "a.wav"}))
        self.same(made["out/a.h5"].data, want[:100])
        self.same(made["a.2.h5"].data, want[100:])
        self.assertEqual([made[n].utc for n in ("out/a.h5", "a.2.h5")], [UTC, "2026-01-31T12:00:00.4Z"])
        self.same(made.fetch("sink1"), want)
        self.assertEqual([p.utc for p in made.sink("sink1")], [UTC, "2026-01-31T12:00:00.4Z"])
        self.assertEqual([len(made[n]) for n in ("out/a.wav", "a.2.wav")], [100, 200])

    def test_complex_integers_and_real_ones(self):
        numbers = np.arange(60, dtype="<i2").reshape(30, 2)
        made = copied(recording("in", numbers), ("hdf5_sink", {"path": "a.h5"}))
        product, = made.products
        self.same(np.asarray(product.data["r"]), numbers[:, 0])
        self.same(product.complex(), ((numbers[:, 0] + 1j * numbers[:, 1]) / 32768).astype("c8"))

    def test_full_scale_is_the_products(self):
        made = copied(recording("in", np.arange(60, dtype="<i2").reshape(30, 2)), ("hdf5_sink", {"path": "a.h5"}))
        with h5py.File("out/a.h5", "a") as file:
            file["data"].attrs["full_scale"] = 64.0
        self.assertEqual(flowspan.open_product("out/a.h5").scaled()[1], (2 + 3j) / 64)
        self.assertEqual(made.products[0].path, str(self.folder / "out/a.h5"))

    def test_a_retune_is_no_stretch_for_a_vector_sink(self):
        captures = [{"core:sample_start": 0, "core:frequency": 1e6}, {"core:sample_start": 100, "core:frequency": 2e6}]
        want = noise(300)
        made = copied({"path": recording("in", want, 1000, captures=captures), "retune": "restart"}, ("vector_sink", {}), ("hdf5_sink", {"path": "a.h5"}))
        self.assertEqual([len(p) for p in made.sink("sink0")], [300])
        self.assertEqual([len(p) for p in made.products], [200, 100])  # a.2.h5, a.h5
        self.same(made.fetch("sink0"), want)

    def test_other_files_say_so(self):
        with h5py.File("a.h5", "w") as file:
            file["other"] = [1]
        pathlib.Path("b.h5").write_bytes(b"no HDF5")
        for name, why in (("a.h5", "a.h5: it has no dataset `data`"), ("b.h5", "b.h5: ")):
            with self.assertRaisesRegex(flowspan.Unreadable, why):
                flowspan.open_product(name).data


class DigitalRf(Case):
    def made(self, want, captures, **more):
        source = {"path": recording("in", want, 1000, captures=captures), "gaps": "restart", "retune": "restart"}
        return copied(source, ("digital_rf_sink", {"path": "ch0", **more}))["ch0"]

    def test_a_channel_with_a_gap_and_a_retune(self):
        want = noise(3000)
        captures = [{"core:sample_start": 0, "core:datetime": UTC, "core:frequency": 1e6, "core:global_index": 0},
                    {"core:sample_start": 1000, "core:frequency": 1e6, "core:global_index": 1700},
                    {"core:sample_start": 2500, "core:frequency": 2e6, "core:global_index": 3200}]
        product = self.made(want, captures)
        self.same(product.data, want)
        self.same(product[700:1800], want[700:1800])  # over files and the gap
        self.same(product[::-7], want[::-7])
        self.assertEqual(product[-1], want[-1])
        self.assertEqual(product.kind, "digital_rf")
        self.assertEqual([(c.start, c.missing, c.center_frequency) for c in product.captures], [(0, 0, 1e6), (1000, 700, 1e6), (2500, 0, 2e6)])
        self.assertEqual([c.utc for c in product.captures], [UTC, "2026-01-31T12:00:01.95Z", "2026-01-31T12:00:03.45Z"])
        np.testing.assert_allclose(product.times()[[0, 999, 1000, 2999]], [0, 0.999, 1.7, 3.699])
        self.assertEqual(list(flowspan.products("out")), ["ch0"])
        try:
            import digital_rf
        except ImportError:
            self.skipTest("this Python has no module digital_rf")
        reader = digital_rf.DigitalRFReader(os.path.abspath("out"))
        first = product.captures[0].fields["sample"]
        self.assertEqual(reader.get_bounds("ch0"), (first, first + 3699))
        self.same(reader.read_vector(first + 1700, 1300, "ch0"), want[1000:2300])

    def test_a_retune_where_a_file_begins(self):
        captures = [{"core:sample_start": 0, "core:datetime": UTC, "core:frequency": 1e6}, {"core:sample_start": 750, "core:frequency": 2e6}]
        product = self.made(noise(1000), captures)
        self.assertEqual(len(product._rf_files()), 2)
        self.assertEqual([(c.start, c.missing, c.center_frequency) for c in product.captures], [(0, 0, 1e6), (750, 0, 2e6)])

    def test_subchannels_and_integers(self):
        captures = [{"core:sample_start": 0, "core:datetime": UTC}]
        want = noise(600).reshape(200, 3)
        product = self.made(want, captures)
        self.same(product.data, want)
        self.assertEqual([a.name for a in product.axes], ["time", "channel"])
        self.same(product[3:9, 2], want[3:9, 2])
        numbers = np.arange(600, dtype="<i2").reshape(300, 2)
        copied(recording("in", numbers, 1000, captures=captures), ("digital_rf_sink", {"path": "ch1"}))
        self.same(flowspan.open_product("out/ch1").data["i"], numbers[:, 1])

    def test_a_continuous_channel_is_refused(self):
        product = self.made(noise(10), [{"core:sample_start": 0, "core:datetime": UTC}])
        with h5py.File("out/ch0/drf_properties.h5", "a") as file:
            file.attrs["is_continuous"] = 1
        with self.assertRaisesRegex(flowspan.Unreadable, "ch0: a continuous channel"):
            product.data


class Messages(Case):
    def test_values_stamps_and_columns(self):
        g = flowspan.Graph("levels")
        g.add("source", "vector_source", data=np.repeat([0.25, 0.5, 1.0], 30), datatype="rf32", sample_rate=90)
        g.add("level", "probe", every=30)
        g.add("none", "null_sink")
        g.add("log", "message_log", path="l.jsonl")
        g.connect("source", "level", "none")
        g.connect_messages("level.measurements", "log")
        product, = g.run(out="out").products
        lines = list(map(json.loads, pathlib.Path(product.path).read_text().splitlines()))
        self.assertEqual([m.value for m in product.data], [line["value"] for line in lines])
        self.assertEqual([m.port for m in product.data], [line["port"] for line in lines])
        self.assertEqual(len(product), 3)
        self.same(product.column("peak"), np.array([0.25, 0.5, 1.0]))
        self.same(product.column("stamp"), product.axes[0].values)
        self.assertTrue(all(isinstance(m.stamp, Fraction) for m in product.data))

    def test_exact_stamps_and_what_is_no_message(self):
        pathlib.Path("a.jsonl").write_text('{"port":"in","stamp":"12+1/3","value":{"n":1}}\n{"port":"in","stamp":"13","value":5}\n')
        product = flowspan.open_product("a.jsonl")
        self.assertEqual([m.stamp for m in product.data], [Fraction(37, 3), Fraction(13)])
        self.assertEqual(product.column("n").tolist()[0], 1)
        pathlib.Path("a.jsonl").write_text('{"port":"in","stamp":"12","value":1}\n{"folder":"x"}\n')
        with self.assertRaisesRegex(flowspan.Unreadable, "a.jsonl:2: expected a message"):
            flowspan.open_product("a.jsonl").data


def png(rows, filters, colour=2):
    """A PNG with these filters, by the specification's formulas of the filtering side."""
    size = {0: 1, 2: 3, 6: 4}[colour]
    lines = []
    for y, row in enumerate(rows):
        flat, above = row.reshape(-1).astype(int), (rows[y - 1].reshape(-1) if y else np.zeros(row.size)).astype(int)
        left, corner = np.roll(flat, size), np.roll(above, size)
        left[:size] = corner[:size] = 0
        p = left + above - corner
        near = np.where((abs(p - left) <= abs(p - above)) & (abs(p - left) <= abs(p - corner)), left,
                        np.where(abs(p - above) <= abs(p - corner), above, corner))
        guess = {0: 0 * flat, 1: left, 2: above, 3: (left + above) // 2, 4: near}[filters[y]]
        lines.append(bytes([filters[y]]) + ((flat - guess) % 256).astype("u1").tobytes())
    head = struct.pack(">IIBBBBB", rows.shape[1], rows.shape[0], 8, colour, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"".join(lines))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(struct.pack(">I", len(c)) + n + c + struct.pack(">I", zlib.crc32(n + c)) for n, c in chunks)


class Pictures(Case):
    def test_both_kinds_of_pictures(self):
        g = flowspan.Graph("pictures")
        g.add("source", "file_source", path=recording("in", noise(20000), 1000, 5e6, UTC))
        g.add("fall", "waterfall_png", path="fall.png", size=64, width=64, height=32)
        g.add("spectra", "psd", size=64, average=10)
        g.add("psd", "psd_png", path="psd.png", width=128, height=64)
        g.connect("source", "fall")
        g.connect("source", "spectra", "psd")
        made = g.run(out="out")
        for name in ("fall.png", "psd.png"):
            picture = made[name]
            size = struct.unpack(">II", pathlib.Path(picture.path).read_bytes()[16:24])
            self.assertEqual((picture.shape, picture.dtype), ((size[1], size[0], 3), np.dtype("u1")))
            self.assertEqual(picture.data[0, 0].tolist(), [255, 255, 255])  # the margin
            self.assertGreater(len(np.unique(picture.data.reshape(-1, 3), axis=0)), 3)

    def test_every_filter(self):
        rng = np.random.default_rng(3)
        for colour, size in ((0, 1), (2, 3), (6, 4)):
            rows = rng.integers(0, 256, (10, 7, size)).astype("u1")
            rows[3:7] %= 4  # where neighbours are equally near
            pathlib.Path("a.png").write_bytes(png(rows, [0, 1, 2, 3, 4, 4, 3, 2, 1, 0], colour))
            want = rows[..., :3] if size >= 3 else rows.repeat(3, 2)
            self.same(flowspan.open_product("a.png").data, want)

    def test_damage_is_said(self):
        whole = bytearray(png(np.zeros((4, 4, 3), "u1"), [0] * 4))
        whole[45] ^= 1
        pathlib.Path("a.png").write_bytes(whole)
        with self.assertRaisesRegex(flowspan.Unreadable, "a.png: its chunk IDAT is damaged"):
            flowspan.open_product("a.png").data


class Folders(Case):
    def test_a_folder_holds_each_product_once(self):
        copied(recording("in", noise(100), 1000, 1e6, UTC), ("file_sink", {"path": "b/a.sigmf-meta"}), ("file_sink", {"path": "z.cf32"}),
               ("digital_rf_sink", {"path": "ch0"}), ("file_sink", {"path": "c/a.npy"}), report="out/report.json")
        pathlib.Path("out/.hidden").touch()
        pathlib.Path("out/page.html").touch()
        os.mkfifo("out/pipe")
        found = flowspan.products("out")
        self.assertEqual({k: p.kind for k, p in found.items()},
                         {"b/a.sigmf-meta": "sigmf", "c/a.npy": "npy", "ch0": "digital_rf", "page.html": "other", "pipe": "other", "report.json": "report",
                          "z.cf32": "raw"})
        self.assertEqual(list(flowspan.products("out", recursive=False)), ["ch0", "page.html", "pipe", "report.json", "z.cf32"])
        self.assertEqual(found["report.json"].metadata["graph"], "copied")
        with self.assertRaisesRegex(flowspan.Unreadable, "page.html: flowspan.py has no reader"):
            found["page.html"].data
        with self.assertRaisesRegex(flowspan.Unreadable, "pipe: it is a folder, a pipe or a device, no file"):
            found["pipe"].data
        with self.assertRaisesRegex(flowspan.Unreadable, "report.json: a report holds no array"):
            found["report.json"].data
        with self.assertRaises(FileNotFoundError):
            flowspan.products("none")
        with self.assertRaises(FileNotFoundError):
            flowspan.open_product("none.wav")

    def test_a_header_whose_samples_are_gone(self):
        copied(recording("in", noise(100), 1000, 1e6, UTC), ("file_sink", {"path": "a.sigmf-meta"}))
        os.remove("out/a.sigmf-data")
        product = flowspan.products("out")["a.sigmf-meta"]
        self.assertEqual(product.sample_rate, 1000)
        with self.assertRaisesRegex(flowspan.Unreadable, "its samples, .*a.sigmf-data, are not there"):
            product.data

    def test_headers_that_are_wrong_say_so(self):
        for content in ("", "{}", '{"global": {"core:datatype": "cf99"}, "captures": []}', '{"global": {}, "captures": 5}'):
            pathlib.Path("a.sigmf-meta").write_text(content)
            pathlib.Path("a.sigmf-data").write_bytes(bytes(8))
            with self.assertRaisesRegex(flowspan.Unreadable, "a.sigmf-meta"):
                flowspan.open_product("a.sigmf-meta").data


class Complete(Case):
    """A sink, or a format of one, that is new has a reader, or a line in flowspan.READERS that says there is none."""
    def test_every_sink_has_a_reader(self):
        sinks = {name: block for name, block in flowspan.blocks().items() if block["kind"] == "sinks"}
        self.assertEqual(sorted(flowspan.READERS), sorted(sinks))
        kinds = {c.kind for c in every(flowspan.Product)}
        for name, block in sinks.items():
            reader = flowspan.READERS[name]
            formats = {p["name"]: p for p in block["parameters"]}.get("format", {}).get("choices", [])
            if isinstance(reader, dict):
                self.assertEqual(sorted(reader), sorted(set(formats) - {"auto"}), name)
                self.assertLessEqual(set(reader.values()), kinds)
            elif reader is not None:
                self.assertIn(reader, kinds)
        self.assertEqual(sorted({p["name"]: p for p in sinks["wav_sink"]["parameters"]}["format"]["choices"]), ["float", "pcm16", "pcm24"])

    def test_every_block_that_writes_files_has_a_reader(self):
        writers = {name for name, block in flowspan.blocks().items() if any(p["kind"] == "product path" for p in block["parameters"])}
        self.assertGreater(len(writers), 5)
        self.assertEqual({name for name in writers if not flowspan.READERS.get(name)}, set())

    def test_every_ending_is_one_that_flowspan_reads(self):
        source = (ROOT / "src/io/formats/datatype.cpp").read_text().partition("type_of_extension")[2]
        self.assertEqual(sorted(re.findall(r'\{"(\w+)", SampleType::(\w+)\}', source)), sorted((e, k) for k, es in flowspan.RAW_TYPES.items() for e in es.split()))
        np.zeros(16, "c16").tofile("zeros")
        for kind, endings in flowspan.RAW_TYPES.items():
            for ending in endings.split():
                if ending != "rf64":  # as a file of flowspan's input that is a WAV file, or nothing
                    os.link("zeros", f"x.{ending}")
        said = {pathlib.Path(one["path"]).suffix[1:]: one["datatype"] for one in flowspan.info(*sorted(pathlib.Path(".").glob("x.*")))}
        self.assertEqual({e: d.partition("_")[0] for e, d in said.items()}, {e: k for k, es in flowspan.RAW_TYPES.items() for e in es.split() if e != "rf64"})


def every(kind):
    for one in kind.__subclasses__():
        yield one
        yield from every(one)


if __name__ == "__main__":
    unittest.main()
