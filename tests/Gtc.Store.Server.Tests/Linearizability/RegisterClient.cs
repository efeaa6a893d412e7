using System.Collections.Concurrent;
using System.Globalization;

namespace Gtc.Store.Server.Tests.Linearizability;

/// <summary>One client that reads and writes an environment's name through any replica and remembers what it was told. An unanswered write is asked again under its key, or given up.</summary>
public sealed class RegisterClient(int number, string environment, IReadOnlyList<Replica> replicas, Func<long> clock, Random random, CancellationToken cancellationToken)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private (string Name, string Etag)? _seen;

    /// <summary>What it did.</summary>
    public List<Operation> History { get; } = [];

    /// <summary>The keys of all its writes, and whether each was acknowledged.</summary>
    public Dictionary<string, bool> Keys { get; } = new(StringComparer.Ordinal);

    /// <summary>Answers that no fault of a machine explains.</summary>
    public ConcurrentQueue<string> Wrong { get; } = new();

    /// <summary>Works until so many operations were answered, and enough has failed.</summary>
    public async Task RunAsync(int operations, Func<bool> hasFailedEnough)
    {
        for (var done = 0; done < operations || !hasFailedEnough();)
        {
            cancellationToken.ThrowIfCancellationRequested();
            done += (random.Next(3) switch
            {
                0 => await WriteAsync(Name(History.Count), null),
                1 when _seen is { } seen => await WriteAsync(Name(History.Count), seen),
                _ => await ReadAsync(),
            }) ? 1 : 0;
        }
    }

    /// <summary>Reads once more, now that nothing fails any more.</summary>
    public Task<bool> ReadAsync() => RecordAsync(new Operation { Began = clock(), Ended = 0 }, static (client, path) => client.GetAsync(path), answer =>
    {
        var name = answer["environment"].GetProperty("name").GetString()!;
        _seen = (name, answer.Etag);
        return new Register(answer.Generation, name);
    });

    private async Task<bool> WriteAsync(string name, (string Name, string Etag)? expected)
    {
        Keys[name] = false;
        var began = new Operation { Began = clock(), Ended = 0, Writes = name, Expects = expected?.Name };
        var tries = random.Next(4) == 0 ? 1 : int.MaxValue;
        for (var attempt = 1; ; attempt++)
        {
            var isLast = attempt >= tries;
            if (await RecordAsync(began, (client, path) => client.ChangeAsync("PATCH", path, $$"""{"name":"{{name}}"}""", name, expected?.Etag), answer => new Register(answer.Generation, name), isLast))
            {
                return true;
            }

            if (isLast)
            {
                return false;
            }
        }
    }

    private string Name(int count) => string.Create(CultureInfo.InvariantCulture, $"c{number}-{count}");

    /// <summary>False when it was not answered.</summary>
    private async Task<bool> RecordAsync(Operation call, Func<StoreClient, string, Task<ServerAnswer>> ask, Func<ServerAnswer, Register> read, bool keepsUnanswered = true)
    {
        ServerAnswer? answer = null;
        try
        {
            using var client = new StoreClient(replicas[random.Next(replicas.Count)].Address);
            client.Http.Timeout = Patience;
            answer = await ask(client, $"/environments/{environment}");
        }
        catch (Exception error) when (error is HttpRequestException or IOException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Nobody there, or cut off.
        }

        var ended = clock();
        switch (answer?.Status)
        {
            case 200:
                History.Add(call with { Ended = ended, Saw = read(answer) });
                if (call.Writes is { } key)
                {
                    Keys[key] = true;
                    _seen = (key, answer.Etag);
                }

                return true;
            case 412:
                History.Add(call with { Ended = ended, Saw = new Register(answer["actual_generation"].GetInt64(), string.Empty), IsRefused = true });
                _seen = null;
                return true;
            case null or 503:
                if (keepsUnanswered)
                {
                    History.Add(call with { Ended = Operation.Never });
                }

                return false;
            default:
                Wrong.Enqueue($"{answer.Status} {answer.Text}");
                return true;
        }
    }
}
