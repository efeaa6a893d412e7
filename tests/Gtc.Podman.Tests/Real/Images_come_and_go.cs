namespace Gtc.Podman.Tests.Real;

[Collection("podman")]
public sealed class Images_come_and_go(RealPodman podman)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_host_is_known()
    {
        var client = await podman.StartAsync();

        var host = (await client.HostAsync(Token)).Value;
        host.Version.ShouldMatch("^[0-9]+\\.[0-9]+");
        host.IsRootless.ShouldBeFalse();
        Directory.Exists(host.StorageFolder).ShouldBeTrue();
        host.CgroupVersion.ShouldMatch("^v[12]$");
        host.Architecture.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_registry_that_is_not_there_is_an_error_inside_a_stream_that_began_well()
    {
        var client = await podman.StartAsync();

        (await client.HasImageAsync(RealPodman.Image, Token)).Value.ShouldBeTrue();
        (await client.HasImageAsync("127.0.0.1:1/x:y", Token)).Value.ShouldBeFalse();
        var error = (await client.PullAsync(new("127.0.0.1:1/x:y") { IsInsecure = true }, Token)).Error.ShouldNotBeNull();
        error.Kind.ShouldBe(PodmanErrorKind.PullFailed);
        error.Status.ShouldBe(200);
        error.Message.ShouldContain("connection refused");
    }

    [Fact]
    public async Task An_image_travels_through_a_registry()
    {
        var client = await podman.StartAsync();
        await using var registry = await LocalRegistry.StartAsync();
        var reference = $"{registry.Address}/gtc/page:1";
        await podman.RunAsync("push", "--tls-verify=false", RealPodman.Image, reference);

        (await client.HasImageAsync(reference, Token)).Value.ShouldBeFalse();
        (await client.PullAsync(new(reference), Token)).Error!.Kind.ShouldBe(PodmanErrorKind.PullFailed, "it speaks plain HTTP, which must be allowed");
        (await client.PullAsync(new(reference) { IsInsecure = true }, Token)).Value.ShouldNotBeEmpty();
        (await client.HasImageAsync(reference, Token)).Value.ShouldBeTrue();
        var details = (await client.InspectImageAsync(reference, Token)).Value;
        details.Tags.ShouldNotBeNull().ShouldContain(reference);
        (await client.InspectImageAsync(details.Id, Token)).Value.Id.ShouldBe(details.Id);
        (await client.InspectImageAsync("localhost/absent:1", Token)).Error!.Kind.ShouldBe(PodmanErrorKind.NotFound);
        (await client.PullAsync(new($"{registry.Address}/gtc/page:2") { IsInsecure = true }, Token)).Error!.Message.ShouldContain("manifest unknown");
        (await client.RemoveImageAsync(reference, Token)).Value.ShouldBeTrue();
        (await client.RemoveImageAsync(reference, Token)).Value.ShouldBeFalse();
    }

    [Fact]
    public async Task An_archive_of_one_image_can_be_loaded()
    {
        var client = await podman.StartAsync();
        var file = Path.GetTempFileName();
        File.Delete(file);
        (await client.TagAsync(RealPodman.Image, "localhost/gtc-archive", "1", Token)).Value.ShouldBeTrue();
        await podman.RunAsync("save", "--format", "docker-archive", "-o", file, "localhost/gtc-archive:1");
        (await client.RemoveImageAsync("localhost/gtc-archive:1", Token)).Value.ShouldBeTrue();

        await using (var archive = File.OpenRead(file))
        {
            (await client.LoadAsync(archive, Token)).Value.ShouldBe(["localhost/gtc-archive:1"]);
        }

        (await client.HasImageAsync("localhost/gtc-archive:1", Token)).Value.ShouldBeTrue();
        (await client.RemoveImageAsync("localhost/gtc-archive:1", Token)).Value.ShouldBeTrue();
        File.Delete(file);
    }

    [Fact]
    public async Task Events_are_seen_while_the_service_is_killed_and_comes_back()
    {
        var client = await podman.StartAsync();
        await using var events = client.WatchAsync(Token).GetAsyncEnumerator(Token);
        (await client.CreateAsync(new() { Name = "events", Image = RealPodman.Image, Command = ["/bin/sh", "-c", "exit 5"], Netns = new("none") }, Token)).Error.ShouldBeNull();
        (await NextAsync(events, "create")).Container.ShouldBe("events");

        await podman.KillServiceAsync();
        await podman.ServeAsync();
        (await client.StartAsync("events", Token)).Value.ShouldBeTrue();

        (await NextAsync(events, "start")).Container.ShouldBe("events");
        (await NextAsync(events, "died")).ExitCode.ShouldBe(5);
        (await client.RemoveAsync("events", TimeSpan.Zero, Token)).Value.ShouldBeTrue();
        await NextAsync(events, "remove");
    }

    private static async Task<ContainerEvent> NextAsync(IAsyncEnumerator<ContainerEvent> events, string action)
    {
        while (await events.MoveNextAsync())
        {
            if (events.Current.Action == action && events.Current.Container == "events")
            {
                return events.Current;
            }
        }

        throw new InvalidOperationException("the stream ended");
    }
}
