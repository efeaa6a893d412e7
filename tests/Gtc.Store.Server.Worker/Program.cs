using System.Net;
using System.Security.Cryptography;
using Gtc.Store;
using Gtc.Store.Server;

// A store server as a process of its own, to be killed.
//   FOLDER KEY   serves FOLDER with the operator key KEY; one line with the address when it listens; ends with its standard input
if (args is not [var folder, var key])
{
    await Console.Error.WriteLineAsync("usage: Gtc.Store.Server.Worker FOLDER KEY");
    return 2;
}

if (!FileEnvironmentStorage.Open(folder, TimeProvider.System, RandomNumberGenerator.Fill, static _ => { }).TryGet(out var storage, out var refusal))
{
    await Console.Error.WriteLineAsync(refusal.Message);
    return 1;
}

var options = new StoreServerOptions
{
    Listen = new IPEndPoint(IPAddress.Loopback, 0),
    Storage = storage,
    OperatorKey = new OperatorKeyFile(key, RandomNumberGenerator.Fill),
};
if (!(await StoreServer.StartAsync(options, CancellationToken.None)).TryGet(out var server, out refusal))
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
