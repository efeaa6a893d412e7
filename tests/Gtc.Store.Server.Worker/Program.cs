using System.Net;
using System.Security.Cryptography;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;
using Microsoft.Extensions.Logging.Abstractions;

// A store server as a process of its own, to be killed.
//   PLACE KEY   serves PLACE, a folder or the URL of a database, with the operator key KEY; one line with the address when it listens; ends with its standard input
if (args is not [var place, var key])
{
    await Console.Error.WriteLineAsync("usage: Gtc.Store.Server.Worker PLACE KEY");
    return 2;
}

var (storage, unopened) = await OpenAsync(place);
if (storage is null)
{
    await Console.Error.WriteLineAsync(unopened!.Message);
    return 1;
}

var options = new StoreServerOptions
{
    Listen = new IPEndPoint(IPAddress.Loopback, 0),
    Storage = storage,
    OperatorKey = new OperatorKeyFile(key, RandomNumberGenerator.Fill),
};
if (!(await StoreServer.StartAsync(options, CancellationToken.None)).TryGet(out var server, out var refusal))
{
    await Console.Error.WriteLineAsync(refusal.Message);
    return 1;
}

await using (server)
{
    Console.WriteLine(server.Address);
    await Console.In.ReadToEndAsync();
}

return 0;

static async Task<(IEnvironmentStorage? Storage, Refusal? Refusal)> OpenAsync(string place) => place.StartsWith("postgres:", StringComparison.Ordinal)
    ? (await PostgresStorage.OpenAsync(PostgresTarget.Parse(place).Value, TimeProvider.System, RandomNumberGenerator.Fill, NullLogger.Instance, CancellationToken.None))
        .Match<(IEnvironmentStorage?, Refusal?)>(storage => (storage, null), refusal => (null, refusal))
    : FileEnvironmentStorage.Open(place, TimeProvider.System, RandomNumberGenerator.Fill, static _ => { }).Match<(IEnvironmentStorage?, Refusal?)>(storage => (storage, null), refusal => (null, refusal));
