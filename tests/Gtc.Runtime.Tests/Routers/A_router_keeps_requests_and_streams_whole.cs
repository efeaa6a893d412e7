using System.Net.WebSockets;
using System.Text;
using Gtc.Model;

namespace Gtc.Runtime.Tests.Routers;

public sealed class A_router_keeps_requests_and_streams_whole : IDisposable
{
    private readonly RouterLab _lab = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task No_request_fails_while_the_dial_turns()
    {
        var (a, b) = await _lab.TwoAsync(5000, 5000);
        await using var workerOfA = await _lab.WorkerAsync(a);
        await using var workerOfB = await _lab.WorkerAsync(b);
        await using var router = await _lab.RouterAsync();
        using var observer = RouterLab.ClientOf(router);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var load = Enumerable.Range(0, 4).Select(_ => Task.Run(() => LoadAsync(router, over), Token)).ToArray();
        for (uint turn = 1; turn <= 6; turn++)
        {
            // Every third time one of them leaves the table altogether and comes back.
            if (turn % 3 == 0)
            {
                _lab.Dial((a, 10_000));
            }
            else
            {
                _lab.Dial((a, turn * 1500), (b, 10_000 - (turn * 1500)));
            }

            await Eventually.HoldsAsync(async () => (await RouterLab.StatusAsync(observer)).GetProperty("reloads").GetUInt32() == turn);
        }

        await over.CancelAsync();
        var seen = (await Task.WhenAll(load)).SelectMany(each => each).ToList();
        seen.Count.ShouldBeGreaterThan(100);
        seen.ShouldAllBe(reply => reply.Status == 200);
        seen.ShouldContain(reply => reply.Text.Contains(a.ToString(), StringComparison.Ordinal));
        seen.ShouldContain(reply => reply.Text.Contains(b.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_socket_outlives_its_revision_for_the_drain_time_and_is_closed_with_a_frame()
    {
        var (a, b) = await _lab.TwoAsync(10_000, 0, drainSeconds: 2);
        await using var serverOfA = new EchoServer("a");
        await using var serverOfB = new EchoServer("b");
        (_lab.Addresses[a], _lab.Addresses[b]) = (serverOfA.Address, serverOfB.Address);
        await using var router = await _lab.RouterAsync();
        using var client = RouterLab.ClientOf(router);
        using var socket = await ConnectAsync(router);
        (await EchoAsync(socket, "before")).ShouldBe("before");

        _lab.Dial((b, 10_000));
        await Eventually.HoldsAsync(async () => (await RouterLab.StatusAsync(client)).GetProperty("draining").GetArrayLength() == 1);
        var row = (await RouterLab.StatusAsync(client)).GetProperty("draining")[0];
        (row.GetProperty("revision_id").GetString(), row.GetProperty("in_flight").GetInt32()).ShouldBe((a.ToString(), 1));
        (await client.GetStringAsync("/metrics", Token)).ShouldContain("gtc_revisions_draining 1");
        (await EchoAsync(socket, "while it drains")).ShouldBe("while it drains");
        (await RouterLab.GreetAsync(client)).ShouldBe((200, "b"));

        await IsClosedAsync(socket);
        await Eventually.HoldsAsync(async () => (await RouterLab.StatusAsync(client)).GetProperty("draining").GetArrayLength() == 0);
        _lab.IsTold($"RevisionEvicted: {a}").ShouldBeTrue();
    }

    [Fact]
    public async Task A_socket_of_a_revision_that_drains_in_its_place_is_closed_when_the_time_is_over()
    {
        var (a, b) = await _lab.TwoAsync(10_000, 0, drainSeconds: 1);
        await using var serverOfA = new EchoServer("a");
        await using var serverOfB = new EchoServer("b");
        (_lab.Addresses[a], _lab.Addresses[b]) = (serverOfA.Address, serverOfB.Address);
        await using var router = await _lab.RouterAsync();
        using var client = RouterLab.ClientOf(router);
        using var socket = await ConnectAsync(router);
        (await EchoAsync(socket, "before")).ShouldBe("before");
        _lab.Dial((a, 5000), (b, 5000));
        _lab.Drain(a);
        await Eventually.HoldsAsync(() => _lab.IsTold($"RevisionDraining: {a}"));
        for (var request = 0; request < 20; request++)
        {
            (await RouterLab.GreetAsync(client)).ShouldBe((200, "b"));
        }

        await IsClosedAsync(socket);
        _lab.IsTold($"RevisionEvicted: {a}").ShouldBeTrue();
        (await RouterLab.StatusAsync(client)).GetProperty("revisions").EnumerateArray().Select(revision => revision.GetProperty("live_bps").GetDouble()).ShouldBe([0, 10_000]);
    }

    [Fact]
    public async Task A_dead_worker_loses_its_share_visibly_and_gets_it_back()
    {
        var (a, b) = await _lab.TwoAsync(6000, 4000);
        await using var workerOfA = await _lab.WorkerAsync(a);
        var workerOfB = await _lab.WorkerAsync(b);
        var port = workerOfB.Address.Port;
        await using var router = await _lab.RouterAsync();
        using var client = RouterLab.ClientOf(router);
        (await SeenAsync(client, 60)).ShouldBe([a, b], ignoreOrder: true);

        await workerOfB.DisposeAsync();
        (await SeenAsync(client, 60)).ShouldBe([a]);
        await Eventually.HoldsAsync(async () => (await LiveAsync(client)).SequenceEqual([10_000d, 0d]));
        var rows = (await RouterLab.StatusAsync(client)).GetProperty("revisions");
        rows.EnumerateArray().Select(row => row.GetProperty("healthy").GetBoolean()).ShouldBe([true, false]);
        rows.EnumerateArray().Select(row => row.GetProperty("weight_bps").GetInt32()).ShouldBe([6000, 4000], "what is asked for stays");
        (await client.GetStringAsync("/metrics", Token)).Split('\n').ShouldContain(line => line.StartsWith("gtc_revision_healthy{", StringComparison.Ordinal) && line.Contains(b.ToString(), StringComparison.Ordinal) && line.EndsWith(" 0", StringComparison.Ordinal));
        await Eventually.HoldsAsync(() => _lab.IsTold($"HealthGateFailed: {b}"));

        await using var again = await _lab.WorkerAsync(b, port);
        again.Address.Port.ShouldBe(port);
        await Eventually.HoldsAsync(async () => (await LiveAsync(client)).SequenceEqual([6000d, 4000d]));
        await Eventually.HoldsAsync(() => _lab.IsTold($"HealthGatePassed: {b}"));
        (await SeenAsync(client, 60)).ShouldBe([a, b], ignoreOrder: true);
    }

    private static async Task<ClientWebSocket> ConnectAsync(RouterHost router)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{router.Address}/socket"), Token);
        return socket;
    }

    private static async Task<string> EchoAsync(ClientWebSocket socket, string text)
    {
        await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, Token);
        var buffer = new byte[256];
        var received = await socket.ReceiveAsync(buffer, Token);
        return Encoding.UTF8.GetString(buffer, 0, received.Count);
    }

    private static async Task IsClosedAsync(ClientWebSocket socket)
    {
        (await socket.ReceiveAsync(new byte[16], Token)).MessageType.ShouldBe(WebSocketMessageType.Close);
        ((int)socket.CloseStatus!).ShouldBe(1012);
    }

    private static async Task<List<double>> LiveAsync(HttpClient client) =>
        [.. (await RouterLab.StatusAsync(client)).GetProperty("revisions").EnumerateArray().Select(row => row.GetProperty("live_bps").GetDouble())];

    /// <summary>Who answers strangers; every one of them must be answered.</summary>
    private static async Task<IReadOnlyList<RevisionId>> SeenAsync(HttpClient client, int requests)
    {
        var seen = new HashSet<RevisionId>();
        for (var request = 0; request < requests; request++)
        {
            var (status, text) = await RouterLab.GreetAsync(client);
            status.ShouldBe(200, text);
            const string Before = "I am revision ";
            RevisionId.TryParse(text.Substring(text.IndexOf(Before, StringComparison.Ordinal) + Before.Length, 26), out var id).ShouldBeTrue(text);
            seen.Add(id);
        }

        return [.. seen];
    }

    private static async Task<List<(int Status, string Text)>> LoadAsync(RouterHost router, CancellationTokenSource over)
    {
        using var client = RouterLab.ClientOf(router);
        var replies = new List<(int, string)>();
        while (!over.IsCancellationRequested)
        {
            replies.Add(await RouterLab.GreetAsync(client));
        }

        return replies;
    }
}
