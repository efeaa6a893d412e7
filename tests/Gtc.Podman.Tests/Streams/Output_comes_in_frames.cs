using System.Text;

namespace Gtc.Podman.Tests.Streams;

public sealed class Output_comes_in_frames
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_says_its_stream_its_time_and_its_text()
    {
        var lines = await ReadAsync(Frame(1, "2026-11-21T12:06:50Z out\n") + Frame(2, "2026-11-21T12:06:51.5Z \n") + Frame(1, "no time at all"));

        lines.Select(line => line.Value).ShouldBe(
        [
            new(false, new DateTimeOffset(2026, 11, 21, 12, 6, 50, TimeSpan.Zero), "out"),
            new(true, new DateTimeOffset(2026, 11, 21, 12, 6, 51, 500, TimeSpan.Zero), ""),
            new(false, null, "no time at all"),
        ]);
    }

    [Theory]
    [InlineData("\u0001\0\0\0\0\0\0\u0010cut")]
    [InlineData("\u0001\0\0")]
    [InlineData("\u0003\0\0\0\0\0\0\0")]
    [InlineData("\u0001\0\0\u0001\0\0\0\0")]
    [InlineData("\u0001\0\0\0\u00ff\0\0\0")]
    public async Task What_is_no_frame_ends_the_stream_with_an_error(string broken)
    {
        var lines = await ReadAsync(Frame(1, "2026-11-21T12:06:50Z out\n") + broken);

        lines.Count.ShouldBe(2);
        lines[1].Error!.Kind.ShouldBe(PodmanErrorKind.Protocol);
    }

    [Fact]
    public async Task Any_cut_of_a_valid_stream_is_an_error_or_its_end()
    {
        var whole = Frame(1, "2026-11-21T12:06:50Z a\n") + Frame(2, "2026-11-21T12:06:50Z b\n");
        for (var cut = 0; cut <= whole.Length; cut++)
        {
            var frames = 0;
            try
            {
                await foreach (var _ in StreamLines.FramesAsync(new MemoryStream(Encoding.Latin1.GetBytes(whole[..cut])), Token))
                {
                    frames++;
                }

                (cut % (whole.Length / 2)).ShouldBe(0);
            }
            catch (ProtocolException)
            {
                (cut % (whole.Length / 2)).ShouldNotBe(0);
            }

            frames.ShouldBe(cut / (whole.Length / 2));
        }
    }

    private static async Task<List<PodmanResult<LogLine>>> ReadAsync(string stream)
    {
        await using var podman = new ScriptedPodman();
        podman.Streams(stream);
        using var client = podman.Client();
        var lines = new List<PodmanResult<LogLine>>();
        await foreach (var line in client.LogsAsync("web", new(Tail: 5), Token))
        {
            lines.Add(line);
        }

        podman.Requests[0].ShouldStartWith("GET /v4.0.0/libpod/containers/web/logs?stdout=true&stderr=true&timestamps=true&follow=false&tail=5 ");
        return lines;
    }

    private static string Frame(int stream, string text) => $"{(char)stream}\0\0\0\0\0\0{(char)text.Length}{text}";
}
