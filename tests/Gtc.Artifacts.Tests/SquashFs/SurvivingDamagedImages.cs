using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.Versioning;
using Gtc.Artifacts.SquashFs;
using Gtc.Model;

namespace Gtc.Artifacts.Tests.SquashFs;

[UnsupportedOSPlatform("windows")]
[Collection(nameof(Alone))]
public class SurvivingDamagedImages
{
    private const int Count = 100_000;
    private const int Threads = 2;
    private const long MaxGrowth = 256L << 20;
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(30);

    private static readonly string[][] Packings =
    [
        ["-comp", "gzip"], ["-comp", "gzip", "-noI", "-noD", "-noF", "-b", "4096"], ["-comp", "gzip", "-noI", "-b", "4096", "-always-use-fragments"],
        ["-comp", "xz"], ["-comp", "xz", "-noI", "-noId", "-b", "4096"], ["-comp", "xz", "-noI", "-noD", "-noF", "-no-fragments"],
    ];

    [Fact]
    public async Task A_hundred_thousand_damaged_images_are_refused_or_unpacked_and_nothing_else_happens()
    {
        using var scratch = new ScratchFolder();
        var images = await BaseImagesAsync(scratch);
        var outcomes = new ConcurrentDictionary<string, int>();
        var slowest = new (TimeSpan Took, int Seed)[Threads];
        using var process = Process.GetCurrentProcess();
        var before = process.WorkingSet64;

        Parallel.For(0, Threads, new() { MaxDegreeOfParallelism = Threads }, thread =>
        {
            using var sandbox = new Sandbox(scratch, thread);
            for (var seed = thread; seed < Count; seed += Threads)
            {
                var clock = Stopwatch.StartNew();
                var outcome = sandbox.Unpack(Mutation.Apply(images[seed % images.Count], seed), seed);
                slowest[thread] = slowest[thread].Took > clock.Elapsed ? slowest[thread] : (clock.Elapsed, seed);
                outcomes.AddOrUpdate(outcome, 1, (_, count) => count + 1);
            }
        });

        slowest.Max().Took.ShouldBeLessThan(MaxTime, $"seed {slowest.Max().Seed}");
        process.Refresh();
        (process.WorkingSet64 - before).ShouldBeLessThan(MaxGrowth);
        // The damage must reach the parser: plenty is still readable, plenty is not.
        outcomes["unpacked"].ShouldBeGreaterThan(Count / 10);
        outcomes[nameof(Refusal.MalformedArtifact)].ShouldBeGreaterThan(Count / 10);
    }

    private static async Task<List<byte[]>> BaseImagesAsync(ScratchFolder scratch)
    {
        TreeOnDisk.Create(scratch.Fresh("tree"), Tree());
        List<byte[]> images = [Raw(), Images.Write([.. Tree().Select(entry => entry.ToMember())])];
        foreach (var options in Packings)
        {
            await SquashFsTools.PackAsync(scratch.File("tree"), scratch.File("image"), ["-nopad", .. options]);
            images.Add(await File.ReadAllBytesAsync(scratch.File("image"), TestContext.Current.CancellationToken));
        }

        images.ShouldAllBe(image => Images.List(image, scratch, null).IsOk);
        return images;
    }

    private static IReadOnlyList<SampleEntry> Tree()
    {
        var random = new Random(1);
        var noise = new byte[5000];
        random.NextBytes(noise);
        return
        [
            SampleEntry.File("empty", [], 0b110_100_100), SampleEntry.File("text", "some text, some text"u8.ToArray(), 0b110_100_100),
            SampleEntry.Folder("dir", 0b111_101_101), SampleEntry.File("dir/noise", noise, 0b110_000_000),
            SampleEntry.File("dir/zeros", new byte[9000], 0b110_100_100), SampleEntry.Folder("dir/inner", 0b111_000_000),
            SampleEntry.Link("dir/inner/up", "../../text"), SampleEntry.Link("link", "dir/noise"),
        ];
    }

    // Every kind of inode in its long form, a fragment, a hole, two names for one file.
    private static byte[] Raw()
    {
        var raw = new RawImage();
        var fragment = raw.Fragment(raw.Data("the tail of a file"u8.ToArray()), 18 | (1 << 24));
        var blocks = raw.Data(new byte[5000]);
        var file = raw.ExtendedFile(blocks, 9096, RawImage.NoFragment, 0, [4096 | (1 << 24), 0, 904 | (1 << 24)]);
        var inner = raw.Directory(1, RawEntry.Of("up", raw.Link("../text", 10), 3), RawEntry.Of("same", file, 2));
        return raw.Build(raw.Directory(
            RawEntry.Of("file", file, 2), RawEntry.Of("inner", inner, 1), RawEntry.Of("tail", raw.File(0, 8, fragment, 4, []), 2),
            RawEntry.Of("text", raw.File("content"), 2)));
    }

    /// <summary>A destination with something beside it that must stay as it is.</summary>
    private sealed class Sandbox : IDisposable
    {
        private const string Untouched = "untouched";
        private readonly string _root;
        private readonly string _destination;
        private readonly string _outside;
        private readonly FileStream _image;

        public Sandbox(ScratchFolder scratch, int thread)
        {
            _root = scratch.Fresh($"sandbox-{thread}");
            _destination = Path.Combine(_root, "out");
            _outside = Path.Combine(_root, "outside");
            File.WriteAllText(_outside, Untouched);
            _image = new FileStream(scratch.File($"image-{thread}"), FileMode.Create, FileAccess.ReadWrite, FileShare.Read, 0);
        }

        public string Unpack(byte[] image, int seed)
        {
            Directory.CreateDirectory(_destination);
            _image.SetLength(0);
            RandomAccess.Write(_image.SafeFileHandle, image, 0);

            var outcome = SquashFsExtractor.Extract(
                _image.SafeFileHandle, image.Length, _destination, ExtractionLimits.Default, TestContext.Current.CancellationToken, null);

            Directory.EnumerateFileSystemEntries(_root).Count().ShouldBe(2, $"seed {seed}");
            File.ReadAllText(_outside).ShouldBe(Untouched, $"seed {seed}");
            if (outcome.TryGet(out var report, out var refusal))
            {
                CheckUnpacked(report, seed);
            }
            else if (Images.Inspect(_image.Name, found => found.List()) is { IsOk: false } listed)
            {
                listed.Refusal!.GetType().ShouldBe(refusal.GetType(), $"seed {seed}");
            }

            Directory.Delete(_destination, recursive: true);
            return refusal?.GetType().Name ?? "unpacked";
        }

        public void Dispose() => _image.Dispose();

        // What was reported is there, everything listed is there, and no link leads out.
        private void CheckUnpacked(ExtractionReport report, int seed)
        {
            var listed = Images.List(_image.Name).Value;
            report.Files.ShouldBe(listed.Count(entry => entry.Kind == SquashFsEntryKind.File), $"seed {seed}");
            foreach (var entry in listed)
            {
                var path = Path.Combine(_destination, entry.Path);
                switch (entry.Kind)
                {
                    case SquashFsEntryKind.File:
                        new FileInfo(path).Length.ShouldBe(entry.Size, $"seed {seed}");
                        break;
                    case SquashFsEntryKind.Symlink:
                        new FileInfo(path).LinkTarget.ShouldBe(entry.LinkTarget, $"seed {seed}");
                        TreeOnDisk.Escapes(_destination, path).ShouldBeFalse($"seed {seed}");
                        break;
                    default:
                        new DirectoryInfo(path).Exists.ShouldBeTrue($"seed {seed}");
                        break;
                }
            }
        }
    }
}
