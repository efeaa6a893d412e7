using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;

namespace Gtc.EndToEnd.Tests.Cluster;

/// <summary>The image that <c>eng/image</c> builds: small, reproducible, without a shell, and it runs as nobody on a root that is read-only.</summary>
public sealed class The_image_holds_gtc_and_no_shell(BuiltImage image) : IClassFixture<BuiltImage>
{
    private const long MaxBytes = 40 * 1024 * 1024;

    [Fact]
    public async Task Two_builds_give_the_same_digest_and_a_binary_beside_gives_another()
    {
        var digest = await image.BuildAsync("image.tar");
        await File.WriteAllTextAsync(image.PathTo("cloudflared"), "a tunnel", Token);
        (await image.BuildAsync("again.tar")).ShouldBe(digest);
        (await image.BuildAsync("variant.tar", "--cloudflared", image.PathTo("cloudflared"))).ShouldNotBe(digest);
        (await EntriesAsync("variant.tar")).ShouldContain(entry => entry.Name == "./usr/local/bin/cloudflared");
    }

    [Fact]
    public async Task It_is_small_and_the_only_programs_in_it_are_gtc_and_the_loader()
    {
        await image.BuildAsync("image.tar");
        new FileInfo(image.PathTo("image.tar")).Length.ShouldBeLessThan(MaxBytes);
        var programs = (await EntriesAsync("image.tar"))
            .Where(entry => entry.Type == TarEntryType.V7RegularFile || entry.Type == TarEntryType.RegularFile)
            .Where(entry => entry.Mode.HasFlag(UnixFileMode.OtherExecute))
            .Select(entry => entry.Name)
            .ToList();
        programs.Count.ShouldBe(2, string.Join(", ", programs));
        programs.ShouldContain("./usr/local/bin/gtc");
        programs.ShouldContain(name => Path.GetFileName(name).StartsWith("ld-linux", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_bill_of_materials_names_every_file_with_its_package_and_version()
    {
        var digest = await image.BuildAsync("image.tar");
        using var bill = JsonDocument.Parse(await File.ReadAllBytesAsync(image.PathTo("image.cdx.json"), Token));
        bill.RootElement.GetProperty("metadata").GetProperty("component").GetProperty("hashes")[0].GetProperty("content").GetString().ShouldBe(digest["sha256:".Length..]);
        var packages = bill.RootElement.GetProperty("components").EnumerateArray().ToDictionary(component => component.GetProperty("name").GetString()!);
        packages.Keys.ShouldBe(["gtc", "ca-certificates", "libc6", "libgcc-s1", "liblzma5", "libssl3", "libstdc++6", "libzstd1"], ignoreOrder: true);
        packages.Values.ShouldAllBe(package => package.GetProperty("version").GetString() != "");
        var named = packages.Values.SelectMany(package => package.GetProperty("components").EnumerateArray()).Select(file => file.GetProperty("name").GetString()).ToHashSet();
        foreach (var entry in (await EntriesAsync("image.tar")).Where(entry => entry.Name.Contains(".so", StringComparison.Ordinal)))
        {
            named.ShouldContain(entry.Name[1..]);
        }
    }

    [Fact]
    public async Task It_runs_as_nobody_with_a_read_only_root_and_answers()
    {
        Assert.SkipUnless(Environment.UserName == "root", "containers are started by root here; run the tests as root");
        string[] confined = ["--rm", "--read-only", "--cap-drop", "all", "--security-opt", "no-new-privileges"];
        await image.BuildAsync("image.tar");
        await PodmanAsync("load", "-q", "-i", image.PathTo("image.tar"));
        var name = (await PodmanAsync("images", "--format", "{{.Repository}}:{{.Tag}}")).Trim();
        name.ShouldStartWith("localhost/gtc:");
        (await PodmanAsync(["run", .. confined, name, "--version"])).Trim().ShouldBe(name.Replace("localhost/gtc:", "gtc ", StringComparison.Ordinal));
        try
        {
            await PodmanAsync(["run", .. confined, "-d", "--name", "worker", "--network", "host", "-e", "PORT=0", "--tmpfs", "/var/greentic:mode=1777", name, "start", "--env", "local"]);
            var address = await ListeningAsync();
            using var client = new HttpClient();
            (await client.GetStringAsync($"{address}/healthz", Token)).ShouldBe("ok");
            var process = (await PodmanAsync("inspect", "--format", "{{.State.Pid}}", "worker")).Trim();
            (await File.ReadAllLinesAsync($"/proc/{process}/status", Token)).ShouldContain("Uid:\t65532\t65532\t65532\t65532");
        }
        finally
        {
            await PodmanAsync("rm", "--force", "--all", "--time", "10");
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Task<string> PodmanAsync(params string[] words) => Script.EngAsync("podman", [image.PathTo("podman"), .. words]);

    /// <summary>Follows the container's log up to its banner.</summary>
    private async Task<string> ListeningAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        for (var looked = 0; looked < 150 && await timer.WaitForNextTickAsync(Token); looked++)
        {
            var log = await PodmanAsync("logs", "worker");
            if (log.Split(' ', '\n').FirstOrDefault(word => word.StartsWith("http://", StringComparison.Ordinal)) is { } address)
            {
                return address.TrimEnd('.');
            }
        }

        throw new TimeoutException("the worker in the container did not say where it listens");
    }

    /// <summary>What the layers hold.</summary>
    private async Task<List<(string Name, TarEntryType Type, UnixFileMode Mode)>> EntriesAsync(string archive)
    {
        var entries = new List<(string, TarEntryType, UnixFileMode)>();
        await using var file = File.OpenRead(image.PathTo(archive));
        await using var blobs = new TarReader(file);
        while (await blobs.GetNextEntryAsync(copyData: true, Token) is { } blob)
        {
            // Blobs of layers begin with gzip's two bytes; the others are JSON.
            if (blob.DataStream is not { Length: > 2 } content || content.ReadByte() != 0x1f)
            {
                continue;
            }

            content.Position = 0;
            await using var unpacked = new GZipStream(content, CompressionMode.Decompress);
            await using var layer = new TarReader(unpacked);
            while (await layer.GetNextEntryAsync(copyData: false, Token) is { } entry)
            {
                entries.Add((entry.Name, entry.EntryType, entry.Mode));
            }
        }

        return entries;
    }
}
