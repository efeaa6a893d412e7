using System.Net;

namespace Gtc.Podman.Tests;

public sealed class Errors_are_told_by_their_cause
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("image not known", PodmanErrorKind.ImageUnknown)]
    [InlineData("that name is already in use", PodmanErrorKind.NameInUse)]
    [InlineData("address already in use", PodmanErrorKind.PortInUse)]
    [InlineData("no space left on device", PodmanErrorKind.NoSpace)]
    [InlineData("setrlimit RLIMIT_NOFILE: Operation not permitted", PodmanErrorKind.LimitRefused)]
    [InlineData("the requested cgroup controller `memory` is not available", PodmanErrorKind.LimitRefused)]
    [InlineData("OCI runtime attempted to invoke a command that was not found", PodmanErrorKind.CommandNotFound)]
    [InlineData("no such container", PodmanErrorKind.NotFound)]
    [InlineData("something else", PodmanErrorKind.Failed)]
    public async Task A_status_of_500_says_nothing(string cause, PodmanErrorKind kind)
    {
        await using var podman = new ScriptedPodman();
        podman.Answers(HttpStatusCode.InternalServerError, $"{{\"cause\":\"{cause}\",\"message\":\"creating it:\\n {cause}\",\"response\":500}}");
        using var client = podman.Client();

        var error = (await client.CreateAsync(new() { Name = "a", Image = "b" }, Token)).Error.ShouldNotBeNull();
        error.Kind.ShouldBe(kind);
        error.Status.ShouldBe(500);
        error.Message.ShouldBe($"creating it:  {cause}");
    }

    [Fact]
    public async Task An_answer_that_is_not_JSON_is_shown_as_it_is()
    {
        await using var podman = new ScriptedPodman();
        podman.Answers(HttpStatusCode.BadGateway, "upstream gone\n");
        using var client = podman.Client();

        (await client.PingAsync(Token)).Error.ShouldBe(new PodmanError(PodmanErrorKind.Failed, "upstream gone", 502));
    }

    [Fact]
    public async Task Nobody_on_the_socket_is_said_with_its_path()
    {
        using var client = new PodmanClient("/nowhere/podman.sock", TimeProvider.System);

        var error = (await client.PingAsync(Token)).Error.ShouldNotBeNull();
        error.Kind.ShouldBe(PodmanErrorKind.Unreachable);
        error.Message.ShouldContain("/nowhere/podman.sock");
    }

    [Fact]
    public async Task A_connection_that_breaks_is_an_error_and_no_exception()
    {
        await using var podman = new ScriptedPodman();
        podman.Sends("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{");
        using var client = podman.Client();

        (await client.InspectAsync("a", Token)).Error!.Kind.ShouldBe(PodmanErrorKind.Unreachable);
    }

    [Fact]
    public async Task No_answer_ends_after_its_time()
    {
        await using var podman = new ScriptedPodman();
        var time = new HandClock();
        podman.Then(async (_, ended) =>
        {
            await time.Armed(TimeSpan.FromSeconds(15));
            time.Advance(TimeSpan.FromSeconds(15));
            await Task.Delay(Timeout.Infinite, ended);
        });
        using var client = podman.Client(time);

        var error = (await client.PingAsync(Token)).Error.ShouldNotBeNull();
        error.ShouldBe(new PodmanError(PodmanErrorKind.TimedOut, "podman did not answer within 15 s"));
    }

    [Fact]
    public async Task Cancellation_is_no_error()
    {
        await using var podman = new ScriptedPodman();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        podman.Then(async (_, _) => await stop.CancelAsync());
        using var client = podman.Client();

        await Should.ThrowAsync<OperationCanceledException>(async () => await client.PingAsync(stop.Token));
    }

    [Fact]
    public async Task An_answer_without_end_is_not_read_without_end()
    {
        await using var podman = new ScriptedPodman();
        podman.Then(async (stream, ended) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), ended);
            for (var block = 0; block < 300; block++)
            {
                await stream.WriteAsync(new byte[64 * 1024], ended);
            }
        });
        using var client = podman.Client();

        (await client.InspectAsync("a", Token)).Error!.Kind.ShouldBe(PodmanErrorKind.Protocol);
    }

    [Fact]
    public async Task What_is_absent_is_an_answer_where_absence_is_expected()
    {
        await using var podman = new ScriptedPodman();
        podman.Answers(HttpStatusCode.NotFound, "{\"cause\":\"no such container\",\"response\":404}").Answers(HttpStatusCode.NotFound).Answers(HttpStatusCode.NoContent)
            .Sends("HTTP/1.1 304 x\r\nConnection: close\r\n\r\n");
        using var client = podman.Client();

        (await client.RemoveAsync("a", TimeSpan.FromSeconds(1), Token)).Value.ShouldBeFalse();
        (await client.HasImageAsync("a", Token)).Value.ShouldBeFalse();
        (await client.HasImageAsync("a", Token)).Value.ShouldBeTrue();
        (await client.StartAsync("a", Token)).Value.ShouldBeFalse();
    }
}
