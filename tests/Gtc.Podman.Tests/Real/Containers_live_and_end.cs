namespace Gtc.Podman.Tests.Real;

[Collection("podman")]
public sealed class Containers_live_and_end(RealPodman podman)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task From_create_to_remove()
    {
        var client = await podman.StartAsync();
        var port = RealPodman.FreePort();
        var spec = new ContainerSpec
        {
            Name = "life",
            Image = RealPodman.Image,
            Command = [.. RealPodman.Serve],
            Labels = new Dictionary<string, string> { ["gtc.test"] = "life" }.ToSorted(),
            PortMappings = [new(null, port, 80, "tcp")],
            Netns = new("bridge"),
            RestartPolicy = "always",
        };

        var made = (await client.CreateAsync(spec, Token)).Value;
        (await client.StartAsync("life", Token)).Value.ShouldBeTrue();
        (await client.StartAsync("life", Token)).Value.ShouldBeFalse();
        (await RealPodman.PageAsync(port)).ShouldBe("a page\n");

        var listed = (await client.ListAsync(["gtc.test=life"], Token)).Value.ShouldHaveSingleItem();
        listed.Id.ShouldBe(made.Id);
        listed.Name.ShouldBe("life");
        listed.IsRunning.ShouldBeTrue();
        listed.Ports!.Value[0].HostPort.ShouldBe(port);
        (await client.InspectAsync("life", Token)).Value.State.StartedAt.ShouldBeGreaterThan(DateTimeOffset.UnixEpoch);

        (await client.StopAsync("life", Grace, Token)).Value.ShouldBeTrue();
        (await client.StopAsync("life", Grace, Token)).Value.ShouldBeFalse();
        (await client.InspectAsync("life", Token)).Value.State.Running.ShouldBeFalse();
        (await client.RemoveAsync("life", Grace, Token)).Value.ShouldBeTrue();
        (await client.RemoveAsync("life", Grace, Token)).Value.ShouldBeFalse();
        (await client.HasContainerAsync("life", Token)).Value.ShouldBeFalse();
        (await client.ListAsync(["gtc.test=life"], Token)).Value.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_refused_has_its_kind()
    {
        var client = await podman.StartAsync();
        var port = RealPodman.FreePort();
        ContainerSpec Spec(string name) => new() { Name = name, Image = RealPodman.Image, Command = [.. RealPodman.Serve], PortMappings = [new(null, port, 80, "tcp")], Netns = new("bridge") };

        (await client.CreateAsync(Spec("refused") with { Image = "localhost/nowhere:1" }, Token)).Error!.Kind.ShouldBe(PodmanErrorKind.ImageUnknown);
        (await client.CreateAsync(Spec("refused"), Token)).Error.ShouldBeNull();
        (await client.CreateAsync(Spec("refused"), Token)).Error!.Kind.ShouldBe(PodmanErrorKind.NameInUse);
        (await client.StartAsync("refused", Token)).Value.ShouldBeTrue();

        (await client.CreateAsync(Spec("refused-port"), Token)).Error.ShouldBeNull();
        (await client.StartAsync("refused-port", Token)).Error!.Kind.ShouldBe(PodmanErrorKind.PortInUse);
        (await client.CreateAsync(new() { Name = "refused-word", Image = RealPodman.Image, Command = ["/nothing"] }, Token)).Error.ShouldBeNull();
        (await client.StartAsync("refused-word", Token)).Error!.Kind.ShouldBe(PodmanErrorKind.CommandNotFound);
        (await client.InspectAsync("refused-nobody", Token)).Error!.Kind.ShouldBe(PodmanErrorKind.NotFound);

        foreach (var name in (string[])["refused", "refused-port", "refused-word"])
        {
            (await client.RemoveAsync(name, TimeSpan.Zero, Token)).Value.ShouldBeTrue();
        }
    }

    [Fact]
    public async Task A_process_limit_is_known_by_its_short_name_only()
    {
        var client = await podman.StartAsync();

        (await OutputAsync(client, "limit-short", "nofile")).ShouldBe("77");
        (await OutputAsync(client, "limit-long", "RLIMIT_NOFILE")).ShouldNotBe("77");
    }

    [Fact]
    public async Task A_limit_above_what_the_host_may_set_has_its_kind()
    {
        var client = await podman.StartAsync();
        (await client.CreateAsync(Shell("limit-high", "true") with { RLimits = [new("nofile", 1ul << 40, 1ul << 40), new("nproc", 900, 900)] }, Token)).Error.ShouldBeNull();

        (await client.StartAsync("limit-high", Token)).Error!.Kind.ShouldBe(PodmanErrorKind.LimitRefused);
        (await client.RemoveAsync("limit-high", TimeSpan.Zero, Token)).Value.ShouldBeTrue();
    }

    [Fact]
    public async Task Output_and_its_end_can_be_read()
    {
        var client = await podman.StartAsync();
        (await client.CreateAsync(Shell("output", "echo one; echo two >&2; echo three; exit 7"), Token)).Error.ShouldBeNull();
        (await client.StartAsync("output", Token)).Error.ShouldBeNull();

        var lines = new List<LogLine>();
        await foreach (var line in client.LogsAsync("output", new(Follow: true), Token))
        {
            lines.Add(line.Value);
        }

        lines.Select(line => (line.IsError, line.Text)).ShouldBe([(false, "one"), (true, "two"), (false, "three")], ignoreOrder: true, "two streams have no order among each other");
        lines.ShouldAllBe(line => line.Time != null);
        (await client.InspectAsync("output", Token)).Value.State.ExitCode.ShouldBe(7);

        var last = new List<string>();
        await foreach (var line in client.LogsAsync("output", new(Tail: 1), Token))
        {
            last.Add(line.Value.Text);
        }

        last.Count.ShouldBe(1);
        await client.RemoveAsync("output", TimeSpan.Zero, Token);

        await foreach (var line in client.LogsAsync("output", new(), Token))
        {
            line.Error!.Kind.ShouldBe(PodmanErrorKind.NotFound);
        }
    }

    [Fact]
    public async Task Files_of_the_host_and_volumes_are_seen_inside()
    {
        var client = await podman.StartAsync();
        var folder = Directory.CreateTempSubdirectory("gtc-mount-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "note"), "from the host", Token);
        var spec = Shell("mounts", "cat /in/note; echo kept > /data/x; echo no > /in/note || echo read-only") with { Mounts = [new("/in", folder, ["ro", "rbind"])], Volumes = [new("kept-volume", "/data", [])] };

        (await client.CreateAsync(spec, Token)).Error.ShouldBeNull();
        (await client.StartAsync("mounts", Token)).Error.ShouldBeNull();
        var lines = new List<string>();
        await foreach (var line in client.LogsAsync("mounts", new(Follow: true), Token))
        {
            lines.Add(line.Value.Text);
        }

        string.Join(' ', lines).ShouldContain("from the host");
        lines.ShouldContain(line => line.EndsWith("read-only", StringComparison.Ordinal));
        (await client.HasVolumeAsync("kept-volume", Token)).Value.ShouldBeTrue();
        (await client.RemoveVolumeAsync("kept-volume", Token)).Error!.Kind.ShouldBe(PodmanErrorKind.InUse);
        (await client.RemoveAsync("mounts", TimeSpan.Zero, Token)).Value.ShouldBeTrue();
        (await client.HasVolumeAsync("kept-volume", Token)).Value.ShouldBeTrue("a volume with a name outlives its container");
        (await client.RemoveVolumeAsync("kept-volume", Token)).Value.ShouldBeTrue();
        (await client.CreateVolumeAsync("kept-volume", Token)).Value.ShouldBeTrue();
        (await client.RemoveVolumeAsync("kept-volume", Token)).Value.ShouldBeTrue();
        (await client.RemoveVolumeAsync("kept-volume", Token)).Value.ShouldBeFalse();
        Directory.Delete(folder, recursive: true);
    }

    private static ContainerSpec Shell(string name, string script) => new() { Name = name, Image = RealPodman.Image, Command = ["/bin/sh", "-c", script], Netns = new("none") };

    private static async Task<string> OutputAsync(PodmanClient client, string name, string limit)
    {
        (await client.CreateAsync(Shell(name, "ulimit -n") with { RLimits = [new(limit, 77, 77), new("nproc", 900, 900)] }, Token)).Error.ShouldBeNull();
        var started = await client.StartAsync(name, Token);
        var text = started.Error?.Message ?? "";
        if (started.Error is null)
        {
            await foreach (var line in client.LogsAsync(name, new(Follow: true), Token))
            {
                text += line.Value.Text;
            }
        }

        await client.RemoveAsync(name, TimeSpan.Zero, Token);
        return text;
    }
}
