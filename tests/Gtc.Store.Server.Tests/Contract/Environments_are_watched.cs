using System.Net.Sockets;

namespace Gtc.Store.Server.Tests.Contract;

/// <summary>Who waits is told.</summary>
public abstract class Environments_are_watched<TLab> : ContractTest<TLab>
    where TLab : StoreLab, new()
{
    [Fact]
    public async Task Who_is_behind_is_answered_at_once_and_who_is_not_when_it_changes()
    {
        await Client.CreateAsync(Env);
        (await Client.GetAsync($"/environments/{Env}/watch?from=0")).Must(200).Generation.ShouldBe(1);
        (await Client.GetAsync($"/environments/{Env}/watch?from=1&timeout=0")).Must(204);
        var waiting = Client.GetAsync($"/environments/{Env}/watch?from=1&timeout=120");
        var changed = (await Client.RenameAsync(Env, "x")).Must(200);
        var told = (await waiting).Must(200);
        told.Generation.ShouldBe(2);
        told.Etag.ShouldBe(changed.Etag);
    }

    [Fact]
    public async Task A_stream_goes_on_and_is_taken_up_where_it_ended()
    {
        await Client.CreateAsync(Env);
        using (var reader = await OpenAsync(null))
        {
            (await NextIdAsync(reader)).ShouldBe("1");
            await Client.RenameAsync(Env, "x");
            (await NextIdAsync(reader)).ShouldBe("2");
        }

        await Client.RenameAsync(Env, "y");
        using var again = await OpenAsync("2");
        (await NextIdAsync(again)).ShouldBe("3");
    }

    [Fact]
    public async Task Many_who_wait_are_all_told()
    {
        await Client.CreateAsync(Env);
        var waiting = Enumerable.Range(0, 50).Select(_ => Client.GetAsync($"/environments/{Env}/watch?from=1&timeout=120")).ToList();
        await Client.RenameAsync(Env, "x");
        foreach (var told in await Task.WhenAll(waiting))
        {
            told.Must(200).Generation.ShouldBe(2);
        }
    }

    [Fact]
    public async Task Watches_end_when_the_server_stops()
    {
        await Client.CreateAsync(Env);
        using var reader = await OpenAsync(null);
        (await NextIdAsync(reader)).ShouldBe("1");
        var waiting = Client.GetAsync($"/environments/{Env}/watch?from=1&timeout=120");
        await Lab.StopAsync();
        await EndsAsync(async () => (await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).ShouldNotContain("id:"));
        await EndsAsync(async () => (await waiting).Must(204));
    }

    /// <summary>Whether a request had arrived before the server stopped, and how its connection ends, is the machine's to say.</summary>
    private static async Task EndsAsync(Func<Task> request)
    {
        try
        {
            await request();
        }
        catch (Exception error) when (error is HttpRequestException or IOException or SocketException)
        {
        }
    }

    private async Task<StreamReader> OpenAsync(string? lastEventId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/environments/{Env}/watch");
        request.Headers.Add("Accept", "text/event-stream");
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        var response = await Client.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        return new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<string> NextIdAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                return line[4..];
            }
        }

        throw new InvalidOperationException("The stream ended without an event.");
    }
}
