using System.Text;

namespace Gtc.Podman.Tests.Images;

public sealed class A_pull_is_read_to_its_end
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_id_is_what_success_yields()
    {
        await using var podman = new ScriptedPodman();
        podman.Streams("{\"stream\":\"Trying to pull x...\\n\"}\n{\"images\":[\"abc\"],\"id\":\"abc\"}\n");
        using var client = podman.Client();

        (await client.PullAsync(new("r.example/x:1"), Token)).Value.ShouldBe("abc");
        podman.Requests[0].ShouldStartWith("POST /v4.0.0/libpod/images/pull?reference=r.example%2Fx%3A1&tlsVerify=true HTTP/1.1");
    }

    [Theory]
    [InlineData("{\"stream\":\"Trying\"}\n{\"error\":\"manifest unknown\"}\n", "manifest unknown")]
    [InlineData("{\"error\":\"manifest unknown\"}\n{\"id\":\"abc\"}\n", "manifest unknown")]
    [InlineData("{\"stream\":\"Trying\"}\n", "without an image")]
    [InlineData("", "without an image")]
    [InlineData("{\"id\":\"\"}\n", "without an image")]
    public async Task A_line_with_an_error_or_no_id_is_a_failure_although_the_status_is_200(string lines, string expected)
    {
        await using var podman = new ScriptedPodman();
        podman.Streams(lines);
        using var client = podman.Client();

        var error = (await client.PullAsync(new("r.example/x:1"), Token)).Error.ShouldNotBeNull();
        error.Kind.ShouldBe(PodmanErrorKind.PullFailed);
        error.Message.ShouldContain(expected);
    }

    [Fact]
    public async Task A_full_disk_is_told_apart()
    {
        await using var podman = new ScriptedPodman();
        podman.Streams("{\"error\":\"writing blob: storing blob to file: write /var/tmp/x: no space left on device\"}\n");
        using var client = podman.Client();

        (await client.PullAsync(new("r.example/x:1"), Token)).Error!.Kind.ShouldBe(PodmanErrorKind.NoSpace);
    }

    [Theory]
    [InlineData("not json\n")]
    [InlineData("null\n")]
    public async Task What_is_not_JSON_is_an_error_of_the_protocol(string lines)
    {
        await using var podman = new ScriptedPodman();
        podman.Streams(lines);
        using var client = podman.Client();

        (await client.PullAsync(new("r.example/x:1"), Token)).Error!.Kind.ShouldBe(PodmanErrorKind.Protocol);
    }

    [Fact]
    public async Task A_line_without_end_is_not_read_without_end()
    {
        await using var podman = new ScriptedPodman();
        podman.Streams(new string('x', 300 * 1024));
        using var client = podman.Client();

        (await client.PullAsync(new("r.example/x:1"), Token)).Error!.Kind.ShouldBe(PodmanErrorKind.Protocol);
    }

    [Fact]
    public async Task Silence_ends_it_and_a_line_begins_the_time_anew()
    {
        await using var podman = new ScriptedPodman();
        var time = new HandClock();
        podman.Then(async (stream, stop) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), stop);
            for (var line = 0; line < 5; line++)
            {
                await time.Armed(TimeSpan.FromMinutes(30));
                time.Advance(TimeSpan.FromMinutes(20));
                await stream.WriteAsync("{\"stream\":\"…\"}\n"u8.ToArray(), stop);
            }

            await time.Armed(TimeSpan.FromMinutes(30));
            time.Advance(TimeSpan.FromMinutes(31));
            await Task.Delay(Timeout.Infinite, stop);
        });
        using var client = podman.Client(time);

        var error = (await client.PullAsync(new("r.example/x:1"), Token)).Error.ShouldNotBeNull();
        error.Kind.ShouldBe(PodmanErrorKind.TimedOut);
        error.Message.ShouldBe("pulling r.example/x:1 made no progress for 30 min");
    }

    [Fact]
    public async Task The_user_travels_in_a_field_of_its_own_and_is_never_shown()
    {
        await using var podman = new ScriptedPodman();
        podman.Streams("{\"id\":\"abc\"}\n");
        using var client = podman.Client();
        var pull = new ImagePull("127.0.0.1:5000/x:1") { Login = new("ann", "secret"), IsInsecure = true };

        (await client.PullAsync(pull, Token)).Error.ShouldBeNull();
        var field = podman.Requests[0].Split("\r\n").Single(line => line.StartsWith("X-Registry-Auth: ", StringComparison.Ordinal))["X-Registry-Auth: ".Length..];
        Encoding.UTF8.GetString(Convert.FromBase64String(field)).ShouldBe("{\"username\":\"ann\",\"password\":\"secret\"}");
        podman.Requests[0].ShouldContain("tlsVerify=false");
        pull.ToString().ShouldNotContain("secret");
    }
}
