using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Gtc.Store;
using Gtc.Store.Server;

namespace Gtc.Cli.Tests;

/// <summary>Real store servers in this process, one for each folder that a test uses as its local store.</summary>
internal static class TestServers
{
    /// <summary>The file of tokens that a server goes by, in the test's folder, where there is one when it starts; without it everybody may do everything.</summary>
    public const string TokensName = "tokens.json";

    private const int MostLines = 1000;

    private static readonly ConcurrentDictionary<string, StoreServer> Running = new(StringComparer.Ordinal);

    /// <summary>The same command line with a server in place of the folder, which the server keeps its environments in.</summary>
    public static async Task<(string[] Words, CliContext Context)> InsteadOfFilesAsync(string[] words, CliContext context, TestCli cli)
    {
        var flag = Array.IndexOf(words, "--store-root");
        var root = flag >= 0 ? words[flag + 1] : context.Variable("GREENTIC_STORE_ROOT") ?? Path.Combine(context.Variable("HOME")!, ".greentic", "environments");
        var server = await OfAsync(root, context, cli);
        var variable = context.Variable;
        string[] typed = flag >= 0 ? [.. words[..flag], "--store-url", server.Address.ToString(), .. words[(flag + 2)..]] : words;
        return (typed, context with
        {
            Variable = name => name switch
            {
                "GREENTIC_STORE_ROOT" => null,
                "GREENTIC_STORE_URL" when flag < 0 => server.Address.ToString(),
                _ => variable(name),
            },
        });
    }

    /// <summary>What was said at a terminal, without the line that names the server.</summary>
    public static string WithoutAddress(string said) => said.StartsWith("on http://127.0.0.1:", StringComparison.Ordinal) ? said[(said.IndexOf('\n', StringComparison.Ordinal) + 1)..] : said;

    /// <summary>Stops the servers of folders below another one.</summary>
    public static void StopBelow(string folder)
    {
        foreach (var root in Running.Keys.Where(root => root.StartsWith(folder + "/", StringComparison.Ordinal)))
        {
            if (Running.TryRemove(root, out var server))
            {
                Task.Run(() => server.DisposeAsync().AsTask()).GetAwaiter().GetResult();
            }
        }
    }

    /// <summary>The audit log of an environment on the server of a folder.</summary>
    public static string[] AuditLines(string root, string environment)
    {
        using var http = new HttpClient { BaseAddress = Running[root].Address };
        using var answer = JsonDocument.Parse(Task.Run(() => http.GetStringAsync($"environments/{environment}/audit?limit={MostLines}")).GetAwaiter().GetResult());
        return [.. answer.RootElement.GetProperty("events").EnumerateArray().Select(line => line.GetRawText())];
    }

    private static async Task<StoreServer> OfAsync(string root, CliContext context, TestCli cli)
    {
        if (Running.TryGetValue(root, out var running))
        {
            return running;
        }

        var random = new RandomSource(context.Random);
        var key = Path.Combine(cli.Folder, ".greentic", "operator", "key.pem");
        var tokens = Path.Combine(cli.Folder, TokensName);
        var options = new StoreServerOptions
        {
            Tokens = File.Exists(tokens) ? tokens : null,
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            Storage = OverAServerAttribute.Current is { OnPostgres: true }
                ? await SharedPostgres.OpenAsync(context.Time, random)
                // What tests read from the folder is there when a command ends.
                : FileEnvironmentStorage.Open(root, context.Time, random, static _ => { }, viewsFollow: TimeSpan.Zero).Value,
            OperatorKey = new OperatorKeyFile(context.Variable("GTC_OPERATOR_KEY_PATH") ?? key, random),
            CallerLimit = new RateLimit(1_000_000, 1_000_000),
            Time = context.Time,
        };
        return Running[root] = (await StoreServer.StartAsync(options, TestContext.Current.CancellationToken)).Value;
    }
}
